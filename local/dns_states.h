/* SPDX-License-Identifier: Apache-2.0 */
/* What the DNS said over time: a line for each change. What could not be found out is kept beside it, and takes nothing
 * of it back. */
#ifndef LOCAL_DNS_STATES_H
#define LOCAL_DNS_STATES_H

#include <stdint.h>

#include "base/domain_set.h"
#include "local/local.h"

/* What is known of a name and a type from one look until another that says something else. */
struct dns_state {
  const char *name, *type;  /* "_dmarc.example.com", "TXT" */
  const char *status;       /* ok, nodata, nxdomain; failed, timeout: nothing is known */
  const char *alias;        /* where an alias led to; NULL: there is none */
  const char *const *texts; /* of "ok"; kept in their own order, as answers come in any */
  unsigned count;
  int64_t first_s, last_s; /* the first and the last look that found it */
};
/* Does it say what there is, or is not? */
bool dns_state_is_known(const struct dns_state *s);

struct dns_states_counts {
  uint64_t seen, failed;
  uint64_t added, changed; /* of those that are known: for the first time; another than before */
};

/* Keeps what was seen at `now_s`, its texts in any order, in the open transaction of a handle that writes. Of first_s
 * and last_s nothing is read. Adds to `ret`. */
int dns_states_put(struct local *l, const struct dns_state *seen, int64_t now_s, struct dns_states_counts *ret,
                   struct err *e);
/* Removes what is kept of these domains and the names below them, likewise. */
int dns_states_forget(struct local *l, const struct domain_set *domains, struct err *e);

/* Hands out all that is kept, by name and type, then by first_s. A callback returns 0 to continue, or a negative code,
 * which ends the walk and is returned. Strings are valid during the callback. */
typedef int dns_state_fn(void *user, const struct dns_state *state, struct err *e);
int dns_states_each(struct local *l, dns_state_fn *fn, void *user, struct err *e);

#endif
