/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the rows of a table until it is known which of its columns say anything. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "table/packed_row.h"
#include "table/page_table.h"
#include "table/render.h"

#define CHUNK_BYTES (16 * 1024)

struct tidy {
  struct table_sink sink;
  struct table_sink *next; /* owned */
  const char *hidden;
  const struct table *table;
  struct arena *arena; /* the rows */
  const char **rows;
  size_t count, capacity;
  struct row_packer packer;
  bool *says_something; /* of each column */
  uint64_t left_out;
};

static int tidy_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct tidy *t = (struct tidy *)s;
  (void)e;
  t->table = table;
  t->count = 0;
  t->left_out = 0;
  arena_reset(t->arena);
  free(t->says_something);
  t->says_something = mem_zalloc((table->column_count + 1) * sizeof *t->says_something);
  return 0;
}

/* A detail that is none is nothing. */
static bool says(const struct column *column, const struct cell *cell) {
  if (cell_shows_nothing(column, cell)) return false;
  if (!(column->flags & COLUMN_DETAIL)) return true;
  if (column->type == COLUMN_COUNT) return cell->count != 0;
  return column->type != COLUMN_SHARE || cell->number > 0;
}

static int tidy_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct tidy *t = (struct tidy *)s;
  (void)e;
  for (unsigned i = 0; i < t->table->column_count; i++) t->says_something[i] |= says(&t->table->columns[i], &cells[i]);
  row_pack(&t->packer, t->table, cells);
  MEM_GROW(t->rows, t->capacity, t->count);
  t->rows[t->count++] = arena_strndup(t->arena, t->packer.data, t->packer.bytes);
  return 0;
}

static void tidy_left_out(struct table_sink *s, uint64_t rows) { ((struct tidy *)s)->left_out = rows; }

static int hand_on(struct tidy *t, const struct table *tidied, struct err *e) {
  _cleanup_arena_ struct arena *unpacked = arena_new(CHUNK_BYTES);
  int code = t->next->begin(t->next, tidied, e);
  for (size_t i = 0; i < t->count && !code; i++) {
    code = t->next->row(t->next, row_unpack(t->rows[i], t->table, unpacked), e);
    arena_reset(unpacked);
  }
  if (!code && t->left_out && t->next->left_out) t->next->left_out(t->next, t->left_out);
  return code < 0 ? code : t->next->end(t->next, e);
}

static bool is_hidden(const struct tidy *t, const struct column *column) {
  const size_t length = strlen(column->key);
  for (const char *word = t->hidden; *word; word += strcspn(word, " "), word += strspn(word, " "))
    if (strcspn(word, " ") == length && !memcmp(word, column->key, length)) return true;
  return false;
}

static bool is_left_out(const struct tidy *t, unsigned column) {
  const struct column *c = &t->table->columns[column];
  if (is_hidden(t, c)) return true;
  return t->count && !t->says_something[column] && !(c->flags & COLUMN_KEY);
}

static int tidy_end(struct table_sink *s, struct err *e) {
  struct tidy *t = (struct tidy *)s;
  struct table tidied = *t->table;
  _cleanup_free_ struct column *columns = mem_alloc((tidied.column_count + 1) * sizeof *columns);
  memcpy(columns, tidied.columns, tidied.column_count * sizeof *columns);
  for (unsigned i = 0; i < tidied.column_count; i++)
    if (is_left_out(t, i)) columns[i].flags |= COLUMN_DATA;
  tidied.columns = columns;
  return hand_on(t, &tidied, e);
}

static void tidy_free(struct table_sink *s) {
  struct tidy *t = (struct tidy *)s;
  table_sink_free(t->next);
  arena_free(t->arena);
  row_packer_clear(&t->packer);
  free(t->rows);
  free(t->says_something);
  free(t);
}

struct table_sink *tidy_new(struct table_sink *next, const char *hidden) {
  struct tidy *t = mem_zalloc(sizeof *t);
  t->sink = (struct table_sink){
      .begin = tidy_begin, .row = tidy_row, .end = tidy_end, .left_out = tidy_left_out, .free = tidy_free};
  t->next = next;
  t->hidden = hidden ? hidden : "";
  t->arena = arena_new(CHUNK_BYTES);
  return &t->sink;
}
