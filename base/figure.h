/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for people, the same in every output: tables, pages, sentences.
 *
 * A figure is cut off after its last digit, never rounded up: a share below 99 % does not read 99.0 %, and one that is
 * not everything does not read 100 %. The locale has no say. Machines get figures in full (JSON, CSV: table/render.h).
 */
#ifndef BASE_FIGURE_H
#define BASE_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* 1,234,567, or 1234567 where not grouped. */
void figure_integer(struct strbuf *out, int64_t n, bool grouped);
/* "1 message", "1,234 messages": `thing` is the singular of a word whose plural ends in s. */
void figure_count(struct strbuf *out, int64_t n, const char *thing);
/* The ending of such a word when the figure stands elsewhere: "" or "s". */
static inline const char *figure_plural(int64_t n) { return n == 1 ? "" : "s"; }

/* "98.2 %" for a share from 0 to 1. Anything above 0 is at least "<0.1 %"; "-" for what is not a number. */
void figure_share(struct strbuf *out, double share);
/* The same for two counts; "-" if `whole` is 0: no mail is not 0 %. */
void figure_share_of(struct strbuf *out, int64_t part, int64_t whole);
/* A share cut off after so many digits (of the share, not of the percentage): 0.99996 to 3 digits is 0.999. */
double figure_share_cut(double share, unsigned digits);
/* Any other figure: 3.999 with one decimal is "3.9", or the number 3.9. At most 9 decimals. */
void figure_decimal(struct strbuf *out, double number, unsigned decimals);
double figure_cut(double number, unsigned decimals);

/* Messages a day, for people and programs alike: an average, rounded to hundredths, since no limit is held against it.
 * Anything above 0 is at least 0.01. `days` must be above 0. */
double figure_per_day(double messages, double days);

#endif
