/* SPDX-License-Identifier: Apache-2.0 */
/* Holds two periods of a domain against each other and says what is worth telling. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/comparison.h"
#include "base/cleanup.h"

static struct diff_change *add_change(struct comparison *c, enum diff_kind kind, enum diff_effect effect,
                                      const struct diff_mail mail[PERIODS]) {
  MEM_GROW(c->changes, c->capacity, c->count);
  struct diff_change *change = &c->changes[c->count++];
  *change = (struct diff_change){.kind = kind, .effect = effect, .mail = {mail[BEFORE], mail[NOW]}};
  return change;
}

/* The verdicts' order is from the worst to the best. */
static void compare_verdict(struct comparison *c, bool below, enum verdict then, const struct judgement *j) {
  if (j->verdict == then) return;
  struct diff_change *change = add_change(c, DIFF_VERDICT, j->verdict < then ? DIFF_WORSE : DIFF_BETTER, c->all);
  change->below = below;
  change->before = then;
  change->after = j->verdict;
  change->note = j->reason;
}

static void compare_tag(struct diff_change *change, const char *name, const char *before, const char *after) {
  if (!before || !after || !strcmp(before, after)) return;
  change->tags[change->tag_count++] = (struct diff_tag){name, before, after};
}

static const char *or_else(const char *text, const char *otherwise) { return text ? text : otherwise; }

static bool follows_p(const struct seen_policy *p) { return p->p && !strcmp(or_else(p->sp, p->p), p->p); }

/* What reports write for the same record differs: many leave out what is the default, or fill it in; older ones have no
 * np and t, newer ones no pct. Only what both sides tell is compared, each by what it means. */
void compare_tags(struct diff_change *change, const struct seen_policy *then, const struct seen_policy *now) {
  compare_tag(change, "p", or_else(then->p, "unknown"), or_else(now->p, "unknown"));
  /* An sp that follows p changes with it, which is told already. */
  if (!follows_p(then) || !follows_p(now))
    compare_tag(change, "sp", or_else(then->sp, then->p), or_else(now->sp, now->p));
  compare_tag(change, "np", then->np, now->np);
  compare_tag(change, "adkim", or_else(then->adkim, "r"), or_else(now->adkim, "r"));
  compare_tag(change, "aspf", or_else(then->aspf, "r"), or_else(now->aspf, "r"));
  if (then->testing && now->testing)
    compare_tag(change, "t", then->testing == 'y' ? "y" : "n", now->testing == 'y' ? "y" : "n");
  if (then->sampled && now->sampled)
    compare_tag(change, "pct", then->sampled == 'y' ? "<100" : "100", now->sampled == 'y' ? "<100" : "100");
}

static void compare_policy(struct comparison *c, const struct seen_policy *then, const struct seen_policy *now) {
  struct diff_change tags = {0};
  compare_tags(&tags, then, now);
  if (!tags.tag_count) return;
  struct diff_change *change = add_change(c, DIFF_POLICY, DIFF_NEUTRAL, c->all);
  memcpy(change->tags, tags.tags, sizeof tags.tags);
  change->tag_count = tags.tag_count;
}

static double points(const struct diff_mail *m) { return 100.0 * (double)m->passed / (double)m->messages; }

/* By so many points, on both sides of which there is mail enough. */
static bool rate_changed(const struct diff_mail mail[PERIODS], double least_points, enum diff_effect *ret_effect) {
  if (mail[BEFORE].messages < DIFF_LEAST_MESSAGES || mail[NOW].messages < DIFF_LEAST_MESSAGES) return false;
  double change = points(&mail[NOW]) - points(&mail[BEFORE]);
  *ret_effect = change < 0 ? DIFF_WORSE : DIFF_BETTER;
  return fabs(change) >= least_points;
}

static void compare_rates(struct comparison *c) {
  enum diff_effect effect;
  if (rate_changed(c->sums[OWN], 100 * c->basis->thresholds->drop[TO_QUARANTINE], &effect))
    add_change(c, DIFF_OWN_PASS_RATE, effect, c->sums[OWN]);
  if (rate_changed(c->all, DIFF_RAW_POINTS, &effect)) add_change(c, DIFF_RAW_PASS_RATE, effect, c->all);
}

static double per_day(const struct comparison *c, int period, int64_t messages) {
  return (double)messages / (c->periods[period].end_day - c->periods[period].begin_day);
}

static void compare_strangers(struct comparison *c) {
  const struct diff_mail *mail = c->sums[STRANGE];
  double before = per_day(c, BEFORE, mail[BEFORE].messages), now = per_day(c, NOW, mail[NOW].messages);
  double days = c->periods[NOW].end_day - c->periods[NOW].begin_day;
  if (fabs(now - before) * days < DIFF_STRANGERS_MESSAGES) return;
  if (fmax(now, before) < DIFF_STRANGERS_TIMES * fmin(now, before)) return;
  add_change(c, DIFF_STRANGERS, now > before ? DIFF_WORSE : DIFF_BETTER, mail);
}

/* What is known of why mail of the source fails. */
static const struct fall *fall_of(const struct judgement *j, const char *site) {
  const struct findings *lists[] = {&j->blockers, &j->own_failing};
  for (unsigned i = 0; i < ARRAY_SIZE(lists); i++)
    for (unsigned k = 0; k < lists[i]->count; k++)
      if (lists[i]->items[k].fall && !strcmp(lists[i]->items[k].source, site)) return lists[i]->items[k].fall;
  return j->below ? fall_of(j->below, site) : NULL;
}

/* A period may be shorter than what makes a pause. */
static bool was_regular(const struct comparison *c, const struct diff_mail *before) {
  uint32_t length = (uint32_t)(c->periods[BEFORE].end_day - c->periods[BEFORE].begin_day);
  return before->days >= (length < DIFF_GONE_DAYS ? length : DIFF_GONE_DAYS);
}

static void tell_source(struct comparison *c, const struct place *place, enum diff_kind kind, enum diff_effect effect) {
  const struct stream *s = place->largest[kind == DIFF_GONE_SOURCE ? BEFORE : NOW];
  struct diff_change *change = add_change(c, kind, effect, place->mail);
  change->subject = place->site.text;
  change->class = s->class;
  change->example = *s->source.text ? s->source.text : NULL;
  change->note = s->evidence;
  if (kind == DIFF_SOURCE_PASS_RATE && effect == DIFF_WORSE) change->fall = fall_of(c->j, place->site.text);
}

static void compare_place(struct comparison *c, const struct place *place) {
  const struct diff_mail *mail = place->mail;
  enum diff_effect effect;
  if (place->owner != OWN && place->owner != UNDECIDED) return;
  if (mail[NOW].messages && place->first_day >= c->periods[NOW].begin_day)
    tell_source(
        c, place, DIFF_NEW_SOURCE,
        place->owner == UNDECIDED || place->largest[NOW]->class == CLASS_OWN_BROKEN ? DIFF_WORSE : DIFF_NEUTRAL);
  else if (!mail[NOW].messages && mail[BEFORE].messages && was_regular(c, &mail[BEFORE]))
    tell_source(c, place, DIFF_GONE_SOURCE, place->owner == UNDECIDED ? DIFF_BETTER : DIFF_NEUTRAL);
  else if (place->owner == OWN && rate_changed(mail, DIFF_SOURCE_POINTS, &effect))
    tell_source(c, place, DIFF_SOURCE_PASS_RATE, effect);
}

static void compare_reporters(struct comparison *c) {
  for (uint32_t i = 0; i < c->h->reporter_count; i++) {
    const struct reporter *r = &c->reporters[i];
    const char *name = *c->h->reporters[i] ? c->h->reporters[i] : NULL;
    if (r->mail[NOW].days && r->first_day >= c->periods[NOW].begin_day)
      add_change(c, DIFF_NEW_REPORTER, DIFF_NEUTRAL, r->mail)->subject = name;
    else if (!r->mail[NOW].days && r->mail[BEFORE].days && was_regular(c, &r->mail[BEFORE]))
      add_change(c, DIFF_GONE_REPORTER, DIFF_WORSE, r->mail)->subject = name;
  }
}

static bool is_told_as_gone(const struct comparison *c, const struct incident *i) {
  for (uint32_t k = 0; k < c->count; k++)
    if (c->changes[k].kind == DIFF_GONE_SOURCE && !strcmp(c->changes[k].subject, i->subject)) return true;
  return false;
}

/* What could be told before is told once, but for a replay, which goes on until the key is changed. */
static void compare_incidents(struct comparison *c) {
  static const enum diff_kind KINDS[INCIDENT_KINDS] = {
      [INCIDENT_REPLAY] = DIFF_REPLAY,
      [INCIDENT_SURGE] = DIFF_SURGE,
      [INCIDENT_NEW_FROM] = DIFF_NEW_FROM,
      [INCIDENT_CEASED] = DIFF_CEASED,
  };
  for (unsigned k = 0; k < c->incidents.count; k++) {
    const struct incident *i = &c->incidents.items[k];
    const int32_t told_day = i->kind == INCIDENT_REPLAY ? i->last_day : i->found_day;
    if (told_day < c->periods[NOW].begin_day || (i->kind == INCIDENT_CEASED && is_told_as_gone(c, i))) continue;
    const struct diff_mail mail[PERIODS] = {[NOW] = {.messages = i->messages}};
    struct diff_change *change =
        add_change(c, KINDS[i->kind], i->kind == INCIDENT_REPLAY ? DIFF_WORSE : DIFF_NEUTRAL, mail);
    change->subject = i->subject;
    change->example = *i->source ? i->source : NULL;
    change->incident = i;
  }
}

static void compare_mail(struct comparison *c) {
  compare_rates(c);
  compare_strangers(c);
  for (uint32_t i = 0; i < c->places.count; i++) compare_place(c, hashmap_value_at(&c->places, i));
  compare_reporters(c);
  compare_incidents(c);
}

static void compare_with_former(struct comparison *c) {
  const struct judgement *j = c->j;
  const struct verdict_then *then = hashmap_get(&c->thens, c->h->domain, strlen(c->h->domain) + 1);
  if (!then) {
    if (c->reports[NOW]) add_change(c, DIFF_NEW_DOMAIN, DIFF_NEUTRAL, c->all)->after = j->verdict;
    return;
  }
  compare_verdict(c, false, then->verdict, j);
  if (then->has_below && j->below) compare_verdict(c, true, then->below, j->below);
  compare_policy(c, &then->policy, &j->policy);
  const struct diff_mail reported[PERIODS] = {{.days = c->report_days[BEFORE]}};
  if (c->reports[NOW])
    compare_mail(c);
  else if (c->reports[BEFORE] && was_regular(c, &reported[BEFORE]))
    add_change(c, DIFF_SILENT, DIFF_WORSE, c->all);
}

static int64_t weight(const struct diff_change *c) {
  return c->mail[BEFORE].messages > c->mail[NOW].messages ? c->mail[BEFORE].messages : c->mail[NOW].messages;
}

static int by_importance(const void *a, const void *b) {
  const struct diff_change *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->effect != y->effect) return x->effect < y->effect ? -1 : 1;
  if (weight(x) != weight(y)) return weight(x) > weight(y) ? -1 : 1;
  return strcmp(or_else(x->subject, ""), or_else(y->subject, ""));
}

void compare_domain(struct comparison *c) {
  compare_with_former(c);
  if (c->count) qsort(c->changes, c->count, sizeof *c->changes, by_importance);
}
