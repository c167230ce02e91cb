/* SPDX-License-Identifier: Apache-2.0 */
/* Modified UTF-7: printable ASCII stands for itself, "&" for "&-", all else is "&", base64 of UTF-16BE, "-". */
#include "imap/utf7.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_direct(unsigned char c) { return c >= 0x20 && c <= 0x7e; }

struct packer {
  struct strbuf *out;
  uint32_t bits;
  unsigned count;
};

static void pack(struct packer *p, uint32_t unit) {
  p->bits = p->bits << 16 | unit;
  for (p->count += 16; p->count >= 6; p->count -= 6) strbuf_add_char(p->out, ALPHABET[p->bits >> (p->count - 6) & 63]);
  p->bits &= (1u << p->count) - 1;
}

static bool encode_run(struct strbuf *out, const char **at) {
  struct packer p = {.out = out};
  strbuf_add_char(out, '&');
  while (**at && !is_direct((unsigned char)**at)) {
    uint32_t c;
    unsigned size = utf8_decode((const unsigned char *)*at, &c);
    if (!size) return false;
    *at += size;
    if (c >= 0x10000) pack(&p, 0xd800 + ((c - 0x10000) >> 10));
    pack(&p, c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ff) : c);
  }
  if (p.count) strbuf_add_char(out, ALPHABET[p.bits << (6 - p.count) & 63]);
  strbuf_add_char(out, '-');
  return true;
}

static bool undo(struct strbuf *out, size_t length) {
  if (out->data) out->data[length] = '\0';
  out->length = length;
  return false;
}

bool imap_utf7_encode(struct strbuf *out, const char *name) {
  size_t length = out->length;
  while (*name) {
    if (!is_direct((unsigned char)*name)) {
      if (!encode_run(out, &name)) return undo(out, length);
      continue;
    }
    strbuf_add_char(out, *name);
    if (*name++ == '&') strbuf_add_char(out, '-');
  }
  return true;
}

static void add_character(struct strbuf *out, uint32_t c) {
  if (c < 0x80) {
    strbuf_add_char(out, (char)c);
    return;
  }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  strbuf_add_char(out, (char)((0xf0u << (3 - more) & 0xff) | c >> 6 * more));
  while (more--) strbuf_add_char(out, (char)(0x80 | (c >> 6 * more & 0x3f)));
}

/* The units of "&...-" behind the "&". */
static bool decode_run(struct strbuf *out, const char **at) {
  uint32_t bits = 0, high = 0;
  unsigned count = 0;
  for (; **at != '-'; ++*at) {
    const char *place = **at ? strchr(ALPHABET, **at) : NULL;
    if (!place) return false;
    bits = bits << 6 | (uint32_t)(place - ALPHABET);
    if ((count += 6) < 16) continue;
    uint32_t unit = bits >> (count -= 16) & 0xffff;
    bits &= (1u << count) - 1;
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (low != (high != 0) || !unit) return false;
    if (unit >= 0xd800 && unit < 0xdc00) {
      high = unit;
      continue;
    }
    add_character(out, low ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit);
    high = 0;
  }
  ++*at;
  return !high && !bits && count < 6;
}

bool imap_utf7_decode(struct strbuf *out, const char *name) {
  size_t length = out->length;
  while (*name) {
    if (!is_direct((unsigned char)*name)) return undo(out, length);
    if (*name != '&') {
      strbuf_add_char(out, *name++);
    } else if (*++name == '-') {
      strbuf_add_char(out, '&');
      name++;
    } else if (!decode_run(out, &name)) {
      return undo(out, length);
    }
  }
  return true;
}
