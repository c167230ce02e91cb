/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who was told of a concern before is to be told of it now: each state once. */
#ifndef ANALYSIS_TELLING_H
#define ANALYSIS_TELLING_H

#include "analysis/concerns.h"
#include "local/notices.h"

/* Of what was told at a later time than that of asking, the clock was set back by less; beyond that it was wrong
 * before. Likewise of days that are asked about once more. */
#define TELLING_DAYS 40

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
 * Texts are the concern's and those of `before`; the title is the caller's to give. */
struct told telling_kept(const struct concern *c, const struct told *before, enum telling what, int64_t as_of_s);

/* A day on which what was told before is not found. */
struct telling_day {
  const struct thresholds *thresholds;
  const struct labels *labels; /* the owner's; NULL: none */
  int32_t day;
  bool is_new;  /* nobody has asked about it before */
  bool is_last; /* the day of asking: what is known of this machine is known of it alone */
};
/* Why it is over though nothing says so: it is told no longer, ... */
enum absence {
  ABSENCE_NONE,     /* it is not over, or not yet */
  ABSENCE_AGED,     /* for it was of a moment, of which is told for some days */
  ABSENCE_ANSWERED, /* for the owner has said whose it is, or when to look again */
  ABSENCE_MISSED,   /* for there is nothing more to find */
};
enum absence telling_absence(const struct told *before, enum concern_kind kind, const struct telling_day *d);

#endif
