/* SPDX-License-Identifier: Apache-2.0 */
/* What the judgement names and only somebody can answer: sources of which nobody knows whose they are, and what else
 * blocks. */
#include <string.h>

#include "analysis/concern_sources.h"
#include "base/cleanup.h"

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
                          .own_messages = sources_own_between(s, spell->first_day, spell->last_day),
                          .joined = *joined,
                          .is_graver = is_blocker,
                          .finding = f};
  concern_add(s->x, &found);
}

static struct source source_of(const struct sources *s, enum whose whose, const char *site) {
  struct source found = {0};
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->days[i].whose != whose || strcmp(s->days[i].site.text, site) != 0) continue;
    if (!found.count++) found.days = &s->days[i];
  }
  return found;
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
  const int32_t asked = concern_so_since(s->x, s->x->end_day, asks_about, f);
  return asked > found_day ? asked : found_day;
}

/* More than a handful of stray messages. */
static bool is_worth_asking(const void *user, int64_t messages, int64_t bad) {
  const struct sources *s = user;
  (void)messages;
  return (double)bad >= s->x->basis->thresholds->finding_sender_messages;
}

static struct spell_day whole_day(const struct stream_day *d) {
  return (struct spell_day){d->day, d->messages, d->messages};
}

static void find_question(struct sources *s, const struct finding *f, bool is_blocker, struct spell_day *days) {
  if (!is_asked(f) || (!f->label && !is_blocker)) return; /* there is nothing to say to it yet */
  const struct source source = f->is_of_all ? (struct source){0} : source_of(s, UNDECIDED, f->source);
  for (uint32_t i = 0; i < source.count; i++)
    days[i] = (struct spell_day){source.days[i].day, source.days[i].messages, source.days[i].messages};
  const struct spell_rules rules = source_rules(s, is_blocker ? source_is_any : is_worth_asking);
  struct spell spell;
  struct joined_part joined = {0};
  if (!source.count || !source_spell(s, &source, days, &rules, &spell))
    spell = whole_life(s->x, f);
  else
    joined = source_joined(s, &source, &spell, is_worth_asking, whole_day);
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

/* Did all of it bear a signature that failed, and verifies again? The judgement holds on to it for the rest of its
 * window. */
static bool is_signed_again(const struct sources *s, const struct finding *f, struct spell_day *days) {
  const struct source source = source_of(s, OWN, f->source);
  const struct spell_rules rules = source_rules(s, source_is_any);
  struct spell spell;
  for (uint32_t i = 0; i < source.count; i++)
    days[i] = (struct spell_day){source.days[i].day, source.days[i].messages, source.days[i].saved};
  return source_spell(s, &source, days, &rules, &spell) && spell.gone_day <= s->x->as_of_day && !spell.is_silent &&
         f->last_day <= spell.last_day;
}

/* Is it told, or was it lately, as this or as a signature that fails? */
static bool is_told(const struct concerning *x, enum concern_kind kind, const char *subject) {
  for (uint32_t i = 0; i < x->count; i++) {
    const struct concern *c = &x->found[i];
    const bool is_same = c->kind == kind || (c->kind == CONCERN_DKIM_BROKEN && c->state != CONCERN_GONE);
    if (is_same && !strcmp(c->subject, subject)) return true;
  }
  return false;
}

/* It lasts as long as it blocks, `day` being the last on which it did, and until it has not for some days: near its
 * limit it may be named on one day and not on the next. */
static void find_blocker(struct sources *s, const struct finding *f, int32_t day, struct spell_day *days) {
  struct concerning *x = s->x;
  const enum concern_kind kind = kind_of(f);
  if (kind == CONCERN_KINDS || is_told(x, kind, f->source)) return;
  if (kind == CONCERN_SPF_ALONE && is_signed_again(s, f, days)) return;
  const struct spell spell = whole_life(x, f);
  const int32_t since = concern_so_since(x, day, is_blocked_by, f);
  const int32_t gone_day = day == x->end_day ? INT32_MAX : day + (int32_t)x->basis->thresholds->finding_clean_days;
  concern_add(x, &(struct concern){.kind = kind,
                                   .subject = f->source,
                                   .source = *f->example ? f->example : NULL,
                                   .first_day = spell.first_day,
                                   .last_day = spell.last_day,
                                   .found_day = since > spell.first_day ? since : spell.first_day,
                                   .gone_day = gone_day,
                                   .messages = f->messages,
                                   .finding = f});
}

static void find_blockers_of(struct sources *s, const struct judgement *j, int32_t day, struct spell_day *days) {
  for (; j; j = j->below)
    for (unsigned i = 0; i < j->blockers.count; i++) find_blocker(s, &j->blockers.items[i], day, days);
}

/* Does a judgement name what is looked for here, or come near to it? Else the days between are not judged. */
static bool is_near(const struct judgement *j) {
  for (; j; j = j->below) {
    const enum gate_state state = j->gates[GATE_FORWARDED].state;
    if (state == GATE_WARN || state == GATE_FAIL) return true;
    for (unsigned i = 0; i < j->blockers.count; i++)
      if (kind_of(&j->blockers.items[i]) != CONCERN_KINDS) return true;
  }
  return false;
}

/* Those of today, and those of the days before, the newest first. */
static void find_blockers(struct sources *s, struct spell_day *days) {
  struct concerning *x = s->x;
  const struct judgement *then = concern_judged_on(x, x->past_begin);
  find_blockers_of(s, x->j, x->end_day, days);
  if (!is_near(x->j) && !(then && is_near(then))) return;
  for (int32_t day = x->end_day - 1; day >= x->past_begin; day--)
    find_blockers_of(s, concern_judged_on(x, day), day, days);
}

static void find_questions(struct sources *s, const struct judgement *j, struct spell_day *days) {
  for (unsigned i = 0; i < j->blockers.count; i++) find_question(s, &j->blockers.items[i], true, days);
  for (unsigned i = 0; i < j->questions.count; i++) find_question(s, &j->questions.items[i], false, days);
}

void concerns_of_questions(struct sources *s, struct spell_day *days) {
  for (const struct judgement *j = s->x->j; j; j = j->below) find_questions(s, j, days);
  find_blockers(s, days);
}
