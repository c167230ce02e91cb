/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a domain: what stands in the DNS by the newest snapshot, crossed with the mail that was signed. */
#ifndef ANALYSIS_DNS_KEYS_H
#define ANALYSIS_DNS_KEYS_H

#include "analysis/dns_past.h"
#include "analysis/dns_use.h"
#include "dns/dkim_key.h"

/* A key is unused when others of its domain went on and it was not seen for so long: two weeks take in holidays and
 * slow reporters, as in selectors.h. */
#define KEY_SILENT_DAYS 14

/* The first that applies. */
enum key_state {
  KEY_MISSING,    /* it was in use until lately, and is not there: what is signed with it fails now */
  KEY_UNUSABLE,   /* the same of a key that nobody can verify with */
  KEY_UNKNOWN,    /* no snapshot has found out whether it is there */
  KEY_UNVERIFIED, /* it is not there, and never verified: forged, or signed before a key was published */
  KEY_GONE,       /* it is not there, or is revoked, and is not in use any more */
  KEY_NEVER_SEEN, /* it is there, and no mail had it in 400 days */
  KEY_UNUSED,     /* it is there, and is not in use any more: it can be withdrawn */
  KEY_IN_USE,
};
const char *key_state_word(enum key_state s); /* "missing", "unusable", ... */

struct dns_key {
  const char *selector, *domain; /* d= */
  enum key_state state;
  struct dkim_key key;
  struct dns_faults faults;
  const struct dns_use *use; /* NULL: no mail had it */
  const char *alias;         /* where its name leads; NULL: nowhere else */
  int64_t since_s;           /* the first look that found it as it is; FEEDBACK_TIME_UNKNOWN: it is not there */
  const char *same_as;       /* another selector of the list with the same key, "s2 of example.com"; NULL: none has */
  int64_t withdraw_s;        /* KEY_UNUSED: since when it could be withdrawn; else FEEDBACK_TIME_UNKNOWN */
};

struct dns_keys {
  const char *policy_domain;
  struct dns_key *items; /* in the arena */
  uint32_t count;
};

/* What `p` and `uses` point to must live as long as `*ret`. */
void dns_keys_list(const struct dns_past *p, const struct dns_uses *uses, struct arena *arena, struct dns_keys *ret);

#endif
