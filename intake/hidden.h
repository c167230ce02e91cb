/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments in what is declared as text: a mail that lost its delimiters, encodings or headers still holds the
 * archive, encoded. Private to intake/. */
#ifndef INTAKE_HIDDEN_H
#define INTAKE_HIDDEN_H

#include "intake/layers.h"

enum hidden_kind { HIDDEN_NOTHING, HIDDEN_BASE64, HIDDEN_UUENCODED, HIDDEN_DOCUMENT };

/* Skips text up to a line that begins with base64 of gzip, zip or XML, to the first line of uuencoded data, or to XML
 * itself. HIDDEN_NOTHING: all was skipped. */
enum hidden_kind hidden_find(struct peekable *in);

bool hidden_is_base64(unsigned char c); /* is it a letter of the alphabet (RFC 2045 6.8), without "="? */
#define HIDDEN_BASE64_BYTES 16          /* shorter runs of letters are words */
/* Does this line begin with base64 of gzip, zip or XML? */
bool hidden_begins_base64(const unsigned char *line, size_t size);

/* The encoded text at which hidden_find stopped, to where it ends. */
struct hidden_stream {
  struct byte_stream stream;
  struct peekable *in;
  enum hidden_kind kind;
  bool padded; /* base64: a '=' came, so its last line is this one */
  bool ended;
};
void hidden_stream_init(struct hidden_stream *h, struct peekable *in, enum hidden_kind kind);
/* Skips what was not read. */
void hidden_stream_finish(struct hidden_stream *h);

#endif
