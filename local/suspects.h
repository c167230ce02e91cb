/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of imports (files, mails) at which imports ended without an end: killed, crashed, out of memory. What is
 * counted here is told apart by a key that the import makes. */
#ifndef LOCAL_SUSPECTS_H
#define LOCAL_SUSPECTS_H

#include <stdint.h>

#include "local/local.h"

#define SUSPECT_WEIGHT_MOST 20 /* of the ends at one input; from then on it is set aside */

/* One more import ended while it was at work on this, which says so much of it. Opens a transaction of its own if none
 * is open, as does the next. */
int suspect_add(struct local *l, const char *key, const char *name, unsigned weight, int64_t now_s, struct err *e);
int suspect_forget(struct local *l, const char *key, struct err *e);
/* Those that are not set aside, and were suspected last before that time, were just there when it happened. */
int suspect_expire(struct local *l, int64_t before_s, struct err *e);

typedef int suspect_fn(void *user, const char *key, uint32_t weight, struct err *e);
int suspect_each(struct local *l, suspect_fn *fn, void *user, struct err *e);

#endif
