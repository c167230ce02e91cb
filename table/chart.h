/* SPDX-License-Identifier: Apache-2.0 */
/* Bars over time, stacked, as SVG within a page: drawn from typed rows, of any table with a day and counts. */
#ifndef TABLE_CHART_H
#define TABLE_CHART_H

#include "table/table.h"

/* Bars that are drawn: more are narrower than a line. Who has more rows adds them up before. */
#define CHART_MOST_BARS 140
/* Inks there are; more columns are not drawn. */
#define CHART_INKS 5

struct chart_options {
  const char *title;
  const char *id;                   /* of the element, unique in its page: letters, digits, '-' */
  int64_t step_s;                   /* from one bar to the next: a day or a week */
  int64_t mark_begin_s, mark_end_s; /* this period is marked; equal: none */
  const char *mark;                 /* what it is */
};

/* A sink that draws: the first COLUMN_DAY column says where a bar stands (rows ascend), the COLUMN_COUNT columns that
 * are shown are its parts, the first at the bottom. Told by title, description and legend too, so that neither colour
 * nor sight is needed; the caller puts the same rows into a table. Writes a <figure>; errors and ownership as a
 * renderer. */
struct table_sink *chart_new(FILE *file, const struct chart_options *options);

/* The patterns of the inks, once in a page. */
extern const char CHART_INK_DEFINITIONS[];

#endif
