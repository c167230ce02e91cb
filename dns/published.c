/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the record that applies, those who may receive its reports, and SPF. */
#include "dns/published.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dns/near_record.h"

/* Rounds of questions: a walk (2), the organizations of the addresses (1), their consent (1); beside them SPF. Only a
 * mistake in this program would need more. */
#define MOST_ROUNDS (MOST_SPF_DEPTH + 6)

struct gathering {
  struct dns *dns;
  struct arena *arena;
  struct published *p;
  bool pending;
};

#define FAULT(g, ...) dns_fault_add(&(g)->p->faults, (g)->arena, __VA_ARGS__)

/* --- the record --------------------------------------------------------------------------------------------------- */

/* What stands at _dmarc of the domain, where that is not one DMARC record. */
static void explain_absence(struct gathering *g) {
  const struct dns_answer *answer;
  const char *record, *domain = g->p->domain;
  enum dmarc_found found = dmarc_record_at(g->dns, domain, &answer, &record);
  if (found == DMARC_SEVERAL)
    FAULT(g, "several_records", "RFC 9989 4.10", "_dmarc.%s has several DMARC records: receivers apply none of them",
          domain);
  if (found != DMARC_MISSING) return;
  if (answer->status == DNS_NONE && answer->count)
    FAULT(g, "dangling_alias", "RFC 1034 3.6.2", "_dmarc.%s is an alias of %.*s, where there is no record", domain,
          MOST_QUOTED, answer->texts[0]);
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++)
    if (near_dmarc(answer->texts[i]))
      FAULT(g, "bad_version", "RFC 9989 4.7", "the text at _dmarc.%s is no DMARC record, because %s: \"%.*s\"", domain,
            near_dmarc(answer->texts[i]), MOST_QUOTED, answer->texts[i]);
}

static void take_record(struct gathering *g) {
  struct published *p = g->p;
  struct dmarc_discovery found;
  if (!dmarc_discover(g->dns, p->domain, &found)) {
    g->pending = true;
    return;
  }
  p->unknown = found.unknown;
  if (p->unknown) return;
  p->record_domain = found.record_domain;
  p->record = found.record;
  if (!published_is_own(p)) explain_absence(g);
  if (!p->record) {
    FAULT(g, "no_record", "RFC 9989 4.10.1", "no DMARC record applies to %s: receivers do nothing and send no reports",
          p->domain);
    return;
  }
  if (!published_is_own(p))
    FAULT(g, "inherited", "RFC 9989 4.10.1", "%s has no record of its own: that of %s applies", p->domain,
          p->record_domain);
  dmarc_record_parse(&p->dmarc, g->arena, p->record);
  dmarc_record_check(&p->dmarc, g->arena, &p->faults);
}

/* --- who receives the reports ------------------------------------------------------------------------------------- */

enum consent { CONSENT_PENDING, CONSENT_UNKNOWN, CONSENT_GIVEN, CONSENT_MISSING };

/* RFC 9990 4, steps 2 to 8: any record that begins with v=DMARC1 is consent. */
static enum consent consent_of(struct gathering *g, const char *host) {
  _cleanup_free_ char *name = mem_printf("%s._report._dmarc.%s", g->p->record_domain, host);
  if (!dns_name_is_askable(name)) return CONSENT_MISSING; /* step 4: too long */
  const struct dns_answer *answer = dns_look(g->dns, DNS_TXT, name);
  if (!answer) return CONSENT_PENDING;
  if (answer->status == DNS_FAILED) return CONSENT_UNKNOWN;
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++)
    if (dmarc_record_is(answer->texts[i])) return CONSENT_GIVEN;
  return CONSENT_MISSING;
}

static enum consent consent_needed(struct gathering *g, const char *host) {
  struct dmarc_discovery own, theirs;
  bool known = dns_organizational_domain(g->dns, g->p->record_domain, &own);
  if (!dns_organizational_domain(g->dns, host, &theirs) || !known) return CONSENT_PENDING;
  if (own.unknown || theirs.unknown) return CONSENT_UNKNOWN;
  return strcmp(own.organizational, theirs.organizational) != 0 ? consent_of(g, host) : CONSENT_GIVEN;
}

static void check_consent(struct gathering *g, const char *tag) {
  struct dmarc_uri uris[MOST_DMARC_URIS];
  unsigned count = dmarc_record_uris(&g->p->dmarc, tag, g->arena, uris);
  for (unsigned i = 0; i < count; i++) {
    if (!uris[i].host) continue;
    switch (consent_needed(g, uris[i].host)) {
      case CONSENT_PENDING:
        g->pending = true;
        break;
      case CONSENT_UNKNOWN:
        FAULT(g, "rua_unknown", "RFC 9990 4", "%s: whether %.*s takes reports on %s could not be found out", tag,
              MOST_QUOTED, uris[i].host, g->p->record_domain);
        break;
      case CONSENT_MISSING:
        FAULT(g, "rua_unauthorised", "RFC 9990 4",
              "%s: %.*s does not say that it takes reports on %s (TXT \"v=DMARC1\" at %s._report._dmarc.%s): "
              "receivers send it none",
              tag, MOST_QUOTED, uris[i].host, g->p->record_domain, g->p->record_domain, uris[i].host);
        break;
      case CONSENT_GIVEN:
        break;
    }
  }
}

/* --- both --------------------------------------------------------------------------------------------------------- */

bool published_look(struct dns *d, const char *domain, struct arena *arena, struct published *ret) {
  struct gathering g = {.dns = d, .arena = arena, .p = ret};
  *ret = (struct published){.domain = domain};
  take_record(&g);
  if (ret->record) {
    check_consent(&g, "rua");
    check_consent(&g, "ruf");
  }
  if (!spf_look(d, domain, arena, &ret->spf, &ret->spf_faults)) g.pending = true;
  return !g.pending;
}

void published_gather(struct dns *d, const char *const *domains, size_t count) {
  _cleanup_arena_ struct arena *scratch = arena_new(16 * 1024);
  _cleanup_free_ const char **pending = mem_alloc((count + 1) * sizeof *pending);
  memcpy(pending, domains, count * sizeof *pending);
  for (unsigned round = 0; count && round < MOST_ROUNDS; round++) {
    size_t still = 0;
    for (size_t i = 0; i < count; i++) {
      struct published p;
      if (!published_look(d, pending[i], scratch, &p)) pending[still++] = pending[i];
      arena_reset(scratch);
    }
    count = still;
    dns_run(d);
  }
}
