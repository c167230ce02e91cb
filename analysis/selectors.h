/* SPDX-License-Identifier: Apache-2.0 */
/* Which DKIM selector is whose, which broke and since when, which key can be withdrawn. */
#ifndef ANALYSIS_SELECTORS_H
#define ANALYSIS_SELECTORS_H

#include "verdict/judge_each.h"
#include "verdict/judged_mail.h"

/* What the states depend on; all of these are our own judgement. Two more are thresholds of the verdict: home_share and
 * memory_days. */
enum {
  SELECTOR_NEW_DAYS = 14,    /* first used no longer ago, while reports go back as long before that */
  SELECTOR_SILENT_DAYS = 14, /* no mail for longer than that: two weeks take in holidays and slow reporters */
  SELECTOR_RHYTHM_DAYS = 4,  /* days of use without which there is no rhythm to miss it by */
  SELECTOR_GAPS = 2,         /* retired: silent for longer than so many times its longest pause before */
  SELECTOR_RECENT_DAYS = 7,  /* the last run: the same days that readiness compares */
  SELECTOR_RECENT_LEAST = 10 /* messages of the last run without which nothing is called broken */
};

/* The first that applies. */
enum selector_state {
  SELECTOR_UNNAMED,      /* reporters that name no selector: nothing can be told apart */
  SELECTOR_NEVER_PASSED, /* not once: forged, or its key is not what signs */
  SELECTOR_RETIRED,      /* was used and is silent, while the reporters that saw it go on reporting */
  SELECTOR_BROKEN,       /* passed before; most own mail of its last run fails */
  SELECTOR_SILENT,       /* silent, but that may be its rhythm, or it was seen too seldom to have one */
  SELECTOR_NEW,
  SELECTOR_ACTIVE,
};
const char *selector_state_word(enum selector_state state); /* "unnamed", "never_passed", ... */

/* What became of a signature; SIGNATURE_OTHER: a word that the RFCs do not have, or none. "none" is no signature. */
enum signature_result {
  SIGNATURE_PASS,
  SIGNATURE_FAIL,
  SIGNATURE_POLICY,
  SIGNATURE_NEUTRAL,
  SIGNATURE_TEMPERROR,
  SIGNATURE_PERMERROR,
  SIGNATURE_OTHER,
  SIGNATURE_RESULTS
};
const char *signature_result_word(enum signature_result result);

/* One selector under one signing domain. Days since 1970-01-01 UTC. */
struct selector {
  const char *domain, *name;          /* name NULL: reporters that name none */
  int64_t results[SIGNATURE_RESULTS]; /* messages */
  int64_t messages;
  int64_t own_messages, own_passed;
  /* In mail of the owner's, or with a signature that passes; where it was in neither, in any mail. */
  int32_t first_day, last_day;
  enum selector_state state;
  int32_t silence_days;     /* of those who saw it in use */
  bool fails;               /* the owner's mail fails with it; then: */
  int32_t broken_since_day; /* the first day of the run of failing mail */
  /* where the owner uses it */
  const char *home; /* the site with most of it; NULL: none */
  int64_t home_messages;
  uint32_t homes, addresses;
  const struct sender_service *service; /* of all of it; NULL: several, or none */
};

/* One policy domain, and the selectors that are the owner's: the signing domain is of the policy domain's organization.
 * As they were met. */
struct selectors {
  const struct history *history;
  const struct selector *items;
  uint32_t count;
};

/* Everything lives during the call. Memory: that of one domain's history, and 200 bytes a selector. Errors as those of
 * judge_each. */
typedef int selectors_fn(void *user, const struct selectors *s, struct err *e);
int selectors_each(const struct inquiry *q, selectors_fn *fn, void *user, struct err *e);

/* The same as a fold, for a caller that walks the records with other folds too: over all reports up to the end of the
 * judged window. What end returns lives as long as the fold. */
struct mail_fold *selector_fold_new(const struct history *h);
const struct selectors *selector_fold_end(struct mail_fold *fold, const struct thresholds *t);

#endif
