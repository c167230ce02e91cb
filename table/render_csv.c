/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180) for spreadsheets and scripts: keys as header, figures bare, strangers' texts guarded. */
#include <stdlib.h>

#include "table/escape.h"
#include "table/render.h"

struct csv_renderer {
  struct table_sink sink;
  FILE *file;
  const struct table *table;
  unsigned tables;
  bool bom;
  struct strbuf line, scratch;
  struct held_runs held;
};

static int write_line(struct csv_renderer *r, struct err *e) {
  strbuf_add(&r->line, "\r\n", 2);
  return output_write(r->file, r->line.data, r->line.length, e);
}

static int csv_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct csv_renderer *r = (struct csv_renderer *)s;
  r->table = table;
  held_clear(&r->held);
  strbuf_reset(&r->line);
  if (r->bom && !r->tables) strbuf_add_text(&r->line, "\xef\xbb\xbf");
  if (r->tables++) strbuf_add(&r->line, "\r\n", 2);
  const char *between = "";
  for (unsigned i = 0; i < table->column_count; i++) {
    if (column_is_drawn(table->columns[i].type)) continue;
    strbuf_add_text(&r->line, between);
    escape_csv(&r->line, table->columns[i].key, true);
    between = ",";
  }
  return write_line(r, e);
}

static void add_field(struct csv_renderer *r, struct strbuf *out, const struct column *column,
                      const struct cell *cell) {
  if (column->type == COLUMN_TEXT) {
    if (!cell->present) return;
    if (column->flags & COLUMN_EMPTY && !*cell->text) strbuf_add_text(out, "\"\"");
    bool number = column->flags & COLUMN_MIXED && text_is_integer(cell->text); /* "-5" is no formula there */
    escape_csv(out, cell->text, !number);
    return;
  }
  if (column->type != COLUMN_WORDS && column->type != COLUMN_ROWS) {
    format_plain(out, column, cell);
    return;
  }
  strbuf_reset(&r->scratch);
  format_plain(&r->scratch, column, cell);
  escape_csv(out, strbuf_text(&r->scratch), true);
}

/* A comma behind each: the line's last one goes. */
static void add_fields(struct csv_renderer *r, struct strbuf *out, unsigned first, unsigned end,
                       const struct cell *cells) {
  for (unsigned i = first; i < end; i++) {
    if (column_is_drawn(r->table->columns[i].type)) continue;
    add_field(r, out, &r->table->columns[i], &cells[i]);
    strbuf_add_char(out, ',');
  }
}

static void csv_hold(struct table_sink *s, unsigned first, unsigned count, const struct cell *cells) {
  struct csv_renderer *r = (struct csv_renderer *)s;
  struct held *run = held_renew(&r->held, first, count);
  if (run) add_fields(r, &run->text, run->first, run->end, cells);
}

static int csv_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct csv_renderer *r = (struct csv_renderer *)s;
  strbuf_reset(&r->line);
  for (unsigned i = 0; i < r->table->column_count;) {
    const struct held *run = held_at(&r->held, i);
    if (run)
      strbuf_add(&r->line, run->text.data, run->text.length);
    else
      add_fields(r, &r->line, i, i + 1, cells);
    i = run ? run->end : i + 1;
  }
  if (r->line.length) r->line.length--;
  return write_line(r, e);
}

static int csv_end(struct table_sink *s, struct err *e) { return output_flush(((struct csv_renderer *)s)->file, e); }

static void csv_free(struct table_sink *s) {
  struct csv_renderer *r = (struct csv_renderer *)s;
  held_clear(&r->held);
  strbuf_clear(&r->line);
  strbuf_clear(&r->scratch);
  free(r);
}

struct table_sink *csv_renderer_new(FILE *file, bool bom) {
  struct csv_renderer *r = mem_zalloc(sizeof *r);
  r->sink = (struct table_sink){.begin = csv_begin, .hold = csv_hold, .row = csv_row, .end = csv_end, .free = csv_free};
  r->file = file;
  r->bom = bom;
  return &r->sink;
}
