/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a selector while records are added up, and what its state is drawn from. Private to analysis/. */
#ifndef ANALYSIS_SELECTING_H
#define ANALYSIS_SELECTING_H

#include "analysis/selectors.h"

/* Own mail of one day that tells whether the key verifies. */
struct selector_day {
  int32_t day;
  int64_t passed, failed;
};

struct selecting {
  struct selector s;
  bool met;
  int32_t first_met, last_met;   /* in any mail */
  int32_t first_used, last_used; /* in mail of the owner's, or with a signature that passes; used_days 0: never */
  int32_t longest_gap_days, used_days;
  int32_t heard_until;  /* the last day reported by somebody who saw it in use */
  uint64_t last_report; /* whose reporter was noted already */
  struct selector_day *days;
  uint32_t day_count, day_capacity;
  bool service_known; /* the service was looked at */
};

/* selector_states.c: fills state, silence and failing. `first_day` and `newest_day` are those of the reports. */
void selector_judge(struct selecting *x, int32_t first_day, int32_t newest_day, const struct thresholds *t);
int32_t selectors_first_day(const struct history *h, int32_t newest_day, const struct thresholds *t);

/* selector_homes.c: whom the owner's mail with a selector comes from. */
struct selector_use_key {
  const struct stream *stream;
  uint64_t selector;
};
/* `uses`: struct selector_use_key -> int64_t messages, of own mail. */
void selectors_find_homes(const struct hashmap *uses, struct selecting *list, const struct thresholds *t);

#endif
