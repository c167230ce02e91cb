/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says where nothing is asked: where the reports are, what waits for somebody, what to ask next. */
#ifndef REPORT_OVERVIEW_H
#define REPORT_OVERVIEW_H

#include "report/finding_list.h"

struct overview {
  const char *path;   /* of the database */
  int64_t size_bytes; /* of its file */
  int64_t newest_s;   /* when the last document came; FEEDBACK_TIME_UNKNOWN: none has */
  /* Judging a large database takes longer than an overview may. */
  const unsigned *verdicts;            /* domains, [VERDICTS]; NULL: nothing was judged */
  const struct finding_list *findings; /* NULL: they were not looked for */
};

/* Fewer than twenty lines. */
void overview_write(const struct overview *o, struct document *d);

#endif
