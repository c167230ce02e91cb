/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan_words.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"

#define SENDERS_NAMED 3 /* in a sentence; 'readiness' has them all */

void plan_tell_step(const struct rung *r, struct strbuf *out) {
  static const char *const SUFFIXES[RUNG_KINDS] = {
      [RUNG_REPORTS] = " with a rua",
      [RUNG_IN_FORCE] = " in force for all mail",
      [RUNG_NP] = NULL,
      [RUNG_TESTING] = "; t=y",
      [RUNG_POLICY] = "",
  };
  if (r->kind == RUNG_NP)
    strbuf_add_text(out, "np=reject");
  else
    strbuf_printf(out, "p=%s%s", policy_word(r->policy), SUFFIXES[r->kind]);
}

/* It is, if nothing but time has to pass until then. */
static bool is_day_firm(const struct plan *p, unsigned rung) {
  for (unsigned i = 0; i <= rung; i++)
    if (p->rungs[i].state == RUNG_BLOCKED) return false;
  return true;
}

void plan_tell_day(const struct plan *p, unsigned rung, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  strbuf_add_text(out, utc_format_day(utc_from_day(p->rungs[rung].day), day));
  if (!is_day_firm(p, rung)) strbuf_add_text(out, " at the earliest");
}

/* "2 repairs (A, B)" */
static void add_blockers(struct strbuf *out, const struct judgement *j, bool questions, unsigned count) {
  unsigned named = 0;
  figure_count(out, count, questions ? "answer" : "repair");
  strbuf_add_text(out, " (");
  for (unsigned i = 0; i < j->blockers.count && named < SENDERS_NAMED; i++) {
    const struct finding *f = &j->blockers.items[i];
    if ((f->class == CLASS_UNDECIDED) == questions) strbuf_printf(out, "%s%s", named++ ? ", " : "", finding_name(f));
  }
  if (count > named) strbuf_printf(out, " and %u more", count - named);
  strbuf_add_char(out, ')');
}

static void add_part(struct strbuf *out) {
  if (out->length) strbuf_add_text(out, "; ");
}

/* What a rung is for, where its record does not say it. */
static const char *purpose_of(enum rung_kind k) {
  switch (k) {
    case RUNG_REPORTS:
      return "nobody would report what a step does";
    case RUNG_NP:
      return "no mail of yours comes from names below the domain, and what comes from invented ones is refused";
    case RUNG_TESTING:
      return "receivers that know t let all mail through, others quarantine what fails; lists that heed p rewrite "
             "From: already: see what is still lost through them";
    case RUNG_IN_FORCE:
    case RUNG_POLICY:
      break;
  }
  return NULL;
}

static void add_blockers_before(struct strbuf *out, const struct rung *r) {
  if (r->repairs) add_blockers(out, r->judgement, false, r->repairs);
  if (r->repairs && r->answers) strbuf_add_text(out, " and ");
  if (r->answers) add_blockers(out, r->judgement, true, r->answers);
}

static void add_age(struct strbuf *out, const struct plan *p, unsigned rung) {
  figure_count(out, p->rungs[rung].age_days, "day");
  strbuf_add_text(out, " at ");
  if (rung)
    plan_tell_step(&p->rungs[rung - 1], out);
  else
    strbuf_printf(out, "p=%s, which is published and not in the reports yet", policy_word(p->published));
}

void plan_tell_needs(const struct plan *p, unsigned rung, struct strbuf *out) {
  const struct rung *r = &p->rungs[rung];
  if (r->repairs || r->answers) {
    strbuf_add_text(out, "after ");
    add_blockers_before(out, r);
  } else if (r->age_days) {
    strbuf_add_text(out, "after ");
    add_age(out, p, rung);
  } else if (r->state != RUNG_OPEN) {
    strbuf_add_text(out, r->state == RUNG_WAITS ? "a matter of time" : "a gate fails");
  } else if (r->judgement) {
    strbuf_add_text(out, "every gate holds");
  }
}

static void tell_waiting(const struct plan *p, unsigned rung, struct strbuf *out) {
  const struct rung *r = &p->rungs[rung];
  if (r->age_days) {
    add_part(out);
    add_age(out, p, rung);
  }
  if (purpose_of(r->kind)) {
    add_part(out);
    strbuf_add_text(out, purpose_of(r->kind));
  }
  if (r->repairs || r->answers) {
    add_part(out);
    strbuf_add_text(out, "before it ");
    add_blockers_before(out, r);
  } else if (r->judgement && (r->state == RUNG_BLOCKED || (r->state == RUNG_WAITS && !r->age_days))) {
    add_part(out);
    strbuf_add_text(out, r->judgement->reason);
  } else if (r->judgement && r->state == RUNG_OPEN) {
    add_part(out);
    strbuf_add_text(out, "every gate holds");
  }
  if (r->is_frozen) {
    add_part(out);
    strbuf_add_text(out, "moved behind the freeze");
  }
}

const struct taken_step *plan_noted(const struct taken_steps *taken, const struct judgement *j, const char *step) {
  for (uint32_t i = 0; taken && i < taken->count; i++) {
    const struct taken_step *t = &taken->items[i];
    if (!strcmp(t->domain, j->domain) && t->day >= utc_day_of(j->policy_since_s) && !strcmp(t->step, step)) return t;
  }
  return NULL;
}

const struct taken_step *plan_noted_rung(const struct taken_steps *taken, const struct plan *p, unsigned rung) {
  _cleanup_strbuf_ struct strbuf step = STRBUF_INIT;
  plan_tell_step(&p->rungs[rung], &step);
  return plan_noted(taken, p->judgement, strbuf_text(&step));
}

void plan_tell_waiting(const struct plan *p, unsigned rung, const struct taken_step *noted, struct strbuf *out) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (noted) {
    strbuf_printf(out, "Noted as taken on %s; the reports do not show it yet",
                  utc_format_day(utc_from_day(noted->day), day));
    return;
  }
  tell_waiting(p, rung, &text);
  if (!text.length) return;
  strbuf_add_char(out, ascii_upper(text.data[0]));
  strbuf_add_text(out, text.data + 1);
}

void plan_add_record(struct strbuf *out, enum record_form form, const char *domain, const char *record) {
  /* "rua=<keep yours>", or bytes that are shown as numbers. */
  const bool has_gaps = strpbrk(record, "<\\") != NULL;
  record_form_add(out, has_gaps ? RECORD_FOR_PEOPLE : form, domain, record);
}

void plan_tell_taken(const struct taken_step *t, struct strbuf *out) {
  strbuf_printf(out, "%s: %s", t->verdict, t->reason);
  if (t->who) strbuf_printf(out, "; decided by %s", t->who);
  if (t->note) strbuf_printf(out, "; %s", t->note);
}
