/* SPDX-License-Identifier: Apache-2.0 */
/* Judgements held against the limits of a monitoring system: for each domain a state, and which of three things has
 * it: the verdict, the share of own mail that passes, the age of the newest report. */
#ifndef ANALYSIS_CHECK_H
#define ANALYSIS_CHECK_H

#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* As plugins of Nagios exit. */
enum check_state { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };
#define CHECK_STATES 4
/* The graver one: critical, warning, unknown, ok. What is known to be bad is not hidden by what is not known. */
enum check_state check_worse(enum check_state a, enum check_state b);

struct check_limits {
  double pass_warning, pass_critical;    /* shares of own mail below which it is so, 0 to 1 */
  int64_t age_warning_s, age_critical_s; /* above; 0: where the gate report_age warns, and where it fails */
  enum check_state of_verdict[VERDICTS];
};
/* 98 and 95 %; REGRESSION is critical, NOT_READY and NEEDS_DECISION a warning, STALE and INSUFFICIENT_DATA unknown. */
extern const struct check_limits CHECK_LIMITS_DEFAULT;

struct checked {
  const char *domain;
  bool is_known; /* there are reports; else the state is unknown, and what follows means nothing */
  enum check_state state, by_verdict, by_pass, by_age; /* `state` is the gravest of the others */
  enum verdict verdict;
  enum policy next;     /* as in struct judgement */
  bool sends_nothing;   /* parked or retired: that no own mail passes is nothing unknown */
  int64_t own_messages; /* of the judged window */
  double own_pass;      /* the share of these that passes; NAN: there are none */
  double age_days;      /* of the newest report; NAN: unknown */
  double age_warning_days, age_critical_days;
};

struct check {
  struct checked *domains; /* the named ones in their order, else in the order of the store */
  unsigned count, capacity;
  unsigned states[CHECK_STATES]; /* how many domains are in each */
  enum check_state state;        /* of all of them: unknown where there are none */
  struct arena *names;
};

/* Judges the domains of the inquiry. One that is named and has no report is unknown, and stops no other. 0, or an error
 * of the store. check_clear in any case. */
int check_collect(const struct inquiry *q, const struct check_limits *limits, struct check *ret, struct err *e);
void check_clear(struct check *c);

#endif
