/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a mark to tell whether it has a habit: on which days it was seen, whether one sender bears it, and
 * what other strangers do here. Private to verdict/. */
#ifndef VERDICT_HABITS_H
#define VERDICT_HABITS_H

#include "verdict/marks.h"

/* The marks of a history, and what is known of them together. */
struct habits {
  const struct thresholds *t;
  int32_t window_begin_day, newest_day;
  double least_of_runs;      /* messages in a window */
  double least_of_bulk;      /* the same */
  double least_of_signed;    /* of bulk, of a name that signs */
  int64_t usual_one_run;     /* messages: so many names sent one run of that, that it is no news */
  uint32_t spread_names;     /* of those who do not sign, over more networks than a service has */
  uint32_t names_that_went;  /* those who sent one run, before strangers were new */
  int64_t largest_that_went; /* messages of the largest */
  bool is_crowded;
  double crowd_rate; /* messages a day of a host in the crowd */
  struct marks marks;
};

static inline int32_t window_days(const struct habits *x) { return x->newest_day - x->window_begin_day + 1; }
static inline int32_t first_day(const struct habits *x, const struct mark *m) { return mark_first_day(&x->marks, m); }
static inline int32_t last_day(const struct habits *x, const struct mark *m) { return mark_last_day(&x->marks, m); }

/* Was it seen on at least `share` of the days of a stretch of `span_days`? */
static inline bool is_there(const struct habits *x, const struct mark *m, double share, double span_days) {
  return days_are_dense(mark_days(&x->marks, m), m->sightings, share, span_days);
}

/* Whoever signs has the key, wherever he sends from: a cloud, a pool. SPF passes for anybody whose record says so. */
static inline bool signs(const struct mark *m) { return m->signed_messages * 2 > m->messages; }

/* crowd.c: what strangers do here, all of them: fills the fields of `x` and of its marks that need more than one mark.
 */
void watch_strangers(struct habits *x, const struct history *h);
/* Does it send more than a host of the crowd does? */
bool stands_out(const struct habits *x, const struct mark *m);

/* rhythm.c: the days of a mark. */
bool is_steady(const struct habits *x, const struct mark *m);
bool comes_in_runs(const struct habits *x, const struct mark *m);
bool is_new_and_stays(const struct habits *x, const struct mark *m);

/* one_sender.c: does one sender bear the mark? */
bool is_one_that_moves(const struct habits *x, const struct mark *m);
/* A name, of whose mail so many messages come from networks that are known. */
bool is_one_name(const struct habits *x, const struct mark *m, int64_t from_known_networks);
bool is_one_network(const struct habits *x, const struct mark *m);
bool is_one_signer(const struct habits *x, const struct mark *m);

#endif
