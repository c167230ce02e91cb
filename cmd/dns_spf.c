/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl dns spf: the terms of SPF records, with the mail that passed by each. Nobody is asked. */
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

static int on_use(void *user, const struct spf_use *use, struct err *e) {
  struct listing *l = user;
  return dns_is_named(l->o, use->policy_domain) ? dns_spf_push(use, l->sink, e) : 0;
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  struct listing l = {.o = o, .sink = sink};
  struct report_filter filter = o->filter;
  filter.since_s = utc_now() - DNS_USE_DAYS * UTC_DAY_S;
  int code = dns_past_read(db->local, &l.past, e);
  if (!code) code = dns_spf_begin(sink, e);
  if (!code) code = spf_use_each(db->store, &filter, &l.past, on_use, &l, e);
  if (!code) code = sink->end(sink, e);
  dns_past_clear(&l.past);
  return code;
}

int dns_spf(const struct options *o) { return ask(o, NULL, question); }
