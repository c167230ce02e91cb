/* SPDX-License-Identifier: Apache-2.0 */
/* Has the reporters of each day vote on the policy, and compares days. */
#include "analysis/policy_steps.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"

#define POLICIES (POLICY_REJECT + 1)

/* What a reporter tells on the last day with a report of its own. */
struct voice {
  int32_t day;
  enum policy told; /* POLICY_UNKNOWN: it has not spoken yet */
};

/* Days with reports that tell of a policy, as they come. */
struct walk {
  struct voice *voices; /* of each reporter */
  int32_t day;
  uint32_t votes[POLICIES]; /* of the day */
  enum policy now, next;    /* next: told on one day so far; else the same */
  int32_t next_day;
  int32_t begin_day;
  struct policy_step *steps;
  unsigned count, most;
};

static enum policy most_told(const uint32_t votes[POLICIES]) {
  enum policy most = POLICY_UNKNOWN;
  for (enum policy p = POLICY_NONE; p < POLICIES; p++)
    if (votes[p] > (most == POLICY_UNKNOWN ? 0 : votes[most])) most = p;
  return most;
}

/* Of too many the oldest goes. */
static void add_step(struct walk *w, struct policy_step step) {
  if (w->count == w->most) memmove(w->steps, w->steps + 1, --w->count * sizeof *w->steps);
  w->steps[w->count++] = step;
}

static void end_day(struct walk *w) {
  const enum policy told = most_told(w->votes);
  memset(w->votes, 0, sizeof w->votes);
  if (told == POLICY_UNKNOWN) return;
  if (w->now == POLICY_UNKNOWN) w->now = w->next = told;
  if (told == w->now || told != w->next) {
    w->next = told;
    w->next_day = w->day;
    return;
  }
  if (w->next_day >= w->begin_day) add_step(w, (struct policy_step){w->next_day, w->now, told});
  w->now = told;
}

/* One voice a reporter, however many reports it sends: the last one of the day. */
static void vote(struct walk *w, uint32_t reporter, enum policy told) {
  struct voice *v = &w->voices[reporter];
  if (told == POLICY_UNKNOWN) return;
  if (v->told != POLICY_UNKNOWN && v->day == w->day) w->votes[v->told]--;
  *v = (struct voice){w->day, told};
  w->votes[told]++;
}

unsigned policy_steps_find(const struct history *h, const struct judgement *j, int32_t begin_day,
                           struct policy_step *ret, unsigned most) {
  const int32_t since = utc_day_of(j->policy_since_s);
  _cleanup_free_ struct voice *voices = mem_zalloc((h->reporter_count + 1) * sizeof *voices);
  struct walk w = {.voices = voices, .begin_day = begin_day, .steps = ret, .most = most, .day = INT32_MIN};
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    const int32_t day = utc_day_of(r->begin_s); /* by which they are sorted */
    if (r->begin_s >= j->window_end_s || history_doubts(h, r)) continue;
    if (day != w.day) end_day(&w);
    w.day = day;
    vote(&w, r->reporter, policy_of(h->policies[r->policy].p));
  }
  end_day(&w);
  /* A stray report of the new policy may come before all others: the page names one day. */
  if (w.count && ret[w.count - 1].to == j->current && since >= begin_day) ret[w.count - 1].day = since;
  return w.count;
}
