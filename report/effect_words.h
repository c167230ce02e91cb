/* SPDX-License-Identifier: Apache-2.0 */
/* What a step of the policy did, in words. Functions append to `out`. Private to report/. */
#ifndef REPORT_EFFECT_WORDS_H
#define REPORT_EFFECT_WORDS_H

#include "analysis/effect.h"

/* "p=quarantine; sp=none; t=y": what reports tell of a record, without what only repeats another tag. */
void policy_tell(const struct seen_policy *p, struct strbuf *out);
/* What came of the step, in a sentence or two, each with its end. */
void effect_tell(const struct effect_step *s, struct strbuf *out);
/* The same of mail that only its owner knows, of receivers that went their own way, and of reports that were set aside;
 * nothing where there is nothing of it. */
void effect_tell_rest(const struct effect_step *s, struct strbuf *out);
/* "Amazon SES" or the network. */
const char *effect_sender_name(const struct effect_sender *s);

#endif
