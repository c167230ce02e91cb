/* SPDX-License-Identifier: Apache-2.0 */
/* A table that begins with its first domain, when it is known that there are reports on the domains that were named:
 * otherwise half a document would be written before the error. Private to report/. */
#ifndef REPORT_LATE_TABLE_H
#define REPORT_LATE_TABLE_H

#include "table/table.h"

/* What such a table says where there is none, whatever it says of domains that have no row. */
#define NO_DOMAIN_MATCHES "No domain is stored that matches. 'dmarcctl import SOURCE...' brings reports in."

struct late_table {
  struct table_sink *sink;
  const struct table *table;
  bool begun;
};

/* Before rows of a domain. */
static inline int late_table_begin(struct late_table *t, struct err *e) {
  if (t->begun) return 0;
  t->begun = true;
  return t->sink->begin(t->sink, t->table, e);
}

/* After the last domain; `code` is the result of the walk. */
static inline int late_table_end(struct late_table *t, int code, struct err *e) {
  struct table none = *t->table;
  none.empty = NO_DOMAIN_MATCHES;
  if (!code && !t->begun) code = t->sink->begin(t->sink, &none, e);
  return code < 0 ? code : t->sink->end(t->sink, e);
}

#endif
