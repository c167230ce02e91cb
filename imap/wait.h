/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting that can be ended: for a descriptor, for a moment. Private to imap/. */
#ifndef IMAP_WAIT_H
#define IMAP_WAIT_H

#include "base/stop.h"
#include "imap/imap.h"

/* As base/stop.h knows it. */
struct stop watch_stop(const struct imap_watch *w);
/* ERR_INTERRUPTED where the caller wants an end, else 0. */
int watch_check(const struct imap_watch *w, struct err *e);
/* Until `fd` has one of `events` (poll's) or `until` (clock_now_s): 1, 0, or ERR_INTERRUPTED. */
int watch_wait(const struct imap_watch *w, int fd, short events, double until, struct err *e);
/* `seconds` long: 0 or ERR_INTERRUPTED. */
int watch_sleep(const struct imap_watch *w, double seconds, struct err *e);

#endif
