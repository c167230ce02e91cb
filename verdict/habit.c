/* SPDX-License-Identifier: Apache-2.0 */
/* Which strangers come back: what a machine that somebody forgot to authenticate does, and a forger's run does not. */
#include "base/utc.h"
#include "verdict/classifying.h"

/* Of mail without anything of the owner's that passes, at one site. */
struct presence {
  int32_t first_day, last_day, days_seen;
  int64_t messages, at_weekends, spf_failed;
};

struct presences {
  struct hashmap by_site; /* site -> struct presence */
  struct hashmap met_on;  /* set of site and day */
};

static bool is_weekend(int32_t day) { return utc_weekday(day) >= 5; }

/* On days that lie apart: one run is in reports of two days where reporters begin theirs at different hours. A host
 * that nobody meets twice has no habit, whatever its neighbours do. */
static bool is_met_again(const struct stream *s, const struct thresholds *t) {
  return s->day_count && s->days[s->day_count - 1].day - s->days[0].day >= t->met_again_days;
}

/* Once, however many hosts of the site were met on that day. */
static bool is_first_of_day(struct presences *x, struct interned site, int32_t day) {
  const struct {
    struct interned site;
    int64_t day;
  } key = {site, day};
  bool is_first;
  hashmap_put(&x->met_on, &key, sizeof key, &is_first);
  return is_first;
}

static void add_presence(struct presences *x, const struct stream *s) {
  bool is_new;
  struct presence *p = hashmap_put(&x->by_site, &s->site, sizeof s->site, &is_new);
  if (is_new) *p = (struct presence){.first_day = INT32_MAX, .last_day = INT32_MIN};
  for (uint32_t i = 0; i < s->day_count; i++) {
    int32_t day = s->days[i].day;
    if (is_first_of_day(x, s->site, day)) p->days_seen++;
    if (day < p->first_day) p->first_day = day;
    if (day > p->last_day) p->last_day = day;
    if (is_weekend(day)) p->at_weekends += s->days[i].messages;
    p->messages += s->days[i].messages;
  }
  p->spf_failed += s->spf_failed;
}

static enum stream_habit habit_of(const struct presence *p, const struct thresholds *t) {
  if (p->days_seen < t->habit_days || p->last_day - p->first_day < t->habit_span_days) return HABIT_NONE;
  if ((double)p->at_weekends < t->weekend_share * (double)p->messages) return HABIT_WORKING_WEEKS;
  /* A forger takes the owner's name for the envelope too, and works at weekends. */
  return (double)p->spf_failed < t->forged_spf_share * (double)p->messages ? HABIT_COMES_BACK : HABIT_NONE;
}

void find_habits(struct history *h, const struct thresholds *t) {
  struct presences x;
  hashmap_init(&x.by_site, sizeof(struct presence));
  hashmap_init(&x.met_on, sizeof(bool));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!is_authenticated(s) && is_met_again(s, t)) add_presence(&x, s);
  }
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    bool counts = !is_authenticated(s) && is_met_again(s, t);
    s->habit = counts ? habit_of(hashmap_get(&x.by_site, &s->site, sizeof s->site), t) : HABIT_NONE;
  }
  hashmap_clear(&x.by_site);
  hashmap_clear(&x.met_on);
}
