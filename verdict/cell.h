/* SPDX-License-Identifier: Apache-2.0 */
/* All mail of one pattern from one address, and how it is added up to the streams of a history. Private to verdict/. */
#ifndef VERDICT_CELL_H
#define VERDICT_CELL_H

#include "verdict/pattern.h"

#define NO_DAY INT32_MIN

/* A row touches its cell alone, which is one line of the processor's cache;
 * what the pattern means for its stream is added up when the domain has been read. */
struct cell {
  const struct pattern_facts *facts;
  uint32_t stream, number;
  uint8_t mode;                     /* alignment_mode of its reports */
  int32_t day;                      /* the last one met; NO_DAY: none */
  bool is_vague;                    /* the same: see struct stream_day */
  int32_t first_day;                /* INT32_MAX: none */
  int64_t messages;                 /* of the days before it */
  int64_t day_messages;             /* of it */
  int64_t tallied, first_s, last_s; /* in reports that the tallies' filter admits */
  uint32_t tallied_records;
  bool counted; /* the tallies' filter admits it */
};

/* Its messages of a record on `day`, of utc.h, the day itself or the middle of several; they are in the stream once the
 * day or the cell has ended. */
void cell_add_mail(struct history *h, struct cell *cell, int32_t day, bool is_vague, int64_t count);
/* All of its mail is there: its last day and what its pattern says go to the stream. */
void cell_end(struct history *h, struct cell *cell);
void cell_add_tally(struct tally *t, const struct cell *cell);
/* All of its cells have ended: one entry a day, ascending. */
void stream_merge_days(struct stream *s);
/* Where messages of the last report's reporter are counted that its own results contradict. */
int64_t *history_contradicted(struct history *h);

#endif
