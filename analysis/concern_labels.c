/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said of a source and time has overtaken: a review that is due, and mail that does not come as it is
 * expected. */
#include <string.h>

#include "analysis/concerning.h"
#include "base/cleanup.h"
#include "base/utc.h"

/* What is expected in a day or a week is compared over a week, which has all its weekdays. */
static int32_t compared_days(const struct label *l) { return l->expected.days > 7 ? l->expected.days : 7; }

/* On the day of asking, of this domain. A label for all domains is where its mail is. */
static bool is_here(const struct concerning *x, const struct label *l) {
  if (l->made_s > x->basis->as_of_s) return false;
  if (l->until_s != FEEDBACK_TIME_UNKNOWN && l->until_s <= x->basis->as_of_s) return false;
  if (l->domain) return !strcmp(l->domain, x->h->domain);
  for (uint32_t i = 0; i < x->h->stream_count; i++)
    if (x->h->streams[i].label == l) return true;
  return false;
}

static int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }

/* It lasts until the label is reviewed, which gives it another day. */
static void find_review(struct concerning *x, const struct label *l) {
  if (!label_is_due(l, x->basis->as_of_s)) return;
  const int32_t due_day = later(utc_day_of(l->review_s), utc_day_of(l->made_s));
  concern_add(x, &(struct concern){.kind = CONCERN_REVIEW_DUE,
                                   .subject = l->source,
                                   .first_day = due_day,
                                   .last_day = x->as_of_day,
                                   .found_day = due_day,
                                   .gone_day = INT32_MAX,
                                   .label = l});
}

/* --- mail as it is expected --------------------------------------------------------------------------------------- */

/* The mail that the label holds for, a number for each day from begin_day on. */
static int64_t *count_mail(const struct concerning *x, const struct label *l) {
  int64_t *mail = mem_zalloc(((size_t)(x->end_day - x->begin_day) + 1) * sizeof *mail);
  for (uint32_t i = 0; i < x->h->stream_count; i++) {
    const struct stream *s = &x->h->streams[i];
    for (uint32_t k = 0; s->label == l && k < s->day_count; k++)
      if (s->days[k].day >= x->begin_day && s->days[k].day <= x->end_day)
        mail[s->days[k].day - x->begin_day] += s->days[k].messages;
  }
  return mail;
}

/* The days with reports up to heard[at], as far back as is compared. */
struct stretch {
  uint32_t heard;
  int64_t came;
  double expected;
};

static struct stretch stretch_up_to(const struct concerning *x, const struct label *l, const int64_t *mail,
                                    uint32_t at) {
  struct stretch s = {0};
  for (uint32_t i = at + 1; i-- > 0 && x->heard[i] > x->heard[at] - compared_days(l); s.heard++)
    s.came += mail[x->heard[i] - x->begin_day];
  s.expected = (double)l->expected.messages / l->expected.days * s.heard;
  return s;
}

/* A stretch that nobody reports most of, or that begins before anybody did, says nothing. */
static bool is_told_of(const struct concerning *x, const struct label *l, const struct stretch *s, uint32_t at) {
  return 2 * s->heard > (uint32_t)compared_days(l) && x->heard[at] - x->heard[0] + 1 >= compared_days(l);
}

static bool is_met(const struct concerning *x, const struct stretch *s) {
  const double times = x->basis->thresholds->finding_expected_times;
  return (double)s->came * times >= s->expected && (double)s->came <= s->expected * times;
}

/* A single day proves nothing: reports take a day or two. As many days speak against it as will speak for it. */
static bool has_lasted(const void *user, int64_t messages, int64_t bad) {
  (void)messages;
  const struct concerning *x = user;
  return bad >= (int64_t)x->basis->thresholds->finding_clean_days;
}

/* The days with reports, each by the stretch that it ends: 1 where that is not what was expected. */
static uint32_t compare_days(const struct concerning *x, const struct label *l, const int64_t *mail,
                             struct spell_day *ret) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < x->heard_count; i++) {
    const struct stretch s = stretch_up_to(x, l, mail, i);
    if (is_told_of(x, l, &s, i)) ret[count++] = (struct spell_day){x->heard[i], 1, !is_met(x, &s)};
  }
  return count;
}

static uint32_t place_of(const struct concerning *x, int32_t day) {
  uint32_t i = 0;
  while (x->heard[i] != day) i++;
  return i;
}

static void find_unexpected(struct concerning *x, const struct label *l) {
  if (!l->expected.days || !l->domain) return; /* of all domains together nobody knows how much is this one's */
  _cleanup_free_ int64_t *mail = count_mail(x, l);
  _cleanup_free_ struct spell_day *days = mem_alloc((x->heard_count + 1) * sizeof *days);
  const uint32_t count = compare_days(x, l, mail, days);
  const struct spell_rules rules = {
      .clean_days = (int32_t)x->basis->thresholds->finding_clean_days, .is_told = has_lasted, .user = x};
  const int32_t made_day = utc_day_of(l->made_s);
  struct spell spell;
  if (!spells_last(&rules, days, count, x->heard, x->heard_count, x->end_day, &spell) || spell.gone_day <= made_day)
    return;
  const struct stretch last = stretch_up_to(x, l, mail, place_of(x, spell.last_day));
  concern_add(x, &(struct concern){.kind = CONCERN_EXPECTED_VOLUME,
                                   .subject = l->source,
                                   .first_day = spell.first_day,
                                   .last_day = spell.last_day,
                                   .found_day = later(spell.found_day, made_day),
                                   .gone_day = spell.gone_day,
                                   .label = l,
                                   .came = last.came,
                                   .came_days = last.heard,
                                   .expected = last.expected});
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

void concerns_of_labels(struct concerning *x, bool is_silent) {
  for (unsigned i = 0; i < x->basis->labels->count; i++) {
    const struct label *l = &x->basis->labels->items[i];
    if (!is_here(x, l)) continue;
    find_review(x, l);
    if (!is_silent) find_unexpected(x, l);
  }
}
