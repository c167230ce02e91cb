/* SPDX-License-Identifier: Apache-2.0 */
/* Adds streams up to sources, day by day, and finds the spells of what is wrong with one. */
#include "analysis/concern_sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/report_days.h"
#include "base/utc.h"

/* --- adding up ---------------------------------------------------------------------------------------------------- */

/* Where mail that fails is quarantined or rejected, it is lost today. The subdomains may have a policy of their own. */
static bool is_enforced_on(const struct judgement *j, const struct stream *stream) {
  while (j && !judgement_covers(j, stream)) j = j->below;
  return j && j->current >= POLICY_QUARANTINE && j->in_force;
}

static int64_t judged_of(const struct stream_day *d) { return stream_day_judged(d) - d->by_receiver; }

static int64_t failing_of(const struct stream_day *d) {
  const int64_t judged = judged_of(d);
  return judged > d->passed ? judged - d->passed : 0;
}

static void add_stream(struct sources *s, const struct stream *stream) {
  const bool is_own = stream_is_own(stream), is_enforced = is_enforced_on(s->x->j, stream);
  if (!is_own && stream->class != CLASS_UNDECIDED) return;
  for (uint32_t i = 0; i < stream->day_count; i++) {
    const struct stream_day *d = &stream->days[i];
    if (d->day < s->x->begin_day || d->day > s->x->end_day) continue;
    const int64_t judged = judged_of(d), failing = failing_of(d);
    MEM_GROW(s->days, s->capacity, s->count);
    s->days[s->count++] = (struct source_day){.site = stream->site,
                                              .whose = is_own ? OWN : UNDECIDED,
                                              .day = d->day,
                                              .messages = d->messages,
                                              .judged = judged,
                                              .failing = failing,
                                              .saved = d->saved,
                                              .lost = is_enforced ? failing : 0,
                                              .is_vague = d->is_vague};
  }
}

bool source_is_same(const struct source_day *a, const struct source_day *b) {
  return a->whose == b->whose && interned_same(a->site, b->site);
}

static int by_source_and_day(const void *a, const void *b) {
  const struct source_day *x = a, *y = b;
  if (x->whose != y->whose) return x->whose < y->whose ? -1 : 1;
  if (!interned_same(x->site, y->site)) return strcmp(x->site.text, y->site.text);
  return (x->day > y->day) - (x->day < y->day);
}

/* One entry a source and day. */
static void merge(struct sources *s) {
  uint32_t kept = 0;
  if (s->count) qsort(s->days, s->count, sizeof *s->days, by_source_and_day);
  for (uint32_t i = 0; i < s->count; i++) {
    const struct source_day *d = &s->days[i];
    struct source_day *last = kept ? &s->days[kept - 1] : NULL;
    if (!last || last->day != d->day || !source_is_same(last, d)) {
      s->own_sources += d->whose == OWN && (!last || !source_is_same(last, d));
      s->days[kept++] = *d;
      continue;
    }
    last->messages += d->messages;
    last->judged += d->judged;
    last->failing += d->failing;
    last->saved += d->saved;
    last->lost += d->lost;
    last->is_vague |= d->is_vague;
  }
  s->count = kept;
}

static void add_up_own(struct sources *s) {
  const size_t length = (size_t)(s->x->end_day - s->x->begin_day) + 1;
  s->own_until = mem_zalloc((length + 1) * sizeof *s->own_until);
  for (uint32_t i = 0; i < s->count && s->days[i].whose == OWN; i++)
    s->own_until[s->days[i].day - s->x->begin_day + 1] += s->days[i].messages;
  for (size_t i = 1; i <= length; i++) s->own_until[i] += s->own_until[i - 1];
}

int64_t sources_own_between(const struct sources *s, int32_t first, int32_t last) {
  const int32_t begin = s->x->begin_day, end = s->x->end_day;
  if (first < begin) first = begin;
  if (last > end) last = end;
  return last < first ? 0 : s->own_until[last - begin + 1] - s->own_until[first - begin];
}
void sources_add_up(struct sources *s, struct concerning *x) {
  *s = (struct sources){.x = x};
  s->limit = x->basis->thresholds->source_rate[x->j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT];
  for (uint32_t i = 0; i < x->h->stream_count; i++) add_stream(s, &x->h->streams[i]);
  merge(s);
  add_up_own(s);
}

void sources_clear(struct sources *s) {
  free(s->days);
  free(s->own_until);
}

/* --- spells ------------------------------------------------------------------------------------------------------- */

struct spell_rules source_rules(const struct sources *s, source_told_fn *is_told) {
  const struct thresholds *t = s->x->basis->thresholds;
  return (struct spell_rules){(int32_t)t->finding_clean_days, t->silent_rhythms, is_told, s};
}

bool source_spell(const struct sources *s, const struct source *source, const struct spell_day *days,
                  const struct spell_rules *rules, struct spell *ret) {
  const struct concerning *x = s->x;
  return spells_last(rules, days, source->count, x->heard, x->heard_count, x->end_day, ret);
}

/* A report of several days says of none of them that its mail came on it: it is as old as its first day, and as new as
 * its last. */
static void take_whole_reports(const struct sources *s, const struct source *source, struct spell *spell) {
  const struct history *h = s->x->h;
  const struct spell told = *spell;
  for (uint32_t i = 0; i < source->count; i++) {
    const int32_t day = source->days[i].day;
    if (!source->days[i].is_vague || (day != told.first_day && day != told.last_day && day != told.found_day)) continue;
    for (uint32_t k = 0; k < h->report_count; k++) {
      const struct seen_report *r = &h->reports[k];
      if (r->day != day || report_days_of(r->begin_s, r->end_s).count < 2) continue;
      const int32_t begin = utc_day_of(r->begin_s), end = utc_day_of(r->end_s - 1);
      if (day == told.first_day && begin < spell->first_day) spell->first_day = begin;
      if (day == told.last_day && end > spell->last_day) spell->last_day = end;
      if (day == told.found_day && begin < spell->found_day) spell->found_day = begin;
    }
  }
}

struct concern source_concern(const struct sources *s, const struct source *source, enum concern_kind kind,
                              const struct stream *example, const struct spell *found) {
  struct spell spell = *found;
  take_whole_reports(s, source, &spell);
  return (struct concern){.kind = kind,
                          .subject = source->days->site.text,
                          .source = *example->source.text ? example->source.text : NULL,
                          .first_day = spell.first_day,
                          .last_day = spell.last_day,
                          .found_day = spell.found_day,
                          .gone_day = spell.gone_day,
                          .messages = spell.bad,
                          .of_messages = spell.messages > spell.bad ? spell.messages : 0,
                          .own_messages = sources_own_between(s, spell.first_day, spell.last_day)};
}

/* --- its parts ---------------------------------------------------------------------------------------------------- */

static bool is_undecided(const struct stream *s) { return s->class == CLASS_UNDECIDED; }

struct spell_day source_failing_day(const struct stream_day *d) {
  return (struct spell_day){d->day, judged_of(d), failing_of(d)};
}

struct joined_part source_joined(const struct sources *s, const struct source *source, const struct spell *spell,
                                 source_told_fn *is_told, struct spell_day (*day_of)(const struct stream_day *d)) {
  const bool is_own = source->days->whose == OWN;
  const struct part_rules rules = {source_rules(s, is_told), is_own ? stream_is_own : is_undecided, day_of};
  return concern_joined(s->x, source->days->site, spell, &rules);
}

bool source_is_any(const void *user, int64_t messages, int64_t bad) {
  (void)user, (void)messages;
  return bad > 0;
}
