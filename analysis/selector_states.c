/* SPDX-License-Identifier: Apache-2.0 */
/* Says what became of a selector: in use, broken, silent, retired. */
#include "analysis/selecting.h"
#include "base/utc.h"

const char *selector_state_word(enum selector_state state) {
  static const char *const WORDS[] = {[SELECTOR_UNNAMED] = "unnamed", [SELECTOR_NEVER_PASSED] = "never_passed",
                                      [SELECTOR_RETIRED] = "retired", [SELECTOR_BROKEN] = "broken",
                                      [SELECTOR_SILENT] = "silent",   [SELECTOR_NEW] = "new",
                                      [SELECTOR_ACTIVE] = "active"};
  return WORDS[state];
}

static int32_t silence_days(const struct selecting *s) { return s->heard_until - s->last_used; }

/* A key that is withdrawn too early is harm: the silence must be longer than any pause that was seen, or than the
 * longest that anything is remembered for (yearly invoices). */
static bool is_retired(const struct selecting *s, const struct thresholds *t) {
  int32_t silence = silence_days(s);
  if (silence <= SELECTOR_SILENT_DAYS) return false;
  if (silence > t->memory_days) return true;
  return s->used_days >= SELECTOR_RHYTHM_DAYS && silence > SELECTOR_GAPS * s->longest_gap_days;
}

static bool mostly_fails(int64_t passed, int64_t failed) { return failed > passed; }

static bool is_broken(const struct selecting *s) {
  int64_t passed = 0, failed = 0;
  for (uint32_t i = s->day_count; i-- > 0 && s->days[i].day > s->days[s->day_count - 1].day - SELECTOR_RECENT_DAYS;) {
    passed += s->days[i].passed;
    failed += s->days[i].failed;
  }
  return passed + failed >= SELECTOR_RECENT_LEAST && mostly_fails(passed, failed);
}

/* The first day of the run of own mail that mostly fails, up to the last one. */
static int32_t broken_since(const struct selecting *s) {
  int32_t since = s->day_count ? s->days[s->day_count - 1].day : s->first_used;
  for (uint32_t i = s->day_count; i-- > 0;) {
    if (s->days[i].passed + s->days[i].failed == 0) continue;
    if (!mostly_fails(s->days[i].passed, s->days[i].failed)) break;
    since = s->days[i].day;
  }
  return since;
}

/* Reports of a clock in 1970 do not make the history long. */
int32_t selectors_first_day(const struct history *h, int32_t newest, const struct thresholds *t) {
  for (uint32_t i = 0; i < h->report_count; i++) {
    int32_t day = utc_day_of(h->reports[i].begin_s);
    if (day >= newest - t->memory_days) return day;
  }
  return newest;
}

static enum selector_state state_of(const struct selecting *s, int32_t first, int32_t newest,
                                    const struct thresholds *t) {
  if (!s->s.name) return SELECTOR_UNNAMED;
  if (!s->s.results[SIGNATURE_PASS]) return SELECTOR_NEVER_PASSED;
  if (is_retired(s, t)) return SELECTOR_RETIRED;
  if (is_broken(s)) return SELECTOR_BROKEN;
  if (silence_days(s) > SELECTOR_SILENT_DAYS) return SELECTOR_SILENT;
  bool is_new = s->first_used > newest - SELECTOR_NEW_DAYS && s->first_used - first >= SELECTOR_NEW_DAYS;
  return is_new ? SELECTOR_NEW : SELECTOR_ACTIVE;
}

void selector_judge(struct selecting *x, int32_t first_day, int32_t newest_day, const struct thresholds *t) {
  struct selector *s = &x->s;
  bool used = x->used_days > 0;
  s->first_day = used ? x->first_used : x->first_met;
  s->last_day = used ? x->last_used : x->last_met;
  s->state = state_of(x, first_day, newest_day, t);
  s->silence_days = silence_days(x);
  s->fails = s->state == SELECTOR_BROKEN || (s->state == SELECTOR_NEVER_PASSED && s->own_messages > 0);
  s->broken_since_day = broken_since(x);
}
