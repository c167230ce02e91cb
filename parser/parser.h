/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one document from a stream and hands out a report, its header and records, in constant memory.
 *
 * Each kind of report has a reader of its own: `enum report_kind` of base/feedback.h numbers the kinds, and parser.c
 * has the table of readers. So far there is one, for DMARC aggregate reports (aggregate.h). The caller says of which
 * kind a document is, which intake.h tells by its first bytes. */
#ifndef PARSER_PARSER_H
#define PARSER_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/feedback.h"
#include "base/mem.h"

/* What a hostile document may cost. Each is checked while reading, before memory is spent. */
struct parser_limits {
  uint64_t records;    /* per document; real ones have up to 900,000 */
  uint32_t depth;      /* XML nesting; a report needs 7 */
  uint32_t text_bytes; /* one text; longer ones are cut and flagged */
  uint32_t
      dkim_results; /* of a record (RFC 9990 3.1.1.9 allows 100); of more, the owner's are kept first, and flagged */
  uint32_t spf_results;  /* per record, likewise; one or two are usual */
  uint32_t reasons;      /* override reasons per record, and errors per document */
  uint32_t prefix_bytes; /* text in front of the XML */
};
extern const struct parser_limits PARSER_LIMITS_DEFAULT;

/* What the caller is told while a document is read. Each kind of report has an event for its records. */
struct parser_events {
  /* REPORT_AGGREGATE: a record, valid until the arena it was made in is reset. 0 to go on, a negative code to stop:
   * parser_run returns it. */
  int (*record)(void *user, struct feedback_record *record, struct err *e);
  /* The arena for the next record; called before each. */
  struct arena *(*arena)(void *user);
  void *user;
};

struct parser_outcome {
  struct feedback_header *header; /* REPORT_AGGREGATE: in the given arena; NULL if there is no feedback element */
  uint64_t records;               /* how many were handed out */
  int64_t messages;               /* sum of the counts that could be read */
  uint8_t digest[FEEDBACK_DIGEST_BYTES]; /* of the content: what was read, not how it was written */
  uint64_t bytes;                        /* read from the stream */
  bool more; /* another document follows in the stream, whatever became of this one: call parser_run again */
  char note[ERR_TEXT_BYTES]; /* where FEEDBACK_DAMAGED: what and where, "line 40: ..."; else "" */
};

/* Each thread has a parser of its own, for any number of documents of any kind. */
struct parser;
struct parser *parser_new(const struct parser_limits *limits);
void parser_free(struct parser *p); /* accepts NULL */

/* A document, as it was found. */
struct parser_source {
  enum report_kind kind; /* not REPORT_NONE */
  struct byte_stream *in;
  const char *charset; /* its encoding, as a mail declares it; NULL: none. What the document itself declares wins */
};

/* Reads one document; strings of the header go to `header_arena`.
 *   0              a report, perhaps damaged (see header->flags and note)
 *   ERR_NO_REPORT  readable, but no report of this kind
 *   ERR_FORMAT     nothing could be kept; `e` names line and cause
 *   ERR_LIMIT      a limit was met; `e` names it
 *   other          what the stream or the record event returned
 * Records handed out before an error belong to a document that failed: the caller drops them. */
int parser_run(struct parser *p, const struct parser_source *source, struct arena *header_arena,
               const struct parser_events *events, struct parser_outcome *ret, struct err *e);

/* While records are handed out: true, with the header read so far, if that is enough to tell which report it is. Its
 * texts live in the header arena; nothing else of `ret` is set. */
bool parser_peek(const struct parser *p, struct parser_outcome *ret);

#endif
