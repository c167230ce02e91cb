/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a domain as a pure function: numbers in, gates and verdict out. Gathers nothing, prints nothing.
 *
 * What it can judge without knowing whose a source is: how long, how fresh and how broad the data is, and whether
 * nearly everything passes. Where much fails it says so and asks the owner; it never guesses that failing mail is
 * foreign. */
#ifndef REPORT_READINESS_H
#define REPORT_READINESS_H

#include <stdbool.h>
#include <stdint.h>

enum readiness_policy { POLICY_UNKNOWN, POLICY_NONE, POLICY_QUARANTINE, POLICY_REJECT };

struct readiness_facts {
  enum readiness_policy policy; /* as the newest reports show it */
  bool in_force;                /* false: t=y, or pct below 100 */
  double policy_days;           /* since when, as the reports show it */
  double report_age_days;       /* from the newest report's end to the time of asking */
  unsigned data_days;           /* UTC days in the window on which a report begins */
  unsigned reporters;           /* in the window */
  unsigned reporters_ever;      /* in the whole history */
  double top_reporter_share;    /* of the messages, 0..1 */
  int64_t messages;             /* in the window, evaluated */
  int64_t passed;               /* of these, DMARC pass */
};

/* The thresholds. Each has its source; (own) marks our judgement. */
struct readiness_limits {
  double window_days;            /* 30: a month of mail, RFC 9989 7.4 */
  double policy_days;            /* 30: RFC 9989 7.4 "at least a month" at each step */
  unsigned data_days_quarantine; /* 14 (own) */
  unsigned data_days_reject;     /* 21 (own) */
  double report_age_warn_days;   /* 3 (own): reports come daily */
  double report_age_days;        /* 7 (own): what happened since is not known */
  unsigned reporters;            /* 3 (own): one receiver's view is not the world's */
  double top_reporter_share;     /* 0.90 (own), warns */
  double pass_lower_quarantine;  /* 0.98 (own) */
  double pass_lower_reject;      /* 0.99: what senders are commonly asked for */
};
extern const struct readiness_limits READINESS_LIMITS_DEFAULT;

enum verdict {
  VERDICT_STALE,             /* the newest report is too old to say anything of today */
  VERDICT_NEEDS_DECISION,    /* mail fails, and whose it is must be answered first */
  VERDICT_INSUFFICIENT_DATA, /* too little, too few days, too few reporters */
  VERDICT_READY,
  VERDICT_AT_TARGET, /* p=reject is in force */
};
const char *verdict_word(enum verdict verdict); /* "STALE", "READY", ... */

enum gate_state { GATE_PASS, GATE_WARN, GATE_FAIL };

/* One condition with its figure and limit, in `unit`: "days", "reporters", "%" (then figures are 0..100). */
struct gate {
  const char *name;  /* for programs: "policy_age" */
  const char *title; /* for people */
  double figure, limit;
  bool at_most; /* the figure must not exceed the limit; else not fall below it */
  const char *unit;
  enum gate_state state;
};
#define READINESS_GATES 6

struct readiness {
  enum verdict verdict;
  enum readiness_policy next; /* the step that was judged; POLICY_UNKNOWN at the target */
  bool finish_current;        /* the next step is to take the present policy fully into force */
  double pass_rate;           /* raw: of everything; 0 without mail */
  double pass_lower;          /* its one-sided 95 % Wilson lower bound */
  struct gate gates[READINESS_GATES];
  const char *reason; /* why this verdict, one sentence */
};

struct readiness readiness_judge(const struct readiness_facts *facts, const struct readiness_limits *limits);

/* Lower bound of a proportion, one-sided 95 % (Wilson 1927, z = 1.645). 0 for no trials. */
double wilson_lower(int64_t passed, int64_t trials);

#endif
