/* SPDX-License-Identifier: Apache-2.0 */
/* Judges each domain, and holds the judgement against limits. */
#include "analysis/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "verdict/judge_each.h"

const struct check_limits CHECK_LIMITS_DEFAULT = {
    .pass_warning = 0.98,
    .pass_critical = 0.95,
    .of_verdict = {[VERDICT_STALE] = CHECK_UNKNOWN,
                   [VERDICT_REGRESSION] = CHECK_CRITICAL,
                   [VERDICT_NOT_READY] = CHECK_WARNING,
                   [VERDICT_NEEDS_DECISION] = CHECK_WARNING,
                   [VERDICT_INSUFFICIENT_DATA] = CHECK_UNKNOWN,
                   [VERDICT_READY] = CHECK_OK,
                   [VERDICT_AT_TARGET] = CHECK_OK},
};

enum check_state check_worse(enum check_state a, enum check_state b) {
  static const int GRAVITY[CHECK_STATES] = {
      [CHECK_OK] = 0, [CHECK_UNKNOWN] = 1, [CHECK_WARNING] = 2, [CHECK_CRITICAL] = 3};
  return GRAVITY[a] > GRAVITY[b] ? a : b;
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

static enum check_state state_of_pass(const struct checked *c, const struct check_limits *l) {
  if (isnan(c->own_pass)) return c->sends_nothing ? CHECK_OK : CHECK_UNKNOWN;
  return c->own_pass < l->pass_critical ? CHECK_CRITICAL : c->own_pass < l->pass_warning ? CHECK_WARNING : CHECK_OK;
}

static enum check_state state_of_age(const struct checked *c) {
  if (isnan(c->age_days)) return CHECK_UNKNOWN;
  if (c->age_days > c->age_critical_days) return CHECK_CRITICAL;
  return c->age_days > c->age_warning_days ? CHECK_WARNING : CHECK_OK;
}

/* The gate knows the rhythm of the domain's reports: where they come seldom, its limit is above the threshold, and it
 * warns once they are later than usual. */
static double usual_warning(const struct gate *age, const struct thresholds *t) {
  const double rhythm = age->limit > t->report_age_days ? age->limit / t->rhythm_age : 0;
  return fmax(t->report_age_warn_days, rhythm);
}

static void set_age_limits(struct checked *c, const struct gate *age, const struct thresholds *t,
                           const struct check_limits *l) {
  c->age_critical_days = l->age_critical_s ? (double)l->age_critical_s / UTC_DAY_S : age->limit;
  c->age_warning_days = l->age_warning_s ? (double)l->age_warning_s / UTC_DAY_S : usual_warning(age, t);
  c->age_warning_days = fmin(c->age_warning_days, c->age_critical_days); /* a warning behind the limit is none */
}

static struct checked check_domain(const struct judgement *j, const struct thresholds *t,
                                   const struct check_limits *l) {
  const struct gate *age = &j->gates[GATE_REPORT_AGE];
  struct checked c = {.is_known = true,
                      .verdict = j->verdict,
                      .next = j->next,
                      .sends_nothing = j->parked || j->retired,
                      .own_messages = j->own_messages,
                      .own_pass = j->own_messages > 0 ? (double)j->own_passed / (double)j->own_messages : NAN,
                      .age_days = age->figure};
  set_age_limits(&c, age, t, l);
  c.by_verdict = l->of_verdict[j->verdict];
  c.by_pass = state_of_pass(&c, l);
  c.by_age = state_of_age(&c);
  c.state = check_worse(c.by_verdict, check_worse(c.by_pass, c.by_age));
  return c;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

struct checking {
  const struct inquiry *q;
  const struct check_limits *limits;
  struct check *to;
};

static void add(struct check *to, const char *domain, struct checked c) {
  MEM_GROW(to->domains, to->capacity, to->count);
  c.domain = arena_strdup(to->names, domain);
  to->domains[to->count++] = c;
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  const struct checking *c = user;
  const struct checked checked = check_domain(j, c->q->basis->thresholds, c->limits);
  if (!c->q->domain_count) add(c->to, h->domain, checked);
  for (unsigned i = 0; i < c->q->domain_count; i++)
    if (!strcmp(c->q->domains[i], h->domain)) {
      const char *name = c->to->domains[i].domain;
      c->to->domains[i] = checked;
      c->to->domains[i].domain = name;
    }
  return 0;
}

/* What has no report stays unknown. */
static int judge_named(const struct inquiry *q, struct checking *c, struct err *e) {
  for (unsigned i = 0; i < q->domain_count; i++) add(c->to, q->domains[i], (struct checked){.state = CHECK_UNKNOWN});
  return judge_each_known(q, on_domain, c, e);
}

int check_collect(const struct inquiry *q, const struct check_limits *limits, struct check *ret, struct err *e) {
  *ret = (struct check){.names = arena_new(1024)};
  struct checking c = {q, limits, ret};
  int code = q->domain_count ? judge_named(q, &c, e) : judge_each(q, on_domain, &c, e);
  ret->state = ret->count ? CHECK_OK : CHECK_UNKNOWN;
  for (unsigned i = 0; i < ret->count; i++) {
    ret->states[ret->domains[i].state]++;
    ret->state = check_worse(ret->state, ret->domains[i].state);
  }
  return code;
}

void check_clear(struct check *c) {
  free(c->domains);
  arena_free(c->names);
  *c = (struct check){0};
}
