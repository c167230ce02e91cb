/* SPDX-License-Identifier: Apache-2.0 */
/* Sniffs a document's encoding and turns it into clean UTF-8, chunk by chunk; what the text means is the parser's. */
#include "parser/utf8_reader.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/utf8.h"

#define RAW_BYTES 65536
#define SNIFF_BYTES 256 /* an XML declaration is shorter */

#define REPLACEMENT_BYTES (sizeof UTF8_REPLACEMENT - 1)

/* A byte buffer that is filled at the back and emptied at the front. */
struct window {
  unsigned char *data;
  size_t begin, end, size;
};

struct utf8_reader {
  struct byte_stream *in;
  struct window raw;  /* as the stream gave it */
  struct window utf8; /* behind iconv; not in use where the document is UTF-8 already */
  iconv_t converter;
  bool converting;
  bool at_end;
  struct strbuf unread; /* given back by the parser */
  size_t unread_at;
  char encoding[32];
  struct utf8_reader_facts facts;
};

static struct window window_new(void) { return (struct window){.data = mem_alloc(RAW_BYTES), .size = RAW_BYTES}; }
static size_t held(const struct window *w) { return w->end - w->begin; }

struct utf8_reader *utf8_reader_new(void) {
  struct utf8_reader *d = mem_zalloc(sizeof *d);
  d->raw = window_new();
  return d;
}

static void close_converter(struct utf8_reader *d) {
  if (d->converting) iconv_close(d->converter);
  d->converting = false;
}

void utf8_reader_free(struct utf8_reader *d) {
  if (!d) return;
  close_converter(d);
  free(d->raw.data);
  free(d->utf8.data);
  strbuf_clear(&d->unread);
  free(d);
}

struct utf8_reader_facts utf8_reader_facts(const struct utf8_reader *d) {
  return d->facts;
}

static void compact(struct window *w) {
  memmove(w->data, w->data + w->begin, held(w));
  w->end -= w->begin;
  w->begin = 0;
}

/* Reads more of the stream behind what is held. 1 where something came, 0 at the end, negative on error. */
static int fill_raw(struct utf8_reader *d, struct err *e) {
  if (d->at_end) return 0;
  if (d->raw.begin) compact(&d->raw);
  if (d->raw.end == d->raw.size) return 1;
  ssize_t n = d->in->read(d->in, d->raw.data + d->raw.end, d->raw.size - d->raw.end, e);
  if (n < 0) return (int)n;
  if (!n) d->at_end = true;
  d->raw.end += (size_t)n;
  d->facts.bytes += (uint64_t)n;
  return n > 0;
}

/* --- which encoding ----------------------------------------------------------------------------------------------- */

static bool starts_with(const struct window *w, const char *bytes, size_t n) {
  return held(w) >= n && !memcmp(w->data + w->begin, bytes, n);
}

/* The encoding that the XML declaration at the front names, into `name`; "" where it names none. */
static void declared_encoding(const struct window *w, char *name, size_t size) {
  char head[SNIFF_BYTES + 1];
  size_t n = held(w) < SNIFF_BYTES ? held(w) : SNIFF_BYTES;
  memcpy(head, w->data + w->begin, n);
  head[n] = '\0';
  name[0] = '\0';
  char *end = strncmp(head, "<?xml", 5) ? NULL : strstr(head, "?>");
  if (!end) return;
  *end = '\0';
  const char *p = strstr(head, "encoding");
  if (!p) return;
  p += strlen("encoding");
  p += strspn(p, " \t\r\n=");
  char quote = *p++;
  if (quote != '"' && quote != '\'') return;
  size_t length = 0;
  while (p[length] && p[length] != quote) length++;
  if (length < size) {
    memcpy(name, p, length);
    name[length] = '\0';
  }
}

/* Decides by BOM, then zero bytes; leaves d->encoding "" for UTF-8. True where a BOM says UTF-8: the declaration, which
 * is copied along when a document is converted, has no say then (XML 1.0, appendix F). */
static bool sniff_encoding(struct utf8_reader *d) {
  struct window *w = &d->raw;
  d->encoding[0] = '\0';
  if (starts_with(w, "\xef\xbb\xbf", 3)) {
    w->begin += 3;
    return true;
  } else if (starts_with(w, "\xff\xfe", 2)) {
    w->begin += 2;
    strcpy(d->encoding, "UTF-16LE");
  } else if (starts_with(w, "\xfe\xff", 2)) {
    w->begin += 2;
    strcpy(d->encoding, "UTF-16BE");
  } else if (starts_with(w, "<\0", 2)) {
    strcpy(d->encoding, "UTF-16LE");
  } else if (starts_with(w, "\0<", 2)) {
    strcpy(d->encoding, "UTF-16BE");
  }
  return false;
}

static void open_converter(struct utf8_reader *d) {
  d->converter = iconv_open("UTF-8", d->encoding);
  if (d->converter == (iconv_t)-1) {
    d->encoding[0] = '\0';
    return;
  }
  d->converting = true;
  if (!d->utf8.data) d->utf8 = window_new();
  d->utf8.begin = d->utf8.end = 0;
  d->facts.encoding = d->encoding;
}

/* --- conversion and cleaning -------------------------------------------------------------------------------------- */

/* Converts what fits; a byte that iconv refuses is replaced. 1 while there may be more, 0 at the end. */
static int fill_utf8(struct utf8_reader *d, struct err *e) {
  struct window *w = &d->utf8;
  compact(w);
  int got = fill_raw(d, e);
  if (got < 0) return got;
  if (!held(&d->raw)) return 0;
  char *from = (char *)d->raw.data + d->raw.begin, *to = (char *)w->data + w->end;
  size_t left = held(&d->raw), room = w->size - w->end;
  size_t status = iconv(d->converter, &from, &left, &to, &room);
  int cause = errno;
  d->raw.begin = d->raw.end - left;
  w->end = w->size - room;
  if (status != (size_t)-1 || cause == E2BIG || (cause == EINVAL && !d->at_end)) return 1;
  if (room < REPLACEMENT_BYTES) return 1; /* when the window was emptied */
  d->raw.begin++;
  memcpy(to, UTF8_REPLACEMENT, REPLACEMENT_BYTES);
  w->end += REPLACEMENT_BYTES;
  d->facts.replaced++;
  return 1;
}

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* How many bytes from `p` on are printable ASCII, tab, LF or CR: 16 at a time, then one by one. */
static size_t plain_span(const unsigned char *p, size_t n) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    bytes16 v;
    memcpy(&v, p + i, sizeof v);
    bytes16 bad = (bytes16)((v >= 0x80) | ((v < 0x20) & (v != '\n') & (v != '\r') & (v != '\t')));
    uint64_t halves[2];
    memcpy(halves, &bad, sizeof halves);
    if (halves[0] | halves[1]) break;
  }
  while (i < n && p[i] < 0x80 && (p[i] >= 0x20 || p[i] == '\n' || p[i] == '\r' || p[i] == '\t')) i++;
  return i;
}

/* The length of the UTF-8 character at `p` where XML 1.0 allows it (2.2 Char); 0 where it does not; -1 where its end
 * lies behind the n bytes. */
static int character_length(const unsigned char *p, size_t n) {
  uint32_t c;
  int length = utf8_decode_bytes(p, n, &c);
  if (length <= 0) return length;
  bool allowed = c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\n' || c == '\r' || c == '\t';
  return allowed ? length : 0;
}

/* Moves clean text from the window to `buffer`. Returns the bytes written; stops before a character that is not whole.
 */
static size_t take_clean(struct utf8_reader *d, struct window *w, char *buffer, size_t size, bool last) {
  size_t written = 0;
  while (held(w) && written < size) {
    const unsigned char *p = w->data + w->begin;
    size_t most = size - written < held(w) ? size - written : held(w);
    size_t span = plain_span(p, most);
    memcpy(buffer + written, p, span);
    written += span;
    w->begin += span;
    if (span == most) continue;
    p += span;
    int length = character_length(p, held(w));
    if (length < 0 && !last) break;
    size_t out = length > 0 ? (size_t)length : REPLACEMENT_BYTES;
    if (written + out > size) break;
    memcpy(buffer + written, length > 0 ? (const char *)p : UTF8_REPLACEMENT, out);
    written += out;
    w->begin += length > 0 ? (size_t)length : 1;
    if (length <= 0) d->facts.replaced++;
  }
  return written;
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

/* Skips to the first '<'. The prefix is no part of the document, but its lines count. */
static int skip_prefix(struct utf8_reader *d, uint32_t prefix_bytes, struct err *e) {
  struct window *w = d->converting ? &d->utf8 : &d->raw;
  for (uint32_t skipped = 0; skipped <= prefix_bytes;) {
    if (!held(w)) {
      int got = d->converting ? fill_utf8(d, e) : fill_raw(d, e);
      if (got < 0) return got;
      if (!got) return err_set(e, ERR_NO_REPORT, skipped ? "no XML in it" : "empty");
      continue;
    }
    unsigned char c = w->data[w->begin];
    if (c == '<') return 0;
    if (c == '\n') d->facts.prefix_lines++;
    if (!strchr(" \t\r\n", c)) d->facts.prefix_text = true;
    w->begin++;
    skipped++;
  }
  return err_set(e, ERR_NO_REPORT, "no XML in its first %u bytes", prefix_bytes);
}

/* Fills until there is enough to tell the encoding from, or all there is. */
static int fill_to_sniff(struct utf8_reader *d, struct err *e) {
  while (held(&d->raw) < SNIFF_BYTES) {
    int got = fill_raw(d, e);
    if (got <= 0) return got;
  }
  return 0;
}

int utf8_reader_open(struct utf8_reader *d, struct byte_stream *in, const char *charset, uint32_t prefix_bytes,
                     struct err *e) {
  close_converter(d);
  d->in = in;
  d->raw.begin = d->raw.end = 0;
  d->at_end = false;
  d->facts = (struct utf8_reader_facts){0};
  strbuf_reset(&d->unread);
  d->unread_at = 0;
  int code = fill_to_sniff(d, e);
  if (code < 0) return code;
  bool marked_utf8 = sniff_encoding(d);
  if (d->encoding[0]) open_converter(d);
  code = skip_prefix(d, prefix_bytes, e);
  if (code < 0 || d->converting || marked_utf8) return code;
  code = fill_to_sniff(d, e); /* the prefix may have used up what was there */
  if (code < 0) return code;
  declared_encoding(&d->raw, d->encoding, sizeof d->encoding);
  if (!d->encoding[0] && charset && strlen(charset) < sizeof d->encoding) strcpy(d->encoding, charset);
  /* Bytes that spell "<?xml" one by one are no UTF-16, whatever they claim; UTF-8 and ASCII stay as they are. */
  static const char *const AS_THEY_ARE[] = {"utf", "us-ascii", "ascii"};
  for (size_t i = 0; i < ARRAY_SIZE(AS_THEY_ARE); i++)
    if (ascii_begins(d->encoding, AS_THEY_ARE[i])) return 0;
  if (charset_is_allowed(d->encoding, strlen(d->encoding))) open_converter(d);
  return 0;
}

int utf8_reader_read(struct utf8_reader *d, char *buffer, int size, struct err *e) {
  if (d->unread_at < d->unread.length) {
    size_t n = d->unread.length - d->unread_at;
    if (n > (size_t)size) n = (size_t)size;
    memcpy(buffer, d->unread.data + d->unread_at, n);
    d->unread_at += n;
    return (int)n;
  }
  struct window *w = d->converting ? &d->utf8 : &d->raw;
  for (;;) {
    size_t n = take_clean(d, w, buffer, (size_t)size, d->at_end && (!d->converting || !held(&d->raw)));
    if (n) return (int)n;
    int got = d->converting ? fill_utf8(d, e) : fill_raw(d, e);
    if (got < 0) return got;
    if (!got && !held(w)) return 0;
  }
}

void utf8_reader_unread(struct utf8_reader *d, const char *bytes, size_t size) {
  struct strbuf rest = STRBUF_INIT;
  strbuf_add(&rest, bytes, size);
  if (d->unread_at < d->unread.length)
    strbuf_add(&rest, d->unread.data + d->unread_at, d->unread.length - d->unread_at);
  strbuf_clear(&d->unread);
  d->unread = rest;
  d->unread_at = 0;
}
