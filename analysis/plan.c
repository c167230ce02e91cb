/* SPDX-License-Identifier: Apache-2.0 */
/* Climbs from the policy there is to the target. The first rung rests on today's judgement. Each later one rests on the
 * same mail, judged as if the rung before it were published: what keeps it from holding is to be repaired before. */
#include "analysis/plan.h"

#include <math.h>
#include <string.h>

#include "analysis/names_below.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"
#include "dns/published.h"

const char *rung_kind_word(enum rung_kind k) {
  static const char *const WORDS[RUNG_KINDS] = {"reports", "in_force", "np", "testing", "policy"};
  return WORDS[k];
}

const char *rung_state_word(enum rung_state s) {
  static const char *const WORDS[] = {"open", "waits", "blocked"};
  return WORDS[s];
}

struct climb {
  struct history *h;
  const struct judgement_basis *basis;
  const struct plan_wish *wish;
  struct plan *plan;
  int32_t today;
  const char *record; /* that is published by now */
};

/* --- days --------------------------------------------------------------------------------------------------------- */

/* Freezes may follow each other, in any order. */
static int32_t behind_freezes(const struct plan_wish *wish, int32_t day) {
  for (unsigned i = 0; i < wish->freeze_count; i++) {
    const struct freeze *f = &wish->freezes[i];
    if (day < f->first_day || day > f->last_day) continue;
    day = f->last_day + 1;
    i = UINT32_MAX; /* from the first one again */
  }
  return day;
}

/* Days until the gate holds by time alone. */
static int32_t days_short(const struct judgement *j, enum gate_name name) {
  const struct gate *g = &j->gates[name];
  return g->state == GATE_FAIL ? (int32_t)ceil(g->limit - g->figure) : 0;
}

static int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }

/* What today's judgement waits for, at the least. */
static int32_t days_to_wait(const struct judgement *j) {
  return later(j->days_to_go, later(days_short(j, GATE_POLICY_AGE), days_short(j, GATE_NEW_SOURCE)));
}

/* --- what has to happen before ------------------------------------------------------------------------------------ */

/* What was repaired waits for its day. A stranger that is new may turn out to be nothing. */
static void count_blockers(struct rung *r, const struct judgement *j) {
  for (unsigned i = 0; i < j->blockers.count; i++) {
    const struct finding *f = &j->blockers.items[i];
    if (f->over_day)
      r->over_day = later(r->over_day, f->over_day);
    else if (stream_class_is_own(f->class))
      r->repairs++;
    else if (f->class != CLASS_SUSPICIOUS)
      r->answers++;
  }
}

static bool is_held_by_age_alone(const struct judgement *j) {
  for (enum gate_name i = 0; i < GATES; i++)
    if (j->gates[i].state == GATE_FAIL && i != GATE_POLICY_AGE && i != GATE_NEW_SOURCE) return false;
  return j->verdict == VERDICT_INSUFFICIENT_DATA;
}

static enum rung_state state_of(const struct judgement *j) {
  if (j->verdict == VERDICT_READY) return RUNG_OPEN;
  const bool is_matter_of_time = j->verdict == VERDICT_INSUFFICIENT_DATA && j->days_to_go;
  return is_matter_of_time || is_held_by_age_alone(j) ? RUNG_WAITS : RUNG_BLOCKED;
}

/* --- rungs -------------------------------------------------------------------------------------------------------- */

static struct rung *add_rung(struct climb *x, enum rung_kind kind, enum policy policy, const struct judgement *j) {
  struct plan *p = x->plan;
  const struct rung *before = p->count ? &p->rungs[p->count - 1] : NULL;
  struct rung *r = &p->rungs[p->count++];
  *r = (struct rung){.kind = kind, .policy = policy, .judgement = j, .way_back = x->record};
  /* What comes before lasts a month, but for np, which changes nothing for the owner's mail. */
  const bool follows = before ? before->kind != RUNG_NP : p->published != POLICY_UNKNOWN;
  if (follows) r->age_days = (int32_t)ceil(x->basis->thresholds->policy_days);
  r->day = later(x->wish->start_day, (before ? before->day : x->today) + r->age_days);
  r->state = r->age_days ? RUNG_WAITS : RUNG_OPEN;
  if (j) {
    const bool is_later = r->age_days > 0;
    count_blockers(r, j);
    enum rung_state state = state_of(j);
    if (state == RUNG_BLOCKED && r->over_day && !r->repairs && !r->answers) state = RUNG_WAITS;
    if (!is_later || state == RUNG_BLOCKED) r->state = state;
    if (!is_later) r->day = later(r->day, x->today + days_to_wait(j));
    r->day = later(r->day, r->over_day);
  }
  const int32_t wanted = r->day;
  r->day = behind_freezes(x->wish, wanted);
  r->is_frozen = r->day != wanted;
  return r;
}

static void publish(struct climb *x, struct rung *r, const struct record_step *step) {
  x->record = r->record = judgement_record(x->h->arena, x->plan->judgement, step);
}

static bool lists_lose_much(const struct judgement *j) {
  const enum gate_state state = j->gates[GATE_FORWARDED].state;
  return state == GATE_WARN || state == GATE_FAIL;
}

/* Of the record as it is published, or as the reports show it. NULL: it is not there. */
static const char *own_tag(const struct judgement *j, const char *tag) {
  if (j->published && published_is_own(j->published)) return dmarc_record_value(&j->published->dmarc, tag);
  return !strcmp(tag, "np") ? j->policy.np : j->policy.sp;
}

/* Under reject it is refused already, or is at once. */
static bool may_refuse_nonexistent(const struct climb *x) {
  const struct judgement *j = x->plan->judgement;
  const bool is_known = j->gates[GATE_DATA_DAYS].state == GATE_PASS && j->gates[GATE_REPORT_AGE].state == GATE_PASS &&
                        j->current != POLICY_UNKNOWN && !j->dissenting.count;
  const bool rejects_soon = j->next == POLICY_REJECT && (j->verdict == VERDICT_READY || j->parked);
  /* The records of names below another name of the zone are those of the organizational domain (RFC 9989 4.10). */
  const bool is_organizational = domain_organizational(x->h->domain) == x->h->domain;
  const bool is_tested_first = j->current == POLICY_NONE && lists_lose_much(j); /* t=y would take it back */
  return is_known && is_organizational && !is_tested_first && j->in_force && !j->wants_rua && !j->below &&
         !rejects_soon && policy_of(own_tag(j, "np")) != POLICY_REJECT && !names_below_send(x->h);
}

static void climb_np(struct climb *x) {
  struct rung *r = add_rung(x, RUNG_NP, x->plan->judgement->current, NULL);
  publish(x, r, &(struct record_step){.p = r->policy, .np = policy_word(POLICY_REJECT)});
}

/* The same mail under a policy that is not published yet. */
static const struct judgement *judge_under(const struct climb *x, enum policy p) {
  const struct judgement *now = x->plan->judgement;
  const struct published_policy assumed = {.p = p, .sp = p, .is_assumed = true};
  struct judgement *then = arena_alloc(x->h->arena, sizeof *then);
  judge_robustly(x->h, x->basis->labels, x->basis->thresholds, x->basis->as_of_s, &assumed, then);
  then->published = now->published;
  return then;
}

/* What the rung of np has brought stays; under p=reject it follows, unless a weaker sp or np is in between. */
static const char *np_of(const struct climb *x, enum policy p) {
  const struct judgement *j = x->plan->judgement;
  const bool was_set = x->plan->count && x->plan->rungs[0].kind == RUNG_NP;
  const bool follows = p == POLICY_REJECT && policy_of(own_tag(j, "sp")) == POLICY_UNKNOWN &&
                       policy_of(own_tag(j, "np")) == POLICY_UNKNOWN;
  return was_set && !follows ? policy_word(POLICY_REJECT) : NULL;
}

/* t=y lowers sp and np as well: a test must not take back what is in force. */
static bool has_more_in_force(const struct climb *x) {
  const struct judgement *j = x->plan->judgement;
  return policy_of(own_tag(j, "sp")) > POLICY_NONE || policy_of(own_tag(j, "np")) > POLICY_NONE;
}

static void climb_to(struct climb *x, enum policy p, const struct judgement *j) {
  const char *np = np_of(x, p);
  const bool is_tested = p == POLICY_QUARANTINE && lists_lose_much(j) && !has_more_in_force(x);
  if (is_tested) {
    struct rung *r = add_rung(x, RUNG_TESTING, p, j);
    publish(x, r, &(struct record_step){.p = p, .np = np, .testing = true});
  }
  struct rung *r = add_rung(x, RUNG_POLICY, p, is_tested ? NULL : j); /* what is in its way was in that of the test */
  publish(x, r, &(struct record_step){.p = p, .np = np});
}

static bool is_at(const struct plan *p, enum policy policy) { return policy >= p->target; }

/* What is unfinished comes first, whatever the target is; today's judgement is on it then. */
static void climb_first(struct climb *x, const struct judgement *j) {
  if (j->wants_rua) {
    struct rung *r = add_rung(x, RUNG_REPORTS, j->current, NULL);
    publish(x, r, &(struct record_step){.p = j->current, .testing = !j->in_force});
  }
  if (!j->in_force && j->current > POLICY_NONE && !is_at(x->plan, judgement_policy_left(j))) {
    struct rung *r = add_rung(x, RUNG_IN_FORCE, j->current, j);
    publish(x, r, &(struct record_step){.p = j->current});
  } else if (!j->wants_rua) {
    climb_to(x, j->next, j);
  }
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

static enum policy target_of(struct climb *x) {
  const struct judgement *j = x->plan->judgement;
  if (x->wish->target != POLICY_UNKNOWN) return x->wish->target;
  if (j->target != POLICY_UNKNOWN) return j->target;
  x->plan->lists_choose = judgement_policy_left(j) < POLICY_REJECT && lists_lose_much(j);
  return x->plan->lists_choose ? POLICY_QUARANTINE : POLICY_REJECT;
}

/* A record that is stronger than what the reports show is newer than they are: nothing weaker is planned. */
static enum policy published_since(const struct judgement *j) {
  const struct published *p = j->published;
  if (!p || !published_is_own(p) || dmarc_record_is_testing(&p->dmarc) || dmarc_record_is_sampled(&p->dmarc))
    return POLICY_UNKNOWN;
  const enum policy published = dmarc_record_policy(&p->dmarc, "p");
  return published > j->current ? published : POLICY_UNKNOWN;
}

static void climb(struct climb *x) {
  struct plan *p = x->plan;
  const struct judgement *j = p->judgement;
  p->target = target_of(x);
  p->published = published_since(j);
  x->record = judgement_record_now(x->h->arena, j);
  enum policy at = p->published;
  if (at == POLICY_UNKNOWN) {
    if (j->next == POLICY_UNKNOWN || (is_at(p, judgement_policy_left(j)) && !j->wants_rua)) return;
    if (may_refuse_nonexistent(x)) climb_np(x);
    climb_first(x, j);
    at = p->rungs[p->count - 1].policy;
  }
  while (p->count < MOST_RUNGS && !is_at(p, at)) {
    const struct judgement *then = judge_under(x, at);
    if (then->next == POLICY_UNKNOWN || then->next > p->target) break;
    climb_to(x, then->next, then);
    at = then->next;
  }
}

void plan_for(const struct judgement_basis *basis, const struct plan_wish *wish, struct history *h,
              const struct judgement *j, struct plan *ret) {
  *ret = (struct plan){.judgement = j};
  struct climb x = {.h = h, .basis = basis, .wish = wish, .plan = ret, .today = utc_day_of(basis->as_of_s)};
  climb(&x);
}

struct planning {
  const struct inquiry *q;
  const struct plan_wish *wish;
  plan_fn *fn;
  void *user;
};

static int on_domain(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct planning *planning = user;
  struct plan p;
  plan_for(planning->q->basis, planning->wish, h, j, &p);
  return planning->fn(planning->user, &p, e);
}

int plan_each(const struct inquiry *q, const struct plan_wish *wish, plan_fn *fn, void *user, struct err *e) {
  struct planning x = {q, wish, fn, user};
  return judge_each_parting(q, on_domain, &x, e);
}
