/* SPDX-License-Identifier: Apache-2.0 */
/* readiness: the facts of each domain gathered from the store, and the verdict on them. */
#ifndef REPORT_QUESTION_READINESS_H
#define REPORT_QUESTION_READINESS_H

#include "mem.h"
#include "readiness.h"
#include "store.h"
#include "table.h"

/* A source whose mail fails. */
struct failing_source {
  struct ip_network network; /* a single address */
  const char *text;          /* where it is no address */
  int64_t messages, failed;
};
#define READINESS_SOURCES 10 /* the largest are kept */

struct domain_readiness {
  const char *domain;
  const char *p, *sp;
  int64_t window_begin_s, window_end_s, policy_since_s;
  struct readiness_facts facts;
  struct readiness result;
  struct failing_source sources[READINESS_SOURCES]; /* largest first */
  unsigned source_count;
  uint64_t failing_sources; /* all of them */
};

/* Each policy domain that the filter admits (`domains` narrows further; count 0: all), with the answer at `now_s`.
 * Reports that begin after now_s are not looked at. */
typedef int domain_readiness_fn(void *user, const struct domain_readiness *d, struct err *e);
int readiness_each(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                   int64_t now_s, domain_readiness_fn *fn, void *user, struct err *e);
/* The same as a table: one row a domain, with gates and failing sources nested. */
int question_readiness(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                       int64_t now_s, struct table_sink *sink, struct err *e);

/* The tables of one domain for text output: its gates, its failing sources. */
int readiness_push_gates(const struct domain_readiness *d, struct table_sink *sink, struct err *e);
int readiness_push_sources(const struct domain_readiness *d, struct table_sink *sink, struct err *e);

#endif
