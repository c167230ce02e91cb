/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl dns keys: the keys that snapshots found, crossed with the mail that was signed. Nobody is asked. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "report/dns_tables.h"

struct listing {
  const struct options *o;
  struct dns_past past;
  struct table_sink *sink;
};

static int on_uses(void *user, const struct dns_uses *uses, struct err *e) {
  struct listing *l = user;
  if (!dns_is_named(l->o, uses->policy_domain)) return 0;
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct dns_keys keys;
  dns_keys_list(&l->past, uses, arena, &keys);
  return dns_keys_push(&keys, l->sink, e);
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  struct listing l = {.o = o, .sink = sink};
  struct report_filter filter = o->filter;
  filter.since_s = utc_now() - DNS_USE_DAYS * UTC_DAY_S;
  int code = dns_past_read(db->local, &l.past, e);
  if (!code) code = dns_keys_begin(sink, e);
  if (!code) code = dns_uses_each(db->store, &filter, on_uses, &l, e);
  if (!code) code = sink->end(sink, e);
  dns_past_clear(&l.past);
  return code;
}

int dns_keys(const struct options *o) { return ask(o, NULL, question); }
