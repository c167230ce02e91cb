/* SPDX-License-Identifier: Apache-2.0 */
/* Records that are proposed, each with one answer and one reason. */
#ifndef REPORT_PROPOSALS_H
#define REPORT_PROPOSALS_H

#include "report/question.h"
#include "table/document.h"

struct proposed_record {
  const char *domain; /* spelled by domain_spell */
  const char *text;
  const char *file; /* it comes from; NULL: from the command line */
  unsigned line;    /* of the file */
};

struct proposed_wish {
  const struct proposed_record *records;
  unsigned count;
  unsigned refused; /* set: how many may not be published */
};

/* A row a record. */
int question_proposed(const struct question *q, struct proposed_wish *wish, struct table_sink *sink, struct err *e);
/* A line a record, into `d`. */
int proposed_lines(const struct question *q, struct proposed_wish *wish, struct document *d, struct err *e);

#endif
