/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch says, to those who wait. */
#include "mailbox/wait.h"

struct stop watch_stop(const struct mail_watch *w) {
  return w ? (struct stop){w->interrupted, w->stopped} : (struct stop){0};
}

int watch_check(const struct mail_watch *w, struct err *e) {
  const struct stop s = watch_stop(w);
  return stop_check(&s, e);
}

int watch_wait(const struct mail_watch *w, int fd, short events, double until, struct err *e) {
  const struct stop s = watch_stop(w);
  return stop_await(&s, fd, events, until, e);
}

int watch_sleep(const struct mail_watch *w, double seconds, struct err *e) {
  const struct stop s = watch_stop(w);
  return stop_sleep(&s, seconds, e);
}
