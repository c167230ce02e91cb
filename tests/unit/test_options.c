/* SPDX-License-Identifier: Apache-2.0 */
/* The options that verbs share: their rows, in which order a verb lists them with its own, and what they say together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/import_options.h"

struct fixture {
  struct options o;
  struct option_line line;
  struct err e;
};

static int set_up(void **state) {
  unsetenv("DMARCCTL_DB");
  unsetenv("XDG_DATA_HOME");
  setenv("HOME", "/home/joe", 1);
  struct fixture *f = mem_zalloc(sizeof *f);
  options_init(&f->o);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  option_line_clear(&f->line);
  options_clear(&f->o);
  free(f);
  return 0;
}

/* A line with the words up to NULL, for a verb that takes all shared options. */
static int parse(struct fixture *f, ...) {
  static const unsigned ALL = OPTIONS_ASKING | OPTIONS_JUDGEMENT;
  char *argv[16];
  int argc = 0;
  va_list words;
  va_start(words, f);
  for (char *word; (word = va_arg(words, char *));) argv[argc++] = word;
  va_end(words);
  struct option_rows rows;
  options_list(ALL, NULL, &rows);
  option_line_clear(&f->line);
  options_clear(&f->o);
  options_init(&f->o);
  int code = option_line_parse(&f->line, &rows, argc, argv, &f->o, &f->e);
  return code < 0 ? code : options_finish(&f->o, &f->line, true, &f->e);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void assert_sane(const struct option *row) {
  bool keyword = row->kind == OPTION_KEYWORD || row->kind == OPTION_KEYWORD_TEXT || row->kind == OPTION_KEYWORD_BITS;
  if (keyword) assert_non_null(row->words);
  if (strstr(row->help, "%s")) assert_non_null(row->words);
  if (row->kind == OPTION_CUSTOM) assert_non_null(row->parse);
  if (row->kind == OPTION_NUMBER) assert_true(row->most > row->least && (row->size == 4 || row->size == 8));
  if (row->kind == OPTION_SIZE) assert_int_equal(row->size, 8);
  if (row->kind == OPTION_COMMAND || row->owned) assert_true(row->owned && row->size == sizeof(char *));
  if (option_takes_value(row)) assert_true(row->value || option_words(row));
}

static void every_row_has_what_its_kind_needs(void **state) {
  (void)state;
  static const struct option_table *const TABLES[] = {&OPTIONS_SHARED, &IMPORT_OPTIONS};
  for (unsigned n = 0; n < ARRAY_SIZE(TABLES); n++)
    for (unsigned i = 0; i < TABLES[n]->count; i++) assert_sane(&TABLES[n]->rows[i]);
}

static void no_two_shared_options_have_one_letter(void **state) {
  (void)state;
  char seen[64] = "";
  for (unsigned i = 0; i < OPTIONS_SHARED.count; i++) {
    char letter[2] = {OPTIONS_SHARED.rows[i].letter};
    if (!*letter) continue;
    assert_null(strchr(seen, *letter));
    strcat(seen, letter);
  }
}

static void formats_are_those_of_tables_and_others_are_told_where_they_belong(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *word;
    enum table_format format;
  } FORMATS[] = {{"text", FORMAT_TEXT}, {"csv", FORMAT_CSV},   {"json", FORMAT_JSON},        {"ndjson", FORMAT_NDJSON},
                 {"xlsx", FORMAT_XLSX}, {"html", FORMAT_HTML}, {"markdown", FORMAT_MARKDOWN}};
  for (unsigned i = 0; i < ARRAY_SIZE(FORMATS); i++) {
    assert_int_equal(parse(f, "--format", FORMATS[i].word, NULL), 0);
    assert_int_equal(f->o.output.format, FORMATS[i].format);
  }
  assert_int_equal(parse(f, "-fxml", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--format: \"xml\" is none of text, csv, json, ndjson, xlsx, html, markdown");
  assert_int_equal(parse(f, "-fopenmetrics", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--format: openmetrics is a format of 'dmarcctl export' alone");
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static unsigned place_of(const struct option_rows *rows, const char *name) {
  for (unsigned i = 0; i < rows->count; i++)
    if (!strcmp(rows->rows[i]->name, name)) return i;
  fail_msg("--%s is missing", name);
  return 0;
}

static void a_verb_lists_its_own_first(void **state) {
  (void)state;
  static const struct option OWN[] = {{"own", .kind = OPTION_FLAG, .help = "own"}};
  struct option_rows rows;
  options_list(OPTIONS_ROWS, OPTION_TABLE(OWN), &rows);
  assert_int_equal(place_of(&rows, "own"), 0);
  assert_int_equal(rows.count, 1 + 4 + 6);
}

static void a_verbs_own_option_takes_the_place_of_a_shared_one(void **state) {
  (void)state;
  static const struct option OWN[] = {{"format", .kind = OPTION_FLAG, .help = "own"}};
  struct option_rows rows;
  options_list(OPTIONS_OUTPUT, OPTION_TABLE(OWN), &rows);
  assert_ptr_equal(option_find(&rows, "format"), &OWN[0]);
  assert_non_null(option_find(&rows, "output"));
}

static void what_stands_in_the_file_alone_is_no_option(void **state) {
  (void)state;
  struct option_rows rows;
  options_list(OPTIONS_ASKING | OPTIONS_JUDGEMENT, NULL, &rows);
  assert_null(option_find(&rows, "database"));
  assert_non_null(option_find(&rows, "db"));
}

/* --- what they say together --------------------------------------------------------------------------------------- */

static void nothing_said_admits_everything(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, NULL), 0);
  const struct report_filter all = REPORT_FILTER_ALL;
  assert_memory_equal(&f->o.filter, &all, sizeof all);
  assert_true(f->o.rows.limit == OPTIONS_LIMIT_UNSET);
  assert_string_equal(f->o.common.db, "/home/joe/.local/share/dmarcctl/dmarc.db");
}

static void the_filter_joins_reports_records_and_period(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "-dExample.COM", "--domain", "example.org", "-d", "EXAMPLE.com.", "--reporter=r", "--id=1",
                         "--header-from=A.example", "--source=192.0.2.0/24", "--aligned=no", "--disposition=REJECT",
                         "--since=1970-01-02", "--until=1970-01-03", NULL),
                   0);
  const struct report_filter *filter = &f->o.filter;
  assert_int_equal(filter->domains->count, 2);
  assert_true(domain_set_covers(filter->domains, "example.com"));
  assert_true(domain_set_covers(filter->domains, "example.org"));
  assert_string_equal(filter->reporter, "r");
  assert_string_equal(filter->report_id, "1");
  assert_string_equal(filter->header_from, "a.example");
  assert_int_equal(filter->source->prefix_bits, 24);
  assert_int_equal(filter->aligned, 0);
  assert_string_equal(filter->disposition, "reject");
  assert_int_equal(filter->since_s, UTC_DAY_S);
  assert_int_equal(filter->until_s, 3 * UTC_DAY_S);
}

static void the_last_days_end_now_and_go_with_no_other_bounds(void **state) {
  struct fixture *f = *state;
  int64_t before_s = utc_now();
  assert_int_equal(parse(f, "--last=2d", NULL), 0);
  assert_in_range(f->o.filter.since_s, before_s - 2 * UTC_DAY_S, utc_now() - 2 * UTC_DAY_S);
  assert_true(f->o.filter.until_s == FILTER_OPEN_END);
  assert_int_equal(parse(f, "--last=2d", "--since=2025-01-01", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--last does not go with --since or --until");
  assert_int_equal(parse(f, "--until=2025-01-01", "--last=2d", NULL), ERR_USAGE);
}

static void a_day_that_is_asked_about_is_its_last_second(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--as-of=1970-01-02", NULL), 0);
  assert_int_equal(f->o.judgement.as_of_s, 2 * UTC_DAY_S - 1);
  assert_int_equal(parse(f, "--as-of=1970-01-02T00:00:05Z", NULL), 0);
  assert_int_equal(f->o.judgement.as_of_s, UTC_DAY_S + 5);
}

static void domains_come_as_normalised_copies(void **state) {
  struct fixture *f = *state;
  char domain[] = "Example.COM.";
  assert_int_equal(parse(f, domain, NULL), 0);
  assert_string_equal(f->o.args[0], "example.com");
  assert_string_equal(domain, "Example.COM.");
}

static void other_arguments_stay_as_they_are(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "A.XML", NULL), 0);
  free(f->o.args);
  assert_int_equal(options_finish(&f->o, &f->line, false, &f->e), 0);
  assert_string_equal(f->o.args[0], "A.XML");
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      T(every_row_has_what_its_kind_needs),
      T(no_two_shared_options_have_one_letter),
      T(formats_are_those_of_tables_and_others_are_told_where_they_belong),
      T(a_verb_lists_its_own_first),
      T(a_verbs_own_option_takes_the_place_of_a_shared_one),
      T(what_stands_in_the_file_alone_is_no_option),
      T(nothing_said_admits_everything),
      T(the_filter_joins_reports_records_and_period),
      T(the_last_days_end_now_and_go_with_no_other_bounds),
      T(a_day_that_is_asked_about_is_its_last_second),
      T(domains_come_as_normalised_copies),
      T(other_arguments_stay_as_they_are),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
