/* SPDX-License-Identifier: Apache-2.0 */
/* history: the days on which the policy, the verdict or what was decided changed, and those on which began what is
 * found now: one row an event. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/effect_words.h"
#include "report/finding_list.h"
#include "report/history.h"
#include "report/late_table.h"
#include "report/plan_words.h"
#include "report/question.h"

/* --- a row an event ----------------------------------------------------------------------------------------------- */

/* clang-format off */
enum { DOMAIN, DAY, WHAT, BEFORE, AFTER, TEXT, OWN, OWN_RATE, UNDECIDED, WHO, NOTE, RECORD, FORMER, ID, COLUMNS_OF_HISTORY };
static const struct column COLUMNS[COLUMNS_OF_HISTORY] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [WHAT] = {"what", NULL, COLUMN_TEXT, 0},
    [BEFORE] = {"before", NULL, COLUMN_TEXT, COLUMN_DATA},
    [AFTER] = {"after", "now", COLUMN_TEXT, 0},
    [TEXT] = {"text", "because", COLUMN_TEXT, COLUMN_WRAP},
    [OWN] = {"own_messages", "own mail", COLUMN_COUNT, COLUMN_DETAIL},
    [OWN_RATE] = {"own_pass_rate", "passes", COLUMN_SHARE, COLUMN_DETAIL | COLUMN_GOOD},
    [UNDECIDED] = {"undecided", NULL, COLUMN_COUNT, COLUMN_DATA},
    [WHO] = {"who", NULL, COLUMN_TEXT, COLUMN_DATA},
    [NOTE] = {"note", NULL, COLUMN_TEXT, COLUMN_DATA},
    [RECORD] = {"record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FORMER] = {"former_record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ID] = {"finding", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.history", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, COLUMNS_OF_HISTORY};

struct history_rows {
  struct late_table table;
  struct finding_list findings;
  const struct listed_finding **sorted; /* those that are events, by domain and day */
  unsigned sorted_count;
};

static void add_figures(struct cell *cells, int64_t own, int64_t passed, int64_t undecided) {
  cells[OWN] = cell_count(own);
  cells[OWN_RATE] = cell_share((double)passed, (double)own);
  cells[UNDECIDED] = cell_count(undecided);
}

/* "READY for p=reject" */
static void tell_verdict(const struct timeline_judgement *j, struct strbuf *out) {
  strbuf_add_text(out, verdict_word(j->verdict));
  if (j->next != POLICY_UNKNOWN) strbuf_printf(out, " for p=%s", policy_word(j->next));
}

static void tell_judged(const struct timeline_event *event, const struct timeline_judgement *j, struct strbuf *out) {
  if (event->kind == TIMELINE_POLICY)
    policy_tell(&j->policy, out);
  else
    tell_verdict(j, out);
}

void history_tell(const struct timeline_event *event, struct strbuf *out) {
  tell_judged(event, &event->after, out);
  if (event->is_first) return;
  strbuf_add_text(out, ", was ");
  tell_judged(event, &event->before, out);
}

static int push_event(struct table_sink *sink, const char *domain, const struct timeline_event *event, struct err *e) {
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT, text = STRBUF_INIT;
  struct cell cells[COLUMNS_OF_HISTORY] = {
      [DOMAIN] = cell_text(domain), [DAY] = cell_day(event->day), [WHAT] = cell_text(timeline_kind_word(event->kind))};
  const struct taken_step *t = event->taken;
  if (t) {
    plan_tell_taken(t, &text);
    cells[AFTER] = cell_text(t->step);
    cells[WHO] = cell_text(t->who);
    cells[NOTE] = cell_text(t->note);
    cells[RECORD] = cell_text(t->record);
    cells[FORMER] = cell_text(t->former_record);
    add_figures(cells, t->own_messages, t->own_passed, t->undecided);
  } else {
    tell_judged(event, &event->after, &after);
    cells[AFTER] = cell_text(strbuf_text(&after));
    if (!event->is_first) {
      tell_judged(event, &event->before, &before);
      cells[BEFORE] = cell_text(strbuf_text(&before));
    }
    if (event->kind == TIMELINE_VERDICT) strbuf_add_text(&text, event->after.reason);
    add_figures(cells, event->after.own_messages, event->after.own_passed, event->after.undecided);
  }
  if (text.length) cells[TEXT] = cell_text(strbuf_text(&text));
  return sink->row(sink, cells, e);
}

static int push_finding(struct table_sink *sink, const struct listed_finding *f, struct err *e) {
  const struct cell cells[COLUMNS_OF_HISTORY] = {[DOMAIN] = cell_text(f->concern.domain),
                                                 [DAY] = cell_day(f->concern.first_day),
                                                 [WHAT] = cell_text("finding"),
                                                 [AFTER] = cell_text(f->title),
                                                 [TEXT] = cell_text(f->text),
                                                 [ID] = cell_text(f->id)};
  return sink->row(sink, cells, e);
}

bool history_has(const struct concern *c) {
  return c->state != CONCERN_GONE && c->kind != CONCERN_POLICY_CHANGED && c->kind != CONCERN_VERDICT_CHANGED;
}

/* By domain and day; those of one day as they stand in the list. */
static int by_domain_and_day(const void *left, const void *right) {
  const struct listed_finding *a = *(const struct listed_finding *const *)left;
  const struct listed_finding *b = *(const struct listed_finding *const *)right;
  const int order = strcmp(a->concern.domain, b->concern.domain);
  if (order) return order;
  if (a->concern.first_day != b->concern.first_day) return a->concern.first_day < b->concern.first_day ? -1 : 1;
  return (a > b) - (a < b);
}

static void sort_findings(struct history_rows *r) {
  r->sorted = mem_alloc((r->findings.count + 1) * sizeof *r->sorted);
  for (unsigned i = 0; i < r->findings.count; i++)
    if (history_has(&r->findings.items[i].concern)) r->sorted[r->sorted_count++] = &r->findings.items[i];
  if (r->sorted_count) qsort(r->sorted, r->sorted_count, sizeof *r->sorted, by_domain_and_day);
}

/* The place of the first finding of the domain, or of one behind it. */
static unsigned first_of(const struct history_rows *r, const char *domain) {
  unsigned from = 0, to = r->sorted_count;
  while (from < to) {
    const unsigned middle = from + (to - from) / 2;
    if (strcmp(r->sorted[middle]->concern.domain, domain) < 0)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

/* The events of a domain with its findings among them, each before the events that come behind it. */
static int push_merged(struct table_sink *sink, const struct timeline *t, const struct listed_finding *const *findings,
                       unsigned count, struct err *e) {
  unsigned next = 0;
  int code = 0;
  for (uint32_t i = 0; i <= t->count && !code; i++) {
    const struct timeline_event *event = i < t->count ? &t->events[i] : NULL;
    while (!code && next < count && (!event || findings[next]->concern.first_day < event->day))
      code = push_finding(sink, findings[next++], e);
    if (!code && event) code = push_event(sink, t->domain, event, e);
  }
  return code;
}

static int push_domain(void *user, const struct timeline *t, struct err *e) {
  struct history_rows *r = user;
  const unsigned first = first_of(r, t->domain);
  unsigned end = first;
  while (end < r->sorted_count && !strcmp(r->sorted[end]->concern.domain, t->domain)) end++;
  int code = late_table_begin(&r->table, e);
  return code < 0 ? code : push_merged(r->table.sink, t, r->sorted + first, end - first, e);
}

int history_push(const void *of, struct table_sink *sink, struct err *e) {
  const struct told_history *told = of;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = push_merged(sink, told->timeline, told->findings, told->finding_count, e);
  return code < 0 ? code : sink->end(sink, e);
}

int question_history(const struct question *q, struct table_sink *sink, struct err *e) {
  struct history_rows r = {.table = {sink, &TABLE, false}};
  int code = finding_list_gather(&q->of, q->acknowledgements, &r.findings, e);
  if (!code) {
    sort_findings(&r);
    code = late_table_end(&r.table, timeline_each(&q->of, q->taken, push_domain, &r, e), e);
  }
  free(r.sorted);
  finding_list_clear(&r.findings);
  return code;
}
