/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers' texts made safe for where they are printed. */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stdbool.h>

#include "mem.h"

/* For a terminal: control characters (C0, C1, DEL), bidirectional and zero-width formatting, and invalid UTF-8 become
 * visible (\x1b, \u202e, \xff), so that no escape sequence and no reordering survives. Tabs and newlines become blanks. */
void escape_terminal(struct strbuf *out, const char *text);
/* Columns the escaped text takes on a terminal: wide characters 2, combining ones 0. */
unsigned escape_width(const char *escaped);
/* A JSON string with its quotes (RFC 8259); invalid UTF-8 becomes U+FFFD. */
void escape_json(struct strbuf *out, const char *text);
/* A CSV field (RFC 4180). `guard`: a text that begins with = + - @, tab or CR, which a spreadsheet would run as a formula,
 * gets a ' in front. */
void escape_csv(struct strbuf *out, const char *text, bool guard);

#endif
