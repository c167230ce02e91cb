/* SPDX-License-Identifier: Apache-2.0 */
/* sources: who sends, and whose mail it is. */
#ifndef REPORT_QUESTION_STREAMS_H
#define REPORT_QUESTION_STREAMS_H

#include "report/question_readiness.h"

/* Which streams. */
struct stream_choice {
  unsigned classes;    /* bits 1 << enum stream_class; 0: all */
  int64_t new_since_s; /* of sources that were not met before; FILTER_OPEN_BEGIN: all */
};

/* One row a stream with the mail that q->basis->counted admits, which must be given; streams without any are left out.
 * Classes rest on the whole history all the same. */
int question_streams(const struct inquiry *q, const struct stream_choice *choice, struct table_sink *sink,
                     struct err *e);

/* One row a stream of a judged history with mail in the tallies, which lie as the streams do; a whole table. */
int streams_push(const struct history *h, const struct tally *tallies, struct table_sink *sink, struct err *e);

#endif
