/* SPDX-License-Identifier: Apache-2.0 */
/* Two periods of one domain side by side, and what is kept between domains. Private to analysis/. */
#ifndef ANALYSIS_COMPARISON_H
#define ANALYSIS_COMPARISON_H

#include "analysis/diff.h"

enum { BEFORE, NOW, PERIODS };

/* Whose mail a source's is; a source may have some of each. */
enum owner { OWN, UNDECIDED, FORWARDED, STRANGE, OWNERS };

/* One source with the mail of one owner. */
struct place {
  struct interned site;
  enum owner owner;
  struct diff_mail mail[PERIODS];
  int32_t first_day;
  const struct stream *largest[PERIODS];
  int64_t largest_messages[PERIODS];
};

struct reporter {
  struct diff_mail mail[PERIODS];
  int32_t first_day, last_day;
};

/* What is kept of a domain's judgement at the end of the former period. */
struct verdict_then {
  enum verdict verdict, below;
  bool has_below;
  struct seen_policy policy;
};

struct comparison {
  const struct diff_period *periods;
  const struct judgement_basis *basis;
  struct arena *arena;
  struct hashmap thens; /* domain NUL -> struct verdict_then */
  diff_fn *fn;
  void *user;
  struct diff_total *total;
  /* the domain at hand */
  const struct history *h;
  const struct judgement *j;
  struct hashmap places; /* owner, site NUL -> struct place */
  struct reporter *reporters;
  struct diff_mail sums[OWNERS][PERIODS], all[PERIODS];
  struct incidents incidents;                      /* that stand at the end of the last period */
  uint32_t reports[PERIODS], report_days[PERIODS]; /* and on how many days */
  struct diff_change *changes;
  uint32_t count, capacity;
};

/* diff_changes.c: fills the changes of the domain at hand, out of what was added up. */
void compare_domain(struct comparison *c);
/* The same: adds the tags of a policy that differ. */
void compare_tags(struct diff_change *change, const struct seen_policy *then, const struct seen_policy *now);

#endif
