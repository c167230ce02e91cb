/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as people read them, the same in every output: tables, pages, sentences.
 *
 * A figure is cut off behind its last digit, never rounded up: what misses 99 % does not read 99.0 %, and what is not
 * all does not read 100 %. No locale has a say. What machines read (JSON, CSV) is written in full, by table/render.h.
 */
#ifndef BASE_FIGURE_H
#define BASE_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* 1,234,567, or 1234567 where not grouped. */
void figure_integer(struct strbuf *out, int64_t n, bool grouped);
/* "1 message", "1,234 messages": `thing` is the singular of a word whose plural takes an s. */
void figure_count(struct strbuf *out, int64_t n, const char *thing);
/* The ending of such a word, where the figure stands elsewhere: "" or "s". */
static inline const char *figure_plural(int64_t n) { return n == 1 ? "" : "s"; }

/* "98.2 %" of a share in 0..1. What there is at all is "<0.1 %" at the least; "-" where it is no number. */
void figure_share(struct strbuf *out, double share);
/* The same of two counts; "-" of nothing: no mail is not 0 %. */
void figure_share_of(struct strbuf *out, int64_t part, int64_t whole);
/* A share cut off behind so many digits (of the share, not of its per cent): 0.99996 to 3 is 0.999. */
double figure_share_cut(double share, unsigned digits);
/* Any other figure: 3.999 with one decimal is "3.9", or the number 3.9. At most 9 decimals. */
void figure_decimal(struct strbuf *out, double number, unsigned decimals);
double figure_cut(double number, unsigned decimals);

/* Messages a day, for people and programs: an average, and so no bound that a figure cut off would have to keep.
 * Rounded to hundredths; what there is at all is 0.01 at the least. `days` > 0. */
double figure_per_day(double messages, double days);

#endif
