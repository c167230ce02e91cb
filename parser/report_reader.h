/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader of a kind of report offers to parser.c: one file a kind makes one. Private to parser/. */
#ifndef PARSER_REPORT_READER_H
#define PARSER_REPORT_READER_H

#include "parser/parser.h"

/* Embedded as first member. Used for document after document. */
struct report_reader {
  /* As parser_run; the events are those of its kind. */
  int (*run)(struct report_reader *r, const struct parser_source *source, struct arena *header_arena,
             const struct parser_events *events, struct parser_outcome *ret, struct err *e);
  /* As parser_peek. */
  bool (*peek)(const struct report_reader *r, struct parser_outcome *ret);
  void (*free)(struct report_reader *r);
};

struct report_reader *aggregate_reader_new(const struct parser_limits *limits);

#endif
