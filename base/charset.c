/* SPDX-License-Identifier: Apache-2.0 */
/* The list. */
#include "base/charset.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define NAME_BYTES 40 /* the longest of them have some 15 */

/* Nothing that would be a path or an instruction to iconv. */
static bool is_name(const char *text) {
  for (; *text; text++)
    if (!ascii_is_letter(*text) && !ascii_is_digit(*text) && !strchr("-_.:", *text)) return false;
  return true;
}

bool charset_is_allowed(const char *name, size_t size) {
  static const char *const PREFIXES[] = {
      "iso-8859-",   "iso8859-",  "windows-125", "cp125", "latin",  "koi8-",    "gb2312",      "gbk",    "gb18030",
      "big5",        "shift_jis", "shift-jis",   "sjis",  "euc-jp", "euc-kr",   "iso-2022-jp", "utf-16", "utf-32",
      "windows-31j", "tis-620",   "macintosh",   "utf-8", "utf8",   "us-ascii", "ascii"};
  char text[NAME_BYTES];
  if (!size || size >= sizeof text) return false;
  memcpy(text, name, size);
  text[size] = '\0';
  for (size_t i = 0; is_name(text) && i < ARRAY_SIZE(PREFIXES); i++)
    if (ascii_begins(text, PREFIXES[i])) return true;
  return false;
}
