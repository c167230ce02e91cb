/* SPDX-License-Identifier: Apache-2.0 */
/* What a step of the policy did to the mail: each reporter's mail before it and after it, in windows of equal length
 * and equal days of the week.
 *
 * A step is found in policy_published. Receivers learn of a changed record one after the other, and the report in whose
 * period one learns of it may mix both policies or apply the old one throughout (RFC 9990 3.3): so each reporter has a
 * day of its own on which it switches, and that report is set aside.
 *
 * Days are UTC days since 1970-01-01. Classes are those of today's judgement, for the mail before the step as well. */
#ifndef ANALYSIS_EFFECT_H
#define ANALYSIS_EFFECT_H

#include "base/outcome.h"
#include "verdict/judge_each.h"

/* Length of a window: whole weeks, as much of the first month of a step (RFC 9989 7.4) as there is. */
#define EFFECT_MOST_DAYS 28
#define EFFECT_SURE_DAYS 14  /* before nothing is said to have held: each day of the week twice */
#define EFFECT_MOST_STEPS 32 /* of a domain; the newest. Nobody takes more in years */
#define EFFECT_MOST_NAMED 20 /* senders, vanished ones and reasons that are named */

enum effect_outcome {
  EFFECT_LOSS,         /* own mail was lost, more than the step's gates promise */
  EFFECT_NOT_HONOURED, /* most of what fails is let through without a reason given */
  EFFECT_TOO_EARLY,    /* nothing was lost that the gates do not allow for, and two weeks are not over */
  EFFECT_HELD,
};
#define EFFECT_OUTCOMES 4
const char *effect_outcome_word(enum effect_outcome o); /* "LOSS", "NOT_HONOURED", "TOO_EARLY", "HELD" */

enum { EFFECT_BEFORE, EFFECT_AFTER, EFFECT_SIDES };

/* Messages of both windows. What is acted on is mail that fails, under a tag that the step changed. */
struct effect_sum {
  int64_t messages[EFFECT_SIDES], failing[EFFECT_SIDES]; /* as the receivers evaluated them */
  /* What the mail before the step leads to expect of as long a time after it, and the interval that a single outcome
   * falls into in 95 of 100 cases. */
  int64_t predicted_quarantined, predicted_rejected;
  double low, high;
  int64_t quarantined, rejected; /* what was observed */
  int64_t overridden;            /* failing, let through or treated as if by a weaker policy, with a reason */
  int64_t ignored;               /* the same without a reason */
  int64_t unknown;               /* the report does not say whether it fails, or what became of it */
};
static inline int64_t effect_acted(const struct effect_sum *s) { return s->quarantined + s->rejected; }
static inline int64_t effect_predicted(const struct effect_sum *s) {
  return s->predicted_quarantined + s->predicted_rejected;
}

struct effect_reporter {
  const char *name;  /* "" where its reports name none */
  int32_t day;       /* of the first report that tells of the new policy; it is set aside */
  int32_t days;      /* length of its windows; 0: they are too short, and it is not counted */
  int64_t set_aside; /* messages of reports that may mix both policies, or tell of the old one again */
  struct effect_sum sum;
  int64_t own_lost;
};

/* Mail of one source that is not a stranger's. */
struct effect_sender {
  const struct stream *largest; /* of its streams in both windows */
  int64_t messages[EFFECT_SIDES], failing[EFFECT_SIDES];
  int64_t lost; /* after the step */
};

struct effect_reason {
  const char *type; /* policy override reason, RFC 9990 3.1.6 */
  int64_t messages;
};

struct effect_step {
  int32_t day;                              /* on which the first reporter tells of it */
  const struct seen_policy *before, *after; /* as its largest reporter tells, and others where it has no word */
  enum effect_outcome outcome;
  int32_t days;              /* length of the longest window after it */
  int32_t until_day;         /* TOO_EARLY: the first day on which more can be said; 0: nobody knows one */
  int32_t silent_since_day;  /* there is none, as reports that tell of it came until this day and no longer; 0: another
                                step followed, or the former policy did not stand for long */
  int32_t taken_back_day;    /* on which most of its reporters tell of a weaker policy again; 0: they do not */
  const char *former_record; /* LOSS of a step that is still in force: what takes it back. NULL: there is none */
  struct effect_sum all, own, by_class[CLASS_IGNORED + 1];
  double limit;                      /* the share of own mail that the step may lose: what own_pass_lower leaves */
  struct effect_reporter *reporters; /* those that tell of it, most mail first */
  uint32_t reporter_count;
  uint32_t set_aside;                              /* reports */
  struct effect_sender senders[EFFECT_MOST_NAMED]; /* of own mail that was lost, most first */
  unsigned sender_count, senders_left_out;
  bool is_sender_lost;                              /* one of them loses more than own_source allows */
  struct effect_sender vanished[EFFECT_MOST_NAMED]; /* came in each week before and not once after; most first */
  unsigned vanished_count, vanished_left_out;
  struct effect_reason reasons[EFFECT_MOST_NAMED]; /* of what was overridden, most first */
  unsigned reason_count;
};

/* One policy domain; everything lives during the call. */
struct effect {
  const struct judgement *judgement;
  const struct effect_step *steps; /* the newest first */
  unsigned step_count;
};
typedef int effect_fn(void *user, const struct effect *x, struct err *e);
/* Each domain of the inquiry, those without a step too. Errors as of judge_each. The records are walked twice. */
int effect_each(const struct inquiry *q, effect_fn *fn, void *user, struct err *e);

/* The central 95 % of how many come in a time, where `count` came in a time as long before it. `spread` is how much
 * more the days differ than independent messages would (variance by mean, at least 1). */
void effect_interval(double count, double spread, double *ret_low, double *ret_high);

#endif
