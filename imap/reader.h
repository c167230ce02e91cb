/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to the tokens of an IMAP response (RFC 9051 9, RFC 3501 9): lines, words, quoted strings and literals.
 * What a response means is the session's business. Private to imap/.
 *
 * Only framing is demanded of the server: a response ends with its line, and "{n}" at the end of a line
 * announces n bytes of anything, so that a mail that contains "A004 OK" is only a mail. Nothing but a broken connection
 * and the limits below is an error here; a response that makes no sense is skipped. Memory is constant: literals are
 * read by the caller, in pieces. */
#ifndef IMAP_READER_H
#define IMAP_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/mem.h"

#define IMAP_WORD_BYTES 1024            /* a word: names of items, numbers, sets; ours have 20 */
#define IMAP_QUOTED_BYTES 65536         /* a quoted string; RFC 9051 4.3 means them to be short */
#define IMAP_TEXT_BYTES 2048            /* kept of text for people; the rest is dropped */
#define IMAP_RESPONSE_BYTES (64U << 20) /* one response without its literals: 5 million UIDs found by a search */
#define IMAP_LITERAL_BYTES UINT32_MAX   /* RFC 3501: a number of 32 bits; what is kept of it the caller decides */

struct imap_reader;
/* `in` stays the caller's and outlives the reader. Its end is ERR_IO: servers say BYE first. */
struct imap_reader *imap_reader_new(struct byte_stream *in);
void imap_reader_free(struct imap_reader *r); /* accepts NULL */

enum imap_response_kind {
  IMAP_UNTAGGED,
  IMAP_CONTINUATION, /* "+": only a text follows */
  IMAP_TAGGED,
  IMAP_NOISE, /* begins with none of these: to be skipped */
};

struct imap_response {
  enum imap_response_kind kind;
  char tag[32];    /* of IMAP_TAGGED */
  bool numbered;   /* "* 12 EXISTS" */
  uint32_t number; /* 12 */
  char word[32];   /* "EXISTS", upper case: OK, FETCH, SEARCH, ... */
};
/* The beginning of the next response; what is left of the previous one is skipped. 0, or ERR_IO, ERR_LIMIT. */
int imap_reader_begin(struct imap_reader *r, struct imap_response *ret, struct err *e);

enum imap_token_kind {
  IMAP_TOKEN_END,
  IMAP_TOKEN_WORD,
  IMAP_TOKEN_QUOTED,
  IMAP_TOKEN_LITERAL,
  IMAP_TOKEN_OPEN,
  IMAP_TOKEN_CLOSE
};

struct imap_token {
  enum imap_token_kind kind;
  const char *text; /* of words (as they came) and quoted strings; NUL-terminated; valid until the next call */
  size_t size;      /* of text, or of the literal, whose bytes follow */
};
/* The next token of the response; after its end always IMAP_TOKEN_END. Blanks and commas separate words. What was not
 * read of a literal is skipped. */
int imap_reader_token(struct imap_reader *r, struct imap_token *ret, struct err *e);
/* Up to `size` bytes of the literal just announced; 0 at its end. */
ssize_t imap_reader_literal(struct imap_reader *r, void *buffer, size_t size, struct err *e);
/* The rest of the response as one text without its line end: what follows OK, NO, BAD, BYE and "+". */
int imap_reader_text(struct imap_reader *r, struct strbuf *ret, struct err *e);
/* The rest of a value of which `first` was the first token: a list to its end. */
int imap_reader_skip_value(struct imap_reader *r, const struct imap_token *first, struct err *e);

/* Takes in bytes that came while nobody waited for a response (IDLE). Their number must fit: see room. */
size_t imap_reader_room(struct imap_reader *r, unsigned char **ret_place);
void imap_reader_add(struct imap_reader *r, size_t size);
/* Is there a whole line in the buffer, so that beginning a response does not wait? */
bool imap_reader_holds_line(const struct imap_reader *r);

/* A number: nothing but digits, and it fits 32 bits. */
bool imap_number_parse(const char *text, uint32_t *ret);

#endif
