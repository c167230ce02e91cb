/* SPDX-License-Identifier: Apache-2.0 */
/* What the DNS says of a judged domain: joined to its judgement. */
#ifndef VERDICT_PUBLISHED_JOIN_H
#define VERDICT_PUBLISHED_JOIN_H

#include "dns/published.h"
#include "verdict/judge.h"

/* Asks for the records of all these domains (count 0: of all that the filter admits) before they are judged one by one.
 * Without it each is asked for alone. */
int published_prepare(struct dns *dns, struct store *s, const struct report_filter *filter, const char *const *domains,
                      unsigned count, struct err *e);

/* Asks for what the history's domain publishes: fills `*ret`, and `*ret_policy` for judge(). False: the record is not
 * the domain's own, or unknown; the policy is then nothing to go by. Texts live as long as the history and `dns`. */
bool published_find(struct dns *dns, struct history *h, struct published *ret, struct published_policy *ret_policy);

/* The judgement then refers to `p`, and its next record is the published one with another policy: everything else stays
 * byte for byte. Where the DNS has it already, or a stronger one, there is none. `is_own`: what published_find
 * returned; else the next record stays a template. */
void published_join(struct published *p, bool is_own, struct history *h, struct judgement *j);

#endif
