/* SPDX-License-Identifier: Apache-2.0 */
/* Poll in slices, because a signal may be another thread's. */
#include "base/stop.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

#define SLICE_SECONDS 0.2

int stop_check(const struct stop *s, struct err *e) {
  bool stop = s && (stop_flag_is_set(s->interrupted) || (s->stopped && __atomic_load_n(s->stopped, __ATOMIC_RELAXED)));
  return stop ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

int stop_await(const struct stop *s, int fd, short events, double until, struct err *e) {
  struct pollfd p = {.fd = fd, .events = events};
  for (;;) {
    int code = stop_check(s, e);
    if (code < 0) return code;
    double left = until - clock_now_s();
    if (left <= 0) return 0;
    int n = poll(&p, fd >= 0, (int)((left < SLICE_SECONDS ? left : SLICE_SECONDS) * 1000) + 1);
    if (n > 0) return 1;
    if (n < 0 && errno != EINTR) return err_set_errno(e, ERR_IO, "cannot wait for the server");
  }
}

int stop_sleep(const struct stop *s, double seconds, struct err *e) {
  int code = stop_await(s, -1, 0, clock_now_s() + seconds, e);
  return code < 0 ? code : 0;
}
