/* SPDX-License-Identifier: Apache-2.0 */
/* Walks from a domain to the root. All names of a walk are asked for at once: the answers are few and small. */
#include "dns/tree_walk.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "dns/dmarc_record.h"

enum dmarc_found dmarc_record_at(struct dns *d, const char *domain, const struct dns_answer **ret_answer,
                                 const char **ret_record) {
  char name[300];
  *ret_record = NULL;
  snprintf(name, sizeof name, "_dmarc.%s", domain);
  const struct dns_answer *answer = *ret_answer = dns_look(d, DNS_TXT, name);
  if (!answer) return DMARC_PENDING;
  if (answer->status == DNS_FAILED) return DMARC_UNKNOWN;
  unsigned count = 0;
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++) {
    if (!dmarc_record_is(answer->texts[i])) continue;
    *ret_record = answer->texts[i];
    count++;
  }
  if (count > 1) *ret_record = NULL;
  return count > 1 ? DMARC_SEVERAL : count ? DMARC_RECORD : DMARC_MISSING;
}

/* The domain, then its parents, a long one shortened to 7 labels at once. */
static unsigned list_steps(const char *domain, const char *ret[MOST_WALK_STEPS]) {
  unsigned labels = 1, count = 0;
  for (const char *c = domain; *c; c++) labels += *c == '.';
  ret[count++] = domain;
  for (const char *at = strchr(domain, '.'); at; at = strchr(at + 1, '.'))
    if (--labels < MOST_WALK_STEPS) ret[count++] = at + 1;
  return count;
}

struct walk {
  const char *domain;
  const char *steps[MOST_WALK_STEPS];
  const char *records[MOST_WALK_STEPS];
  char psd[MOST_WALK_STEPS]; /* of the record: y, n, else u */
  unsigned count;
};

static char psd_of(const char *record) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dmarc_record parsed;
  dmarc_record_parse(&parsed, arena, record);
  const char *psd = dmarc_record_value(&parsed, "psd");
  return psd && ascii_same(psd, "y") ? 'y' : psd && ascii_same(psd, "n") ? 'n' : 'u';
}

/* 1: all is known that counts; 0: more is wanted; -1: the DNS does not say. */
static int take_steps(struct dns *d, const char *domain, struct walk *w) {
  *w = (struct walk){.domain = domain};
  unsigned count = list_steps(domain, w->steps);
  bool pending = false, unknown = false;
  for (unsigned i = 0; i < count; i++) {
    const struct dns_answer *answer;
    enum dmarc_found found = dmarc_record_at(d, w->steps[i], &answer, &w->records[i]);
    pending |= found == DMARC_PENDING;
    unknown |= found == DMARC_UNKNOWN;
    w->psd[i] = w->records[i] ? psd_of(w->records[i]) : 'u';
    w->count = i + 1;
    if (!pending && w->psd[i] != 'u') break; /* the walk ends here, whatever stands above */
  }
  return pending ? 0 : unknown ? -1 : 1;
}

/* The name with one label more. */
static const char *one_below(const char *domain, const char *step) {
  if (step == domain) return domain;
  for (step -= 1; step > domain && step[-1] != '.';) step--;
  return step;
}

/* Which step is the organization's, or the name below a public suffix; NULL: the walk found nothing. */
static const char *organizational_of(const struct walk *w) {
  const char *organizational = NULL;
  for (unsigned i = 0; i < w->count; i++) {
    if (!w->records[i]) continue;
    if (w->psd[i] == 'y' && i > 0) return one_below(w->domain, w->steps[i]);
    organizational = w->steps[i];
  }
  return organizational;
}

bool dns_organizational_domain(struct dns *d, const char *domain, struct dmarc_discovery *ret) {
  struct walk w;
  *ret = (struct dmarc_discovery){0};
  int known = take_steps(d, domain, &w);
  ret->unknown = known < 0;
  if (known > 0) ret->organizational = organizational_of(&w);
  if (known > 0 && !ret->organizational) ret->organizational = domain;
  return known != 0;
}

/* The record of the organizational domain, else that of the public suffix above it. */
static void take_inherited(const struct walk *w, struct dmarc_discovery *ret) {
  const char *organizational = organizational_of(w);
  for (unsigned i = 1; organizational && i < w->count; i++) {
    if (!w->records[i] || (w->steps[i] != organizational && w->psd[i] != 'y')) continue;
    ret->record_domain = w->steps[i];
    ret->record = w->records[i];
    return;
  }
}

bool dmarc_discover(struct dns *d, const char *domain, struct dmarc_discovery *ret) {
  const struct dns_answer *answer;
  const char *record;
  *ret = (struct dmarc_discovery){0};
  enum dmarc_found found = dmarc_record_at(d, domain, &answer, &record);
  if (found == DMARC_PENDING) return false;
  if (found == DMARC_UNKNOWN) {
    ret->unknown = true;
    return true;
  }
  if (found == DMARC_RECORD) {
    *ret = (struct dmarc_discovery){.record_domain = domain, .record = record};
    return true;
  }
  struct walk w;
  int known = take_steps(d, domain, &w);
  ret->unknown = known < 0;
  if (known > 0) take_inherited(&w, ret);
  return known != 0;
}
