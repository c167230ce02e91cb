/* SPDX-License-Identifier: Apache-2.0 */
/* Which names in the DNS the mail of a domain rests on, by what reports say of it: each selector, and each domain whose
 * SPF record it was checked by. */
#ifndef ANALYSIS_DNS_USE_H
#define ANALYSIS_DNS_USE_H

#include "base/filter.h"
#include "base/mem.h"
#include "store/store.h"

/* How long a name is remembered that no mail uses any more. */
#define DNS_USE_DAYS 400
/* Of one policy domain. Anybody can write any selector into a forged signature: those that passed come first, then
 * those with most mail. */
#define MOST_DNS_KEYS 200
#define MOST_DNS_SPF 20

/* Of one organization with the policy domain. Times are begins of reports; FEEDBACK_TIME_UNKNOWN: never. */
struct dns_use {
  const char *domain;   /* d= of the signature, or the one of SPF */
  const char *selector; /* NULL: SPF */
  int64_t messages, passed;
  int64_t first_s, last_s, last_passed_s;
};

struct dns_uses {
  const char *policy_domain;
  const struct dns_use *keys, *spf; /* what counts most first */
  unsigned key_count, spf_count;
  unsigned left_out; /* beyond the limits */
};

/* Hands out each policy domain that the filter admits. What is handed out lives during the call. */
typedef int dns_uses_fn(void *user, const struct dns_uses *uses, struct err *e);
int dns_uses_each(struct store *s, const struct report_filter *filter, dns_uses_fn *fn, void *user, struct err *e);

#endif
