/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of tables share: a table with a column of every type, its cells as they are, absent and hostile, and a
 * renderer that writes into memory. */
#ifndef TESTS_TABLE_KIT_H
#define TESTS_TABLE_KIT_H

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "table/escape.h"
#include "table/render.h"
#include "table/table.h"

/* --- a table of every type ---------------------------------------------------------------------------------------- */

#define NOON 1740830400 /* 2025-03-01T12:00:00Z */

static const struct column RESULT_COLUMNS[] = {
    {.key = "domain", .type = COLUMN_TEXT},
    {.key = "result", .type = COLUMN_TEXT},
    {.key = "count", .type = COLUMN_COUNT},
};
static const struct table RESULT_ROWS = NESTED_ROWS(RESULT_COLUMNS);

enum { SOURCE, SENDER, MESSAGES, PASS, PASS_BAR, MEAN, FIRST, DAY, ALIGNED, SELECTORS, RESULTS, PCT, COLUMNS };

static const struct column EVERY_COLUMN[COLUMNS] = {
    [SOURCE] = {"source_ip", "Source", COLUMN_TEXT, COLUMN_KEY},
    [SENDER] = {"sender", "Sender", COLUMN_TEXT, COLUMN_WRAP},
    [MESSAGES] = {"messages", "Messages", COLUMN_COUNT, 0},
    [PASS] = {"pass_share", "Pass", COLUMN_SHARE, COLUMN_GOOD},
    [PASS_BAR] = {"pass_bar", "", COLUMN_BAR, 0},
    [MEAN] = {"mean_per_day", "Mean", COLUMN_NUMBER, 0},
    [FIRST] = {"first_time", "First", COLUMN_TIME, 0},
    [DAY] = {"day", "Day", COLUMN_DAY, COLUMN_DETAIL},
    [ALIGNED] = {"aligned", NULL, COLUMN_YES_NO, 0},
    [SELECTORS] = {"selectors", "Selectors", COLUMN_WORDS, 0},
    [RESULTS] = {"results", "Results", COLUMN_ROWS, COLUMN_DETAIL, &RESULT_ROWS},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_MIXED | COLUMN_DATA},
};

static const struct table EVERY = {
    .name = "dmarcctl.every", .version = 3, .title = "Every type", .columns = EVERY_COLUMN, .column_count = COLUMNS};

static const char *const SELECTOR_ITEMS[] = {"s1", "s2"};
static const struct cell RESULT_CELLS[] = {
    {.present = true, .text = "example.com"},
    {.present = true, .text = "pass"},
    {.present = true, .count = 1200},
    {.present = true, .text = "example.net"},
    {.present = false},
    {.present = true, .count = 1},
};

static inline void fill_full(struct cell *cells) {
  cells[SOURCE] = cell_text("192.0.2.1");
  cells[SENDER] = cell_text("Example Mail");
  cells[MESSAGES] = cell_count(1234567);
  cells[PASS] = cells[PASS_BAR] = cell_number(0.98213333);
  cells[MEAN] = cell_number(41152.25);
  cells[FIRST] = cell_time(NOON);
  cells[DAY] = cell_time(NOON);
  cells[ALIGNED] = cell_yes(true);
  cells[SELECTORS] = (struct cell){.present = true, .words = {SELECTOR_ITEMS, 2}};
  cells[RESULTS] = (struct cell){.present = true, .rows = {RESULT_CELLS, 2}};
  cells[PCT] = cell_text("100");
}

static inline void fill_absent(struct cell *cells) { memset(cells, 0, COLUMNS * sizeof *cells); }

static const char *const HOSTILE_ITEMS[] = {"=1+1", "a\"b\x1b[2J"};
static const struct cell HOSTILE_RESULTS[] = {
    {.present = true, .text = "x; result=pass"}, {.present = true, .text = ""}, {.present = true, .count = -5}};

static inline void fill_hostile(struct cell *cells) {
  cells[SOURCE] = cell_text("2001:db8::1\r\n\x1b]0;owned\a");
  cells[SENDER] = cell_text(
      "=cmd|'/c calc'!A1 \"q\", \xe2\x80\xae"
      "gnp\xff\xc2\x9b"
      "31m \xe4\xb8\xad\xe6\x96\x87");
  cells[MESSAGES] = cell_count(-7);
  cells[PASS] = cells[PASS_BAR] = cell_number(0.0 / 0.0);
  cells[MEAN] = cell_number(-0.5);
  cells[FIRST] = cell_time(INT64_MAX);
  cells[DAY] = cell_time(INT64_MIN);
  cells[ALIGNED] = cell_yes(false);
  cells[SELECTORS] = (struct cell){.present = true, .words = {HOSTILE_ITEMS, 2}};
  cells[RESULTS] = (struct cell){.present = true, .rows = {HOSTILE_RESULTS, 1}};
  cells[PCT] = cell_text("007");
}

/* A small one beside it. */
static const struct column PAIR_COLUMNS[] = {{.key = "name", .type = COLUMN_TEXT}, {.key = "n", .type = COLUMN_COUNT}};
static const struct table PAIR = {
    .name = "dmarcctl.pair", .version = 1, .title = "Pairs", .columns = PAIR_COLUMNS, .column_count = 2};

/* --- writing it --------------------------------------------------------------------------------------------------- */

/* A renderer that writes into memory. */
struct output {
  char *text;
  size_t size;
  FILE *file;
  struct table_sink *sink;
};

static inline void output_open(struct output *o, struct render_options options) {
  o->file = open_memstream(&o->text, &o->size);
  assert_non_null(o->file);
  o->sink = renderer_new(o->file, &options);
}

static inline void output_expect(struct output *o, const char *expected) {
  table_sink_free(o->sink);
  fclose(o->file);
  assert_string_equal(o->text, expected);
  free(o->text);
}

/* A whole table; `cells` are rows of all its columns. */
static inline void write_table(struct table_sink *sink, const struct table *table, const struct cell *cells,
                               unsigned rows) {
  assert_int_equal(sink->begin(sink, table, NULL), 0);
  for (unsigned i = 0; i < rows; i++) assert_int_equal(sink->row(sink, cells + i * table->column_count, NULL), 0);
  assert_int_equal(sink->end(sink, NULL), 0);
}

static inline char *long_text(void) {
  enum { SIZE = 64 * 1024 };
  char *text = mem_alloc(SIZE + 1);
  for (unsigned i = 0; i < SIZE; i++) text[i] = (char)('a' + i % 26);
  text[SIZE] = '\0';
  return text;
}

static inline void expect_every(struct render_options options, const char *expected) {
  struct cell cells[3 * COLUMNS];
  fill_full(cells);
  fill_absent(cells + COLUMNS);
  fill_hostile(cells + 2 * COLUMNS);
  struct output o;
  output_open(&o, options);
  write_table(o.sink, &EVERY, cells, 3);
  output_expect(&o, expected);
}

/* A table of one column and its cells, as text. */
static inline void expect_column(const struct column *column, const struct cell *cells, unsigned count,
                                 struct render_options options, const char *expected) {
  struct table table = {.name = "dmarcctl.one", .version = 1, .columns = column, .column_count = 1};
  struct output o;
  output_open(&o, options);
  write_table(o.sink, &table, cells, count);
  output_expect(&o, expected);
}

#endif
