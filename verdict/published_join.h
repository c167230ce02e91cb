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

/* Fills `*ret`, which the judgement then refers to, and makes its next record of the published one: everything but the
 * policy stays byte for byte. Where the record is not the domain's own, or unknown, the next record stays a template;
 * where the DNS has it already, or a stronger one, there is none. Texts live as long as the history and `dns`. */
void published_join(struct dns *dns, struct history *h, struct judgement *j, struct published *ret);

#endif
