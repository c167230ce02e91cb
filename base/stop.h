/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a descriptor or for a while, until another thread or a signal ends it. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

/* A flag that a signal's handler sets, or another thread; NULL: nobody does. */
static inline bool stop_flag_is_set(const volatile sig_atomic_t *flag) {
  return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}
static inline void stop_flag_set(volatile sig_atomic_t *flag) { __atomic_store_n(flag, 1, __ATOMIC_RELAXED); }

/* Who may end a wait: either may be NULL. Where a function takes a `struct stop *`, NULL means that nobody does. */
struct stop {
  const volatile sig_atomic_t *interrupted; /* by a signal */
  const bool *stopped;                      /* by another thread; read atomically */
};

/* ERR_INTERRUPTED if it is time to stop, else 0. */
int stop_check(const struct stop *s, struct err *e);
/* Waits until `fd` (-1: none) has one of `events` (poll's): 1; or until the time `until` (of clock_now_s): 0. Else
 * ERR_INTERRUPTED, within half a second of being stopped, or ERR_IO. */
int stop_await(const struct stop *s, int fd, short events, double until, struct err *e);
/* Waits for `seconds`: 0 or ERR_INTERRUPTED. */
int stop_sleep(const struct stop *s, double seconds, struct err *e);

#endif
