/* SPDX-License-Identifier: Apache-2.0 */
/* Who reports: how fresh their word is, how many they are, and how much of it is one reporter's. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* --- how fresh ---------------------------------------------------------------------------------------------------- */

struct voice {
  int64_t messages, begin_s, end_s, reports;
  uint32_t reporter;
  /* since it last fell silent: */
  int64_t silent_s; /* the end of its report before; 0: it never did */
  int32_t day;      /* the last one heard */
  unsigned days;    /* heard since */
};

/* A reporter that was silent is back when it was heard on so many days: one report in its name is anybody's. Whether it
 * was silent can be said of one with so many reports before. */
#define DAYS_BACK 3
#define REPORTS_BEFORE 10

struct voices {
  struct voice *items; /* of each reporter, by its number in the history */
  int64_t weight;      /* of all */
  int64_t newest_s;    /* the latest end */
};

/* Between its reports; of one alone it is not known, and taken to be a month. */
static int64_t rhythm_s(const struct judging *g, const struct voice *v) {
  return v->reports > 1 ? (v->end_s - v->begin_s) / (v->reports - 1) : (int64_t)g->t->window_days * UTC_DAY_S;
}

/* Reports come by their begin. */
static void note_silence(const struct judging *g, struct voice *v, const struct seen_report *r) {
  const double limit_s = fmax(g->t->report_age_days, g->t->rhythm_age * g->rhythm_days) * UTC_DAY_S;
  const double silence_s = (double)(r->begin_s - v->end_s);
  if (v->reports >= REPORTS_BEFORE && silence_s > limit_s &&
      silence_s > g->t->silent_rhythms * (double)rhythm_s(g, v)) {
    if (!v->silent_s || v->days >= DAYS_BACK) v->silent_s = v->end_s;
    v->days = 0;
  }
  v->days += !v->days || r->day != v->day;
  v->day = r->day;
}

/* Where a report without mail speaks at all, it has a weight as well: it says that the reporter is there. */
static struct voices hear(const struct judging *g) {
  const struct history *h = g->h;
  struct voices v = {.items = mem_zalloc((h->reporter_count + 1) * sizeof *v.items)};
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    struct voice *from = &v.items[r->reporter];
    if (is_clock_ahead(g, r) || r->day < g->begin_day - (int32_t)g->t->window_days || !has_data(g, r)) continue;
    note_silence(g, from, r);
    from->reporter = r->reporter;
    from->messages += r->messages + 1;
    v.weight += r->messages + 1;
    if (!from->reports++) from->begin_s = r->begin_s;
    if (r->end_s > from->end_s) from->end_s = r->end_s;
    if (r->end_s > v.newest_s) v.newest_s = r->end_s;
  }
  for (uint32_t i = 0; i < h->reporter_count; i++)
    if (v.items[i].silent_s && v.items[i].days < DAYS_BACK) v.items[i].end_s = v.items[i].silent_s;
  return v;
}

/* One that hears of the domain now and then is not silent before it has missed its own rhythm often enough. */
static bool is_silent(const struct judging *g, const struct voice *v) {
  return (double)(g->as_of_s - v->end_s) > g->t->silent_rhythms * (double)rhythm_s(g, v);
}

static int by_end(const void *a, const void *b) {
  int64_t x = ((const struct voice *)a)->end_s, y = ((const struct voice *)b)->end_s;
  return x < y ? 1 : x > y ? -1 : 0;
}

double report_age_days(const struct judging *g) {
  uint32_t count = g->h->reporter_count;
  struct voices v = hear(g);
  for (uint32_t i = 0; i < count; i++)
    if (!is_silent(g, &v.items[i])) v.items[i].end_s = v.newest_s;
  qsort(v.items, count, sizeof *v.items, by_end);
  int64_t end_s = 0, heard = 0;
  for (uint32_t i = 0; i < count && heard * 2 < v.weight; i++) {
    heard += v.items[i].messages;
    end_s = v.items[i].end_s;
  }
  free(v.items);
  return (double)(g->as_of_s - end_s) / UTC_DAY_S;
}

static int by_messages(const void *a, const void *b) {
  int64_t x = ((const struct voice *)a)->messages, y = ((const struct voice *)b)->messages;
  return x < y ? 1 : x > y ? -1 : 0;
}

void find_silent_reporters(const struct judging *g, struct silent_reporters *ret) {
  uint32_t count = g->h->reporter_count;
  struct voices v = hear(g);
  qsort(v.items, count, sizeof *v.items, by_messages);
  for (uint32_t i = 0; i < count; i++) {
    const struct voice *from = &v.items[i];
    if (!from->reports || (double)(g->as_of_s - from->end_s) <= g->j->gates[GATE_REPORT_AGE].limit * UTC_DAY_S)
      continue;
    if (ret->count == MOST_SILENT) {
      ret->left_out++;
      continue;
    }
    ret->items[ret->count].name = g->h->reporters ? g->h->reporters[from->reporter] : "";
    ret->items[ret->count].last_s = from->end_s;
    ret->items[ret->count++].messages = from->messages - from->reports;
  }
  free(v.items);
}

/* --- how far they can be believed ---------------------------------------------------------------------------------- */

static void insert_contradicting(struct contradicting_reporters *list, const char *name, int64_t contradicted,
                                 int64_t messages) {
  unsigned at = list->count < MOST_CONTRADICTING ? list->count++ : MOST_CONTRADICTING;
  for (; at > 0 && list->items[at - 1].contradicted < contradicted; at--)
    if (at < MOST_CONTRADICTING) list->items[at] = list->items[at - 1];
  if (at == MOST_CONTRADICTING) return;
  list->items[at].name = name;
  list->items[at].contradicted = contradicted;
  list->items[at].messages = messages;
}

void find_contradicting_reporters(const struct judging *g, struct contradicting_reporters *ret) {
  const struct history *h = g->h;
  if (!h->contradicted) return;
  _cleanup_free_ int64_t *messages = mem_zalloc((h->reporter_count + 1) * sizeof *messages);
  for (uint32_t i = 0; i < h->report_count; i++) messages[h->reports[i].reporter] += h->reports[i].messages;
  for (uint32_t i = 0; i < h->reporter_count; i++)
    if (h->contradicted[i] > 0 && share(h->contradicted[i], messages[i]) >= g->t->contradicted_share)
      insert_contradicting(ret, h->reporters ? h->reporters[i] : "", h->contradicted[i], messages[i]);
}

/* --- how many ----------------------------------------------------------------------------------------------------- */

struct heard heard_in_window(const struct judging *g) {
  const struct history *h = g->h;
  _cleanup_free_ int64_t *messages = mem_zalloc(h->reporter_count * sizeof *messages);
  _cleanup_free_ bool *seen = mem_zalloc(h->reporter_count), *ever = mem_zalloc(h->reporter_count);
  struct heard heard = {0};
  int64_t total = 0, most = 0;
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (!has_data(g, r)) continue;
    heard.ever += !ever[r->reporter];
    ever[r->reporter] = true;
    if (r->day < g->begin_day || r->day > g->end_day) continue;
    heard.reporters += !seen[r->reporter];
    seen[r->reporter] = true;
    messages[r->reporter] += r->messages;
    total += r->messages;
    if (messages[r->reporter] > most) most = messages[r->reporter];
  }
  heard.top_share = share(most, total);
  return heard;
}
