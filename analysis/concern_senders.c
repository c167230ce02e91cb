/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of own mail: what of it fails, own signatures that fail while SPF carries the mail, sources that are new, and
 * those that send again. */
#include <string.h>

#include "analysis/concern_sources.h"
#include "base/cleanup.h"
#include "verdict/proportion.h"

/* Whether it fails is asked each day, of a source: chance would have a say in one day of twenty. */
#define LOOKS_A_SOURCE 30

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

/* --- own mail that fails ------------------------------------------------------------------------------------------ */

/* Of the judgement and of that on the subdomains: what is said of own mail of the source. */
static const struct finding *finding_of(const struct judgement *j, const char *site, bool passes) {
  const struct findings *lists[] = {&j->blockers, j->below ? &j->below->blockers : NULL, &j->own_failing};
  for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
    for (unsigned k = 0; lists[i] && k < lists[i]->count; k++) {
      const struct finding *f = &lists[i]->items[k];
      if (stream_class_is_own(f->class) && f->passes == passes && f->cause != CAUSE_RECEIVER_DNS &&
          !strcmp(f->source, site))
        return f;
    }
  return NULL;
}

/* Where nothing is said of the source, its key may have been lost all the same. */
static const struct fall *fall_of(const struct judgement *j, const char *site, const struct finding *f) {
  if (f) return f->fall;
  for (unsigned i = 0; i < j->on_spf.count; i++)
    if (!strcmp(j->on_spf.items[i].source, site)) return j->on_spf.items[i].fall;
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
  const struct spell_rules rules = source_rules(s, source_is_any);
  struct naming naming;
  struct spell spell;
  if (!source_spell(s, source, days, &rules, &spell)) return false;
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
  const struct spell_rules rules = source_rules(s, is_broken);
  struct spell proven, named;
  const bool is_proven = source_spell(s, source, days, &rules, &proven);
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
  struct concern found = source_concern(s, source, CONCERN_OWN_BROKEN, worst, &spell);
  found.finding = finding;
  if (finding) found.fall = finding->fall;
  found.cause = worst->cause;
  found.joined = source_joined(s, source, &spell, is_broken, source_failing_day);
  found.is_graver = is_mail_lost(s, source, &spell);
  concern_add(s->x, &found);
}

/* --- own signatures that fail ------------------------------------------------------------------------------------- */

static bool is_unsigned(const void *user, int64_t messages, int64_t bad) {
  const struct sources *s = user;
  const struct thresholds *t = s->x->basis->thresholds;
  return (double)bad >= t->source_failures && wilson_lower(bad, messages) > t->finding_dkim_share;
}

static struct spell_day saved_day(const struct stream_day *d) {
  return (struct spell_day){d->day, d->messages, d->saved};
}

static void find_dkim_broken(struct sources *s, const struct source *source, struct spell_day *days) {
  const double share = s->x->basis->thresholds->finding_dkim_share;
  struct spell spell;
  for (uint32_t i = 0; i < source->count; i++) {
    const struct source_day *d = &source->days[i];
    const bool is_bad = d->saved > 0 && (double)d->saved >= share * (double)d->messages;
    days[i] = (struct spell_day){d->day, d->messages, is_bad ? d->saved : 0};
  }
  const struct spell_rules rules = source_rules(s, is_unsigned);
  if (!source_spell(s, source, days, &rules, &spell)) return;
  const struct stream *worst = main_stream(s, source, saved_of);
  struct concern found = source_concern(s, source, CONCERN_DKIM_BROKEN, worst, &spell);
  found.finding = finding_of(s->x->j, found.subject, true);
  found.fall = fall_of(s->x->j, found.subject, found.finding);
  found.cause = worst->signature_cause;
  found.joined = source_joined(s, source, &spell, is_unsigned, saved_day);
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
    const double least = NEW_FROM_OF_OWN * (double)sources_own_between(s, first, d->day);
    const double enough = least > t->finding_sender_messages ? least : t->finding_sender_messages;
    if ((double)messages >= enough && known_day == INT32_MAX) known_day = d->day;
    if ((double)spell.bad >= enough && spell.found_day == INT32_MAX) spell.found_day = d->day;
  }
  if (spell.found_day == INT32_MAX || x->as_of_day - known_day >= (int32_t)t->finding_told_days ||
      has_moved_here(x->h, source->days->site, first))
    return;
  const struct concern found =
      source_concern(s, source, CONCERN_NEW_SENDER, main_stream(s, source, stream_failing), &spell);
  concern_add(x, &found);
}

/* --- senders that are back ---------------------------------------------------------------------------------------- */

/* The silence, as it was told, of a source that sends again since; NULL: it was not told. */
static const struct incident *silence_before(const struct incidents *past, const struct source *source, uint32_t back) {
  for (unsigned i = 0; i < past->count; i++) {
    const struct incident *found = &past->items[i];
    if (found->kind == INCIDENT_CEASED && found->last_day == source->days[back - 1].day &&
        found->found_day < source->days[back].day && !strcmp(found->subject, source->days->site.text))
      return found;
  }
  return NULL;
}

/* Incidents are looked for once more, and only where a source is back after a silence; once, however many are: a search
 * goes through all mail of the domain. */
static const struct incidents *past_incidents(struct sources *s, int32_t begin) {
  struct concerning *x = s->x;
  if (s->past) return s->past;
  s->past = arena_alloc(x->arena, sizeof *s->past); /* concerns live as long */
  incidents_between(x->h, begin, x->end_day, s->past);
  return s->past;
}

/* A silence is over with the first mail; where that was told, its end is too. */
static void find_back(struct sources *s, const struct source *source) {
  struct concerning *x = s->x;
  const int32_t begin = x->end_day - (int32_t)x->basis->thresholds->finding_told_days + 1;
  uint32_t back = source->count - 1;
  while (back > 0 && source->days[back].day - source->days[back - 1].day <= CEASED_DAYS) back--;
  if (!back || source->days[back].day < begin) return;
  const struct incident *silence = silence_before(past_incidents(s, begin), source, back);
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

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void find_own(struct sources *s, struct spell_day *days) {
  for (uint32_t i = 0, end; i < s->count && s->days[i].whose == OWN; i = end) {
    for (end = i; end < s->count && source_is_same(&s->days[i], &s->days[end]);) end++;
    const struct source source = {.days = &s->days[i], .count = end - i};
    find_broken(s, &source, days);
    find_dkim_broken(s, &source, days);
    find_new(s, &source);
    find_back(s, &source);
  }
}

void concerns_of_senders(struct concerning *x) {
  struct sources s;
  sources_add_up(&s, x);
  _cleanup_free_ struct spell_day *days = mem_alloc((s.count + 1) * sizeof *days);
  find_own(&s, days);
  concerns_of_questions(&s, days);
  sources_clear(&s);
}
