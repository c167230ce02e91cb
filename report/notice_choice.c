/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings a section of the configuration is to hear of. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/notice_course.h"

const char *notice_every_word(enum notice_every e) {
  static const char *const WORDS[] = {"event", "day", "week"};
  return WORDS[e];
}

/* --- what it wants ------------------------------------------------------------------------------------------------ */

static bool wants_domain(const struct notice_wish *w, const char *domain) {
  return !w->domains || domain_set_covers(w->domains, domain);
}

/* Of what it hears that it is over it was told when it was graver. */
bool notice_wants(const struct notice_wish *w, const struct concern *c) {
  if (w->kinds && !(w->kinds & 1u << c->kind)) return false;
  if (c->state != CONCERN_GONE && c->severity > w->severity) return false;
  if (c->kind == CONCERN_NOTIFY_FAILING && !strcmp(c->subject, w->section)) return false;
  return *c->domain ? wants_domain(w, c->domain) : !w->domains;
}

/* --- when --------------------------------------------------------------------------------------------------------- */

static int32_t period_of(enum notice_every every, int64_t as_of_s) {
  if (every == NOTICE_EVENT) return INT32_MIN;
  return utc_day_of(every == NOTICE_WEEK ? utc_week_begin(as_of_s) : as_of_s);
}

/* One that lies far ahead was told of by a clock that was wrong. */
static bool has_begun(int32_t period_day, int32_t last) {
  return period_day > last || (last != INT32_MIN && (int64_t)last - period_day > TELLING_DAYS);
}

bool notice_asks(const struct notice_wish *w, const struct notice_progress *progress, int64_t as_of_s) {
  return w->every == NOTICE_EVENT || has_begun(period_of(w->every, as_of_s), progress->period_day);
}

/* The day of the last look may have got reports since, and is asked about once more, as are all behind it. */
static void set_days(struct notice *n, int64_t looked_s) {
  const int32_t today = utc_day_of(n->as_of_s);
  n->since_day = today;
  if (looked_s == FEEDBACK_TIME_UNKNOWN || looked_s >= n->as_of_s) return;
  const int32_t day = utc_day_of(looked_s);
  n->since_day = day + (looked_s >= utc_from_day(day + 1) - 1);
  if (n->since_day > today) n->since_day = today;
  if (today - n->since_day <= TELLING_DAYS) return;
  n->unasked_days = today - TELLING_DAYS - n->since_day;
  n->since_day = today - TELLING_DAYS;
}

/* A message that was withdrawn took the section back: what was missed since is asked about once more, and counts then.
 */
static int32_t missed_until(const struct told *t, int64_t looked_s) {
  const int32_t days = looked_s == FEEDBACK_TIME_UNKNOWN ? 0 : utc_day_of(looked_s) - t->seen_day;
  return days < 0 ? 0 : t->missed_days < days ? t->missed_days : days;
}

void notice_begin(const struct notice_wish *w, const struct notice_past *past, int64_t as_of_s, struct notice *ret) {
  *ret = (struct notice){.wish = w,
                         .past = past,
                         .as_of_s = as_of_s,
                         .period_day = period_of(w->every, as_of_s),
                         .asks = notice_asks(w, &past->progress, as_of_s),
                         .arena = arena_new(4096)};
  hashmap_init(&ret->course, sizeof(struct followed));
  set_days(ret, past->progress.looked_s);
  for (uint32_t i = 0; i < past->told.count; i++) {
    const struct told *t = hashmap_value_at(&past->told, i);
    const void *finding = hashmap_key_at(&past->told, i, NULL);
    struct followed *f = hashmap_put(&ret->course, finding, IDENTITY_BYTES, NULL);
    *f = (struct followed){.before = t, .told = *t, .is_told = true, .was_known = t->is_acknowledged};
    f->told.missed_days = missed_until(t, past->progress.looked_s);
  }
}

void notice_look(struct notice *n, const struct notice_day *d) { notice_course_follow(n, d); }

/* --- choosing ----------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void choose_domains(struct notice *n, const struct finding_list *list) {
  n->domains = mem_alloc((list->domains + 1) * sizeof *n->domains);
  for (unsigned i = 0; i < list->domains; i++)
    if (wants_domain(n->wish, list->names[i])) n->domains[n->domain_count++] = list->names[i];
  if (n->domain_count) qsort(n->domains, n->domain_count, sizeof *n->domains, by_name);
}

static bool take_wanted(const void *user, struct concern *c) {
  const bool is_wanted = notice_wants(user, c);
  notice_settle_change(c);
  return is_wanted;
}

static enum telling telling_now(const struct notice *n, const struct concern *c) {
  const struct followed *f = n->course.count ? hashmap_get(&n->course, c->identity.bytes, IDENTITY_BYTES) : NULL;
  return f ? f->what : TELLING_NOTHING;
}

static void choose_findings(struct notice *n, const struct finding_list *list) {
  _cleanup_free_ struct listed_finding *beside = mem_alloc((n->course.count + 1) * sizeof *beside);
  finding_list_narrow(list, take_wanted, n->wish, beside, notice_course_beside(n, beside), &n->list);
  const unsigned count = n->list.count;
  n->changes = mem_alloc((count + 1) * sizeof *n->changes);
  n->open = mem_alloc((count + 1) * sizeof *n->open);
  for (unsigned i = 0; i < count; i++) {
    const struct listed_finding *f = &n->list.items[i];
    const enum telling what = telling_now(n, &f->concern);
    const bool is_due = concern_is_due(f->concern.state), is_told = f->concern.state == CONCERN_TOLD;
    if ((what == TELLING_DUE && (is_due || is_told)) || (what == TELLING_GONE && f->concern.state == CONCERN_GONE))
      n->changes[n->change_count++] = f;
    else if (is_due && n->wish->every != NOTICE_EVENT)
      n->open[n->open_count++] = f;
  }
}

/* The same at several domains is one thing to do. */
static void count_things(struct notice *n) {
  _cleanup_free_ bool *is_counted = mem_zalloc(n->list.count + 1);
  n->due = finding_list_heads(&n->list, finding_list_due(&n->list));
  for (unsigned i = 0; i < n->change_count; i++) {
    const enum concern_state state = n->changes[i]->concern.state;
    if (state == CONCERN_GONE || is_counted[n->changes[i]->head]) continue;
    is_counted[n->changes[i]->head] = true;
    n->news += state != CONCERN_TOLD;
    n->told += state == CONCERN_TOLD;
  }
}

void notice_choose(struct notice *n, const struct notice_day *today) {
  notice_course_follow(n, today);
  notice_course_end(n);
  n->left_out = n->wish->domains ? 0 : today->list->left_out;
  choose_domains(n, today->list);
  choose_findings(n, today->list);
  count_things(n);
  n->is_due = n->wish->every == NOTICE_EVENT ? n->change_count > 0 : n->asks;
}

void notice_clear(struct notice *n) {
  finding_list_clear(&n->list);
  hashmap_clear(&n->course);
  arena_free(n->arena);
  free(n->changes);
  free(n->open);
  free(n->domains);
  *n = (struct notice){0};
}

/* --- remembering -------------------------------------------------------------------------------------------------- */

static int remember(const struct notice *n, const struct identity *finding, const struct followed *f,
                    int64_t message_id, struct local *l, struct err *e) {
  struct told kept = f->told;
  if (!f->is_told || !f->is_changed) return 0;
  if (f->what != TELLING_NOTHING) {
    kept.told_s = n->as_of_s;
    kept.message_id = message_id;
  }
  return told_put(l, n->wish->section, finding, &kept, e);
}

/* Where the clock was set back the days that it comes to once more are told of already; unless it was wrong before. */
static int64_t looked_until(const struct notice *n) {
  const int64_t looked_s = n->past->progress.looked_s;
  const bool is_ahead = looked_s > n->as_of_s && looked_s - n->as_of_s <= (int64_t)TELLING_DAYS * UTC_DAY_S;
  return looked_s != FEEDBACK_TIME_UNKNOWN && is_ahead ? looked_s : n->as_of_s;
}

int notice_remember(const struct notice *n, int64_t message_id, struct local *l, struct err *e) {
  const bool has_period = n->period_day != INT32_MIN;
  const struct notice_progress progress = {looked_until(n), has_period ? n->period_day : n->past->progress.period_day};
  int code = notice_way_set_progress(l, n->wish->section, &progress, e);
  for (uint32_t i = 0; i < n->course.count && !code; i++) {
    struct identity finding;
    memcpy(finding.bytes, hashmap_key_at(&n->course, i, NULL), IDENTITY_BYTES);
    code = remember(n, &finding, hashmap_value_at(&n->course, i), message_id, l, e);
  }
  return code;
}
