/* SPDX-License-Identifier: Apache-2.0 */
/* Typed tables: a question fills rows of columns that have a type, every renderer draws every table.
 *
 * Rows stream: a question pushes row after row into a sink and keeps none. A renderer is a sink; so is the collector
 * that sorts and limits. A column may hold rows of its own (the auth results of a record, the gates of a verdict). */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/utc.h"

enum column_type {
  COLUMN_TEXT,   /* a stranger's or our own UTF-8; escaped by the renderer */
  COLUMN_COUNT,  /* int64: thousands separators in text */
  COLUMN_SHARE,  /* double 0..1: "98.2 %" in text, 0.9821 elsewhere */
  COLUMN_NUMBER, /* double, a plain figure */
  COLUMN_TIME,   /* Unix seconds: ISO 8601 with Z everywhere */
  COLUMN_DAY,    /* Unix seconds: the date alone */
  COLUMN_YES_NO, /* bool: true/false in JSON and CSV, yes/no in text */
  COLUMN_BAR,    /* double 0..1: a bar in text; left out elsewhere (the figure has its own column) */
  COLUMN_WORDS,  /* list of texts: array in JSON, joined by a blank in CSV, by ", " in text */
  COLUMN_ROWS,   /* rows of a table: array of objects in JSON, "key=value key=value; ..." in CSV and text: absent
                  * values are left out, a value that could be mistaken for structure stands in JSON's quotes */
};

enum column_flag {
  COLUMN_DETAIL = 1 << 0, /* not in text output unless it is wide enough to show it */
  COLUMN_DATA = 1 << 1,   /* never in text output */
  COLUMN_WRAP = 1 << 2,   /* the one that is cut or wrapped first when the terminal is narrow */
  COLUMN_GOOD = 1 << 3,   /* share: high is good (colours) */
  COLUMN_KEY = 1 << 4,    /* identifies the row (also: an address): emphasised, and cut only with COLUMN_WRAP */
  COLUMN_MIXED = 1 << 5,  /* text that is printed as a bare number in JSON where it is one (pct) */
  COLUMN_STATE = 1 << 6,  /* text: a word of gate_state_word, which says good or bad (colours) */
  COLUMN_EMPTY = 1 << 7,  /* text that may be empty, which is not absent: "" in CSV */
};

struct table;
struct column {
  const char *key;   /* snake_case, in JSON and CSV: carries its unit */
  const char *title; /* header in text; NULL: the key */
  enum column_type type;
  unsigned flags;
  const struct table *rows; /* COLUMN_ROWS only: what they are, by their columns, whose types are simple ones */
};

/* One value. Absent is null in JSON, empty in CSV, "-" in text; so is a number that is none (NaN, infinity) and a time
 * no calendar holds. */
struct cell {
  bool present;
  union {
    const char *text;
    int64_t count; /* also times and days */
    double number; /* also shares and bars */
    bool yes;
    struct {
      const char *const *items;
      unsigned count;
    } words;
    struct {
      const struct cell *cells; /* count * column_count */
      unsigned count;
    } rows;
  };
};

static inline struct cell cell_text(const char *text) { return (struct cell){.present = text != NULL, .text = text}; }
static inline struct cell cell_count(int64_t count) { return (struct cell){.present = true, .count = count}; }
static inline struct cell cell_number(double number) { return (struct cell){.present = true, .number = number}; }
static inline struct cell cell_yes(bool yes) { return (struct cell){.present = true, .yes = yes}; }
static inline struct cell cell_absent(void) { return (struct cell){0}; }
/* part/whole; absent where the whole is 0: no mail is not 0 %. */
static inline struct cell cell_share(double part, double whole) {
  return whole > 0 ? cell_number(part / whole) : cell_absent();
}
/* A time or day; absent for FEEDBACK_TIME_UNKNOWN. */
static inline struct cell cell_time(int64_t s) { return (struct cell){.present = s != INT64_MIN, .count = s}; }
static inline struct cell cell_day(int32_t day) { return cell_time(utc_from_day(day)); } /* as utc.h numbers them */

/* The last day of a span that may end at the first second of the next day: a span up to midnight after 31 October does
 * not end on 1 November. */
static inline struct cell cell_last_day(int64_t begin_s, int64_t end_s) {
  return cell_time(end_s > begin_s && end_s != INT64_MIN ? end_s - 1 : end_s);
}

/* What a table is; constant for its life. */
struct table {
  const char *name;  /* schema name: "dmarcctl.sources" */
  int version;       /* of the schema: grows when a key changes its meaning or goes */
  const char *title; /* headline in text; may be NULL */
  const char *empty; /* what text output says instead of an empty table, and what to do next; may be NULL */
  const struct column *columns;
  unsigned column_count;
};

/* What rows within a column are: nothing but their columns. */
#define NESTED_ROWS(COLUMNS) \
  { .columns = (COLUMNS), .column_count = sizeof(COLUMNS) / sizeof *(COLUMNS) }

/* Where rows go. The caller owns it: begin, any number of rows, end; then free. All return 0 or a negative code
 * (ERR_IO when the output cannot be written). Cells need to live during the call only. */
struct table_sink {
  int (*begin)(struct table_sink *s, const struct table *table, struct err *e);
  int (*row)(struct table_sink *s, const struct cell *cells, struct err *e);
  int (*end)(struct table_sink *s, struct err *e);
  /* Called before end: so many rows were not passed on. NULL where the format has no place to say so. */
  void (*left_out)(struct table_sink *s, uint64_t rows);
  void (*free)(struct table_sink *s);
  /* Until the next call for them, the cells of columns [first, first + count) are those of `cells` in each row, so a
   * renderer may format them once. Rows have them nonetheless. For questions with many rows; NULL: the sink makes no
   * use of it. */
  void (*hold)(struct table_sink *s, unsigned first, unsigned count, const struct cell *cells);
};
void table_sink_free(struct table_sink *s); /* accepts NULL */
/* One that accepts everything and does nothing: for finding out what another sink's begin says. */
struct table_sink table_sink_nothing(void);

enum table_format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON, FORMAT_XLSX, FORMAT_HTML, FORMAT_MARKDOWN };
#define TABLE_FORMATS (FORMAT_MARKDOWN + 1)

struct render_options {
  enum table_format format;
  unsigned width; /* columns of the terminal; 0: as wide as it gets */
  bool colour;
  bool ascii; /* text: the locale's charset is not UTF-8 (nl_langinfo(CODESET)) */
};

/* A renderer that writes to `file` (not closed; flushed at the end of a table). Several tables may follow each other in
 * text and CSV (blank line between); JSON is one document a table. CSV, JSON and NDJSON write each row as it comes;
 * text measures the first 10,000 rows and keeps their widths for the rest. */
struct table_sink *renderer_new(FILE *file, const struct render_options *options);

/* Sorts rows stably and passes the first `limit` on to `next` (not owned). `sort` is a column's key, with '-' in front
 * for descending; absent values come last either way. With '+' in front it is ascending, but of more rows than `limit`
 * the last ones are passed on, and absent values come first. NULL keeps the order, and then no row is kept. limit 0: all.
 * `next` hears of rows left out. ERR_USAGE from begin: no such column; `e` lists those there are. */
struct table_sink *collector_new(struct table_sink *next, const char *sort, uint64_t limit);

#endif
