/* SPDX-License-Identifier: Apache-2.0 */
/* How far one message is seen to meet what is asked of bulk senders. Private to analysis/. */
#ifndef ANALYSIS_BAR_H
#define ANALYSIS_BAR_H

#include "analysis/compliance.h"

struct bar {
  bool spf, dkim, aligned;
  bool misses[MISSES];
  bool unchecked;         /* a mechanism that does not pass had no answer from the DNS: it may have met the bar */
  const char *spf_domain; /* that failed, the record's; NULL */
};

/* Of the messages of a record; what the receiver did not say is no pass. */
void bar_read(const struct feedback_record *r, struct bar *ret);

#endif
