/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown for tickets and mails: GitHub's tables, strangers' texts without a link or a mention in them. */
#include <stdlib.h>
#include <string.h>

#include "base/figure.h"
#include "table/escape.h"
#include "table/page_table.h"
#include "table/render.h"

#define BAR_COLUMNS 12

struct markdown_renderer {
  struct table_sink sink;
  FILE *file;
  struct page_table options;
  bool in_page; /* an empty line follows */
  const struct table *table;
  unsigned tables;
  uint64_t rows, left_out;
  struct strbuf out, scratch;
};

static bool is_figure(enum column_type type) {
  return type == COLUMN_COUNT || type == COLUMN_SHARE || type == COLUMN_NUMBER;
}

static int flush(struct markdown_renderer *r, struct err *e) {
  int code = output_write(r->file, strbuf_text(&r->out), r->out.length, e);
  strbuf_reset(&r->out);
  return code;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void add_text(struct markdown_renderer *r, const char *text) {
  strbuf_reset(&r->scratch);
  page_text(&r->scratch, text);
  escape_markdown(&r->out, strbuf_text(&r->scratch), true);
}

static void add_bar(struct strbuf *out, double share) {
  unsigned length = share <= 0 ? 0 : share >= 1 ? BAR_COLUMNS : (unsigned)(share * BAR_COLUMNS + 0.5);
  if (share > 0 && !length) length = 1;
  for (; length; length--) strbuf_add_text(out, "█");
}

static void add_value(struct markdown_renderer *r, const struct column *column, const struct cell *cell);

static void add_nested(struct markdown_renderer *r, const struct column *column, const struct cell *cell) {
  const struct cell *value = cell->rows.cells;
  for (unsigned row = 0; row < cell->rows.count; row++) {
    const char *between = row ? "; " : "";
    for (unsigned i = 0; i < column->rows->column_count; i++, value++) {
      const struct column *inner = &column->rows->columns[i];
      if (column_is_drawn(inner->type) || cell_shows_nothing(inner, value)) continue;
      strbuf_printf(&r->out, "%s", between);
      escape_markdown(&r->out, inner->title ? inner->title : inner->key, true);
      strbuf_add_char(&r->out, ' ');
      add_value(r, inner, value);
      between = ", ";
    }
  }
}

static void add_value(struct markdown_renderer *r, const struct column *column, const struct cell *cell) {
  switch (column->type) {
    case COLUMN_TEXT:
      add_text(r, cell->text);
      break;
    case COLUMN_COUNT:
      figure_integer(&r->out, cell->count, true);
      break;
    case COLUMN_SHARE:
      strbuf_reset(&r->scratch);
      figure_share(&r->scratch, cell->number);
      escape_markdown(&r->out, strbuf_text(&r->scratch), true);
      break;
    case COLUMN_NUMBER:
    case COLUMN_TIME:
    case COLUMN_DAY:
      format_plain(&r->out, column, cell);
      break;
    case COLUMN_YES_NO:
      strbuf_add_text(&r->out, cell->yes ? "yes" : "no");
      break;
    case COLUMN_BAR:
      add_bar(&r->out, cell->number);
      break;
    case COLUMN_WORDS:
      for (unsigned i = 0; i < cell->words.count; i++) {
        if (i) strbuf_add_text(&r->out, ", ");
        add_text(r, cell->words.items[i]);
      }
      break;
    case COLUMN_TREND: /* never shown: is_shown */
      break;
    case COLUMN_ROWS:
      add_nested(r, column, cell);
      break;
  }
}

/* A page is no place for detail columns: a table wider than the ticket is read by nobody. */
static bool is_shown(const struct column *column) {
  return !(column->flags & (COLUMN_DATA | COLUMN_DETAIL)) && column->type != COLUMN_TREND;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static int markdown_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct markdown_renderer *r = (struct markdown_renderer *)s;
  const char *caption = r->options.caption ? r->options.caption : table->title;
  r->table = table;
  r->rows = r->left_out = 0;
  if (r->tables++ && !r->in_page) strbuf_add_char(&r->out, '\n');
  if (caption) {
    strbuf_add_text(&r->out, "**");
    escape_markdown(&r->out, caption, false);
    strbuf_add_text(&r->out, "**\n\n");
  }
  return flush(r, e);
}

static void add_header(struct markdown_renderer *r) {
  strbuf_add_char(&r->out, '|');
  for (unsigned i = 0; i < r->table->column_count; i++) {
    const struct column *column = &r->table->columns[i];
    if (!is_shown(column)) continue;
    strbuf_add_char(&r->out, ' ');
    escape_markdown(&r->out, column->title && *column->title ? column->title : column->key, true);
    strbuf_add_text(&r->out, " |");
  }
  strbuf_add_text(&r->out, "\n|");
  for (unsigned i = 0; i < r->table->column_count; i++)
    if (is_shown(&r->table->columns[i]))
      strbuf_add_text(&r->out, is_figure(r->table->columns[i].type) ? "---:|" : "---|");
  strbuf_add_char(&r->out, '\n');
}

/* The address is our own making: letters, digits and ".-_#/" stand in it. */
static void add_cell(struct markdown_renderer *r, const struct column *column, const struct cell *cell, bool first) {
  _cleanup_strbuf_ struct strbuf address = STRBUF_INIT;
  if (cell_shows_nothing(column, cell)) {
    strbuf_add_text(&r->out, "–");
    return;
  }
  bool linked =
      first && column->type == COLUMN_TEXT && r->options.link && r->options.link(r->options.user, cell->text, &address);
  if (linked) strbuf_add_char(&r->out, '[');
  add_value(r, column, cell);
  if (linked) strbuf_printf(&r->out, "](%s)", strbuf_text(&address));
}

static int markdown_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct markdown_renderer *r = (struct markdown_renderer *)s;
  bool first = true;
  if (!r->rows++) add_header(r);
  strbuf_add_char(&r->out, '|');
  for (unsigned i = 0; i < r->table->column_count; i++) {
    const struct column *column = &r->table->columns[i];
    if (!is_shown(column)) continue;
    strbuf_add_char(&r->out, ' ');
    add_cell(r, column, &cells[i], first);
    first = false;
    strbuf_add_text(&r->out, " |");
  }
  strbuf_add_char(&r->out, '\n');
  return flush(r, e);
}

static void markdown_left_out(struct table_sink *s, uint64_t rows) { ((struct markdown_renderer *)s)->left_out = rows; }

static int markdown_end(struct table_sink *s, struct err *e) {
  struct markdown_renderer *r = (struct markdown_renderer *)s;
  if (!r->rows) {
    escape_markdown(&r->out, r->table->empty ? r->table->empty : "No rows.", false);
    strbuf_add_char(&r->out, '\n');
  }
  if (r->left_out) {
    strbuf_add_char(&r->out, '\n');
    figure_count(&r->out, (int64_t)r->left_out, "more row");
    strbuf_add_text(&r->out, "; ");
    escape_markdown(&r->out, r->options.rest ? r->options.rest : "--limit 0 shows all", false);
    strbuf_add_char(&r->out, '\n');
  }
  if (r->in_page) strbuf_add_char(&r->out, '\n');
  int code = flush(r, e);
  return code < 0 || r->in_page ? code : output_flush(r->file, e);
}

static void markdown_free(struct table_sink *s) {
  struct markdown_renderer *r = (struct markdown_renderer *)s;
  strbuf_clear(&r->out);
  strbuf_clear(&r->scratch);
  free(r);
}

struct table_sink *markdown_table_new(FILE *file, const struct page_table *options) {
  struct markdown_renderer *r = mem_zalloc(sizeof *r);
  r->sink = (struct table_sink){.begin = markdown_begin,
                                .row = markdown_row,
                                .end = markdown_end,
                                .left_out = markdown_left_out,
                                .free = markdown_free};
  r->file = file;
  r->in_page = options != NULL;
  if (options) r->options = *options;
  return &r->sink;
}
