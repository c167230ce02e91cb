/* SPDX-License-Identifier: Apache-2.0 */
/* Notes steps of plans as taken. */
#ifndef REPORT_PLAN_TAKEN_H
#define REPORT_PLAN_TAKEN_H

#include "report/question.h"

struct plan_taking {
  struct local *local;    /* that writes, in a transaction of the caller's */
  const char *who, *note; /* NULL: not known, none */
  struct strbuf *said;    /* a line a domain is appended: what was noted */
};

/* The first step of each domain's plan, as of the day of asking, that is not among `taken` of the question.
 * ERR_NOT_FOUND: a plan has none. */
int plan_take(const struct question *q, const struct plan_taking *t, struct err *e);

#endif
