/* SPDX-License-Identifier: Apache-2.0 */
/* The days of one sender's mail, of all its streams together. Private to verdict/. */
#ifndef VERDICT_RUN_OF_DAYS_H
#define VERDICT_RUN_OF_DAYS_H

#include "verdict/stream.h"

/* Ascending, one entry a day, once they are sorted. Whoever holds it frees `days`. */
struct run_of_days {
  struct stream_day *days;
  uint32_t count, capacity;
  bool is_sorted;
};

void run_add_days(struct run_of_days *to, const struct stream *s); /* before it is sorted */
/* Those from the first to the last on which the key verifies: a stream may hold mail of other keys before and after. */
void run_add_days_of_key(struct run_of_days *to, const struct stream *s, const struct selector_use *key);
void run_sort(struct run_of_days *x); /* does nothing the second time */
/* Of sorted ones. */
int32_t run_last_day(const struct run_of_days *x); /* INT32_MIN: there is none */
bool run_has_rhythm(const struct run_of_days *x,
                    const struct thresholds *t); /* enough days to know how often it sends */
int64_t run_fullest(const struct stream_day *days, uint32_t count, int32_t length); /* messages of so many days */
int32_t run_longest_gap(const struct run_of_days *x); /* days from one to the next; 0: there are none */

#endif
