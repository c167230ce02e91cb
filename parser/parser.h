/* SPDX-License-Identifier: Apache-2.0 */
/* One XML document as a stream -> its feedback header and records (libxml2 SAX, constant memory).
 *
 * Both schemas, RFC 7489 Appendix C and RFC 9990, by local names alone: namespaces, prefixes and `version` decide
 * nothing. Any encoding libc's iconv knows. What is broken is recovered where records can be kept, and said. Values are
 * trimmed and normalised here (vocabulary.h, domain.h), alignment is graded; who stores them is not known here. */
#ifndef PARSER_PARSER_H
#define PARSER_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/feedback.h"
#include "base/mem.h"

/* What a hostile document may cost. All are checked while reading, before memory is spent. */
struct parser_limits {
  uint64_t records;      /* records a document; real ones reach 900,000 */
  uint32_t depth;        /* XML nesting; a report needs 7 */
  uint32_t text_bytes;   /* one text; longer ones are cut and flagged */
  uint32_t results;      /* auth results a record (RFC 9990 3.1.1.9: 100 DKIM); more are dropped and flagged */
  uint32_t reasons;      /* override reasons a record, errors a document */
  uint32_t prefix_bytes; /* text in front of the XML */
};
extern const struct parser_limits PARSER_LIMITS_DEFAULT;

/* What the caller is told while a document is read. */
struct parser_events {
  /* A record, valid until the arena it was made in is reset. 0 to go on, a negative code to stop: parser_run returns
   * it. */
  int (*record)(void *user, struct feedback_record *record, struct err *e);
  /* The arena for the next record; called before each. */
  struct arena *(*arena)(void *user);
  void *user;
};

struct parser_outcome {
  struct feedback_header *header;        /* in the arena given to parser_run; NULL where no feedback element was met */
  uint64_t records;                      /* how many were handed out */
  int64_t messages;                      /* sum of the counts that could be read */
  uint8_t digest[FEEDBACK_DIGEST_BYTES]; /* of the content: what was read, not how it was written */
  uint64_t bytes;                        /* read from the stream */
  bool more;                             /* another document follows in the same stream: call parser_run again */
  char note[ERR_TEXT_BYTES];             /* where FEEDBACK_DAMAGED: what and where, "line 40: ..."; else "" */
};

/* One parser a thread, used for document after document. */
struct parser;
struct parser *parser_new(const struct parser_limits *limits);
void parser_free(struct parser *p); /* accepts NULL */

/* Reads one document from `in`; strings of the header go to `header_arena`.
 *   0              a report, perhaps damaged (see header->flags and note)
 *   ERR_NO_REPORT  readable, but no feedback element in it
 *   ERR_FORMAT     nothing could be kept; `e` says line and cause
 *   ERR_LIMIT      a limit was met; `e` names it
 *   other          what the stream or the record event returned
 * Records handed out before an error belong to a document that failed: the caller drops them. */
int parser_run(struct parser *p, struct byte_stream *in, struct arena *header_arena, const struct parser_events *events,
               struct parser_outcome *ret, struct err *e);

/* While records are handed out: the header as far as it was read, where it already tells which report this is. Its
 * texts live in the header arena. */
bool parser_peek_header(const struct parser *p, struct feedback_header *ret);

#endif
