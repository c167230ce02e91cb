/* SPDX-License-Identifier: Apache-2.0 */
/* Who is written to: the mail of the judged window by the recipients' domain, where reporters tell it (envelope_to
 * of RFC 7489 Appendix C), and what of it the next step would lose. */
#ifndef ANALYSIS_PARTNERS_H
#define ANALYSIS_PARTNERS_H

#include "verdict/judge_each.h"

struct partner {
  const char *name;         /* the recipients' domain; NULL: not told */
  int64_t messages;         /* all, whoever sent them */
  int64_t own, own_failing; /* own, own_broken and legitimate mail that was judged, and what of it does not pass */
  /* Mail that fails and that the next step is about, without that of strangers: the owner's, what may be his, and what
   * is passed on for him. 0 at the target. */
  int64_t lost;
};

/* One policy domain. */
struct partners {
  const struct judgement *judgement;
  double days;           /* that were counted, at least 1 */
  struct partner *items; /* most mail first */
  uint32_t count;
};

/* Called for each policy domain that is judged and has mail in the window; `p` lives during the call. */
typedef int partners_fn(void *user, const struct partners *p, struct err *e);
/* As judge_each, whose errors it has. */
int partners_each(const struct inquiry *q, partners_fn *fn, void *user, struct err *e);

#endif
