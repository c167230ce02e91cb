/* SPDX-License-Identifier: Apache-2.0 */
/* Takes responses apart, byte by byte, from whatever a server sends. */
#include "imap/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"

#define BUFFER_BYTES 65536

struct imap_reader {
  struct byte_stream *in;
  size_t at, filled;
  uint64_t literal_left;   /* bytes of the literal just announced */
  bool literal_due;        /* a word ended in "{n}": the literal is the next token */
  bool ended;              /* the line end of the response was read */
  uint64_t response_bytes; /* so far, literals apart */
  size_t literal_size;
  struct strbuf text; /* of the last token */
  unsigned char buffer[BUFFER_BYTES];
};

struct imap_reader *imap_reader_new(struct byte_stream *in) {
  struct imap_reader *r = mem_alloc(sizeof *r);
  memset(r, 0, offsetof(struct imap_reader, buffer));
  r->in = in;
  r->ended = true;
  return r;
}

void imap_reader_free(struct imap_reader *r) {
  if (!r) return;
  strbuf_clear(&r->text);
  free(r);
}

bool imap_number_parse(const char *text, uint32_t *ret) {
  int64_t value;
  if (!number_parse(text, UINT32_MAX, &value)) return false;
  *ret = (uint32_t)value;
  return true;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static int fill(struct imap_reader *r, struct err *e) {
  ssize_t n = r->in->read(r->in, r->buffer, sizeof r->buffer, e);
  if (n < 0) return (int)n;
  if (n == 0) return err_set(e, ERR_IO, "the server closed the connection");
  r->at = 0;
  r->filled = (size_t)n;
  return 0;
}

/* The next byte of a response, without taking it. */
static int peek(struct imap_reader *r, unsigned char *ret, struct err *e) {
  if (r->at == r->filled) {
    int code = fill(r, e);
    if (code < 0) return code;
  }
  *ret = r->buffer[r->at];
  return 0;
}

static int take(struct imap_reader *r, struct err *e) {
  r->at++;
  if (++r->response_bytes > IMAP_RESPONSE_BYTES)
    return err_set(e, ERR_LIMIT, "the server sent a response of more than %u bytes", IMAP_RESPONSE_BYTES);
  return 0;
}

size_t imap_reader_room(struct imap_reader *r, unsigned char **ret_place) {
  memmove(r->buffer, r->buffer + r->at, r->filled - r->at);
  r->filled -= r->at;
  r->at = 0;
  *ret_place = r->buffer + r->filled;
  return sizeof r->buffer - r->filled;
}

void imap_reader_add(struct imap_reader *r, size_t size) { r->filled += size; }

bool imap_reader_holds_line(const struct imap_reader *r) {
  return memchr(r->buffer + r->at, '\n', r->filled - r->at) || r->filled - r->at == sizeof r->buffer;
}

/* --- literals ----------------------------------------------------------------------------------------------------- */

ssize_t imap_reader_literal(struct imap_reader *r, void *buffer, size_t size, struct err *e) {
  if (!r->literal_left) return 0;
  if (r->at == r->filled) {
    int code = fill(r, e);
    if (code < 0) return code;
  }
  size_t n = r->filled - r->at;
  if (n > size) n = size;
  if (n > r->literal_left) n = (size_t)r->literal_left;
  memcpy(buffer, r->buffer + r->at, n);
  r->at += n;
  r->literal_left -= n;
  return (ssize_t)n;
}

static int skip_literal(struct imap_reader *r, struct err *e) {
  while (r->literal_left) {
    unsigned char next;
    int code = peek(r, &next, e);
    if (code < 0) return code;
    size_t n = r->filled - r->at;
    if (n > r->literal_left) n = (size_t)r->literal_left;
    r->at += n;
    r->literal_left -= n;
  }
  return 0;
}

/* Does the text end in "{n}" or "{n+}" (RFC 7888)? Then `*ret_size` is n and the mark is cut off, with the "~" of a
 * literal8 (RFC 3516) in front of it. */
static bool cut_literal_mark(struct strbuf *text, uint64_t *ret_size) {
  if (text->length < 3 || text->data[text->length - 1] != '}') return false;
  char *open = strrchr(text->data, '{');
  if (!open) return false;
  size_t digits = strspn(open + 1, "0123456789");
  const char *behind = open + 1 + digits;
  if (*behind == '+') behind++;
  if (!digits || strcmp(behind, "}") != 0) return false;
  /* What does not fit is refused by its size, see end_line. */
  *ret_size = digits > 10 ? UINT64_MAX : strtoull(open + 1, NULL, 10);
  if (open > text->data && open[-1] == '~') open--;
  *open = '\0';
  text->length = (size_t)(open - text->data);
  return true;
}

/* Takes the line end that stands next ("\n" or "\r\n"; a "\r" alone is a blank). 1 where it was one. */
static int take_line_end(struct imap_reader *r, struct err *e) {
  unsigned char next;
  int code = peek(r, &next, e);
  if (!code && next == '\r') {
    code = take(r, e);
    if (!code) code = peek(r, &next, e);
  }
  if (code < 0) return code;
  if (next != '\n') return 0;
  code = take(r, e);
  return code < 0 ? code : 1;
}

/* At a "\r" or "\n" behind `text`: 0 the response goes on (a literal is due, or the "\r" stood alone), 1 it ended. */
static int end_line(struct imap_reader *r, struct strbuf *text, struct err *e) {
  int ended = take_line_end(r, e);
  if (ended <= 0) return ended;
  uint64_t size;
  if (!text || !cut_literal_mark(text, &size)) {
    r->ended = true;
    return 1;
  }
  if (size > IMAP_LITERAL_BYTES) return err_set(e, ERR_LIMIT, "the server announced a literal of more than 4 GiB");
  r->literal_due = true;
  r->literal_left = r->literal_size = (size_t)size;
  return 0;
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static bool ends_word(unsigned char c) { return c && strchr(" \t(),\"\r\n", c); }

static int read_word(struct imap_reader *r, struct err *e) {
  for (;;) {
    unsigned char next;
    int code = peek(r, &next, e);
    if (code < 0) return code;
    if (next == '\r' || next == '\n') {
      code = end_line(r, &r->text, e);
      return code < 0 ? code : 0;
    }
    if (ends_word(next)) return 0;
    if (r->text.length >= IMAP_WORD_BYTES)
      return err_set(e, ERR_LIMIT, "the server sent a word of more than %d bytes", IMAP_WORD_BYTES);
    strbuf_add_char(&r->text, (char)next);
    if ((code = take(r, e)) < 0) return code;
  }
}

/* A line end inside ends it: no quoted string goes over lines (RFC 9051 4.3). */
static int read_quoted(struct imap_reader *r, struct err *e) {
  int code = take(r, e);
  for (bool escaped = false; !code;) {
    unsigned char next;
    if ((code = peek(r, &next, e)) < 0 || next == '\r' || next == '\n') return code;
    if ((code = take(r, e)) < 0) return code;
    if (!escaped && next == '"') return 0;
    escaped = !escaped && next == '\\';
    if (escaped) continue;
    if (r->text.length >= IMAP_QUOTED_BYTES)
      return err_set(e, ERR_LIMIT, "the server sent a quoted string of more than %d bytes", IMAP_QUOTED_BYTES);
    strbuf_add_char(&r->text, (char)next);
  }
  return code;
}

static int token_literal(struct imap_reader *r, struct imap_token *ret) {
  r->literal_due = false;
  *ret = (struct imap_token){.kind = IMAP_TOKEN_LITERAL, .size = r->literal_size};
  return 0;
}

static int token_text(struct imap_reader *r, enum imap_token_kind kind, struct imap_token *ret) {
  *ret = (struct imap_token){.kind = kind, .text = strbuf_text(&r->text), .size = r->text.length};
  return 0;
}

static int token_sign(struct imap_reader *r, enum imap_token_kind kind, struct imap_token *ret, struct err *e) {
  *ret = (struct imap_token){.kind = kind};
  return take(r, e);
}

int imap_reader_token(struct imap_reader *r, struct imap_token *ret, struct err *e) {
  *ret = (struct imap_token){.kind = IMAP_TOKEN_END};
  int code = 0;
  if (r->literal_due) return token_literal(r, ret);
  if (r->literal_left) code = skip_literal(r, e);
  strbuf_reset(&r->text);
  while (!code && !r->ended) {
    unsigned char next;
    if ((code = peek(r, &next, e)) < 0) break;
    if (next == '(') return token_sign(r, IMAP_TOKEN_OPEN, ret, e);
    if (next == ')') return token_sign(r, IMAP_TOKEN_CLOSE, ret, e);
    if (next == '\r' || next == '\n') {
      code = end_line(r, NULL, e);
      if (code >= 0) code = 0;
    } else if (next == '"') {
      code = read_quoted(r, e);
      return code < 0 ? code : token_text(r, IMAP_TOKEN_QUOTED, ret);
    } else if (ends_word(next)) {
      code = take(r, e);
    } else {
      if ((code = read_word(r, e)) < 0) break;
      if (r->literal_due && !r->text.length) return token_literal(r, ret);
      return token_text(r, IMAP_TOKEN_WORD, ret);
    }
  }
  return code;
}

int imap_reader_skip_value(struct imap_reader *r, const struct imap_token *first, struct err *e) {
  struct imap_token token = *first;
  unsigned depth = 0;
  for (;;) {
    if (token.kind == IMAP_TOKEN_END) return 0;
    if (token.kind == IMAP_TOKEN_OPEN) depth++;
    if (token.kind == IMAP_TOKEN_CLOSE && depth) depth--;
    if (!depth) return 0;
    int code = imap_reader_token(r, &token, e);
    if (code < 0) return code;
  }
}

/* --- responses ---------------------------------------------------------------------------------------------------- */

/* A text for people may end in "{5}" and mean nothing by it; only inside its "[code" that is a literal. */
static int read_text_literal(struct imap_reader *r, struct strbuf *ret, struct err *e) {
  char piece[256];
  ssize_t n;
  r->literal_due = false;
  while ((n = imap_reader_literal(r, piece, sizeof piece, e)) > 0)
    if (ret->length + (size_t)n < IMAP_TEXT_BYTES) strbuf_add(ret, piece, (size_t)n);
  return (int)n;
}

int imap_reader_text(struct imap_reader *r, struct strbuf *ret, struct err *e) {
  strbuf_reset(ret);
  bool in_code = false;
  unsigned char next = 0;
  int code = 0;
  if (r->literal_due) code = read_text_literal(r, ret, e);
  while (!code && !r->ended) {
    if ((code = peek(r, &next, e)) < 0) break;
    if (next == '\r' || next == '\n') {
      code = end_line(r, in_code ? ret : NULL, e);
      if (code >= 0) code = r->literal_due ? read_text_literal(r, ret, e) : 0;
      continue;
    }
    if (!ret->length && next == '[') in_code = true;
    if (next == ']') in_code = false;
    if (ret->length < IMAP_TEXT_BYTES && next && (ret->length || next != ' ')) strbuf_add_char(ret, (char)next);
    code = take(r, e);
  }
  return code;
}

static int skip_response(struct imap_reader *r, struct err *e) {
  unsigned char next;
  int code = 0;
  r->literal_due = false;
  if (r->literal_left) code = skip_literal(r, e);
  strbuf_reset(&r->text);
  /* Only what a literal's mark can be made of is kept: its 14 bytes, "~{4294967295+}". */
  while (!code && !r->ended) {
    if ((code = peek(r, &next, e)) < 0) break;
    if (next == '\r' || next == '\n') {
      code = end_line(r, &r->text, e);
      if (code >= 0) code = r->literal_due ? skip_literal(r, e) : 0;
      r->literal_due = false;
      strbuf_reset(&r->text);
      continue;
    }
    if (next == '{' || next == '~') strbuf_reset(&r->text);
    if (r->text.length < 32) strbuf_add_char(&r->text, (char)next);
    code = take(r, e);
  }
  return code;
}

/* Upper case, cut to the room there is. */
static void copy_word(char *place, size_t size, const char *word) {
  size_t i = 0;
  for (; word[i] && i + 1 < size; i++) place[i] = ascii_upper(word[i]);
  place[i] = '\0';
}

static int read_response_word(struct imap_reader *r, struct imap_response *ret, struct err *e) {
  struct imap_token token;
  int code = imap_reader_token(r, &token, e);
  if (code < 0 || token.kind != IMAP_TOKEN_WORD) return code;
  if (ret->kind == IMAP_UNTAGGED && !ret->numbered && imap_number_parse(token.text, &ret->number)) {
    ret->numbered = true;
    return read_response_word(r, ret, e);
  }
  copy_word(ret->word, sizeof ret->word, token.text);
  return 0;
}

int imap_reader_begin(struct imap_reader *r, struct imap_response *ret, struct err *e) {
  *ret = (struct imap_response){.kind = IMAP_NOISE};
  struct imap_token token;
  int code = skip_response(r, e);
  if (code < 0) return code;
  r->ended = false;
  r->response_bytes = 0;
  if ((code = imap_reader_token(r, &token, e)) < 0 || token.kind != IMAP_TOKEN_WORD) return code;
  if (!strcmp(token.text, "+")) {
    ret->kind = IMAP_CONTINUATION;
    return 0;
  }
  ret->kind = strcmp(token.text, "*") == 0 ? IMAP_UNTAGGED : IMAP_TAGGED;
  if (ret->kind == IMAP_TAGGED && token.size < sizeof ret->tag) memcpy(ret->tag, token.text, token.size + 1);
  return read_response_word(r, ret, e);
}
