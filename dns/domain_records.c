/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at everything at once. */
#include "dns/domain_records.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "dns/spf_record.h"

/* As published_gather; the hosts of an mx take two rounds more. */
#define MOST_ROUNDS (MOST_SPF_DEPTH + 8)

const char *domain_fact_name(enum domain_fact fact, const char *domain, char buffer[FACT_NAME_BYTES],
                             enum dns_type *ret_type) {
  static const struct {
    enum dns_type type;
    const char *label;
  } FACTS[DOMAIN_FACTS] = {[FACT_MX] = {DNS_MX, NULL},
                           [FACT_NS] = {DNS_NS, NULL},
                           [FACT_MTA_STS] = {DNS_TXT, "_mta-sts"},
                           [FACT_TLS_RPT] = {DNS_TXT, "_smtp._tls"},
                           [FACT_BIMI] = {DNS_TXT, "default._bimi"}};
  *ret_type = FACTS[fact].type;
  if (!FACTS[fact].label) return domain;
  snprintf(buffer, FACT_NAME_BYTES, "%s.%s", FACTS[fact].label, domain);
  return buffer;
}

bool domain_records_look(struct dns *d, const struct domain_names *names, struct arena *arena,
                         struct domain_records *ret) {
  bool known = published_look(d, names->domain, arena, &ret->published);
  known &= spf_tree_look(d, names->domain, arena, &ret->spf);
  for (unsigned i = 0; i < names->spf_count; i++) {
    struct spf_tree other;
    known &= spf_tree_look(d, names->spf[i], arena, &other);
  }
  for (unsigned i = 0; i < DOMAIN_FACTS; i++) {
    char buffer[FACT_NAME_BYTES];
    enum dns_type type;
    const char *name = domain_fact_name((enum domain_fact)i, names->domain, buffer, &type);
    ret->facts[i] = dns_look(d, type, name);
    known &= ret->facts[i] != NULL;
  }
  ret->keys = arena_alloc(arena, (names->key_count + 1) * sizeof *ret->keys);
  for (unsigned i = 0; i < names->key_count; i++) {
    ret->keys[i] = dns_look(d, DNS_TXT, names->keys[i]);
    known &= ret->keys[i] != NULL;
  }
  return known;
}

void domain_records_gather(struct dns *d, const struct domain_names *names, size_t count) {
  _cleanup_arena_ struct arena *scratch = arena_new(256 * 1024);
  _cleanup_free_ const struct domain_names **pending = mem_alloc((count + 1) * sizeof *pending);
  for (size_t i = 0; i < count; i++) pending[i] = &names[i];
  for (unsigned round = 0; count && round < MOST_ROUNDS; round++) {
    size_t still = 0;
    for (size_t i = 0; i < count; i++) {
      struct domain_records found;
      if (!domain_records_look(d, pending[i], scratch, &found)) pending[still++] = pending[i];
      arena_reset(scratch);
    }
    count = still;
    dns_run(d);
  }
}
