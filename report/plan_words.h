/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan says, for people. Functions append. Private to report/. */
#ifndef REPORT_PLAN_WORDS_H
#define REPORT_PLAN_WORDS_H

#include "analysis/plan.h"
#include "local/taken_steps.h"
#include "report/record_forms.h"

void plan_tell_step(const struct rung *r, struct strbuf *out);               /* "p=quarantine; t=y" */
void plan_tell_day(const struct plan *p, unsigned rung, struct strbuf *out); /* "2026-12-14 at the earliest" */
/* Such a step that was noted as taken since the policy of the reports began; NULL: it is still to be taken. */
const struct taken_step *plan_noted(const struct taken_steps *taken, const struct judgement *j, const char *step);
const struct taken_step *plan_noted_rung(const struct taken_steps *taken, const struct plan *p, unsigned rung);
/* What it is for, and what has to be there before, or that it waits for reports that show it: a sentence without its
 * end. `noted`: plan_noted_rung. */
void plan_tell_waiting(const struct plan *p, unsigned rung, const struct taken_step *noted, struct strbuf *out);
/* The same in a few words: what is missing, and not what it is for. */
void plan_tell_needs(const struct plan *p, unsigned rung, struct strbuf *out);
/* The record in that form; for people where it has a place that its owner has to fill in. */
void plan_add_record(struct strbuf *out, enum record_form form, const char *domain, const char *record);

/* "READY: every gate holds; decided by anna; change 4711": on what a step was taken. */
void plan_tell_taken(const struct taken_step *t, struct strbuf *out);

#endif
