/* SPDX-License-Identifier: Apache-2.0 */
/* What the renderers share among themselves: values as text, and output whose errors are noticed. */
#ifndef TABLE_RENDER_H
#define TABLE_RENDER_H

#include "base/mem.h"
#include "table/table.h"

struct table_sink *text_renderer_new(FILE *file, const struct render_options *options);
/* `bom`: with a byte order mark in front, for programs that would guess a charset. */
struct table_sink *csv_renderer_new(FILE *file, bool bom);
/* `lines`: one JSON object a line and nothing else. */
struct table_sink *json_renderer_new(FILE *file, bool lines);
struct table_sink *xlsx_renderer_new(FILE *file);
/* A whole page around one table. */
struct table_sink *html_renderer_new(FILE *file);

/* Nothing to print: not present, or a figure that is none. Lists without items are present. */
bool cell_is_absent(const struct column *column, const struct cell *cell);
/* The same for people, who see nothing in an empty list either. */
bool cell_shows_nothing(const struct column *column, const struct cell *cell);
/* How good it is, in colours: a share of COLUMN_GOOD, a word of COLUMN_STATE. */
enum praise { PRAISE_NONE, PRAISE_GOOD, PRAISE_FAIR, PRAISE_POOR };
enum praise cell_praise(const struct column *column, const struct cell *cell);
enum praise share_praise(double share); /* of one that is the better the higher */
/* A bar for a share, 0 to 1, that stands beside it as a figure: nothing is lost to those who cannot see it. */
void html_add_bar(struct strbuf *out, double share, enum praise praise);
/* A COLUMN_MIXED text that JSON can hold as a number without changing it: 100, -5; not 007, -0 or 20 digits. */
bool text_is_integer(const char *text);

/* 0.9821, for machines: six significant digits, more only where the whole part has more; never an exponent, and no
 * locale has a say. */
void format_decimal(struct strbuf *out, double number);
/* A value as machines and nested rows read it; not escaped. Absent adds nothing. */
void format_plain(struct strbuf *out, const struct column *column, const struct cell *cell);
/* "key=value key=value; ..." (COLUMN_ROWS); not escaped. */
void format_rows(struct strbuf *out, const struct column *column, const struct cell *cell);

/* What stands in many rows, written once (table_sink.hold). */
struct held {
  unsigned first, end; /* columns */
  struct strbuf text;
};
#define HELD_MOST 4 /* the export of records has two */
struct held_runs {
  struct held runs[HELD_MOST];
  unsigned count;
};
/* The run for these columns, its text empty; NULL: there are too many, so they are written row by row. */
struct held *held_renew(struct held_runs *h, unsigned first, unsigned count);
/* The run that begins with this column; NULL: none. */
static inline const struct held *held_at(const struct held_runs *h, unsigned column) {
  for (unsigned i = 0; i < h->count; i++)
    if (h->runs[i].first == column) return &h->runs[i];
  return NULL;
}
void held_clear(struct held_runs *h); /* forgets and frees */

int output_write(FILE *file, const char *data, size_t size, struct err *e);
int output_flush(FILE *file, struct err *e);

#endif
