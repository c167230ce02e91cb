/* SPDX-License-Identifier: Apache-2.0 */
/* Records as exports have them: each with what is judged of its mail, if anything is judged. Private to report/. */
#ifndef REPORT_EXPORT_JUDGED_RECORDS_H
#define REPORT_EXPORT_JUDGED_RECORDS_H

#include "verdict/judge_each.h"

struct judged_record {
  const struct store_report *report;
  const struct feedback_record *record;
  /* Both NULL where nothing is judged: the inquiry has no basis, or the record is in no history (a report without
   * policy domain or period, one that the owner distrusts, one from after the day of asking). */
  const struct stream *stream;
  const struct judgement *judgement;
};
typedef int judged_record_fn(void *user, const struct judged_record *r, struct err *e);

/* Hands out each record that the filter admits; the order is that of store_each_record, but that what is in no history
 * of its domain's may come behind all others. A domain of which the filter admits a report is judged as a whole. */
int judged_records_each(const struct inquiry *q, judged_record_fn *fn, void *user, struct err *e);

#endif
