/* SPDX-License-Identifier: Apache-2.0 */
/* ASCII letters, whatever the locale: for words of protocols, in which case does not matter.
 *
 * The C library's strcasecmp, tolower and isalpha follow the user's language: in Turkish, I and i are two letters, and
 * QUARANTINE is not quarantine. Bytes above 0x7f equal only themselves. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool ascii_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }
static inline char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }
static inline bool ascii_is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

/* Are two texts the same but for case? */
static inline bool ascii_same(const char *a, const char *b) {
  for (; *a == *b || ascii_lower(*a) == ascii_lower(*b); a++, b++)
    if (!*a) return true;
  return false;
}
/* The same for their first `size` bytes, or up to their end if that comes first. */
bool ascii_same_bytes(const char *a, const char *b, size_t size);
bool ascii_begins(const char *text, const char *prefix);
/* The first place where `part` stands, or NULL. */
const char *ascii_find(const char *text, const char *part);

#endif
