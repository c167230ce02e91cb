/* SPDX-License-Identifier: Apache-2.0 */
/* HTML: a table for a page, or a page around a table. */
#include "table/page_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "table/escape.h"
#include "table/page.inc"
#include "table/render.h"

/* Texts up to here stay on one line: an address, a class, a service. */
#define LINE_BYTES 28

struct html_renderer {
  struct table_sink sink;
  FILE *file;
  struct page_table options;
  const struct table *table;
  bool whole_page; /* a head goes before the first table */
  unsigned tables;
  uint64_t rows, left_out;
  struct strbuf out, scratch, visible;
};

/* --- the page ----------------------------------------------------------------------------------------------------- */

void page_text(struct strbuf *out, const char *text) {
  _cleanup_strbuf_ struct strbuf visible = STRBUF_INIT;
  unsigned width;
  escape_terminal(&visible, text);
  size_t size = escape_prefix(strbuf_text(&visible), PAGE_TEXT_COLUMNS, &width);
  strbuf_add(out, strbuf_text(&visible), size);
  if (size < visible.length) strbuf_add_text(out, "…");
}

void html_add_head(struct strbuf *out, const char *title) {
  strbuf_add_text(
      out,
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '" PAGE_STYLE_HASH
      "'; script-src '" PAGE_SCRIPT_HASH
      "'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"generator\" content=\"dmarcctl\">\n<title>");
  escape_html_attribute(out, title); /* a title holds no elements */
  strbuf_add_text(out, "</title>\n<style>");
  strbuf_add(out, PAGE_STYLE, sizeof PAGE_STYLE);
  strbuf_add_text(out, "</style>\n</head>\n<body>\n");
}

void html_add_foot(struct strbuf *out) {
  strbuf_add_text(out, "<script>");
  strbuf_add(out, PAGE_SCRIPT, sizeof PAGE_SCRIPT);
  strbuf_add_text(out, "</script>\n</body>\n</html>\n");
}

/* --- the head of a table ------------------------------------------------------------------------------------------ */

static bool is_figure(enum column_type type) {
  return type == COLUMN_COUNT || type == COLUMN_SHARE || type == COLUMN_NUMBER || type == COLUMN_BAR;
}

static const char *title_of(const struct column *column) {
  return column->title && *column->title ? column->title : column->key;
}

static void open_cell(struct strbuf *out, const char *element, const char *more, const char *class) {
  strbuf_printf(out, "<%s%s", element, more);
  if (*class) strbuf_printf(out, " class=\"%s\"", class);
}

/* Where a row is drawn as a card, each of its cells is named. */
static void add_label(struct html_renderer *r, const struct column *column, bool first) {
  if (first || r->options.is_dense) return;
  strbuf_add_text(&r->out, " data-label=\"");
  escape_html_attribute(&r->out, title_of(column));
  strbuf_add_char(&r->out, '"');
}

static void add_header(struct html_renderer *r) {
  strbuf_add_text(&r->out, "<thead><tr>");
  for (unsigned i = 0; i < r->table->column_count; i++) {
    const struct column *column = &r->table->columns[i];
    if (column->flags & COLUMN_DATA) continue;
    open_cell(&r->out, "th", " scope=\"col\"", is_figure(column->type) ? "n" : "");
    strbuf_add_char(&r->out, '>');
    escape_html(&r->out, title_of(column));
    strbuf_add_text(&r->out, "</th>");
  }
  strbuf_add_text(&r->out, "</tr></thead>\n<tbody>\n");
}

static int flush(struct html_renderer *r, struct err *e) {
  int code = output_write(r->file, strbuf_text(&r->out), r->out.length, e);
  strbuf_reset(&r->out);
  return code;
}

/* A table of more columns than a tablet has room for. */
#define WIDE_COLUMNS 6

static const char *class_of_table(const struct html_renderer *r) {
  unsigned shown = 0;
  if (r->options.is_dense) return "";
  for (unsigned i = 0; i < r->table->column_count; i++) shown += !(r->table->columns[i].flags & COLUMN_DATA);
  return shown >= WIDE_COLUMNS ? " class=\"cards wide\"" : " class=\"cards\"";
}

/* What scrolls can be reached by keyboard, and then needs a name. */
static void open_table(struct html_renderer *r) {
  const char *caption = r->options.caption ? r->options.caption : r->table->title;
  if (r->whole_page && !caption) caption = r->table->name;
  strbuf_printf(&r->out, "<div class=\"scroll%s\" role=\"group\" tabindex=\"0\" aria-label=\"",
                r->options.chunk_rows ? " chunk" : "");
  escape_html_attribute(&r->out, caption ? caption : "Table");
  if (r->rows) strbuf_printf(&r->out, " (from row %llu)", (unsigned long long)r->rows + 1);
  strbuf_printf(&r->out, "\"><table%s>\n", class_of_table(r));
  if (caption && !r->rows) {
    strbuf_add_text(&r->out, "<caption>");
    escape_html(&r->out, caption);
    strbuf_add_text(&r->out, "</caption>\n");
  }
  add_header(r);
}

static int html_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct html_renderer *r = (struct html_renderer *)s;
  r->table = table;
  r->rows = r->left_out = 0;
  if (r->whole_page && !r->tables++) html_add_head(&r->out, table->title ? table->title : table->name);
  if (r->options.chunk_rows) strbuf_add_text(&r->out, "<div class=\"chunks\">");
  open_table(r);
  return flush(r, e);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static const char *const PRAISE_CLASSES[] = {
    [PRAISE_NONE] = "", [PRAISE_GOOD] = "good", [PRAISE_FAIR] = "fair", [PRAISE_POOR] = "poor"};

static const char *mark_of(const struct html_renderer *r, const struct column *column, const struct cell *cell) {
  return r->options.is_plain ? "" : PRAISE_CLASSES[cell_praise(column, cell)];
}

static void add_text(struct html_renderer *r, const char *text) {
  strbuf_reset(&r->visible);
  page_text(&r->visible, text);
  escape_html(&r->out, strbuf_text(&r->visible));
}

void html_add_bar(struct strbuf *out, double share, enum praise praise) {
  double part = share < 0 ? 0 : share > 1 ? 1 : share;
  strbuf_printf(out,
                "<svg class=\"bar%s%s\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                "<rect class=\"all\" width=\"100\" height=\"6\"/><rect class=\"part\" width=\"",
                praise ? " " : "", PRAISE_CLASSES[praise]);
  format_decimal(out, part * 100);
  strbuf_add_text(out, "\" height=\"6\"/></svg>");
}

#define TREND_WIDTH 80
#define TREND_HEIGHT 20

/* A line from the first count to the last; what it shows is told too. */
static void add_trend(struct strbuf *out, const struct cell *cell) {
  const int64_t *counts = cell->trend.counts;
  const unsigned last = cell->trend.count - 1;
  int64_t most = 0;
  for (unsigned i = 0; i <= last; i++)
    if (counts[i] > most) most = counts[i];
  strbuf_printf(out, "<svg class=\"trend\" viewBox=\"-1 -1 %d %d\" role=\"img\" aria-label=\"", TREND_WIDTH + 2,
                TREND_HEIGHT + 2);
  strbuf_add_text(out, "from ");
  figure_integer(out, counts[0], true);
  strbuf_add_text(out, " to ");
  figure_integer(out, counts[last], true);
  strbuf_add_text(out, ", at most ");
  figure_integer(out, most, true);
  strbuf_add_text(out, "\"><polyline points=\"");
  for (unsigned i = 0; i <= last; i++) {
    const double x = last ? TREND_WIDTH * (double)i / last : 0;
    const double y = most ? TREND_HEIGHT * (1 - (double)counts[i] / (double)most) : TREND_HEIGHT;
    strbuf_add_text(out, i ? " " : "");
    format_decimal(out, figure_cut(x, 1));
    strbuf_add_char(out, ',');
    format_decimal(out, figure_cut(y, 1));
  }
  strbuf_add_text(out, "\"/></svg>");
}

static void add_words(struct html_renderer *r, const struct cell *cell) {
  for (unsigned i = 0; i < cell->words.count; i++) {
    if (i) strbuf_add_text(&r->out, ", ");
    add_text(r, cell->words.items[i]);
  }
}

static void add_value(struct html_renderer *r, const struct column *column, const struct cell *cell);

/* "result pass, messages 12", a line a row. */
static void add_nested(struct html_renderer *r, const struct column *column, const struct cell *cell) {
  strbuf_add_text(&r->out, "<ul class=\"nested\">");
  for (unsigned row = 0; row < cell->rows.count; row++) {
    const char *between = "";
    strbuf_add_text(&r->out, "<li>");
    for (unsigned i = 0; i < column->rows->column_count; i++) {
      const struct column *inner = &column->rows->columns[i];
      const struct cell *value = &cell->rows.cells[(size_t)row * column->rows->column_count + i];
      if (column_is_drawn(inner->type) || cell_shows_nothing(inner, value)) continue;
      strbuf_printf(&r->out, "%s%s ", between, title_of(inner));
      add_value(r, inner, value);
      between = ", ";
    }
    strbuf_add_text(&r->out, "</li>");
  }
  strbuf_add_text(&r->out, "</ul>");
}

static void add_value(struct html_renderer *r, const struct column *column, const struct cell *cell) {
  switch (column->type) {
    case COLUMN_TEXT:
      add_text(r, cell->text);
      break;
    case COLUMN_COUNT:
      figure_integer(&r->out, cell->count, true);
      break;
    case COLUMN_SHARE:
      strbuf_reset(&r->scratch);
      figure_share(&r->scratch, cell->number); /* "<0.1 %" */
      escape_html(&r->out, strbuf_text(&r->scratch));
      if (column->flags & (COLUMN_GOOD | COLUMN_PART)) html_add_bar(&r->out, cell->number, PRAISE_NONE);
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
      html_add_bar(&r->out, cell->number, PRAISE_NONE);
      break;
    case COLUMN_TREND:
      add_trend(&r->out, cell);
      break;
    case COLUMN_WORDS:
      add_words(r, cell);
      break;
    case COLUMN_ROWS:
      add_nested(r, column, cell);
      break;
  }
}

/* "n": a figure, "o": on one line always, "w": a text that goes over several lines, "k": what the row is known by. */
static const char *class_of(const struct column *column, const struct cell *cell) {
  if (is_figure(column->type)) return "n";
  if (column->type == COLUMN_DAY || column->type == COLUMN_TIME) return "o";
  if (column->type == COLUMN_ROWS) return "w";
  if (column->flags & COLUMN_KEY && !(column->flags & COLUMN_WRAP)) return "k";
  if (column->type == COLUMN_WORDS) return cell->words.count > 1 ? "w" : "";
  return column->type == COLUMN_TEXT && strlen(cell->text) > LINE_BYTES ? "w" : "";
}

/* What a figure is sorted by, where the text shown has more in it than digits. */
static void add_sort_value(struct html_renderer *r, const struct column *column, const struct cell *cell) {
  if (!is_figure(column->type)) return;
  strbuf_add_text(&r->out, " data-sort=\"");
  format_plain(&r->out, column, cell);
  strbuf_add_char(&r->out, '"');
}

static void add_linked(struct html_renderer *r, const struct column *column, const struct cell *cell) {
  _cleanup_strbuf_ struct strbuf address = STRBUF_INIT;
  bool linked =
      column->type == COLUMN_TEXT && r->options.link && r->options.link(r->options.user, cell->text, &address);
  if (linked) {
    strbuf_add_text(&r->out, "<a href=\"");
    escape_html_attribute(&r->out, strbuf_text(&address));
    strbuf_add_text(&r->out, "\">");
  }
  add_value(r, column, cell);
  if (linked) strbuf_add_text(&r->out, "</a>");
}

static void add_cell(struct html_renderer *r, const struct column *column, const struct cell *cell, bool first) {
  const char *element = first ? "th" : "td", *scope = first ? " scope=\"row\"" : "";
  if (cell_shows_nothing(column, cell)) {
    open_cell(&r->out, element, scope, is_figure(column->type) ? "n x" : "x");
    add_label(r, column, first);
    strbuf_printf(&r->out, ">–</%s>", element);
    return;
  }
  const char *class = class_of(column, cell), *mark = mark_of(r, column, cell);
  char both[16];
  snprintf(both, sizeof both, "%s%s%s", class, *class && *mark ? " " : "", mark);
  open_cell(&r->out, element, scope, both);
  add_label(r, column, first);
  add_sort_value(r, column, cell);
  strbuf_add_char(&r->out, '>');
  if (first)
    add_linked(r, column, cell);
  else
    add_value(r, column, cell);
  strbuf_printf(&r->out, "</%s>", element);
}

static int html_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct html_renderer *r = (struct html_renderer *)s;
  bool first = true;
  if (r->options.chunk_rows && r->rows && r->rows % r->options.chunk_rows == 0) {
    strbuf_add_text(&r->out, "</tbody>\n</table></div>\n");
    open_table(r);
  }
  r->rows++;
  strbuf_add_text(&r->out, "<tr>");
  for (unsigned i = 0; i < r->table->column_count; i++) {
    if (r->table->columns[i].flags & COLUMN_DATA) continue;
    add_cell(r, &r->table->columns[i], &cells[i], first);
    first = false;
  }
  strbuf_add_text(&r->out, "</tr>\n");
  return flush(r, e);
}

/* --- the end of a table ------------------------------------------------------------------------------------------- */

static void html_left_out(struct table_sink *s, uint64_t rows) { ((struct html_renderer *)s)->left_out = rows; }

static void add_rest(struct html_renderer *r) {
  strbuf_add_text(&r->out, "<p class=\"rest\">");
  figure_count(&r->out, (int64_t)r->left_out, "more row");
  strbuf_add_text(&r->out, "; ");
  escape_html(&r->out, r->options.rest ? r->options.rest : "--limit 0 shows all");
  strbuf_add_text(&r->out, "</p>");
}

static int html_end(struct table_sink *s, struct err *e) {
  struct html_renderer *r = (struct html_renderer *)s;
  strbuf_add_text(&r->out, "</tbody>\n</table>");
  if (!r->rows) {
    strbuf_add_text(&r->out, "<p class=\"rest\">");
    escape_html(&r->out, r->table->empty ? r->table->empty : "No rows.");
    strbuf_add_text(&r->out, "</p>");
  }
  if (r->left_out) add_rest(r);
  strbuf_add_text(&r->out, r->options.chunk_rows ? "</div></div>\n" : "</div>\n");
  /* Each page has one table of these; the end of the document is where its output ends. */
  if (r->whole_page) html_add_foot(&r->out);
  int code = flush(r, e);
  return code < 0 || !r->whole_page ? code : output_flush(r->file, e);
}

static void html_free(struct table_sink *s) {
  struct html_renderer *r = (struct html_renderer *)s;
  strbuf_clear(&r->out);
  strbuf_clear(&r->scratch);
  strbuf_clear(&r->visible);
  free(r);
}

static struct html_renderer *renderer_of(FILE *file) {
  struct html_renderer *r = mem_zalloc(sizeof *r);
  r->sink = (struct table_sink){
      .begin = html_begin, .row = html_row, .end = html_end, .left_out = html_left_out, .free = html_free};
  r->file = file;
  return r;
}

struct table_sink *html_table_new(FILE *file, const struct page_table *options) {
  struct html_renderer *r = renderer_of(file);
  if (options) r->options = *options;
  return &r->sink;
}

struct table_sink *html_renderer_new(FILE *file) {
  struct html_renderer *r = renderer_of(file);
  r->whole_page = r->options.is_dense = true;
  return &r->sink;
}
