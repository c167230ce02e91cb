/* SPDX-License-Identifier: Apache-2.0 */
/* The gates: what each measures, and the limit it is held against. What a gate that fails means for the verdict stands
 * in judge.c. */
#include <math.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

const char *gate_state_word(enum gate_state s) {
  static const char *const WORDS[] = {
      [GATE_PASS] = "pass", [GATE_WARN] = "warn", [GATE_FAIL] = "FAIL", [GATE_NOT_JUDGED] = "not judged"};
  return WORDS[s];
}

struct measured {
  double figure, limit;
  enum gate_state otherwise; /* where the figure does not hold against the limit */
  bool warns;                /* where it holds, and is worth a look all the same */
};

/* At the target nothing is left to wait for. */
static enum gate_state fails_before_target(const struct judging *g) {
  return g->j->next == POLICY_UNKNOWN ? GATE_WARN : GATE_FAIL;
}

/* Against own mail, not against all: a flood of spoofing must not dilute it. As much as that, or more, is 100. */
static double percent_of(int64_t own, int64_t messages) { return fmin(100, 100 * share(messages, own > 0 ? own : 1)); }

/* --- time and reporters ------------------------------------------------------------------------------------------- */

static struct measured policy_age(const struct judging *g) {
  double days = (double)(g->end_day + 1) - (double)g->j->policy_since_s / UTC_DAY_S;
  return (struct measured){days, g->t->policy_days, fails_before_target(g)};
}

/* Mail that is rarer than daily is held against its own rhythm. */
double wanted_data_days(const struct judging *g, int32_t window_days) {
  const struct thresholds *t = g->t;
  const double wanted = t->data_days[g->to];
  if (g->rhythm_days <= 1) return wanted;
  const double expected = window_days / g->rhythm_days;
  return fmin(wanted, fmax(t->rhythm_least_days, floor(t->rhythm_share * expected)));
}

static struct measured data_days(const struct judging *g) {
  const double wanted = wanted_data_days(g, g->end_day - g->begin_day + 1);
  return (struct measured){days_with_data(g).count, wanted, fails_before_target(g)};
}

static struct measured report_age(const struct judging *g) {
  double days = fmax(report_age_days(g), 0);
  double limit = fmax(g->t->report_age_days, g->t->rhythm_age * g->rhythm_days);
  return (struct measured){days, limit, GATE_FAIL, days > fmax(g->t->report_age_warn_days, g->rhythm_days)};
}

/* Two may do where there never were more. */
static struct measured reporters(const struct judging *g) {
  struct heard heard = heard_in_window(g);
  bool are_all = heard.reporters == 2 && heard.ever == 2;
  return (struct measured){heard.reporters, g->t->reporters, are_all ? GATE_WARN : fails_before_target(g)};
}

static struct measured top_reporter_share(const struct judging *g) {
  return (struct measured){100 * heard_in_window(g).top_share, 100 * g->t->top_reporter_share, GATE_WARN};
}

/* --- own mail ----------------------------------------------------------------------------------------------------- */

/* Not its lower bound alone, which may only want more mail; nor one message of few. */
bool is_own_mail_short(const struct judging *g) {
  const struct judgement *j = g->j;
  return (double)(j->own_messages - j->own_passed) >= g->t->source_failures &&
         wilson_upper(j->own_passed, j->own_messages) < g->t->own_lower[g->to];
}

/* At the target the rate itself is enough: the bound is what had to be proven before. */
static struct measured own_pass_lower(const struct judging *g) {
  const struct judgement *j = g->j;
  double limit = g->t->own_lower[g->to];
  bool rate_holds = share(j->own_passed, j->own_messages) >= limit ||
                    (double)(j->own_messages - j->own_passed) < g->t->source_failures;
  const bool is_silent = j->own_messages ? j->retired && !is_own_mail_short(g) : is_unused(j);
  return (struct measured){is_silent ? 100 : 100 * j->own_lower, 100 * limit,
                           rate_holds ? fails_before_target(g) : GATE_FAIL};
}

/* By what is proven: see own_senders.c. */
static struct measured own_source(const struct judging *g) {
  double worst = 1;
  for (uint32_t i = 0; i < g->sites.count; i++)
    if (site_at(g, i)->largest) worst = fmin(worst, site_at(g, i)->at_best);
  for (uint32_t i = 0; i < g->senders.count; i++) worst = fmin(worst, own_sender_at(g, i)->at_best);
  return (struct measured){100 * worst, 100 * g->t->source_rate[g->to], GATE_FAIL};
}

/* No fault of the sender's, and lost all the same. What is over says nothing of tomorrow, and what began the other day
 * may be gone tomorrow: so of the window and of its last days, and only where it goes on from day to day. */
static struct measured own_contradicted(const struct judging *g) {
  const struct judgement *j = g->j;
  const int32_t length = g->end_day - g->begin_day + 1, last_days = (int32_t)g->t->drop_days;
  _cleanup_free_ bool *seen = mem_zalloc((size_t)length);
  int64_t last = 0, last_contradicted = 0, days = 0;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    for (uint32_t d = 0; stream_is_own(s) && in_scope(g, s) && d < s->day_count; d++) {
      const struct stream_day *day = &s->days[d];
      if (day->day < g->begin_day || day->day > g->end_day) continue;
      days += day->contradicted && !seen[day->day - g->begin_day];
      seen[day->day - g->begin_day] |= day->contradicted > 0;
      if (day->day <= g->end_day - last_days) continue;
      last += day->messages;
      last_contradicted += day->contradicted;
    }
  }
  const double window = share(j->own_contradicted, j->own_messages + j->own_contradicted + j->own_unchecked);
  const double figure = (double)days < g->t->contradicted_days ? 0 : fmin(window, share(last_contradicted, last));
  return (struct measured){100 * figure, 100 * g->t->contradicted[g->to], fails_before_target(g)};
}

/* With the last runs of dormant streams, as the next. What happened to a key lately tells of tomorrow. */
static struct measured own_dkim(const struct judging *g) {
  int64_t messages = 0, dkim = 0;
  bool fell = false;
  for (uint32_t i = 0; i < g->sites.count; i++) {
    fell |= site_at(g, i)->lost_dkim;
    messages += site_at(g, i)->messages;
    dkim += site_at(g, i)->signed_messages;
  }
  return (struct measured){!g->j->own_messages ? 100 : 100 * share(dkim, messages), 100 * g->t->dkim_share_warn,
                           GATE_WARN, fell};
}

static struct measured own_spf_only(const struct judging *g) {
  int64_t messages = 0, spf_only = 0;
  for (uint32_t i = 0; i < g->sites.count; i++) {
    messages += site_at(g, i)->messages;
    spf_only += site_at(g, i)->on_spf;
  }
  return (struct measured){100 * share(spf_only, messages), 0, GATE_FAIL};
}

/* What was there on the first days of all is not new, only met. Where no mail was seen, there is no day to count from.
 */
static struct measured new_source(const struct judging *g) {
  const int32_t newest = find_newest_source(g).day, first = first_day_of_history(g->h);
  bool met = newest == INT32_MIN || newest <= first + (int32_t)(2 * g->rhythm_days);
  int32_t since = met ? first : newest;
  return (struct measured){since == INT32_MAX ? (double)NAN : (double)g->end_day - since + 1,
                           g->t->new_source_days[g->to], met ? GATE_WARN : fails_before_target(g)};
}

/* Where strangers took its place it may be they whom the policy rejects; silence alone is no harm at the target. */
static struct measured stopped(const struct judging *g) {
  const struct stopped *found = &g->j->stopped;
  return (struct measured){100 * found->part, 100 * g->t->stopped_share,
                           found->strange ? GATE_FAIL : fails_before_target(g)};
}

/* How many more of a site's failures fell into the last days than chance would have put there, and the variance of that
 * number (Mantel and Haenszel 1959: sums over sites compare each with itself). */
static void add_surprise(const struct site *s, double *more, double *variance) {
  double n = (double)s->last, m = (double)s->before, all = n + m;
  double failing = all - (double)(s->last_passed + s->before_passed);
  *more += n - (double)s->last_passed - failing * n / all;
  *variance += n * m * failing * (all - failing) / (all * all * (all - 1));
}

/* At equal mix: each source's fall weighs as much as the source does now. */
static struct measured drop(const struct judging *g) {
  double fall = 0, weight = 0, more = 0, variance = 0;
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    if ((double)s->before < g->t->drop_before_messages || s->last < 1) continue;
    fall += (double)s->last * (share(s->before_passed, s->before) - share(s->last_passed, s->last));
    weight += (double)s->last;
    add_surprise(s, &more, &variance);
  }
  double points = weight > 0 ? 100 * fall / weight : 0;
  bool is_trend = weight * fabs(points) / 100 >= g->t->drop_messages /* two messages are none */
                  && more - 0.5 > PROPORTION_Z * sqrt(variance);
  return (struct measured){is_trend ? fmax(points, 0) : 0, 100 * g->t->drop[g->to], GATE_FAIL};
}

/* --- doubt -------------------------------------------------------------------------------------------------------- */

static struct measured undecided(const struct judging *g) {
  return (struct measured){percent_of(g->yardstick, g->j->undecided), 100 * g->t->undecided_all[g->to], GATE_FAIL};
}

static struct measured undecided_source(const struct judging *g) {
  int64_t most = 0;
  for (uint32_t i = 0; i < g->sites.count; i++)
    if (site_at(g, i)->undecided > most) most = site_at(g, i)->undecided;
  return (struct measured){percent_of(g->yardstick, most), 100 * g->t->undecided_one[g->to], GATE_FAIL};
}

/* Who may become a question when he has been here long enough. */
static struct measured new_stranger(const struct judging *g) {
  int64_t most = 0;
  for (uint32_t i = 0; i < g->sites.count; i++)
    if (site_at(g, i)->strange > most) most = site_at(g, i)->strange;
  return (struct measured){percent_of(g->yardstick, most), 100 * g->t->stranger_share[g->to], fails_before_target(g)};
}

/* A tenth is no side effect that anybody accepts unasked: that much asks on the way to quarantine too. */
static struct measured forwarded(const struct judging *g) {
  double percent = percent_of(g->j->own_messages, g->j->forwarded_failing), limit = 100 * g->t->forwarded_share;
  bool asks = g->j->next == POLICY_REJECT;
  if (!asks && percent > 100 * g->t->forwarded_asks) {
    limit = 100 * g->t->forwarded_asks;
    asks = g->j->next != POLICY_UNKNOWN;
  }
  return (struct measured){percent, limit, asks ? GATE_FAIL : GATE_WARN};
}

/* Asked of a verdict that is good, once there is one: robust.c. */
static struct measured robust_against(const struct judging *g) {
  return (struct measured){(double)NAN, g->t->robust_against, GATE_NOT_JUDGED};
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

enum { AT_LEAST, AT_MOST };
#define TO_BOTH (1u << TO_QUARANTINE | 1u << TO_REJECT)

/* A gate that is measured otherwise on the way to reject has a row for each step. */
/* clang-format off */
static const struct row {
  enum gate_name gate;
  const char *name, *title;
  bool at_most;
  const char *unit;
  unsigned steps;
  struct measured (*measure)(const struct judging *g);
} ROWS[] = {
  {GATE_POLICY_AGE,    "policy_age",         "days at the current policy",               AT_LEAST, "days",      TO_BOTH,             policy_age},
  {GATE_DATA_DAYS,     "data_days",          "days with data in the window",             AT_LEAST, "days",      TO_BOTH,             data_days},
  {GATE_REPORT_AGE,    "report_age",         "age of the newest report",                 AT_MOST,  "days",      TO_BOTH,             report_age},
  {GATE_REPORTERS,     "reporters",          "reporters in the window",                  AT_LEAST, "reporters", TO_BOTH,             reporters},
  {GATE_TOP_REPORTER,  "top_reporter_share", "largest reporter's share",                 AT_MOST,  "%",         TO_BOTH,             top_reporter_share},
  {GATE_OWN_LOWER,     "own_pass_lower",     "own mail that passes, lower bound",        AT_LEAST, "%",         TO_BOTH,             own_pass_lower},
  {GATE_OWN_SOURCE,    "own_source",         "the worst of own sources, at best",        AT_LEAST, "%",         TO_BOTH,             own_source},
  {GATE_CONTRADICTED,  "own_contradicted",   "failed against the receiver's results",    AT_MOST,  "%",         TO_BOTH,             own_contradicted},
  {GATE_UNDECIDED_ALL, "undecided",          "undecided mail against own",               AT_MOST,  "%",         TO_BOTH,             undecided},
  {GATE_UNDECIDED_ONE, "undecided_source",   "the largest undecided source",             AT_MOST,  "%",         TO_BOTH,             undecided_source},
  {GATE_NEW_SOURCE,    "new_source",         "days since a new source of own mail",      AT_LEAST, "days",      TO_BOTH,             new_source},
  {GATE_NEW_STRANGER,  "new_stranger",       "the largest new stranger against own mail",  AT_MOST,  "%",         TO_BOTH,             new_stranger},
  {GATE_STOPPED,       "own_stopped",        "own mail that has stopped",                AT_MOST,  "%",         TO_BOTH,             stopped},
  {GATE_DROP,          "drop",               "fall of the pass rate in the last days",   AT_MOST,  "points",    TO_BOTH,             drop},
  {GATE_DKIM,          "own_dkim",           "own mail with aligned DKIM",               AT_LEAST, "%",         1u << TO_QUARANTINE, own_dkim},
  {GATE_DKIM,          "own_spf_only",       "own mail from sources with SPF alone",     AT_MOST,  "%",         1u << TO_REJECT,     own_spf_only},
  {GATE_FORWARDED,     "forwarded",          "lost through lists and forwarders",        AT_MOST,  "%",         TO_BOTH,             forwarded},
  {GATE_ROBUST,        "robust_against",     "lying reporters it is robust against",     AT_LEAST, "reporters", TO_BOTH,             robust_against},
};
/* clang-format on */

static struct gate hold(const struct row *row, struct measured m) {
  bool holds = row->at_most ? m.figure <= m.limit : m.figure >= m.limit;
  enum gate_state state = !holds ? m.otherwise : m.warns ? GATE_WARN : GATE_PASS;
  return (struct gate){row->name, row->title, m.figure, m.limit, row->at_most, row->unit, state};
}

void set_gates(struct judging *g) {
  for (unsigned i = 0; i < ARRAY_SIZE(ROWS); i++)
    if (ROWS[i].steps & 1u << g->to) g->j->gates[ROWS[i].gate] = hold(&ROWS[i], ROWS[i].measure(g));
}
