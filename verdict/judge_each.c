/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the histories that are asked for, judges each, and joins what the DNS says of it. */
#include "verdict/judge_each.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/utc.h"
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
  if (basis->explain && (code = basis->explain(basis->explain_user, h, &j, e)) < 0) return code;
  return w->fn(w->user, h, &j, e);
}

/* What there is of a domain. */
struct first_report {
  int64_t before_s;
  bool is_there, had_begun;
};

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct first_report *f = user;
  f->is_there = true;
  f->had_begun = r->header.begin_s < f->before_s;
  return f->had_begun ? ERR_INTERRUPTED : 0; /* one is enough */
}

static int find_report(const struct inquiry *q, const char *domain, struct first_report *ret, struct err *e) {
  struct report_filter narrowed = *q->filter;
  narrowed.policy_domain = domain;
  *ret = (struct first_report){.before_s = q->basis->before_s};
  int code = store_each_report(q->store, &narrowed, on_report, ret, e);
  return code == ERR_INTERRUPTED ? 0 : code;
}

/* The domain that is nearest to the one that was asked for. */
struct similar {
  struct nearest nearest;
  char *name; /* owned; NULL: none is near */
  unsigned mistakes;
};

static int consider_name(void *user, const char *name, struct err *e) {
  (void)e;
  struct similar *s = user;
  s->nearest.word = NULL; /* only whether this one is near, and nearer */
  nearest_consider(&s->nearest, name);
  if (!s->nearest.word || (s->name && s->nearest.mistakes >= s->mistakes)) return 0;
  s->mistakes = s->nearest.mistakes;
  free(s->name);
  s->name = mem_strdup(name);
  return 0;
}

/* With the one that may have been meant, of those that may be asked about. */
static int tell_unknown(const struct inquiry *q, const char *domain, struct err *e) {
  struct similar similar = {.nearest = nearest_to(domain, strlen(domain))};
  struct first_report first = {0};
  int code = store_each_domain(q->store, consider_name, &similar, e);
  if (!code && similar.name) code = find_report(q, similar.name, &first, e);
  if (!code && first.is_there)
    code = err_set(e, ERR_NOT_FOUND, "no report on %s is stored: did you mean %s?", domain, similar.name);
  else if (!code)
    code = err_set(
        e, ERR_NOT_FOUND,
        "no report on %s is stored: 'dmarcctl summary' lists the domains there are. On another one reports come "
        "once its record asks for them: _dmarc.%s TXT \"v=DMARC1; p=none; rua=mailto:ADDRESS\"",
        domain, domain);
  free(similar.name);
  return code;
}

static int tell_missing(const struct inquiry *q, const char *domain, const struct first_report *f, struct err *e) {
  char day[UTC_TEXT_BYTES];
  if (!f->is_there) return tell_unknown(q, domain, e);
  return err_set(e, ERR_NOT_FOUND, "no report on %s had begun by %s", domain,
                 utc_format_day(q->basis->before_s - 1, day));
}

/* Before anything is judged, let alone printed: half a document would be no answer. */
static int require_reports(const struct inquiry *q, struct err *e) {
  for (unsigned i = 0; i < q->domain_count; i++) {
    struct first_report first;
    int code = find_report(q, q->domains[i], &first, e);
    if (code < 0) return code;
    if (!first.had_begun) return tell_missing(q, q->domains[i], &first, e);
  }
  return 0;
}

/* A single named domain is walked alone; for several, one walk over all is cheaper than it looks. */
static int judge_all(const struct inquiry *q, parting_fn *fn, void *user, struct err *e) {
  struct judging_walk w = {q, fn, user};
  const struct judgement_basis *basis = q->basis;
  struct report_filter narrowed = *q->filter;
  int code = 0;
  if (basis->dns) code = published_prepare(basis->dns, q->store, q->filter, q->domains, q->domain_count, e);
  if (code < 0) return code;
  if (q->domain_count == 1) narrowed.policy_domain = q->domains[0];
  const struct history_wish wish = {&narrowed, basis->counted, basis->before_s, basis->words, basis->carriers};
  return history_each(q->store, &wish, basis->catalogue, on_history, &w, e);
}

int judge_each_parting(const struct inquiry *q, parting_fn *fn, void *user, struct err *e) {
  int code = require_reports(q, e);
  return code ? code : judge_all(q, fn, user, e);
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

int judge_each_known(const struct inquiry *q, judgement_fn *fn, void *user, struct err *e) {
  struct reader r = {fn, user};
  const char **names = mem_alloc((q->domain_count + 1) * sizeof *names);
  struct inquiry known = *q;
  int code = 0;
  known.domains = names;
  known.domain_count = 0;
  for (unsigned i = 0; i < q->domain_count && !code; i++) {
    struct first_report first;
    code = find_report(q, q->domains[i], &first, e);
    if (!code && first.had_begun) names[known.domain_count++] = q->domains[i];
  }
  if (!code && (known.domain_count || !q->domain_count)) code = judge_all(&known, hand_over, &r, e);
  free(names);
  return code;
}
