/* SPDX-License-Identifier: Apache-2.0 */
/* Drives judgements: reads the history of each domain that is asked about, and judges it. */
#ifndef VERDICT_JUDGE_EACH_H
#define VERDICT_JUDGE_EACH_H

#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* Is given one judged policy domain. History and judgement live during the call. A negative code ends the walk. */
typedef int judgement_fn(void *user, const struct history *h, const struct judgement *j, struct err *e);

/* The same with a history that may be parted (history_part). */
typedef int parting_fn(void *user, struct history *h, const struct judgement *j, struct err *e);

/* Judges each policy domain of the inquiry and gives it to `fn`, one after the other. ERR_NOT_FOUND, before the first
 * call: a named domain has no report that the filter admits and that had begun by then: it may be spelt wrong, and an
 * answer about nothing would look like a good one. Otherwise an error of the store, or the code of `fn`.
 * If the basis has `counted`, reports without a policy domain come as the domain "". One domain's history is in memory
 * at a time. */
int judge_each(const struct inquiry *q, judgement_fn *fn, void *user, struct err *e);
int judge_each_parting(const struct inquiry *q, parting_fn *fn, void *user, struct err *e);
/* The same, but for named domains without a report, which are left out. */
int judge_each_known(const struct inquiry *q, judgement_fn *fn, void *user, struct err *e);

#endif
