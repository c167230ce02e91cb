/* SPDX-License-Identifier: Apache-2.0 */
/* The collector: sorting, limits, and copies of cells. */
#include "base/figure.h"
#include "table_kit.h"

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
  figure_integer(seen, cells[MESSAGES].count, false);
  return 0;
}
static int recorder_end(struct table_sink *s, struct err *e) {
  (void)e;
  ((struct recorder *)s)->ended = true;
  return 0;
}
static void recorder_left_out(struct table_sink *s, uint64_t rows) { ((struct recorder *)s)->left_out = rows; }
static void recorder_init(struct recorder *r) {
  *r = (struct recorder){
      .sink = {.begin = recorder_begin, .row = recorder_row, .end = recorder_end, .left_out = recorder_left_out}};
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

static void the_last_of_an_order_may_be_wanted(void **state) {
  (void)state;
  expect_order("+messages", 0, "1 2 3 4 5", 0);
  expect_order("+messages", 2, "4 5", 3);
  expect_order("+messages", 5, "1 2 3 4 5", 0);
  expect_order("+first_time", 0, "2 5 4 3 1", 0);
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

/* As it would have come without being kept, a prune or two behind. */
static void a_row_that_is_kept_comes_out_as_it_went_in(void **state) {
  (void)state;
  enum { KEPT = 6, MANY = 10000 };
  static const int64_t COUNTS[] = {0, -1, INT64_MAX, INT64_MIN, 64, 8192};
  struct output plain, sorted;
  output_open(&plain, (struct render_options){.format = FORMAT_NDJSON});
  output_open(&sorted, (struct render_options){.format = FORMAT_NDJSON});
  struct table_sink *collector = collector_new(sorted.sink, "-mean_per_day", KEPT);
  _cleanup_free_ char *text = long_text();
  struct cell cells[COLUMNS];
  assert_int_equal(plain.sink->begin(plain.sink, &EVERY, NULL), 0);
  assert_int_equal(collector->begin(collector, &EVERY, NULL), 0);
  for (unsigned i = 0; i < MANY; i++) {
    (i % 3 == 0 ? fill_full : i % 3 == 1 ? fill_hostile : fill_absent)(cells);
    cells[MESSAGES] = cell_count(COUNTS[i % KEPT]);
    cells[MEAN] = cell_number(i < KEPT ? 2.0 * KEPT - i : -1.0 * i);
    if (i == 1) cells[SENDER] = cell_text(text);
    if (i == 2) cells[SELECTORS] = cells[RESULTS] = (struct cell){.present = true}; /* of nothing */
    if (i < KEPT) assert_int_equal(plain.sink->row(plain.sink, cells, NULL), 0);
    assert_int_equal(collector->row(collector, cells, NULL), 0);
  }
  assert_int_equal(plain.sink->end(plain.sink, NULL), 0);
  assert_int_equal(collector->end(collector, NULL), 0);
  table_sink_free(collector);
  table_sink_free(plain.sink);
  fclose(plain.file);
  output_expect(&sorted, plain.text);
  free(plain.text);
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

static void a_sort_column_that_is_misspelt_is_told_with_the_one_that_was_meant(void **state) {
  (void)state;
  struct recorder r;
  struct err e;
  recorder_init(&r);
  struct table_sink *collector = collector_new(&r.sink, "-mesages", 0);
  assert_int_equal(collector->begin(collector, &EVERY, &e), ERR_USAGE);
  assert_non_null(strstr(e.text, "no column \"mesages\" to sort by: did you mean messages? There are: source_ip, "));
  table_sink_free(collector);
}

/* `rows` rows, of which one passes the limit, and a sum of them that comes first. */
static void expect_total(enum table_format format, unsigned rows, const char *expected) {
  struct output o;
  output_open(&o, (struct render_options){.format = format});
  struct table_sink *collector = collector_new(o.sink, "-n", 1);
  struct table table = PAIR;
  table.title = NULL;
  assert_int_equal(collector->begin(collector, &table, NULL), 0);
  const struct cell total[] = {cell_text("all of them"), cell_count(3)};
  assert_int_equal(table_sink_total(collector, total, NULL), 0);
  for (unsigned i = 0; i < rows; i++) {
    const struct cell cells[] = {cell_text("a"), cell_count(i + 1)};
    assert_int_equal(collector->row(collector, cells, NULL), 0);
  }
  assert_int_equal(collector->end(collector, NULL), 0);
  table_sink_free(collector);
  output_expect(&o, expected);
}

static void a_row_that_sums_others_up_stands_below_them_in_text_alone(void **state) {
  (void)state;
  expect_total(FORMAT_TEXT, 2, "name         n\na            2\nall of them  3\n… 1 more row; --limit 0 shows all\n");
  expect_total(FORMAT_TEXT, 0, "name         n\nall of them  3\n"); /* all that there is was folded into it */
  expect_total(FORMAT_CSV, 2, "name,n\r\na,2\r\n");
  expect_total(FORMAT_NDJSON, 2, "{\"name\":\"a\",\"n\":2}\n");
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_sorts_stably_with_absent_last),
      cmocka_unit_test(a_limit_counts_what_it_leaves_out),
      cmocka_unit_test(the_last_of_an_order_may_be_wanted),
      cmocka_unit_test(a_limit_alone_keeps_no_row_back),
      cmocka_unit_test(the_largest_of_many_are_found_in_their_order),
      cmocka_unit_test(cells_are_copied_with_all_they_point_to),
      cmocka_unit_test(a_row_that_is_kept_comes_out_as_it_went_in),
      cmocka_unit_test(an_unknown_sort_column_lists_those_there_are),
      cmocka_unit_test(a_sort_column_that_is_misspelt_is_told_with_the_one_that_was_meant),
      cmocka_unit_test(a_row_that_sums_others_up_stands_below_them_in_text_alone),
      cmocka_unit_test(text_alone_says_how_many_rows_were_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
