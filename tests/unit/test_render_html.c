/* SPDX-License-Identifier: Apache-2.0 */
/* HTML, Markdown and the chart: what each value becomes, and that no text becomes anything else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "table/chart.h"
#include "table/document.h"
#include "table/escape.h"
#include "table/page_table.h"

/* clang-format off */
enum { NAME, COUNT, SHARE, NUMBER, DAY, YES, WORDS, ROWS, STATE, HIDDEN, DETAIL, COLUMNS_OF_ALL };
static const struct column NESTED[] = {{"a", NULL, COLUMN_TEXT, 0}, {"b", NULL, COLUMN_COUNT, 0}};
static const struct table NESTED_TABLE = NESTED_ROWS(NESTED);
static const struct column ALL_COLUMNS[COLUMNS_OF_ALL] = {
    [NAME] = {"name", NULL, COLUMN_TEXT, COLUMN_KEY},
    [COUNT] = {"messages", NULL, COLUMN_COUNT, 0},
    [SHARE] = {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD},
    [NUMBER] = {"per_day", "a day", COLUMN_NUMBER, 0},
    [DAY] = {"day", NULL, COLUMN_DAY, 0},
    [YES] = {"ok", NULL, COLUMN_YES_NO, 0},
    [WORDS] = {"words", NULL, COLUMN_WORDS, 0},
    [ROWS] = {"rows", NULL, COLUMN_ROWS, 0, &NESTED_TABLE},
    [STATE] = {"state", "", COLUMN_TEXT, COLUMN_STATE},
    [HIDDEN] = {"hidden", NULL, COLUMN_TEXT, COLUMN_DATA},
    [DETAIL] = {"detail", NULL, COLUMN_TEXT, COLUMN_DETAIL},
};
static const struct column DAY_COLUMNS[] = {
    {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    {"pass", "passes <b>", COLUMN_COUNT, 0},
    {"fail", NULL, COLUMN_COUNT, 0},
    {"secret", NULL, COLUMN_COUNT, COLUMN_DATA},
};
/* clang-format on */
static const struct table ALL = {"dmarcctl.all", 1, NULL, "Nothing <here>.", ALL_COLUMNS, COLUMNS_OF_ALL};
static const struct table NAMES = {"dmarcctl.names", 1, NULL, NULL, ALL_COLUMNS, 1};
static const struct table DAYS = {"dmarcctl.days", 1, NULL, NULL, DAY_COLUMNS, 4};

struct fixture {
  FILE *file;
  char *text;
  size_t size;
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->file = open_memstream(&f->text, &f->size);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  fclose(f->file);
  free(f->text);
  free(f);
  return 0;
}

static const char *written(struct fixture *f) {
  fflush(f->file);
  return f->text ? f->text : "";
}

/* A whole table of one column, `count` rows. Frees the sink. */
static const char *draw_names(struct fixture *f, struct table_sink *sink, const char *const *names, unsigned count) {
  assert_int_equal(sink->begin(sink, &NAMES, &f->e), 0);
  for (unsigned i = 0; i < count; i++) {
    const struct cell cell = cell_text(names[i]);
    assert_int_equal(sink->row(sink, &cell, &f->e), 0);
  }
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  return written(f);
}

static void draw_all(struct fixture *f, struct table_sink *sink) {
  static const char *const ITEMS[] = {"one", "two"};
  const struct cell nested[] = {cell_text("x<y"), cell_count(1), cell_text("z"), cell_absent()};
  const struct cell cells[COLUMNS_OF_ALL] = {
      [NAME] = cell_text("a & b"),
      [COUNT] = cell_count(1234567),
      [SHARE] = cell_number(0.9999),
      [NUMBER] = cell_number(8.25),
      [DAY] = cell_time(1790812800),
      [YES] = cell_yes(true),
      [WORDS] = {.present = true, .words = {ITEMS, 2}},
      [ROWS] = {.present = true, .rows = {nested, 2}},
      [STATE] = cell_text("FAIL"),
      [HIDDEN] = cell_text("unseen"),
      [DETAIL] = cell_text("fine print"),
  };
  const struct cell nothing[COLUMNS_OF_ALL] = {[NAME] = cell_text("empty"), [SHARE] = cell_number(NAN)};
  assert_int_equal(sink->begin(sink, &ALL, &f->e), 0);
  assert_int_equal(sink->row(sink, cells, &f->e), 0);
  assert_int_equal(sink->row(sink, nothing, &f->e), 0);
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
}

static void assert_has(const char *text, const char *part) {
  if (!text || !strstr(text, part)) fail_msg("\"%s\" is not in:\n%s", part, text ? text : "nothing");
}
static void assert_lacks(const char *text, const char *part) {
  if (text && strstr(text, part)) fail_msg("\"%s\" is in:\n%s", part, text);
}

static unsigned count_of(const char *text, const char *part) {
  unsigned n = 0;
  while ((text = strstr(text, part))) n++, text += strlen(part);
  return n;
}

/* --- HTML --------------------------------------------------------------------------------------------------------- */

static void each_type_has_its_cell_in_html(void **state) {
  struct fixture *f = *state;
  draw_all(f, html_table_new(f->file, &(struct page_table){.is_dense = true}));
  const char *out = written(f);
  assert_has(out, "<th scope=\"col\" class=\"n\">pass</th>");
  assert_has(out, "<th scope=\"row\" class=\"k\">a &amp; b</th>");
  assert_has(out, "<td class=\"n\" data-sort=\"1234567\">1,234,567</td>");
  assert_has(out, "<td class=\"n good\" data-sort=\"0.9999\">99.9 %<svg class=\"bar\"");
  assert_has(out, "<rect class=\"part\" width=\"99.99\" height=\"6\"/>");
  assert_has(out, "<td class=\"n\" data-sort=\"8.25\">8.25</td>");
  assert_has(out, "<td class=\"o\">2026-10-01</td>");
  assert_has(out, "<td>yes</td><td class=\"w\">one, two</td>");
  assert_has(out, "<li>a x&lt;y, b 1</li><li>a z</li>");
  assert_has(out, "<td class=\"poor\">FAIL</td>");
  assert_has(out, "<td>fine print</td>");
  assert_lacks(out, "unseen");
}

static void what_is_absent_is_marked_for_the_eye_and_for_sorting(void **state) {
  struct fixture *f = *state;
  draw_all(f, html_table_new(f->file, &(struct page_table){.is_dense = true}));
  assert_has(written(f),
             "<tr><th scope=\"row\" class=\"k\">empty</th><td class=\"n x\">–</td><td class=\"n x\">–</td>");
}

/* On a telephone a row is a card, and the head of the table is gone. */
static void each_cell_of_a_card_is_named(void **state) {
  struct fixture *f = *state;
  draw_all(f, html_table_new(f->file, NULL));
  const char *out = written(f);
  assert_has(out, "<table class=\"cards wide\">");
  assert_has(out, "<td class=\"n\" data-label=\"messages\" data-sort=\"1234567\">1,234,567</td>");
  assert_has(out, "<td class=\"n x\" data-label=\"pass\">–</td>");
}

static void shares_of_all_mail_are_neither_good_nor_bad(void **state) {
  struct fixture *f = *state;
  draw_all(f, html_table_new(f->file, &(struct page_table){.is_dense = true, .is_plain = true}));
  assert_has(written(f), "<td class=\"n\" data-sort=\"0.9999\">99.9 %<svg class=\"bar\"");
}

static void a_gate_that_is_not_judged_is_not_marked_as_failing(void **state) {
  struct fixture *f = *state;
  static const struct column STATES[] = {{"state", NULL, COLUMN_TEXT, COLUMN_STATE}};
  static const struct table TABLE = {"x", 1, NULL, NULL, STATES, ARRAY_SIZE(STATES)};
  struct table_sink *sink = html_table_new(f->file, &(struct page_table){.is_dense = true});
  assert_int_equal(sink->begin(sink, &TABLE, &f->e), 0);
  assert_int_equal(sink->row(sink, &(struct cell){.present = true, .text = "not judged"}, &f->e), 0);
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  assert_has(written(f), ">not judged</th>");
  assert_lacks(written(f), "poor");
}

/* A browser lays out the chunks that are looked at. */
static void a_long_table_comes_in_chunks_each_with_its_head(void **state) {
  struct fixture *f = *state;
  static const char *const FIVE[] = {"a", "b", "c", "d", "e"};
  const char *out =
      draw_names(f, html_table_new(f->file, &(struct page_table){.caption = "All", .chunk_rows = 2}), FIVE, 5);
  assert_int_equal(count_of(out, "<div class=\"scroll chunk\""), 3);
  assert_int_equal(count_of(out, "<thead>"), 3);
  assert_int_equal(count_of(out, "<caption>All</caption>"), 1);
  assert_has(out, "aria-label=\"All (from row 5)\"");
  assert_int_equal(count_of(out, "<div"), count_of(out, "</div>"));
}

/* --- what says nothing -------------------------------------------------------------------------------------------- */

static const struct column SPARSE_COLUMNS[] = {
    {"name", NULL, COLUMN_TEXT, COLUMN_KEY}, {"never", NULL, COLUMN_TEXT, 0},
    {"zero", NULL, COLUMN_COUNT, 0},         {"zero_detail", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    {"trend", NULL, COLUMN_TREND, 0},        {"unwanted", NULL, COLUMN_TEXT, 0}};
static const struct table SPARSE = {"x", 1, NULL, "Nothing.", SPARSE_COLUMNS, ARRAY_SIZE(SPARSE_COLUMNS)};

static const char *draw_sparse(struct fixture *f, struct table_sink *sink, unsigned rows) {
  static const int64_t COUNTS[] = {0, 10, 5};
  assert_int_equal(sink->begin(sink, &SPARSE, &f->e), 0);
  for (unsigned i = 0; i < rows; i++) {
    const struct cell cells[] = {cell_text("a"),
                                 cell_absent(),
                                 cell_count(0),
                                 cell_count(0),
                                 {.present = true, .trend = {COUNTS, ARRAY_SIZE(COUNTS)}},
                                 cell_text("no")};
    assert_int_equal(sink->row(sink, cells, &f->e), 0);
  }
  if (sink->left_out) sink->left_out(sink, 3);
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  return written(f);
}

static void a_column_that_says_nothing_is_left_out(void **state) {
  struct fixture *f = *state;
  const char *out = draw_sparse(f, tidy_new(html_table_new(f->file, NULL), "never_there unwanted"), 2);
  assert_has(out,
             "<th scope=\"col\">name</th><th scope=\"col\" class=\"n\">zero</th><th scope=\"col\">trend</th></tr>");
  assert_lacks(out, "unwanted");
  assert_has(out, "3 more rows");
}

static void a_table_without_rows_keeps_its_columns(void **state) {
  struct fixture *f = *state;
  const char *out = draw_sparse(f, tidy_new(html_table_new(f->file, NULL), NULL), 0);
  assert_has(out, "never</th>");
  assert_has(out, "Nothing.");
}

/* What the line shows is told to who cannot see it; elsewhere there is no room for it. */
static void a_trend_is_drawn_and_told(void **state) {
  struct fixture *f = *state;
  const char *out = draw_sparse(f, html_table_new(f->file, NULL), 1);
  assert_has(out, "role=\"img\" aria-label=\"from 0 to 5, at most 10\"><polyline points=\"0,20 40,0 80,10\"/></svg>");
}

static void a_trend_has_no_place_in_a_ticket(void **state) {
  struct fixture *f = *state;
  assert_lacks(draw_sparse(f, markdown_table_new(f->file, NULL), 1), "trend");
}

static void no_text_is_markup_in_html(void **state) {
  struct fixture *f = *state;
  static const char *const NAMES_OF_EVIL[] = {"<script>alert(1)</script>",
                                              "\" onclick=\"x",
                                              "' y='",
                                              "&lt;",
                                              "a\x1b[31mb",
                                              "\xe2\x80\xae"
                                              "cod",
                                              "\xff\xfe"};
  const char *out = draw_names(f, html_table_new(f->file, &(struct page_table){.caption = "<b>\"all\"</b>"}),
                               NAMES_OF_EVIL, ARRAY_SIZE(NAMES_OF_EVIL));
  assert_lacks(out, "<script");
  assert_lacks(out, "\" onclick");
  assert_lacks(out, "<b>");
  assert_has(out, "aria-label=\"&lt;b&gt;&quot;all&quot;&lt;/b&gt;\"");
  assert_has(out, "&quot; onclick=&quot;x");
  assert_has(out, "&#39; y=&#39;");
  assert_has(out, "&amp;lt;");
  assert_has(out, "a\\x1b[31mb");
  assert_has(out, "\\u202ecod");
  assert_has(out, "\\xff\\xfe");
}

static void right_to_left_words_are_isolated_as_one_run(void **state) {
  struct fixture *f = *state;
  static const char *const HEBREW[] = {"a \xd7\x90\xd7\x91 \xd7\x92 <b>"};
  assert_has(draw_names(f, html_table_new(f->file, NULL), HEBREW, 1),
             ">a <bdi>\xd7\x90\xd7\x91 \xd7\x92</bdi> &lt;b&gt;</th>");
}

static void a_long_text_is_cut_and_says_so(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *name = mem_zalloc(65537);
  memset(name, 'x', 65536);
  const char *const names[] = {name};
  const char *out = draw_names(f, html_table_new(f->file, NULL), names, 1);
  assert_true(strlen(out) < 1000);
  assert_has(out, "xxx…</th>");
}

static bool link_evil(void *user, const char *text, struct strbuf *out) {
  (void)user;
  strbuf_printf(out, "page-%s.html", text);
  return strcmp(text, "none") != 0;
}

static void links_are_the_pages_own_and_escaped(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {"a\"b", "none", "https://example.net/"};
  const struct page_table options = {.link = link_evil};
  const char *out = draw_names(f, html_table_new(f->file, &options), TEXTS, 2);
  assert_has(out, "<a href=\"page-a&quot;b.html\">a&quot;b</a>");
  assert_has(out, ">none</th>");
  out = draw_names(f, html_table_new(f->file, NULL), TEXTS + 2, 1);
  assert_lacks(out, "<a href=\"https");
}

static void an_empty_table_and_rows_left_out_are_told(void **state) {
  struct fixture *f = *state;
  struct table_sink *sink = html_table_new(f->file, &(struct page_table){.rest = "ask <again>"});
  assert_int_equal(sink->begin(sink, &ALL, &f->e), 0);
  sink->left_out(sink, 1234);
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  assert_has(written(f), "Nothing &lt;here&gt;.");
  assert_has(written(f), "1,234 more rows; ask &lt;again&gt;");
}

static void a_page_of_one_table_is_whole(void **state) {
  struct fixture *f = *state;
  const struct render_options options = {.format = FORMAT_HTML};
  draw_all(f, renderer_new(f->file, &options));
  const char *out = written(f);
  assert_int_equal(strncmp(out, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
  assert_has(out, "Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
  assert_has(out, "</script>\n</body>\n</html>\n");
  assert_lacks(out, "unsafe-inline");
  assert_lacks(out, " style=");
}

/* --- Markdown ----------------------------------------------------------------------------------------------------- */

static void each_type_has_its_cell_in_markdown(void **state) {
  struct fixture *f = *state;
  draw_all(f, markdown_table_new(f->file, NULL));
  assert_string_equal(
      written(f),
      "| name | messages | pass | a day | day | ok | words | rows | state |\n"
      "|---|---:|---:|---:|---|---|---|---|---|\n"
      "| a \\& b | 1,234,567 | 99.9 % | 8.25 | 2026-10-01 | yes | one, two | a x\\<y, b 1; a z | FAIL |\n"
      "| empty | – | – | – | – | – | – | – | – |\n");
}

static void no_text_is_markup_a_link_or_a_mention_in_markdown(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {"a|b\nc",
                                      "[x](y) ![z](w)",
                                      "<img src=x>",
                                      "see https://example.net/ now",
                                      "@team #12",
                                      "`tick`",
                                      "user@exa|mple.net",
                                      "WWW.example.net",
                                      "_a_ *b* ~c~ $d$ \\e",
                                      "\xe2\x80\xae"
                                      "cod",
                                      "x@``y"};
  const char *out = draw_names(f, markdown_table_new(f->file, NULL), TEXTS, ARRAY_SIZE(TEXTS));
  assert_has(out, "| a\\|b c |");
  assert_has(out, "| \\[x\\](y) \\!\\[z\\](w) |");
  assert_has(out, "| \\<img src=x\\> |");
  assert_has(out, "| see `https://example.net/` now |");
  assert_has(out, "| `@team` `#12` |");
  assert_has(out, "| \\`tick\\` |");
  assert_has(out, "| `user@exa\\|mple.net` |");
  assert_has(out, "| `WWW.example.net` |");
  assert_has(out, "| \\_a\\_ \\*b\\* \\~c\\~ \\$d\\$ \\\\e |");
  assert_has(out, "| \\\\u202ecod |");
  assert_has(out, "| ``` x@``y ``` |");
}

static void prose_is_no_markup_either(void **state) {
  struct fixture *f = *state;
  struct document d = document_html(f->file);
  d.text(&d, "<b>\x1b[31m\xe2\x80\xae");
  d.record(&d, "<i>", "</pre>");
  d.findings(&d, &(struct document_finding){.title = "<u>", .word = "<s>", .advice = "<p>"}, 1);
  assert_string_equal(written(f),
                      "<p>&lt;b&gt;\\x1b[31m\\u202e</p>\n"
                      "<div class=\"record\"><p>&lt;i&gt;</p>\n<pre>&lt;/pre&gt;</pre></div>\n"
                      "<ol class=\"findings\">\n<li><b>&lt;u&gt;</b>\n"
                      "<p><b>&lt;s&gt;:</b> &lt;p&gt;</p></li>\n</ol>\n");
}

static void a_record_with_backticks_stays_in_its_fence(void **state) {
  struct fixture *f = *state;
  struct document d = document_markdown(f->file);
  d.record(&d, "Publish:", "v=DMARC1; ```\n# heading");
  assert_string_equal(written(f), "Publish:\n\n````\nv=DMARC1; ``` # heading\n````\n\n");
}

/* --- the chart ---------------------------------------------------------------------------------------------------- */

#define DAY_S 86400
static const struct chart_options CHART = {
    .title = "Own <mail>", .id = "own", .step_s = DAY_S, .mark_begin_s = 1790812800, .mark_end_s = 1790812800 + DAY_S};

static const char *draw_days(struct fixture *f, int64_t (*counts)[2], unsigned days) {
  struct table_sink *sink = chart_new(f->file, &CHART);
  assert_int_equal(sink->begin(sink, &DAYS, &f->e), 0);
  for (unsigned i = 0; i < days; i++) {
    const struct cell cells[] = {cell_time(1790812800 + (int64_t)i * DAY_S), cell_count(counts[i][0]),
                                 cell_count(counts[i][1]), cell_count(999)};
    assert_int_equal(sink->row(sink, cells, &f->e), 0);
  }
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  return written(f);
}

static void bars_are_stacked_to_scale(void **state) {
  struct fixture *f = *state;
  int64_t counts[][2] = {{60, 40}, {0, 0}, {20, 0}};
  const char *out = draw_days(f, counts, 3);
  /* The plot is 210 high and 100 at its top: 60 messages are 126 pixels on the base line, 40 stand on them. */
  assert_has(out, "<rect class=\"ink0\" x=\"0%\" y=\"114\" width=\"29.167%\" height=\"126\"/>");
  assert_has(out, "<rect class=\"ink1\" x=\"0%\" y=\"30\" width=\"29.167%\" height=\"84\"/>");
  assert_int_equal(count_of(out, "class=\"ink0\" x="), 2);
  assert_int_equal(count_of(out, "class=\"ink1\" x="), 1);
  assert_lacks(out, "ink2");
}

/* What a period does not hold yet is no fall of its mail. */
static void a_bar_of_which_a_part_is_missing_is_faint_and_says_so(void **state) {
  struct fixture *f = *state;
  static const struct column COLUMNS[] = {
      {"day", NULL, COLUMN_DAY, 0}, {CHART_PARTIAL, NULL, COLUMN_TEXT, 0}, {"messages", NULL, COLUMN_COUNT, 0}};
  static const struct table TABLE = {"x", 1, NULL, NULL, COLUMNS, ARRAY_SIZE(COLUMNS)};
  struct table_sink *sink = chart_new(f->file, &CHART);
  assert_int_equal(sink->begin(sink, &TABLE, &f->e), 0);
  for (unsigned i = 0; i < 2; i++) {
    const struct cell cells[] = {cell_time(1790812800 + (int64_t)i * DAY_S), cell_text(i ? "in part" : NULL),
                                 cell_count(7)};
    assert_int_equal(sink->row(sink, cells, &f->e), 0);
  }
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  const char *out = written(f);
  assert_int_equal(count_of(out, "<g class=\"faint\">"), 1);
  assert_has(out, "<title>2026-10-02: messages 7; not all of it</title>");
  assert_has(out, "faint: only a part of the period is counted");
}

static void what_happened_is_marked_and_told(void **state) {
  struct fixture *f = *state;
  static const struct chart_event EVENTS[] = {{1790812800 - DAY_S, "before <all>"},
                                              {1790812800 + DAY_S, "p=none becomes p=reject"}};
  struct chart_options options = CHART;
  options.events = EVENTS;
  options.event_count = 2;
  struct table_sink *sink = chart_new(f->file, &options);
  assert_int_equal(sink->begin(sink, &DAYS, &f->e), 0);
  for (unsigned i = 0; i < 4; i++) {
    const struct cell cells[] = {cell_time(1790812800 + (int64_t)i * DAY_S), cell_count(1), cell_count(2),
                                 cell_count(9)};
    assert_int_equal(sink->row(sink, cells, &f->e), 0);
  }
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  const char *out = written(f);
  assert_int_equal(count_of(out, "class=\"event\""), 1); /* the other is outside */
  assert_has(out, "<title>2026-10-02: p=none becomes p=reject</title><line x1=\"25%\" x2=\"25%\"");
  assert_has(out, "<li><b>2026-09-30</b> before &lt;all&gt;</li><li><b>2026-10-02</b> p=none becomes p=reject</li>");
}

static void marks_that_would_cover_each_other_stand_below_each_other(void **state) {
  struct fixture *f = *state;
  struct chart_event events[5];
  static const int DAYS_ON[] = {1, 2, 3, 4, 30};
  for (unsigned i = 0; i < ARRAY_SIZE(events); i++)
    events[i] = (struct chart_event){1790812800 + DAYS_ON[i] * DAY_S, "p=none becomes p=reject"};
  struct chart_options options = CHART;
  options.events = events;
  options.event_count = ARRAY_SIZE(events);
  struct table_sink *sink = chart_new(f->file, &options);
  assert_int_equal(sink->begin(sink, &DAYS, &f->e), 0);
  for (unsigned i = 0; i < 40; i++) {
    const struct cell cells[] = {cell_time(1790812800 + (int64_t)i * DAY_S), cell_count(1), cell_count(2),
                                 cell_count(9)};
    assert_int_equal(sink->row(sink, cells, &f->e), 0);
  }
  assert_int_equal(sink->end(sink, &f->e), 0);
  table_sink_free(sink);
  const char *out = written(f);
  assert_int_equal(count_of(out, "cy=\"12\""), 3); /* the first; a fourth, for which there is no room; the last */
  assert_int_equal(count_of(out, "cy=\"32\""), 1);
  assert_int_equal(count_of(out, "cy=\"52\""), 1);
}

static void a_chart_is_told_in_words_too(void **state) {
  struct fixture *f = *state;
  int64_t counts[][2] = {{60, 40}, {1020, 0}};
  const char *out = draw_days(f, counts, 2);
  assert_has(out, "role=\"img\" aria-labelledby=\"own-name own-text\"><title id=\"own-name\">Own &lt;mail&gt;</title>");
  assert_has(out, "Messages a day from 2026-10-01 to 2026-10-02, in all: passes &lt;b&gt; 1,080, fail 40.");
  assert_has(out, "<title>2026-10-01: passes &lt;b&gt; 60, fail 40</title>");
  assert_has(out, "</svg>passes &lt;b&gt;</li>");
  assert_lacks(out, "secret");
}

static void the_largest_counts_and_few_messages_can_be_drawn(void **state) {
  struct fixture *f = *state;
  int64_t counts[][2] = {{INT64_MAX, INT64_MAX}, {1, -5}};
  const char *out = draw_days(f, counts, 2);
  assert_lacks(out, "nan");
  assert_lacks(out, "inf");
  assert_has(out, "height=\"0.6\""); /* one message is seen beside them */
}

static void no_mail_is_a_sentence(void **state) {
  struct fixture *f = *state;
  int64_t counts[][2] = {{0, 0}};
  assert_has(draw_days(f, counts, 1), "No mail in this period.");
  assert_lacks(written(f), "<svg class=\"plot\"");
}

static void more_bars_than_there_is_room_for_are_left_out(void **state) {
  struct fixture *f = *state;
  int64_t counts[CHART_MOST_BARS + 10][2];
  for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) counts[i][0] = counts[i][1] = 1;
  assert_int_equal(count_of(draw_days(f, counts, ARRAY_SIZE(counts)), "<g><title>"), CHART_MOST_BARS);
}

static void a_table_without_days_cannot_be_drawn(void **state) {
  struct fixture *f = *state;
  struct table_sink *sink = chart_new(f->file, &CHART);
  assert_int_equal(sink->begin(sink, &NAMES, &f->e), ERR_USAGE);
  table_sink_free(sink);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(each_type_has_its_cell_in_html),
      TEST(what_is_absent_is_marked_for_the_eye_and_for_sorting),
      TEST(each_cell_of_a_card_is_named),
      TEST(shares_of_all_mail_are_neither_good_nor_bad),
      TEST(a_gate_that_is_not_judged_is_not_marked_as_failing),
      TEST(a_long_table_comes_in_chunks_each_with_its_head),
      TEST(a_column_that_says_nothing_is_left_out),
      TEST(a_table_without_rows_keeps_its_columns),
      TEST(a_trend_is_drawn_and_told),
      TEST(a_trend_has_no_place_in_a_ticket),
      TEST(no_text_is_markup_in_html),
      TEST(right_to_left_words_are_isolated_as_one_run),
      TEST(a_long_text_is_cut_and_says_so),
      TEST(links_are_the_pages_own_and_escaped),
      TEST(an_empty_table_and_rows_left_out_are_told),
      TEST(a_page_of_one_table_is_whole),
      TEST(each_type_has_its_cell_in_markdown),
      TEST(no_text_is_markup_a_link_or_a_mention_in_markdown),
      TEST(prose_is_no_markup_either),
      TEST(a_record_with_backticks_stays_in_its_fence),
      TEST(bars_are_stacked_to_scale),
      TEST(a_bar_of_which_a_part_is_missing_is_faint_and_says_so),
      TEST(what_happened_is_marked_and_told),
      TEST(marks_that_would_cover_each_other_stand_below_each_other),
      TEST(a_chart_is_told_in_words_too),
      TEST(the_largest_counts_and_few_messages_can_be_drawn),
      TEST(no_mail_is_a_sentence),
      TEST(more_bars_than_there_is_room_for_are_left_out),
      TEST(a_table_without_days_cannot_be_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
