/* SPDX-License-Identifier: Apache-2.0 */
/* Knows encoded attachments by the letters they begin with; decoding them is mime.c's. */
#include "intake/hidden.h"

#include <string.h>

#include "base/cleanup.h"
#include "intake/recognise.h"

/* What decides about a line. */
#define LOOK_BYTES 256

bool hidden_is_base64(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}
static bool is_blank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool begins(const unsigned char *p, size_t n, const char *text) {
  size_t size = strlen(text);
  return n >= size && !memcmp(p, text, size);
}

/* gzip; zip; "<?x", "<fe", "<?x" behind a byte order mark, and in UTF-16. */
bool hidden_begins_base64(const unsigned char *p, size_t n) {
  static const char *const magics[] = {"H4sI", "UEsDB", "PD94", "PGZl", "77u/PD", "//48", "/v8AP"};
  size_t run = 0;
  while (run < n && run < HIDDEN_BASE64_BYTES && hidden_is_base64(p[run])) run++;
  if (run < HIDDEN_BASE64_BYTES) return false;
  for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
    if (begins(p, n, magics[i])) return true;
  return false;
}

/* "begin 644 r.zip" */
static bool begins_uuencoded(const unsigned char *p, size_t n) {
  if (!begins(p, n, "begin ")) return false;
  size_t at = 6;
  while (at < n && p[at] >= '0' && p[at] <= '7') at++;
  return at >= 9 && at <= 10 && at < n && p[at] == ' ';
}

static bool begins_document(struct peekable *in, const unsigned char *p, size_t n) {
  if (!begins(p, n, "<?xml ") && !begins(p, n, "<feedback")) return false;
  n = peekable_peek(in, RECOGNISE_BYTES, &p);
  return recognise_report_markup(p, n < RECOGNISE_BYTES ? n : RECOGNISE_BYTES);
}

static enum hidden_kind kind_of_line(const unsigned char *p, size_t n) {
  if (begins_uuencoded(p, n)) return HIDDEN_UUENCODED;
  return hidden_begins_base64(p, n) ? HIDDEN_BASE64 : HIDDEN_NOTHING;
}

/* Through the next line break; false where there is none any more. */
static bool skip_line(struct peekable *in) {
  const unsigned char *p, *lf = NULL;
  size_t n;
  while (!lf && (n = peekable_peek(in, 1, &p))) {
    lf = memchr(p, '\n', n);
    peekable_skip(in, lf ? (size_t)(lf - p) + 1 : n);
  }
  return lf;
}

enum hidden_kind hidden_find(struct peekable *in) {
  const unsigned char *p;
  size_t n;
  while ((n = peekable_peek(in, LOOK_BYTES, &p))) {
    size_t blanks = 0;
    while (blanks < n && is_blank(p[blanks])) blanks++;
    if (blanks) {
      peekable_skip(in, blanks);
      continue;
    }
    if (begins_document(in, p, n)) return HIDDEN_DOCUMENT;
    enum hidden_kind kind = kind_of_line(p, n);
    if (kind == HIDDEN_UUENCODED) skip_line(in);
    if (kind != HIDDEN_NOTHING) return kind;
    if (!skip_line(in)) break;
  }
  return HIDDEN_NOTHING;
}

/* How much of `p` still is base64. Behind the padding nothing is but the rest of its line. */
static size_t base64_bytes(struct hidden_stream *h, const unsigned char *p, size_t n) {
  size_t at = 0;
  for (; at < n; at++) {
    if (h->padded && (p[at] == '\n' || hidden_is_base64(p[at]))) break;
    if (p[at] == '=')
      h->padded = true;
    else if (!hidden_is_base64(p[at]) && !is_blank(p[at]))
      break;
  }
  h->ended = at < n;
  return at;
}

/* Whole lines, up to the one that says "end"; `n` bytes are there, or all that is left. */
static size_t uuencoded_bytes(struct hidden_stream *h, const unsigned char *p, size_t n) {
  size_t at = 0;
  while (at < n && !h->ended) {
    const unsigned char *lf = memchr(p + at, '\n', n - at);
    if (!lf && at) break;
    h->ended = begins(p + at, n - at, "end") && (n - at == 3 || is_blank(p[at + 3]));
    at = lf ? (size_t)(lf - p) + 1 : n;
  }
  return at;
}

static ssize_t hidden_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct hidden_stream *h = (struct hidden_stream *)s;
  if (h->ended) return 0;
  const unsigned char *p;
  size_t n = peekable_peek(h->in, LOOK_BYTES, &p);
  if (!n) return outcome_tell(&h->in->outcome, e);
  if (n > size) n = size;
  n = h->kind == HIDDEN_BASE64 ? base64_bytes(h, p, n) : uuencoded_bytes(h, p, n);
  memcpy(buffer, p, n);
  peekable_skip(h->in, n);
  return (ssize_t)n;
}

void hidden_stream_init(struct hidden_stream *h, struct peekable *in, enum hidden_kind kind) {
  *h = (struct hidden_stream){.stream = {hidden_read}, .in = in, .kind = kind};
}

void hidden_stream_finish(struct hidden_stream *h) {
  char buffer[4096];
  while (hidden_read(&h->stream, buffer, sizeof buffer, NULL) > 0) continue;
}
