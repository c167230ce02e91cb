/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that only goes forward. */
#include "base/clock.h"

double clock_now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct timespec clock_ahead(double seconds) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  int64_t ns = (int64_t)moment.tv_nsec + (int64_t)(seconds * 1e9);
  moment.tv_sec += ns / 1000000000;
  moment.tv_nsec = ns % 1000000000;
  return moment;
}

void clock_condition_init(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}
