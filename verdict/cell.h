/* SPDX-License-Identifier: Apache-2.0 */
/* A cell is all mail of one pattern from one source; cells add up to the streams of a history. Private to verdict/. */
#ifndef VERDICT_CELL_H
#define VERDICT_CELL_H

#include "verdict/pattern.h"

#define NO_DAY INT32_MIN

/* Reading a record touches nothing but its cell, to be easy on the processor's cache. What the pattern means for its
 * stream is added up once the domain has been read. */
struct cell {
  const struct pattern_facts *facts;
  uint32_t stream, number;
  uint8_t mode;                     /* alignment_mode of its reports */
  int32_t day;                      /* of the latest record; NO_DAY: there is none */
  bool is_vague;                    /* of that day: see struct stream_day */
  int32_t first_day;                /* INT32_MAX: none */
  int64_t messages;                 /* of the days before `day` */
  int64_t day_messages;             /* of `day` */
  int64_t tallied, first_s, last_s; /* in reports that the tallies' filter admits */
  uint32_t tallied_records;
  bool counted; /* the tallies' filter admits it */
};

/* Its messages of a record on `day`, of utc.h, the day itself or the middle of several; they are in the stream once the
 * day or the cell has ended. */
void cell_add_mail(struct history *h, struct cell *cell, int32_t day, bool is_vague, int64_t count);
/* To be called after its last record: adds its last day, and what its pattern says, to the stream. */
void cell_end(struct history *h, struct cell *cell);
void cell_add_tally(struct tally *t, const struct cell *cell);
/* One day of a cell, for its stream. */
struct cell_day {
  uint32_t stream;
  int32_t day;
  int64_t messages;
  bool is_vague;
  /* as struct stream_day has them */
  bool passes, is_saved, is_unchecked, is_contradicted, is_unevaluated, spf_asked, spf_refused;
};
/* To be called after cell_end of all cells: gives each stream its days, ascending, one entry each. */
void history_lay_out_days(struct history *h);
/* Where messages of the last report's reporter are counted that its own results contradict. */
int64_t *history_contradicted(struct history *h);

#endif
