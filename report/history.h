/* SPDX-License-Identifier: Apache-2.0 */
/* The time line of one domain, for its page: the table of question_history. Private to report/. */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include "analysis/timeline.h"
#include "report/finding_list.h"

struct told_history {
  const struct timeline *timeline;
  const struct listed_finding *const *findings; /* of the domain, that history_has, ascending by first day */
  unsigned finding_count;
};

/* Is it a row of its own? Policies and verdicts are events by themselves, and what is gone is told by `findings`. */
bool history_has(const struct concern *c);
/* "READY for p=reject, was NOT_READY for p=reject", of a policy or verdict. Appends. */
void history_tell(const struct timeline_event *event, struct strbuf *out);
/* A push_rows_fn of a told_history. */
int history_push(const void *of, struct table_sink *sink, struct err *e);

#endif
