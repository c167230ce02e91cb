/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259): one document a table, one row a line; or the row objects alone. The hot path of large exports. */
#include <stdlib.h>

#include "table/escape.h"
#include "table/render.h"

#define ABSENT "null"
#define ABSENT_BYTES (sizeof ABSENT - 1)

/* A column with its key as it stands in each row. */
struct json_column {
  const struct column *column;
  const char *prefix;  /* `"key":null`, behind a comma where it is not the first */
  size_t prefix_bytes; /* without the null */
  unsigned at;         /* its cell */
  struct json_column *columns;
  unsigned column_count;
};

struct json_renderer {
  struct table_sink sink;
  FILE *file;
  bool lines;
  table_frame_fn *frame; /* NULL: there is none */
  void *frame_user;
  struct arena *arena; /* the columns */
  struct json_column *columns;
  unsigned column_count;
  uint64_t rows;
  struct strbuf row;
  struct held_runs held;
};

static struct json_column *prepare_columns(struct arena *arena, const struct column *columns, unsigned count,
                                           unsigned *ret_count) {
  _cleanup_strbuf_ struct strbuf prefix = STRBUF_INIT;
  struct json_column *prepared = arena_alloc(arena, count * sizeof *prepared);
  unsigned n = 0;
  for (unsigned i = 0; i < count; i++) {
    if (column_is_drawn(columns[i].type)) continue;
    strbuf_reset(&prefix);
    if (n) strbuf_add_char(&prefix, ',');
    escape_json(&prefix, columns[i].key);
    strbuf_add_char(&prefix, ':');
    struct json_column *c = &prepared[n++];
    *c = (struct json_column){.column = &columns[i], .prefix_bytes = prefix.length, .at = i};
    strbuf_add(&prefix, ABSENT, ABSENT_BYTES);
    c->prefix = arena_strndup(arena, prefix.data, prefix.length);
    if (columns[i].type == COLUMN_ROWS)
      c->columns = prepare_columns(arena, columns[i].rows->columns, columns[i].rows->column_count, &c->column_count);
  }
  *ret_count = n;
  return prepared;
}

static int json_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct json_renderer *r = (struct json_renderer *)s;
  arena_reset(r->arena);
  held_clear(&r->held);
  r->columns = prepare_columns(r->arena, table->columns, table->column_count, &r->column_count);
  r->rows = 0;
  if (r->lines) return 0;
  strbuf_reset(&r->row);
  strbuf_add_text(&r->row, "{\"schema\":");
  escape_json(&r->row, table->name);
  strbuf_printf(&r->row, ",\"version\":%d,\"rows\":[", table->version);
  return output_write(r->file, r->row.data, r->row.length, e);
}

static void add_object(struct strbuf *out, const struct json_column *columns, unsigned count, const struct cell *cells);

static void add_words(struct strbuf *out, const struct cell *cell) {
  strbuf_add_char(out, '[');
  for (unsigned i = 0; i < cell->words.count; i++) {
    if (i) strbuf_add_char(out, ',');
    escape_json(out, cell->words.items[i]);
  }
  strbuf_add_char(out, ']');
}

static void add_rows(struct strbuf *out, const struct json_column *c, const struct cell *cell) {
  strbuf_add_char(out, '[');
  for (unsigned i = 0; i < cell->rows.count; i++) {
    if (i) strbuf_add_char(out, ',');
    add_object(out, c->columns, c->column_count, cell->rows.cells + (size_t)i * c->column->rows->column_count);
  }
  strbuf_add_char(out, ']');
}

/* Of a cell that is not absent. */
static void add_value(struct strbuf *out, const struct json_column *c, const struct cell *cell) {
  const struct column *column = c->column;
  switch (column->type) {
    case COLUMN_TEXT:
      if (column->flags & COLUMN_MIXED && text_is_integer(cell->text))
        strbuf_add_text(out, cell->text);
      else
        escape_json(out, cell->text);
      break;
    case COLUMN_TIME:
    case COLUMN_DAY:
      strbuf_add_char(out, '"');
      format_plain(out, column, cell);
      strbuf_add_char(out, '"');
      break;
    case COLUMN_WORDS:
      add_words(out, cell);
      break;
    case COLUMN_ROWS:
      add_rows(out, c, cell);
      break;
    default:
      format_plain(out, column, cell);
  }
}

static void add_members(struct strbuf *out, const struct json_column *columns, unsigned count,
                        const struct cell *cells) {
  for (unsigned i = 0; i < count; i++) {
    const struct cell *cell = &cells[columns[i].at];
    const bool is_absent = cell_is_absent(columns[i].column, cell);
    strbuf_add(out, columns[i].prefix, columns[i].prefix_bytes + (is_absent ? ABSENT_BYTES : 0));
    if (!is_absent) add_value(out, &columns[i], cell);
  }
}

static void add_object(struct strbuf *out, const struct json_column *columns, unsigned count,
                       const struct cell *cells) {
  strbuf_add_char(out, '{');
  add_members(out, columns, count, cells);
  strbuf_add_char(out, '}');
}

static void json_hold(struct table_sink *s, unsigned first, unsigned count, const struct cell *cells) {
  struct json_renderer *r = (struct json_renderer *)s;
  struct held *run = held_renew(&r->held, first, count);
  for (unsigned i = 0; run && i < r->column_count; i++)
    if (r->columns[i].at >= run->first && r->columns[i].at < run->end)
      add_members(&run->text, &r->columns[i], 1, cells);
}

static void add_row(struct json_renderer *r, const struct cell *cells) {
  strbuf_add_char(&r->row, '{');
  for (unsigned i = 0; i < r->column_count; i++) {
    const struct held *run = held_at(&r->held, r->columns[i].at);
    if (!run) {
      add_members(&r->row, &r->columns[i], 1, cells);
      continue;
    }
    strbuf_add(&r->row, run->text.data, run->text.length);
    while (i + 1 < r->column_count && r->columns[i + 1].at < run->end) i++;
  }
  strbuf_add_char(&r->row, '}');
}

static int json_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct json_renderer *r = (struct json_renderer *)s;
  strbuf_reset(&r->row);
  if (!r->lines) strbuf_add_text(&r->row, r->rows++ ? ",\n" : "\n");
  if (r->frame) r->frame(r->frame_user, cells, false, &r->row);
  add_row(r, cells);
  if (r->frame) r->frame(r->frame_user, cells, true, &r->row);
  if (r->lines) strbuf_add_char(&r->row, '\n');
  return output_write(r->file, r->row.data, r->row.length, e);
}

static int json_end(struct table_sink *s, struct err *e) {
  struct json_renderer *r = (struct json_renderer *)s;
  static const char END[] = "\n]}\n";
  int code = r->lines ? 0 : output_write(r->file, END, sizeof END - 1, e);
  return code < 0 ? code : output_flush(r->file, e);
}

static void json_free(struct table_sink *s) {
  struct json_renderer *r = (struct json_renderer *)s;
  arena_free(r->arena);
  held_clear(&r->held);
  strbuf_clear(&r->row);
  free(r);
}

struct table_sink *json_renderer_new(FILE *file, bool lines) {
  struct json_renderer *r = mem_zalloc(sizeof *r);
  r->sink =
      (struct table_sink){.begin = json_begin, .hold = json_hold, .row = json_row, .end = json_end, .free = json_free};
  r->file = file;
  r->lines = lines;
  r->arena = arena_new(8192);
  return &r->sink;
}

struct table_sink *framed_renderer_new(FILE *file, table_frame_fn *frame, void *user) {
  struct table_sink *sink = json_renderer_new(file, true);
  struct json_renderer *r = (struct json_renderer *)sink;
  r->frame = frame;
  r->frame_user = user;
  return sink;
}
