/* SPDX-License-Identifier: Apache-2.0 */
/* Makes strangers' texts safe for terminals, JSON and CSV, and measures them; which of it applies is the renderer's. */
#include "table/escape.h"

#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/utf8.h"

bool escape_is_hidden(uint32_t c) {
  static const struct {
    uint32_t first, last;
  } RANGES[] = {
      {0x0000, 0x001f},   /* C0 */
      {0x007f, 0x009f},   /* DEL, C1 */
      {0x00ad, 0x00ad},   /* soft hyphen */
      {0x034f, 0x034f},   /* combining grapheme joiner */
      {0x061c, 0x061c},   /* Arabic letter mark */
      {0x115f, 0x1160},   /* Hangul fillers */
      {0x17b4, 0x17b5},   /* Khmer inherent vowels */
      {0x180b, 0x180f},   /* Mongolian variation selectors and vowel separator */
      {0x200b, 0x200f},   /* zero-width, left-to-right and right-to-left marks */
      {0x2028, 0x202e},   /* line and paragraph separator, embeddings and overrides */
      {0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
      {0x3164, 0x3164},   /* Hangul filler */
      {0xfe00, 0xfe0f},   /* variation selectors */
      {0xfeff, 0xfeff},   /* byte order mark */
      {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
      {0xfff9, 0xfffb},   /* annotations */
      {0x1bca0, 0x1bca3}, /* shorthand format controls */
      {0x1d173, 0x1d17a}, /* musical beams, slurs and phrases */
      {0xe0000, 0xe0fff}, /* tags, variation selectors */
  };
  for (size_t i = 0; i < ARRAY_SIZE(RANGES); i++)
    if (c <= RANGES[i].last) return c >= RANGES[i].first;
  return false;
}

static bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f; }

/* Bytes that stand in JSON or in CSV as they are: nearly all that is ever exported, so one look-up a byte instead of
 * four comparisons. */
enum { PLAIN_JSON = 1, PLAIN_CSV = 2 };
/* clang-format off */
#define BOTH (PLAIN_JSON | PLAIN_CSV)
#define EIGHT BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH
static const unsigned char PLAIN[256] = {
    [0x20] = BOTH, BOTH, 0, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, PLAIN_JSON, BOTH, BOTH, BOTH,
    [0x30] = EIGHT, BOTH, BOTH, BOTH, PLAIN_JSON, BOTH, BOTH, BOTH, BOTH, [0x40] = EIGHT, EIGHT,
    [0x50] = EIGHT, BOTH, BOTH, BOTH, BOTH, PLAIN_CSV, BOTH, BOTH, BOTH,
    [0x60] = EIGHT, EIGHT, [0x70] = EIGHT, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH};
/* clang-format on */

/* One code point or invalid byte; returns the bytes read. */
static unsigned add_visible(struct strbuf *out, const unsigned char *s, bool ascii) {
  uint32_t c;
  unsigned n = utf8_decode(s, &c);
  if (!n) {
    strbuf_printf(out, "\\x%02x", *s);
    return 1;
  }
  if (c == '\t' || c == '\n')
    strbuf_add_char(out, ' ');
  else if (c < 0x80)
    strbuf_printf(out, "\\x%02x", c);
  else if (!ascii && !escape_is_hidden(c))
    strbuf_add(out, (const char *)s, n);
  else
    strbuf_printf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
  return n;
}

static void escape_visible(struct strbuf *out, const char *text, bool ascii) {
  const unsigned char *s = (const unsigned char *)text;
  for (;;) {
    const unsigned char *plain = s;
    while (is_plain(*s)) s++;
    strbuf_add(out, (const char *)plain, (size_t)(s - plain));
    if (!*s) return;
    s += add_visible(out, s, ascii);
  }
}

void escape_terminal(struct strbuf *out, const char *text) { escape_visible(out, text, false); }
void escape_ascii(struct strbuf *out, const char *text) { escape_visible(out, text, true); }

/* The libc knows the widths only in a UTF-8 locale. Where the thread has none it borrows one; (locale_t)0: not needed.
 */
static locale_t borrow_locale(locale_t *ret_before) {
  if (wcwidth(0x4e00) == 2) return (locale_t)0;
  locale_t borrowed = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (borrowed) *ret_before = uselocale(borrowed);
  return borrowed;
}

size_t escape_prefix(const char *escaped, unsigned columns, unsigned *ret_width) {
  const unsigned char *s = (const unsigned char *)escaped;
  unsigned width = 0;
  for (; is_plain(*s) && width < columns; width++) s++;
  if (*s && !is_plain(*s)) {
    locale_t before = (locale_t)0, borrowed = borrow_locale(&before);
    while (*s) {
      uint32_t c = *s;
      unsigned bytes = utf8_decode(s, &c);
      int taken = wcwidth((wchar_t)c);
      if (taken < 0) taken = 1; /* unassigned, or a machine without that locale */
      if ((unsigned)taken > columns - width) break;
      width += (unsigned)taken;
      s += bytes ? bytes : 1;
    }
    if (borrowed) {
      uselocale(before);
      freelocale(borrowed);
    }
  }
  *ret_width = width;
  return (size_t)((const char *)s - escaped);
}

unsigned escape_width(const char *escaped) {
  unsigned width;
  escape_prefix(escaped, UINT_MAX, &width);
  return width;
}

static unsigned add_json(struct strbuf *out, const unsigned char *s) {
  uint32_t c;
  unsigned n = utf8_decode(s, &c);
  if (!n) {
    strbuf_add_text(out, UTF8_REPLACEMENT);
    return 1;
  }
  if (c == '"' || c == '\\') {
    strbuf_add_char(out, '\\');
    strbuf_add_char(out, (char)c);
  } else if (c == '\t' || c == '\n' || c == '\r') {
    strbuf_add_text(out, c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r");
  } else if (!escape_is_hidden(c)) {
    strbuf_add(out, (const char *)s, n);
  } else if (c <= 0xffff) {
    strbuf_printf(out, "\\u%04x", c);
  } else {
    strbuf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
  }
  return n;
}

void escape_json(struct strbuf *out, const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  strbuf_add_char(out, '"');
  for (;;) {
    const unsigned char *plain = s;
    while (PLAIN[*s] & PLAIN_JSON) s++;
    strbuf_add(out, (const char *)plain, (size_t)(s - plain));
    if (!*s) break;
    s += add_json(out, s);
  }
  strbuf_add_char(out, '"');
}

static unsigned add_csv(struct strbuf *out, const unsigned char *s) {
  uint32_t c;
  unsigned n = utf8_decode(s, &c);
  bool control = n && (c < 0x20 || (c >= 0x7f && c < 0xa0)) && c != '\t' && c != '\r' && c != '\n';
  if (!n || control)
    strbuf_add_text(out, UTF8_REPLACEMENT);
  else
    strbuf_add(out, (const char *)s, n);
  if (n && c == '"') strbuf_add_char(out, '"');
  return n ? n : 1;
}

/* Full-width as well: a spreadsheet for Chinese or Japanese reads them alike. */
static bool is_operator(const unsigned char *s) {
  static const char *const WIDE[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};
  if (*s < 0x80) return *s == '=' || *s == '+' || *s == '-' || *s == '@';
  for (size_t i = 0; i < ARRAY_SIZE(WIDE); i++)
    if (!strncmp((const char *)s, WIDE[i], strlen(WIDE[i]))) return true;
  return false;
}

/* What a spreadsheet of another language, or one that is asked to, takes for the end of a field; it then knows nothing
 * of the quotes that began before. */
static bool is_separator(unsigned char c) { return c == ';' || c == '\t' || c == '\r' || c == '\n'; }

void escape_csv(struct strbuf *out, const char *text, bool guard) {
  const unsigned char *s = (const unsigned char *)text;
  bool formula = guard && (is_operator(s) || (is_separator(*s) && *s != ';'));
  while (PLAIN[*s] & PLAIN_CSV) s++;
  bool quoted = *s && strpbrk((const char *)s, ",\"\r\n");
  if (quoted) strbuf_add_char(out, '"');
  if (formula) strbuf_add_char(out, '\'');
  strbuf_add(out, text, (size_t)((const char *)s - text));
  while (*s) {
    const unsigned char *plain = s;
    while (is_plain(*s) && *s != '"' && *s != ';') s++;
    strbuf_add(out, (const char *)plain, (size_t)(s - plain));
    if (!*s) break;
    const bool separates = guard && is_separator(*s);
    s += add_csv(out, s);
    if (separates && is_operator(s)) strbuf_add_char(out, '\'');
  }
  if (quoted) strbuf_add_char(out, '"');
}

#define SHEET_TEXT_UNITS 32767 /* of a cell; Excel calls a file with more damaged */

/* "_x0041_": how a sheet spells what XML cannot hold (ECMA-376 22.9.2.19). */
static bool is_sheet_escape(const unsigned char *s) {
  return s[0] == '_' && s[1] == 'x' && strspn((const char *)s + 2, "0123456789abcdefABCDEF") >= 4 && s[6] == '_';
}

/* One code point or invalid byte; returns the bytes read. */
static unsigned add_sheet(struct strbuf *out, const unsigned char *s, unsigned *units) {
  uint32_t c;
  unsigned n = utf8_decode(s, &c);
  bool control = n && ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0));
  size_t before = out->length;
  if (!n || control || c == 0xfffe || c == 0xffff)
    strbuf_add_text(out, UTF8_REPLACEMENT);
  else if (c == '\r')
    strbuf_add_text(out, "_x000D_"); /* XML makes a bare one a line feed */
  else if (is_sheet_escape(s))
    strbuf_add_text(out, "_x005F_");
  else
    strbuf_add(out, (const char *)s, n);
  *units += n == 4 ? 2 : out->length - before == 7 ? 7 : 1;
  return n ? n : 1;
}

void escape_sheet(struct strbuf *out, const char *text) {
  static const char CUT[] = "... (cut)";
  unsigned units = 0;
  size_t fits = out->length; /* what may stay where the mark has to follow */
  for (const unsigned char *s = (const unsigned char *)text; *s;) {
    if (units <= SHEET_TEXT_UNITS - (sizeof CUT - 1)) fits = out->length;
    s += add_sheet(out, s, &units);
    if (units <= SHEET_TEXT_UNITS) continue;
    out->length = fits;
    strbuf_add_text(out, CUT);
    return;
  }
}

/* --- HTML and Markdown -------------------------------------------------------------------------------------------- */

static void add_html_byte(struct strbuf *out, char c) {
  switch (c) {
    case '&':
      strbuf_add_text(out, "&amp;");
      break;
    case '<':
      strbuf_add_text(out, "&lt;");
      break;
    case '>':
      strbuf_add_text(out, "&gt;");
      break;
    case '"':
      strbuf_add_text(out, "&quot;");
      break;
    case '\'':
      strbuf_add_text(out, "&#39;");
      break;
    default:
      strbuf_add_char(out, c);
  }
}

void escape_html_attribute(struct strbuf *out, const char *text) {
  _cleanup_strbuf_ struct strbuf visible = STRBUF_INIT;
  escape_terminal(&visible, text);
  for (const char *c = strbuf_text(&visible); *c; c++) add_html_byte(out, *c);
}

/* Hebrew to Arabic Extended-A, their presentation forms, and the right-to-left scripts of the supplementary planes. */
static bool is_right_to_left(uint32_t c) {
  return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff) ||
         (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

static bool has_right_to_left(const char *word, size_t size) {
  for (const unsigned char *s = (const unsigned char *)word, *end = s + size; s < end;) {
    uint32_t c = 0;
    unsigned n = utf8_decode(s, &c);
    if (is_right_to_left(c)) return true;
    s += n ? n : 1;
  }
  return false;
}

void escape_html(struct strbuf *out, const char *text) {
  _cleanup_strbuf_ struct strbuf visible = STRBUF_INIT;
  escape_terminal(&visible, text);
  bool isolated = false;
  for (const char *word = strbuf_text(&visible); *word;) {
    size_t blanks = strspn(word, " "), size = strcspn(word + blanks, " ");
    bool turned = has_right_to_left(word + blanks, size);
    if (isolated && !turned) strbuf_add_text(out, "</bdi>");
    strbuf_add(out, word, blanks);
    if (!isolated && turned) strbuf_add_text(out, "<bdi>");
    isolated = turned;
    for (word += blanks; size; size--) add_html_byte(out, *word++);
  }
  if (isolated) strbuf_add_text(out, "</bdi>");
}

/* Addresses, mentions, references to issues, URLs with a scheme or www. */
static bool could_be_link(const char *word, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (word[i] == '@' || word[i] == '#') return true;
    if (!strncmp(word + i, "://", 3) || ascii_begins(word + i, "www.")) return true;
  }
  return false;
}

/* A fence of one backtick more than the longest run inside (CommonMark 6.1). */
static void add_code_span(struct strbuf *out, const char *word, size_t size, bool in_table) {
  size_t longest = 0, run = 0;
  for (size_t i = 0; i < size; i++) {
    run = word[i] == '`' ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  for (size_t i = 0; i <= longest; i++) strbuf_add_char(out, '`');
  if (longest) strbuf_add_char(out, ' ');
  for (size_t i = 0; i < size; i++) {
    if (word[i] == '|' && in_table) strbuf_add_char(out, '\\');
    strbuf_add_char(out, word[i]);
  }
  if (longest) strbuf_add_char(out, ' ');
  for (size_t i = 0; i <= longest; i++) strbuf_add_char(out, '`');
}

static void add_markdown_word(struct strbuf *out, const char *word, size_t size) {
  for (; size; size--, word++) {
    if (strchr("\\`*_[]<>|~&!$", *word)) strbuf_add_char(out, '\\');
    strbuf_add_char(out, *word);
  }
}

void escape_markdown(struct strbuf *out, const char *text, bool in_table) {
  _cleanup_strbuf_ struct strbuf visible = STRBUF_INIT;
  escape_terminal(&visible, text);
  for (const char *word = strbuf_text(&visible); *word;) {
    size_t blanks = strspn(word, " "), size = strcspn(word + blanks, " ");
    if (blanks) strbuf_add_char(out, ' '); /* two at the end of a line would break it */
    word += blanks;
    if (could_be_link(word, size))
      add_code_span(out, word, size, in_table);
    else
      add_markdown_word(out, word, size);
    word += size;
  }
}
