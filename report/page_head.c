/* SPDX-License-Identifier: Apache-2.0 */
/* Draws a plan as the stations of a way, and takes what blocks it for what is to be done. */
#include "report/page_head.h"

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/judgement_sections.h"
#include "report/plan_words.h"
#include "report/sections.h"

/* --- the way ------------------------------------------------------------------------------------------------------ */

/* Policies that lie behind, the one there is, the records to come, and what is not on the way. */
#define MOST_STEPS (POLICY_REJECT + 1 + MOST_RUNGS + 1)

struct way {
  struct arena *arena;
  struct document_step steps[MOST_STEPS];
  unsigned count;
};

static const char *kept(struct way *w, const struct strbuf *text) {
  return text->length ? arena_strdup(w->arena, strbuf_text(text)) : NULL;
}

static void add_step(struct way *w, enum document_step_state state, const struct strbuf *title,
                     const struct strbuf *day, const struct strbuf *note) {
  w->steps[w->count++] = (struct document_step){state, kept(w, title), kept(w, day), kept(w, note)};
}

static void add_policy(struct way *w, enum document_step_state state, enum policy policy, const char *day,
                       const char *note) {
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
  strbuf_printf(&title, "p=%s", policy_word(policy));
  w->steps[w->count++] = (struct document_step){state, kept(w, &title), day, note};
}

static void add_present(struct way *w, const struct plan *p) {
  const struct judgement *j = p->judgement;
  const enum policy now = p->published != POLICY_UNKNOWN ? p->published : j->current;
  char day[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf since = STRBUF_INIT;
  for (enum policy behind = POLICY_NONE; behind < now; behind++) add_policy(w, STEP_DONE, behind, NULL, NULL);
  if (now == POLICY_UNKNOWN) return;
  if (p->published != POLICY_UNKNOWN)
    strbuf_add_text(&since, "published, and not in the reports yet");
  else
    strbuf_printf(&since, "since %s", utc_format_day(j->policy_since_s, day));
  const bool is_partial = p->published == POLICY_UNKNOWN && !j->in_force && now > POLICY_NONE;
  add_policy(w, STEP_HERE, now, kept(w, &since), is_partial ? "not fully in force: t=y or pct below 100" : NULL);
}

static void add_rung(struct way *w, const struct plan *p, unsigned rung) {
  static const enum document_step_state STATES[] = {
      [RUNG_OPEN] = STEP_OPEN, [RUNG_WAITS] = STEP_WAITS, [RUNG_BLOCKED] = STEP_BLOCKED};
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, day = STRBUF_INIT, note = STRBUF_INIT;
  plan_tell_step(&p->rungs[rung], &title);
  plan_tell_day(p, rung, &day);
  plan_tell_needs(p, rung, &note);
  add_step(w, STATES[p->rungs[rung].state], &title, &day, &note);
}

static void write_way(struct document *d, const struct plan *p) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct way w = {.arena = arena};
  add_present(&w, p);
  for (unsigned i = 0; i < p->count; i++) add_rung(&w, p, i);
  if (p->lists_choose)
    add_policy(&w, STEP_OFF, POLICY_REJECT, NULL, "lists and forwarders break more of your mail than it allows");
  else if (p->judgement->target != POLICY_UNKNOWN && p->judgement->target < POLICY_REJECT)
    add_policy(&w, STEP_OFF, POLICY_REJECT, NULL, "the configuration has another target");
  if (w.count) d->path(d, w.steps, w.count);
}

/* --- what to do --------------------------------------------------------------------------------------------------- */

/* What stops the step, what fails without stopping it, what only the owner knows. */
struct task_list {
  const struct findings *findings;
  const char *word;
};
#define TASK_LISTS 3
static struct task_list task_list(const struct judgement *j, unsigned n) {
  const struct task_list lists[TASK_LISTS] = {
      {&j->blockers, "Repair"}, {&j->own_failing, "Repair"}, {&j->questions, "To do"}};
  return lists[n];
}

/* The record is the first thing to do. */
static unsigned free_places(const struct judgement *j) {
  return j->verdict == VERDICT_READY && j->next_record ? PAGE_HEAD_TASKS - 1 : PAGE_HEAD_TASKS;
}

unsigned page_head_taken(const struct judgement *j, const struct findings *list) {
  unsigned left = free_places(j);
  for (unsigned i = 0; i < TASK_LISTS; i++) {
    const struct findings *of = task_list(j, i).findings;
    const unsigned taken = of->count < left ? of->count : left;
    if (of == list) return taken;
    left -= taken;
  }
  return 0;
}

/* "reporters in the window: 1 reporter, at least 3 reporters" */
static void write_failing_gates(struct document *d, const struct judgement *j) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_point points[GATES];
  unsigned count = 0;
  for (int i = 0; i < GATES; i++) {
    _cleanup_strbuf_ struct strbuf figure = STRBUF_INIT, limit = STRBUF_INIT, text = STRBUF_INIT;
    if (j->gates[i].state != GATE_FAIL) continue;
    gate_tell(&j->gates[i], &figure, &limit);
    strbuf_printf(&text, "%s: %s, %s", j->gates[i].title, strbuf_text(&figure), strbuf_text(&limit));
    points[count++] = (struct document_point){TONE_PLAIN, arena_strdup(arena, strbuf_text(&text))};
  }
  if (count) d->points(d, points, count);
}

/* Nothing of it blocks: then it is time, or reports, that are wanted. */
static void write_missing(struct document *d, const struct judgement *j) {
  if (j->verdict == VERDICT_AT_TARGET) {
    d->text(d, "Nothing for the step: the policy is where it is to be.");
  } else if (j->verdict != VERDICT_READY && !j->blockers.count) {
    d->text(d, "Nothing to repair for the step. What is missing, and what there must be:");
    write_failing_gates(d, j);
  }
}

static void write_tasks(struct document *d, const struct judgement *j, const char *prefix) {
  _cleanup_strbuf_ struct strbuf id = STRBUF_INIT;
  strbuf_printf(&id, "%stasks", prefix);
  d->heading(d, 2, strbuf_text(&id), "What to do");
  if (free_places(j) < PAGE_HEAD_TASKS) section_next_record(d, j);
  write_missing(d, j);
  for (unsigned i = 0; i < TASK_LISTS; i++) {
    const struct task_list list = task_list(j, i);
    const unsigned taken = page_head_taken(j, list.findings);
    if (taken) section_tasks(d, j, list.findings, taken, list.word);
  }
}

void page_head_write(struct document *d, const struct plan *p, const char *prefix) {
  section_answer(d, p->judgement);
  write_way(d, p);
  write_tasks(d, p->judgement, prefix);
}
