/* SPDX-License-Identifier: Apache-2.0 */
/* The gates, and the verdict they add up to. */
#include "readiness.h"

#include <math.h>

const struct readiness_limits READINESS_LIMITS_DEFAULT = {
    .window_days = 30,
    .policy_days = 30,
    .data_days_quarantine = 14,
    .data_days_reject = 21,
    .report_age_warn_days = 3,
    .report_age_days = 7,
    .reporters = 3,
    .top_reporter_share = 0.90,
    .pass_lower_quarantine = 0.98,
    .pass_lower_reject = 0.99,
};

const char *verdict_word(enum verdict verdict) {
  static const char *const WORDS[] = {[VERDICT_STALE] = "STALE",
                                      [VERDICT_NEEDS_DECISION] = "NEEDS_DECISION",
                                      [VERDICT_INSUFFICIENT_DATA] = "INSUFFICIENT_DATA",
                                      [VERDICT_READY] = "READY",
                                      [VERDICT_AT_TARGET] = "AT_TARGET"};
  return WORDS[verdict];
}

double wilson_lower(int64_t passed, int64_t trials) {
  if (trials <= 0) return 0;
  const double z = 1.6448536269514722;
  double n = (double)trials, p = (double)passed / n;
  double centre = p + z * z / (2 * n);
  double spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double lower = (centre - spread) / (1 + z * z / n);
  return lower > 0 ? lower : 0;
}

static struct gate at_least(const char *name, const char *title, double figure, double limit, const char *unit) {
  return (struct gate){name, title, figure, limit, false, unit, figure >= limit ? GATE_PASS : GATE_FAIL};
}

static struct gate at_most(const char *name, const char *title, double figure, double limit, const char *unit,
                           enum gate_state otherwise) {
  return (struct gate){name, title, figure, limit, true, unit, figure <= limit ? GATE_PASS : otherwise};
}

enum { GATE_POLICY_AGE, GATE_DATA_DAYS, GATE_REPORT_AGE, GATE_REPORTERS, GATE_TOP_REPORTER, GATE_RAW_PASS };

static void fill_gates(struct readiness *r, const struct readiness_facts *f, const struct readiness_limits *l) {
  bool to_reject = r->next == POLICY_REJECT || r->next == POLICY_UNKNOWN;
  struct gate *g = r->gates;
  g[GATE_POLICY_AGE] = at_least("policy_age", "days at the current policy", f->policy_days, l->policy_days, "days");
  g[GATE_DATA_DAYS] = at_least("data_days", "days with data in the window", f->data_days,
                               to_reject ? l->data_days_reject : l->data_days_quarantine, "days");
  g[GATE_REPORT_AGE] =
      at_most("report_age", "age of the newest report", f->report_age_days, l->report_age_days, "days", GATE_FAIL);
  if (g[GATE_REPORT_AGE].state == GATE_PASS && f->report_age_days > l->report_age_warn_days)
    g[GATE_REPORT_AGE].state = GATE_WARN;
  g[GATE_REPORTERS] = at_least("reporters", "reporters in the window", f->reporters, l->reporters, "reporters");
  /* Two suffice, with a warning, where the history never had more. */
  if (g[GATE_REPORTERS].state == GATE_FAIL && f->reporters == 2 && f->reporters_ever == 2)
    g[GATE_REPORTERS].state = GATE_WARN;
  g[GATE_TOP_REPORTER] = at_most("top_reporter_share", "largest reporter's share", f->top_reporter_share * 100,
                                 l->top_reporter_share * 100, "%", GATE_WARN);
  g[GATE_RAW_PASS] = at_least("raw_pass_lower", "all mail that passes, lower bound", r->pass_lower * 100,
                              (to_reject ? l->pass_lower_reject : l->pass_lower_quarantine) * 100, "%");
}

static bool failed(const struct readiness *r, int gate) { return r->gates[gate].state == GATE_FAIL; }

static void conclude(struct readiness *r, enum verdict verdict, const char *reason) {
  r->verdict = verdict;
  r->reason = reason;
}

/* Would the same failures stand if there were more mail? Then it is no lack of data. */
static bool rate_itself_is_short(const struct readiness *r) {
  return r->pass_rate * 100 < r->gates[GATE_RAW_PASS].limit;
}

struct readiness readiness_judge(const struct readiness_facts *f, const struct readiness_limits *l) {
  struct readiness r = {0};
  r.finish_current = !f->in_force && f->policy > POLICY_NONE;
  r.next = r.finish_current                 ? f->policy
           : f->policy == POLICY_REJECT     ? POLICY_UNKNOWN
           : f->policy == POLICY_QUARANTINE ? POLICY_REJECT
                                            : POLICY_QUARANTINE;
  r.pass_rate = f->messages > 0 ? (double)f->passed / (double)f->messages : 0;
  r.pass_lower = wilson_lower(f->passed, f->messages);
  fill_gates(&r, f, l);
  if (failed(&r, GATE_REPORT_AGE))
    conclude(&r, VERDICT_STALE, "the newest report is too old to speak for today's mail");
  else if (r.next == POLICY_UNKNOWN)
    conclude(&r, VERDICT_AT_TARGET, "p=reject is in force");
  else if (f->messages > 0 && rate_itself_is_short(&r))
    conclude(&r, VERDICT_NEEDS_DECISION, "mail fails: whose it is must be answered source by source");
  else if (failed(&r, GATE_POLICY_AGE) || failed(&r, GATE_DATA_DAYS) || failed(&r, GATE_REPORTERS) ||
           failed(&r, GATE_RAW_PASS))
    conclude(&r, VERDICT_INSUFFICIENT_DATA, "what was seen is good, but too little of it");
  else
    conclude(&r, VERDICT_READY, "every gate holds");
  return r;
}
