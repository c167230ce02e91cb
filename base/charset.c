/* SPDX-License-Identifier: Apache-2.0 */
/* The list. */
#include "base/charset.h"

#include <iconv.h>
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

/* By one name each: all its names lead to it. What this machine does not have is not there later either. They stay
 * open, since the C library unloads what nobody uses. */
void charset_load_all(void) {
  static const char *const NAMES[] = {
      "ISO-8859-1",     "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",   "ISO-8859-7",
      "ISO-8859-8",     "ISO-8859-9",   "ISO-8859-9E",  "ISO-8859-10",  "ISO-8859-11",  "ISO-8859-13",  "ISO-8859-14",
      "ISO-8859-15",    "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254",
      "WINDOWS-1255",   "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",       "KOI8-U",       "KOI8-T",
      "KOI8-RU",        "GB2312",       "GBK",          "GB18030",      "BIG5",         "BIG5-HKSCS",   "SHIFT_JIS",
      "SHIFT_JISX0213", "EUC-JP",       "EUC-JP-MS",    "EUC-JISX0213", "EUC-KR",       "ISO-2022-JP",  "ISO-2022-JP-2",
      "ISO-2022-JP-3",  "UTF-16",       "UTF-16LE",     "UTF-16BE",     "UTF-32",       "UTF-32LE",     "UTF-32BE",
      "WINDOWS-31J",    "TIS-620",      "MACINTOSH",    "US-ASCII",     "UTF-8"};
  static iconv_t kept[ARRAY_SIZE(NAMES)];
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++)
    if (!kept[i]) kept[i] = iconv_open("UTF-8", NAMES[i]);
}
