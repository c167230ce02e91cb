/* SPDX-License-Identifier: Apache-2.0 */
/* Follows what a section was told through the days since. */
#include "report/notice_course.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/words.h"

/* --- what is found ------------------------------------------------------------------------------------------------ */

static struct followed *followed_of(const struct notice *n, const struct identity *finding) {
  return n->course.count ? hashmap_get(&n->course, finding->bytes, IDENTITY_BYTES) : NULL;
}

static const struct listed_finding *copy(struct arena *arena, const struct listed_finding *l) {
  struct listed_finding *c = arena_alloc(arena, sizeof *c);
  *c = *l;
  c->title = arena_strdup(arena, l->title);
  c->text = arena_strdup(arena, l->text);
  c->advice = arena_strdup(arena, l->advice);
  c->concern.domain = arena_strdup(arena, l->concern.domain);
  c->concern.subject = arena_strdup(arena, l->concern.subject);
  c->concern.source = arena_strdup(arena, l->concern.source);
  c->concern.acknowledgement = NULL;
  return c;
}

static bool is_same_sight(const struct told *a, const struct told *b) {
  return a->seen_day == b->seen_day && a->missed_days == b->missed_days && a->is_acknowledged == b->is_acknowledged;
}

/* Somebody knows of it before it was told: it is as it was. */
static void take_back(struct followed *f) {
  f->what = TELLING_NOTHING;
  f->is_told = f->before != NULL;
  if (!f->before) return;
  const struct told seen = f->told;
  f->told = *f->before;
  f->told.seen_day = seen.seen_day;
  f->told.missed_days = 0;
  f->told.is_acknowledged = true;
  f->is_changed = true;
}

static void tell(struct notice *n, struct followed *f, const struct listed_finding *l, enum telling what,
                 int64_t as_of_s) {
  const struct concern *c = &l->concern;
  const struct told kept = telling_kept(c, f->is_told ? &f->told : NULL, what, as_of_s);
  f->is_changed |= what != TELLING_NOTHING || !is_same_sight(&kept, &f->told);
  f->told = kept;
  f->is_told = true;
  f->was_known |= c->state == CONCERN_ACKNOWLEDGED;
  if (what == TELLING_NOTHING) {
    if (f->what == TELLING_DUE && c->state == CONCERN_ACKNOWLEDGED) take_back(f);
    return;
  }
  f->what = what;
  f->told.domain = arena_strdup(n->arena, c->domain);
  f->told.subject = arena_strdup(n->arena, c->subject);
  f->told.title = arena_strdup(n->arena, l->title);
}

/* As it is on that day it will be told, unless a later one knows better. */
static void show(struct notice *n, struct followed *f, const struct listed_finding *l, bool is_last) {
  const enum concern_state state = l->concern.state;
  if (f->what == TELLING_NOTHING || (f->what == TELLING_DUE ? !concern_is_due(state) : state != CONCERN_GONE)) return;
  f->listed = n->days_looked;
  f->shown = is_last ? NULL : copy(n->arena, l);
}

static void look_at(struct notice *n, const struct notice_day *d, const struct listed_finding *l, bool is_last) {
  const struct concern *c = &l->concern;
  struct followed *f = followed_of(n, &c->identity);
  const bool is_wanted = notice_wants(n->wish, c);
  const struct acknowledgement *said = acknowledgement_of(d->known, &c->identity);
  const enum telling what =
      is_wanted ? telling_of(c, f && f->is_told ? &f->told : NULL, said, d->as_of_s) : TELLING_NOTHING;
  if (what == TELLING_NOTHING && !(f && f->is_told)) return;
  if (!f) f = hashmap_put(&n->course, c->identity.bytes, IDENTITY_BYTES, NULL);
  f->found = n->days_looked;
  tell(n, f, l, what, d->as_of_s);
  if (is_wanted) show(n, f, l, is_last);
}

/* --- what is found no more ---------------------------------------------------------------------------------------- */

/* In the words that were kept of it. */
static const struct listed_finding *over(struct notice *n, const struct identity *finding, const struct told *t,
                                         enum concern_kind kind, enum absence why, int32_t day) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  struct listed_finding *l = arena_alloc(n->arena, sizeof *l);
  const bool is_grave = t->severity < CONCERN_CRITICAL || t->severity > CONCERN_NOTICE;
  *l = (struct listed_finding){.concern = {.identity = *finding,
                                           .kind = kind,
                                           .severity = is_grave ? CONCERN_CRITICAL : (enum concern_severity)t->severity,
                                           .state = CONCERN_GONE,
                                           .domain = t->domain,
                                           .subject = t->subject,
                                           .first_day = t->first_day,
                                           .last_day = t->seen_day,
                                           .found_day = t->found_day,
                                           .gone_day = day},
                               .title = t->title};
  concern_tell_absence(kind, why, t->seen_day, &text);
  l->text = arena_strdup(n->arena, strbuf_text(&text));
  identity_id(finding, l->id);
  return l;
}

/* Never told, it is told with what was known of it. */
static const struct listed_finding *over_at_once(struct notice *n, const struct listed_finding *shown, int32_t day) {
  struct listed_finding *l = arena_alloc(n->arena, sizeof *l);
  *l = *shown;
  l->concern.state = CONCERN_GONE;
  l->concern.gone_day = day;
  l->advice = NULL;
  return l;
}

static bool is_awaited(const struct notice *n, const struct notice_day *d, const struct told *t,
                       enum concern_kind kind) {
  const struct concern c = {.kind = kind, .state = CONCERN_GONE, .domain = t->domain, .subject = t->subject};
  return kind != CONCERN_KINDS && notice_wants(n->wish, &c) && !finding_list_holds(d->list, t->domain) &&
         t->told_s <= d->as_of_s;
}

static void miss(struct notice *n, const struct notice_day *d, const struct identity *finding, struct followed *f) {
  const struct notice_progress *past = &n->past->progress;
  const int32_t day = utc_day_of(d->as_of_s);
  const enum concern_kind kind = concern_kind_of(f->told.kind);
  const struct telling_day missing = {
      .thresholds = d->thresholds,
      .labels = d->labels,
      .day = day,
      .is_new = past->looked_s == FEEDBACK_TIME_UNKNOWN || day > utc_day_of(past->looked_s),
      .is_last = day == utc_day_of(n->as_of_s)};
  if (!is_awaited(n, d, &f->told, kind)) return;
  const enum absence why = telling_absence(&f->told, kind, &missing);
  f->is_changed |= why != ABSENCE_NONE || missing.is_new;
  f->told.missed_days += missing.is_new;
  f->told.is_gone = why != ABSENCE_NONE;
  if (why == ABSENCE_NONE || why == ABSENCE_AGED) return; /* of a change nothing is over because time has passed */
  f->shown =
      f->what == TELLING_DUE && f->shown ? over_at_once(n, f->shown, day) : over(n, finding, &f->told, kind, why, day);
  f->what = TELLING_GONE;
  f->told.missed_days = 0;
  f->listed = 0;
}

void notice_course_follow(struct notice *n, const struct notice_day *d) {
  const bool is_last = utc_day_of(d->as_of_s) == utc_day_of(n->as_of_s);
  n->days_looked++;
  for (unsigned i = 0; i < d->list->count; i++) look_at(n, d, &d->list->items[i], is_last);
  for (uint32_t i = 0; i < n->course.count; i++) {
    struct followed *f = hashmap_value_at(&n->course, i);
    struct identity finding;
    memcpy(finding.bytes, hashmap_key_at(&n->course, i, NULL), IDENTITY_BYTES);
    if (f->is_told && !f->told.is_gone && f->found != n->days_looked) miss(n, d, &finding, f);
  }
}

/* --- what is to be told ------------------------------------------------------------------------------------------- */

/* It was missed, and is found again as it was: who was told knows. */
static bool is_as_before(const struct followed *f) {
  const struct told *a = f->before, *b = &f->told;
  return f->what == TELLING_DUE && a && !a->is_gone && !f->was_known && b->severity >= a->severity &&
         (b->first_day <= a->first_day || b->found_day < a->seen_day);
}

void notice_course_end(struct notice *n) {
  for (uint32_t i = 0; i < n->course.count; i++) {
    struct followed *f = hashmap_value_at(&n->course, i);
    if (!is_as_before(f)) continue;
    const int32_t seen_day = f->told.seen_day;
    f->what = TELLING_NOTHING;
    f->told = *f->before;
    f->told.seen_day = seen_day;
    f->told.missed_days = 0;
  }
}

/* What it asks for may have been done since. */
static struct listed_finding late(struct notice *n, const struct followed *f) {
  struct listed_finding l = *f->shown;
  char day[UTC_TEXT_BYTES];
  _cleanup_free_ char *text = mem_printf("%s, as of %s", l.text, utc_format_day(utc_from_day(f->told.seen_day), day));
  _cleanup_strbuf_ struct strbuf advice = STRBUF_INIT;
  l.text = arena_strdup(n->arena, text);
  notice_settle_change(&l.concern);
  if (l.concern.kind != CONCERN_VERDICT_CHANGED) return l;
  concern_advise_late(&l.concern, &advice);
  l.advice = arena_strdup(n->arena, strbuf_text(&advice));
  return l;
}

unsigned notice_course_beside(struct notice *n, struct listed_finding *ret) {
  unsigned count = 0;
  for (uint32_t i = 0; i < n->course.count; i++) {
    const struct followed *f = hashmap_value_at(&n->course, i);
    if (f->what == TELLING_NOTHING || f->listed == n->days_looked || !f->shown) continue;
    ret[count++] = f->what == TELLING_DUE ? late(n, f) : *f->shown;
  }
  return count;
}
