/* SPDX-License-Identifier: Apache-2.0 */
/* Stands between a stranger's bytes and libxml2: whatever the encoding, clean UTF-8 comes out.
 *
 * Decoding here and not in libxml2 means that invalid bytes and control characters are replaced by U+FFFD and counted
 * in one place, in one pass. Private to parser/. */
#ifndef PARSER_UTF8_READER_H
#define PARSER_UTF8_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/err.h"

struct utf8_reader;
struct utf8_reader *utf8_reader_new(void);
void utf8_reader_free(struct utf8_reader *d); /* accepts NULL */

/* Starts on a new stream. The encoding is the first that is found of: a byte order mark, zero bytes, the XML
 * declaration, `charset` (NULL: none), UTF-8. What is in front of the first '<' is skipped, at most `prefix_bytes`. 0;
 * ERR_NO_REPORT if there is no '<'; or the stream's own error. */
int utf8_reader_open(struct utf8_reader *d, struct byte_stream *in, const char *charset, uint32_t prefix_bytes,
                     struct err *e);
#define UTF8_READER_LEAST 16 /* bytes of room that a read needs */
/* Up to `size` (>= UTF8_READER_LEAST) bytes of UTF-8 valid in XML 1.0; 0 at the end; the stream's error when it comes.
 */
int utf8_reader_read(struct utf8_reader *d, char *buffer, int size, struct err *e);
/* Gives bytes back that were read but not used: the next utf8_reader_read returns them first. */
void utf8_reader_unread(struct utf8_reader *d, const char *bytes, size_t size);

struct utf8_reader_facts {
  uint64_t bytes;        /* taken from the stream */
  uint64_t replaced;     /* invalid bytes and characters replaced */
  uint64_t prefix_lines; /* line ends skipped in front of the document */
  bool prefix_text;      /* what was skipped was more than blanks */
  const char *encoding;  /* what was decoded from, NULL for UTF-8 */
};
struct utf8_reader_facts utf8_reader_facts(const struct utf8_reader *d);

#endif
