/* SPDX-License-Identifier: Apache-2.0 */
/* The sink between a question and its renderer that sorts and limits rows; how they look is not its concern. */
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/number.h"
#include "table/packed_row.h"
#include "table/render.h"
#include "table/table.h"

/* Rows that are kept before those behind the limit are let go: "the ten largest" of millions needs little memory. */
#define PRUNE_ROWS 4096
#define CHUNK_BYTES (256 * 1024)
#define ROW_BYTES (16 * 1024) /* more than most rows take that are unpacked */

struct kept_row {
  const char *packed;
  size_t packed_bytes;
  struct cell key; /* what it is sorted by */
  uint64_t order;  /* as it came: makes the sort stable */
};

struct collector {
  struct table_sink sink;
  struct table_sink *next;
  char *sort; /* NULL: none */
  bool descending;
  bool keeps_last; /* ascending with the last rows kept: sorted descending, and handed on from the end */
  uint64_t limit;  /* 0: none */
  const struct table *table;
  unsigned sort_column;
  struct arena *arena; /* what the rows point to */
  struct kept_row *rows;
  size_t count, capacity;
  uint64_t seen;
  struct row_packer packer;
};

/* Nested rows have no order, and a bar's figure has a column of its own. */
static bool is_sortable(const struct column *c) { return c->type != COLUMN_ROWS && !column_is_drawn(c->type); }

static int find_sort_column(struct collector *c, struct err *e) {
  _cleanup_strbuf_ struct strbuf known = STRBUF_INIT;
  struct nearest nearest = nearest_to(c->sort, strlen(c->sort));
  for (unsigned i = 0; i < c->table->column_count; i++) {
    const struct column *column = &c->table->columns[i];
    if (!is_sortable(column)) continue;
    c->sort_column = i;
    if (!strcmp(column->key, c->sort)) return 0;
    nearest_consider(&nearest, column->key);
    if (known.length) strbuf_add_text(&known, ", ");
    strbuf_add_text(&known, column->key);
  }
  if (nearest.word)
    return err_set(e, ERR_USAGE, "no column \"%.100s\" to sort by: did you mean %s? There are: %s", c->sort,
                   nearest.word, strbuf_text(&known));
  return err_set(e, ERR_USAGE, "no column \"%.100s\" to sort by; there are: %s", c->sort, strbuf_text(&known));
}

static int collector_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct collector *c = (struct collector *)s;
  c->table = table;
  c->count = 0;
  c->seen = 0;
  if (c->sort) {
    int code = find_sort_column(c, e);
    if (code < 0) return code;
    arena_reset(c->arena);
  }
  return c->next->begin(c->next, table, e);
}

/* Numbers before words, so that the order stays one where both occur. */
static int compare_mixed(const char *a, const char *b) {
  int64_t x, y;
  bool a_number = number_parse(a, INT64_MAX, &x), b_number = number_parse(b, INT64_MAX, &y);
  if (a_number && b_number) return (x > y) - (x < y);
  return a_number ? -1 : b_number ? 1 : strcmp(a, b);
}

static int compare_values(const struct column *column, const struct cell *a, const struct cell *b) {
  switch (column->type) {
    case COLUMN_TEXT:
      return column->flags & COLUMN_MIXED ? compare_mixed(a->text, b->text) : strcmp(a->text, b->text);
    case COLUMN_COUNT:
    case COLUMN_TIME:
    case COLUMN_DAY:
      return (a->count > b->count) - (a->count < b->count);
    case COLUMN_SHARE:
    case COLUMN_NUMBER:
    case COLUMN_BAR:
      return (a->number > b->number) - (a->number < b->number);
    case COLUMN_YES_NO:
      return a->yes - b->yes;
    case COLUMN_WORDS:
      return strcmp(a->words.items[0], b->words.items[0]);
    case COLUMN_TREND:
    case COLUMN_ROWS:
      break;
  }
  return 0;
}

static bool has_no_order(const struct column *column, const struct cell *cell) {
  return cell_is_absent(column, cell) || (column->type == COLUMN_WORDS && !cell->words.count);
}

static int compare_rows(const void *left, const void *right, void *collector) {
  const struct kept_row *a = left, *b = right;
  const struct collector *c = collector;
  const struct column *column = &c->table->columns[c->sort_column];
  bool no_x = has_no_order(column, &a->key), no_y = has_no_order(column, &b->key);
  int order = no_x || no_y ? no_x - no_y : compare_values(column, &a->key, &b->key) * (c->descending ? -1 : 1);
  return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void sort_rows(struct collector *c) {
  if (c->count) qsort_r(c->rows, c->count, sizeof *c->rows, compare_rows, c);
}

/* A list is sorted by its first word. */
static struct cell copy_key(struct arena *arena, const struct column *column, const struct cell *cell) {
  struct cell key = *cell;
  if (!key.present) return key;
  if (column->type == COLUMN_TEXT) key.text = arena_strdup(arena, key.text);
  if (column->type == COLUMN_WORDS && key.words.count) {
    const char **first = arena_alloc(arena, sizeof *first);
    *first = arena_strdup(arena, key.words.items[0]);
    key.words.items = first;
    key.words.count = 1;
  }
  return key;
}

static struct kept_row keep(struct arena *arena, const struct column *column, const struct kept_row *row) {
  return (struct kept_row){.packed = arena_strndup(arena, row->packed, row->packed_bytes),
                           .packed_bytes = row->packed_bytes,
                           .key = copy_key(arena, column, &row->key),
                           .order = row->order};
}

/* Lets go of rows that cannot be among the first `limit` any more. */
static void prune(struct collector *c) {
  sort_rows(c);
  struct arena *kept = arena_new(CHUNK_BYTES);
  c->count = c->limit;
  for (size_t i = 0; i < c->count; i++) c->rows[i] = keep(kept, &c->table->columns[c->sort_column], &c->rows[i]);
  arena_free(c->arena);
  c->arena = kept;
}

/* Rows that are sorted come one by one out of any order. */
static void collector_hold(struct table_sink *s, unsigned first, unsigned count, const struct cell *cells) {
  struct collector *c = (struct collector *)s;
  if (!c->sort && c->next->hold) c->next->hold(c->next, first, count, cells);
}

static int collector_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct collector *c = (struct collector *)s;
  c->seen++;
  if (!c->sort) return c->limit && c->seen > c->limit ? 0 : c->next->row(c->next, cells, e);
  row_pack(&c->packer, c->table, cells);
  const struct kept_row row = {c->packer.data, c->packer.bytes, cells[c->sort_column], c->seen};
  MEM_GROW(c->rows, c->capacity, c->count);
  c->rows[c->count++] = keep(c->arena, &c->table->columns[c->sort_column], &row);
  if (c->limit && c->count >= PRUNE_ROWS && c->count / 2 >= c->limit) prune(c);
  return 0;
}

static int collector_total(struct table_sink *s, const struct cell *cells, struct err *e) {
  return table_sink_total(((struct collector *)s)->next, cells, e);
}

static int hand_on_sorted(struct collector *c, struct err *e) {
  _cleanup_arena_ struct arena *unpacked = arena_new(ROW_BYTES);
  sort_rows(c);
  const size_t count = c->limit && c->limit < c->count ? c->limit : c->count;
  for (size_t i = 0; i < count; i++) {
    const struct kept_row *row = &c->rows[c->keeps_last ? count - 1 - i : i];
    int code = c->next->row(c->next, row_unpack(row->packed, c->table, unpacked), e);
    if (code < 0) return code;
    arena_reset(unpacked);
  }
  return 0;
}

static int collector_end(struct table_sink *s, struct err *e) {
  struct collector *c = (struct collector *)s;
  int code = hand_on_sorted(c, e);
  if (code < 0) return code;
  if (c->limit && c->seen > c->limit && c->next->left_out) c->next->left_out(c->next, c->seen - c->limit);
  return c->next->end(c->next, e);
}

static void collector_free(struct table_sink *s) {
  struct collector *c = (struct collector *)s;
  arena_free(c->arena);
  row_packer_clear(&c->packer);
  free(c->rows);
  free(c->sort);
  free(c);
}

struct table_sink *collector_new(struct table_sink *next, const char *sort, uint64_t limit) {
  struct collector *c = mem_zalloc(sizeof *c);
  c->sink = (struct table_sink){.begin = collector_begin,
                                .row = collector_row,
                                .total = collector_total,
                                .end = collector_end,
                                .free = collector_free,
                                .hold = collector_hold};
  c->next = next;
  c->keeps_last = sort && *sort == '+';
  c->descending = c->keeps_last || (sort && *sort == '-');
  c->sort = mem_strdup(sort && c->descending ? sort + 1 : sort);
  c->limit = limit;
  if (sort) c->arena = arena_new(CHUNK_BYTES);
  return &c->sink;
}
