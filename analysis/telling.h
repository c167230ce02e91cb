/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who was told of a concern before is to be told of it now: each state once. */
#ifndef ANALYSIS_TELLING_H
#define ANALYSIS_TELLING_H

#include "analysis/concerns.h"
#include "local/notices.h"

enum telling {
  TELLING_NOTHING,
  TELLING_DUE,  /* that somebody has to see to it */
  TELLING_GONE, /* that it is over */
};

/* `before`: what was told; `said`: what somebody acknowledged of it, whether or not that still holds. Either may be
 * NULL. */
enum telling telling_of(const struct concern *c, const struct told *before, const struct acknowledgement *said,
                        int64_t as_of_s);

/* What is to be remembered once it is told. Of nothing (TELLING_NOTHING) that it was seen, where there is a `before`.
 */
struct told telling_kept(const struct concern *c, const struct told *before, enum telling what, int64_t as_of_s);

#endif
