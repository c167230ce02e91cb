/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where the mails of an mbox begin, and takes back what its writer did to lines that look like that. */
#include "intake/mbox.h"

#include <string.h>

#include "base/ascii.h"
#include "intake/recognise.h"

/* As much as decides about a line. Senders' addresses have at most 254 bytes. */
#define FROM_LINE_BYTES 400

/* 12:34: the time of day that ends a "From " line. */
static bool has_time(const unsigned char *p, const unsigned char *end) {
  for (; end - p >= 5; p++)
    if (p[2] == ':' && ascii_is_digit((char)p[0]) && ascii_is_digit((char)p[1]) && ascii_is_digit((char)p[3]) &&
        ascii_is_digit((char)p[4]))
      return true;
  return false;
}

static bool begins_from(const unsigned char *p, size_t n) { return n >= 5 && !memcmp(p, "From ", 5); }

/* Behind an empty line, as it should be; or with a time in it, for writers forget the empty line and texts not quoted
 * begin paragraphs with "From ". */
static bool is_separator(const struct mbox *b, const unsigned char *p, size_t n) {
  if (b->format == MBOX_MMDF) return n >= 4 && !memcmp(p, "\1\1\1\1", 4);
  if (b->format == MBOX_BABYL) return *p == '\x1f';
  if (!begins_from(p, n)) return false;
  if (b->before[0] == '\n' && b->before[1] == '\n') return true;
  const unsigned char *lf = memchr(p, '\n', n);
  return has_time(p, lf ? lf : p + n);
}

/* mboxrd quotes lines of any number of '>' in front of "From ", mboxo those without one: both by one '>' more. */
static bool is_quoted(const unsigned char *p, size_t n) {
  size_t quotes = 0;
  while (quotes < n && p[quotes] == '>') quotes++;
  return quotes && begins_from(p + quotes, n - quotes);
}

/* How many bytes are the mail's for certain: through the next line break that a line to be looked at may follow. */
static size_t certain_bytes(const struct mbox *b, const unsigned char *p, size_t n, bool *ret_line_start) {
  static const char *const FIRSTS[] = {[MBOX_FROM] = "F>", [MBOX_MMDF] = "\1", [MBOX_BABYL] = "\x1f"};
  const unsigned char *end = p + n, *lf = p;
  while ((lf = memchr(lf, '\n', (size_t)(end - lf)))) {
    lf++;
    if (lf == end || (*lf && strchr(FIRSTS[b->format], *lf))) break;
  }
  *ret_line_start = lf;
  return lf ? (size_t)(lf - p) : n;
}

static void remember_end(struct mbox *b, const unsigned char *p, size_t n) {
  size_t from = n > 4 ? n - 4 : 0;
  for (size_t i = from; i < n; i++) {
    if (p[i] == '\r') continue;
    b->before[0] = b->before[1];
    b->before[1] = p[i];
  }
}

static ssize_t message_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct mbox *b = (struct mbox *)s;
  if (b->message_ended) return 0;
  const unsigned char *p;
  size_t n = peekable_peek(b->in, FROM_LINE_BYTES, &p);
  if (n && b->line_start) {
    b->message_ended = is_separator(b, p, n);
    if (b->message_ended) return 0;
    if (b->format == MBOX_FROM && is_quoted(p, n)) {
      peekable_skip(b->in, 1);
      n = peekable_peek(b->in, 1, &p);
    }
  }
  if (!n) return outcome_tell(&b->in->outcome, e);
  bool line_start;
  size_t certain = certain_bytes(b, p, n, &line_start);
  b->line_start = line_start && certain <= size;
  if (certain > size) certain = size;
  memcpy(buffer, p, certain);
  remember_end(b, p, certain);
  peekable_skip(b->in, certain);
  return (ssize_t)certain;
}

void mbox_start(struct mbox *b, struct peekable *in, enum mbox_format format) {
  const unsigned char *p;
  size_t n = peekable_peek(in, RECOGNISE_BYTES, &p);
  peekable_skip(in, recognise_begin_of_text(p, n));
  *b = (struct mbox){.message = {message_read}, .in = in, .format = format, .line_start = true, .before = {'\n', '\n'}};
}

/* However long it is. */
static void skip_line(struct mbox *b) {
  const unsigned char *p, *lf = NULL;
  size_t n;
  while (!lf && (n = peekable_peek(b->in, 1, &p))) {
    lf = memchr(p, '\n', n);
    peekable_skip(b->in, lf ? (size_t)(lf - p) + 1 : n);
  }
}

static bool stands_there(struct mbox *b, const char *text) {
  const unsigned char *p;
  size_t size = strlen(text);
  return peekable_peek(b->in, size, &p) >= size && !memcmp(p, text, size);
}

static void skip_separator(struct mbox *b) {
  skip_line(b);
  while (b->format == MBOX_MMDF && stands_there(b, "\1\1\1\1")) skip_line(b);
  if (b->format != MBOX_BABYL) return;
  if (stands_there(b, "\x0c")) skip_line(b);
  skip_line(b); /* the labels */
  if (stands_there(b, "*** EOOH ***")) skip_line(b);
}

/* What ends the last mail begins none. */
static bool is_at_end(struct mbox *b) {
  const unsigned char *p;
  return b->format != MBOX_FROM && !peekable_peek(b->in, 1, &p);
}

bool mbox_next(struct mbox *b) {
  char buffer[4096];
  while (message_read(&b->message, buffer, sizeof buffer, NULL) > 0) continue;
  if (!b->message_ended) return false;
  skip_separator(b);
  if (is_at_end(b)) return false;
  b->number++;
  b->message_ended = false;
  b->line_start = true;
  b->before[0] = '\0'; /* no two mails begin with one line each */
  b->before[1] = '\n';
  return true;
}
