/* SPDX-License-Identifier: Apache-2.0 */
/* Knows records by what is left of them. */
#include "dns/near_record.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "dns/dmarc_record.h"
#include "dns/spf_term.h"

/* How far from its beginning a text may name what it was meant to be. */
#define NEAR_THE_BEGINNING 16

/* --- bytes -------------------------------------------------------------------------------------------------------- */

size_t strange_byte(const char *text) {
  const unsigned char c = (unsigned char)*text;
  if (c == '\\' && ascii_is_digit(text[1]) && ascii_is_digit(text[2]) && ascii_is_digit(text[3])) return 4;
  return c && c != '\t' && (c < ' ' || c >= 0x7f);
}

const char *find_strange_byte(const char *text) {
  for (; *text; text++)
    if (strange_byte(text)) return text;
  return NULL;
}

static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

/* Behind what no record begins with. */
static const char *skip_junk(const char *text) {
  for (;;) {
    size_t strange = strange_byte(text);
    if (!strange && *text != ' ' && *text != '\t' && !is_quote(*text)) return text;
    text += strange ? strange : 1;
  }
}

/* Why a text that would be right without its first characters is none. */
static const char *why_first(const char *text) {
  if (is_quote(*text)) return "its quotes are part of it";
  if (*text == ' ' || *text == '\t') return "white space stands before v=";
  return "a byte that is no printable ASCII stands before v=";
}

/* Why what stands behind the version makes it another word. */
static const char *why_behind(const char *behind) {
  if (*behind == '\t' || !strncmp(behind, "\\009", 4)) return "a tab stands behind the version";
  if (strange_byte(behind)) return "a byte that is no printable ASCII stands behind the version";
  return NULL;
}

/* --- SPF ---------------------------------------------------------------------------------------------------------- */

static bool names_spf1(const char *text) {
  const char *found = ascii_find(text, "spf1");
  return found && found - text <= NEAR_THE_BEGINNING;
}

/* The terms of a record alone: all at the end, and a source before it. Sender ID (RFC 4406) has them too, and is meant.
 */
static bool has_terms(const char *text) {
  static const char *const ALL[] = {" -all", " ~all", " ?all", " +all"};
  static const char *const SOURCES[] = {"ip4:", "ip6:", "include:", "redirect="};
  bool ends = false, sends = false;
  if (ascii_begins(text, "spf2.0")) return false;
  for (unsigned i = 0; i < ARRAY_SIZE(ALL); i++) ends |= ascii_find(text, ALL[i]) != NULL;
  for (unsigned i = 0; i < ARRAY_SIZE(SOURCES); i++) sends |= ascii_find(text, SOURCES[i]) != NULL;
  return ends && sends;
}

const char *near_spf(const char *text) {
  if (spf_text_is(text) || ascii_begins(text, "v=DMARC") || ascii_begins(text, "v=DKIM")) return NULL;
  const char *begin = skip_junk(text);
  const bool is_version = ascii_begins(begin, "v=spf1");
  if (begin > text && (is_version || names_spf1(begin) || has_terms(begin))) return why_first(text);
  if (is_version) {
    const char *behind = begin + strlen("v=spf1"), *why = why_behind(behind);
    if (why) return why;
    return strchr(";,:", *behind) ? "a blank, and no other character, stands behind v=spf1"
                                  : "no blank stands behind v=spf1";
  }
  if (ascii_begins(begin, "spf1")) return "v= is missing before spf1";
  if (ascii_begins(begin, "v=spf") || names_spf1(begin)) return "its version is not written v=spf1";
  return has_terms(begin) ? "v=spf1 is missing at its beginning" : NULL;
}

/* --- DMARC -------------------------------------------------------------------------------------------------------- */

static const char *why_version(const char *begin) {
  if (ascii_begins(begin, "p=")) return "v=DMARC1 is missing at its beginning";
  if (ascii_begins(begin, "DMARC1")) return "v= is missing before DMARC1";
  if (ascii_begins(begin, "v=DMARC1") && strncmp(begin + 2, "DMARC1", 6) != 0) return "DMARC1 is not in capitals";
  return "it does not begin with v=DMARC1";
}

const char *near_dmarc(const char *text) {
  if (dmarc_record_is(text) || (!ascii_find(text, "dmarc") && !ascii_find(text, "p="))) return NULL;
  const char *begin = skip_junk(text);
  if (dmarc_record_is(begin) || (is_quote(*text) && ascii_begins(begin, "v=DMARC1"))) return why_first(text);
  if (strncmp(begin, "v=DMARC1", 8) != 0) return why_version(begin);
  const char *behind = begin + strlen("v=DMARC1"), *why = why_behind(behind);
  if (why) return why;
  return *behind == ' ' || *behind == ',' ? "a \";\" is missing behind v=DMARC1"
                                          : "its version is another than v=DMARC1";
}
