/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting that another thread or a signal can end: for a descriptor, for a moment. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

/* What says that it is enough: either may be NULL. Where a function takes a `struct stop *`, NULL is one that never
 * does. */
struct stop {
  const volatile sig_atomic_t *interrupted; /* by a signal */
  const bool *stopped;                      /* by another thread; read atomically */
};

/* ERR_INTERRUPTED where the caller wants an end, else 0. */
int stop_check(const struct stop *s, struct err *e);
/* Until `fd` (-1: none) has one of `events` (poll's) or `until` (clock_now_s): 1, 0, ERR_INTERRUPTED within half a
 * second, or ERR_IO. */
int stop_await(const struct stop *s, int fd, short events, double until, struct err *e);
/* `seconds` long: 0 or ERR_INTERRUPTED. */
int stop_sleep(const struct stop *s, double seconds, struct err *e);

#endif
