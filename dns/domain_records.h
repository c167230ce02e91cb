/* SPDX-License-Identifier: Apache-2.0 */
/* All that is looked at of a domain whose DNS is written down: the DMARC record that applies with its consents, the SPF
 * records that mail is checked by, each key, and who else mail rests on. */
#ifndef DNS_DOMAIN_RECORDS_H
#define DNS_DOMAIN_RECORDS_H

#include "dns/published.h"
#include "dns/spf_tree.h"

struct domain_names {
  const char *domain;      /* normalised */
  const char *const *keys; /* "s1._domainkey.example.com" */
  const char *const *spf;  /* domains beside it whose SPF record its mail is checked by */
  unsigned key_count, spf_count;
};

enum domain_fact {
  FACT_MX,      /* of the domain */
  FACT_NS,      /* likewise */
  FACT_MTA_STS, /* RFC 8461 3.1 */
  FACT_TLS_RPT, /* RFC 8460 3 */
  FACT_BIMI,    /* default._bimi */
};
#define DOMAIN_FACTS 5

struct domain_records {
  struct published published;
  struct spf_tree spf;
  const struct dns_answer *facts[DOMAIN_FACTS];
  const struct dns_answer **keys; /* key_count of the names */
};

/* The name and the type of such a fact; the name is in `buffer`, or the domain itself. */
#define FACT_NAME_BYTES 300
const char *domain_fact_name(enum domain_fact fact, const char *domain, char buffer[FACT_NAME_BYTES],
                             enum dns_type *ret_type);

/* False: answers are missing; call dns_run, then this again. What `names` points to must live as long as `*ret`. */
bool domain_records_look(struct dns *d, const struct domain_names *names, struct arena *arena,
                         struct domain_records *ret);
/* Asks about all of them at the same time, until each has its answers. */
void domain_records_gather(struct dns *d, const struct domain_names *names, size_t count);

#endif
