/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups outside of the database, if the user allows them: the DNS (--dns), a file of networks (--asn-db). */
#ifndef CMD_LOOKUPS_H
#define CMD_LOOKUPS_H

#include "cmd/options.h"
#include "dns/resolver.h"
#include "sender/asn.h"
#include "verdict/origin.h"

struct lookups {
  struct dns *dns;       /* NULL: not asked */
  struct asn_db *asn;    /* NULL: none given */
  struct local *answers; /* where answers are kept; NULL: nowhere */
  struct origin_lookup origins;
  uint64_t left_out; /* addresses beyond the limit of a domain */
  bool quiet;
};

/* 0, or a code: the file or the resolver cannot be used, or options that go with --dns stand alone. lookups_clear frees
 * in any case. `l` must not move until then. */
int lookups_open(struct lookups *l, const struct options *o, struct err *e);
/* NULL where nothing is looked up. */
const struct origin_lookup *lookups_origins(const struct lookups *l);
/* Says on standard error what was left unanswered, and frees. */
void lookups_clear(struct lookups *l);

#endif
