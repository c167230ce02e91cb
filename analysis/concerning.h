/* SPDX-License-Identifier: Apache-2.0 */
/* One domain as its concerns are found. Private to analysis/. */
#ifndef ANALYSIS_CONCERNING_H
#define ANALYSIS_CONCERNING_H

#include "analysis/concerns.h"
#include "analysis/spells.h"

/* The judgement of an earlier day, once it was asked for. */
struct past_day {
  bool is_known;
  const struct judgement *judgement; /* NULL: nothing had come by then */
};

struct concerning {
  const struct judgement_basis *basis;
  const struct acknowledgements *acknowledgements;
  struct history *h;
  const struct judgement *j;
  int32_t begin_day, end_day; /* that are looked at, both included */
  int32_t as_of_day;          /* of the asking */
  int32_t *heard;             /* days with reports, ascending */
  uint32_t heard_count;
  struct arena *arena;   /* for what is found */
  struct past_day *past; /* of the days from past_begin to the one before end_day */
  int32_t past_begin;
  struct incidents incidents;
  struct concern *found;
  uint32_t count, capacity;
};

/* Adds what was found, filled in but for identity, domain, severity, state and acknowledgement, unless it is over for
 * so long that it is told no longer. Of two with one identity the one with the newer evidence stays, else the first.
 * Returns it, to be completed, or NULL. */
struct concern *concern_add(struct concerning *x, const struct concern *found);

/* The part of a source's evidence that began last, after the rest: what nobody could have known of on the days before
 * it. */
struct part_rules {
  struct spell_rules spells;
  bool (*is_of)(const struct stream *s); /* whether its mail is such that it is asked about */
  struct spell_day (*day_of)(const struct stream_day *d);
};
/* concern_parts.c. `whole` is the source's spell. */
struct joined_part concern_joined(const struct concerning *x, struct interned site, const struct spell *whole,
                                  const struct part_rules *rules);

/* Nobody has reported on the domain for longer than the gate of the newest report allows. */
bool concern_is_unheard(const struct concerning *x);

/* The first day on which so many days with reports have followed; INT32_MAX: not yet. */
int32_t concern_clean_day(const struct concerning *x, int32_t last_day);

/* concern_senders.c: what is wrong with, or new of, the sources of own mail; with concern_questions.c which are
 * unknown. */
void concerns_of_senders(struct concerning *x);
/* concern_reporters.c: forged and missing reports. */
void concerns_of_reporters(struct concerning *x);
/* concern_labels.c: what of the owner's labels is overtaken. Of a domain that is silent its reviews alone. */
void concerns_of_labels(struct concerning *x, bool is_silent);
/* concern_past.c: how verdict and policy differ from those of some days before. */
void concerns_of_past(struct concerning *x);
/* The judgement of a day from past_begin on, as `--as-of` it would have been; NULL: nothing was known. */
const struct judgement *concern_judged_on(struct concerning *x, int32_t day);
/* The first of the days up to `last_day`, as of which it is so of the judgement, as of which it was, with no more days
 * between two of them than end a spell; INT32_MIN: from before past_begin on. Where it was so on that day, no other is
 * judged. */
int32_t concern_so_since(struct concerning *x, int32_t last_day,
                         bool (*is_so)(const struct judgement *j, const void *user), const void *user);

#endif
