/* SPDX-License-Identifier: Apache-2.0 */
/* Splits IMAP responses (RFC 9051 9, RFC 3501 9) into tokens: words, quoted strings and literals. What a response means
 * is the session's business. Private to imap/.
 *
 * Only the framing must be right: a response ends with its line, and "{n}" at the end of a line announces n arbitrary
 * bytes, so that "A004 OK" inside a mail is just part of the mail. The only errors are those of the stream (ERR_IO,
 * ERR_INTERRUPTED) and ERR_LIMIT, for the limits below; a response that makes no sense is skipped. Memory is bounded:
 * the caller reads literals in pieces. One thread at a time. */
#ifndef IMAP_READER_H
#define IMAP_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/mem.h"

#define IMAP_WORD_BYTES 1024            /* limit of a word: names of items, numbers, sets; usual ones have 20 */
#define IMAP_QUOTED_BYTES 65536         /* limit of a quoted string; RFC 9051 4.3 means them to be short */
#define IMAP_TEXT_BYTES 2048            /* kept of a text for people; the rest is dropped */
#define IMAP_RESPONSE_BYTES (64U << 20) /* limit of a response without its literals: a search with 5 million UIDs */
#define IMAP_LITERAL_BYTES UINT32_MAX   /* number of RFC 3501 9, 32 bits; the caller decides how much it keeps */

struct imap_reader;
/* `in` stays the caller's and must outlive the reader. Its end is ERR_IO, even between responses. */
struct imap_reader *imap_reader_new(struct byte_stream *in);
void imap_reader_free(struct imap_reader *r); /* accepts NULL */

enum imap_response_kind {
  IMAP_UNTAGGED,
  IMAP_CONTINUATION, /* "+": only a text follows */
  IMAP_TAGGED,
  IMAP_NOISE, /* is none of these, and is to be skipped */
};

struct imap_response {
  enum imap_response_kind kind;
  char tag[32];    /* of IMAP_TAGGED */
  bool numbered;   /* "* 12 EXISTS" */
  uint32_t number; /* 12 */
  char word[32];   /* "EXISTS", upper case: OK, FETCH, SEARCH, ... */
};
/* Reads the beginning of the next response; what is left of the previous one is skipped. This function and those below
 * return 0 or an error. */
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
  size_t size;      /* bytes of the text, or of the literal that follows */
};
/* The next token of the response; after the last one always IMAP_TOKEN_END. Blanks and commas separate words. What was
 * not read of a literal is skipped. */
int imap_reader_token(struct imap_reader *r, struct imap_token *ret, struct err *e);
/* Reads up to `size` bytes of the literal that the last token announced. Returns how many; 0 at its end. */
ssize_t imap_reader_literal(struct imap_reader *r, void *buffer, size_t size, struct err *e);
/* Reads the rest of the response as one text, without its line end: what follows OK, NO, BAD, BYE and "+". */
int imap_reader_text(struct imap_reader *r, struct strbuf *ret, struct err *e);
/* Skips the rest of a value whose first token was `first`: a list up to its end. */
int imap_reader_skip_value(struct imap_reader *r, const struct imap_token *first, struct err *e);

/* For bytes that were read elsewhere while no response was awaited (IDLE): imap_reader_room returns how many fit and
 * where to write them, imap_reader_add says how many were written. */
size_t imap_reader_room(struct imap_reader *r, unsigned char **ret_place);
void imap_reader_add(struct imap_reader *r, size_t size);
/* Does the buffer hold a whole line, so that imap_reader_begin will not wait? */
bool imap_reader_holds_line(const struct imap_reader *r);

/* Reads a number (RFC 9051 9): digits only, 32 bits. False: it is not one. */
bool imap_number_parse(const char *text, uint32_t *ret);

#endif
