/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal digits, in lower case. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>

/* Room for the digits of so many bytes, and their end. */
#define HEX_TEXT_BYTES(size) (2 * (size) + 1)
/* Returns `ret`. */
const char *hex_text(const void *bytes, size_t size, char *ret);

#endif
