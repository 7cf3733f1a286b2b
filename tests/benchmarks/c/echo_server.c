// SPDX-License-Identifier: Apache-2.0
// The floor under every Modbus/TCP server: epoll, read, write the same bytes back.
// Prints its port, serves one connection at a time until killed.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t size = sizeof at;
  inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 4) != 0) return 2;
  getsockname(listener, (struct sockaddr *)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  char buffer[512];
  for (;;) {
    int fd = accept(listener, 0, 0), poller = epoll_create1(0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    for (;;) {
      epoll_wait(poller, &event, 1, -1);
      ssize_t got = read(fd, buffer, sizeof buffer);
      if (got <= 0 || write(fd, buffer, (size_t)got) != got) break;
    }
    close(poller);
    close(fd);
  }
}
