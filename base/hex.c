/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <stdint.h>

const char *hex_text(const void *bytes, size_t size, char *ret) {
  static const char DIGITS[] = "0123456789abcdef";
  const uint8_t *byte = bytes;
  for (size_t i = 0; i < size; i++) {
    ret[2 * i] = DIGITS[byte[i] >> 4];
    ret[2 * i + 1] = DIGITS[byte[i] & 15];
  }
  ret[2 * size] = '\0';
  return ret;
}
