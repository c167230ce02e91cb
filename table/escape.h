/* SPDX-License-Identifier: Apache-2.0 */
/* Makes strangers' texts safe for the place where they are printed. */
#ifndef TABLE_ESCAPE_H
#define TABLE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Does the character command a terminal, reorder the text around it, or is it not seen at all? */
bool escape_is_hidden(uint32_t c);
/* For a terminal: control characters (C0, C1, DEL), bidirectional, zero-width and tag characters, and invalid UTF-8
 * become visible (\x1b, \u202e, \U000e0041, \xff), so that no escape sequence and no reordering survives. Tabs and
 * newlines become blanks. */
void escape_terminal(struct strbuf *out, const char *text);
/* For a terminal that does not use UTF-8: everything outside ASCII is made visible too, because the second byte of a
 * harmless letter may be a control character there (0x9b is CSI in ISO 8859). */
void escape_ascii(struct strbuf *out, const char *text);
/* The columns that the escaped text takes on a UTF-8 terminal: 2 for a wide character, 0 for a combining one. Faster if
 * the program's locale uses UTF-8, but works in any. */
unsigned escape_width(const char *escaped);
/* The length in bytes of the longest beginning that takes at most `columns` columns (combining marks stay with their
 * base); `*ret_width` is the number of columns it takes. */
size_t escape_prefix(const char *escaped, unsigned columns, unsigned *ret_width);
/* A JSON string with its quotes (RFC 8259); invalid UTF-8 becomes U+FFFD. What escape_terminal shows as dangerous is
 * written as \uXXXX, which means the same to a parser and nothing to a terminal. */
void escape_json(struct strbuf *out, const char *text);
/* A CSV field (RFC 4180). `guard`: a text that begins with = + - @ (full-width ones too), tab, CR or LF, which a
 * spreadsheet would run as a formula, gets a ' in front, and so does what begins like that behind a semicolon, a tab or
 * a line end: where these separate, it is a field of its own. Control characters other than tab, CR and LF, which RFC
 * 4180 does not allow, and invalid UTF-8 become U+FFFD. */
void escape_csv(struct strbuf *out, const char *text, bool guard);
/* A text in an .xlsx sheet, before XML's own escaping. Control characters other than tab and line ends, anything else
 * that XML cannot represent, and invalid UTF-8 become U+FFFD. "_x000D_" and the like, which a spreadsheet would decode,
 * are escaped so that they stay as they are. A cell holds 32,767 UTF-16 units: a longer text is cut and ends with
 * "... (cut)". */
void escape_sheet(struct strbuf *out, const char *text);
/* For HTML, between tags: shown as on a terminal, and never read as markup. Runs of words in right-to-left letters are
 * isolated (<bdi>), so that they do not reorder the text around them. */
void escape_html(struct strbuf *out, const char *text);
/* The same for an attribute's value in double quotes. */
void escape_html_attribute(struct strbuf *out, const char *text);
/* For Markdown (CommonMark with GitHub's tables), within a line: shown as on a terminal. A word that could become a
 * link or a mention is put into a code span. `in_table`: a | is escaped in code spans too. */
void escape_markdown(struct strbuf *out, const char *text, bool in_table);

#endif
