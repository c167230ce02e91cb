/* SPDX-License-Identifier: Apache-2.0 */
/* Which terms of an SPF record carry mail: each address that reports say passed, checked against the record of the
 * newest snapshot. */
#ifndef ANALYSIS_SPF_USE_H
#define ANALYSIS_SPF_USE_H

#include "analysis/dns_past.h"
#include "analysis/dns_use.h"
#include "dns/spf_tree.h"

struct spf_term_use {
  int64_t messages; /* that passed by this term; of an include those by what is below it too */
  uint32_t addresses;
  int64_t last_s;     /* begin of the newest report of them; FEEDBACK_TIME_UNKNOWN: none */
  const char *within; /* an earlier term of the same record whose networks hold its own; NULL: none */
};

struct spf_use {
  const char *policy_domain;
  const char *domain;               /* whose record it is: the policy domain, or one that SPF was checked for */
  struct spf_tree tree;             /* its record NULL: none is known */
  const struct spf_term_use *terms; /* as the nodes of the tree */
  int64_t passed;                   /* messages that reports say passed SPF for this domain */
  int64_t unexplained;              /* of these: the record of today does not let them pass */
};

/* Hands out each record of each policy domain that the filter admits. What is handed out lives during the call. */
typedef int spf_use_fn(void *user, const struct spf_use *use, struct err *e);
int spf_use_each(struct store *s, const struct report_filter *filter, const struct dns_past *past, spf_use_fn *fn,
                 void *user, struct err *e);

#endif
