// SPDX-License-Identifier: Apache-2.0
// How late a C program that sleeps until 1 ms before an instant, then spins, meets that instant.
// usage: lateness COUNT PERIOD_US; prints one lateness in ns a line.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int count = atoi(argv[1]);
  int64_t period = atoll(argv[2]) * 1000, due = now_ns() + period;
  for (int i = 0; i < count; i++, due += period) {
    int64_t wake = due - 1000000;
    struct timespec t = {.tv_sec = wake / 1000000000, .tv_nsec = wake % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0);
    int64_t now;
    while ((now = now_ns()) < due) {
    }
    printf("%lld\n", (long long)(now - due));
  }
  return 0;
}
