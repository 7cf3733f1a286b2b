// SPDX-License-Identifier: Apache-2.0
// Modbus/TCP load: one connection, one request outstanding. Prints round trips per second.
// usage: client PORT FUNCTION(3|16) SECONDS
// The reply's length is read from its MBAP header, so that any server can be measured.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REGISTERS = 10, HEADER = 6 };

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void read_exactly(int fd, uint8_t *to, size_t count) {
  while (count > 0) {
    ssize_t got = read(fd, to, count);
    if (got <= 0) {
      perror("client: read");
      exit(2);
    }
    to += got;
    count -= (size_t)got;
  }
}

static size_t build(uint8_t *request, int function) {
  size_t length = 0;
  uint8_t pdu[64] = {(uint8_t)function, 0, 0, 0, REGISTERS};
  size_t pdu_length = 5;
  if (function == 16) {
    pdu[pdu_length++] = REGISTERS * 2;
    for (int i = 0; i < REGISTERS * 2; i++) pdu[pdu_length++] = (uint8_t)i;
  }
  const uint8_t header[] = {0, 1, 0, 0, 0, (uint8_t)(pdu_length + 1), 1};
  memcpy(request, header, sizeof header);
  length = sizeof header;
  memcpy(request + length, pdu, pdu_length);
  return length + pdu_length;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
    perror("client: connect");
    return 2;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  int function = atoi(argv[2]);
  uint8_t request[128], reply[300];
  size_t length = build(request, function);
  long count = 0;
  double begin = now_s(), end = begin + atof(argv[3]);
  while (now_s() < end) {
    request[0] = (uint8_t)(count >> 8);
    request[1] = (uint8_t)count;
    if (write(fd, request, length) != (ssize_t)length) return 2;
    read_exactly(fd, reply, HEADER);
    size_t rest = (size_t)(reply[4] << 8 | reply[5]);
    if (rest > sizeof reply - HEADER) return 2;
    read_exactly(fd, reply + HEADER, rest);
    if (reply[0] != request[0] || reply[1] != request[1] || reply[7] != function) {
      fprintf(stderr, "client: wrong reply (function 0x%02x)\n", reply[7]);
      return 2;
    }
    count++;
  }
  printf("%.0f\n", (double)count / (now_s() - begin));
  return 0;
}
