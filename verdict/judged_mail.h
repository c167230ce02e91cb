/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a judged domain once more, each with the stream it belongs to: for questions that need what a history
 * does not keep (single results, reporters a day). */
#ifndef VERDICT_JUDGED_MAIL_H
#define VERDICT_JUDGED_MAIL_H

#include "verdict/stream.h"

/* One record. Valid during the callback; `stream` lives as long as the history. */
struct judged_mail {
  const struct store_flow_report *report; /* of its texts org_name alone is there, "" where absent */
  const char *walked;                     /* alignment_walked of the report */
  int32_t day;                            /* UTC day on which the report begins, since 1970-01-01 */
  const struct stream *stream;
  uint32_t pattern; /* of the record, numbered from 0 by first appearance: for tables of the caller. It has another
                     * number where the receiver walked the tree (discovery_method), which decides whose a domain is */
  const struct feedback_record *new_pattern; /* set where it appears for the first time, during the callback alone */
  int64_t count;                             /* messages; 0 where the count could not be read */
};
typedef int judged_mail_fn(void *user, const struct judged_mail *mail, struct err *e);

/* Each record of the history's domain out of a report that the filter admits and that begins before `before_s`, by a
 * clock that can be believed: on or before `last_day`. By begin. Meant to be called within judge_each, with its
 * filter and basis->before_s: ids and streams then speak of the same records. */
int judged_mail_each(struct store *s, const struct report_filter *filter, const struct history *h, int64_t before_s,
                     int32_t last_day, judged_mail_fn *fn, void *user, struct err *e);

#endif
