/* SPDX-License-Identifier: Apache-2.0 */
/* The mail of a judged domain by who sends it: a service, a network or a foreign domain, with all of its addresses. */
#ifndef ANALYSIS_SENDERS_H
#define ANALYSIS_SENDERS_H

#include "analysis/domain_mail.h"

#define SENDER_TREND_MOST 30 /* points: more could not be told apart in a cell */

struct sender {
  const char *name;                 /* "Amazon SES", "192.0.2.0/24", "campaigns.example.net" */
  const char *example;              /* the address with most of its mail; "" where the reports have none */
  uint32_t addresses;               /* with mail of this kind */
  enum mail_whose whose;            /* MAIL_OWN_PASSING: own mail, passing or not */
  int64_t messages, passed, judged; /* judged: those that pass or fail */
  int64_t of_example;
  int32_t first_day, last_day; /* over the whole history, since 1970-01-01 UTC; INT32_MAX, INT32_MIN: of no day */
  int64_t trend[SENDER_TREND_MOST];
};

struct senders {
  struct sender *items; /* by whose mail it is, in the order of enum mail_whose; the largest first */
  uint32_t count;
  int32_t trend_day;          /* the first of the trends, ... */
  int32_t point_days, points; /* ... the days of each point, and how many */
};

/* Those with mail among what `mail` counts: of the judged window as the verdict counts it, so that the sums are its
 * own; or, where `is_narrowed`, of the reports and days that were chosen (mail->tallies). A sender whose mail is of
 * several classes comes once for each. To be freed by senders_clear; texts are the history's. */
void senders_find(const struct history *h, const struct domain_mail *mail, bool is_narrowed, struct senders *ret);
void senders_clear(struct senders *s);

/* The first of those whose mail it is, and how many they are; their sum into `ret_sum`, whose names are empty. */
const struct sender *senders_of(const struct senders *s, enum mail_whose whose, uint32_t *ret_count,
                                struct sender *ret_sum);

#endif
