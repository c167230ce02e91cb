/* SPDX-License-Identifier: Apache-2.0 */
/* Notes that the first record of a plan was published: with the verdict and the figures of the day, and who decided. */
#include "report/plan_taken.h"

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/plan_words.h"

struct taking {
  const struct plan_taking *t;
  const struct taken_steps *taken;
  int64_t as_of_s;
};

/* What the DNS says was published already, or the first record that the plan would have published on that day and that
 * is not noted. False: there is none. */
static bool find_step(const struct taking *x, const struct plan *p, struct arena *arena, struct strbuf *words,
                      struct taken_step *ret) {
  const struct judgement *j = p->judgement;
  if (p->published != POLICY_UNKNOWN) {
    strbuf_printf(words, "p=%s", policy_word(p->published));
    ret->record = judgement_record_now(arena, j);
    ret->former_record = judgement_record(arena, j, &(struct record_step){.p = j->current});
    return !plan_noted(x->taken, j, strbuf_text(words));
  }
  for (unsigned i = 0; i < p->count && (!i || p->rungs[i].day <= utc_day_of(x->as_of_s)); i++) {
    strbuf_reset(words);
    plan_tell_step(&p->rungs[i], words);
    ret->record = p->rungs[i].record;
    ret->former_record = p->rungs[i].way_back;
    if (!plan_noted(x->taken, j, strbuf_text(words))) return true;
  }
  return false;
}

static int take(void *user, const struct plan *p, struct err *e) {
  struct taking *x = user;
  const struct judgement *j = p->judgement;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_strbuf_ struct strbuf words = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  struct taken_step step = {.domain = j->domain,
                            .day = utc_day_of(x->as_of_s),
                            .verdict = verdict_word(j->verdict),
                            .reason = j->reason,
                            .own_messages = j->own_messages,
                            .own_passed = j->own_passed,
                            .undecided = j->undecided,
                            .who = x->t->who,
                            .note = x->t->note,
                            .made_s = utc_now()};
  if (!find_step(x, p, arena, &words, &step))
    return err_set(e, ERR_NOT_FOUND, "%s: the plan has no step for %s that is not noted as taken", j->domain,
                   utc_format_day(x->as_of_s, day));
  step.step = strbuf_text(&words);
  strbuf_printf(x->t->said, "%s: %s is noted as taken on %s, on %s: %s\n", j->domain, step.step,
                utc_format_day(x->as_of_s, day), step.verdict, step.reason);
  return taken_step_put(x->t->local, &step, e);
}

int plan_take(const struct question *q, const struct plan_taking *t, struct err *e) {
  struct taking x = {.t = t, .taken = q->taken, .as_of_s = q->of.basis->as_of_s};
  return plan_each(&q->of, q->plan, take, &x, e);
}
