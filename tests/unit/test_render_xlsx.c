/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks, looked at as what they are: zip archives of XML. That a spreadsheet opens them is tests/cli's to show. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "base/cleanup.h"
#include "table/escape.h"
#include "table/render_xlsx.h"

#define MOST_PART_BYTES (256u << 20)

/* clang-format off */
enum { NAME, COUNT, SHARE, NUMBER, TIME, DAY, YES, BAR, WORDS, ROWS, PCT, COLUMNS_OF_ALL };
static const struct column NESTED[] = {{"a", NULL, COLUMN_TEXT, 0}, {"b", NULL, COLUMN_COUNT, 0}};
static const struct table NESTED_TABLE = NESTED_ROWS(NESTED);
static const struct column ALL_COLUMNS[COLUMNS_OF_ALL] = {
    [NAME] = {"name", NULL, COLUMN_TEXT, COLUMN_KEY},
    [COUNT] = {"messages", NULL, COLUMN_COUNT, 0},
    [SHARE] = {"pass_share", "pass", COLUMN_SHARE, 0},
    [NUMBER] = {"per_day", NULL, COLUMN_NUMBER, 0},
    [TIME] = {"begin", NULL, COLUMN_TIME, 0},
    [DAY] = {"day", NULL, COLUMN_DAY, 0},
    [YES] = {"ok", NULL, COLUMN_YES_NO, 0},
    [BAR] = {"bar", NULL, COLUMN_BAR, 0},
    [WORDS] = {"words", NULL, COLUMN_WORDS, 0},
    [ROWS] = {"rows", NULL, COLUMN_ROWS, 0, &NESTED_TABLE},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_MIXED},
};
/* clang-format on */
static const struct table ALL = {"dmarcctl.all", 1, NULL, NULL, ALL_COLUMNS, COLUMNS_OF_ALL};
static const struct table NAMES = {"dmarcctl.names", 1, NULL, NULL, ALL_COLUMNS, 1};

struct fixture {
  struct xlsx_book *book;
  struct table_sink *sink;
  FILE *file;
  char *part; /* the last one asked for */
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->book = xlsx_book_new();
  f->sink = xlsx_book_sink(f->book);
  f->file = tmpfile();
  assert_non_null(f->file);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  xlsx_book_free(f->book);
  fclose(f->file);
  free(f->part);
  free(f);
  return 0;
}

#define assert_ok(f, call)                                      \
  do {                                                          \
    int _r = (call);                                            \
    if (_r < 0) fail_msg("%s: %d: %s", #call, _r, (f)->e.text); \
  } while (0)

static void begin(struct fixture *f, const struct table *table) { assert_ok(f, f->sink->begin(f->sink, table, &f->e)); }
static void row(struct fixture *f, const struct cell *cells) { assert_ok(f, f->sink->row(f->sink, cells, &f->e)); }
static void end(struct fixture *f) { assert_ok(f, f->sink->end(f->sink, &f->e)); }
static void write_book(struct fixture *f) { assert_ok(f, xlsx_book_write(f->book, f->file, &f->e)); }

/* One row of ALL with this cell, the others absent. */
static void row_with(struct fixture *f, unsigned at, struct cell cell) {
  struct cell cells[COLUMNS_OF_ALL] = {0};
  cells[at] = cell;
  row(f, cells);
}

/* A file of the archive; NULL where there is none. */
static const char *part_of(struct fixture *f, const char *name) {
  int code, fd = dup(fileno(f->file));
  lseek(fd, 0, SEEK_SET);
  zip_t *archive = zip_fdopen(fd, 0, &code);
  assert_non_null(archive);
  zip_stat_t stat;
  free(TAKE_PTR(f->part));
  if (zip_stat(archive, name, 0, &stat) == 0) {
    assert_true(stat.size < MOST_PART_BYTES);
    zip_file_t *file = zip_fopen(archive, name, 0);
    assert_non_null(file);
    f->part = mem_zalloc(stat.size + 1);
    assert_int_equal(zip_fread(file, f->part, stat.size), stat.size);
    zip_fclose(file);
  }
  zip_discard(archive);
  return f->part;
}
static const char *sheet(struct fixture *f) { return part_of(f, "xl/worksheets/sheet1.xml"); }

#define assert_holds(text, wanted)                                                  \
  do {                                                                              \
    if (!strstr(text, wanted)) fail_msg("\"%s\" is not in: %.4000s", wanted, text); \
  } while (0)
#define assert_lacks(text, unwanted)                                               \
  do {                                                                             \
    if (strstr(text, unwanted)) fail_msg("\"%s\" is in: %.4000s", unwanted, text); \
  } while (0)

/* The one cell of the one row, as the sheet's XML has it. */
static void expect_cell(void **state, unsigned at, struct cell cell, const char *xml) {
  struct fixture *f = *state;
  tear_down(state);
  set_up(state);
  f = *state;
  begin(f, &ALL);
  row_with(f, at, cell);
  end(f);
  write_book(f);
  assert_holds(sheet(f), xml);
}

static void figures_are_numbers(void **state) {
  expect_cell(state, COUNT, cell_count(1234567), "<c r=\"B2\" s=\"2\"><v>1234567</v></c>");
  expect_cell(state, SHARE, cell_number(0.9821), "<c r=\"C2\" s=\"2\"><v>0.9821</v></c>");
  expect_cell(state, NUMBER, cell_number(-12.5), "<c r=\"D2\"><v>-12.5</v></c>");
  expect_cell(state, PCT, cell_text("50"), "<c r=\"J2\"><v>50</v></c>");
  expect_cell(state, PCT, cell_text("050"), "<c r=\"J2\" t=\"inlineStr\"><is><t>050</t></is></c>");
  expect_cell(state, COUNT, cell_count(999999999999999), "<v>999999999999999</v>");
}

static void a_count_that_a_spreadsheet_would_round_is_a_text(void **state) {
  expect_cell(state, COUNT, cell_count(1000000000000001),
              "<c r=\"B2\" t=\"inlineStr\"><is><t>1000000000000001</t></is></c>");
}

/* 46331 is 2026-11-05 in days since 1899-12-30. */
static void times_and_days_are_dates(void **state) {
  expect_cell(state, TIME, cell_time(1793836800 + 43200), "<c r=\"E2\" s=\"2\"><v>46331.5</v></c>");
  assert_holds(part_of(*state, "xl/styles.xml"), "formatCode=\"yyyy-mm-dd&quot;T&quot;hh:mm:ss&quot;Z&quot;\"");
  expect_cell(state, DAY, cell_time(1793836800 + 43200), "<c r=\"F2\" s=\"2\"><v>46331</v></c>");
  assert_holds(part_of(*state, "xl/styles.xml"), "formatCode=\"yyyy-mm-dd\"");
}

static void shares_show_as_per_cent(void **state) {
  expect_cell(state, SHARE, cell_number(1), "<c r=\"C2\" s=\"2\"><v>1</v></c>");
  assert_holds(part_of(*state, "xl/styles.xml"), "formatCode=\"0.00%\"");
}

/* What a spreadsheet would round to "100.00%"; the others are as they are. */
static void a_share_that_is_not_all_does_not_show_as_all(void **state) {
  expect_cell(state, SHARE, cell_number(0.99999), "<c r=\"C2\" s=\"2\"><v>0.9999</v></c>");
  expect_cell(state, SHARE, cell_number(0.978666), "<c r=\"C2\" s=\"2\"><v>0.978666</v></c>");
  expect_cell(state, SHARE, cell_number(0.00000762939453125), "<v>7.62939453125E-06</v>");
}

static void a_time_that_no_spreadsheet_knows_is_a_text(void **state) {
  expect_cell(state, TIME, cell_time(-4000000000),
              "<c r=\"E2\" t=\"inlineStr\"><is><t>1843-03-31T16:53:20Z</t></is></c>");
  expect_cell(state, TIME, cell_time(253402300799), "<v>2958465.99998"); /* the last second of 9999 */
  expect_cell(state, TIME, cell_time(253402300800), "t=\"inlineStr\"");
}

static void yes_and_no_are_booleans(void **state) {
  expect_cell(state, YES, cell_yes(true), "<c r=\"G2\" t=\"b\"><v>1</v></c>");
  expect_cell(state, YES, cell_yes(false), "<c r=\"G2\" t=\"b\"><v>0</v></c>");
}

static void lists_are_texts_as_in_csv(void **state) {
  const char *const items[] = {"one", "two"};
  const struct cell nested[] = {cell_text("x y"), cell_count(3), cell_absent(), cell_count(4)};
  expect_cell(state, WORDS, (struct cell){.present = true, .words = {items, 2}},
              "<c r=\"H2\" t=\"inlineStr\"><is><t>one two</t>");
  expect_cell(state, ROWS, (struct cell){.present = true, .rows = {nested, 2}}, "<t>a=\"x y\" b=3; b=4</t>");
}

static void what_is_absent_leaves_its_cell_empty(void **state) {
  struct fixture *f = *state;
  begin(f, &ALL);
  row_with(f, SHARE, cell_number(NAN));
  row_with(f, TIME, cell_time(INT64_MIN));
  row_with(f, BAR, cell_number(0.5)); /* has no column */
  end(f);
  write_book(f);
  assert_lacks(sheet(f), "r=\"A2\"");
  assert_lacks(sheet(f), "r=\"C2\"");
  assert_lacks(sheet(f), "r=\"E3\"");
  assert_lacks(sheet(f), "<t>bar</t>");
}

static void a_formula_of_a_stranger_is_a_text(void **state) {
  static const char *const FORMULAS[] = {
      "=1+1",         "=cmd|' /C calc'!A0", "+1",           "-1", "@SUM(A1)",
      "{=1}",         "http://example.net", "\t=1",         "=",  "mailto:a@example.net",
      "internal:A1!", "external:c:\\x",     "file:///etc/x"};
  struct fixture *f = *state;
  begin(f, &NAMES);
  for (size_t i = 0; i < ARRAY_SIZE(FORMULAS); i++) {
    const struct cell cell = cell_text(FORMULAS[i]);
    row(f, &cell);
  }
  end(f);
  write_book(f);
  assert_lacks(sheet(f), "<f>");
  assert_lacks(sheet(f), "hyperlink");
  assert_holds(sheet(f), "<t>=cmd|' /C calc'!A0</t>");
  assert_null(part_of(f, "xl/worksheets/_rels/sheet1.xml.rels"));
}

static void what_xml_cannot_hold_is_replaced(void **state) {
  expect_cell(state, NAME, cell_text("a\x01\x1f\x7f\xc2\x9b\xff\xef\xbf\xbe z"),
              "<t>a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd z</t>");
  expect_cell(state, NAME, cell_text("<a href=\"x\">&amp;]]></a>"),
              "<t>&lt;a href=\"x\"&gt;&amp;amp;]]&gt;&lt;/a&gt;</t>");
  expect_cell(state, NAME, cell_text(" two\n\tlines "), "<t xml:space=\"preserve\"> two\n\tlines </t>");
  expect_cell(state, NAME, cell_text("\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80\xc3\xbc"),
              "<t>\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80\xc3\xbc</t>");
}

static void what_a_spreadsheet_would_decode_stays_as_it_is(void **state) {
  expect_cell(state, NAME, cell_text("_x001B_ _x41_ _x00410_ _X0041_"), "<t>_x005F_x001B_ _x41_ _x00410_ _X0041_</t>");
  expect_cell(state, NAME, cell_text("a\rb"), "<t>a_x000D_b</t>");
  expect_cell(state, NAME, cell_text("_x"), "<t>_x</t>");
}

/* UTF-16 units of what a spreadsheet counts. */
static size_t units_of(const char *text) {
  size_t units = 0;
  for (const unsigned char *s = (const unsigned char *)text; *s; s++)
    if ((*s & 0xc0) != 0x80) units += *s >= 0xf0 ? 2 : 1;
  return units;
}

static void a_text_longer_than_a_cell_is_cut_and_says_so(void **state) {
  (void)state;
  static const char *const PIECES[] = {"a", "\xc3\xbc", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "_x0041_", "\r"};
  for (size_t i = 0; i < ARRAY_SIZE(PIECES); i++) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, cut = STRBUF_INIT;
    while (units_of(strbuf_text(&text)) <= 32767) strbuf_add_text(&text, PIECES[i]);
    escape_sheet(&cut, strbuf_text(&text));
    size_t units = units_of(strbuf_text(&cut));
    assert_in_range(units, 32700, 32767);
    assert_string_equal(cut.data + cut.length - 9, "... (cut)");
    assert_memory_equal(cut.data, i < 4 ? PIECES[i] : i == 4 ? "_x005F_" : "_x000D_", i < 4 ? strlen(PIECES[i]) : 7);
  }
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, same = STRBUF_INIT;
  while (text.length < 32767) strbuf_add_char(&text, 'a');
  escape_sheet(&same, strbuf_text(&text));
  assert_string_equal(strbuf_text(&same), strbuf_text(&text));
}

static void the_longest_text_is_taken(void **state) {
  struct fixture *f = *state;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  while (text.length < 100000) strbuf_add_text(&text, "\xf0\x9f\x98\x80");
  begin(f, &NAMES);
  const struct cell cell = cell_text(strbuf_text(&text));
  row(f, &cell);
  end(f);
  write_book(f);
  assert_holds(sheet(f), "... (cut)</t>");
}

static void the_header_stays_and_filters(void **state) {
  struct fixture *f = *state;
  begin(f, &ALL);
  row_with(f, NAME, cell_text("a"));
  row_with(f, NAME, cell_text("b"));
  end(f);
  write_book(f);
  assert_holds(sheet(f),
               "<pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\" activePane=\"bottomRight\" state=\"frozen\"/>");
  assert_holds(sheet(f), "<autoFilter ref=\"A1:J3\"/>");
  assert_holds(sheet(f), "<c r=\"C1\" s=\"1\" t=\"inlineStr\"><is><t>pass_share</t></is></c>");
}

static void columns_are_as_wide_as_their_texts(void **state) {
  struct fixture *f = *state;
  begin(f, &NAMES);
  const struct cell wide =
      cell_text("\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"); /* 12 */
  row(f, &wide);
  end(f);
  begin(f, &NAMES);
  const struct cell longest =
      cell_text("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890");
  row(f, &longest);
  end(f);
  write_book(f);
  assert_holds(sheet(f), "<col min=\"1\" max=\"1\" width=\"13.7109375\"");
  assert_holds(part_of(f, "xl/worksheets/sheet2.xml"), "width=\"61.7109375\"");
}

static void each_table_is_a_sheet_of_its_name(void **state) {
  struct fixture *f = *state;
  static const struct table LONG = {"dmarcctl.a_name_longer_than_thirty-one_characters", 1, NULL, NULL, ALL_COLUMNS, 1};
  const struct table *const tables[] = {&ALL, &NAMES, &NAMES, &LONG, &LONG, &NAMES};
  for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
    begin(f, tables[i]);
    end(f);
  }
  write_book(f);
  const char *workbook = part_of(f, "xl/workbook.xml");
  assert_holds(workbook, "<sheet name=\"all\" sheetId=\"1\"");
  assert_holds(workbook, "<sheet name=\"names\" sheetId=\"2\"");
  assert_holds(workbook, "<sheet name=\"names (2)\" sheetId=\"3\"");
  assert_holds(workbook, "<sheet name=\"a_name_longer_than_thirty-one_c\" sheetId=\"4\"");
  assert_holds(workbook, "<sheet name=\"a_name_longer_than_thirty-o (2)\" sheetId=\"5\"");
  assert_holds(workbook, "<sheet name=\"names (3)\" sheetId=\"6\"");
}

static void more_rows_than_a_sheet_holds_go_on_in_the_next(void **state) {
  struct fixture *f = *state;
  static const struct table COUNTS = {"dmarcctl.counts", 1, NULL, NULL, ALL_COLUMNS + COUNT, 1};
  begin(f, &COUNTS);
  for (int64_t i = 1; i <= 1048577; i++) {
    const struct cell cell = cell_count(i);
    row(f, &cell);
  }
  end(f);
  write_book(f);
  assert_holds(sheet(f), "<row r=\"1048576\"");
  assert_lacks(f->part, "<row r=\"1048577\"");
  assert_holds(f->part, "<autoFilter ref=\"A1:A1048576\"/>");
  assert_holds(part_of(f, "xl/worksheets/sheet2.xml"), "<t>messages</t>");
  assert_holds(f->part, "<row r=\"2\"><c r=\"A2\" s=\"2\"><v>1048576</v></c></row><row r=\"3\"");
  assert_lacks(f->part, "<row r=\"4\"");
  assert_holds(part_of(f, "xl/workbook.xml"), "<sheet name=\"counts (2)\"");
}

static void the_same_rows_make_the_same_bytes(void **state) {
  char *bytes[2];
  size_t size[2];
  for (int i = 0; i < 2; i++) {
    struct xlsx_book *book = xlsx_book_new();
    struct fixture *f = *state;
    struct table_sink *sink = xlsx_book_sink(book);
    FILE *file = open_memstream(&bytes[i], &size[i]);
    struct cell cells[COLUMNS_OF_ALL] = {[NAME] = cell_text("a"), [TIME] = cell_time(1793836800), [DAY] = cell_time(0)};
    assert_ok(f, sink->begin(sink, &ALL, &f->e));
    assert_ok(f, sink->row(sink, cells, &f->e));
    assert_ok(f, sink->end(sink, &f->e));
    assert_ok(f, xlsx_book_write(book, file, &f->e));
    table_sink_free(sink); /* changes nothing: the sink is the book's */
    xlsx_book_free(book);
    fclose(file);
    if (!i) usleep(1100000); /* another second */
  }
  assert_int_equal(size[0], size[1]);
  assert_memory_equal(bytes[0], bytes[1], size[0]);
  free(bytes[0]);
  free(bytes[1]);
}

static void it_was_made_on_the_newest_date_of_its_rows(void **state) {
  struct fixture *f = *state;
  begin(f, &ALL);
  row_with(f, TIME, cell_time(1793836800));
  row_with(f, DAY, cell_time(1793836800 - 86400));
  end(f);
  write_book(f);
  assert_holds(part_of(f, "docProps/core.xml"), ">2026-11-05T00:00:00Z</dcterms:created>");
}

static void the_renderer_of_one_table_writes_at_its_end(void **state) {
  struct fixture *f = *state;
  struct table_sink *renderer = renderer_new(f->file, &(struct render_options){.format = FORMAT_XLSX});
  const struct cell cell = cell_text("a");
  assert_ok(f, renderer->begin(renderer, &NAMES, &f->e));
  assert_ok(f, renderer->row(renderer, &cell, &f->e));
  assert_ok(f, renderer->end(renderer, &f->e));
  table_sink_free(renderer);
  assert_holds(sheet(f), "<t>a</t>");
}

static void what_is_not_ended_leaves_nothing(void **state) {
  struct fixture *f = *state;
  struct table_sink *renderer = renderer_new(f->file, &(struct render_options){.format = FORMAT_XLSX});
  table_sink_free(renderer);
  renderer = renderer_new(f->file, &(struct render_options){.format = FORMAT_XLSX});
  assert_ok(f, renderer->begin(renderer, &NAMES, &f->e));
  table_sink_free(renderer);
  assert_int_equal(lseek(fileno(f->file), 0, SEEK_END), 0);
}

static void a_temporary_folder_that_is_missing_is_told(void **state) {
  struct fixture *f = *state;
  setenv("TMPDIR", "/nonexistent", 1);
  assert_int_equal(f->sink->begin(f->sink, &NAMES, &f->e), ERR_IO);
  unsetenv("TMPDIR");
  assert_string_equal(f->e.text, "cannot create a temporary file in /nonexistent: No such file or directory");
}

/* Wherever the room ends, in the rows, the sheet or the archive. */
static void a_full_temporary_folder_is_no_result(void **state) {
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  unsigned failures = 0, successes = 0;
  for (rlim_t limit = 4096; limit < 220000; limit += limit < 90000 ? 8192 : 256) {
    tear_down(state);
    set_up(state);
    struct fixture *f = *state;
    char name[64] = "";
    int code = 0;
    struct rlimit tight = {limit, before.rlim_max};
    begin(f, &NAMES);
    setrlimit(RLIMIT_FSIZE, &tight);
    int silent = dup(STDERR_FILENO); /* libxlsxwriter talks there */
    assert_non_null(freopen("/dev/null", "w", stderr));
    for (unsigned i = 0; i < 2000 && !code; i++) {
      snprintf(name, sizeof name, "name %u", i * 2654435761u);
      const struct cell cell = cell_text(name);
      code = f->sink->row(f->sink, &cell, &f->e);
    }
    if (!code) code = f->sink->end(f->sink, &f->e);
    if (!code) code = xlsx_book_write(f->book, f->file, &f->e);
    fflush(stderr);
    dup2(silent, STDERR_FILENO);
    close(silent);
    setrlimit(RLIMIT_FSIZE, &before);
    if (code < 0) {
      assert_int_equal(code, ERR_IO);
      assert_int_equal(lseek(fileno(f->file), 0, SEEK_END), 0);
      failures++;
    } else {
      assert_holds(sheet(f), "</worksheet>");
      assert_holds(f->part, name);
      successes++;
    }
  }
  assert_in_range(failures, 20, 500);
  assert_in_range(successes, 20, 500);
}

int main(void) {
#define IN_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      IN_FIXTURE(figures_are_numbers),
      IN_FIXTURE(a_count_that_a_spreadsheet_would_round_is_a_text),
      IN_FIXTURE(times_and_days_are_dates),
      IN_FIXTURE(shares_show_as_per_cent),
      IN_FIXTURE(a_share_that_is_not_all_does_not_show_as_all),
      IN_FIXTURE(a_time_that_no_spreadsheet_knows_is_a_text),
      IN_FIXTURE(yes_and_no_are_booleans),
      IN_FIXTURE(lists_are_texts_as_in_csv),
      IN_FIXTURE(what_is_absent_leaves_its_cell_empty),
      IN_FIXTURE(a_formula_of_a_stranger_is_a_text),
      IN_FIXTURE(what_xml_cannot_hold_is_replaced),
      IN_FIXTURE(what_a_spreadsheet_would_decode_stays_as_it_is),
      cmocka_unit_test(a_text_longer_than_a_cell_is_cut_and_says_so),
      IN_FIXTURE(the_longest_text_is_taken),
      IN_FIXTURE(the_header_stays_and_filters),
      IN_FIXTURE(columns_are_as_wide_as_their_texts),
      IN_FIXTURE(each_table_is_a_sheet_of_its_name),
      IN_FIXTURE(more_rows_than_a_sheet_holds_go_on_in_the_next),
      IN_FIXTURE(the_same_rows_make_the_same_bytes),
      IN_FIXTURE(it_was_made_on_the_newest_date_of_its_rows),
      IN_FIXTURE(the_renderer_of_one_table_writes_at_its_end),
      IN_FIXTURE(what_is_not_ended_leaves_nothing),
      IN_FIXTURE(a_temporary_folder_that_is_missing_is_told),
      IN_FIXTURE(a_full_temporary_folder_is_no_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
