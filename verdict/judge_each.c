/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the histories that are asked for, judges each, and joins what the DNS says of it. */
#include "verdict/judge_each.h"

#include <string.h>

#include "verdict/hit_partners.h"
#include "verdict/published_join.h"

struct judging_walk {
  const struct inquiry *q;
  parting_fn *fn;
  void *user;
};

static bool is_wanted(const struct inquiry *q, const char *domain) {
  for (unsigned i = 0; i < q->domain_count; i++)
    if (!strcmp(q->domains[i], domain)) return true;
  return !q->domain_count;
}

static int on_history(void *user, struct history *h, struct err *e) {
  const struct judging_walk *w = user;
  const struct judgement_basis *basis = w->q->basis;
  if (!is_wanted(w->q, h->domain) || (!*h->domain && !basis->counted)) return 0;
  struct judgement j;
  h->target = targets_of(basis->targets, h->domain);
  struct published published;
  struct published_policy policy;
  int code = origin_name_streams(h, basis->origins, basis->catalogue, e);
  if (code < 0) return code;
  bool is_own = basis->dns && published_find(basis->dns, h, &published, &policy);
  judge_robustly(h, basis->labels, basis->thresholds, basis->as_of_s, is_own ? &policy : NULL, &j);
  if (basis->dns) published_join(&published, is_own, h, &j);
  if (basis->names_partners && (code = find_hit_partners(w->q, h, &j, e)) < 0) return code;
  return w->fn(w->user, h, &j, e);
}

static int on_first_report(void *user, const struct store_report *r, struct err *e) {
  (void)r, (void)e;
  *(bool *)user = true;
  return ERR_INTERRUPTED; /* one is enough */
}

int has_report_on(const struct inquiry *q, const char *domain, bool *ret, struct err *e) {
  struct report_filter narrowed = *q->filter;
  narrowed.policy_domain = domain;
  *ret = false;
  int code = store_each_report(q->store, &narrowed, on_first_report, ret, e);
  return code == ERR_INTERRUPTED ? 0 : code;
}

/* Before anything is judged, let alone printed: half a document would be no answer. */
static int require_reports(const struct inquiry *q, struct err *e) {
  for (unsigned i = 0; i < q->domain_count; i++) {
    bool found;
    int code = has_report_on(q, q->domains[i], &found, e);
    if (code < 0) return code;
    if (!found)
      return err_set(e, ERR_NOT_FOUND, "no report on %s is stored: 'dmarcctl summary' lists the domains there are",
                     q->domains[i]);
  }
  return 0;
}

/* A single named domain is walked alone; for several, one walk over all is cheaper than it looks. */
int judge_each_parting(const struct inquiry *q, parting_fn *fn, void *user, struct err *e) {
  struct judging_walk w = {q, fn, user};
  const struct judgement_basis *basis = q->basis;
  struct report_filter narrowed = *q->filter;
  int code = require_reports(q, e);
  if (!code && basis->dns) code = published_prepare(basis->dns, q->store, q->filter, q->domains, q->domain_count, e);
  if (code < 0) return code;
  if (q->domain_count == 1) narrowed.policy_domain = q->domains[0];
  const struct history_wish wish = {&narrowed, basis->counted, basis->before_s, basis->words, basis->carriers};
  return history_each(q->store, &wish, basis->catalogue, on_history, &w, e);
}

struct reader {
  judgement_fn *fn;
  void *user;
};

static int hand_over(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct reader *r = user;
  return r->fn(r->user, h, j, e);
}

int judge_each(const struct inquiry *q, judgement_fn *fn, void *user, struct err *e) {
  struct reader r = {fn, user};
  return judge_each_parting(q, hand_over, &r, e);
}
