/* SPDX-License-Identifier: Apache-2.0 */
/* Stacked bars over time, as SVG within a page, drawn from the typed rows of any table that has a day and counts. */
#ifndef TABLE_CHART_H
#define TABLE_CHART_H

#include "table/table.h"

/* The most bars a chart can show: more would be narrower than a line. A caller with more rows adds them up first. */
#define CHART_MOST_BARS 140
/* The number of inks. Counts beyond it are not drawn. */
#define CHART_INKS 5

/* The key of a COLUMN_TEXT, present where only a part of the bar's time is counted. */
#define CHART_PARTIAL "partial"

/* What happened at a time. Drawn as a line with its number, and told below. */
struct chart_event {
  int64_t at_s;
  const char *text;
};

struct chart_options {
  const char *title;
  const char *id;                   /* of the element, unique in its page: letters, digits, '-' */
  int64_t step_s;                   /* from one bar to the next: a day or a week */
  int64_t mark_begin_s, mark_end_s; /* a period to be marked; equal: none */
  const char *mark;                 /* what that period is */
  const struct chart_event *events; /* ascending */
  unsigned event_count;
};

/* A sink that draws. The first COLUMN_DAY column says where each bar stands (rows come in ascending order); the first
 * CHART_INKS visible COLUMN_COUNT columns are its parts, the first at the bottom; a column CHART_PARTIAL says which
 * bars are faint. Events outside the bars are told and not drawn. Title, description and legend say the same in words,
 * so the chart can be used without colour or sight; the caller also puts the rows into a table. Writes a <figure>.
 * Errors and ownership are those of a renderer. */
struct table_sink *chart_new(FILE *file, const struct chart_options *options);

/* The fill patterns of the inks. A page with charts contains them once. */
extern const char CHART_INK_DEFINITIONS[];

#endif
