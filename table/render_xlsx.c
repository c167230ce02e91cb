/* SPDX-License-Identifier: Apache-2.0 */
/* Draws tables as sheets of a workbook. Strangers' texts are written as texts, never as formulas or links. */
#include "table/render_xlsx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/nameless.h"
#include "base/utc.h"
#include "table/escape.h"
#include "table/render.h"

/* Excel's and LibreOffice's limit; what is over it goes on in the next sheet. */
#define SHEET_ROWS LXW_ROW_MAX
/* A sheet's name has at most 31 characters. */
#define NAME_BYTES 32
/* Rows that are measured for the widths of columns, and the widest that a column becomes, in characters. */
#define MEASURED_ROWS 10000
#define MOST_WIDTH 60
/* The button of the filter in each header. */
#define BUTTON_WIDTH 3
/* What a number of a spreadsheet holds exactly: 15 digits. A longer count is written as a text. */
#define EXACT_COUNT 999999999999999
/* Before 1 March 1900 the spreadsheets' calendars differ; behind 9999 there is none. */
#define FIRST_DATE_S (-2203891200)
#define LAST_DATE_S 253402300799
/* Where no row has a date: the begin of the zip format's calendar. */
#define NO_DATE_S 315532800
#define COPY_BYTES (64 * 1024)

/* Of a share, in "0.00%". */
#define SHARE_DIGITS 4

enum sheet_format { PLAIN, HEADER, COUNT, SHARE, TIME, DAY, SHEET_FORMATS };

struct sheet_column {
  const struct column *column;
  unsigned at; /* its cell */
  unsigned width;
  enum sheet_format format;
};

struct xlsx_book {
  struct table_sink sink;
  FILE *file; /* a renderer's, which ends with its table; NULL: a book's, which goes on */
  int fd;     /* nameless; the workbook is made in it */
  lxw_workbook *workbook;
  lxw_format *formats[SHEET_FORMATS];
  const struct table *table;
  lxw_worksheet *sheet;
  lxw_row_t row; /* the next one */
  struct sheet_column *columns;
  unsigned column_count;
  uint64_t measured;
  int64_t newest_s;
  struct strbuf text, safe;
};

/* --- the workbook ------------------------------------------------------------------------------------------------- */

static lxw_format *add_format(struct xlsx_book *b, const char *number) {
  lxw_format *format = workbook_add_format(b->workbook);
  if (number) format_set_num_format(format, number);
  return format;
}

/* Times look as everywhere else, and are numbers all the same. */
static void add_formats(struct xlsx_book *b) {
  b->formats[HEADER] = add_format(b, NULL);
  format_set_bold(b->formats[HEADER]);
  format_set_bottom(b->formats[HEADER], LXW_BORDER_THIN);
  b->formats[COUNT] = add_format(b, "#,##0");
  b->formats[SHARE] = add_format(b, "0.00%");
  b->formats[TIME] = add_format(b, "yyyy-mm-dd\"T\"hh:mm:ss\"Z\"");
  b->formats[DAY] = add_format(b, "yyyy-mm-dd");
}

/* libxlsxwriter wants a name and seeks; the name is that of our open file, which has none. */
static int open_workbook(struct xlsx_book *b, struct err *e) {
  if (b->workbook) return 0;
  b->fd = nameless_open(e);
  if (b->fd < 0) return ERR_IO;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", b->fd);
  const char *folder = secure_getenv("TMPDIR");
  lxw_workbook_options options = {
      .constant_memory = LXW_TRUE, .tmpdir = (char *)(folder && *folder ? folder : "/tmp"), .use_zip64 = LXW_TRUE};
  b->workbook = workbook_new_opt(path, &options);
  if (!b->workbook) return err_set(e, ERR_IO, "cannot begin a workbook");
  add_formats(b);
  return 0;
}

/* --- sheets ------------------------------------------------------------------------------------------------------- */

static enum sheet_format format_of(const struct column *column) {
  switch (column->type) {
    case COLUMN_COUNT:
      return COUNT;
    case COLUMN_SHARE:
      return SHARE;
    case COLUMN_TIME:
      return TIME;
    case COLUMN_DAY:
      return DAY;
    default:
      return PLAIN;
  }
}

static void prepare_columns(struct xlsx_book *b) {
  const struct table *table = b->table;
  free(b->columns);
  b->columns = mem_zalloc(table->column_count * sizeof *b->columns);
  b->column_count = 0;
  for (unsigned i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if (column_is_drawn(column->type)) continue;
    b->columns[b->column_count++] = (struct sheet_column){
        .column = column, .at = i, .width = (unsigned)strlen(column->key) + BUTTON_WIDTH, .format = format_of(column)};
  }
}

/* "dmarcctl.sources" -> "sources", "sources (2)", ...: names must differ. */
static void name_sheet(const struct xlsx_book *b, char name[NAME_BYTES]) {
  const char *dot = strrchr(b->table->name, '.');
  for (unsigned n = 1;; n++) {
    char tail[16] = "";
    if (n > 1) snprintf(tail, sizeof tail, " (%u)", n);
    snprintf(name, NAME_BYTES, "%.*s%s", (int)(NAME_BYTES - 1 - strlen(tail)), dot ? dot + 1 : b->table->name, tail);
    if (!workbook_get_worksheet_by_name(b->workbook, name)) return;
  }
}

/* The header stays in sight, and so does the first column where it says what the row is about. */
static void lay_out_sheet(struct xlsx_book *b) {
  worksheet_freeze_panes(b->sheet, 1, b->column_count && b->columns[0].column->flags & COLUMN_KEY ? 1 : 0);
  worksheet_repeat_rows(b->sheet, 0, 0);
  worksheet_set_landscape(b->sheet);
  worksheet_fit_to_pages(b->sheet, 1, 0);
}

static int begin_sheet(struct xlsx_book *b, struct err *e) {
  char name[NAME_BYTES];
  name_sheet(b, name);
  b->sheet = workbook_add_worksheet(b->workbook, name);
  if (!b->sheet) return err_set(e, ERR_IO, "cannot begin the sheet \"%s\"", name);
  lay_out_sheet(b);
  for (unsigned i = 0; i < b->column_count; i++)
    worksheet_write_string(b->sheet, 0, (lxw_col_t)i, b->columns[i].column->key, b->formats[HEADER]);
  b->row = 1;
  return 0;
}

static void end_sheet(struct xlsx_book *b) {
  if (!b->sheet || !b->column_count) return;
  for (unsigned i = 0; i < b->column_count; i++)
    worksheet_set_column(b->sheet, (lxw_col_t)i, (lxw_col_t)i, b->columns[i].width + 1, NULL);
  worksheet_autofilter(b->sheet, 0, 0, b->row - 1, (lxw_col_t)(b->column_count - 1));
  b->sheet = NULL;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static bool is_date(int64_t s) { return s >= FIRST_DATE_S && s <= LAST_DATE_S; }

/* A spreadsheet rounds what it shows, up to all where it is not all: then it gets the digits that it shows. Else it has
 * the share as it is, to reckon with. */
static double shown_share(double share) {
  bool shows_as_all = share < 1 && share >= 1 - 0.5 / 10000; /* by the format 0.00% */
  return shows_as_all ? figure_share_cut(share, SHARE_DIGITS) : share;
}

/* As a number, where a number of a spreadsheet holds it unchanged. */
static bool as_number(const struct column *column, const struct cell *cell, double *ret) {
  switch (column->type) {
    case COLUMN_COUNT:
      *ret = (double)cell->count;
      return cell->count >= -EXACT_COUNT && cell->count <= EXACT_COUNT;
    case COLUMN_SHARE:
      *ret = shown_share(cell->number);
      return true;
    case COLUMN_NUMBER:
      *ret = cell->number;
      return true;
    case COLUMN_TEXT:
      if (!(column->flags & COLUMN_MIXED) || !text_is_integer(cell->text)) return false;
      *ret = strtod(cell->text, NULL);
      return true;
    default:
      return false;
  }
}

static lxw_error write_value(struct xlsx_book *b, const struct sheet_column *c, lxw_col_t at, const struct cell *cell) {
  lxw_format *format = b->formats[c->format];
  double number;
  if (as_number(c->column, cell, &number)) return worksheet_write_number(b->sheet, b->row, at, number, format);
  if (c->column->type == COLUMN_YES_NO) return worksheet_write_boolean(b->sheet, b->row, at, cell->yes, NULL);
  if ((c->format == TIME || c->format == DAY) && is_date(cell->count)) {
    int64_t s = c->format == DAY ? utc_day_begin(cell->count) : cell->count;
    if (s > b->newest_s) b->newest_s = s;
    return worksheet_write_unixtime(b->sheet, b->row, at, s, format);
  }
  strbuf_reset(&b->safe);
  escape_sheet(&b->safe, strbuf_text(&b->text));
  return worksheet_write_string(b->sheet, b->row, at, strbuf_text(&b->safe), NULL);
}

static void measure(struct sheet_column *c, const char *text) {
  unsigned width = escape_width(text);
  if (c->column->type == COLUMN_COUNT) width += width / 3; /* its commas */
  if (width > MOST_WIDTH) width = MOST_WIDTH;
  if (width > c->width) c->width = width;
}

static int write_cell(struct xlsx_book *b, unsigned i, const struct cell *cell, struct err *e) {
  struct sheet_column *c = &b->columns[i];
  if (cell_is_absent(c->column, cell)) return 0;
  strbuf_reset(&b->text);
  format_plain(&b->text, c->column, cell);
  if (b->measured < MEASURED_ROWS) measure(c, strbuf_text(&b->text));
  lxw_error error = write_value(b, c, (lxw_col_t)i, cell);
  return error ? err_set(e, ERR_IO, "cannot write a cell: %s", lxw_strerror(error)) : 0;
}

/* --- the sink ----------------------------------------------------------------------------------------------------- */

static int book_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct xlsx_book *b = (struct xlsx_book *)s;
  int code = open_workbook(b, e);
  if (code < 0) return code;
  b->table = table;
  b->measured = 0;
  prepare_columns(b);
  return begin_sheet(b, e);
}

static int book_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct xlsx_book *b = (struct xlsx_book *)s;
  int code = 0;
  if (b->row == SHEET_ROWS) {
    end_sheet(b);
    code = begin_sheet(b, e);
  }
  for (unsigned i = 0; i < b->column_count && !code; i++) code = write_cell(b, i, &cells[b->columns[i].at], e);
  b->row++;
  b->measured++;
  return code;
}

static int book_end(struct table_sink *s, struct err *e) {
  struct xlsx_book *b = (struct xlsx_book *)s;
  end_sheet(b);
  return b->file ? xlsx_book_write(b, b->file, e) : 0;
}

static void renderer_free(struct table_sink *s) { xlsx_book_free((struct xlsx_book *)s); }
static void book_sink_free(struct table_sink *s) { (void)s; } /* the book's */

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* libxlsxwriter does not look whether its temporary files took what it wrote. The rows are looked after here, ... */
static int check_rows(struct xlsx_book *b, struct err *e) {
  lxw_worksheet *sheet;
  LXW_FOREACH_WORKSHEET(sheet, b->workbook) {
    lxw_worksheet_write_single_row(sheet); /* the last one is still in memory */
    if (fflush(sheet->optimize_tmpfile) || ferror(sheet->optimize_tmpfile))
      return err_set_errno(e, ERR_IO, "cannot write a temporary file");
  }
  return 0;
}

static bool ends_well(zip_t *archive, zip_uint64_t entry) {
  static const char END[] = "</worksheet>";
  char buffer[COPY_BYTES + sizeof END];
  size_t kept = 0;
  zip_int64_t n = -1;
  zip_file_t *file = zip_fopen_index(archive, entry, 0);
  while (file && (n = zip_fread(file, buffer + kept, COPY_BYTES)) > 0) {
    size_t have = kept + (size_t)n;
    kept = have < sizeof END - 1 ? have : sizeof END - 1;
    memmove(buffer, buffer + have - kept, kept);
  }
  if (file) zip_fclose(file);
  return n == 0 && kept == sizeof END - 1 && !memcmp(buffer, END, kept);
}

/* ... and each sheet is read back: one that was cut off is no result. */
static int check_sheets(struct xlsx_book *b, struct err *e) {
  int fd = dup(b->fd), zip_code;
  zip_t *archive = fd < 0 ? NULL : zip_fdopen(fd, 0, &zip_code);
  if (!archive) {
    if (fd >= 0) close(fd);
    return err_set(e, ERR_IO, "the workbook cannot be read back");
  }
  bool whole = true;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); i++) {
    const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
    if (name && !strncmp(name, "xl/worksheets/sheet", 19)) whole &= ends_well(archive, (zip_uint64_t)i);
  }
  zip_discard(archive);
  return whole ? 0 : err_set(e, ERR_IO, "the workbook is not whole: is there room in the temporary folder?");
}

static int copy_out(int fd, FILE *file, struct err *e) {
  _cleanup_free_ char *buffer = mem_alloc(COPY_BYTES);
  ssize_t n;
  if (lseek(fd, 0, SEEK_SET) < 0) return err_set_errno(e, ERR_IO, "cannot read a temporary file");
  while ((n = read(fd, buffer, COPY_BYTES)) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return err_set_errno(e, ERR_IO, "cannot read a temporary file");
    int code = output_write(file, buffer, (size_t)n, e);
    if (code < 0) return code;
  }
  return output_flush(file, e);
}

int xlsx_book_write(struct xlsx_book *b, FILE *file, struct err *e) {
  lxw_doc_properties properties = {.created = b->newest_s > NO_DATE_S ? b->newest_s : NO_DATE_S};
  int code = check_rows(b, e);
  if (code < 0) return code;
  workbook_set_properties(b->workbook, &properties);
  lxw_error error = workbook_close(TAKE_PTR(b->workbook));
  if (error) return err_set(e, ERR_IO, "cannot write the workbook: %s", lxw_strerror(error));
  code = check_sheets(b, e);
  return code < 0 ? code : copy_out(b->fd, file, e);
}

void xlsx_book_free(struct xlsx_book *b) {
  if (!b) return;
  lxw_workbook_free(b->workbook);
  if (b->fd >= 0) close(b->fd);
  free(b->columns);
  strbuf_clear(&b->text);
  strbuf_clear(&b->safe);
  free(b);
}

static struct xlsx_book *new_book(FILE *file) {
  struct xlsx_book *b = mem_zalloc(sizeof *b);
  b->sink = (struct table_sink){
      .begin = book_begin, .row = book_row, .end = book_end, .free = file ? renderer_free : book_sink_free};
  b->file = file;
  b->fd = -1;
  return b;
}

struct xlsx_book *xlsx_book_new(void) {
  return new_book(NULL);
}
struct table_sink *xlsx_book_sink(struct xlsx_book *b) {
  return &b->sink;
}
struct table_sink *xlsx_renderer_new(FILE *file) {
  return &new_book(file)->sink;
}
