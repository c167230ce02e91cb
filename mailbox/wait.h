/* SPDX-License-Identifier: Apache-2.0 */
/* How signals and other threads stop a call in progress, and waits that end when they do. */
#ifndef MAILBOX_WAIT_H
#define MAILBOX_WAIT_H

#include <signal.h>
#include <stdbool.h>

#include "base/stop.h"

/* Any member may be NULL, and so may a pointer to a watch. */
struct mail_watch {
  const volatile sig_atomic_t *interrupted; /* set by a signal: calls end with ERR_INTERRUPTED within half a second */
  const bool *stopped;                      /* set by another thread: the same; read atomically */
  /* Is given sentences for people, such as the server's ALERT (RFC 9051 7.1) or a long pause that it asks for. Called
   * on the thread of the call. */
  void (*tell)(void *user, const char *sentence);
  void *user;
};

/* The same as a struct stop. */
struct stop watch_stop(const struct mail_watch *w);
/* ERR_INTERRUPTED if the caller asked to stop, else 0. */
int watch_check(const struct mail_watch *w, struct err *e);
/* Waits until `fd` has one of `events` (of poll): 1; or until the time `until` (seconds of clock_now_s): 0. Else
 * ERR_INTERRUPTED or ERR_IO. */
int watch_wait(const struct mail_watch *w, int fd, short events, double until, struct err *e);
/* Waits for `seconds`: 0 or ERR_INTERRUPTED. */
int watch_sleep(const struct mail_watch *w, double seconds, struct err *e);

#endif
