/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* How many bytes of a text are the byte order mark with which some editors begin a file: 3, or 0. */
static inline size_t utf8_mark_size(const char *text, size_t size) {
  return size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* The code point at `s`, which has `size` bytes, at least one. Returns its length in bytes; 0 if there is no code
 * point; -1 if it would go on beyond `size`. `ret` is set only if there is one. */
static inline int utf8_decode_bytes(const unsigned char *s, size_t size, uint32_t *ret) {
  static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
  if (s[0] < 0x80) {
    *ret = s[0];
    return 1;
  }
  int length = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
  if (!length) return 0;
  uint32_t c = s[0] & (0x7fu >> length);
  for (int i = 1; i < length; i++) {
    if ((size_t)i >= size) return -1;
    if ((s[i] & 0xc0) != 0x80) return 0;
    c = c << 6 | (s[i] & 0x3f);
  }
  if (c < LEAST[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  *ret = c;
  return length;
}

/* The same for a NUL-terminated text: NUL is no part of a longer character, so none goes beyond it. */
static inline unsigned utf8_decode(const unsigned char *text, uint32_t *ret) {
  return (unsigned)utf8_decode_bytes(text, SIZE_MAX, ret);
}

/* How many of the first `size` bytes of a text fit into `most` without cutting a character in two. */
static inline size_t utf8_fitting(const char *text, size_t size, size_t most) {
  if (size <= most) return size;
  while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80) most--;
  return most;
}

#endif
