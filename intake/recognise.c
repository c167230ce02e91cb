/* SPDX-License-Identifier: Apache-2.0 */
/* The table of everything that is known by its first bytes: a new kind is a new row. */
#include "recognise.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"

static bool is_blank(unsigned unit) { return unit == ' ' || (unit >= '\t' && unit <= '\r'); }
static bool is_control(unsigned unit) { return unit < ' ' && !is_blank(unit); }

static size_t byte_order_mark_size(const unsigned char *p, size_t n) {
  return n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* CMF and FLG of RFC 1950: method 8, a window of at most 32 KiB, no preset dictionary, divisible by 31. */
static bool looks_like_zlib(const unsigned char *p, size_t n) {
  if (n < 2 || (p[0] & 0x0f) != 8 || p[0] >> 4 > 7 || (p[1] & 0x20) || (p[0] * 256 + p[1]) % 31) return false;
  /* One pair of letters in 31 passes as well ("x^" is both): a compressed stream soon has control characters. */
  if (is_control(p[0]) || p[1] >= 0x7f || is_control(p[1])) return true;
  for (size_t i = 2; i < n && i < 64; i++) {
    if (is_control(p[i])) return true;
  }
  return false;
}

/* The end of the line that begins at `p`, without its line end. */
static const unsigned char *line_end(const unsigned char *p, const unsigned char *end) {
  const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
  const unsigned char *stop = lf ? lf : end;
  return stop > p && stop[-1] == '\r' ? stop - 1 : stop;
}

/* The length of the field name (RFC 5322, 2.2) that the line begins with, 0 where it begins with none. */
static size_t field_name_size(const unsigned char *line, const unsigned char *end) {
  const unsigned char *p = line;
  while (p<end && * p> ' ' && *p < 0x7f && *p != ':') p++;
  return p < end && *p == ':' ? (size_t)(p - line) : 0;
}

static bool is_mail_field(const unsigned char *name, size_t size) {
  static const char *const fields[] = {"received",
                                       "from",
                                       "mime-version",
                                       "return-path",
                                       "delivered-to",
                                       "message-id",
                                       "x-received",
                                       "dkim-signature",
                                       "content-type",
                                       "arc-seal",
                                       "x-mozilla-status",
                                       "authentication-results",
                                       "content-transfer-encoding"};
  for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
    if (strlen(fields[i]) == size && !strncasecmp((const char *)name, fields[i], size)) return true;
  }
  return false;
}

/* Blank lines, also of spaces, stand in front of some saved mails. */
static const unsigned char *skip_blank_lines(const unsigned char *p, const unsigned char *end) {
  for (const unsigned char *at = p; at < end && is_blank(*at); at++)
    if (*at == '\n' || *at == '\r') p = at + 1;
  return p;
}

/* Begins like a header, and a field that only mail has comes before the first empty line. */
static bool looks_like_mail(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n;
  p += byte_order_mark_size(p, n);
  p = skip_blank_lines(p, end);
  if (p < end && *p == '<') return false; /* "<ns:feedback>" would pass for a field */
  bool first = true;
  while (p < end) {
    const unsigned char *stop = line_end(p, end);
    if (stop == p) return false;
    size_t name_size = field_name_size(p, stop);
    if (first && !name_size && !(stop - p > 5 && !memcmp(p, "From ", 5))) return false; /* "From ": an mbox */
    if (name_size && is_mail_field(p, name_size)) return true;
    first = false;
    const unsigned char *lf = memchr(stop, '\n', (size_t)(end - stop));
    p = lf ? lf + 1 : end;
  }
  return false;
}

/* `{ "`: what the reports on SMTP TLS (RFC 8460) come as, often to the same mailbox. */
static bool looks_like_json(const unsigned char *p, size_t n) {
  size_t i = byte_order_mark_size(p, n);
  while (i < n && is_blank(p[i])) i++;
  if (i == n || p[i++] != '{') return false;
  while (i < n && is_blank(p[i])) i++;
  return i < n && p[i] == '"';
}

/* Text with a '<' in it, in units of one or two bytes. Binary data would stop at a control character first. */
static bool has_markup(const unsigned char *p, size_t n, unsigned low_byte, size_t unit_size, unsigned unit_most) {
  for (size_t i = 0; i + unit_size <= n; i += unit_size) {
    unsigned unit = unit_size == 1 ? p[i] : (unsigned)(p[i + low_byte] | p[i + 1 - low_byte] << 8);
    if (unit == '<') return true;
    if (is_control(unit) || unit > unit_most) return false;
  }
  return false;
}

static bool looks_like_markup(const unsigned char *p, size_t n) {
  if (n >= 2 && p[0] == 0xff && p[1] == 0xfe) return has_markup(p + 2, n - 2, 0, 2, UINT16_MAX);
  if (n >= 2 && p[0] == 0xfe && p[1] == 0xff) return has_markup(p + 2, n - 2, 1, 2, UINT16_MAX);
  /* UTF-16 without its mark: what stands in front is plain ASCII, or it is no text at all. */
  return has_markup(p, n, 0, 1, UINT8_MAX) || has_markup(p, n, 0, 2, INT8_MAX) || has_markup(p, n, 1, 2, INT8_MAX);
}

static bool is_all_blank(const unsigned char *p, size_t n) {
  for (size_t i = byte_order_mark_size(p, n); i < n; i++) {
    if (!is_blank(p[i])) return false;
  }
  return true;
}

/* First fit: signatures, then the looks that could mistake one for the other in their order. */
struct row {
  size_t at;
  const char *magic;
  size_t magic_size;
  bool (*looks)(const unsigned char *bytes, size_t size);
  struct content content;
};
#define MAGIC(at, magic, kind, what)                  \
  {                                                   \
    at, magic, sizeof magic - 1, NULL, { kind, what } \
  }
#define LOOKS(like, kind, what)      \
  {                                  \
    0, NULL, 0, like, { kind, what } \
  }

static const struct row rows[] = {
    MAGIC(0, "\x1f\x8b", CONTENT_GZIP, "gzip"),
    MAGIC(0, "PK\x03\x04", CONTENT_ZIP, "zip"),
    MAGIC(0, "PK\x05\x06", CONTENT_ZIP, "zip"),
    MAGIC(0, "PK\x07\x08PK\x03\x04", CONTENT_ZIP, "zip"),
    MAGIC(0, "%PDF-", CONTENT_OTHER, "a PDF document"),
    MAGIC(0, "\x89PNG\r\n", CONTENT_OTHER, "a PNG picture"),
    MAGIC(0, "\xff\xd8\xff", CONTENT_OTHER, "a JPEG picture"),
    MAGIC(0, "GIF87a", CONTENT_OTHER, "a GIF picture"),
    MAGIC(0, "GIF89a", CONTENT_OTHER, "a GIF picture"),
    MAGIC(257, "ustar", CONTENT_OTHER, "a tar archive: unpack it first"),
    MAGIC(4, "1AY&SY", CONTENT_OTHER, "bzip2 data, which is not supported"),
    MAGIC(0, "\xfd\x37zXZ", CONTENT_OTHER, "xz data, which is not supported"),
    MAGIC(0, "\x28\xb5\x2f\xfd", CONTENT_OTHER, "zstd data, which is not supported"),
    MAGIC(0, "\x04\x22\x4d\x18", CONTENT_OTHER, "lz4 data, which is not supported"),
    MAGIC(0, "LZIP", CONTENT_OTHER, "lzip data, which is not supported"),
    MAGIC(0, "\x1f\x9d", CONTENT_OTHER, "compress (.Z) data, which is not supported"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", CONTENT_OTHER, "a 7z archive, which is not supported"),
    MAGIC(0, "Rar!\x1a\x07", CONTENT_OTHER, "a RAR archive, which is not supported"),
    MAGIC(0, "MSCF\0\0\0\0", CONTENT_OTHER, "a cabinet archive, which is not supported"),
    MAGIC(0, "\0\x05\x16\x07", CONTENT_OTHER, "an AppleDouble file"),
    MAGIC(0, "\0\x05\x16\0", CONTENT_OTHER, "an AppleSingle file"),
    MAGIC(0, "\0\0\0\1Bud1", CONTENT_OTHER, "a folder's .DS_Store"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CONTENT_OTHER, "an Outlook message or old Office document"),
    MAGIC(0, "!BDN", CONTENT_OTHER, "an Outlook data file"),
    MAGIC(0, "SQLite format 3", CONTENT_OTHER, "a SQLite database"),
    MAGIC(0, "\177ELF", CONTENT_OTHER, "a program"),
    LOOKS(looks_like_zlib, CONTENT_ZLIB, "zlib"),
    LOOKS(looks_like_mail, CONTENT_MAIL, "a mail message"),
    LOOKS(looks_like_json, CONTENT_OTHER, "JSON, perhaps a report on SMTP TLS, and no XML"),
    LOOKS(looks_like_markup, CONTENT_DOCUMENT, "markup"),
};

static bool fits(const struct row *r, const unsigned char *bytes, size_t size) {
  if (r->looks) return r->looks(bytes, size);
  return r->at + r->magic_size <= size && !memcmp(bytes + r->at, r->magic, r->magic_size);
}

struct content recognise(const unsigned char *bytes, size_t size, bool whole) {
  if (size > RECOGNISE_BYTES) size = RECOGNISE_BYTES;
  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    if (fits(&rows[i], bytes, size)) return rows[i].content;
  }
  if (is_all_blank(bytes, size))
    return (struct content){CONTENT_UNKNOWN, whole ? "empty" : "nothing but white space in its first 4096 bytes"};
  return (struct content){CONTENT_UNKNOWN, "no XML in it"};
}
