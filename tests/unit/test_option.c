/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of options: what each kind takes and refuses, how a command line is taken apart, and what the help says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/option.h"

enum shape { SHAPE_ROUND, SHAPE_SQUARE, SHAPE_FLAT };

struct values {
  bool loud;
  uint32_t depth;
  uint64_t limit, timeout_s, bytes;
  const char *note, *file, *policy;
  char *folder, *command, *domain;
  int64_t since_s, until_s, length_s;
  int aligned;
  enum shape shape;
  unsigned shapes;
  unsigned custom;
};

static int parse_custom(void *at, const char *text, struct err *e) {
  if (strcmp(text, "right") != 0) return err_set(e, ERR_USAGE, "\"%s\" is wrong", text);
  (*(unsigned *)at)++;
  return 0;
}

static const struct option_word SHAPES[] = {{"round", SHAPE_ROUND, true, NULL},
                                            {"square", SHAPE_SQUARE, false, NULL},
                                            {"flat", SHAPE_FLAT, false, "is a shape of others"},
                                            {0}};
static const struct option_word POLICIES[] = {{.word = "none"}, {.word = "reject"}, {0}};
static const struct option_word EXAMPLES[] = {{.word = "7d"}, {.word = "2w"}, {0}};

#define AT(field) OPTION_AT(struct values, field)
static const struct option ROWS[] = {
    {"loud", 'l', OPTION_FLAG, NULL, "say more", AT(loud)},
    {"no-loud", 0, OPTION_CLEAR, NULL, "say less", AT(loud)},
    {"depth", 0, OPTION_NUMBER, "N", "how deep", AT(depth), .least = 1, .most = 1000},
    {"limit", 'n', OPTION_NUMBER, "N", "how many", AT(limit), .most = INT64_MAX},
    {"timeout", 0, OPTION_NUMBER, "SECONDS", "how long", AT(timeout_s), .least = 1, .most = 60, .unit = "seconds"},
    {"bytes", 0, OPTION_SIZE, "SIZE", "how much", AT(bytes)},
    {"note", 0, OPTION_TEXT, "TEXT", "why", AT(note)},
    {"file", 'f', OPTION_FILE, "FILE", "where", AT(file)},
    {"folder", 0, OPTION_TEXT, "NAME", "into which folder", AT(folder), .owned = true},
    {"command", 0, OPTION_COMMAND, "COMMAND", "what to run", AT(command), .owned = true},
    {"domain", 0, OPTION_DOMAIN, "DOMAIN", "whose", AT(domain)},
    {"since", 0, OPTION_BEGIN, "DATE", "from when on", AT(since_s)},
    {"until", 0, OPTION_END, "DATE", "until when", AT(until_s)},
    {"last", 0, OPTION_DURATION, "TIME", "so long: %s", AT(length_s), .words = EXAMPLES},
    {"aligned", 0, OPTION_YES_NO, NULL, "is it", AT(aligned)},
    {"shape", 's', OPTION_KEYWORD, "SHAPE", "%s; a shape whose words are more than fit into the one line of a terminal",
     AT(shape), .words = SHAPES},
    {"policy", 0, OPTION_KEYWORD_TEXT, NULL, "this policy", AT(policy), .words = POLICIES},
    {"shapes", 0, OPTION_KEYWORD_BITS, "SHAPE,...", "several", AT(shapes), .words = SHAPES},
    {"custom", 0, OPTION_CUSTOM, "X", "as it likes", AT(custom), .parse = parse_custom},
    {"note", 0, OPTION_FLAG, NULL, "the second of this name", AT(loud)},
};

static struct option_rows all_rows(void) {
  struct option_rows rows = {.count = 0};
  for (unsigned i = 0; i < ARRAY_SIZE(ROWS) - 1; i++) option_rows_add(&rows, &ROWS[i]);
  return rows;
}

struct fixture {
  struct option_rows rows;
  struct option_line line;
  struct values values;
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->rows = all_rows();
  *state = f;
  return 0;
}

static void reset(struct fixture *f) {
  free(f->values.folder);
  free(f->values.command);
  free(f->values.domain);
  f->values = (struct values){0};
  option_line_clear(&f->line);
}

static int tear_down(void **state) {
  reset(*state);
  free(*state);
  return 0;
}

/* The words up to NULL as a command line. */
static int parse(struct fixture *f, ...) {
  char *argv[16];
  int argc = 0;
  va_list words;
  va_start(words, f);
  for (char *word; (word = va_arg(words, char *));) argv[argc++] = word;
  va_end(words);
  reset(f);
  return option_line_parse(&f->line, &f->rows, argc, argv, &f->values, &f->e);
}

static void assert_refused(struct fixture *f, const char *name, const char *text, const char *told) {
  reset(f);
  assert_int_equal(option_set(option_find(&f->rows, name), &f->values, text, &f->e), ERR_USAGE);
  assert_string_equal(f->e.text, told);
}

static void assert_taken(struct fixture *f, const char *name, const char *text) {
  if (option_set(option_find(&f->rows, name), &f->values, text, &f->e) < 0) fail_msg("%s", f->e.text);
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static void a_flag_is_set_taken_back_and_said_in_a_file(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--loud", NULL), 0);
  assert_true(f->values.loud);
  assert_int_equal(parse(f, "--loud", "--no-loud", NULL), 0);
  assert_false(f->values.loud);
  assert_int_equal(parse(f, "--no-loud", "-l", NULL), 0);
  assert_true(f->values.loud);
  assert_taken(f, "loud", "no");
  assert_false(f->values.loud);
  assert_taken(f, "loud", "yes");
  assert_true(f->values.loud);
  assert_refused(f, "loud", "on", "--loud: \"on\" is neither yes nor no");
}

static void a_number_keeps_to_both_ends_of_its_range(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "depth", "1");
  assert_int_equal(f->values.depth, 1);
  assert_taken(f, "depth", "1000");
  assert_int_equal(f->values.depth, 1000);
  assert_refused(f, "depth", "0", "--depth: \"0\" is no number from 1 to 1000");
  assert_refused(f, "depth", "1001", "--depth: \"1001\" is no number from 1 to 1000");
  assert_refused(f, "depth", "-1", "--depth: \"-1\" is no number from 1 to 1000");
  assert_taken(f, "timeout", "60");
  assert_int_equal(f->values.timeout_s, 60);
  assert_refused(f, "timeout", "61", "--timeout: \"61\" is no number of seconds from 1 to 60");
}

static void a_number_without_a_limit_takes_all_that_fits(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "limit", "0");
  assert_int_equal(f->values.limit, 0);
  assert_taken(f, "limit", "9223372036854775807");
  assert_true(f->values.limit == INT64_MAX);
  assert_refused(f, "limit", "9223372036854775808", "--limit: \"9223372036854775808\" is no number");
  assert_refused(f, "limit", "", "--limit: \"\" is no number");
  assert_refused(f, "limit", "5x", "--limit: \"5x\" is no number");
}

static void a_number_touches_no_neighbour(void **state) {
  struct fixture *f = *state;
  memset(&f->values, 0xff, sizeof f->values);
  f->values.folder = f->values.command = f->values.domain = NULL;
  assert_taken(f, "depth", "1");
  assert_int_equal(f->values.depth, 1);
  assert_true(f->values.limit == UINT64_MAX);
}

static void a_size_has_units_and_is_never_nothing(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "bytes", "1");
  assert_int_equal(f->values.bytes, 1);
  assert_taken(f, "bytes", "64K");
  assert_int_equal(f->values.bytes, 65536);
  assert_refused(f, "bytes", "0", "--bytes: \"0\" is no size: write a number, or 64K, 48M, 1G");
  assert_refused(f, "bytes", "1X", "--bytes: \"1X\" is no size: write a number, or 64K, 48M, 1G");
}

static void texts_are_kept_or_copied(void **state) {
  struct fixture *f = *state;
  char text[] = "word";
  assert_taken(f, "note", text);
  assert_taken(f, "folder", text);
  assert_taken(f, "folder", text); /* the first copy is freed */
  assert_taken(f, "command", text);
  text[0] = 'W';
  assert_string_equal(f->values.note, "Word");
  assert_string_equal(f->values.folder, "word");
  assert_string_equal(f->values.command, "word");
  assert_taken(f, "note", "");
  assert_refused(f, "folder", "", "--folder: is empty");
  assert_refused(f, "command", "", "--command: is empty");
  assert_refused(f, "file", "", "--file: no file name");
}

static void a_domain_is_a_normalised_copy(void **state) {
  struct fixture *f = *state;
  char text[] = "Example.COM.";
  assert_taken(f, "domain", text);
  assert_string_equal(f->values.domain, "example.com");
  assert_string_equal(text, "Example.COM.");
  assert_refused(f, "domain", "a b", "--domain: \"a b\" is no domain name");
  assert_refused(f, "domain", "", "--domain: \"\" is no domain name");
}

static void a_day_begins_and_ends(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "since", "1970-01-02");
  assert_int_equal(f->values.since_s, 86400);
  assert_taken(f, "until", "1970-01-02");
  assert_int_equal(f->values.until_s, 2 * 86400);
  assert_taken(f, "until", "1970-01-02T00:00:01Z");
  assert_int_equal(f->values.until_s, 86401);
  assert_taken(f, "last", "2w");
  assert_int_equal(f->values.length_s, 14 * 86400);
  assert_int_equal(option_set(option_find(&f->rows, "since"), &f->values, "soon", &f->e), ERR_USAGE);
  assert_memory_equal(f->e.text, "--since: \"soon\" is no date", 26);
  assert_int_equal(option_set(option_find(&f->rows, "last"), &f->values, "0", &f->e), ERR_USAGE);
  assert_memory_equal(f->e.text, "--last: \"0\" is no length of time", 32);
}

static void keywords_are_those_of_their_table(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "shape", "square");
  assert_int_equal(f->values.shape, SHAPE_SQUARE);
  assert_refused(f, "shape", "Square", "--shape: \"Square\" is none of round, square");
  assert_refused(f, "shape", "squar", "--shape: \"squar\" is none of round, square");
  assert_refused(f, "shape", "", "--shape: \"\" is none of round, square");
  assert_refused(f, "shape", "flat", "--shape: flat is a shape of others");
  assert_taken(f, "policy", "REJECT");
  assert_string_equal(f->values.policy, "reject");
  assert_refused(f, "policy", "deny", "--policy: \"deny\" is none of none, reject");
  assert_taken(f, "aligned", "yes");
  assert_int_equal(f->values.aligned, 1);
  assert_refused(f, "aligned", "maybe", "--aligned: \"maybe\" is neither yes nor no");
}

static void several_keywords_are_bits_that_add_up(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "shapes", "square");
  assert_int_equal(f->values.shapes, 1 << SHAPE_SQUARE);
  assert_taken(f, "shapes", "round,square");
  assert_int_equal(f->values.shapes, 1 << SHAPE_SQUARE | 1 << SHAPE_ROUND);
  assert_refused(f, "shapes", "round,oval", "--shapes: \"oval\" is none of round, square");
  assert_int_equal(f->values.shapes, 0);
  assert_refused(f, "shapes", "round,", "--shapes: \"\" is none of round, square");
}

static void what_is_special_speaks_for_itself(void **state) {
  struct fixture *f = *state;
  assert_taken(f, "custom", "right");
  assert_int_equal(f->values.custom, 1);
  assert_refused(f, "custom", "left", "--custom: \"left\" is wrong");
}

/* --- the command line --------------------------------------------------------------------------------------------- */

static void a_value_comes_with_a_blank_an_equals_sign_or_behind_the_letter(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--limit", "1", "--file=x=y", "-sround", NULL), 0);
  assert_int_equal(f->values.limit, 1);
  assert_string_equal(f->values.file, "x=y");
  assert_int_equal(parse(f, "-n", "2", "-f-", "--note", "--loud", NULL), 0);
  assert_int_equal(f->values.limit, 2);
  assert_string_equal(f->values.file, "-");
  assert_string_equal(f->values.note, "--loud");
  assert_false(f->values.loud);
  assert_int_equal(parse(f, "--note=", NULL), 0);
  assert_string_equal(f->values.note, "");
}

static void of_an_option_given_twice_the_last_counts(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "-n1", "--limit=2", NULL), 0);
  assert_int_equal(f->values.limit, 2);
  assert_int_equal(f->line.given_count, 2);
}

static void arguments_stand_anywhere_and_alone_behind_two_dashes(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "a", "-l", "-", "--", "--limit", "-x", "--", NULL), 0);
  assert_int_equal(f->line.arg_count, 5);
  assert_string_equal(f->line.args[0], "a");
  assert_string_equal(f->line.args[1], "-");
  assert_string_equal(f->line.args[2], "--limit");
  assert_string_equal(f->line.args[3], "-x");
  assert_string_equal(f->line.args[4], "--");
  assert_int_equal(f->line.given_count, 1);
}

static void names_are_known_in_full_or_not_at_all(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--nothing", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "unknown option --nothing");
  assert_int_equal(parse(f, "--lim", "1", NULL), ERR_USAGE); /* of one option */
  assert_string_equal(f->e.text, "unknown option --lim: did you mean --limit?");
  assert_int_equal(parse(f, "--s", "x", NULL), ERR_USAGE); /* of several */
  assert_string_equal(f->e.text, "unknown option --s");
  assert_int_equal(parse(f, "--limits=1", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "unknown option --limits=1: did you mean --limit?");
  assert_int_equal(parse(f, "-x", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "unknown option -x");
  assert_int_equal(parse(f, "-", NULL), 0);
}

static void a_value_is_there_where_one_belongs_and_nowhere_else(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--limit", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--limit needs a value: N");
  assert_int_equal(parse(f, "--policy", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--policy needs a value: none|reject");
  assert_int_equal(parse(f, "--aligned", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--aligned needs a value: yes|no");
  assert_int_equal(parse(f, "--loud=yes", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--loud takes no value");
  assert_int_equal(parse(f, "-lx", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--loud takes no value");
}

static void the_first_mistake_is_told(void **state) {
  struct fixture *f = *state;
  assert_int_equal(parse(f, "--limit", "x", "--nothing", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "--limit: \"x\" is no number");
  assert_int_equal(parse(f, "--nothing", "--limit", "x", NULL), ERR_USAGE);
  assert_string_equal(f->e.text, "unknown option --nothing");
}

static void what_was_given_is_set_once_more_above_something_else(void **state) {
  struct fixture *f = *state;
  struct values values = {.limit = 7, .loud = true, .since_s = 9};
  assert_int_equal(parse(f, "--limit=1", "--no-loud", "--custom=right", "--custom=right", NULL), 0);
  option_line_apply(&f->line, &values);
  assert_int_equal(values.limit, 1);
  assert_false(values.loud);
  assert_int_equal(values.custom, 2);
  assert_int_equal(values.since_s, 9);
  assert_true(option_line_sets(&f->line, option_find(&f->rows, "limit")));
  assert_true(option_line_sets(&f->line, option_find(&f->rows, "loud")));
  assert_false(option_line_sets(&f->line, option_find(&f->rows, "depth")));
}

static void of_two_with_one_name_the_first_counts(void **state) {
  struct fixture *f = *state;
  option_rows_add(&f->rows, &ROWS[ARRAY_SIZE(ROWS) - 1]);
  assert_ptr_equal(option_find(&f->rows, "note"), &ROWS[6]);
}

/* --- what people read --------------------------------------------------------------------------------------------- */

static void assert_shown(const struct fixture *f, const char *name, const char *expected) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  option_show(option_find(&f->rows, name), &f->values, &text);
  assert_string_equal(strbuf_text(&text), expected);
}

static void a_value_is_shown_as_it_would_be_written(void **state) {
  struct fixture *f = *state;
  static const char *const VALUES[][2] = {{"loud", "yes"},   {"depth", "7"},      {"limit", "0"},  {"bytes", "48M"},
                                          {"bytes", "1000"}, {"shape", "square"}, {"note", "why"}, {"file", "a/b"}};
  assert_shown(f, "loud", "no");
  assert_shown(f, "depth", ""); /* below its range: not set */
  assert_shown(f, "note", "");
  for (unsigned i = 0; i < ARRAY_SIZE(VALUES); i++) {
    assert_taken(f, VALUES[i][0], VALUES[i][1]);
    assert_shown(f, VALUES[i][0], VALUES[i][1]);
  }
}

static void the_help_puts_the_words_in_their_place_and_breaks_lines(void **state) {
  const struct fixture *f = *state;
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  option_print_help(out, &f->rows);
  fclose(out);
  assert_non_null(strstr(text, "  -l, --loud                       say more\n"));
  assert_non_null(strstr(text, "      --depth N                    how deep\n"));
  assert_non_null(strstr(text, "      --last TIME                  so long: 7d, 2w\n"));
  assert_non_null(strstr(text, "      --aligned yes|no             is it\n"));
  assert_non_null(strstr(text, "      --policy none|reject         this policy\n"));
  assert_non_null(
      strstr(text,
             "  -s, --shape SHAPE                round (default), square; a shape whose words are more than "
             "fit\n                                   into the one line of a terminal\n"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      T(a_flag_is_set_taken_back_and_said_in_a_file),
      T(a_number_keeps_to_both_ends_of_its_range),
      T(a_number_without_a_limit_takes_all_that_fits),
      T(a_number_touches_no_neighbour),
      T(a_size_has_units_and_is_never_nothing),
      T(texts_are_kept_or_copied),
      T(a_domain_is_a_normalised_copy),
      T(a_day_begins_and_ends),
      T(keywords_are_those_of_their_table),
      T(several_keywords_are_bits_that_add_up),
      T(what_is_special_speaks_for_itself),
      T(a_value_comes_with_a_blank_an_equals_sign_or_behind_the_letter),
      T(of_an_option_given_twice_the_last_counts),
      T(arguments_stand_anywhere_and_alone_behind_two_dashes),
      T(names_are_known_in_full_or_not_at_all),
      T(a_value_is_there_where_one_belongs_and_nowhere_else),
      T(the_first_mistake_is_told),
      T(what_was_given_is_set_once_more_above_something_else),
      T(of_two_with_one_name_the_first_counts),
      T(a_value_is_shown_as_it_would_be_written),
      T(the_help_puts_the_words_in_their_place_and_breaks_lines),
  };
  return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
