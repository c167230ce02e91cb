/* SPDX-License-Identifier: Apache-2.0 */
/* Draws a domain's mail day by day, with what happened to it and to its policy, and sets the figures below. */
#include "report/day_sections.h"

#include <stdlib.h>

#include "analysis/policy_steps.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/page_rows.h"
#include "report/sections.h"
#include "table/chart.h"

static int push_own_days(const void *of, struct table_sink *sink, struct err *e) { return days_push_own(of, sink, e); }

static int push_days(const void *of, struct table_sink *sink, struct err *e) { return days_push_whose(of, sink, e); }

/* What happened to policy, mail and verdict, in the order of time; of more than there is room for, what weighs most. */
#define MOST_EVENTS 9
#define MOST_STEPS 4
#define MOST_VERDICTS 3
struct events {
  struct chart_event items[MOST_EVENTS];
  unsigned count;
  int32_t begin_day;   /* of the drawing */
  struct arena *arena; /* of their texts */
};

/* Takes the text. One mark has all of its day. */
static void add_event(struct events *list, int32_t day, char *text) {
  _cleanup_free_ char *taken = text;
  if (day < list->begin_day) return;
  for (unsigned i = 0; i < list->count; i++) {
    struct chart_event *there = &list->items[i];
    if (there->at_s != utc_from_day(day)) continue;
    _cleanup_free_ char *both = mem_printf("%s; %s", there->text, taken);
    there->text = arena_strdup(list->arena, both);
    return;
  }
  if (list->count == MOST_EVENTS) return;
  list->items[list->count++] = (struct chart_event){utc_from_day(day), arena_strdup(list->arena, taken)};
}

static int by_time(const void *a, const void *b) {
  const int64_t x = ((const struct chart_event *)a)->at_s, y = ((const struct chart_event *)b)->at_s;
  return (x > y) - (x < y);
}

static void add_steps(struct events *list, const struct day_section *p) {
  struct policy_step steps[MOST_STEPS];
  const unsigned count = policy_steps_find(p->h, p->j, list->begin_day, steps, MOST_STEPS);
  for (unsigned i = 0; i < count; i++)
    add_event(list, steps[i].day,
              mem_printf("p=%s becomes p=%s", policy_word(steps[i].from), policy_word(steps[i].to)));
}

static void add_incidents(struct events *list, const struct incidents *incidents) {
  for (unsigned i = 0; i < incidents->count; i++)
    add_event(list, incidents->items[i].begin_day,
              mem_printf("%s: %s", incident_kind_word(incidents->items[i].kind), incidents->items[i].subject));
}

/* Is it an incident, which has its mark? */
static bool is_incident(const struct concern *c) {
  return c->kind == CONCERN_REPLAY || c->kind == CONCERN_SURGE || c->kind == CONCERN_NEW_FROM ||
         c->kind == CONCERN_CEASED;
}

/* What is there since the drawing begins has not begun on that day. */
static void add_findings(struct events *list, const struct domain_past *past) {
  for (unsigned i = 0; i < past->count; i++)
    if (!is_incident(&past->items[i].concern) && past->items[i].concern.first_day > list->begin_day)
      add_event(list, past->items[i].concern.first_day, mem_strdup(past->items[i].title));
}

/* The newest ones. */
static void add_verdicts(struct events *list, const struct timeline *line) {
  unsigned count = 0;
  for (uint32_t i = line->count; i-- > 0 && count < MOST_VERDICTS;) {
    const struct timeline_event *event = &line->events[i];
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    if (event->kind != TIMELINE_VERDICT || event->is_first) continue;
    history_tell(event, &text);
    add_event(list, event->day, mem_strdup(strbuf_text(&text)));
    count++;
  }
}

static void find_events(const struct day_section *p, struct events *ret) {
  ret->begin_day = p->mail->day_count ? p->mail->days[0].day : INT32_MAX;
  add_steps(ret, p);
  add_incidents(ret, p->incidents);
  add_verdicts(ret, &p->past->line);
  add_findings(ret, p->past);
  if (ret->count) qsort(ret->items, ret->count, sizeof *ret->items, by_time);
}

static int draw_days(struct document *d, const struct day_section *p, const char *title, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct events events = {.arena = arena};
  find_events(p, &events);
  const struct chart_options options = {.title = title,
                                        .id = p->id,
                                        .step_s = p->mail->step_s,
                                        .mark_begin_s = p->j->window_begin_s,
                                        .mark_end_s = p->j->window_end_s,
                                        .mark = "Shaded: the days that were judged.",
                                        .events = events.items,
                                        .event_count = events.count};
  struct table_sink *chart = d->chart(d, &options);
  int code = push_days(p->mail, chart, e);
  table_sink_free(chart);
  return code;
}

static int write_day_table(struct document *d, const struct domain_mail *mail, const char *caption, push_rows_fn *push,
                           struct err *e) {
  _cleanup_free_ char *title = mem_printf("%s, as a table", caption);
  const struct page_table table = {.caption = caption};
  if (d->chart) d->details(d, title);
  struct table_sink *rows = d->table(d, &table);
  int code = push(mail, rows, e);
  table_sink_free(rows);
  if (d->chart) d->details(d, NULL);
  return code;
}

static bool has_own_mail(const struct domain_mail *m) {
  for (uint32_t i = 0; i < m->day_count; i++)
    for (int k = 0; k < RECORD_OUTCOMES; k++)
      if (m->days[i].own[k]) return true;
  return false;
}

int section_days(struct document *d, const struct day_section *p, struct err *e) {
  const char *title =
      p->mail->step_s == UTC_WEEK_S ? "Messages a week, by whose they are" : "Messages a day, by whose they are";
  int code = d->chart ? draw_days(d, p, title, e) : 0;
  if (!code && p->mail->has_long_reports)
    d->note(d, "A report of several days is spread over them here; in the verdict it counts on the day in its middle.");
  if (!code) code = write_day_table(d, p->mail, title, push_days, e);
  return code < 0 || !has_own_mail(p->mail)
             ? code
             : write_day_table(d, p->mail, "How your own mail authenticates", push_own_days, e);
}
