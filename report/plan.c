/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: one row a record to be published; as a page the records as tasks; and as a calendar. */
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/judgement_sections.h"
#include "report/late_table.h"
#include "report/pages.h"
#include "report/plan_words.h"

/* --- a row a record ----------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column COLUMNS[] = {
    {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"step", NULL, COLUMN_COUNT, COLUMN_KEY},
    {"day", "not before", COLUMN_DAY, 0},
    {"action", NULL, COLUMN_TEXT, COLUMN_DATA},
    {"policy", NULL, COLUMN_TEXT, COLUMN_DATA},
    {"publish", NULL, COLUMN_TEXT, 0},
    {"state", NULL, COLUMN_TEXT, 0},
    {"repairs", NULL, COLUMN_COUNT, 0},
    {"answers", NULL, COLUMN_COUNT, 0},
    {"waits_for", "waits for", COLUMN_TEXT, COLUMN_DETAIL},
    {"record", NULL, COLUMN_TEXT, COLUMN_DATA},
    {"way_back", NULL, COLUMN_TEXT, COLUMN_DATA},
    {"target", NULL, COLUMN_TEXT, 0},
    {"verdict", NULL, COLUMN_TEXT, COLUMN_DETAIL},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.plan",    1, NULL, "No domain has a record left to publish.", COLUMNS,
                                   ARRAY_SIZE(COLUMNS)};

struct rows {
  struct late_table table;
  const struct taken_steps *taken;
};

static int push_plan(void *user, const struct plan *p, struct err *e) {
  struct rows *x = user;
  struct late_table *t = &x->table;
  int code = late_table_begin(t, e);
  for (unsigned i = 0; i < p->count && !code; i++) {
    const struct rung *r = &p->rungs[i];
    _cleanup_strbuf_ struct strbuf publish = STRBUF_INIT, waits = STRBUF_INIT;
    plan_tell_step(r, &publish);
    plan_tell_waiting(p, i, plan_noted_rung(x->taken, p, i), &waits);
    const struct cell cells[ARRAY_SIZE(COLUMNS)] = {cell_text(p->judgement->domain),
                                                    cell_count(i + 1),
                                                    cell_day(r->day),
                                                    cell_text(rung_kind_word(r->kind)),
                                                    cell_text(policy_word(r->policy)),
                                                    cell_text(strbuf_text(&publish)),
                                                    cell_text(rung_state_word(r->state)),
                                                    cell_count(r->repairs),
                                                    cell_count(r->answers),
                                                    cell_text(strbuf_text(&waits)),
                                                    cell_text(r->record),
                                                    cell_text(r->way_back),
                                                    cell_text(policy_word(p->target)),
                                                    cell_text(verdict_word(p->judgement->verdict))};
    code = t->sink->row(t->sink, cells, e);
  }
  return code;
}

int question_plan(const struct question *q, struct table_sink *sink, struct err *e) {
  struct rows x = {{sink, &TABLE, false}, q->taken};
  return late_table_end(&x.table, plan_each(&q->of, q->plan, push_plan, &x, e), e);
}

/* --- a page ------------------------------------------------------------------------------------------------------- */

struct pages {
  struct document *d;
  const struct question *q;
  unsigned written;
};

static void write_target(struct document *d, const struct plan *p) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const struct judgement *j = p->judgement;
  const enum policy now = p->published != POLICY_UNKNOWN ? p->published : j->current;
  if (!p->count && now == POLICY_UNKNOWN)
    strbuf_printf(&text, "%s: nothing can be planned, no policy is known", j->domain);
  else if (!p->count)
    strbuf_printf(&text, "%s: nothing is left to publish, p=%s is", j->domain, policy_word(now));
  else
    strbuf_printf(&text, "%s: the way to p=%s", j->domain, policy_word(p->target));
  d->headline(d, strbuf_text(&text));
}

static void write_today(struct document *d, const struct plan *p) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const struct judgement *j = p->judgement;
  strbuf_printf(&text, "Today %s", verdict_word(j->verdict));
  if (j->next != POLICY_UNKNOWN) strbuf_printf(&text, " for p=%s", policy_word(j->next));
  strbuf_printf(&text, ": %s.", j->reason);
  if (p->lists_choose)
    strbuf_add_text(&text,
                    " Lists and forwarders break more of your mail than p=reject allows: a domain whose users post to "
                    "lists should stay at quarantine (RFC 9989 7.4). '--target reject' plans the whole way.");
  if (j->alone)
    strbuf_add_text(&text,
                    " The domain alone, without its subdomains, is ready: 'dmarcctl readiness' has that record.");
  if (j->below) strbuf_add_text(&text, " Subdomains have a policy of their own (sp), which this plan leaves as it is.");
  d->text(d, strbuf_text(&text));
}

static void write_tasks(struct document *d, const struct plan *p, const struct question *q) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct document_task tasks[MOST_RUNGS];
  for (unsigned i = 0; i < p->count; i++) {
    const struct rung *r = &p->rungs[i];
    _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, text = STRBUF_INIT, record = STRBUF_INIT, back = STRBUF_INIT;
    const struct taken_step *noted = plan_noted_rung(q->taken, p, i);
    if (!noted) plan_tell_day(p, i, &title);
    strbuf_add_text(&title, noted ? "Taken: " : ": publish ");
    plan_tell_step(r, &title);
    plan_tell_waiting(p, i, noted, &text);
    plan_add_record(&record, q->record_form, p->judgement->domain, r->record);
    plan_add_record(&back, q->record_form, p->judgement->domain, r->way_back);
    tasks[i] = (struct document_task){
        .title = arena_strdup(arena, strbuf_text(&title)),
        .text = arena_strdup(arena, strbuf_text(&text)),
        .record = arena_strdup(arena, strbuf_text(&record)),
        .way_back = arena_strdup(arena, strbuf_text(&back)),
        .is_done = noted != NULL,
    };
  }
  d->heading(d, 2, NULL, NULL);
  d->tasks(d, tasks, p->count);
}

/* "2026-09-01: p=quarantine, on READY: every gate holds; decided by anna: change 4711" */
static void write_taken(struct document *d, const struct taken_steps *taken, const char *domain) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  const uint32_t most = taken ? taken->count : 0;
  _cleanup_free_ struct document_point *points = mem_alloc((most + 1) * sizeof *points);
  unsigned count = 0;
  char day[UTC_TEXT_BYTES];
  for (uint32_t i = 0; i < most; i++) {
    const struct taken_step *t = &taken->items[i];
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    if (strcmp(t->domain, domain) != 0) continue;
    strbuf_printf(&text, "%s: %s, on ", utc_format_day(utc_from_day(t->day), day), t->step);
    plan_tell_taken(t, &text);
    points[count++] = (struct document_point){TONE_PLAIN, arena_strdup(arena, strbuf_text(&text))};
  }
  if (!count) return;
  d->heading(d, 3, NULL, "Taken so far");
  d->points(d, points, count);
}

static int write_page(void *user, const struct plan *p, struct err *e) {
  (void)e;
  struct pages *x = user;
  if (x->written++) x->d->heading(x->d, 2, NULL, NULL);
  write_target(x->d, p);
  write_today(x->d, p);
  write_taken(x->d, x->q->taken, p->judgement->domain);
  if (p->count) write_tasks(x->d, p, x->q);
  if (!judgement_wants_spf(p->judgement)) return 0;
  x->d->heading(x->d, 2, NULL, NULL);
  section_spf_record(x->d, p->judgement);
  return 0;
}

int plan_pages(const struct question *q, struct document *d, struct err *e) {
  struct pages x = {.d = d, .q = q};
  return plan_each(&q->of, q->plan, write_page, &x, e);
}
