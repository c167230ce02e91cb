/* SPDX-License-Identifier: Apache-2.0 */
/* What programs wrap around a mail or its attachments: Outlook's TNEF, the signed content of S/MIME, UTF-16. Each is a
 * stream over what stands inside; nothing is verified, nothing is held in memory. */
#include <string.h>

#include "base/cleanup.h"
#include "intake/take.h"

static int tell_broken(struct intake *i, const char *name, const struct peekable *p, const char *what) {
  struct err e;
  int code = p->outcome.state < 0 ? err_set(&e, p->outcome.state, "%s", p->outcome.err.text)
                                  : err_set(&e, ERR_FORMAT, "%s", what);
  return tell_nothing(i, name, code, &e);
}

/* Exactly `size` bytes; false where the stream ends before. */
static bool take_exactly(struct peekable *p, void *ret, size_t size) {
  const unsigned char *bytes;
  if (peekable_peek(p, size, &bytes) < size) return false;
  memcpy(ret, bytes, size);
  peekable_skip(p, size);
  return true;
}

/* --- TNEF ([MS-OXTNEF] 2.1) --------------------------------------------------------------------------------------- */

/* Attributes of one stream: each attachment has some five. */
#define TNEF_ATTRIBUTES_MOST 100000

enum { ATTRIBUTE_TITLE = 0x8010, ATTRIBUTE_DATA = 0x800f };

struct tnef_attribute {
  unsigned id;
  uint32_t size;
};

static bool next_attribute(struct peekable *p, struct tnef_attribute *ret) {
  unsigned char head[9]; /* level, id, type, length */
  if (!take_exactly(p, head, sizeof head)) return false;
  ret->id = head[1] | (unsigned)head[2] << 8;
  ret->size = head[5] | (uint32_t)head[6] << 8 | (uint32_t)head[7] << 16 | (uint32_t)head[8] << 24;
  return true;
}

static void keep_title(struct strbuf *title, struct first_bytes *data) {
  char buffer[MIME_FILE_NAME_MOST];
  struct err unused;
  strbuf_reset(title);
  ssize_t n = data->stream.read(&data->stream, buffer, sizeof buffer, &unused);
  if (n > 0) strbuf_add(title, buffer, strnlen(buffer, (size_t)n));
}

int take_tnef(struct intake *i, uint32_t depth, const char *name) {
  struct peekable *p = &level_at(i, depth)->peekable;
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
  size_t origin_length = i->origin.length;
  bool any = false;
  peekable_skip(p, 6); /* signature and key */
  struct tnef_attribute attribute;
  for (unsigned n = 0; n < TNEF_ATTRIBUTES_MOST && next_attribute(p, &attribute); n++) {
    struct first_bytes data;
    first_bytes_init(&data, p, attribute.size, "TNEF");
    int code = 0;
    if (attribute.id == ATTRIBUTE_TITLE) keep_title(&title, &data);
    if (attribute.id == ATTRIBUTE_DATA) {
      any = true;
      if (title.length) strbuf_printf(&i->origin, ": %s", strbuf_text(&title));
      code = take_unpacked(i, depth, last_component_of_entry(strbuf_text(&title)), &data.stream);
      cut_origin(i, origin_length);
      strbuf_reset(&title);
    }
    if (code < 0) return code;
    first_bytes_finish(&data);
    unsigned char checksum[2];
    if (!take_exactly(p, checksum, sizeof checksum)) break;
  }
  if (any) return 0;
  struct err e;
  return tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "Outlook's TNEF without an attachment"), &e);
}

/* --- S/MIME: SignedData of CMS (RFC 5652 5.1), in BER ------------------------------------------------------------- */

#define BER_DEPTH_MOST 16

enum { TAG_INTEGER = 0x02, TAG_OCTETS = 0x04, TAG_OID = 0x06, TAG_SEQUENCE = 0x30, TAG_SET = 0x31 };
enum { TAG_EXPLICIT_0 = 0xa0, TAG_OCTETS_IN_PIECES = 0x24, TAG_END = 0 };

struct ber {
  unsigned tag;
  bool indefinite;
  uint64_t size;
};

/* The head of the next value. Tags of one byte and sizes of at most 8: more stands in no mail. */
static bool next_value(struct peekable *p, struct ber *ret) {
  unsigned char head[2], byte;
  if (!take_exactly(p, head, sizeof head) || (head[0] & 0x1f) == 0x1f) return false;
  *ret = (struct ber){.tag = head[0], .indefinite = head[1] == 0x80, .size = head[1] & 0x80 ? 0 : head[1]};
  unsigned bytes = head[1] & 0x80 ? head[1] & 0x7f : 0;
  if (bytes > 8) return false;
  while (bytes--) {
    if (!take_exactly(p, &byte, 1)) return false;
    ret->size = ret->size << 8 | byte;
  }
  return true;
}

static bool expect(struct peekable *p, unsigned tag, struct ber *ret) { return next_value(p, ret) && ret->tag == tag; }

static bool skip_value(struct peekable *p, const struct ber *value, unsigned depth) {
  if (!value->indefinite) {
    struct first_bytes rest;
    first_bytes_init(&rest, p, value->size, "S/MIME");
    first_bytes_finish(&rest);
    return !rest.left;
  }
  struct ber inner;
  while (depth < BER_DEPTH_MOST && next_value(p, &inner)) {
    if (inner.tag == TAG_END && !inner.size) return true;
    if (!skip_value(p, &inner, depth + 1)) return false;
  }
  return false;
}

/* Up to the octets of eContent: ContentInfo, [0], SignedData, version, digestAlgorithms, encapContentInfo,
 * eContentType, [0]. `*ret_signed`: it is a signature, be it of what
 * stands elsewhere. */
static bool find_content(struct peekable *p, struct ber *ret, bool *ret_signed) {
  static const unsigned char SIGNED_DATA[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};
  unsigned char type[sizeof SIGNED_DATA];
  struct ber v;
  if (!expect(p, TAG_SEQUENCE, &v) || !expect(p, TAG_OID, &v) || v.size != sizeof type) return false;
  if (!take_exactly(p, type, sizeof type) || memcmp(type, SIGNED_DATA, sizeof type) != 0) return false;
  *ret_signed = true;
  if (!expect(p, TAG_EXPLICIT_0, &v) || !expect(p, TAG_SEQUENCE, &v)) return false;
  if (!expect(p, TAG_INTEGER, &v) || !skip_value(p, &v, 0) || !expect(p, TAG_SET, &v) || !skip_value(p, &v, 0))
    return false;
  if (!expect(p, TAG_SEQUENCE, &v) || !expect(p, TAG_OID, &v) || !skip_value(p, &v, 0)) return false;
  return expect(p, TAG_EXPLICIT_0, &v) && next_value(p, ret) &&
         (ret->tag == TAG_OCTETS || ret->tag == TAG_OCTETS_IN_PIECES);
}

/* An OCTET STRING, whole or in pieces. */
struct octets {
  struct byte_stream stream;
  struct peekable *in;
  bool in_pieces;
  uint64_t left; /* of the piece at hand */
};

static ssize_t octets_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct octets *o = (struct octets *)s;
  while (!o->left) {
    struct ber piece;
    if (!o->in_pieces || !expect(o->in, TAG_OCTETS, &piece)) return 0; /* also the end of all pieces */
    o->left = piece.size;
  }
  if (size > o->left) size = (size_t)o->left;
  ssize_t n = o->in->stream.read(&o->in->stream, buffer, size, e);
  if (n > 0) o->left -= (uint64_t)n;
  return n ? n : err_set(e, ERR_FORMAT, "S/MIME: cut off");
}

int take_cms(struct intake *i, uint32_t depth, const char *name) {
  struct peekable *p = &level_at(i, depth)->peekable;
  struct ber content;
  bool is_signed = false;
  if (!find_content(p, &content, &is_signed)) {
    struct err e;
    if (!is_signed) return tell_broken(i, name, p, "an S/MIME mail that is encrypted, or holds no mail");
    return tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "a signature"), &e);
  }
  bool in_pieces = content.tag == TAG_OCTETS_IN_PIECES;
  struct octets octets = {{octets_read}, .in = p, .in_pieces = in_pieces, .left = in_pieces ? 0 : content.size};
  return take_unpacked(i, depth, name, &octets.stream);
}

/* --- a mail in UTF-16 --------------------------------------------------------------------------------------------- */

/* Structure, names and encodings of mails are ASCII: nothing else is needed of it. */
struct narrow_stream {
  struct byte_stream stream;
  struct peekable *in;
  bool big_endian;
};

static ssize_t narrow_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct narrow_stream *w = (struct narrow_stream *)s;
  const unsigned char *bytes;
  size_t n = peekable_peek(w->in, 4096, &bytes) / 2;
  if (!n) return outcome_tell(&w->in->outcome, e);
  if (n > size) n = size;
  char *out = buffer;
  for (size_t at = 0; at < n; at++) {
    unsigned char high = bytes[2 * at + !w->big_endian], low = bytes[2 * at + w->big_endian];
    out[at] = (char)(high || low >= 0x7f ? '?' : low);
  }
  peekable_skip(w->in, 2 * n);
  return (ssize_t)n;
}

int take_utf16_mail(struct intake *i, uint32_t depth, const char *name) {
  struct peekable *p = &level_at(i, depth)->peekable;
  const unsigned char *bytes;
  size_t n = peekable_peek(p, 2, &bytes);
  bool big_endian = n >= 2 && (bytes[0] == 0xfe || (!bytes[0] && bytes[1]));
  if (n >= 2 && bytes[0] + bytes[1] == 0xfe + 0xff) peekable_skip(p, 2);
  struct narrow_stream narrow = {{narrow_read}, .in = p, .big_endian = big_endian};
  return take_unpacked(i, depth, name, &narrow.stream);
}
