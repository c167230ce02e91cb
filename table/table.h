/* SPDX-License-Identifier: Apache-2.0 */
/* Typed tables: a question fills rows of typed columns, and every renderer can draw every table.
 *
 * Rows are streamed: a question pushes row after row into a sink and keeps none of them. A renderer is a sink, and so
 * is the collector, which sorts and limits. A column may contain rows of its own (the auth results of a record, the
 * gates of a verdict). */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/utc.h"

enum column_type {
  COLUMN_TEXT,   /* UTF-8, ours or a stranger's; escaped by the renderer */
  COLUMN_COUNT,  /* int64: thousands separators in text */
  COLUMN_SHARE,  /* double 0..1: "98.2 %" in text, 0.9821 elsewhere */
  COLUMN_NUMBER, /* double: a plain number */
  COLUMN_TIME,   /* Unix seconds: ISO 8601 with Z everywhere */
  COLUMN_DAY,    /* Unix seconds: the date only */
  COLUMN_YES_NO, /* bool: true/false in JSON and CSV, yes/no in text */
  COLUMN_BAR,    /* double 0..1: a bar in text; left out elsewhere (the number has a column of its own) */
  COLUMN_TREND,  /* counts over time: a small line in HTML, left out elsewhere (they are details of a figure) */
  COLUMN_WORDS,  /* list of texts: an array in JSON, joined by a blank in CSV and by ", " in text */
  COLUMN_ROWS,   /* rows of a table: an array of objects in JSON, "key=value key=value; ..." in CSV and text, where
                  * absent values are left out and a value that could be taken for structure is quoted as in JSON */
};

enum column_flag {
  COLUMN_DETAIL = 1 << 0, /* in text output only if the terminal is wide enough */
  COLUMN_DATA = 1 << 1,   /* never in text output */
  COLUMN_WRAP = 1 << 2,   /* the first to be cut or wrapped on a narrow terminal */
  COLUMN_GOOD = 1 << 3,   /* share: high is good (colours) */
  COLUMN_KEY = 1 << 4,    /* identifies the row, or is an address: emphasised, and cut only with COLUMN_WRAP */
  COLUMN_MIXED = 1 << 5,  /* text that JSON has as a bare number where it is one (pct) */
  COLUMN_STATE = 1 << 6,  /* text: the state of a gate or a verdict, which says good or bad (colours) */
  COLUMN_EMPTY = 1 << 7,  /* text that may be empty, which differs from absent: "" in CSV */
  COLUMN_PART = 1 << 8,   /* share: a part of a whole, neither good nor bad; HTML draws it as a bar too */
};

/* Is it a picture of figures that stand beside it? */
static inline bool column_is_drawn(enum column_type type) { return type == COLUMN_BAR || type == COLUMN_TREND; }

struct table;
struct column {
  const char *key;   /* snake_case, for JSON and CSV; names its unit */
  const char *title; /* the header in text; NULL: the key */
  enum column_type type;
  unsigned flags;
  const struct table *rows; /* COLUMN_ROWS only: describes the nested rows, which contain no rows themselves */
};

/* One value. An absent value is null in JSON, empty in CSV and "-" in text; so are NaN, infinity, and a time outside
 * the calendar. */
struct cell {
  bool present;
  bool unpraised; /* neither good nor bad, whatever its column says (colours) */
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
      const int64_t *counts;
      unsigned count;
    } trend;
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
/* part/whole; absent if the whole is 0: no mail is not 0 %. */
static inline struct cell cell_share(double part, double whole) {
  return whole > 0 ? cell_number(part / whole) : cell_absent();
}
/* A time or day; absent for FEEDBACK_TIME_UNKNOWN. */
static inline struct cell cell_time(int64_t s) { return (struct cell){.present = s != INT64_MIN, .count = s}; }
static inline struct cell cell_day(int32_t day) { return cell_time(utc_from_day(day)); } /* as utc.h numbers them */

/* The last day of a period that may end with the first second of the next day: a period up to the midnight after 31
 * October does not end on 1 November. */
static inline struct cell cell_last_day(int64_t begin_s, int64_t end_s) {
  return cell_time(end_s > begin_s && end_s != INT64_MIN ? end_s - 1 : end_s);
}

/* Describes a table; does not change during its life. */
struct table {
  const char *name;  /* schema name: "dmarcctl.sources" */
  int version;       /* of the schema: incremented when a key changes its meaning or is removed */
  const char *title; /* headline in text; may be NULL */
  const char *empty; /* what text output says in place of an empty table, with what to do next; may be NULL */
  const struct column *columns;
  unsigned column_count;
};

/* Nested rows: a table that has columns and nothing else. */
#define NESTED_ROWS(COLUMNS) \
  { .columns = (COLUMNS), .column_count = sizeof(COLUMNS) / sizeof *(COLUMNS) }

/* Where rows go. The caller owns the sink and calls begin, row any number of times, end, and finally free. The first
 * three return 0 or a negative code (ERR_IO if the output cannot be written). Cells need only live during the call. */
struct table_sink {
  int (*begin)(struct table_sink *s, const struct table *table, struct err *e);
  int (*row)(struct table_sink *s, const struct cell *cells, struct err *e);
  int (*end)(struct table_sink *s, struct err *e);
  /* A row that sums others up, in the same columns: it stands below all of them, in the order in which such rows come,
   * beyond sort and limit. NULL if the format has no place for it: to programs a sum would be one more row. */
  int (*total)(struct table_sink *s, const struct cell *cells, struct err *e);
  /* Called before end: this many rows were not passed on. NULL if the format has no place to say so. */
  void (*left_out)(struct table_sink *s, uint64_t rows);
  void (*free)(struct table_sink *s);
  /* Until the next call for the same columns, the cells of columns [first, first + count) equal `cells` in every row,
   * so a renderer need only format them once. Rows still contain them. For questions with many rows; NULL: the sink has
   * no use for it. */
  void (*hold)(struct table_sink *s, unsigned first, unsigned count, const struct cell *cells);
};
void table_sink_free(struct table_sink *s); /* accepts NULL */
static inline int table_sink_total(struct table_sink *s, const struct cell *cells, struct err *e) {
  return s->total ? s->total(s, cells, e) : 0;
}
/* Accepts everything and does nothing: for finding out what another sink's begin returns. */
struct table_sink table_sink_nothing(void);

enum table_format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON, FORMAT_XLSX, FORMAT_HTML, FORMAT_MARKDOWN };
#define TABLE_FORMATS (FORMAT_MARKDOWN + 1)

struct render_options {
  enum table_format format;
  unsigned width; /* columns of the terminal; 0: as wide as it gets */
  bool colour;
  bool ascii;        /* text: the locale's charset is not UTF-8 (nl_langinfo(CODESET)) */
  bool bom;          /* CSV: begins with a byte order mark */
  bool tells_hidden; /* text: how many columns had no room, and that --wide shows them */
};

/* A renderer that writes to `file`, which it flushes at the end of each table and does not close. Tables may follow
 * each other in text and CSV, with a blank line between them; JSON is one document per table. CSV, JSON and NDJSON
 * write each row as it comes; text measures the first 10,000 rows and keeps their widths for the rest. */
struct table_sink *renderer_new(FILE *file, const struct render_options *options);

/* NDJSON with something before and behind the object of each row: appended by `frame`, to the same line unless it ends
 * one itself. */
struct strbuf;
typedef void table_frame_fn(void *user, const struct cell *cells, bool behind, struct strbuf *out);
struct table_sink *framed_renderer_new(FILE *file, table_frame_fn *frame, void *user);

/* Sorts rows stably and passes the first `limit` of them on to `next`, which is not owned; 0: all. `sort` is the key of
 * a column, with '-' in front for descending order; absent values come last in either. With '+' in front the order is
 * ascending too, but absent values come first, and of more than `limit` rows it is the last ones that are passed on.
 * NULL: rows are passed on as they come, and none is kept. `next` is told how many rows were left out. begin returns
 * ERR_USAGE if there is no such column; `e` then lists those that can be sorted by. */
struct table_sink *collector_new(struct table_sink *next, const char *sort, uint64_t limit);

#endif
