/* SPDX-License-Identifier: Apache-2.0 */
/* Since when a source's mail fails, and what changed in the DNS then: the days of a finding's mail, held against the
 * log of the snapshots and against the reporters. A change is named only where it came when the mail began to fail and
 * explains what fails: the address was in the networks that SPF lost, or the key is the one that fails. */
#ifndef ANALYSIS_FALL_H
#define ANALYSIS_FALL_H

#include "analysis/dns_log.h"
#include "verdict/judge.h"

/* All of these are our own judgement. */
#define FALL_DAYS 90          /* that are looked at, up to the end of the judged window */
#define FALL_LEAST_BEFORE 20  /* messages before it fell, ... */
#define FALL_LEAST_SINCE 10   /* ... and since */
#define FALL_RATE_BEFORE 0.8  /* passed, at the least; */
#define FALL_OF_RATE 0.5      /* and since then no more than this part of the rate before */
#define FALL_EXPLAINED 0.8    /* of what fails, by one change */
#define FALL_CACHED_DAYS 2    /* receivers may go by what they had asked before, and a report's day is not ours */
#define FALL_VAGUE_DAYS 8     /* looks further apart than a week do not say when it changed */
#define FALL_LATE_DAYS 14     /* in which the one reporter has most of what fails, where it alone does */
#define FALL_ELSEWHERE 0.1    /* fails at other reporters at the most, where only one has it */
#define FALL_MOST_FINDINGS 10 /* of a list that are looked into: each reads the history once more */

/* Mail of one day, of what is looked at. */
struct fall_day {
  int64_t messages, passed;
};
/* The day at which what passes falls most, by its place. False: it does not fall, or there is too little to say. */
bool fall_change_point(const struct fall_day *days, uint32_t count, uint32_t *ret_at);

struct fall {
  int32_t since_day;             /* the first day on which it fails; days since 1970-01-01 UTC */
  unsigned reporters, failed_at; /* that tell of it since, and those at which most of it fails */
  const char *only_at;           /* the one of several at which it fails alone; else NULL, and then: */
  enum dns_subject subject;      /* LOG_SPF or LOG_KEY */
  const char *name;              /* at which the record stands */
  const char *change;            /* as in dns_log.h; NULL: it fails at one alone */
  int64_t before_s, seen_s;
};

/* Fills `fall` of the findings of a judged history that have one with its cause. Texts live as long as the history. 0,
 * or an error of dns_log_domain. */
int falls_explain(const struct dns_past *past, const struct history *h, struct judgement *j, struct err *e);

/* --- for its parts ------------------------------------------------------------------------------------------------ */

/* An address whose mail fails. */
struct fallen_source {
  struct ip_addr ip;
  int64_t failing; /* since it fell */
};

/* The mail of one finding. */
struct falling {
  const struct history *h;
  const struct finding *f;
  uint32_t reporter;           /* whose mail alone is looked at; UINT32_MAX: everybody's */
  int32_t begin_day, end_day;  /* both included */
  struct fall_day *signatures; /* with the finding's selector; NULL: it has none */
  struct fall_day *mail;       /* of its addresses */
  struct fall_day *by_spf;     /* of these what passed by SPF alone, in `passed` */
  struct hashmap sources;      /* struct interned -> struct fallen_source */
};

/* fall_cause.c: the change that explains it; NULL: none does. */
const struct dns_change *fall_cause_of_key(const struct dns_past *past, const struct dns_changes *log,
                                           const struct falling *x, int32_t since_day);
int fall_cause_of_spf(const struct dns_past *past, const struct dns_changes *log, const struct falling *x,
                      int32_t since_day, const struct dns_change **ret, struct err *e);

#endif
