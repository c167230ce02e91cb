/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: how far each reader of new reports has come, by the number of the last report that it took (store_newest). */
#ifndef LOCAL_FEEDS_H
#define LOCAL_FEEDS_H

#include <stdint.h>

#include "local/local.h"

struct feed {
  const char *name;
  int64_t report; /* the last one it took, which may be gone; 0: it never took any */
  int64_t moved_s;
};

/* 0 where nothing is known of the feed. */
int feed_read(struct local *l, const char *name, int64_t *ret_report, struct err *e);
/* It took everything up to that report. Never back: of two readers at once the farther one counts. Needs a handle that
 * writes, and runs in a transaction of its own if none is open. */
int feed_move(struct local *l, const char *name, int64_t report, struct err *e);

/* Hands out each, by name. A callback returns 0 to continue, or a negative code, which ends the walk and is returned.
 * Strings are valid during the callback. */
typedef int feed_fn(void *user, const struct feed *feed, struct err *e);
int feed_each(struct local *l, feed_fn *fn, void *user, struct err *e);

#endif
