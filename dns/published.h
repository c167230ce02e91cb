/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain publishes for DMARC and SPF, and what is wrong with it. */
#ifndef DNS_PUBLISHED_H
#define DNS_PUBLISHED_H

#include <string.h>

#include "dns/dmarc_record.h"
#include "dns/spf_record.h"
#include "dns/tree_walk.h"

struct published {
  const char *domain;
  bool unknown;              /* the DNS did not say whether there is a DMARC record */
  const char *record_domain; /* where the record that applies stands, at the domain or above it; NULL: none applies */
  const char *record;        /* its text */
  struct dmarc_record dmarc; /* the same, taken apart; empty where record is NULL */
  struct dns_faults faults;
  struct spf spf;
  struct dns_faults spf_faults;
};

/* Does the record that applies stand at the domain itself, not above it? */
static inline bool published_is_own(const struct published *p) {
  return p->record_domain && !strcmp(p->record_domain, p->domain);
}

/* Gathers both records. False: answers are missing; call dns_run, then this again. `domain` is normalised and must live
 * as long as `*ret`; texts are in the arena, or live as long as `d`. */
bool published_look(struct dns *d, const char *domain, struct arena *arena, struct published *ret);
/* Asks about all the domains at the same time, until published_look has an answer for each. */
void published_gather(struct dns *d, const char *const *domains, size_t count);

#endif
