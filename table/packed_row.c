/* SPDX-License-Identifier: Apache-2.0 */
/* Packs a row and unpacks it again. A value is a byte that says whether it is present and, where it is, its content:
 * a text with its length in front and a NUL behind, a count in groups of seven bits, a figure as it is in memory, a
 * list behind its length. */
#include "table/packed_row.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 10 /* of 64 bits, at most */

/* --- packing ------------------------------------------------------------------------------------------------------ */

/* Each value first makes room for all that has a fixed size, so that numbers are written without a look at the end. */
static void make_room(struct row_packer *p, size_t bytes) {
  if (p->capacity - p->bytes >= bytes) return;
  p->capacity = p->capacity * 2 + bytes;
  p->data = mem_realloc(p->data, p->capacity);
}

static void add_byte(struct row_packer *p, unsigned char byte) { p->data[p->bytes++] = (char)byte; }

static void add_number(struct row_packer *p, uint64_t n) {
  for (; n > 0x7f; n >>= 7) add_byte(p, (unsigned char)(n | 0x80));
  add_byte(p, (unsigned char)n);
}

static void add_bytes(struct row_packer *p, const void *bytes, size_t size) {
  memcpy(p->data + p->bytes, bytes, size);
  p->bytes += size;
}

static void add_text(struct row_packer *p, const char *text) {
  const size_t length = strlen(text);
  make_room(p, NUMBER_BYTES + length + 1);
  add_number(p, length);
  add_bytes(p, text, length + 1);
}

/* Small counts, also negative ones, are small. */
static uint64_t fold_sign(int64_t n) { return (uint64_t)n << 1 ^ (uint64_t)(n < 0 ? -1 : 0); }
static int64_t unfold_sign(uint64_t n) { return (int64_t)(n >> 1) ^ -(int64_t)(n & 1); }

static void add_row(struct row_packer *p, const struct table *table, const struct cell *cells);

static void add_content(struct row_packer *p, const struct column *column, const struct cell *cell) {
  switch (column->type) {
    case COLUMN_TEXT:
      add_text(p, cell->text);
      break;
    case COLUMN_COUNT:
    case COLUMN_TIME:
    case COLUMN_DAY:
      add_number(p, fold_sign(cell->count));
      break;
    case COLUMN_SHARE:
    case COLUMN_NUMBER:
    case COLUMN_BAR:
      add_bytes(p, &cell->number, sizeof cell->number);
      break;
    case COLUMN_YES_NO:
      add_byte(p, cell->yes);
      break;
    case COLUMN_WORDS:
      add_number(p, cell->words.count);
      for (unsigned i = 0; i < cell->words.count; i++) add_text(p, cell->words.items[i]);
      break;
    case COLUMN_TREND:
      make_room(p, NUMBER_BYTES + cell->trend.count * sizeof *cell->trend.counts);
      add_number(p, cell->trend.count);
      add_bytes(p, cell->trend.counts, cell->trend.count * sizeof *cell->trend.counts);
      break;
    case COLUMN_ROWS:
      add_number(p, cell->rows.count);
      for (unsigned i = 0; i < cell->rows.count; i++)
        add_row(p, column->rows, cell->rows.cells + (size_t)i * column->rows->column_count);
      break;
  }
}

static void add_row(struct row_packer *p, const struct table *table, const struct cell *cells) {
  for (unsigned i = 0; i < table->column_count; i++) {
    make_room(p, 1 + NUMBER_BYTES);
    add_byte(p, (char)(cells[i].present | cells[i].unpraised << 1));
    if (cells[i].present) add_content(p, &table->columns[i], &cells[i]);
  }
}

void row_pack(struct row_packer *p, const struct table *table, const struct cell *cells) {
  p->bytes = 0;
  add_row(p, table, cells);
}

void row_packer_clear(struct row_packer *p) {
  free(p->data);
  *p = (struct row_packer){0};
}

/* --- unpacking ---------------------------------------------------------------------------------------------------- */

static uint64_t unpack_number(const char **at) {
  uint64_t n = 0;
  for (unsigned shift = 0;; shift += 7) {
    const unsigned char group = (unsigned char)*(*at)++;
    n |= (uint64_t)(group & 0x7f) << shift;
    if (group < 0x80) return n;
  }
}

static const char *unpack_text(const char **at) {
  const uint64_t length = unpack_number(at);
  const char *text = *at;
  *at += length + 1;
  return text;
}

static void unpack_words(const char **at, struct cell *cell, struct arena *arena) {
  cell->words.count = (unsigned)unpack_number(at);
  const char **items = arena_alloc(arena, cell->words.count * sizeof *items);
  for (unsigned i = 0; i < cell->words.count; i++) items[i] = unpack_text(at);
  cell->words.items = items;
}

static void unpack_trend(const char **at, struct cell *cell, struct arena *arena) {
  cell->trend.count = (unsigned)unpack_number(at);
  const size_t bytes = cell->trend.count * sizeof *cell->trend.counts;
  cell->trend.counts = memcpy(arena_alloc(arena, bytes), *at, bytes);
  *at += bytes;
}

static const struct cell *unpack_cells(const char **at, const struct table *table, unsigned rows, struct arena *arena);

static void unpack_content(const char **at, const struct column *column, struct cell *cell, struct arena *arena) {
  switch (column->type) {
    case COLUMN_TEXT:
      cell->text = unpack_text(at);
      break;
    case COLUMN_COUNT:
    case COLUMN_TIME:
    case COLUMN_DAY:
      cell->count = unfold_sign(unpack_number(at));
      break;
    case COLUMN_SHARE:
    case COLUMN_NUMBER:
    case COLUMN_BAR:
      memcpy(&cell->number, *at, sizeof cell->number);
      *at += sizeof cell->number;
      break;
    case COLUMN_YES_NO:
      cell->yes = *(*at)++;
      break;
    case COLUMN_WORDS:
      unpack_words(at, cell, arena);
      break;
    case COLUMN_TREND:
      unpack_trend(at, cell, arena);
      break;
    case COLUMN_ROWS:
      cell->rows.count = (unsigned)unpack_number(at);
      cell->rows.cells = unpack_cells(at, column->rows, cell->rows.count, arena);
      break;
  }
}

static const struct cell *unpack_cells(const char **at, const struct table *table, unsigned rows, struct arena *arena) {
  struct cell *cells = arena_alloc(arena, (size_t)rows * table->column_count * sizeof *cells), *cell = cells;
  for (unsigned row = 0; row < rows; row++)
    for (unsigned i = 0; i < table->column_count; i++, cell++) {
      const char flags = *(*at)++;
      *cell = (struct cell){.present = flags & 1, .unpraised = flags & 2};
      if (cell->present) unpack_content(at, &table->columns[i], cell, arena);
    }
  return cells;
}

const struct cell *row_unpack(const char *packed, const struct table *table, struct arena *arena) {
  return unpack_cells(&packed, table, 1, arena);
}
