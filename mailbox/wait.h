/* SPDX-License-Identifier: Apache-2.0 */
/* What other threads and signals tell a call in progress, and waiting that they can end: for a descriptor, for a
 * moment. */
#ifndef MAILBOX_WAIT_H
#define MAILBOX_WAIT_H

#include <signal.h>
#include <stdbool.h>

#include "base/stop.h"

/* All may be NULL. */
struct mail_watch {
  const volatile sig_atomic_t *interrupted; /* true: every call ends with ERR_INTERRUPTED within half a second */
  const bool *stopped;                      /* the same, read atomically */
  /* A sentence for people: what the server wants them to see, a long pause that it asks for. */
  void (*tell)(void *user, const char *sentence);
  void *user;
};

/* As base/stop.h knows it. */
struct stop watch_stop(const struct mail_watch *w);
/* ERR_INTERRUPTED where the caller wants an end, else 0. */
int watch_check(const struct mail_watch *w, struct err *e);
/* Until `fd` has one of `events` (poll's) or `until` (clock_now_s): 1, 0, or ERR_INTERRUPTED. */
int watch_wait(const struct mail_watch *w, int fd, short events, double until, struct err *e);
/* `seconds` long: 0 or ERR_INTERRUPTED. */
int watch_sleep(const struct mail_watch *w, double seconds, struct err *e);

#endif
