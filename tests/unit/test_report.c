/* SPDX-License-Identifier: Apache-2.0 */
/* Tables through every renderer and the collector, strangers' texts above all. */
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

#define NOON 1740830400 /* 2025-03-01T12:00:00Z */

static const struct column RESULT_COLUMNS[] = {
    {.key = "domain", .type = COLUMN_TEXT},
    {.key = "result", .type = COLUMN_TEXT},
    {.key = "count", .type = COLUMN_COUNT},
};

enum { SOURCE, SENDER, MESSAGES, PASS, PASS_BAR, MEAN, FIRST, DAY, ALIGNED, SELECTORS, RESULTS, PCT, COLUMNS };

static const struct column EVERY_COLUMN[COLUMNS] = {
    [SOURCE] = {"source_ip", "Source", COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [SENDER] = {"sender", "Sender", COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [MESSAGES] = {"messages", "Messages", COLUMN_COUNT, 0, NULL, 0},
    [PASS] = {"pass_share", "Pass", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [PASS_BAR] = {"pass_bar", "", COLUMN_BAR, 0, NULL, 0},
    [MEAN] = {"mean_per_day", "Mean", COLUMN_NUMBER, 0, NULL, 0},
    [FIRST] = {"first_time", "First", COLUMN_TIME, 0, NULL, 0},
    [DAY] = {"day", "Day", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [ALIGNED] = {"aligned", NULL, COLUMN_YES_NO, 0, NULL, 0},
    [SELECTORS] = {"selectors", "Selectors", COLUMN_WORDS, 0, NULL, 0},
    [RESULTS] = {"results", "Results", COLUMN_ROWS, COLUMN_DETAIL, RESULT_COLUMNS, ARRAY_SIZE(RESULT_COLUMNS)},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_MIXED | COLUMN_DATA, NULL, 0},
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

static void fill_full(struct cell *cells) {
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

static void fill_absent(struct cell *cells) { memset(cells, 0, COLUMNS * sizeof *cells); }

static const char *const HOSTILE_ITEMS[] = {"=1+1", "a\"b\x1b[2J"};
static const struct cell HOSTILE_RESULTS[] = {
    {.present = true, .text = "x; result=pass"}, {.present = true, .text = ""}, {.present = true, .count = -5}};

static void fill_hostile(struct cell *cells) {
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

/* A renderer that writes into memory. */
struct output {
  char *text;
  size_t size;
  FILE *file;
  struct table_sink *sink;
};

static void output_open(struct output *o, struct render_options options) {
  o->file = open_memstream(&o->text, &o->size);
  assert_non_null(o->file);
  o->sink = renderer_new(o->file, &options);
}

static void output_expect(struct output *o, const char *expected) {
  table_sink_free(o->sink);
  fclose(o->file);
  assert_string_equal(o->text, expected);
  free(o->text);
}

/* A whole table; `cells` are rows of all its columns. */
static void write_table(struct table_sink *sink, const struct table *table, const struct cell *cells, unsigned rows) {
  assert_int_equal(sink->begin(sink, table, NULL), 0);
  for (unsigned i = 0; i < rows; i++) assert_int_equal(sink->row(sink, cells + i * table->column_count, NULL), 0);
  assert_int_equal(sink->end(sink, NULL), 0);
}

static char *long_text(void) {
  enum { SIZE = 64 * 1024 };
  char *text = mem_alloc(SIZE + 1);
  for (unsigned i = 0; i < SIZE; i++) text[i] = (char)('a' + i % 26);
  text[SIZE] = '\0';
  return text;
}

static void expect_every(struct render_options options, const char *expected) {
  struct cell cells[3 * COLUMNS];
  fill_full(cells);
  fill_absent(cells + COLUMNS);
  fill_hostile(cells + 2 * COLUMNS);
  struct output o;
  output_open(&o, options);
  write_table(o.sink, &EVERY, cells, 3);
  output_expect(&o, expected);
}

static void fill_rows(struct cell *cells) {
  fill_full(cells);
  fill_hostile(cells + COLUMNS);
  memcpy(cells + 2 * COLUMNS, cells + COLUMNS, COLUMNS * sizeof *cells);
  cells[2 * COLUMNS + MESSAGES] = cell_count(8);
}

/* Whatever is held, also anew, with columns that are not drawn, too many runs, or through the collector. */
static void what_is_held_is_written_as_its_rows_have_it(void **state) {
  (void)state;
  static const struct { unsigned first, count; } RUNS[] = {{SOURCE, 2}, {PASS, 3}, {FIRST, 1}, {ALIGNED, 3}, {PCT, 1}};
  struct cell cells[3 * COLUMNS];
  fill_rows(cells);
  for (enum table_format format = FORMAT_TEXT; format <= FORMAT_NDJSON; format++) {
    struct output plain, held;
    output_open(&plain, (struct render_options){.format = format});
    output_open(&held, (struct render_options){.format = format});
    write_table(plain.sink, &EVERY, cells, 3);
    struct table_sink *sink = collector_new(held.sink, NULL, 0);
    assert_int_equal(sink->begin(sink, &EVERY, NULL), 0);
    for (unsigned row = 0; row < 3; row++) {
      for (unsigned i = 0; row < 2 && i < ARRAY_SIZE(RUNS); i++)
        sink->hold(sink, RUNS[i].first, RUNS[i].count, cells + row * COLUMNS);
      assert_int_equal(sink->row(sink, cells + row * COLUMNS, NULL), 0);
    }
    assert_int_equal(sink->end(sink, NULL), 0);
    table_sink_free(sink);
    fflush(plain.file);
    _cleanup_free_ char *expected = mem_strdup(plain.text);
    output_expect(&held, expected);
    output_expect(&plain, expected);
  }
}

static void what_was_held_is_forgotten_with_the_next_table(void **state) {
  (void)state;
  struct cell cells[2 * COLUMNS];
  fill_full(cells);
  fill_hostile(cells + COLUMNS);
  struct output o;
  output_open(&o, (struct render_options){.format = FORMAT_NDJSON});
  assert_int_equal(o.sink->begin(o.sink, &EVERY, NULL), 0);
  o.sink->hold(o.sink, SOURCE, COLUMNS, cells);
  assert_int_equal(o.sink->end(o.sink, NULL), 0);
  write_table(o.sink, &EVERY, cells + COLUMNS, 1);
  fflush(o.file);
  assert_non_null(strstr(o.text, "\"messages\":-7"));
  _cleanup_free_ char *text = mem_strdup(o.text);
  output_expect(&o, text);
}

/* --- escaping ----------------------------------------------------------------------------------------------------- */

typedef void escape_fn(struct strbuf *out, const char *text);
static void escape_csv_guarded(struct strbuf *out, const char *text) { escape_csv(out, text, true); }

static void expect_escaped(escape_fn *escape, const char *text, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape(&out, text);
  assert_string_equal(strbuf_text(&out), expected);
}

static void each_ascii_character_is_escaped_only_where_it_has_a_meaning(void **state) {
  (void)state;
  for (char c = 0x20; c < 0x7f; c++) {
    const char text[] = {'x', c, 'x', '\0'};
    char json[16], csv[16];
    snprintf(json, sizeof json, strchr("\"\\", c) ? "\"x\\%cx\"" : "\"x%cx\"", c);
    snprintf(csv, sizeof csv, c == '"' ? "\"x\"%cx\"" : c == ',' ? "\"x%cx\"" : "x%cx", c);
    expect_escaped(escape_json, text, json);
    expect_escaped(escape_csv_guarded, text, csv);
  }
}

static void a_terminal_sees_no_control_character(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "", "");
  expect_escaped(escape_terminal, "plain", "plain");
  expect_escaped(escape_terminal, "\x1b[31m\a\b\r\x7f", "\\x1b[31m\\x07\\x08\\x0d\\x7f");
  expect_escaped(escape_terminal, "a\tb\nc", "a b c");
  expect_escaped(escape_terminal, "\xc2\x80 \xc2\x9b \xc2\x9f \xc2\xa0", "\\u0080 \\u009b \\u009f \xc2\xa0");
}

static void a_terminal_sees_no_reordering_and_nothing_unseen(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "\u061c\u200b\u200c\u200d\u200e\u200f", "\\u061c\\u200b\\u200c\\u200d\\u200e\\u200f");
  expect_escaped(escape_terminal, "\u2028\u2029\u202a\u202e", "\\u2028\\u2029\\u202a\\u202e");
  expect_escaped(escape_terminal, "\u2060\u2066\u2067\u2068\u2069\ufeff", "\\u2060\\u2066\\u2067\\u2068\\u2069\\ufeff");
  expect_escaped(escape_terminal, "\U000e0000\U000e0041\U000e007f", "\\U000e0000\\U000e0041\\U000e007f");
  expect_escaped(escape_terminal, "\u2010\u202f\u2070\u05d0", "\u2010\u202f\u2070\u05d0");
}

static void invalid_utf8_is_shown_byte_by_byte(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "\xff\xfe", "\\xff\\xfe");
  expect_escaped(escape_terminal,
                 "\x80"
                 "a\xc3",
                 "\\x80"
                 "a\\xc3");
  expect_escaped(escape_terminal, "\xc0\xaf\xc1\x81", "\\xc0\\xaf\\xc1\\x81"); /* overlong */
  expect_escaped(escape_terminal, "\xe0\x80\xaf\xf0\x80\x80\xaf", "\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf");
  expect_escaped(escape_terminal, "\xed\xa0\x80", "\\xed\\xa0\\x80");                   /* surrogate */
  expect_escaped(escape_terminal, "\xf4\x90\x80\x80\xf5", "\\xf4\\x90\\x80\\x80\\xf5"); /* beyond U+10FFFF */
  expect_escaped(escape_terminal, "\xe2\x82", "\\xe2\\x82");                            /* cut */
  expect_escaped(escape_terminal, "\xf4\x8f\xbf\xbd\xed\x9f\xbf", "\xf4\x8f\xbf\xbd\xed\x9f\xbf");
}

static void a_terminal_without_utf8_sees_ascii_alone(void **state) {
  (void)state;
  /* The second byte of U+00DB is 0x9b: CSI for a terminal of ISO 8859. */
  expect_escaped(escape_ascii, "\u00db[31m\u4e2d\U0001f600", "\\u00db[31m\\u4e2d\\U0001f600");
}

static void json_strings_are_escaped_as_rfc_8259_asks(void **state) {
  (void)state;
  expect_escaped(escape_json, "", "\"\"");
  expect_escaped(escape_json, "a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
  expect_escaped(escape_json, "\t\r\n\x01\x1b\x1f", "\"\\t\\r\\n\\u0001\\u001b\\u001f\"");
  expect_escaped(escape_json, "\u00e9\u4e2d\U0001f600", "\"\u00e9\u4e2d\U0001f600\"");
  expect_escaped(escape_json,
                 "a\xff"
                 "b\xe2\x82",
                 "\"a\ufffd"
                 "b\ufffd\ufffd\"");
}

static void json_keeps_what_commands_a_terminal_as_an_escape(void **state) {
  (void)state;
  expect_escaped(escape_json, "\x7f\xc2\x9b\u202e\U000e0041", "\"\\u007f\\u009b\\u202e\\udb40\\udc41\"");
}

static void csv_fields_are_quoted_only_where_needed(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "", "");
  expect_escaped(escape_csv_guarded, "plain text; more", "plain text; more");
  expect_escaped(escape_csv_guarded, "a,b", "\"a,b\"");
  expect_escaped(escape_csv_guarded, "say \"hi\"", "\"say \"\"hi\"\"\"");
  expect_escaped(escape_csv_guarded, "a\r\nb", "\"a\r\nb\"");
  expect_escaped(escape_csv_guarded, "\u00e9\u202e,", "\"\u00e9\u202e,\"");
}

static void csv_texts_that_would_run_as_formulas_are_guarded(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "=1+1", "'=1+1");
  expect_escaped(escape_csv_guarded, "+1", "'+1");
  expect_escaped(escape_csv_guarded, "-1", "'-1");
  expect_escaped(escape_csv_guarded, "@SUM(A1)", "'@SUM(A1)");
  expect_escaped(escape_csv_guarded, "\tx", "'\tx");
  expect_escaped(escape_csv_guarded, "\r=x", "\"'\r=x\"");
  expect_escaped(escape_csv_guarded, "\n=x", "\"'\n=x\"");
  expect_escaped(escape_csv_guarded, "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
  expect_escaped(escape_csv_guarded, "a=1", "a=1");
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape_csv(&out, "-1", false);
  assert_string_equal(strbuf_text(&out), "-1");
}

static void csv_holds_neither_controls_nor_invalid_utf8(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "a\x1b[2J\x7f\xc2\x9b\xff\tb", "a\ufffd[2J\ufffd\ufffd\ufffd\tb");
}

static void widths_are_those_of_a_terminal(void **state) {
  (void)state;
  assert_int_equal(escape_width(""), 0);
  assert_int_equal(escape_width("ascii"), 5);
  assert_int_equal(escape_width("\u00e9"), 1);
  assert_int_equal(escape_width("e\u0301"), 1);
  assert_int_equal(escape_width("\u4e2d\u6587 x"), 6);
  assert_int_equal(escape_width("\U0001f600"), 2);
  assert_int_equal(escape_width("\u0378"), 1); /* unassigned */
  assert_int_equal(escape_width("\u2588\u258f\u2026"), 3);
}

static void a_prefix_splits_no_character(void **state) {
  (void)state;
  unsigned width;
  assert_int_equal(escape_prefix("abc", 2, &width), 2);
  assert_int_equal(width, 2);
  assert_int_equal(escape_prefix("a\u4e2d\u6587", 4, &width), 4);
  assert_int_equal(width, 3);
  assert_int_equal(escape_prefix("ae\u0301x", 2, &width), 4);
  assert_int_equal(width, 2);
  assert_int_equal(escape_prefix("abc", 0, &width), 0);
  assert_int_equal(escape_prefix("abc", 9, &width), 3);
}

static void widths_do_not_change_the_thread_s_locale(void **state) {
  (void)state;
  locale_t before = uselocale((locale_t)0);
  escape_width("\u4e2d");
  assert_ptr_equal(uselocale((locale_t)0), before);
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

static void expect_decimal(double number, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  format_decimal(&out, number);
  assert_string_equal(strbuf_text(&out), expected);
}

static void decimals_are_short_and_plain(void **state) {
  (void)state;
  expect_decimal(0, "0");
  expect_decimal(-0.0, "0");
  expect_decimal(1, "1");
  expect_decimal(0.5, "0.5");
  expect_decimal(-0.25, "-0.25");
  expect_decimal(1.0 / 3, "0.333333");
  expect_decimal(0.9821, "0.9821");
  expect_decimal(0.9999999, "1");
  expect_decimal(0.00001, "0.00001");
  expect_decimal(0.0000123456789, "0.0000123457");
  expect_decimal(100, "100");
  expect_decimal(1234567.8, "1234568");
  expect_decimal(12345.678, "12345.7");
  expect_decimal(-1e-20, "0");
  expect_decimal(1e15, "1000000000000000");
  expect_decimal(999999999999999, "999999999999999");
  expect_decimal(1e20, "100000000000000000000");
}

static void decimals_do_not_follow_the_locale(void **state) {
  (void)state;
  static const char *const COMMA_LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
  bool set = false;
  for (size_t i = 0; i < ARRAY_SIZE(COMMA_LOCALES) && !set; i++) set = setlocale(LC_ALL, COMMA_LOCALES[i]) != NULL;
  if (!set) skip();
  char comma[8];
  snprintf(comma, sizeof comma, "%.1f", 0.5);
  expect_decimal(0.5, "0.5");
  expect_decimal(1e20, "100000000000000000000");
  setlocale(LC_ALL, "C");
  assert_string_equal(comma, "0,5");
}

static void expect_integer(int64_t n, bool grouped, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  format_integer(&out, n, grouped);
  assert_string_equal(strbuf_text(&out), expected);
}

static void integers_of_every_size_are_written(void **state) {
  (void)state;
  expect_integer(0, true, "0");
  expect_integer(999, true, "999");
  expect_integer(1000, true, "1,000");
  expect_integer(-1234567, true, "-1,234,567");
  expect_integer(1234567, false, "1234567");
  expect_integer(INT64_MIN, true, "-9,223,372,036,854,775,808");
  expect_integer(INT64_MAX, false, "9223372036854775807");
}

static void only_integers_json_keeps_are_bare(void **state) {
  (void)state;
  assert_true(text_is_integer("0"));
  assert_true(text_is_integer("100"));
  assert_true(text_is_integer("-5"));
  assert_true(text_is_integer("999999999999999"));
  static const char *const TEXTS[] = {"", "-", "007", "-0", "+1", "1.0", " 1", "1 ", "1e3", "0x1", "1000000000000000"};
  for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++) assert_false(text_is_integer(TEXTS[i]));
}

/* A table of one column and its cells, as text. */
static void expect_column(const struct column *column, const struct cell *cells, unsigned count,
                          struct render_options options, const char *expected) {
  struct table table = {.name = "dmarcctl.one", .version = 1, .columns = column, .column_count = 1};
  struct output o;
  output_open(&o, options);
  write_table(o.sink, &table, cells, count);
  output_expect(&o, expected);
}

static void a_share_claims_all_or_nothing_only_where_it_is_so(void **state) {
  (void)state;
  const struct column share = {.key = "share", .type = COLUMN_SHARE};
  const struct cell cells[] = {cell_number(1),       cell_number(0.99996), cell_number(0.9995),
                               cell_number(0.98213), cell_number(0.00001), cell_number(0.0005),
                               cell_number(0),       cell_share(1, 0),     cell_number(1.0 / 0.0)};
  expect_column(&share, cells, ARRAY_SIZE(cells), (struct render_options){0},
                "  share\n"
                "100.0 %\n"
                " 99.9 %\n"
                " 99.9 %\n"
                " 98.2 %\n"
                " <0.1 %\n"
                "  0.1 %\n"
                "  0.0 %\n"
                "      -\n"
                "      -\n");
}

static void good_shares_are_coloured_by_their_height(void **state) {
  (void)state;
  const struct column share = {.key = "share", .type = COLUMN_SHARE, .flags = COLUMN_GOOD};
  const struct cell cells[] = {cell_number(0.99), cell_number(0.95), cell_number(0.9), cell_absent()};
  expect_column(&share, cells, ARRAY_SIZE(cells), (struct render_options){.colour = true},
                " \033[1mshare\033[0m\n"
                "\033[32m99.0 %\033[0m\n"
                "\033[33m95.0 %\033[0m\n"
                "\033[31m90.0 %\033[0m\n"
                "     \033[2m-\033[0m\n");
}

static void a_bar_is_full_only_at_one_and_empty_only_at_zero(void **state) {
  (void)state;
  const struct column bar = {.key = "bar", .type = COLUMN_BAR};
  const struct cell cells[] = {cell_number(1),      cell_number(0.9999), cell_number(0.5), cell_number(0.3),
                               cell_number(0.0001), cell_number(0),      cell_number(7)};
  expect_column(&bar, cells, ARRAY_SIZE(cells), (struct render_options){0},
                "bar\n"
                "████████████████████\n"
                "███████████████████▉\n"
                "██████████\n"
                "██████\n"
                "▏\n"
                "\n"
                "████████████████████\n");
  expect_column(&bar, cells, ARRAY_SIZE(cells), (struct render_options){.ascii = true},
                "bar\n"
                "####################\n"
                "###################\n"
                "##########\n"
                "######\n"
                "#\n"
                "\n"
                "####################\n");
}

/* --- whole tables ------------------------------------------------------------------------------------------------- */

static void csv_holds_every_type(void **state) {
  (void)state;
  expect_every((struct render_options){.format = FORMAT_CSV},
               "source_ip,sender,messages,pass_share,mean_per_day,first_time,day,aligned,selectors,results,"
               "pct\r\n"
               "192.0.2.1,Example Mail,1234567,0.982133,41152.3,2025-03-01T12:00:00Z,2025-03-01,true,s1 s2,"
               "domain=example.com result=pass count=1200; domain=example.net count=1,100\r\n"
               ",,,,,,,,,,\r\n"
               "\"2001:db8::1\r\n"
               "\ufffd]0;owned\ufffd\",\"'=cmd|'/c calc'!A1 \"\"q\"\", \u202egnp\ufffd\ufffd31m 中文\",-7,,-0.5,,,"
               "false,\"'=1+1 a\"\"b\ufffd[2J\",\"domain=\"\"x; result=pass\"\" result=\"\"\"\" count=-5\","
               "007\r\n");
}

static void json_holds_every_type(void **state) {
  (void)state;
  expect_every((struct render_options){.format = FORMAT_JSON},
               "{\"schema\":\"dmarcctl.every\",\"version\":3,\"rows\":[\n"
               "{\"source_ip\":\"192.0.2.1\",\"sender\":\"Example Mail\",\"messages\":1234567,"
               "\"pass_share\":0.982133,\"mean_per_day\":41152.3,\"first_time\":\"2025-03-01T12:00:00Z\","
               "\"day\":\"2025-03-01\",\"aligned\":true,\"selectors\":[\"s1\",\"s2\"],"
               "\"results\":[{\"domain\":\"example.com\",\"result\":\"pass\",\"count\":1200},"
               "{\"domain\":\"example.net\",\"result\":null,\"count\":1}],\"pct\":100},\n"
               "{\"source_ip\":null,\"sender\":null,\"messages\":null,\"pass_share\":null,\"mean_per_day\":null,"
               "\"first_time\":null,\"day\":null,\"aligned\":null,\"selectors\":null,\"results\":null,"
               "\"pct\":null},\n"
               "{\"source_ip\":\"2001:db8::1\\r\\n\\u001b]0;owned\\u0007\","
               "\"sender\":\"=cmd|'/c calc'!A1 \\\"q\\\", \\u202egnp\ufffd\\u009b31m 中文\",\"messages\":-7,"
               "\"pass_share\":null,\"mean_per_day\":-0.5,\"first_time\":null,\"day\":null,\"aligned\":false,"
               "\"selectors\":[\"=1+1\",\"a\\\"b\\u001b[2J\"],\"results\":[{\"domain\":\"x; result=pass\","
               "\"result\":\"\",\"count\":-5}],\"pct\":\"007\"}\n"
               "]}\n");
}

static void ndjson_is_the_rows_alone(void **state) {
  (void)state;
  struct output o;
  output_open(&o, (struct render_options){.format = FORMAT_NDJSON});
  struct cell cells[2 * COLUMNS] = {0};
  cells[MESSAGES] = cells[COLUMNS + MESSAGES] = cell_count(INT64_MIN);
  write_table(o.sink, &EVERY, cells, 2);
  static const char ROW[] =
      "{\"source_ip\":null,\"sender\":null,\"messages\":-9223372036854775808,\"pass_share\":null,\"mean_per_day\":null,"
      "\"first_time\":null,\"day\":null,\"aligned\":null,\"selectors\":null,\"results\":null,\"pct\":null}\n";
  _cleanup_strbuf_ struct strbuf expected = STRBUF_INIT;
  strbuf_printf(&expected, "%s%s", ROW, ROW);
  output_expect(&o, expected.data);
}

static void text_holds_every_type(void **state) {
  (void)state;
  expect_every((struct render_options){0},
               "Every type\n"
               "\n"
               "Source                            Sender                                               Messages "
               "   Pass                           Mean  First                 Day         aligned  Selectors    "
               "     Results\n"
               "192.0.2.1                         Example Mail                                        1,234,567 "
               " 98.2 %  ███████████████████▋  41152.3  2025-03-01T12:00:00Z  2025-03-01  yes      s1, s2       "
               "     domain=example.com result=pass count=1200; domain=example.net count=1\n"
               "-                                 -                                                           - "
               "      -  -                           -  -                     -           -        -            "
               "     -\n"
               "2001:db8::1\\x0d \\x1b]0;owned\\x07  =cmd|'/c calc'!A1 \"q\", \\u202egnp\\xff\\u009b31m 中文      "
               "   -7       -  -                        -0.5  -                     -           no       =1+1, "
               "a\"b\\x1b[2J  domain=\"x; result=pass\" result=\"\" count=-5\n");
}

static void text_of_160_columns_drops_details_first(void **state) {
  (void)state;
  expect_every((struct render_options){.width = 160},
               "Every type\n"
               "\n"
               "Source                            Sender                        Messages    Pass                "
               "           Mean  First                 aligned  Selectors\n"
               "192.0.2.1                         Example Mail                 1,234,567  98.2 %  "
               "███████████████████▋  41152.3  2025-03-01T12:00:00Z  yes      s1, s2\n"
               "-                                 -                                    -       -  -             "
               "              -  -                     -        -\n"
               "2001:db8::1\\x0d \\x1b]0;owned\\x07  =cmd|'/c calc'!A1 \"q\", \\u2…         -7       -  -       "
               "                 -0.5  -                     no       =1+1, a\"b\\x1b[2J\n");
}

static const struct column SLIM_COLUMNS[] = {
    {"source_ip", "Source", COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"organization", "Organization", COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    {"messages", "Messages", COLUMN_COUNT, 0, NULL, 0},
    {"pass_share", "Pass", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    {"pass_bar", "", COLUMN_BAR, COLUMN_DETAIL, NULL, 0},
    {"reporters", "Reporters", COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
};

static void expect_slim(unsigned width, const char *expected) {
  static const struct table SLIM = {.name = "slim", .columns = SLIM_COLUMNS, .column_count = ARRAY_SIZE(SLIM_COLUMNS)};
  const struct cell cells[] = {
      cell_text("192.0.2.1"),
      cell_text("Example"),
      cell_count(1234567),
      cell_number(0.98),
      cell_number(0.98),
      cell_count(9),
      cell_text("2001:db8:1234:5678:9abc:def0:1234:5678"),
      cell_text("Example Mail Delivery Services of the North"),
      cell_count(1),
      cell_number(1),
      cell_number(1),
      cell_count(1),
  };
  struct output o;
  output_open(&o, (struct render_options){.width = width});
  write_table(o.sink, &SLIM, cells, 2);
  output_expect(&o, expected);
}

static void text_of_80_columns_cuts_texts_but_no_figure_and_no_key(void **state) {
  (void)state;
  expect_slim(80,
              "Source                                  Organization           Messages     Pass\n"
              "192.0.2.1                               Example               1,234,567   98.0 %\n"
              "2001:db8:1234:5678:9abc:def0:1234:5678  Example Mail Delive…          1  100.0 %\n");
}

static void text_of_40_columns_is_longer_rather_than_wrong(void **state) {
  (void)state;
  expect_slim(40,
              "Source                                  Organization       Messages     Pass\n"
              "192.0.2.1                               Example           1,234,567   98.0 %\n"
              "2001:db8:1234:5678:9abc:def0:1234:5678  Example Mail De…          1  100.0 %\n");
}

static void text_is_coloured_where_asked(void **state) {
  (void)state;
  expect_every((struct render_options){.width = 160, .colour = true},
               "\033[1mEvery type\033[0m\n"
               "\n"
               "\033[1mSource\033[0m                            \033[1mSender\033[0m                        "
               "\033[1mMessages\033[0m    \033[1mPass\033[0m                           \033[1mMean\033[0m  "
               "\033[1mFirst\033[0m                 \033[1maligned\033[0m  \033[1mSelectors\033[0m\n"
               "\033[1m192.0.2.1\033[0m                         Example Mail                 1,234,567  "
               "\033[33m98.2 %\033[0m  ███████████████████▋  41152.3  2025-03-01T12:00:00Z  yes      s1, s2\n"
               "\033[2m-\033[0m                                 \033[2m-\033[0m                                 "
               "   \033[2m-\033[0m       \033[2m-\033[0m  \033[2m-\033[0m                           "
               "\033[2m-\033[0m  \033[2m-\033[0m                     \033[2m-\033[0m        \033[2m-\033[0m\n"
               "\033[1m2001:db8::1\\x0d \\x1b]0;owned\\x07\033[0m  =cmd|'/c calc'!A1 \"q\", \\u2…         -7    "
               "   \033[2m-\033[0m  \033[2m-\033[0m                        -0.5  \033[2m-\033[0m                "
               "     no       =1+1, a\"b\\x1b[2J\n");
}

static void text_for_a_terminal_without_utf8_is_ascii(void **state) {
  (void)state;
  expect_every((struct render_options){.width = 160, .ascii = true},
               "Every type\n"
               "\n"
               "Source                            Sender                        Messages    Pass                "
               "           Mean  First                 aligned  Selectors\n"
               "192.0.2.1                         Example Mail                 1,234,567  98.2 %  "
               "###################   41152.3  2025-03-01T12:00:00Z  yes      s1, s2\n"
               "-                                 -                                    -       -  -             "
               "              -  -                     -        -\n"
               "2001:db8::1\\x0d \\x1b]0;owned\\x07  =cmd|'/c calc'!A1 \"q\", \\...         -7       -  -       "
               "                 -0.5  -                     no       =1+1, a\"b\\x1b[2J\n");
}

static void the_column_that_offers_itself_is_cut_before_a_wider_one(void **state) {
  (void)state;
  static const struct column COLUMNS_OF_TEXT[] = {
      {.key = "wide", .type = COLUMN_TEXT},
      {.key = "wrap", .type = COLUMN_TEXT, .flags = COLUMN_WRAP},
  };
  static const struct table TABLE = {.name = "t", .columns = COLUMNS_OF_TEXT, .column_count = 2};
  const struct cell cells[] = {cell_text("0123456789012345678901234567890123456789"),
                               cell_text("中文中文中文中文中文中文中文中文")};
  struct output o;
  output_open(&o, (struct render_options){.width = 60});
  write_table(o.sink, &TABLE, cells, 1);
  /* 60 - 40 - 2 leaves 18: eight wide characters are 16, a ninth would leave no place for the ellipsis. */
  output_expect(&o,
                "wide                                      wrap\n"
                "0123456789012345678901234567890123456789  中文中文中文中文…\n");
}

static void a_details_column_goes_only_where_the_line_is_too_narrow(void **state) {
  (void)state;
  static const struct column NARROW[] = {
      {.key = "a", .type = COLUMN_COUNT, .flags = COLUMN_DETAIL},
      {.key = "b", .type = COLUMN_COUNT},
      {.key = "c", .type = COLUMN_COUNT, .flags = COLUMN_DETAIL},
  };
  static const struct table TABLE = {.name = "t", .columns = NARROW, .column_count = 3};
  const struct cell cells[] = {cell_count(1), cell_count(2), cell_count(3)};
  static const char *const EXPECTED[] = {
      [7] = "a  b  c\n1  2  3\n", [6] = "a  b\n1  2\n", [3] = "b\n2\n", [1] = "b\n2\n"};
  for (unsigned width = 0; width < ARRAY_SIZE(EXPECTED); width++) {
    if (!EXPECTED[width]) continue;
    struct output o;
    output_open(&o, (struct render_options){.width = width});
    write_table(o.sink, &TABLE, cells, 1);
    output_expect(&o, EXPECTED[width]);
  }
}

static void an_empty_table_says_so(void **state) {
  (void)state;
  struct table empty = EVERY;
  struct output o;
  output_open(&o, (struct render_options){.colour = true});
  write_table(o.sink, &empty, NULL, 0);
  empty.empty = "No sources yet.\nImport some reports first.";
  empty.title = NULL;
  write_table(o.sink, &empty, NULL, 0);
  output_expect(&o,
                "\033[1mEvery type\033[0m\n\nNo rows.\n"
                "\nNo sources yet.\nImport some reports first.\n");
  output_open(&o, (struct render_options){.format = FORMAT_CSV});
  write_table(o.sink, &empty, NULL, 0);
  output_expect(&o,
                "source_ip,sender,messages,pass_share,mean_per_day,first_time,day,aligned,selectors,results,pct\r\n");
  output_open(&o, (struct render_options){.format = FORMAT_JSON});
  write_table(o.sink, &empty, NULL, 0);
  output_expect(&o, "{\"schema\":\"dmarcctl.every\",\"version\":3,\"rows\":[\n]}\n");
  output_open(&o, (struct render_options){.format = FORMAT_NDJSON});
  write_table(o.sink, &empty, NULL, 0);
  output_expect(&o, "");
}

static const struct column PAIR_COLUMNS[] = {{.key = "name", .type = COLUMN_TEXT}, {.key = "n", .type = COLUMN_COUNT}};
static const struct table PAIR = {
    .name = "dmarcctl.pair", .version = 1, .title = "Pairs", .columns = PAIR_COLUMNS, .column_count = 2};

static void several_tables_follow_each_other(void **state) {
  (void)state;
  const struct cell cells[] = {cell_text("a"), cell_count(1), cell_text("long name"), cell_count(10000)};
  struct output o;
  output_open(&o, (struct render_options){0});
  write_table(o.sink, &PAIR, cells, 1);
  write_table(o.sink, &PAIR, cells, 2);
  output_expect(&o,
                "Pairs\n\nname  n\na     1\n"
                "\nPairs\n\nname            n\na               1\nlong name  10,000\n");
  output_open(&o, (struct render_options){.format = FORMAT_CSV});
  write_table(o.sink, &PAIR, cells, 1);
  write_table(o.sink, &PAIR, cells, 2);
  output_expect(&o, "name,n\r\na,1\r\n\r\nname,n\r\na,1\r\nlong name,10000\r\n");
  output_open(&o, (struct render_options){.format = FORMAT_JSON});
  write_table(o.sink, &PAIR, cells, 1);
  write_table(o.sink, &PAIR, cells, 1);
  output_expect(&o,
                "{\"schema\":\"dmarcctl.pair\",\"version\":1,\"rows\":[\n{\"name\":\"a\",\"n\":1}\n]}\n"
                "{\"schema\":\"dmarcctl.pair\",\"version\":1,\"rows\":[\n{\"name\":\"a\",\"n\":1}\n]}\n");
}

static void a_mixed_text_that_is_a_number_is_not_guarded_in_csv(void **state) {
  (void)state;
  const struct column mixed = {.key = "pct", .type = COLUMN_TEXT, .flags = COLUMN_MIXED};
  const struct cell cells[] = {cell_text("-5"), cell_text("-5%")};
  expect_column(&mixed, cells, 2, (struct render_options){.format = FORMAT_CSV}, "pct\r\n-5\r\n'-5%\r\n");
}

static void only_a_mixed_text_becomes_a_number_in_json(void **state) {
  (void)state;
  const struct column mixed = {.key = "t", .type = COLUMN_TEXT, .flags = COLUMN_MIXED};
  const struct column text = {.key = "t", .type = COLUMN_TEXT};
  const struct cell cell = cell_text("50");
  expect_column(&mixed, &cell, 1, (struct render_options){.format = FORMAT_NDJSON}, "{\"t\":50}\n");
  expect_column(&text, &cell, 1, (struct render_options){.format = FORMAT_NDJSON}, "{\"t\":\"50\"}\n");
}

static void a_letter_on_a_terminal_without_utf8_is_shown_by_its_number(void **state) {
  (void)state;
  const struct column text = {.key = "t", .type = COLUMN_TEXT};
  const struct cell cell = cell_text("Z\u00dbrich");
  expect_column(&text, &cell, 1, (struct render_options){.ascii = true}, "t\nZ\\u00dbrich\n");
}

static void a_long_key_moves_its_own_line_alone(void **state) {
  (void)state;
  static const struct column COLUMNS_OF_KEY[] = {{.key = "name", .type = COLUMN_TEXT, .flags = COLUMN_KEY},
                                                 {.key = "n", .type = COLUMN_COUNT}};
  static const struct table TABLE = {.name = "t", .columns = COLUMNS_OF_KEY, .column_count = 2};
  _cleanup_free_ char *text = long_text();
  const struct cell cells[] = {cell_text(text), cell_count(1), cell_text("b"), cell_count(2)};
  _cleanup_strbuf_ struct strbuf expected = STRBUF_INIT;
  strbuf_printf(&expected, "%-80s  n\n%s  1\n%-80s  2\n", "name", text, "b");
  struct output o;
  output_open(&o, (struct render_options){.width = 90});
  write_table(o.sink, &TABLE, cells, 2);
  output_expect(&o, expected.data);
}

static void a_long_text_is_cut_on_a_terminal_and_whole_elsewhere(void **state) {
  (void)state;
  const struct column column = {.key = "t", .type = COLUMN_TEXT};
  _cleanup_free_ char *text = long_text();
  const struct cell cell = cell_text(text);
  _cleanup_strbuf_ struct strbuf expected = STRBUF_INIT;
  strbuf_printf(&expected, "t\n%.39s…\n", text);
  expect_column(&column, &cell, 1, (struct render_options){.width = 40}, expected.data);
  strbuf_reset(&expected);
  strbuf_printf(&expected, "t\n%.37s...\n", text);
  expect_column(&column, &cell, 1, (struct render_options){.width = 40, .ascii = true}, expected.data);
  strbuf_reset(&expected);
  strbuf_printf(&expected, "t\n%s\n", text);
  expect_column(&column, &cell, 1, (struct render_options){0}, expected.data);
  strbuf_reset(&expected);
  strbuf_printf(&expected, "t\r\n%s\r\n", text);
  expect_column(&column, &cell, 1, (struct render_options){.format = FORMAT_CSV}, expected.data);
  strbuf_reset(&expected);
  strbuf_printf(&expected, "{\"t\":\"%s\"}\n", text);
  expect_column(&column, &cell, 1, (struct render_options){.format = FORMAT_NDJSON}, expected.data);
}

static void rows_behind_the_measured_ones_stream_in_their_widths(void **state) {
  (void)state;
  struct output o;
  output_open(&o, (struct render_options){.width = 20});
  assert_int_equal(o.sink->begin(o.sink, &PAIR, NULL), 0);
  const struct cell first[] = {cell_text("abcdef"), cell_count(1)};
  for (unsigned i = 0; i < 9999; i++) assert_int_equal(o.sink->row(o.sink, first, NULL), 0);
  fflush(o.file);
  assert_int_equal(o.size, 0);
  assert_int_equal(o.sink->row(o.sink, first, NULL), 0);
  fflush(o.file);
  size_t measured = o.size;
  assert_true(measured > 10000 * strlen("abcdef  1\n"));
  const struct cell later[] = {cell_text("abcdefgh"), cell_count(1234)};
  assert_int_equal(o.sink->row(o.sink, later, NULL), 0);
  assert_int_equal(o.sink->end(o.sink, NULL), 0);
  assert_string_equal(o.text + measured, "abcde…  1,234\n");
  table_sink_free(o.sink);
  fclose(o.file);
  free(o.text);
}

static void a_sink_of_no_table_is_freed(void **state) {
  (void)state;
  table_sink_free(NULL);
  for (int format = FORMAT_TEXT; format <= FORMAT_NDJSON; format++) {
    struct table_sink *renderer = renderer_new(stdout, &(struct render_options){.format = (enum table_format)format});
    table_sink_free(collector_new(renderer, "-n", 0));
    table_sink_free(renderer);
  }
}

static void format_words_are_known(void **state) {
  (void)state;
  enum table_format format = FORMAT_CSV;
  assert_false(table_format_parse("xml", &format));
  assert_false(table_format_parse("", &format));
  assert_int_equal(format, FORMAT_CSV);
  assert_true(table_format_parse("text", &format));
  assert_int_equal(format, FORMAT_TEXT);
  assert_true(table_format_parse("ndjson", &format));
  assert_int_equal(format, FORMAT_NDJSON);
}

/* --- JSON, read back ---------------------------------------------------------------------------------------------- */

static const char *json_value(const char *p, unsigned depth);

static const char *json_string(const char *p) {
  if (*p++ != '"') return NULL;
  for (; *p != '"'; p++) {
    if ((unsigned char)*p < 0x20) return NULL;
    if (*p != '\\') continue;
    p++;
    if (*p == 'u' && strspn(p + 1, "0123456789abcdef") < 4) return NULL;
    if (!*p || !strchr("\"\\/bfnrtu", *p)) return NULL;
  }
  return p + 1;
}

static const char *json_number(const char *p) {
  if (*p == '-') p++;
  size_t digits = strspn(p, "0123456789");
  if (!digits || (*p == '0' && digits > 1)) return NULL;
  p += digits;
  if (*p != '.') return p;
  digits = strspn(p + 1, "0123456789");
  return digits ? p + 1 + digits : NULL;
}

static const char *json_members(const char *p, char close, unsigned depth) {
  for (p++; *p != close;) {
    if (close == '}') {
      p = json_string(p);
      if (!p || *p++ != ':') return NULL;
    }
    p = json_value(p, depth + 1);
    if (!p || (*p != ',' && *p != close && *p != '\n')) return NULL;
    if (*p == ',') p++;
    if (*p == '\n') p++;
  }
  return p + 1;
}

static const char *json_value(const char *p, unsigned depth) {
  if (depth > 8) return NULL;
  if (*p == '\n') p++;
  if (*p == '{') return json_members(p, '}', depth);
  if (*p == '[') return json_members(p[1] == '\n' ? p + 1 : p, ']', depth);
  if (*p == '"') return json_string(p);
  static const char *const WORDS[] = {"null", "true", "false"};
  for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strncmp(p, WORDS[i], strlen(WORDS[i]))) return p + strlen(WORDS[i]);
  return json_number(p);
}

/* Any bytes: a generator that needs no seed from outside, so that a failure comes back. */
static void fill_noise(char *text, size_t size, uint32_t *seed) {
  for (size_t i = 0; i + 1 < size; i++) {
    *seed = *seed * 1664525 + 1013904223;
    text[i] = (char)(*seed >> 24);
    if (!text[i]) text[i] = '"';
  }
  text[size - 1] = '\0';
}

static void any_bytes_give_valid_json(void **state) {
  (void)state;
  uint32_t seed = 1;
  struct output o;
  output_open(&o, (struct render_options){.format = FORMAT_JSON});
  assert_int_equal(o.sink->begin(o.sink, &EVERY, NULL), 0);
  for (unsigned i = 0; i < 2000; i++) {
    char text[64];
    const char *const items[] = {text};
    fill_noise(text, sizeof text, &seed);
    struct cell cells[COLUMNS];
    fill_hostile(cells);
    cells[SENDER] = cells[PCT] = cell_text(text);
    cells[SELECTORS] = (struct cell){.present = true, .words = {items, 1}};
    cells[MEAN] = cell_number((double)(int32_t)seed / 1e7);
    assert_int_equal(o.sink->row(o.sink, cells, NULL), 0);
  }
  assert_int_equal(o.sink->end(o.sink, NULL), 0);
  table_sink_free(o.sink);
  fclose(o.file);
  const char *end = json_value(o.text, 0);
  assert_non_null(end);
  assert_string_equal(end, "\n");
  free(o.text);
}

static void any_bytes_are_harmless_on_a_terminal(void **state) {
  (void)state;
  uint32_t seed = 2;
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  for (unsigned i = 0; i < 2000; i++) {
    char text[64];
    fill_noise(text, sizeof text, &seed);
    strbuf_reset(&out);
    escape_terminal(&out, text);
    for (const char *p = out.data; *p; p++) {
      assert_false((unsigned char)*p < 0x20 || *p == 0x7f);
      assert_false(*p == '\xc2' && (unsigned char)p[1] < 0xa0);
    }
    strbuf_reset(&out);
    escape_ascii(&out, text);
    for (const char *p = out.data; *p; p++) assert_false((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f);
  }
}

/* --- the collector ------------------------------------------------------------------------------------------------ */

/* Notes the messages column of each row that arrives, "1 2 3", and how many were left out. */
struct recorder {
  struct table_sink sink;
  struct strbuf seen;
  uint64_t left_out;
  bool ended;
};
static int recorder_begin(struct table_sink *s, const struct table *table, struct err *e) {
  (void)table, (void)e;
  ((struct recorder *)s)->ended = false;
  return 0;
}
static int recorder_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)e;
  struct strbuf *seen = &((struct recorder *)s)->seen;
  if (seen->length) strbuf_add_char(seen, ' ');
  format_integer(seen, cells[MESSAGES].count, false);
  return 0;
}
static int recorder_end(struct table_sink *s, struct err *e) {
  (void)e;
  ((struct recorder *)s)->ended = true;
  return 0;
}
static void recorder_left_out(struct table_sink *s, uint64_t rows) { ((struct recorder *)s)->left_out = rows; }
static void recorder_init(struct recorder *r) {
  *r = (struct recorder){.sink = {recorder_begin, recorder_row, recorder_end, recorder_left_out, NULL}};
}

/* Five rows, numbered by their messages 1..5; `sort` names what differs. */
static void send_five(struct table_sink *sink) {
  static const char *const NAMES[] = {"b", NULL, "a", "B", "b"};
  static const double SHARES[] = {0.5, 0.1, 0.0 / 0.0, 1, 0.5};
  static const char *const WORDS[][1] = {{"y"}, {"x"}, {"y"}, {"z"}, {NULL}};
  static const char *const PCTS[] = {"100", "9", "(none)", NULL, "50"};
  assert_int_equal(sink->begin(sink, &EVERY, NULL), 0);
  for (unsigned i = 0; i < 5; i++) {
    struct cell cells[COLUMNS];
    fill_full(cells);
    cells[SENDER] = cell_text(NAMES[i]);
    cells[MESSAGES] = cell_count(i + 1);
    cells[PASS] = cells[MEAN] = cell_number(SHARES[i]);
    cells[FIRST] = cells[DAY] = cell_time(i == 1 ? INT64_MIN : NOON - (int64_t)(i / 2) * 86400);
    cells[ALIGNED] = i == 3 ? cell_absent() : cell_yes(i % 2);
    cells[SELECTORS] = (struct cell){.present = true, .words = {WORDS[i], WORDS[i][0] != NULL}};
    cells[PCT] = cell_text(PCTS[i]);
    assert_int_equal(sink->row(sink, cells, NULL), 0);
  }
  assert_int_equal(sink->end(sink, NULL), 0);
}

static void expect_order(const char *sort, uint64_t limit, const char *expected, uint64_t left_out) {
  struct recorder r;
  recorder_init(&r);
  struct table_sink *collector = collector_new(&r.sink, sort, limit);
  for (int again = 0; again < 2; again++) {
    strbuf_reset(&r.seen);
    send_five(collector);
    assert_string_equal(strbuf_text(&r.seen), expected);
    assert_int_equal(r.left_out, left_out);
    assert_true(r.ended);
  }
  table_sink_free(collector);
  strbuf_clear(&r.seen);
}

static void every_type_sorts_stably_with_absent_last(void **state) {
  (void)state;
  expect_order(NULL, 0, "1 2 3 4 5", 0);
  expect_order("messages", 0, "1 2 3 4 5", 0);
  expect_order("-messages", 0, "5 4 3 2 1", 0);
  expect_order("sender", 0, "4 3 1 5 2", 0);
  expect_order("-sender", 0, "1 5 3 4 2", 0);
  expect_order("pass_share", 0, "2 1 5 4 3", 0);
  expect_order("-pass_share", 0, "4 1 5 2 3", 0);
  expect_order("mean_per_day", 0, "2 1 5 4 3", 0);
  expect_order("first_time", 0, "5 3 4 1 2", 0);
  expect_order("-first_time", 0, "1 3 4 5 2", 0);
  expect_order("-day", 0, "1 3 4 5 2", 0);
  expect_order("aligned", 0, "1 3 5 2 4", 0);
  expect_order("-aligned", 0, "2 1 3 5 4", 0);
  expect_order("selectors", 0, "2 1 3 4 5", 0);
  expect_order("-selectors", 0, "4 1 3 2 5", 0);
  expect_order("pct", 0, "2 5 1 3 4", 0);
  expect_order("-pct", 0, "3 1 5 2 4", 0);
}

static void a_limit_counts_what_it_leaves_out(void **state) {
  (void)state;
  expect_order(NULL, 2, "1 2", 3);
  expect_order("-messages", 2, "5 4", 3);
  expect_order("-messages", 5, "5 4 3 2 1", 0);
  expect_order(NULL, 9, "1 2 3 4 5", 0);
}

static void a_limit_alone_keeps_no_row_back(void **state) {
  (void)state;
  struct recorder r;
  recorder_init(&r);
  struct table_sink *collector = collector_new(&r.sink, NULL, 1);
  struct cell cells[COLUMNS];
  fill_full(cells);
  assert_int_equal(collector->begin(collector, &EVERY, NULL), 0);
  assert_int_equal(collector->row(collector, cells, NULL), 0);
  assert_string_equal(strbuf_text(&r.seen), "1234567");
  table_sink_free(collector);
  strbuf_clear(&r.seen);
}

static void the_largest_of_many_are_found_in_their_order(void **state) {
  (void)state;
  struct recorder r;
  recorder_init(&r);
  struct table_sink *collector = collector_new(&r.sink, "-pass_share", 4);
  struct cell cells[COLUMNS];
  fill_full(cells);
  assert_int_equal(collector->begin(collector, &EVERY, NULL), 0);
  for (int i = 0; i < 30000; i++) {
    cells[MESSAGES] = cell_count(i);
    cells[PASS] = cell_number(i == 29999 ? 0.9 : i % 10000 == 5 ? 0.8 : 0.1);
    assert_int_equal(collector->row(collector, cells, NULL), 0);
  }
  assert_int_equal(collector->end(collector, NULL), 0);
  assert_string_equal(strbuf_text(&r.seen), "29999 5 10005 20005");
  assert_int_equal(r.left_out, 29996);
  table_sink_free(collector);
  strbuf_clear(&r.seen);
}

static void cells_are_copied_with_all_they_point_to(void **state) {
  (void)state;
  struct output o;
  output_open(&o, (struct render_options){.format = FORMAT_NDJSON});
  struct table_sink *collector = collector_new(o.sink, "sender", 0);
  char name[] = "name", word[] = "word", domain[] = "example.org";
  const char *items[] = {word};
  struct cell nested[] = {cell_text(domain), cell_absent(), cell_count(1)};
  struct cell cells[COLUMNS] = {0};
  cells[SENDER] = cell_text(name);
  cells[SELECTORS] = (struct cell){.present = true, .words = {items, 1}};
  cells[RESULTS] = (struct cell){.present = true, .rows = {nested, 1}};
  assert_int_equal(collector->begin(collector, &EVERY, NULL), 0);
  assert_int_equal(collector->row(collector, cells, NULL), 0);
  memset(name, 'x', 4);
  memset(word, 'x', 4);
  memset(domain, 'x', 4);
  memset(nested, 0, sizeof nested);
  memset(cells, 0, sizeof cells);
  items[0] = NULL;
  assert_int_equal(collector->end(collector, NULL), 0);
  table_sink_free(collector);
  output_expect(&o,
                "{\"source_ip\":null,\"sender\":\"name\",\"messages\":null,\"pass_share\":null,\"mean_per_day\":null,"
                "\"first_time\":null,\"day\":null,\"aligned\":null,\"selectors\":[\"word\"],"
                "\"results\":[{\"domain\":\"example.org\",\"result\":null,\"count\":1}],\"pct\":null}\n");
}

static void an_unknown_sort_column_lists_those_there_are(void **state) {
  (void)state;
  static const char *const SORTS[] = {"bogus", "-bogus", "", "-", "pass_bar", "results"};
  for (size_t i = 0; i < ARRAY_SIZE(SORTS); i++) {
    struct recorder r;
    recorder_init(&r);
    struct table_sink *collector = collector_new(&r.sink, SORTS[i], 0);
    struct err e;
    assert_int_equal(collector->begin(collector, &EVERY, &e), ERR_USAGE);
    char expected[256];
    snprintf(
        expected, sizeof expected,
        "no column \"%s\" to sort by; there are: source_ip, sender, messages, pass_share, mean_per_day, first_time, "
        "day, aligned, selectors, pct",
        SORTS[i] + (SORTS[i][0] == '-'));
    assert_string_equal(e.text, expected);
    table_sink_free(collector);
  }
}

static void expect_remark(struct render_options options, unsigned rows, const char *expected) {
  struct output o;
  output_open(&o, options);
  struct table_sink *collector = collector_new(o.sink, NULL, 1);
  const struct cell cells[] = {cell_text("a"), cell_count(1)};
  struct table table = PAIR;
  table.title = NULL;
  assert_int_equal(collector->begin(collector, &table, NULL), 0);
  for (unsigned i = 0; i < rows; i++) assert_int_equal(collector->row(collector, cells, NULL), 0);
  assert_int_equal(collector->end(collector, NULL), 0);
  table_sink_free(collector);
  output_expect(&o, expected);
}

static void text_alone_says_how_many_rows_were_left_out(void **state) {
  (void)state;
  expect_remark((struct render_options){0}, 1, "name  n\na     1\n");
  expect_remark((struct render_options){0}, 2, "name  n\na     1\n… 1 more row; --limit 0 shows all\n");
  expect_remark((struct render_options){.ascii = true}, 1235,
                "name  n\na     1\n... 1,234 more rows; --limit 0 shows all\n");
  expect_remark((struct render_options){.colour = true}, 3,
                "\033[1mname\033[0m  \033[1mn\033[0m\na     1\n\033[2m… 2 more rows; --limit 0 shows all\033[0m\n");
  expect_remark((struct render_options){.format = FORMAT_CSV}, 3, "name,n\r\na,1\r\n");
  expect_remark((struct render_options){.format = FORMAT_NDJSON}, 3, "{\"name\":\"a\",\"n\":1}\n");
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static int fill_disk(struct table_sink *sink, unsigned rows, struct err *e) {
  struct cell cells[COLUMNS];
  fill_full(cells);
  int code = sink->begin(sink, &EVERY, e);
  for (unsigned i = 0; code >= 0 && i < rows; i++) code = sink->row(sink, cells, e);
  return code < 0 ? code : sink->end(sink, e);
}

static void a_full_disk_is_told(void **state) {
  (void)state;
  static const unsigned ROWS[] = {1, 11000};
  for (int format = FORMAT_TEXT; format <= FORMAT_NDJSON; format++) {
    for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
      _cleanup_fclose_ FILE *full = fopen("/dev/full", "w");
      if (!full) skip();
      struct table_sink *sink = renderer_new(full, &(struct render_options){.format = (enum table_format)format});
      struct err e;
      assert_int_equal(fill_disk(sink, ROWS[i], &e), ERR_IO);
      assert_string_equal(e.text, "cannot write the output: No space left on device");
      table_sink_free(sink);
    }
  }
}

static void an_error_passes_through_the_collector(void **state) {
  (void)state;
  _cleanup_fclose_ FILE *full = fopen("/dev/full", "w");
  if (!full) skip();
  struct table_sink *sink = renderer_new(full, &(struct render_options){.format = FORMAT_CSV});
  struct table_sink *collector = collector_new(sink, "messages", 0);
  struct err e;
  assert_int_equal(fill_disk(collector, 1000, &e), ERR_IO);
  assert_string_equal(e.text, "cannot write the output: No space left on device");
  table_sink_free(collector);
  table_sink_free(sink);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_ascii_character_is_escaped_only_where_it_has_a_meaning),
      cmocka_unit_test(a_terminal_sees_no_control_character),
      cmocka_unit_test(a_terminal_sees_no_reordering_and_nothing_unseen),
      cmocka_unit_test(invalid_utf8_is_shown_byte_by_byte),
      cmocka_unit_test(a_terminal_without_utf8_sees_ascii_alone),
      cmocka_unit_test(json_strings_are_escaped_as_rfc_8259_asks),
      cmocka_unit_test(json_keeps_what_commands_a_terminal_as_an_escape),
      cmocka_unit_test(csv_fields_are_quoted_only_where_needed),
      cmocka_unit_test(csv_texts_that_would_run_as_formulas_are_guarded),
      cmocka_unit_test(csv_holds_neither_controls_nor_invalid_utf8),
      cmocka_unit_test(widths_are_those_of_a_terminal),
      cmocka_unit_test(a_prefix_splits_no_character),
      cmocka_unit_test(widths_do_not_change_the_thread_s_locale),
      cmocka_unit_test(decimals_are_short_and_plain),
      cmocka_unit_test(decimals_do_not_follow_the_locale),
      cmocka_unit_test(integers_of_every_size_are_written),
      cmocka_unit_test(only_integers_json_keeps_are_bare),
      cmocka_unit_test(a_share_claims_all_or_nothing_only_where_it_is_so),
      cmocka_unit_test(good_shares_are_coloured_by_their_height),
      cmocka_unit_test(a_bar_is_full_only_at_one_and_empty_only_at_zero),
      cmocka_unit_test(what_is_held_is_written_as_its_rows_have_it),
      cmocka_unit_test(what_was_held_is_forgotten_with_the_next_table),
      cmocka_unit_test(csv_holds_every_type),
      cmocka_unit_test(json_holds_every_type),
      cmocka_unit_test(ndjson_is_the_rows_alone),
      cmocka_unit_test(text_holds_every_type),
      cmocka_unit_test(text_of_160_columns_drops_details_first),
      cmocka_unit_test(text_of_80_columns_cuts_texts_but_no_figure_and_no_key),
      cmocka_unit_test(text_of_40_columns_is_longer_rather_than_wrong),
      cmocka_unit_test(text_is_coloured_where_asked),
      cmocka_unit_test(text_for_a_terminal_without_utf8_is_ascii),
      cmocka_unit_test(the_column_that_offers_itself_is_cut_before_a_wider_one),
      cmocka_unit_test(a_details_column_goes_only_where_the_line_is_too_narrow),
      cmocka_unit_test(an_empty_table_says_so),
      cmocka_unit_test(several_tables_follow_each_other),
      cmocka_unit_test(a_mixed_text_that_is_a_number_is_not_guarded_in_csv),
      cmocka_unit_test(only_a_mixed_text_becomes_a_number_in_json),
      cmocka_unit_test(a_letter_on_a_terminal_without_utf8_is_shown_by_its_number),
      cmocka_unit_test(a_long_key_moves_its_own_line_alone),
      cmocka_unit_test(a_long_text_is_cut_on_a_terminal_and_whole_elsewhere),
      cmocka_unit_test(rows_behind_the_measured_ones_stream_in_their_widths),
      cmocka_unit_test(a_sink_of_no_table_is_freed),
      cmocka_unit_test(format_words_are_known),
      cmocka_unit_test(any_bytes_give_valid_json),
      cmocka_unit_test(any_bytes_are_harmless_on_a_terminal),
      cmocka_unit_test(every_type_sorts_stably_with_absent_last),
      cmocka_unit_test(a_limit_counts_what_it_leaves_out),
      cmocka_unit_test(a_limit_alone_keeps_no_row_back),
      cmocka_unit_test(the_largest_of_many_are_found_in_their_order),
      cmocka_unit_test(cells_are_copied_with_all_they_point_to),
      cmocka_unit_test(an_unknown_sort_column_lists_those_there_are),
      cmocka_unit_test(text_alone_says_how_many_rows_were_left_out),
      cmocka_unit_test(a_full_disk_is_told),
      cmocka_unit_test(an_error_passes_through_the_collector),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
