/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl dns log: what has changed between snapshots. Nobody is asked. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "report/dns_tables.h"

static bool is_wanted(const struct options *o, const char *domain) {
  return dns_is_named(o, domain) && (!o->filter.domains || domain_set_covers(o->filter.domains, domain));
}

/* A domain that is named and was never looked at has no log, not an empty one. */
static int check_names(const struct options *o, const struct past_domain *domains, uint32_t count, struct err *e) {
  for (unsigned i = 0; i < o->arg_count; i++) {
    bool there = false;
    for (uint32_t n = 0; n < count && !there; n++) there = !strcmp(domains[n].domain, o->args[i]);
    if (!there)
      return err_set(e, ERR_NOT_FOUND, "no snapshot of %s was taken: 'dmarcctl dns snapshot %s' takes one", o->args[i],
                     o->args[i]);
  }
  return 0;
}

static int gather(const struct options *o, const struct dns_past *past, struct dns_changes *changes, struct err *e) {
  uint32_t count;
  _cleanup_free_ struct past_domain *domains = dns_past_domains(past, &count);
  int code = check_names(o, domains, count, e);
  for (uint32_t i = 0; i < count && !code; i++)
    if (is_wanted(o, domains[i].domain)) code = dns_log_domain(past, &domains[i], changes, e);
  return code;
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  struct dns_past past = {0};
  struct dns_changes changes = {0};
  int code = dns_past_read(db->local, &past, e);
  if (!code) code = gather(o, &past, &changes, e);
  if (!code) code = dns_log_table(&changes, o->period.since_s, sink, e);
  dns_changes_clear(&changes);
  dns_past_clear(&past);
  return code;
}

int dns_log(const struct options *o) { return ask(o, "seen", question); }
