/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: aligned, fitted to the terminal, coloured with restraint; every stranger's byte made harmless. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "table/escape.h"
#include "table/render.h"

/* Rows that are kept to measure them, in number and in bytes; their widths hold for the rest. */
#define MEASURED_ROWS 10000
#define MEASURED_BYTES (16u << 20)
/* Blanks between columns. */
#define GAP 2
#define BAR_COLUMNS 20
/* Texts are not cut below this: a beginning that still tells most of them apart. */
#define CUT_COLUMNS 16
/* What may not be cut is aligned up to here; one longer value moves its own line alone, not everybody's. */
#define ALIGNED_COLUMNS 80

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_FAIR, STYLE_POOR };

struct text_column {
  const struct column *column;
  unsigned at;    /* its cell */
  unsigned width; /* on the terminal */
  unsigned least; /* what it may be cut to */
  bool right, cuttable, hidden;
};

/* A row is kept "packed": for each column a style, the escaped text and a NUL, one behind the other. */
struct text_renderer {
  struct table_sink sink;
  FILE *file;
  struct render_options options;
  unsigned tables; /* begun so far */
  const struct table *table;
  struct text_column *columns;
  unsigned column_count, last; /* `last`: the rightmost one shown */
  struct arena *arena;
  const char **rows;
  size_t row_count, row_capacity;
  struct arena *total_arena; /* rows that stand at the end */
  const char **totals;
  size_t total_count, total_capacity;
  bool any, measured;
  uint64_t left_out;
  struct strbuf packed, line, scratch;
};

static bool is_figure(enum column_type type) {
  return type == COLUMN_COUNT || type == COLUMN_SHARE || type == COLUMN_NUMBER;
}

static bool is_textual(enum column_type type) {
  return type == COLUMN_TEXT || type == COLUMN_WORDS || type == COLUMN_ROWS;
}

static void add_escaped(const struct text_renderer *r, struct strbuf *out, const char *text) {
  if (r->options.ascii)
    escape_ascii(out, text);
  else
    escape_terminal(out, text);
}

/* Like a share, a bar is only full at 1 and only empty at 0. */
static unsigned bar_length(double share, unsigned full) {
  if (share <= 0) return 0;
  if (share >= 1) return full;
  unsigned length = (unsigned)(share * full + 0.5);
  return length < 1 ? 1 : length >= full ? full - 1 : length;
}

static void add_bar(const struct text_renderer *r, struct strbuf *out, double share) {
  if (r->options.ascii) {
    for (unsigned n = bar_length(share, BAR_COLUMNS); n; n--) strbuf_add_char(out, '#');
    return;
  }
  unsigned eighths = bar_length(share, BAR_COLUMNS * 8);
  for (; eighths >= 8; eighths -= 8) strbuf_add_text(out, "\u2588");
  /* U+2589 is seven eighths, U+258F is one. */
  char part[] = {'\xe2', '\x96', (char)(0x90 - eighths)};
  if (eighths) strbuf_add(out, part, sizeof part);
}

static void add_words(struct text_renderer *r, const struct cell *cell) {
  for (unsigned i = 0; i < cell->words.count; i++) {
    if (i) strbuf_add_text(&r->packed, ", ");
    add_escaped(r, &r->packed, cell->words.items[i]);
  }
}

static void add_nested(struct text_renderer *r, const struct column *column, const struct cell *cell) {
  strbuf_reset(&r->scratch);
  format_rows(&r->scratch, column, cell);
  add_escaped(r, &r->packed, strbuf_text(&r->scratch));
}

static void add_value(struct text_renderer *r, const struct column *column, const struct cell *cell) {
  switch (column->type) {
    case COLUMN_TEXT:
      add_escaped(r, &r->packed, cell->text);
      break;
    case COLUMN_COUNT:
      figure_integer(&r->packed, cell->count, true);
      break;
    case COLUMN_SHARE:
      figure_share(&r->packed, cell->number);
      break;
    case COLUMN_NUMBER:
    case COLUMN_TIME:
    case COLUMN_DAY:
      format_plain(&r->packed, column, cell);
      break;
    case COLUMN_YES_NO:
      strbuf_add_text(&r->packed, cell->yes ? "yes" : "no");
      break;
    case COLUMN_BAR:
      add_bar(r, &r->packed, cell->number);
      break;
    case COLUMN_WORDS:
      add_words(r, cell);
      break;
    case COLUMN_TREND: /* never shown: prepare_columns */
      break;
    case COLUMN_ROWS:
      add_nested(r, column, cell);
      break;
  }
}

static enum style style_of(const struct column *column, const struct cell *cell) {
  static const enum style OF_PRAISE[] = {STYLE_PLAIN, STYLE_GOOD, STYLE_FAIR, STYLE_POOR};
  const enum praise praise = cell_praise(column, cell);
  return praise == PRAISE_NONE && column->flags & COLUMN_KEY ? STYLE_BOLD : OF_PRAISE[praise];
}

static void pack_text(struct strbuf *packed, enum style style, const char *text) {
  strbuf_add_char(packed, (char)('0' + style));
  strbuf_add(packed, text, strlen(text) + 1);
}

static void pack_row(struct text_renderer *r, const struct cell *cells) {
  strbuf_reset(&r->packed);
  for (unsigned i = 0; i < r->column_count; i++) {
    const struct column *column = r->columns[i].column;
    const struct cell *cell = &cells[r->columns[i].at];
    if (cell_shows_nothing(column, cell)) {
      pack_text(&r->packed, STYLE_DIM, "-");
      continue;
    }
    strbuf_add_char(&r->packed, (char)('0' + style_of(column, cell)));
    add_value(r, column, cell);
    strbuf_add_char(&r->packed, '\0');
  }
}

static void pack_header(struct text_renderer *r) {
  strbuf_reset(&r->packed);
  for (unsigned i = 0; i < r->column_count; i++) {
    const struct column *column = r->columns[i].column;
    strbuf_add_char(&r->packed, (char)('0' + STYLE_BOLD));
    add_escaped(r, &r->packed, column->title ? column->title : column->key);
    strbuf_add_char(&r->packed, '\0');
  }
}

/* Widens the columns to hold the packed row. */
static void measure_row(struct text_renderer *r) {
  const char *text = r->packed.data;
  for (unsigned i = 0; i < r->column_count; i++) {
    struct text_column *c = &r->columns[i];
    unsigned width = escape_width(++text), most = c->cuttable ? r->options.width : ALIGNED_COLUMNS;
    if (width > most) width = most;
    if (width > c->width) c->width = width;
    text += strlen(text) + 1;
  }
}

static void add_blanks(struct strbuf *out, unsigned n) {
  for (; n; n--) strbuf_add_char(out, ' ');
}

static void add_styled(struct text_renderer *r, enum style style, const char *text, size_t size, const char *tail) {
  static const char *const CODES[] = {[STYLE_PLAIN] = "",        [STYLE_BOLD] = "\033[1m",  [STYLE_DIM] = "\033[2m",
                                      [STYLE_GOOD] = "\033[32m", [STYLE_FAIR] = "\033[33m", [STYLE_POOR] = "\033[31m"};
  bool coloured = r->options.colour && style != STYLE_PLAIN && size;
  if (coloured) strbuf_add_text(&r->line, CODES[style]);
  strbuf_add(&r->line, text, size);
  strbuf_add_text(&r->line, tail);
  if (coloured) strbuf_add_text(&r->line, "\033[0m");
}

static void add_cell(struct text_renderer *r, const struct text_column *c, enum style style, const char *text) {
  const char *ellipsis = "";
  size_t size = strlen(text);
  unsigned width = escape_width(text);
  if (c->cuttable && width > c->width) {
    ellipsis = r->options.ascii ? "..." : "…";
    unsigned ellipsis_width = r->options.ascii ? 3 : 1;
    size = escape_prefix(text, c->width > ellipsis_width ? c->width - ellipsis_width : 0, &width);
    width += ellipsis_width;
  }
  unsigned blanks = width < c->width ? c->width - width : 0;
  if (c->right) add_blanks(&r->line, blanks);
  add_styled(r, style, text, size, ellipsis);
  if (c == &r->columns[r->last]) return;
  add_blanks(&r->line, GAP + (c->right ? 0 : blanks));
}

static int write_line(struct text_renderer *r, struct err *e) {
  strbuf_add_char(&r->line, '\n');
  return output_write(r->file, r->line.data, r->line.length, e);
}

static int write_packed(struct text_renderer *r, const char *packed, struct err *e) {
  strbuf_reset(&r->line);
  for (unsigned i = 0; i < r->column_count; i++) {
    enum style style = (enum style)(*packed++ - '0');
    if (!r->columns[i].hidden) add_cell(r, &r->columns[i], style, packed);
    packed += strlen(packed) + 1;
  }
  return write_line(r, e);
}

static int write_styled(struct text_renderer *r, enum style style, const char *text, struct err *e) {
  strbuf_reset(&r->scratch);
  add_escaped(r, &r->scratch, text);
  strbuf_reset(&r->line);
  add_styled(r, style, strbuf_text(&r->scratch), r->scratch.length, "");
  return write_line(r, e);
}

static unsigned line_width(const struct text_renderer *r) {
  unsigned width = 0;
  for (unsigned i = 0; i < r->column_count; i++)
    if (!r->columns[i].hidden) width += r->columns[i].width + GAP;
  return width - (width ? GAP : 0);
}

/* The widest column that may still give: one that offers itself (COLUMN_WRAP), or any. */
static struct text_column *widest_giving(struct text_renderer *r, bool any) {
  struct text_column *widest = NULL;
  for (unsigned i = 0; i < r->column_count; i++) {
    struct text_column *c = &r->columns[i];
    if (c->hidden || !c->cuttable || c->width <= c->least) continue;
    if (!any && !(c->column->flags & COLUMN_WRAP)) continue;
    if (!widest || c->width > widest->width) widest = c;
  }
  return widest;
}

/* Details go first, then texts give; what is left is not cut, lines are longer then. */
static void fit_columns(struct text_renderer *r) {
  if (r->options.width) {
    for (unsigned i = r->column_count; i-- && line_width(r) > r->options.width;)
      if (r->columns[i].column->flags & COLUMN_DETAIL) r->columns[i].hidden = true;
    for (int any = 0; any < 2; any++) {
      struct text_column *c;
      while (line_width(r) > r->options.width && (c = widest_giving(r, any))) c->width--;
    }
  }
  for (unsigned i = 0; i < r->column_count; i++)
    if (!r->columns[i].hidden) r->last = i;
}

static int write_headline(struct text_renderer *r, struct err *e) {
  int code = 0;
  if (r->tables > 1) code = output_write(r->file, "\n", 1, e);
  if (code < 0 || !r->table->title) return code;
  code = write_styled(r, STYLE_BOLD, r->table->title, e);
  return code < 0 ? code : output_write(r->file, "\n", 1, e);
}

/* Settles the widths and writes what was kept; from here on rows go straight through. */
static int finish_measuring(struct text_renderer *r, struct err *e) {
  r->measured = true;
  fit_columns(r);
  int code = write_headline(r, e);
  if (code < 0) return code;
  pack_header(r);
  code = write_packed(r, r->packed.data, e);
  for (size_t i = 0; code >= 0 && i < r->row_count; i++) code = write_packed(r, r->rows[i], e);
  r->row_count = 0;
  arena_reset(r->arena);
  return code;
}

static void prepare_columns(struct text_renderer *r) {
  free(r->columns);
  r->columns = mem_zalloc(r->table->column_count * sizeof *r->columns);
  r->column_count = r->last = 0;
  for (unsigned i = 0; i < r->table->column_count; i++) {
    const struct column *column = &r->table->columns[i];
    if (column->flags & COLUMN_DATA || column->type == COLUMN_TREND) continue;
    bool kept_whole = column->flags & COLUMN_KEY && !(column->flags & COLUMN_WRAP);
    r->columns[r->column_count++] = (struct text_column){
        .column = column,
        .at = i,
        .width = column->type == COLUMN_BAR ? BAR_COLUMNS : 0,
        .right = is_figure(column->type),
        .cuttable = r->options.width && is_textual(column->type) && !kept_whole,
    };
  }
}

static int text_begin(struct table_sink *s, const struct table *table, struct err *e) {
  (void)e;
  struct text_renderer *r = (struct text_renderer *)s;
  r->table = table;
  r->tables++;
  r->any = r->measured = false;
  r->row_count = 0;
  r->left_out = 0;
  r->total_count = 0;
  arena_reset(r->arena);
  arena_reset(r->total_arena);
  prepare_columns(r);
  pack_header(r);
  measure_row(r);
  for (unsigned i = 0; i < r->column_count; i++) {
    struct text_column *c = &r->columns[i];
    c->least = c->width > CUT_COLUMNS ? c->width : CUT_COLUMNS;
  }
  return 0;
}

static int text_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct text_renderer *r = (struct text_renderer *)s;
  r->any = true;
  pack_row(r, cells);
  if (r->measured) return write_packed(r, r->packed.data, e);
  measure_row(r);
  MEM_GROW(r->rows, r->row_capacity, r->row_count);
  char *kept = arena_alloc(r->arena, r->packed.length);
  r->rows[r->row_count++] = memcpy(kept, r->packed.data, r->packed.length);
  if (r->row_count < MEASURED_ROWS && arena_used(r->arena) < MEASURED_BYTES) return 0;
  return finish_measuring(r, e);
}

static int text_total(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)e;
  struct text_renderer *r = (struct text_renderer *)s;
  pack_row(r, cells);
  if (!r->measured) measure_row(r);
  MEM_GROW(r->totals, r->total_capacity, r->total_count);
  char *kept = arena_alloc(r->total_arena, r->packed.length);
  r->totals[r->total_count++] = memcpy(kept, r->packed.data, r->packed.length);
  return 0;
}

static void text_left_out(struct table_sink *s, uint64_t rows) { ((struct text_renderer *)s)->left_out = rows; }

static unsigned count_hidden(const struct text_renderer *r) {
  unsigned hidden = 0;
  for (unsigned i = 0; i < r->column_count; i++) hidden += r->columns[i].hidden;
  return hidden;
}

static int write_left_out(struct text_renderer *r, struct err *e) {
  const unsigned hidden = r->options.tells_hidden ? count_hidden(r) : 0;
  if (!r->left_out && !hidden) return 0;
  _cleanup_strbuf_ struct strbuf remark = STRBUF_INIT;
  strbuf_add_text(&remark, r->options.ascii ? "... " : "… ");
  if (r->left_out) {
    figure_count(&remark, (int64_t)r->left_out, "more row");
    strbuf_add_text(&remark, "; --limit 0 shows all");
  }
  if (hidden) {
    if (r->left_out) strbuf_add_text(&remark, "; ");
    figure_count(&remark, hidden, "more column");
    strbuf_add_text(&remark, " with --wide");
  }
  return write_styled(r, STYLE_DIM, remark.data, e);
}

/* What to do next may stand on lines of its own. */
static int write_empty(struct text_renderer *r, struct err *e) {
  const char *text = r->table->empty ? r->table->empty : "No rows.";
  int code = write_headline(r, e);
  while (code >= 0 && *text) {
    size_t size = strcspn(text, "\n");
    _cleanup_free_ char *line = mem_strndup(text, size);
    code = write_styled(r, STYLE_PLAIN, line, e);
    text += size + (text[size] == '\n');
  }
  return code;
}

static int text_end(struct table_sink *s, struct err *e) {
  struct text_renderer *r = (struct text_renderer *)s;
  int code = 0;
  if (!r->any && !r->total_count)
    code = write_empty(r, e);
  else if (!r->measured)
    code = finish_measuring(r, e);
  for (size_t i = 0; code >= 0 && i < r->total_count; i++) code = write_packed(r, r->totals[i], e);
  if (code >= 0) code = write_left_out(r, e);
  return code < 0 ? code : output_flush(r->file, e);
}

static void text_free(struct table_sink *s) {
  struct text_renderer *r = (struct text_renderer *)s;
  free(r->columns);
  free(r->rows);
  free(r->totals);
  arena_free(r->arena);
  arena_free(r->total_arena);
  strbuf_clear(&r->packed);
  strbuf_clear(&r->line);
  strbuf_clear(&r->scratch);
  free(r);
}

struct table_sink *text_renderer_new(FILE *file, const struct render_options *options) {
  struct text_renderer *r = mem_zalloc(sizeof *r);
  r->sink = (struct table_sink){.begin = text_begin,
                                .row = text_row,
                                .total = text_total,
                                .end = text_end,
                                .left_out = text_left_out,
                                .free = text_free};
  r->file = file;
  r->options = *options;
  r->arena = arena_new(64 * 1024);
  r->total_arena = arena_new(1024);
  return &r->sink;
}
