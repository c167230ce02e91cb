/* SPDX-License-Identifier: Apache-2.0 */
/* selectors: which DKIM selector is whose, which broke and since when, which key can be withdrawn. */
#ifndef REPORT_QUESTION_SELECTORS_H
#define REPORT_QUESTION_SELECTORS_H

#include "report/question_readiness.h"
#include "verdict/judged_mail.h"

/* What the states turn on; all of them (own). Two more are thresholds of the judgement: home_share and memory_days. */
enum {
  SELECTOR_NEW_DAYS = 14,    /* first used so lately, and reports go back as long before that */
  SELECTOR_SILENT_DAYS = 14, /* no mail for longer than that: two weeks take in holidays and slow reporters */
  SELECTOR_RHYTHM_DAYS = 4,  /* days of use without which there is no rhythm to miss it by */
  SELECTOR_GAPS = 2,         /* retired: silent for longer than so many times its longest pause before */
  SELECTOR_RECENT_DAYS = 7,  /* the last run: the same days that readiness compares */
  SELECTOR_RECENT_LEAST = 10 /* messages of the last run without which nothing is called broken */
};

/* In the order in which they are looked at. */
enum selector_state {
  SELECTOR_UNNAMED,      /* reporters that name no selector: nothing can be told apart */
  SELECTOR_NEVER_PASSED, /* not once: forged, or its key is not what signs */
  SELECTOR_RETIRED,      /* was used and is silent, while those go on reporting who saw it */
  SELECTOR_BROKEN,       /* passed before; most own mail of its last run fails */
  SELECTOR_SILENT,       /* silent, but that may be its rhythm, or it was seen too seldom to have one */
  SELECTOR_NEW,
  SELECTOR_ACTIVE,
};
const char *selector_state_word(enum selector_state state); /* "unnamed", "never_passed", ... */

/* One row a policy domain, signing domain and selector, as far as they are the owner's: the signing domain is of the
 * policy domain's organization. Memory: that of one domain's history, and 200 bytes a selector. ERR_NOT_FOUND as
 * judge_each. */
int question_selectors(const struct inquiry *q, struct table_sink *sink, struct err *e);

/* The same of one judged domain for who walks its records himself, with other folds beside it: make one, take each
 * record of judged_mail_each (`user` is the fold), push: a whole table. */
struct selector_fold;
struct selector_fold *selector_fold_new(const struct history *h);
judged_mail_fn selector_fold_take;
int selector_fold_push(struct selector_fold *f, const struct thresholds *t, struct table_sink *sink, struct err *e);
void selector_fold_free(struct selector_fold *f); /* accepts NULL */

#endif
