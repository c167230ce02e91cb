/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing without case, in ASCII alone. */
#include "base/ascii.h"

#include <string.h>

bool ascii_same_bytes(const char *a, const char *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
    if (!a[i]) return true;
  }
  return true;
}

bool ascii_begins(const char *text, const char *prefix) { return ascii_same_bytes(text, prefix, strlen(prefix)); }

const char *ascii_find(const char *text, const char *part) {
  for (;; text++) {
    if (ascii_begins(text, part)) return text;
    if (!*text) return NULL;
  }
}
