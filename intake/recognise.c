/* SPDX-License-Identifier: Apache-2.0 */
/* The table of everything that is known by its first bytes: a new kind is a new row. */
#include "intake/recognise.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

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

/* The end of the line that begins at `p`, without its line end; a carriage return alone ends one too (old Macs). */
static const unsigned char *line_end(const unsigned char *p, const unsigned char *end) {
  while (p < end && *p != '\n' && *p != '\r') p++;
  return p;
}

size_t recognise_field_name(const char *line, size_t size, size_t *ret_value_at) {
  size_t name = 0;
  while (name < size && line[name] > ' ' && line[name] < 0x7f && line[name] != ':') name++;
  size_t at = name;
  while (at < size && (line[at] == ' ' || line[at] == '\t')) at++; /* the obsolete syntax of RFC 5322 4.5 */
  if (at == size || line[at] != ':') return 0;
  *ret_value_at = at + 1;
  return name;
}

static size_t field_name_size(const unsigned char *line, const unsigned char *end) {
  size_t value_at;
  return recognise_field_name((const char *)line, (size_t)(end - line), &value_at);
}

static bool is_among(const char *const *names, const unsigned char *name, size_t size) {
  for (; *names; names++)
    if (strlen(*names) == size && ascii_same_bytes((const char *)name, *names, size)) return true;
  return false;
}

/* Fields that nothing but mail begins with, and those of which it takes two. */
static unsigned mail_field_weight(const unsigned char *name, size_t size) {
  static const char *const sure[] = {"received",
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
                                     "content-transfer-encoding",
                                     NULL};
  static const char *const likely[] = {"date", "subject", "to", "sender", "reply-to", NULL};
  return is_among(sure, name, size) ? 2 : is_among(likely, name, size) ? 1 : 0;
}

/* Blank lines, also of spaces, stand in front of some saved mails. */
static const unsigned char *skip_blank_lines(const unsigned char *p, const unsigned char *end) {
  for (const unsigned char *at = p; at < end && is_blank(*at); at++)
    if (*at == '\n' || *at == '\r') p = at + 1;
  return p;
}

static const unsigned char *begin_of_text(const unsigned char *p, size_t n) {
  return skip_blank_lines(p + byte_order_mark_size(p, n), p + n);
}

static bool begins_with(const unsigned char *p, const unsigned char *end, const char *text) {
  size_t size = strlen(text);
  return (size_t)(end - p) >= size && !memcmp(p, text, size);
}

/* Begins like a header, and fields that only mail has come before the first empty line. */
static bool looks_like_header(const unsigned char *p, const unsigned char *end) {
  unsigned weight = 0;
  for (bool first = true; p < end; first = false) {
    const unsigned char *stop = line_end(p, end);
    if (stop == p) return false;
    size_t name_size = field_name_size(p, stop);
    if (first && !name_size) return false;
    if (name_size) weight += mail_field_weight(p, name_size);
    if (weight >= 2) return true;
    p = stop + 1 < end && stop[0] == '\r' && stop[1] == '\n' ? stop + 2 : stop + 1;
  }
  return false;
}

/* The separator of mails in a file (RFC 4155), with a header behind it. */
static bool looks_like_mbox(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n;
  p = begin_of_text(p, n);
  if (!begins_with(p, end, "From ")) return false;
  const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
  return lf && looks_like_header(lf + 1, end);
}

/* A mail that lost its header begins with the delimiter of its first part, or its encoded attachment. */
static bool looks_like_body(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n;
  p = begin_of_text(p, n);
  if (begins_with(p, end, "H4sI") || begins_with(p, end, "UEsDB")) return line_end(p, end) - p > 16;
  if (!begins_with(p, end, "--")) return false;
  const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
  return lf && end - lf > 9 && ascii_begins((const char *)lf + 1, "content-");
}

/* Behind the line at `p`; `end` where there is none. */
static const unsigned char *behind_line(const unsigned char *p, const unsigned char *end) {
  const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
  return lf ? lf + 1 : end;
}

static bool looks_like_mail(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n;
  p = begin_of_text(p, n);
  if (p < end && *p == '<') return false; /* "<ns:feedback>" would pass for a field */
  if (begins_with(p, end, ">From ")) p = behind_line(p, end);
  return looks_like_header(p, end);
}

/* "1085      ", the size of the mail that follows. */
static bool looks_like_emlx(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n, *at = p;
  while (at < end && *at >= '0' && *at <= '9') at++;
  if (at == p || at - p > 12) return false;
  while (at < end && *at == ' ') at++;
  return at < end && (*at == '\n' || *at == '\r') && looks_like_header(behind_line(at, end), end);
}

static bool looks_like_mmdf(const unsigned char *p, size_t n) {
  const unsigned char *end = p + n;
  return begins_with(p, end, "\1\1\1\1") && looks_like_header(behind_line(p, end), end);
}

/* Text in units of two bytes, as ASCII: '?' for the rest. Returns how many units. */
static size_t narrowed(const unsigned char *p, size_t n, char *out, size_t size) {
  bool big = n >= 2 && (p[0] == 0xfe || (!p[0] && p[1]));
  size_t at = n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)) ? 2 : 0, made = 0;
  for (; at + 2 <= n && made < size; at += 2) {
    unsigned char high = p[at + !big], low = p[at + big];
    out[made++] = (char)(high || low >= 0x7f ? '?' : low);
  }
  return made;
}

static bool looks_like_utf16_mail(const unsigned char *p, size_t n) {
  char text[RECOGNISE_BYTES / 2];
  if (n < 4 || (!(p[0] == 0xff && p[1] == 0xfe) && !(p[0] == 0xfe && p[1] == 0xff) && p[0] && p[1])) return false;
  size_t size = narrowed(p, n, text, sizeof text);
  return looks_like_mail((const unsigned char *)text, size) || looks_like_mbox((const unsigned char *)text, size);
}

/* ContentInfo with a content type of PKCS #7 (RFC 5652 3): whatever the lengths in front of it are. */
static bool looks_like_cms(const unsigned char *p, size_t n) {
  static const unsigned char PKCS7[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7};
  return n > 24 && p[0] == 0x30 && memmem(p + 2, 24, PKCS7, sizeof PKCS7);
}

/* The class of a mail (MS-OXMSG 2.2.3) stands in the directory, which mostly follows soon: where it does not, the name
 * has to say it. */
static bool looks_like_outlook_mail(const unsigned char *p, size_t n) {
  static const unsigned char OLE[] = {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1};
  static const unsigned char MAIL[] = {0x0b, 0x0d, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
  return n > sizeof OLE && !memcmp(p, OLE, sizeof OLE) && memmem(p, n, MAIL, sizeof MAIL);
}

size_t recognise_begin_of_text(const unsigned char *bytes, size_t size) {
  return (size_t)(begin_of_text(bytes, size) - bytes);
}

bool recognise_carriage_returns(const unsigned char *bytes, size_t size) {
  const unsigned char *end = bytes + size, *stop = line_end(begin_of_text(bytes, size), end);
  return end - stop > 1 && stop[0] == '\r' && stop[1] != '\n';
}

/* The next tag's name without its prefix, NULs of UTF-16 passed over; "" at the end. */
static const unsigned char *next_tag(const unsigned char *p, const unsigned char *end, char *name, size_t size) {
  size_t length = 0;
  while (p < end && *p != '<') p++;
  for (p += p < end; p < end && *p != '<' && *p != '>' && *p != '/' && !is_blank(*p); p++) {
    if (*p == ':')
      length = 0;
    else if (*p && length + 1 < size)
      name[length++] = (char)*p;
  }
  name[length] = '\0';
  return p;
}

bool recognise_report_markup(const unsigned char *bytes, size_t size) {
  const unsigned char *end = bytes + size, *p = bytes;
  char name[16];
  bool declared = false;
  while (p < end) {
    p = next_tag(p, end, name, sizeof name);
    if (!strcmp(name, "feedback")) return true;
    if (ascii_same(name, "html")) return false;
    declared = declared || !strcmp(name, "?xml");
  }
  return declared;
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

/* The first header of a tar archive, by its checksum: the oldest ones have no signature. */
static bool looks_like_tar(const unsigned char *p, size_t n) {
  enum { HEADER_BYTES = 512, SUM_AT = 148, SUM_BYTES = 8 };
  if (n < HEADER_BYTES || !p[0]) return false;
  unsigned said = 0, sum = 0;
  size_t at = SUM_AT;
  while (at < SUM_AT + SUM_BYTES && p[at] == ' ') at++;
  for (; at < SUM_AT + SUM_BYTES && p[at] >= '0' && p[at] <= '7'; at++) said = said * 8 + (p[at] - '0');
  if (!said) return false; /* most files: nothing is added up for them */
  for (size_t i = 0; i < HEADER_BYTES; i++) sum += i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : p[i];
  return said == sum;
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
#define DOCUMENT(like, report, what)                     \
  {                                                      \
    0, NULL, 0, like, { CONTENT_DOCUMENT, what, report } \
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
    MAGIC(4, "1AY&SY", CONTENT_BZIP2, "bzip2"),
    MAGIC(0, "\xfd\x37zXZ", CONTENT_XZ, "xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", CONTENT_ZSTD, "zstd"),
    MAGIC(0, "\x04\x22\x4d\x18", CONTENT_CLOSED, "lz4 data, which is not supported"),
    MAGIC(0, "LZIP", CONTENT_CLOSED, "lzip data, which is not supported"),
    MAGIC(0, "\x1f\x9d", CONTENT_CLOSED, "compress (.Z) data, which is not supported"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", CONTENT_7Z, "7z"),
    MAGIC(0, "Rar!\x1a\x07", CONTENT_CLOSED, "a RAR archive, which is not supported"),
    MAGIC(0, "MSCF\0\0\0\0", CONTENT_CAB, "cabinet"),
    MAGIC(0, "\0\x05\x16\x07", CONTENT_OTHER, "an AppleDouble file"),
    MAGIC(0, "\0\x05\x16\0", CONTENT_OTHER, "an AppleSingle file"),
    MAGIC(0, "\0\0\0\1Bud1", CONTENT_OTHER, "a folder's .DS_Store"),
    LOOKS(looks_like_outlook_mail, CONTENT_CLOSED, RECOGNISE_OUTLOOK_MAIL),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CONTENT_OLE, "an old Office document"),
    MAGIC(0, "!BDN", CONTENT_CLOSED, "an Outlook data file, which is not supported"),
    MAGIC(0, "SQLite format 3", CONTENT_OTHER, "a SQLite database"),
    MAGIC(0, "\177ELF", CONTENT_OTHER, "a program"),
    LOOKS(looks_like_tar, CONTENT_TAR, "tar"),
    MAGIC(0, "\x78\x9f\x3e\x22", CONTENT_TNEF, "what Outlook packs attachments in (TNEF)"),
    LOOKS(looks_like_cms, CONTENT_CMS, "S/MIME"),
    LOOKS(looks_like_utf16_mail, CONTENT_UTF16_MAIL, "a mail message in UTF-16"),
    LOOKS(looks_like_emlx, CONTENT_EMLX, "a mail message of Apple Mail"),
    LOOKS(looks_like_mmdf, CONTENT_MMDF, "mails in one file (MMDF)"),
    MAGIC(0, "BABYL OPTIONS:", CONTENT_BABYL, "mails in one file (Babyl)"),
    LOOKS(looks_like_zlib, CONTENT_ZLIB, "zlib"),
    LOOKS(looks_like_mbox, CONTENT_MBOX, "mails in one file"),
    LOOKS(looks_like_mail, CONTENT_MAIL, "a mail message"),
    LOOKS(looks_like_body, CONTENT_BODY, "a mail message without its header"),
    LOOKS(looks_like_json, CONTENT_OTHER, "JSON, perhaps a report on SMTP TLS, and no XML"),
    DOCUMENT(looks_like_markup, REPORT_AGGREGATE, "markup"),
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
  /* Blank lines of a careless sender, or the program that unpacks it. */
  static const char ZIP[] = "PK\x03\x04";
  const unsigned char *zip = memmem(bytes, size, ZIP, sizeof ZIP - 1);
  if (zip) return (struct content){.kind = CONTENT_ZIP, .what = "zip", .at = (size_t)(zip - bytes)};
  if (is_all_blank(bytes, size))
    return (struct content){CONTENT_UNKNOWN, whole ? "empty" : "nothing but white space in its first 4096 bytes"};
  return (struct content){CONTENT_UNKNOWN, "no XML in it"};
}
