/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the kinds of report: which reader a document is given to. */
#include "parser/parser.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "parser/report_reader.h"

const struct parser_limits PARSER_LIMITS_DEFAULT = {
    .records = 10 * 1000 * 1000,
    .depth = 64,
    .text_bytes = 16 * 1024,
    .dkim_results = 100,
    .spf_results = 100,
    .reasons = 100,
    .prefix_bytes = 4096,
};

/* Makes the reader of a kind; its number is the kind's. */
typedef struct report_reader *reader_new_fn(const struct parser_limits *limits);
static reader_new_fn *const KINDS[] = {
    [REPORT_AGGREGATE] = aggregate_reader_new,
};

struct parser {
  struct parser_limits limits;
  struct report_reader *readers[ARRAY_SIZE(KINDS)]; /* each made when it is first needed */
  struct report_reader *reader;                     /* of the document being read, or read last */
};

struct parser *parser_new(const struct parser_limits *limits) {
  struct parser *p = mem_zalloc(sizeof *p);
  p->limits = *limits;
  return p;
}

void parser_free(struct parser *p) {
  if (!p) return;
  for (size_t kind = 0; kind < ARRAY_SIZE(p->readers); kind++)
    if (p->readers[kind]) p->readers[kind]->free(p->readers[kind]);
  free(p);
}

int parser_run(struct parser *p, const struct parser_source *source, struct arena *header_arena,
               const struct parser_events *events, struct parser_outcome *ret, struct err *e) {
  struct report_reader **reader = &p->readers[source->kind];
  if (!*reader) *reader = KINDS[source->kind](&p->limits);
  p->reader = *reader;
  return p->reader->run(p->reader, source, header_arena, events, ret, e);
}

bool parser_peek(const struct parser *p, struct parser_outcome *ret) { return p->reader->peek(p->reader, ret); }
