/* SPDX-License-Identifier: Apache-2.0 */
/* The sums on the page of one domain, from one walk over its records: mail by stream and by day. */
#ifndef ANALYSIS_DOMAIN_MAIL_H
#define ANALYSIS_DOMAIN_MAIL_H

#include "base/tally.h"
#include "base/utc.h"
#include "verdict/judge.h"
#include "verdict/judged_mail.h"

/* How many days the chart shows unless a period is asked for: enough to see what changed, and how it was before. */
#define DOMAIN_MAIL_DAYS 90
/* How many steps of the chart a page has room for. If there are more days, the steps are weeks; more weeks are left
 * out. */
#define DOMAIN_MAIL_MOST_STEPS 140

/* Whose a message is, by the class of its stream; of the owner's also what became of it. */
enum mail_whose {
  MAIL_OWN_PASSING,
  MAIL_OWN_FAILING,
  MAIL_PASSED_ON, /* by forwarders and lists */
  MAIL_UNDECIDED,
  MAIL_FORGED,
  MAIL_OWN_UNTOLD, /* its receiver does not say whether it passes */
  MAIL_IGNORED,    /* by the owner's label */
};
#define MAIL_WHOSE 7
enum mail_whose mail_whose_of(enum stream_class class, enum outcome outcome);

struct mail_day {
  int32_t day; /* since 1970-01-01 UTC */
  /* messages: all, and own mail as the receivers evaluated it */
  int64_t whose[MAIL_WHOSE], own[RECORD_OUTCOMES];
};

struct domain_mail {
  struct mail_fold fold;
  const struct history *history;
  const struct judgement *judgement;
  /* What the tallies count: the judged window, or the filter's period where it has one; end exclusive. */
  int64_t begin_s, end_s;
  struct tally *tallies; /* of each stream of the history */
  int64_t chart_begin_s; /* the days reach back to here, up to end_s */
  int64_t step_s;        /* of the chart: a day, or a week where days would be too many */
  struct mail_day *days; /* those with mail, ascending */
  uint32_t day_count, day_capacity;
  bool has_long_reports; /* of several days, whose mail is spread over them */
};

/* A fold for judged_mail_each, over all reports up to the end of the judged window of a domain. domain_mail_end
 * completes it; mail_fold_free(&m->fold) frees it. */
struct domain_mail *domain_mail_new(const struct report_filter *filter, const struct history *h,
                                    const struct judgement *j);
void domain_mail_end(struct domain_mail *m);

#endif
