/* SPDX-License-Identifier: Apache-2.0 */
/* Whole tables through every renderer, and a disk that is full. */
#include "table_kit.h"

/* --- cells that are held ------------------------------------------------------------------------------------------ */

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
    {"source_ip", "Source", COLUMN_TEXT, COLUMN_KEY}, {"organization", "Organization", COLUMN_TEXT, COLUMN_WRAP},
    {"messages", "Messages", COLUMN_COUNT, 0},        {"pass_share", "Pass", COLUMN_SHARE, COLUMN_GOOD},
    {"pass_bar", "", COLUMN_BAR, COLUMN_DETAIL},      {"reporters", "Reporters", COLUMN_COUNT, COLUMN_DETAIL},
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

static void what_is_hidden_is_told_to_who_can_ask_for_it(void **state) {
  (void)state;
  static const struct column NARROW[] = {{.key = "b", .type = COLUMN_COUNT},
                                         {.key = "c", .type = COLUMN_COUNT, .flags = COLUMN_DETAIL}};
  static const struct table TABLE = {.name = "t", .columns = NARROW, .column_count = 2};
  const struct cell cells[] = {cell_count(1), cell_count(2)};
  struct output o;
  output_open(&o, (struct render_options){.width = 3, .tells_hidden = true});
  write_table(o.sink, &TABLE, cells, 1);
  output_expect(&o, "b\n1\n… 1 more column with --wide\n");
  output_open(&o, (struct render_options){.width = 4, .tells_hidden = true});
  write_table(o.sink, &TABLE, cells, 1);
  output_expect(&o, "b  c\n1  2\n");
}

static void verdicts_and_gates_have_colours(void **state) {
  (void)state;
  static const struct column STATES[] = {{.key = "state", .type = COLUMN_TEXT, .flags = COLUMN_KEY | COLUMN_STATE}};
  static const struct table TABLE = {.name = "t", .columns = STATES, .column_count = 1};
  const struct cell cells[] = {cell_text("READY"), cell_text("STALE"), cell_text("FAIL"), cell_text("else")};
  struct output o;
  output_open(&o, (struct render_options){.colour = true});
  write_table(o.sink, &TABLE, cells, 4);
  output_expect(
      &o, "\033[1mstate\033[0m\n\033[32mREADY\033[0m\n\033[33mSTALE\033[0m\n\033[31mFAIL\033[0m\n\033[1melse\033[0m\n");
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
      cmocka_unit_test(what_is_hidden_is_told_to_who_can_ask_for_it),
      cmocka_unit_test(verdicts_and_gates_have_colours),
      cmocka_unit_test(an_empty_table_says_so),
      cmocka_unit_test(several_tables_follow_each_other),
      cmocka_unit_test(a_mixed_text_that_is_a_number_is_not_guarded_in_csv),
      cmocka_unit_test(only_a_mixed_text_becomes_a_number_in_json),
      cmocka_unit_test(a_letter_on_a_terminal_without_utf8_is_shown_by_its_number),
      cmocka_unit_test(a_long_key_moves_its_own_line_alone),
      cmocka_unit_test(a_long_text_is_cut_on_a_terminal_and_whole_elsewhere),
      cmocka_unit_test(rows_behind_the_measured_ones_stream_in_their_widths),
      cmocka_unit_test(a_sink_of_no_table_is_freed),
      cmocka_unit_test(a_full_disk_is_told),
      cmocka_unit_test(an_error_passes_through_the_collector),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
