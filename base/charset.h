/* SPDX-License-Identifier: Apache-2.0 */
/* Which encodings of strangers are decoded at all. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

/* What glibc's iconv is let loose on: encodings that reports and mails may be written in, UTF-8 and ASCII among them.
 * Its rarer converters have a history of hanging and overrunning on hostile input (ISO-2022-CN-EXT: CVE-2024-2961). */
bool charset_is_allowed(const char *name, size_t size);

/* Loads the converters of all of them into UTF-8, for good: for a process that may open no files later. */
void charset_load_all(void);

#endif
