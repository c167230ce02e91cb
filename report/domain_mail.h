/* SPDX-License-Identifier: Apache-2.0 */
/* What the page of one domain counts, in one walk over its records: mail by stream and by day. */
#ifndef REPORT_DOMAIN_MAIL_H
#define REPORT_DOMAIN_MAIL_H

#include "report/question_readiness.h"
#include "verdict/judged_mail.h"

/* Days that the chart shows where no period is asked for: what changed, and how it was before. */
#define DOMAIN_MAIL_DAYS 90

struct mail_day {
  int32_t day; /* since 1970-01-01 UTC */
  /* messages, as the receivers evaluated them */
  int64_t all[OUTCOMES], own[OUTCOMES];
};

struct domain_mail {
  const struct history *history;
  const struct judgement *judgement;
  /* What the tallies count: the judged window, or the filter's period where it has one; end exclusive. */
  int64_t begin_s, end_s;
  struct tally *tallies; /* of each stream of the history */
  int64_t chart_begin_s; /* the days reach back to here, up to end_s */
  int64_t step_s;        /* of the chart: a day, or a week where days would be too many */
  struct mail_day *days; /* those with mail, ascending */
  uint32_t day_count, day_capacity;
  struct tally_terms *patterns; /* by number */
  uint32_t pattern_capacity;
};

/* begin; take each record of judged_mail_each (a judged_mail_fn; `user` is the struct); end; push; clear. */
void domain_mail_begin(struct domain_mail *m, const struct report_filter *filter, const struct history *h,
                       const struct judgement *j);
judged_mail_fn domain_mail_take;
void domain_mail_end(struct domain_mail *m);
void domain_mail_clear(struct domain_mail *m);

/* One row a step with mail, of the owner's alone or of all. */
int domain_mail_push_days(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e);

#endif
