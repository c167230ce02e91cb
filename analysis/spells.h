/* SPDX-License-Identifier: Apache-2.0 */
/* From days on which something was wrong with a sender's mail to the spells that people speak of: one that is broken on
 * Monday, Wednesday and Friday is broken all week. Private to analysis/. */
#ifndef ANALYSIS_SPELLS_H
#define ANALYSIS_SPELLS_H

#include <stdbool.h>
#include <stdint.h>

/* A day with the sender's mail. Days since 1970-01-01 UTC, ascending. */
struct spell_day {
  int32_t day;
  int64_t messages, bad; /* bad 0: a clean day */
};

struct spell {
  int32_t first_day, last_day; /* that are bad */
  int32_t found_day;           /* the first by whose end it was so much that it is told; INT32_MAX: never */
  int32_t gone_day;            /* the one on which it was over; INT32_MAX: it goes on */
  bool is_silent;              /* it is over because nothing more came of the sender */
  int64_t messages, bad;       /* from the first to the last day, clean days between them included */
};

/* When a spell is over: so many clean days of the sender's mail behind it, or no mail of it on as many days with
 * reports, or on `rhythms` times as many as usually lie between two of its days where it sends more rarely. */
struct spell_rules {
  int32_t clean_days;
  double rhythms;
  bool (*is_told)(const void *user, int64_t messages, int64_t bad); /* is it so much that it is told? */
  const void *user;
};

/* The last spell that is told, of the days up to `end_day`; false: there is none. `heard`: the days with reports,
 * ascending. */
bool spells_last(const struct spell_rules *r, const struct spell_day *days, uint32_t count, const int32_t *heard,
                 uint32_t heard_count, int32_t end_day, struct spell *ret);

#endif
