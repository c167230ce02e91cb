/* SPDX-License-Identifier: Apache-2.0 */
/* Sources, day by day: own mail that fails, own signatures that fail while SPF carries the mail, sources of own mail
 * that are new, and those of which nobody knows whose they are. */
#include <stdlib.h>
#include <string.h>

#include "analysis/concerning.h"
#include "base/cleanup.h"
#include "base/report_days.h"
#include "base/utc.h"
#include "verdict/proportion.h"

/* Whether it fails is asked each day, of a source: chance would have a say in one day of twenty. */
#define LOOKS_A_SOURCE 30

enum whose { OWN, UNDECIDED };

/* What a source sent on a day. */
struct source_day {
  struct interned site;
  enum whose whose;
  int32_t day;
  int64_t messages, judged, failing, saved;
  int64_t lost;  /* that fail under a policy which is enforced today */
  bool is_vague; /* some of it is of reports of several days, of which this is the middle one */
};

struct sources {
  struct concerning *x;
  struct source_day *days; /* by source and day */
  uint32_t count, capacity;
  unsigned own_sources;
  int64_t *own_until; /* messages of own mail before each day from x->begin_day on */
  double limit;       /* the share of a source that must pass, for the step at hand */
};

/* All days of one source. */
struct source {
  const struct source_day *days;
  uint32_t count;
};

/* --- adding up ---------------------------------------------------------------------------------------------------- */

/* Where mail that fails is quarantined or rejected, it is lost today. The subdomains may have a policy of their own. */
static bool is_enforced_on(const struct judgement *j, const struct stream *stream) {
  while (j && !judgement_covers(j, stream)) j = j->below;
  return j && j->current >= POLICY_QUARANTINE && j->in_force;
}

static int64_t judged_of(const struct stream_day *d) {
  return d->messages - d->unchecked - d->contradicted - d->by_receiver;
}

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

static bool is_same_source(const struct source_day *a, const struct source_day *b) {
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
    if (!last || last->day != d->day || !is_same_source(last, d)) {
      s->own_sources += d->whose == OWN && (!last || !is_same_source(last, d));
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

/* Both days are included; of the days that are looked at. */
static int64_t own_between(const struct sources *s, int32_t first, int32_t last) {
  const int32_t begin = s->x->begin_day, end = s->x->end_day;
  if (first < begin) first = begin;
  if (last > end) last = end;
  return last < first ? 0 : s->own_until[last - begin + 1] - s->own_until[first - begin];
}

static int64_t saved_of(const struct stream *s) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < s->day_count; i++) sum += s->days[i].saved;
  return sum;
}

/* Of the source's own mail the stream with most of that, and with most mail among equals. */
static const struct stream *main_stream(const struct sources *s, const struct source *source,
                                        int64_t (*of)(const struct stream *s)) {
  const struct history *h = s->x->h;
  const struct stream *found = NULL;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *t = &h->streams[i];
    if (!stream_is_own(t) || !interned_same(t->site, source->days->site)) continue;
    if (!found || of(t) > of(found) || (of(t) == of(found) && t->messages > found->messages)) found = t;
  }
  return found;
}

/* --- spells ------------------------------------------------------------------------------------------------------- */

static struct spell_rules rules_of(const struct sources *s,
                                   bool (*is_told)(const void *user, int64_t messages, int64_t bad)) {
  const struct thresholds *t = s->x->basis->thresholds;
  return (struct spell_rules){(int32_t)t->finding_clean_days, t->silent_rhythms, is_told, s};
}

/* `days` has room for those of the source. */
static bool find_spell(const struct sources *s, const struct source *source, const struct spell_day *days,
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

static struct concern concern_of(const struct sources *s, const struct source *source, enum concern_kind kind,
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
                          .own_messages = own_between(s, spell.first_day, spell.last_day)};
}

/* --- its parts ---------------------------------------------------------------------------------------------------- */

static bool is_undecided(const struct stream *s) { return s->class == CLASS_UNDECIDED; }

static struct spell_day failing_day(const struct stream_day *d) {
  return (struct spell_day){d->day, judged_of(d), failing_of(d)};
}

static struct spell_day saved_day(const struct stream_day *d) {
  return (struct spell_day){d->day, d->messages, d->saved};
}

static struct spell_day whole_day(const struct stream_day *d) {
  return (struct spell_day){d->day, d->messages, d->messages};
}

static struct joined_part joined_to(const struct sources *s, const struct source *source, const struct spell *spell,
                                    bool (*is_told)(const void *user, int64_t messages, int64_t bad),
                                    struct spell_day (*day_of)(const struct stream_day *d)) {
  const bool is_own = source->days->whose == OWN;
  const struct part_rules rules = {rules_of(s, is_told), is_own ? stream_is_own : is_undecided, day_of};
  return concern_joined(s->x, source->days->site, spell, &rules);
}

/* --- own mail that fails ------------------------------------------------------------------------------------------ */

/* Of the judgement and of that on the subdomains: what is said of own mail of the source. */
static const struct finding *finding_of(const struct judgement *j, const char *site, bool passes) {
  const struct findings *lists[] = {&j->blockers, j->below ? &j->below->blockers : NULL, &j->own_failing};
  for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
    for (unsigned k = 0; lists[i] && k < lists[i]->count; k++) {
      const struct finding *f = &lists[i]->items[k];
      const bool is_own = f->class == CLASS_OWN || f->class == CLASS_OWN_BROKEN || f->class == CLASS_LEGITIMATE;
      if (is_own && f->passes == passes && f->cause != CAUSE_RECEIVER_DNS && !strcmp(f->source, site)) return f;
    }
  return NULL;
}

static bool is_found_broken(const struct judgement *j, const void *site) { return finding_of(j, site, false) != NULL; }

static bool has(const struct findings *list, const struct finding *f) {
  return f >= list->items && f < list->items + list->count;
}

static bool blocks(const struct judgement *j, const struct finding *f) {
  return has(&j->blockers, f) || (j->below && has(&j->below->blockers, f));
}

static bool is_broken(const void *user, int64_t messages, int64_t bad) {
  const struct sources *s = user;
  return (double)bad >= s->x->basis->thresholds->source_failures &&
         wilson_upper_of(messages - bad, messages, LOOKS_A_SOURCE * s->own_sources) < s->limit;
}

/* That it blocks is evidence enough, over days that are too few messages each. */
static bool is_any(const void *user, int64_t messages, int64_t bad) {
  (void)user, (void)messages;
  return bad > 0;
}

/* More of what fails is quarantined or rejected than happens to anybody. */
static bool is_mail_lost(const struct sources *s, const struct source *source, const struct spell *spell) {
  int64_t lost = 0;
  for (uint32_t i = 0; i < source->count; i++)
    if (source->days[i].day >= spell->first_day && source->days[i].day <= spell->last_day) lost += source->days[i].lost;
  return (double)lost >= s->x->basis->thresholds->source_failures;
}

/* Days as of which the judgement names the source; INT32_MIN: from before those that are looked back on. */
struct naming {
  int32_t first_day, last_day;
};

/* A source near a limit is named on one day and not on the next: that is one finding, until it was not named for as
 * many days as end a spell. False: it was not named lately. */
static bool find_naming(const struct sources *s, const char *site, struct naming *ret) {
  struct concerning *x = s->x;
  const int32_t most_gap = (int32_t)x->basis->thresholds->finding_clean_days;
  struct naming n = {INT32_MIN, INT32_MIN};
  for (int32_t day = x->end_day; day >= x->past_begin; day--) {
    const struct judgement *j = day == x->end_day ? x->j : concern_judged_on(x, day);
    if (n.last_day != INT32_MIN && n.first_day - day > most_gap) break;
    if (!j || !is_found_broken(j, site)) continue;
    n.first_day = day;
    if (n.last_day == INT32_MIN) n.last_day = day;
  }
  if (n.last_day == INT32_MIN) return false;
  if (n.first_day == x->past_begin) n.first_day = INT32_MIN;
  *ret = n;
  return true;
}

/* Has so much of the source's mail failed that it may have been named? Else no day has to be judged to know. */
static bool is_near_limit(const struct sources *s, const struct source *source, const struct spell *spell) {
  const struct thresholds *t = s->x->basis->thresholds;
  int64_t failing = 0;
  for (uint32_t i = 0; i < source->count; i++)
    if (source->days[i].day >= s->x->past_begin - (int32_t)t->window_days) failing += source->days[i].failing;
  return (double)failing >= t->source_failures && (double)spell->bad > (1 - s->limit) / 3 * (double)spell->messages;
}

/* What the judgement names is told where its days prove too little each: from the day on which it was named, or from
 * its first where that is too long ago to be looked for, until it was not for some days. */
static bool find_named(const struct sources *s, const struct source *source, const struct spell_day *days,
                       struct spell *ret) {
  const struct concerning *x = s->x;
  const char *site = source->days->site.text;
  const struct spell_rules rules = rules_of(s, is_any);
  struct naming naming;
  struct spell spell;
  if (!find_spell(s, source, days, &rules, &spell)) return false;
  if (!is_found_broken(x->j, site) && !is_near_limit(s, source, &spell)) return false;
  if (!find_naming(s, site, &naming) || naming.last_day < spell.first_day) return false;
  if (naming.first_day > spell.found_day) spell.found_day = naming.first_day;
  if (spell.found_day >= spell.gone_day && !spell.is_silent) return false; /* it was over before it could be told */
  const int32_t unnamed_day = naming.last_day + (int32_t)x->basis->thresholds->finding_clean_days;
  if (naming.last_day < x->end_day && unnamed_day < spell.gone_day) spell.gone_day = unnamed_day;
  *ret = spell;
  return true;
}

/* The source's last spell, whether its days prove it or the judgement names it. */
static bool find_broken_spell(const struct sources *s, const struct source *source, const struct spell_day *days,
                              struct spell *ret) {
  const struct spell_rules rules = rules_of(s, is_broken);
  struct spell proven, named;
  const bool is_proven = find_spell(s, source, days, &rules, &proven);
  if (is_proven && proven.found_day < s->x->past_begin && proven.gone_day == INT32_MAX) {
    *ret = proven;
    if (is_found_broken(s->x->j, source->days->site.text)) ret->found_day = proven.first_day;
    return true;
  }
  const bool is_named = find_named(s, source, days, &named);
  if (!is_proven && !is_named) return false;
  *ret = is_proven ? proven : named;
  if (!is_proven || !is_named) return true;
  if (named.first_day > proven.first_day) /* a new one, of too few messages yet */
    *ret = named;
  else if (named.found_day < proven.found_day)
    ret->found_day = named.found_day;
  return true;
}

static void find_broken(struct sources *s, const struct source *source, struct spell_day *days) {
  const struct finding *finding = finding_of(s->x->j, source->days->site.text, false);
  struct spell spell;
  for (uint32_t i = 0; i < source->count; i++)
    days[i] = (struct spell_day){source->days[i].day, source->days[i].judged, source->days[i].failing};
  if (!find_broken_spell(s, source, days, &spell)) return;
  const struct stream *worst = main_stream(s, source, stream_failing);
  /* Where nothing comes any more, only the owner can say whether that is over. */
  if (finding && spell.is_silent && blocks(s->x->j, finding)) spell.gone_day = INT32_MAX;
  struct concern found = concern_of(s, source, CONCERN_OWN_BROKEN, worst, &spell);
  found.finding = finding;
  found.cause = worst->cause;
  found.joined = joined_to(s, source, &spell, is_broken, failing_day);
  struct concern *c = concern_add(s->x, &found);
  if (c && is_mail_lost(s, source, &spell)) c->severity = CONCERN_CRITICAL;
}

/* --- own signatures that fail ------------------------------------------------------------------------------------- */

static bool is_unsigned(const void *user, int64_t messages, int64_t bad) {
  const struct sources *s = user;
  const struct thresholds *t = s->x->basis->thresholds;
  return (double)bad >= t->source_failures && wilson_lower(bad, messages) > t->finding_dkim_share;
}

static void find_dkim_broken(struct sources *s, const struct source *source, struct spell_day *days) {
  const double share = s->x->basis->thresholds->finding_dkim_share;
  struct spell spell;
  for (uint32_t i = 0; i < source->count; i++) {
    const struct source_day *d = &source->days[i];
    const bool is_bad = d->saved > 0 && (double)d->saved >= share * (double)d->messages;
    days[i] = (struct spell_day){d->day, d->messages, is_bad ? d->saved : 0};
  }
  const struct spell_rules rules = rules_of(s, is_unsigned);
  if (!find_spell(s, source, days, &rules, &spell)) return;
  const struct stream *worst = main_stream(s, source, saved_of);
  struct concern found = concern_of(s, source, CONCERN_DKIM_BROKEN, worst, &spell);
  found.finding = finding_of(s->x->j, found.subject, true);
  found.cause = worst->signature_cause;
  found.joined = joined_to(s, source, &spell, is_unsigned, saved_day);
  concern_add(s->x, &found);
}

/* --- new sources of own mail -------------------------------------------------------------------------------------- */

static bool signs_with(const struct stream *s, uint32_t selector, int32_t before_day) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].selector == selector && s->selectors[i].first_day < before_day) return true;
  return false;
}

/* Its mail bears a key that verified elsewhere before: a sender that has moved, or a provider that changes hosts. */
static bool has_moved_here(const struct history *h, struct interned site, int32_t first_day) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!stream_is_own(s) || !interned_same(s->site, site)) continue;
    for (uint32_t k = 0; k < s->selector_count; k++)
      for (uint32_t n = 0; s->selectors[k].passed > 0 && n < h->stream_count; n++)
        if (stream_is_own(&h->streams[n]) && !interned_same(h->streams[n].site, site) &&
            signs_with(&h->streams[n], s->selectors[k].selector, first_day))
          return true;
  }
  return false;
}

/* By what passes of it: of what does not something else is told. */
static void find_new(struct sources *s, const struct source *source) {
  struct concerning *x = s->x;
  const struct thresholds *t = x->basis->thresholds;
  const int32_t first = source->days[0].day;
  if (!x->heard_count || first - x->heard[0] < INCIDENT_HISTORY_DAYS) return;
  struct spell spell = {.first_day = first, .found_day = INT32_MAX, .gone_day = INT32_MAX};
  int32_t known_day = INT32_MAX; /* on which there was enough of it, whatever became of that */
  int64_t messages = 0;
  for (uint32_t i = 0; i < source->count; i++) {
    const struct source_day *d = &source->days[i];
    messages += d->messages;
    spell.bad += d->messages - d->failing;
    spell.last_day = d->day;
    const double least = NEW_FROM_OF_OWN * (double)own_between(s, first, d->day);
    const double enough = least > t->finding_sender_messages ? least : t->finding_sender_messages;
    if ((double)messages >= enough && known_day == INT32_MAX) known_day = d->day;
    if ((double)spell.bad >= enough && spell.found_day == INT32_MAX) spell.found_day = d->day;
  }
  if (spell.found_day == INT32_MAX || x->as_of_day - known_day >= (int32_t)t->finding_told_days ||
      has_moved_here(x->h, source->days->site, first))
    return;
  const struct concern found =
      concern_of(s, source, CONCERN_NEW_SENDER, main_stream(s, source, stream_failing), &spell);
  concern_add(x, &found);
}

/* --- senders that are back ---------------------------------------------------------------------------------------- */

/* The silence, as it was told, of a source that sends again since; NULL: it was not told. */
static const struct incident *silence_before(struct incidents *past, const struct source *source, uint32_t back) {
  for (unsigned i = 0; i < past->count; i++) {
    const struct incident *found = &past->items[i];
    if (found->kind == INCIDENT_CEASED && found->last_day == source->days[back - 1].day &&
        found->found_day < source->days[back].day && !strcmp(found->subject, source->days->site.text))
      return found;
  }
  return NULL;
}

/* A silence is over with the first mail; where that was told, its end is too. Incidents are looked for once more, and
 * only where a source is back after such a silence. */
static void find_back(struct sources *s, const struct source *source) {
  struct concerning *x = s->x;
  const int32_t begin = x->end_day - (int32_t)x->basis->thresholds->finding_told_days + 1;
  uint32_t back = source->count - 1;
  while (back > 0 && source->days[back].day - source->days[back - 1].day <= CEASED_DAYS) back--;
  if (!back || source->days[back].day < begin) return;
  struct incidents *past = arena_alloc(x->arena, sizeof *past); /* the concern lives as long */
  incidents_between(x->h, begin, x->end_day, past);
  const struct incident *silence = silence_before(past, source, back);
  if (!silence) return;
  concern_add(x, &(struct concern){.kind = CONCERN_CEASED,
                                   .subject = silence->subject,
                                   .source = *silence->source ? silence->source : NULL,
                                   .first_day = silence->begin_day,
                                   .last_day = source->days[back].day - 1,
                                   .found_day = silence->found_day,
                                   .gone_day = source->days[back].day,
                                   .incident = silence});
}

/* --- whose it is nobody knows ------------------------------------------------------------------------------------- */

static void add_question(struct sources *s, const struct finding *f, bool is_blocker, const struct spell *spell,
                         const struct joined_part *joined) {
  struct concern found = {.kind = CONCERN_UNKNOWN_SENDER,
                          .subject = f->is_of_all ? s->x->h->domain : f->source,
                          .source = *f->example ? f->example : NULL,
                          .first_day = spell->first_day,
                          .last_day = spell->last_day,
                          .found_day = spell->found_day,
                          .gone_day = is_blocker ? INT32_MAX : spell->gone_day, /* only an answer ends it */
                          .messages = f->is_of_all ? f->messages : spell->bad,
                          .own_messages = own_between(s, spell->first_day, spell->last_day),
                          .joined = *joined,
                          .finding = f};
  struct concern *c = concern_add(s->x, &found);
  if (c && is_blocker) c->severity = CONCERN_WARNING;
}

static const struct source_day *undecided_days(const struct sources *s, const char *site, uint32_t *ret_count) {
  const struct source_day *first = NULL;
  *ret_count = 0;
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->days[i].whose != UNDECIDED || strcmp(s->days[i].site.text, site) != 0) continue;
    if (!first) first = &s->days[i];
    ++*ret_count;
  }
  return first;
}

/* All that is known of a source where its mail is of another kind than undecided. */
static struct spell whole_life(const struct concerning *x, const struct finding *f) {
  const bool is_seen = f->last_day != INT32_MIN;
  const int32_t first = is_seen ? f->first_day : x->end_day, last = is_seen ? f->last_day : x->end_day;
  return (struct spell){.first_day = first,
                        .last_day = last,
                        .found_day = first,
                        .gone_day = concern_clean_day(x, last),
                        .messages = f->messages,
                        .bad = f->messages};
}

/* Of mail that is nobody's yet: what is too new for a habit today may be undecided tomorrow. */
static bool is_asked(const struct finding *f) { return f->class == CLASS_UNDECIDED || f->class == CLASS_SUSPICIOUS; }

static bool lists(const struct findings *list, const struct finding *f) {
  for (unsigned i = 0; i < list->count; i++) {
    const struct finding *other = &list->items[i];
    if (is_asked(other) && other->is_of_all == f->is_of_all && !strcmp(other->source, f->source)) return true;
  }
  return false;
}

static bool asks_about(const struct judgement *j, const void *user) {
  const struct finding *f = user;
  if (lists(&j->blockers, f) || lists(&j->questions, f)) return true;
  return j->below && (lists(&j->below->blockers, f) || lists(&j->below->questions, f));
}

/* A stranger becomes a question when he has a habit, which is days behind the first of his mail. */
static int32_t asked_since(const struct sources *s, const struct finding *f, int32_t found_day) {
  const int32_t asked = concern_so_since(s->x, asks_about, f);
  return asked > found_day ? asked : found_day;
}

/* More than a handful of stray messages. */
static bool is_worth_asking(const void *user, int64_t messages, int64_t bad) {
  const struct sources *s = user;
  (void)messages;
  return (double)bad >= s->x->basis->thresholds->finding_sender_messages;
}

static void find_question(struct sources *s, const struct finding *f, bool is_blocker, struct spell_day *days) {
  struct source source = {0};
  if (!is_asked(f) || (!f->label && !is_blocker)) return; /* there is nothing to say to it yet */
  source.days = f->is_of_all ? NULL : undecided_days(s, f->source, &source.count);
  for (uint32_t i = 0; i < source.count; i++)
    days[i] = (struct spell_day){source.days[i].day, source.days[i].messages, source.days[i].messages};
  const struct spell_rules rules = rules_of(s, is_blocker ? is_any : is_worth_asking);
  struct spell spell;
  struct joined_part joined = {0};
  if (!source.count || !find_spell(s, &source, days, &rules, &spell))
    spell = whole_life(s->x, f);
  else
    joined = joined_to(s, &source, &spell, is_worth_asking, whole_day);
  if (!is_blocker && !is_worth_asking(s, spell.bad, spell.bad)) return;
  spell.found_day = asked_since(s, f, spell.found_day);
  add_question(s, f, is_blocker, &spell, &joined);
}

/* --- what else blocks ---------------------------------------------------------------------------------------------- */

/* What the judgement names and no day of the source shows to be wrong. */
static enum concern_kind kind_of(const struct finding *f) {
  if (f->cause == CAUSE_RECEIVER_DNS) return CONCERN_UNCHECKED;
  if (f->class == CLASS_FORWARDER || f->class == CLASS_FORWARDER_MODIFIED) return CONCERN_FORWARDED_FAILS;
  return f->passes ? CONCERN_SPF_ALONE : CONCERN_KINDS;
}

static bool is_blocked_by(const struct judgement *j, const void *user) {
  const struct finding *f = user;
  const struct findings *lists[] = {&j->blockers, j->below ? &j->below->blockers : NULL};
  for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
    for (unsigned k = 0; lists[i] && k < lists[i]->count; k++)
      if (kind_of(&lists[i]->items[k]) == kind_of(f) && !strcmp(lists[i]->items[k].source, f->source)) return true;
  return false;
}

/* It lasts as long as it blocks. */
static void find_blocker(struct sources *s, const struct finding *f) {
  const enum concern_kind kind = kind_of(f);
  if (kind == CONCERN_KINDS) return;
  const struct spell spell = whole_life(s->x, f);
  const int32_t since = concern_so_since(s->x, is_blocked_by, f);
  concern_add(s->x, &(struct concern){.kind = kind,
                                      .subject = f->source,
                                      .source = *f->example ? f->example : NULL,
                                      .first_day = spell.first_day,
                                      .last_day = spell.last_day,
                                      .found_day = since > spell.first_day ? since : spell.first_day,
                                      .gone_day = INT32_MAX,
                                      .messages = f->messages,
                                      .finding = f});
}

static bool is_told(const struct concerning *x, enum concern_kind kind, const char *subject) {
  for (uint32_t i = 0; i < x->count; i++)
    if (x->found[i].kind == kind && x->found[i].state != CONCERN_GONE && !strcmp(x->found[i].subject, subject))
      return true;
  return false;
}

static void find_blockers(struct sources *s, const struct judgement *j) {
  for (unsigned i = 0; i < j->blockers.count; i++)
    if (!is_told(s->x, CONCERN_DKIM_BROKEN, j->blockers.items[i].source)) find_blocker(s, &j->blockers.items[i]);
}

static void find_questions(struct sources *s, const struct judgement *j, struct spell_day *days) {
  for (unsigned i = 0; i < j->blockers.count; i++) find_question(s, &j->blockers.items[i], true, days);
  for (unsigned i = 0; i < j->questions.count; i++) find_question(s, &j->questions.items[i], false, days);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void find_own(struct sources *s, struct spell_day *days) {
  for (uint32_t i = 0, end; i < s->count && s->days[i].whose == OWN; i = end) {
    for (end = i; end < s->count && is_same_source(&s->days[i], &s->days[end]);) end++;
    const struct source source = {.days = &s->days[i], .count = end - i};
    find_broken(s, &source, days);
    find_dkim_broken(s, &source, days);
    find_new(s, &source);
    find_back(s, &source);
  }
}

void concerns_of_senders(struct concerning *x) {
  struct sources s = {.x = x};
  s.limit = x->basis->thresholds->source_rate[x->j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT];
  for (uint32_t i = 0; i < x->h->stream_count; i++) add_stream(&s, &x->h->streams[i]);
  merge(&s);
  add_up_own(&s);
  _cleanup_free_ struct spell_day *days = mem_alloc((s.count + 1) * sizeof *days);
  find_own(&s, days);
  for (const struct judgement *j = x->j; j; j = j->below) {
    find_questions(&s, j, days);
    find_blockers(&s, j);
  }
  free(s.days);
  free(s.own_until);
}
