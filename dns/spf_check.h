/* SPDX-License-Identifier: Apache-2.0 */
/* Checks an address against an SPF record as a receiver does (RFC 7208 4), and says by which term it was decided. */
#ifndef DNS_SPF_CHECK_H
#define DNS_SPF_CHECK_H

#include "base/ip.h"
#include "dns/resolver.h"

/* Records inside each other: more than the limit of look-ups allows. */
#define MOST_SPF_STEPS 12

enum spf_result { SPF_NONE, SPF_NEUTRAL, SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_TEMPERROR, SPF_PERMERROR };
const char *spf_result_word(enum spf_result r); /* "none", "neutral", ... as reports have them */

struct spf_question {
  struct ip_addr ip;  /* of the client */
  const char *domain; /* whose record is asked for first, normalised */
  const char *sender; /* MAIL FROM; NULL: postmaster@domain */
  const char *helo;   /* NULL: the domain */
};

struct spf_verdict {
  enum spf_result result;
  /* The terms that matched, each within the record that the one before it led to; the last one decided. Places of terms
   * in their records, from 0. */
  unsigned path[MOST_SPF_STEPS];
  unsigned depth; /* 0: no term matched */
};

/* False: answers are missing; call dns_run, then this again. %{p} is "unknown", and an explanation is not looked up. */
bool spf_check(struct dns *d, const struct spf_question *q, struct arena *arena, struct spf_verdict *ret);

#endif
