/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a domain in the last weeks, for its page: policy and verdict as they changed, and what is found now.
 * Private to report/. */
#ifndef REPORT_DOMAIN_PAST_H
#define REPORT_DOMAIN_PAST_H

#include "report/history.h"
#include "table/document.h"

struct domain_past {
  struct timeline line;
  struct listed_finding *items; /* what is to be done first comes first */
  const struct listed_finding **by_day;
  unsigned count, capacity;
};

/* Within judge_each_parting, before the history's streams are classed for another policy. Texts of findings live in
 * `arena`. `ret` is to be cleared in any case. */
int domain_past_gather(struct arena *arena, const struct judgement_basis *basis, struct history *h,
                       const struct judgement *j, struct domain_past *ret, struct err *e);
void domain_past_clear(struct domain_past *p);

/* Is there more to it than the policy and the verdict that it began with? */
bool domain_past_has_any(const struct domain_past *p);
int section_history(struct document *d, const struct domain_past *p, struct err *e);

#endif
