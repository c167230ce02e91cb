/* SPDX-License-Identifier: Apache-2.0 */
/* The key record of a DKIM selector (RFC 6376 3.6.1, RFC 8301, RFC 8463): what it is and what is wrong with it. */
#ifndef DNS_DKIM_KEY_H
#define DNS_DKIM_KEY_H

#include "dns/fault.h"
#include "dns/resolver.h"

/* RFC 8301 3.2: what verifiers may refuse, and what signers are to use. */
#define DKIM_LEAST_BITS 1024
#define DKIM_GOOD_BITS 2048
/* Longer keys need not be supported (the same). */
#define DKIM_MOST_BITS 4096

struct dkim_key {
  const char *text;      /* the record; of several the first; NULL: none */
  const char *algorithm; /* "rsa", "ed25519", or what else k= says */
  const char *key;       /* p= without white space; "": revoked; NULL: there is none */
  unsigned bits;         /* of RSA; 0: not read */
  bool testing;          /* t=y */
  bool usable;           /* mail can be verified with it */
};

/* Of an answer that is DNS_OK; texts are in the arena or live as long as the answer. */
void dkim_key_read(struct dkim_key *ret, const struct dns_answer *answer, struct arena *arena,
                   struct dns_faults *faults);

#endif
