/* SPDX-License-Identifier: Apache-2.0 */
/* The DNS Tree Walk (RFC 9989 4.10): which record applies to a domain, and which domain is its organization's. Private
 * to dns/. */
#ifndef DNS_TREE_WALK_H
#define DNS_TREE_WALK_H

#include "dns/resolver.h"

/* A walk asks for at most this many names, however long the domain is (RFC 9989 4.10). */
#define MOST_WALK_STEPS 8

/* What is at _dmarc of one name. */
enum dmarc_found {
  DMARC_PENDING, /* wanted: dns_run, then ask again */
  DMARC_UNKNOWN, /* the DNS did not say */
  DMARC_MISSING, /* nothing, or nothing that begins with v=DMARC1 */
  DMARC_SEVERAL, /* several, which count as none */
  DMARC_RECORD,
};
/* `*ret_answer` is the whole answer (NULL while pending), `*ret_record` the record's text, else NULL. */
enum dmarc_found dmarc_record_at(struct dns *d, const char *domain, const struct dns_answer **ret_answer,
                                 const char **ret_record);

struct dmarc_discovery {
  bool unknown;              /* the DNS did not say: what follows is empty */
  const char *record_domain; /* where the record that applies is: at the domain or one above. NULL: none applies */
  const char *record;
  const char *organizational; /* the organizational domain; set only by dns_organizational_domain */
};
/* RFC 9989 4.10.1. False: more is wanted, dns_run and call again (two rounds). Domains point into `domain`, the record
 * lives as long as `d`. */
bool dmarc_discover(struct dns *d, const char *domain, struct dmarc_discovery *ret);
/* RFC 9989 4.10.2. The same; record_domain and record are empty. */
bool dns_organizational_domain(struct dns *d, const char *domain, struct dmarc_discovery *ret);

#endif
