/* SPDX-License-Identifier: Apache-2.0 */
/* Joins what is published to what was judged from the reports. */
#include "verdict/published_join.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "verdict/judging.h"

/* --- asking for many ---------------------------------------------------------------------------------------------- */

struct domains {
  struct arena *arena;
  const char **items;
  uint32_t count, capacity;
};

/* Reports come ordered by their policy domain. */
static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct domains *d = user;
  const char *domain = r->header.policy_domain;
  if (!domain || (d->count && !strcmp(d->items[d->count - 1], domain))) return 0;
  MEM_GROW(d->items, d->capacity, d->count);
  d->items[d->count++] = arena_strdup(d->arena, domain);
  return 0;
}

int published_prepare(struct dns *dns, struct store *s, const struct report_filter *filter, const char *const *domains,
                      unsigned count, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct domains d = {.arena = arena};
  int code = count ? 0 : store_each_report(s, filter, on_report, &d, e);
  if (!code) published_gather(dns, count ? domains : d.items, count ? count : d.count);
  free(d.items);
  return code;
}

/* --- the next record ---------------------------------------------------------------------------------------------- */

/* What governs the names that the tag is for: sp where it is absent is p; where it is no policy, nobody knows. */
static enum policy policy_in_force(const struct dmarc_record *r, const char *tag) {
  return dmarc_record_policy(r, dmarc_record_value(r, tag) ? tag : "p");
}

/* NULL: the DNS has it already, or a stronger one, which no evidence from the reports speaks against. */
static const char *next_record(const struct published *p, struct arena *arena, const char *tag, enum policy next) {
  enum policy now = policy_in_force(&p->dmarc, tag);
  bool weakened = dmarc_record_is_testing(&p->dmarc) || dmarc_record_is_sampled(&p->dmarc);
  if (now > next || (now == next && !weakened)) return NULL;
  const bool is_p = !strcmp(tag, "p");
  struct dmarc_change change = {.p = is_p ? policy_word(next) : NULL, .sp = is_p ? NULL : policy_word(next)};
  keep_others(&change, &p->dmarc);
  _cleanup_free_ char *text = dmarc_record_with_policy(&p->dmarc, &change);
  return arena_strdup(arena, text);
}

/* The step of the domain alone: sp keeps for its subdomains what they have. A published sp is the owner's own choice.
 */
static const char *record_alone(const struct published *p, struct arena *arena, const struct judgement *whole) {
  if (dmarc_record_value(&p->dmarc, "sp")) return NULL;
  struct dmarc_change change = {.p = policy_word(whole->alone->next), .sp = policy_word(judgement_policy_left(whole))};
  keep_others(&change, &p->dmarc);
  _cleanup_free_ char *text = dmarc_record_with_policy(&p->dmarc, &change);
  return arena_strdup(arena, text);
}

/* --- joining ------------------------------------------------------------------------------------------------------ */

static void compare_with_reports(struct published *p, const struct judgement *j, struct arena *arena) {
  enum policy published = dmarc_record_policy(&p->dmarc, "p"), reported = policy_of(j->policy.p);
  if (reported == POLICY_UNKNOWN || published == POLICY_UNKNOWN || published == reported) return;
  dns_fault_add(&p->faults, arena, "not_in_reports", "RFC 9990 3.3",
                "the DNS says p=%s, the reports still show p=%s: the record is newer than what was judged",
                policy_word(published), policy_word(reported));
}

bool published_refuses_all(const char *spf) {
  const char *rest = spf ? strchr(spf, ' ') : NULL;
  if (!rest) return false;
  rest += strspn(rest, " ");
  return ascii_begins(rest, "-all") && !rest[strlen("-all") + strspn(rest + strlen("-all"), " ")];
}

bool published_find(struct dns *dns, struct history *h, struct published *ret, struct published_policy *ret_policy) {
  published_gather(dns, &h->domain, 1);
  if (!published_look(dns, h->domain, h->arena, ret) || !published_is_own(ret)) return false;
  const char *rua = dmarc_record_value(&ret->dmarc, "rua");
  *ret_policy = (struct published_policy){.p = policy_in_force(&ret->dmarc, "p"),
                                          .sp = policy_in_force(&ret->dmarc, "sp"),
                                          .testing = dmarc_record_is_testing(&ret->dmarc),
                                          .sampled = dmarc_record_is_sampled(&ret->dmarc),
                                          .unreported = !rua || !*rua,
                                          .strict_dkim = alignment_is_strict(dmarc_record_value(&ret->dmarc, "adkim")),
                                          .strict_spf = alignment_is_strict(dmarc_record_value(&ret->dmarc, "aspf")),
                                          .refuses_all = published_refuses_all(ret->spf.record)};
  return true;
}

/* The policy stays as it is. Where the record is no printable ASCII, what it says may be more than what receivers read.
 */
static const char *reported_record(const struct published *p, struct arena *arena, enum policy now) {
  _cleanup_free_ char *plain = dmarc_record_plain(&p->dmarc);
  if (!strcmp(plain, p->record)) return record_with_rua(arena, plain);
  _cleanup_free_ char *text = dmarc_record_with_policy(&p->dmarc, &(struct dmarc_change){.p = policy_word(now)});
  return strstr(text, "; rua=") ? arena_strdup(arena, text) : record_with_rua(arena, text);
}

static void renew(const struct published *p, struct arena *arena, const char *tag, struct judgement *j) {
  if (!j || !j->next_record) return;
  j->next_record = j->wants_rua ? reported_record(p, arena, j->next) : next_record(p, arena, tag, j->next);
}

void published_join(struct published *p, bool is_own, struct history *h, struct judgement *j) {
  j->published = p;
  /* Somebody wrote down who sends, if not in the words of SPF: nobody is to refuse that by another record. */
  if (p->spf.near && j->reason && !strcmp(j->reason, REASON_PUBLISH_SPF))
    j->reason = "nothing sends as this domain: reject, and correct its SPF record, which is none as it stands";
  if (!is_own) return;
  compare_with_reports(p, j, h->arena);
  renew(p, h->arena, "p", j);
  renew(p, h->arena, "sp", j->below);
  if (j->alone) j->alone->next_record = j->next_record ? record_alone(p, h->arena, j) : NULL;
  if (j->alone && !j->alone->next_record) j->alone = NULL;
}
