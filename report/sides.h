/* SPDX-License-Identifier: Apache-2.0 */
/* The two sides of reports, whom they are about and whom they are from: what summary and reporters add up in the same
 * way. Private to report/. */
#ifndef REPORT_SIDES_H
#define REPORT_SIDES_H

#include "report/question.h"

/* What is known of a domain or a reporter over all its groups and reports. */
struct side {
  const char *name; /* as it came first; "" where the reports do not say */
  struct group_tally sum;
  uint64_t partners; /* reporters of a domain, domains of a reporter */
  uint64_t damaged;  /* reports */
  int64_t newest_s;  /* begin of the newest report */
  char p[16], sp[16], testing[4], pct[8];
};

/* Draws one side; `name` is "" where the reports do not say. */
typedef void side_fn(const char *name, const struct side *s, struct cell *cells);
/* One row a policy domain, or one a reporter. */
int sides_push(const struct question *q, bool of_domains, const struct table *table, side_fn *fill,
               struct table_sink *sink, struct err *e);

static inline struct cell cell_word(const char *text) { return cell_text(*text ? text : NULL); }

#endif
