/* SPDX-License-Identifier: Apache-2.0 */
/* The driver of judgement: from what is asked to each domain with its history and its verdict. */
#ifndef VERDICT_JUDGE_EACH_H
#define VERDICT_JUDGE_EACH_H

#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* One judged policy domain. History and judgement live during the call. */
typedef int judgement_fn(void *user, const struct history *h, const struct judgement *j, struct err *e);

/* The same with a history that may be parted (history_part). */
typedef int parting_fn(void *user, struct history *h, const struct judgement *j, struct err *e);

/* Each policy domain of the inquiry, judged, one after the other. ERR_NOT_FOUND, before the first call, where a named
 * one has no report that the filter admits. Memory: that of one domain's history. */
int judge_each(const struct inquiry *q, judgement_fn *fn, void *user, struct err *e);
int judge_each_parting(const struct inquiry *q, parting_fn *fn, void *user, struct err *e);

#endif
