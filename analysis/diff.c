/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up two periods of a domain's history. What the mail of both is comes from the later judgement, so that a source
 * that was classed anew is no change of mail; of the earlier one the verdict and the policy are kept. */
#include "analysis/diff.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/comparison.h"
#include "base/cleanup.h"
#include "base/utc.h"

const char *diff_kind_word(enum diff_kind kind) {
  static const char *const WORDS[DIFF_KINDS] = {
      "replay_suspected", "verdict",   "policy",          "silent",      "new_domain", "own_pass_rate",
      "source_pass_rate", "surge",     "new_from_domain", "ceased",      "new_source", "gone_source",
      "raw_pass_rate",    "strangers", "gone_reporter",   "new_reporter"};
  return WORDS[kind];
}

const char *diff_effect_word(enum diff_effect effect) {
  static const char *const WORDS[] = {"worse", "neutral", "better"};
  return WORDS[effect];
}

/* --- the former verdict ------------------------------------------------------------------------------------------- */

static int keep_verdict(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct comparison *c = user;
  struct verdict_then *then = hashmap_put(&c->thens, h->domain, strlen(h->domain) + 1, NULL);
  *then = (struct verdict_then){.verdict = j->verdict,
                                .has_below = j->below != NULL,
                                .below = j->below ? j->below->verdict : j->verdict,
                                .policy = j->policy};
  const char **texts[] = {&then->policy.p, &then->policy.sp, &then->policy.np, &then->policy.adkim, &then->policy.aspf};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) *texts[i] = arena_strdup(c->arena, *texts[i]);
  return 0;
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

/* -1: in neither period. */
static int period_of(const struct comparison *c, int32_t day) {
  for (int p = BEFORE; p < PERIODS; p++)
    if (day >= c->periods[p].begin_day && day < c->periods[p].end_day) return p;
  return -1;
}

static enum owner owner_of(const struct stream *s) {
  if (stream_is_own(s)) return OWN;
  if (s->class == CLASS_UNDECIDED) return UNDECIDED;
  return s->class == CLASS_FORWARDER || s->class == CLASS_FORWARDER_MODIFIED ? FORWARDED : STRANGE;
}

static struct place *place_of(struct comparison *c, const struct stream *s) {
  const struct {
    struct interned site;
    int64_t owner;
  } key = {s->site, owner_of(s)};
  bool is_new;
  struct place *place = hashmap_put(&c->places, &key, sizeof key, &is_new);
  if (is_new) *place = (struct place){.site = s->site, .owner = owner_of(s), .first_day = INT32_MAX};
  return place;
}

static void add_mail(struct diff_mail *to, const struct diff_mail *from) {
  to->messages += from->messages;
  to->passed += from->passed;
  if (from->days > to->days) to->days = from->days; /* of the most regular part */
}

static void add_stream(struct comparison *c, const struct stream *s) {
  struct diff_mail mail[PERIODS] = {0};
  if (s->class == CLASS_IGNORED || !s->day_count) return;
  for (uint32_t i = 0; i < s->day_count; i++) {
    int p = period_of(c, s->days[i].day);
    if (p < 0) continue;
    add_mail(&mail[p], &(struct diff_mail){s->days[i].messages, s->days[i].passed, 0});
    mail[p].days++;
  }
  struct place *place = place_of(c, s);
  if (s->days[0].day < place->first_day) place->first_day = s->days[0].day;
  for (int p = BEFORE; p < PERIODS; p++) {
    add_mail(&place->mail[p], &mail[p]);
    add_mail(&c->sums[place->owner][p], &mail[p]);
    add_mail(&c->all[p], &mail[p]);
    if (mail[p].messages <= place->largest_messages[p]) continue;
    place->largest_messages[p] = mail[p].messages;
    place->largest[p] = s;
  }
}

/* Reports come by begin, and so mostly by the day of their middle: days are counted as they change. */
static void add_report(struct comparison *c, const struct seen_report *r, int32_t *last_day) {
  int32_t day = r->day;
  struct reporter *reporter = &c->reporters[r->reporter];
  int p = period_of(c, day);
  if (reporter->first_day == INT32_MAX) reporter->first_day = day;
  if (day > c->total->newest_day) c->total->newest_day = day;
  if (p < 0) return;
  c->reports[p]++;
  c->report_days[p] += day != *last_day;
  *last_day = day;
  reporter->mail[p].messages += r->messages;
  reporter->mail[p].days += reporter->last_day != day;
  reporter->last_day = day;
}

static void add_up(struct comparison *c) {
  const struct history *h = c->h;
  int32_t last_day = INT32_MIN;
  hashmap_init(&c->places, sizeof(struct place));
  c->reporters = mem_alloc((h->reporter_count + 1) * sizeof *c->reporters);
  for (uint32_t i = 0; i < h->reporter_count; i++)
    c->reporters[i] = (struct reporter){.first_day = INT32_MAX, .last_day = INT32_MIN};
  for (uint32_t i = 0; i < h->report_count; i++) add_report(c, &h->reports[i], &last_day);
  for (uint32_t i = 0; i < h->stream_count; i++) add_stream(c, &h->streams[i]);
}

static void forget_domain(struct comparison *c) {
  hashmap_clear(&c->places);
  free(TAKE_PTR(c->reporters));
  memset(c->sums, 0, sizeof c->sums);
  memset(c->all, 0, sizeof c->all);
  memset(c->reports, 0, sizeof c->reports);
  memset(c->report_days, 0, sizeof c->report_days);
  c->count = 0;
}

/* --- domains ------------------------------------------------------------------------------------------------------ */

static int hand_over(struct comparison *c, struct err *e) {
  if (!c->count) return 0;
  uint32_t told = c->count < DIFF_MOST_CHANGES ? c->count : DIFF_MOST_CHANGES;
  const struct diff_domain domain = {c->h->domain, c->changes, told, c->count - told};
  c->total->changed++;
  return c->fn(c->user, &domain, e);
}

static int compare(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct comparison *c = user;
  c->h = h;
  c->j = j;
  add_up(c);
  incidents_find(h, c->periods[NOW].end_day - 1, &c->incidents);
  compare_domain(c);
  c->total->domains++;
  for (int p = BEFORE; p < PERIODS; p++) c->total->reports[p] += c->reports[p];
  int code = hand_over(c, e);
  forget_domain(c);
  return code;
}

/* At the end of a period, from what had begun by then: the first may lie before the first report. */
static int judge_at(const struct inquiry *q, const struct diff_period *period, judgement_fn *fn, struct comparison *c,
                    struct err *e) {
  struct judgement_basis basis = *q->basis;
  struct inquiry at = *q;
  basis.before_s = utc_from_day(period->end_day);
  basis.as_of_s = basis.before_s - 1;
  at.basis = &basis;
  return period == &c->periods[BEFORE] ? judge_each_known(&at, fn, c, e) : judge_each(&at, fn, c, e);
}

int diff_each(const struct inquiry *q, const struct diff_period periods[2], diff_fn *fn, void *user,
              struct diff_total *ret_total, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(64 * 1024);
  struct comparison c = {
      .periods = periods, .basis = q->basis, .arena = arena, .fn = fn, .user = user, .total = ret_total};
  *ret_total = (struct diff_total){0};
  hashmap_init(&c.thens, sizeof(struct verdict_then));
  int code = judge_at(q, &periods[BEFORE], keep_verdict, &c, e);
  if (!code) code = judge_at(q, &periods[NOW], compare, &c, e);
  hashmap_clear(&c.thens);
  free(c.changes);
  return code;
}
