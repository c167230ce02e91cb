/* SPDX-License-Identifier: Apache-2.0 */
/* A published SPF record (RFC 7208): how it ends, how many look-ups it takes to check, what is wrong with it. No
 * message is checked: a receiver stops at the first term that matches, while this walks all of them. Private to dns/.
 */
#ifndef DNS_SPF_RECORD_H
#define DNS_SPF_RECORD_H

#include "dns/fault.h"
#include "dns/resolver.h"

/* How many terms that ask the DNS, and how many answers without data, a check may need (RFC 7208 4.6.4). */
#define SPF_LOOKUP_LIMIT 10
#define SPF_VOID_LIMIT 2
/* How many hosts an mx may lead to (the same). */
#define MOST_SPF_MX 10
/* Where the walk ends: far enough to say how much the limit is exceeded by. */
#define MOST_SPF_LOOKUPS 60
/* Records inside each other: more than the limit of look-ups allows. */
#define MOST_SPF_DEPTH 12

enum spf_end {
  SPF_END_NEUTRAL_DEFAULT, /* neither all nor redirect: neutral (RFC 7208 4.7) */
  SPF_END_PASS,            /* +all */
  SPF_END_FAIL,            /* -all */
  SPF_END_SOFTFAIL,        /* ~all */
  SPF_END_NEUTRAL,         /* ?all */
};

struct spf {
  const char *record; /* lives as long as the answers; NULL: none, several, or unknown */
  const char *near;   /* in its place stands a text that was meant to be a record and is none; NULL: none does */
  bool unknown;       /* the DNS did not say */
  enum spf_end end;   /* what happens to mail that no term matches; through redirect too */
  unsigned lookups;   /* terms that ask the DNS, those of included records too; MOST_SPF_LOOKUPS: or more */
  unsigned voids;     /* look-ups without an answer. Terms with macros depend on the mail and are left out */
  bool incomplete;    /* a look-up on the way failed: both may be higher */
};

/* False: more is wanted, dns_run and call again. Each round goes one record deeper: at most MOST_SPF_DEPTH + 2. Faults
 * are added on the last call only. */
bool spf_look(struct dns *d, const char *domain, struct arena *arena, struct spf *ret, struct dns_faults *faults);

#endif
