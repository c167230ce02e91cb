/* SPDX-License-Identifier: Apache-2.0 */
/* Joins what a domain publishes in the DNS to its judgement. */
#ifndef VERDICT_PUBLISHED_JOIN_H
#define VERDICT_PUBLISHED_JOIN_H

#include "dns/published.h"
#include "verdict/judge.h"

/* Looks up the records of all these domains (count 0: of all that the filter admits) at once, before they are judged
 * one by one. Otherwise published_find looks them up one at a time. 0, or an error of the store. */
int published_prepare(struct dns *dns, struct store *s, const struct report_filter *filter, const char *const *domains,
                      unsigned count, struct err *e);

/* Looks up what the history's domain publishes: fills `*ret`, and `*ret_policy` for judge(). False: the record is not
 * the domain's own, or not known; `*ret_policy` is not set then. Texts live as long as the history and `dns`. */
bool published_find(struct dns *dns, struct history *h, struct published *ret, struct published_policy *ret_policy);

/* Makes the judgement refer to `p`, which must outlive it. If `is_own`, which is what published_find returned, the next
 * record becomes the published one with another policy and is otherwise the same byte for byte; there is none if the
 * DNS has that policy, or a stronger one, already. If not, the next record stays a template. */
void published_join(struct published *p, bool is_own, struct history *h, struct judgement *j);

/* Is it "v=spf1 -all" with no term beside it (RFC 7208), which says that nothing sends? NULL: no. */
bool published_refuses_all(const char *spf);

#endif
