/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of own and of undecided mail, day by day, and what is said of their spells. Private to analysis/. */
#ifndef ANALYSIS_CONCERN_SOURCES_H
#define ANALYSIS_CONCERN_SOURCES_H

#include "analysis/concerning.h"

enum whose { OWN, UNDECIDED };

/* What a source sent on a day. */
struct source_day {
  struct interned site;
  enum whose whose;
  int32_t day;
  int64_t messages, judged, failing, saved;
  int64_t lost;  /* that fail under a policy which is enforced today */
  bool is_vague; /* some of it is of reports of several days, of which this is the middle one */
};

struct sources {
  struct concerning *x;
  struct source_day *days; /* by source and day */
  uint32_t count, capacity;
  unsigned own_sources;
  int64_t *own_until;     /* messages of own mail before each day from x->begin_day on */
  double limit;           /* the share of a source that must pass, for the step at hand */
  struct incidents *past; /* of the days that are told of; NULL: not looked for yet */
};

/* All days of one source. */
struct source {
  const struct source_day *days;
  uint32_t count;
};

/* Of the days that are looked at. To be freed by sources_clear. */
void sources_add_up(struct sources *s, struct concerning *x);
void sources_clear(struct sources *s);
/* Do both belong to one source? */
bool source_is_same(const struct source_day *a, const struct source_day *b);
/* Messages of own mail on the days from first to last, both included; of the days that are looked at. */
int64_t sources_own_between(const struct sources *s, int32_t first, int32_t last);

typedef bool source_told_fn(const void *user, int64_t messages, int64_t bad); /* `user`: the sources */
struct spell_rules source_rules(const struct sources *s, source_told_fn *is_told);
/* The last spell of a source. `days` has room for those of the source. */
bool source_spell(const struct sources *s, const struct source *source, const struct spell_day *days,
                  const struct spell_rules *rules, struct spell *ret);
/* That a judgement names it is evidence enough, over days that are too few messages each. */
source_told_fn source_is_any;

/* Filled in as concern_add wants it, but for what is said of the kind alone. `example` is a stream of the source. */
struct concern source_concern(const struct sources *s, const struct source *source, enum concern_kind kind,
                              const struct stream *example, const struct spell *found);
/* The part of the spell's evidence that began last: concern_joined by what a day of a stream is to that. */
struct joined_part source_joined(const struct sources *s, const struct source *source, const struct spell *spell,
                                 source_told_fn *is_told, struct spell_day (*day_of)(const struct stream_day *d));

struct spell_day source_failing_day(const struct stream_day *d);

/* concern_questions.c: whose a source is that nobody knows, and what else the judgement names. `days` has room for all
 * that the sources have. */
void concerns_of_questions(struct sources *s, struct spell_day *days);

#endif
