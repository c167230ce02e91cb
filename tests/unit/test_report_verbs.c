/* SPDX-License-Identifier: Apache-2.0 */
/* The questions behind selectors and compliance, asked of mail that the tests make up: each state and each figure on
 * both sides of its limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alignment.h"
#include "cleanup.h"
#include "question_compliance.h"
#include "question_selectors.h"
#include "render.h"
#include "utc.h"

/* --- a database, and what is asked of it --------------------------------------------------------------------------
 * Days are told as "days ago", 0 being the last day with data. Asked about in the next morning. */

#define LAST_DAY 20000
#define DAY_S(ago) ((int64_t)(LAST_DAY - (ago)) * UTC_DAY_S)
#define MOST_ROWS 32
#define MOST_COLUMNS 32

struct fixture {
  char folder[64];
  struct store *store;
  struct err e;
  struct organization_cache *organizations;
  struct sender_catalogue *catalogue;
  struct labels labels;
  struct store_filter filter;
  struct readiness_basis basis;
  unsigned reports;
  /* the report to be made */
  const char *org, *domain, *header_from;
  uint32_t flags;
  int hours; /* of the day, when it begins */
  bool not_evaluated;
  /* the answer */
  struct table_sink sink;
  const struct table *table;
  char *values[MOST_ROWS][MOST_COLUMNS];
  unsigned rows;
};

#define assert_ok(f, call)                                      \
  do {                                                          \
    int _r = (call);                                            \
    if (_r < 0) fail_msg("%s: %d: %s", #call, _r, (f)->e.text); \
  } while (0)

static int keep_table(struct table_sink *s, const struct table *table, struct err *e) {
  (void)e;
  struct fixture *f = (struct fixture *)((char *)s - offsetof(struct fixture, sink));
  f->table = table;
  assert_true(table->column_count <= MOST_COLUMNS);
  return 0;
}

static int keep_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)e;
  struct fixture *f = (struct fixture *)((char *)s - offsetof(struct fixture, sink));
  assert_true(f->rows < MOST_ROWS);
  for (unsigned i = 0; i < f->table->column_count; i++) {
    struct strbuf text = STRBUF_INIT;
    format_plain(&text, &f->table->columns[i], &cells[i]);
    f->values[f->rows][i] = mem_strdup(strbuf_text(&text));
    strbuf_clear(&text);
  }
  f->rows++;
  return 0;
}

static int keep_end(struct table_sink *s, struct err *e) {
  (void)s, (void)e;
  return 0;
}

static void forget_answer(struct fixture *f) {
  for (unsigned i = 0; i < f->rows; i++)
    for (unsigned c = 0; c < f->table->column_count; c++) free(f->values[i][c]);
  f->rows = 0;
  f->table = NULL;
}

static void open_store(struct fixture *f) {
  snprintf(f->folder, sizeof f->folder, "/tmp/test_report_verbs.XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  _cleanup_free_ char *path = mem_printf("%s/dmarc.db", f->folder);
  assert_ok(f, store_open(path, STORE_WRITE, &f->store, &f->e));
}

static void close_store(struct fixture *f) {
  store_close(f->store);
  f->store = NULL;
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  assert_int_equal(system(command), 0);
}

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  open_store(f);
  f->organizations = organization_cache_new();
  f->catalogue = sender_catalogue_new();
  f->filter = (struct store_filter)STORE_FILTER_ALL;
  f->basis = (struct readiness_basis){.catalogue = f->catalogue,
                                      .labels = &f->labels,
                                      .thresholds = &THRESHOLDS_DEFAULT,
                                      .as_of_s = DAY_S(-1) + 6 * 3600,
                                      .before_s = INT64_MAX};
  f->sink = (struct table_sink){.begin = keep_table, .row = keep_row, .end = keep_end};
  f->org = "receiver.example.net";
  f->domain = f->header_from = "example.com";
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  forget_answer(f);
  close_store(f);
  organization_cache_free(f->organizations);
  sender_catalogue_free(f->catalogue);
  free(f);
  return 0;
}

/* In the middle of a test, for its other half. */
static void start_anew(struct fixture *f) {
  forget_answer(f);
  close_store(f);
  open_store(f);
}

static void ask_selectors(struct fixture *f) {
  forget_answer(f);
  assert_ok(f, question_selectors(f->store, &f->filter, NULL, 0, &f->basis, &f->sink, &f->e));
}

static void ask_compliance(struct fixture *f) {
  forget_answer(f);
  assert_ok(f, question_compliance(f->store, &f->filter, NULL, 0, &f->basis, &f->sink, &f->e));
}

static unsigned column_of(const struct fixture *f, const char *key) {
  for (unsigned i = 0; i < f->table->column_count; i++)
    if (!strcmp(f->table->columns[i].key, key)) return i;
  fail_msg("no column %s", key);
  return 0;
}

/* The rows are known by their first column: the selector, or the source. */
static bool has_row(const struct fixture *f, const char *name) {
  for (unsigned i = 0; i < f->rows; i++)
    if (!strcmp(f->values[i][0], name)) return true;
  return false;
}

static const char *value_of(const struct fixture *f, const char *name, const char *key) {
  unsigned column = column_of(f, key);
  for (unsigned i = 0; i < f->rows; i++)
    if (!strcmp(f->values[i][0], name)) return f->values[i][column];
  fail_msg("no row %s", name);
  return NULL;
}

static void same_value(const struct fixture *f, const char *name, const char *key, const char *expected, int line) {
  const char *value = value_of(f, name, key);
  if (!strcmp(value, expected)) return;
  print_error("line %d: %s of %s is \"%s\", not \"%s\"\n", line, key, name, value, expected);
  fail();
}
#define assert_value(f, name, key, expected) same_value(f, name, key, expected, __LINE__)
#define assert_state(f, selector, expected) same_value(f, selector, "state", expected, __LINE__)

static const char *day_text(int ago, char *buffer) { return utc_format_day(DAY_S(ago), buffer); }

/* --- mail --------------------------------------------------------------------------------------------------------- */

#define MOST_RESULTS 8

/* Results as "dkim example.com/s1=pass" or "spf example.com=fail" or "helo mx.example.com=pass", in one text with ';'
 * between; "-" for a name that is absent. */
static uint32_t read_results(struct arena *arena, const char *text, struct auth_result *ret) {
  uint32_t count = 0;
  char *rest = arena_strdup(arena, text), *one;
  while ((one = strsep(&rest, ";"))) {
    one += strspn(one, " ");
    if (!*one) continue;
    assert_true(count < MOST_RESULTS);
    char *method = strsep(&one, " "), *name = strsep(&one, "=");
    struct auth_result *r = &ret[count++];
    *r = (struct auth_result){.method = strcmp(method, "dkim") != 0 ? AUTH_SPF : AUTH_DKIM,
                              .scope = !strcmp(method, "helo")  ? "helo"
                                       : !strcmp(method, "spf") ? "mfrom"
                                                                : NULL,
                              .result.text = one && strcmp(one, "-") != 0 ? one : NULL};
    r->domain = strsep(&name, "/");
    if (name && strcmp(name, "-") != 0) r->selector = name;
    if (!strcmp(r->domain, "-")) r->domain = NULL;
  }
  return count;
}

static struct word evaluated(const struct fixture *f, enum alignment grade) {
  if (f->not_evaluated) return (struct word){0};
  return (struct word){.text = grade >= ALIGNMENT_RELAXED ? "pass" : "fail"};
}

/* One record in a report of its own. */
static void mail(struct fixture *f, int ago, const char *ip, int64_t count, const char *results) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_free_ char *id = mem_printf("r%u", f->reports++);
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1};
  struct auth_result list[MOST_RESULTS];
  struct feedback_record record = {
      .count = count, .header_from = f->header_from, .disposition.text = "none", .results = list};
  assert_true(ip_parse(ip, &record.source_ip));
  record.result_count = read_results(arena, results, list);
  alignment_grade_record(&record, f->organizations, NULL);
  record.dkim = evaluated(f, record.dkim_alignment);
  record.spf = evaluated(f, record.spf_alignment);
  const struct feedback_header header = {.org_name = f->org,
                                         .report_id = id,
                                         .begin_s = DAY_S(ago) + f->hours * 3600,
                                         .end_s = DAY_S(ago) + f->hours * 3600 + UTC_DAY_S - 1,
                                         .policy_domain = f->domain,
                                         .p = "none",
                                         .flags = f->flags};
  int64_t report;
  if (!store_in_transaction(f->store)) assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, false, &f->e));
  assert_ok(f, store_report_add(f->store, &record, &f->e));
  assert_ok(f, store_report_close(f->store, &header, digest, &report, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
}

/* Each day from `first` to `last` days ago. */
static void mail_daily(struct fixture *f, int first, int last, const char *ip, int64_t count, const char *results) {
  for (int ago = first; ago >= last; ago--) mail(f, ago, ip, count, results);
}

#define OFFICE "192.0.2.10"
#define OFFICE_MAIL "dkim example.com/s1=pass; spf example.com=pass"
#define SECOND "192.0.2.11"
#define SECOND_MAIL "dkim example.com/s2=pass; spf example.com=pass"
#define BOT "203.0.113.7"

/* The owner's servers, as the reporters see them to the last day. */
static void office(struct fixture *f, int days) { mail_daily(f, days - 1, 0, OFFICE, 20, OFFICE_MAIL); }

/* --- selectors: whose they are ------------------------------------------------------------------------------------ */

static void a_selector_in_use_is_active_and_tells_where_it_is_at_home(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 30);
  mail(f, 0, "198.51.100.4", 50, OFFICE_MAIL);
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "domain", "example.com");
  assert_value(f, "s1", "policy_domain", "example.com");
  assert_value(f, "s1", "messages", "650");
  assert_value(f, "s1", "own_messages", "650");
  assert_value(f, "s1", "own_pass_share", "1");
  assert_value(f, "s1", "pass_share", "1");
  assert_value(f, "s1", "home", "192.0.2.0/24");
  assert_value(f, "s1", "home_share", "0.923077");
  assert_value(f, "s1", "homes", "1"); /* the other has less than a tenth */
  assert_value(f, "s1", "addresses", "2");
  assert_value(f, "s1", "service", "");
  assert_value(f, "s1", "not_passed", "");
  assert_value(f, "s1", "results", "result=pass messages=650");
  assert_value(f, "s1", "advice", "");
  assert_value(f, "s1", "first_seen", day_text(29, day));
  assert_value(f, "s1", "last_seen", day_text(0, day));
}

static void a_second_site_with_a_tenth_of_the_volume_is_a_home_too(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 90, OFFICE_MAIL);
  mail(f, 0, "198.51.100.4", 10, OFFICE_MAIL);
  ask_selectors(f);
  assert_value(f, "s1", "homes", "2");
}

static void only_signatures_of_the_owners_organization_are_the_owners(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5,
       "dkim example.com/s1=pass; dkim news.example.com/s2=pass; dkim example.net/s3=pass; spf example.com=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 2);
  assert_true(has_row(f, "s1"));
  assert_value(f, "s2", "domain", "news.example.com");
}

static void a_signature_that_is_none_is_no_use(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5, "dkim example.com/s1=none; spf example.com=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 0);
  assert_non_null(f->table);
}

static void letters_of_a_selector_have_no_case(void **state) {
  struct fixture *f = *state;
  mail(f, 1, OFFICE, 5, "dkim example.com/S1=pass; spf example.com=pass");
  mail(f, 0, OFFICE, 5, OFFICE_MAIL);
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "s1", "messages", "10");
}

static void a_message_signed_twice_counts_once_by_its_best_result(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5, "dkim example.com/s1=fail; dkim example.com/s1=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s1", "results", "result=pass messages=5");
}

static void reporters_without_selectors_get_a_row_of_their_own(void **state) {
  struct fixture *f = *state;
  office(f, 3);
  mail(f, 0, OFFICE, 5, "dkim example.com/-=pass; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "", "unnamed");
  assert_value(f, "", "messages", "5");
  assert_state(f, "s1", "active");
}

static void results_other_than_pass_are_told_with_their_counts(void **state) {
  struct fixture *f = *state;
  office(f, 30);
  mail(f, 1, OFFICE, 1, "dkim example.com/s1=permerror; spf example.com=pass");
  mail(f, 1, OFFICE, 2, "dkim example.com/s1=fail; spf example.com=pass");
  mail(f, 1, OFFICE, 3, "dkim example.com/s1=-; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s1", "not_passed", "fail 2, permerror 1, other 3");
  assert_value(
      f, "s1", "results",
      "result=pass messages=600; result=fail messages=2; result=permerror messages=1; result=other messages=3");
  assert_value(f, "s1", "own_pass_share", "0.990099");
}

#define SES_MAIL "dkim example.com/k=pass; dkim amazonses.com/x=pass; spf amazonses.com=pass"

static void the_only_service_that_signs_with_it_is_named(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, "198.51.100.1", 20, SES_MAIL);
  ask_selectors(f);
  assert_value(f, "k", "service", "Amazon SES");
  assert_value(f, "k", "home", "Amazon SES");
  mail(f, 0, OFFICE, 100, "dkim example.com/k=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "k", "service", "");
  assert_value(f, "k", "home", "Amazon SES");
  assert_value(f, "k", "homes", "2");
}

/* --- selectors: states -------------------------------------------------------------------------------------------- */

static void who_is_silent_for_over_two_weeks_is_retired(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 39, 14, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 39, 15, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
  assert_value(f, "s2", "last_seen", day_text(15, day));
  assert_value(f, "s2", "advice", "silent for 15 days: its key can be withdrawn");
}

static void who_was_seen_on_three_days_has_no_rhythm_to_be_missed_by(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 33, 31, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "silent");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 34, 31, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void silence_is_measured_by_the_longest_pause_before(void **state) {
  struct fixture *f = *state;
  const int last[] = {40, 41};
  static const char *const STATES[] = {"silent", "retired"};
  for (unsigned i = 0; i < ARRAY_SIZE(last); i++) {
    office(f, 40);
    for (int run = 3; run >= 0; run--) mail(f, last[i] + run * 20, SECOND, 50, SECOND_MAIL);
    ask_selectors(f);
    assert_state(f, "s2", STATES[i]);
    start_anew(f);
  }
}

static void what_is_silent_for_over_400_days_is_retired_whatever_its_rhythm(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail(f, 400, SECOND, 50, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "silent");
  start_anew(f);
  office(f, 40);
  mail(f, 401, SECOND, 50, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void a_reporter_that_falls_silent_retires_nobody(void **state) {
  struct fixture *f = *state;
  f->org = "corporate.example.org";
  mail_daily(f, 39, 20, SECOND, 20, SECOND_MAIL);
  f->org = "receiver.example.net";
  office(f, 40);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  f->org = "corporate.example.org"; /* it speaks again, and not of s2 */
  mail(f, 0, OFFICE, 20, OFFICE_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void forgers_do_not_keep_a_retired_selector_in_use(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 39, 20, SECOND, 20, SECOND_MAIL);
  mail_daily(f, 2, 0, BOT, 500, "dkim example.com/s2=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "s2", "retired");
  assert_value(f, "s2", "last_seen", day_text(20, day));
  assert_value(f, "s2", "own_pass_share", "1");
  assert_value(f, "s2", "pass_share", "0.210526");
  assert_value(f, "s2", "messages", "1900");
}

static void a_selector_that_fails_where_it_passed_is_broken(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  mail_daily(f, 39, 3, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 2, 0, OFFICE, 60, "dkim example.com/s1=fail; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "broken");
  assert_value(f, "s1", "broken_since", day_text(2, day));
}

/* `passed` and `failed` messages of a last run that is a fortnight away from the former mail. */
static void last_run(struct fixture *f, int64_t passed, int64_t failed) {
  start_anew(f);
  mail_daily(f, 39, 14, OFFICE, 20, OFFICE_MAIL);
  if (passed) mail(f, 0, OFFICE, passed, OFFICE_MAIL);
  mail(f, 0, OFFICE, failed, "dkim example.com/s1=fail; spf example.com=pass");
  ask_selectors(f);
}

static void half_a_run_that_fails_breaks_nothing_and_more_does(void **state) {
  struct fixture *f = *state;
  last_run(f, 10, 10);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "broken_since", "");
  last_run(f, 10, 11);
  assert_state(f, "s1", "broken");
}

static void a_run_of_less_than_ten_messages_breaks_nothing(void **state) {
  struct fixture *f = *state;
  last_run(f, 0, 9);
  assert_state(f, "s1", "active");
  last_run(f, 0, 10);
  assert_state(f, "s1", "broken");
}

static void the_last_run_is_of_seven_days(void **state) {
  struct fixture *f = *state;
  const char *fails = "dkim example.com/s1=fail; spf example.com=pass";
  mail_daily(f, 39, 7, OFFICE, 100, OFFICE_MAIL);
  mail_daily(f, 6, 0, OFFICE, 10, fails);
  ask_selectors(f);
  assert_state(f, "s1", "broken");
  start_anew(f);
  mail_daily(f, 39, 6, OFFICE, 100, OFFICE_MAIL);
  mail_daily(f, 5, 0, OFFICE, 10, fails);
  ask_selectors(f);
  assert_state(f, "s1", "active");
}

static void a_receivers_trouble_with_the_dns_breaks_nothing(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 39, 3, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 2, 0, OFFICE, 100, "dkim example.com/s1=temperror; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "active");
}

static void forged_signatures_break_nothing(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 2, 0, BOT, 5000, "dkim example.com/s1=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "own_pass_share", "1");
}

static void a_selector_that_never_passed_is_forged_or_without_its_key(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 2, 0, OFFICE, 20, "dkim example.com/new=permerror; spf example.com=pass");
  mail_daily(f, 2, 0, BOT, 20, "dkim example.com/fake=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "new", "never_passed");
  assert_value(f, "new", "advice", "signs your mail and was never verified: publish its key, or sign with one that is");
  assert_value(f, "new", "home", "192.0.2.0/24");
  assert_value(f, "new", "broken_since", day_text(2, day));
  assert_value(f, "fake", "broken_since", "");
  assert_state(f, "fake", "never_passed");
  assert_value(f, "fake", "advice", "never verified, and none of your mail has it: forged, nothing to do");
  assert_value(f, "fake", "home", "");
  assert_value(f, "fake", "own_pass_share", "");
  mail(f, 0, OFFICE, 1, "dkim example.com/new=pass; spf example.com=pass");
  ask_selectors(f);
  assert_string_not_equal(value_of(f, "new", "state"), "never_passed");
}

static void a_selector_of_which_only_trouble_with_the_dns_is_known_never_passed(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  mail_daily(f, 5, 0, OFFICE, 20, "dkim example.com/s1=temperror; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "never_passed");
  assert_value(f, "s1", "broken_since", day_text(5, day));
}

static void what_is_used_for_less_than_two_weeks_is_new(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 14, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "new");
}

static void nothing_is_new_to_a_history_that_is_young_itself(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 27, 0, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "new");
  start_anew(f);
  mail_daily(f, 26, 0, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
}

static void a_period_narrows_what_is_counted(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  f->filter.since_s = DAY_S(9);
  ask_selectors(f);
  assert_value(f, "s1", "messages", "200");
}

static void each_policy_domain_has_rows_of_its_own(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->domain = f->header_from = "example.org";
  mail(f, 0, SECOND, 7, "dkim example.org/k1=pass; spf example.org=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 2);
  assert_value(f, "s1", "policy_domain", "example.com");
  assert_value(f, "k1", "policy_domain", "example.org");
  assert_value(f, "k1", "messages", "7");
  ask_compliance(f);
  assert_int_equal(f->rows, 2);
  assert_value(f, SECOND, "policy_domain", "example.org");
}

static void reports_of_a_clock_that_is_ahead_are_left_out(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 10);
  mail(f, -9, OFFICE, 1000, OFFICE_MAIL);
  ask_selectors(f);
  assert_value(f, "s1", "messages", "200");
  assert_value(f, "s1", "last_seen", day_text(0, day));
}

static void what_had_not_begun_by_the_day_of_asking_is_left_out(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  f->basis.before_s = DAY_S(9);
  f->basis.as_of_s = DAY_S(9) - 1;
  ask_selectors(f);
  assert_value(f, "s1", "messages", "600");
}

static void nor_is_what_began_later_on_that_day_looked_at(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->hours = 12;
  mail(f, 0, SECOND, 20, SECOND_MAIL);
  f->basis.before_s = f->basis.as_of_s = DAY_S(0) + 6 * 3600;
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "s1", "messages", "200");
}

static void a_count_that_could_not_be_read_adds_nothing(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail(f, 0, OFFICE, FEEDBACK_COUNT_UNKNOWN, "dkim example.com/s9=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s9", "messages", "0");
  assert_value(f, "s9", "pass_share", "");
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "200");
}

static void a_domain_without_a_report_is_told_before_anything_is_printed(void **state) {
  struct fixture *f = *state;
  const char *const domains[] = {"example.org"};
  office(f, 3);
  assert_int_equal(question_selectors(f->store, &f->filter, domains, 1, &f->basis, &f->sink, &f->e), ERR_NOT_FOUND);
  assert_null(f->table);
  assert_int_equal(question_compliance(f->store, &f->filter, domains, 1, &f->basis, &f->sink, &f->e), ERR_NOT_FOUND);
  assert_null(f->table);
}

/* --- compliance: one message -------------------------------------------------------------------------------------- */

static void mail_that_passes_all_three_meets_the_bar(void **state) {
  struct fixture *f = *state;
  office(f, 5);
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, OFFICE, "messages", "100");
  assert_value(f, OFFICE, "spf_pass_share", "1");
  assert_value(f, OFFICE, "dkim_pass_share", "1");
  assert_value(f, OFFICE, "aligned_share", "1");
  assert_value(f, OFFICE, "bulk_pass_share", "1");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "0");
  assert_value(f, OFFICE, "missing", "");
  assert_value(f, OFFICE, "repair", "");
  assert_value(f, OFFICE, "class", "own");
  assert_value(f, OFFICE, "policy", "none");
}

/* One source of the owner's whose mail has these results; what it falls short of. */
static void assert_missing(struct fixture *f, const char *results, const char *bulk, const char *short_of,
                           const char *missing) {
  start_anew(f);
  mail_daily(f, 9, 0, OFFICE, 10, results);
  ask_compliance(f);
  assert_value(f, OFFICE, "bulk_pass_share", bulk);
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", short_of);
  assert_value(f, OFFICE, "missing", missing);
}

static void mail_that_passes_dmarc_may_fall_short(void **state) {
  struct fixture *f = *state;
  assert_missing(f, "spf example.com=pass", "0", "100", "no DKIM signature");
  assert_missing(f, "dkim example.com/s1=none; spf example.com=pass", "0", "100", "no DKIM signature");
  assert_missing(f, "dkim example.com/s1=fail; spf example.com=pass", "0", "100", "DKIM fails");
}

static void mail_that_is_signed_needs_spf_too(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, OFFICE, 10, OFFICE_MAIL); /* the home of the selector */
  mail_daily(f, 9, 0, OFFICE, 10, "dkim example.com/s1=pass; spf mail.example.com=softfail");
  mail_daily(f, 9, 0, SECOND, 10, "dkim example.com/s1=pass; spf bounce.example.net=none");
  mail_daily(f, 9, 0, "192.0.2.12", 10, "dkim example.com/s1=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "bulk_pass_share", "0.5");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "100");
  assert_value(f, OFFICE, "missing", "SPF fails");
  assert_value(f, OFFICE, "repair", "authorise it in the SPF record of mail.example.com");
  assert_value(f, SECOND, "missing", "no SPF");
  assert_value(f, "192.0.2.12", "missing", "no SPF");
  assert_value(f, "192.0.2.12", "dmarc_pass_bulk_fail", "100");
}

static void any_domain_may_sign_where_spf_is_aligned(void **state) {
  struct fixture *f = *state;
  assert_missing(f, "dkim example.net/x=pass; spf example.com=pass", "1", "0", "");
}

static void the_envelopes_domain_decides_not_helo(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, OFFICE, 10, "dkim example.com/s1=pass; spf example.com=fail; helo mx.example.com=pass");
  mail_daily(f, 9, 0, SECOND, 10, "dkim example.com/s1=pass; helo mx.example.net=pass"); /* a null reverse-path */
  ask_compliance(f);
  assert_value(f, OFFICE, "spf_pass_share", "0");
  assert_value(f, SECOND, "spf_pass_share", "1");
}

static void mail_that_nobody_evaluated_is_not_aligned(void **state) {
  struct fixture *f = *state;
  office(f, 5); /* so that the address is a home */
  f->not_evaluated = true;
  mail(f, 0, OFFICE, 100, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "spf_pass_share", "1");
  assert_value(f, OFFICE, "dkim_pass_share", "1");
  assert_value(f, OFFICE, "aligned_share", "0.5");
  assert_value(f, OFFICE, "bulk_pass_share", "0.5");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "0");
  assert_value(f, OFFICE, "missing", "not aligned");
}

static void mail_that_fails_dmarc_too_does_not_fall_short_of_it(void **state) {
  struct fixture *f = *state;
  office(f, 5);
  mail(f, 0, OFFICE, 100, "dkim example.com/s1=fail; spf example.net=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "class", "own");
  assert_value(f, OFFICE, "messages", "200");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "0");
  assert_value(f, OFFICE, "missing", "DKIM fails not aligned");
}

static void a_miss_of_less_than_a_hundredth_is_not_spoken_of(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 99, OFFICE_MAIL);
  mail(f, 0, OFFICE, 1, "spf example.com=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "missing", "no DKIM signature");
  mail(f, 0, OFFICE, 1, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "missing", "");
  assert_value(f, OFFICE, "no_dkim_signature", "1");
}

static void a_key_that_verifies_most_mail_needs_no_publishing(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 50, OFFICE_MAIL);
  mail(f, 0, OFFICE, 50, "dkim example.com/s1=fail; spf example.com=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "repair", "find what changes a part of its mail after it was signed");
  mail(f, 0, OFFICE, 1, "dkim example.com/s1=fail; spf example.com=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "repair", "publish the key it signs with, or find what changes its mail on the way");
}

static void the_domain_of_most_failing_spf_is_the_one_to_repair(void **state) {
  struct fixture *f = *state;
  mail(f, 2, OFFICE, 100, OFFICE_MAIL);
  mail(f, 1, OFFICE, 10, "dkim example.com/s1=pass; spf a.example.com=fail");
  mail(f, 0, OFFICE, 30, "dkim example.com/s1=pass; spf b.example.com=fail");
  mail(f, 0, OFFICE, 10, "dkim example.com/s1=pass; spf c.example.com=fail");
  ask_compliance(f);
  assert_value(f, OFFICE, "repair", "authorise it in the SPF record of b.example.com");
}

/* --- compliance: whose mail, and when ----------------------------------------------------------------------------- */

static void the_addresses_of_a_service_are_one_source(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, "198.51.100.1", 20, SES_MAIL);
  mail_daily(f, 9, 0, "198.51.100.99", 20, SES_MAIL);
  mail_daily(f, 9, 0, "203.0.113.99", 20, "dkim example.com/k=fail; dkim amazonses.com/x=pass; spf amazonses.com=pass");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "Amazon SES", "addresses", "3");
  assert_value(f, "Amazon SES", "service", "Amazon SES");
  assert_value(f, "Amazon SES", "messages", "600");
  assert_value(f, "Amazon SES", "missing", "not aligned");
  assert_string_equal(value_of(f, "Amazon SES", "repair"), sender_by_name(f->catalogue, "Amazon SES")->repair);
}

static void strangers_and_forwarders_are_left_out_and_counted(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail(f, 0, BOT, 300, "spf example.com=fail");
  mail(f, 0, "198.51.100.77", 1, "dkim example.com/s1=pass; spf example.com=fail");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, OFFICE, "domain_foreign", "300");
  assert_value(f, OFFICE, "domain_forwarded", "1");
}

static void a_domain_without_own_mail_has_a_row_without_a_source(void **state) {
  struct fixture *f = *state;
  mail(f, 0, BOT, 300, "spf example.com=fail");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "", "policy_domain", "example.com");
  assert_value(f, "", "messages", "0");
  assert_value(f, "", "bulk_pass_share", "");
  assert_value(f, "", "class", "");
  assert_value(f, "", "domain_foreign", "300");
}

static void the_window_is_judged_or_the_period_that_is_asked_for(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 60);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "600");
  assert_value(f, OFFICE, "first_day", day_text(29, day));
  assert_value(f, OFFICE, "last_day", day_text(0, day));
  f->filter.since_s = DAY_S(49);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "1000");
  assert_value(f, OFFICE, "first_day", day_text(49, day));
  f->filter.since_s = STORE_TIME_OPEN_BEGIN;
  f->filter.until_s = DAY_S(39);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "400");
  assert_value(f, OFFICE, "first_day", day_text(59, day));
  assert_value(f, OFFICE, "last_day", day_text(40, day));
}

/* --- compliance: who is a bulk sender ----------------------------------------------------------------------------- */

static void over_5000_messages_on_a_day_make_a_bulk_sender(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 1, OFFICE, 5000, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
  mail(f, 0, OFFICE, 5000, OFFICE_MAIL); /* two reports on a day count together, two days do not */
  mail(f, 0, OFFICE, 1, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "1");
  assert_value(f, OFFICE, "domain_volumes",
               "receiver=Google days=2 bulk_days=1 last_bulk_day=2024-10-04 most_messages=5001 most_day=2024-10-04");
}

static void what_forgers_send_makes_nobody_a_bulk_sender(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 0, OFFICE, 4000, OFFICE_MAIL);
  mail(f, 0, BOT, 4000, "spf example.com=fail");
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
}

static void each_receiver_counts_for_itself_and_others_do_not(void **state) {
  struct fixture *f = *state;
  const char *const orgs[] = {"google.com", "Yahoo", "Outlook.com", "Enterprise Outlook", "receiver.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(orgs); i++) {
    f->org = orgs[i];
    mail(f, 0, OFFICE, 4000, OFFICE_MAIL);
  }
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
  assert_value(f, OFFICE, "domain_volumes",
               "receiver=Google days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04; "
               "receiver=Yahoo days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04; "
               "receiver=Microsoft days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04");
}

static void a_report_on_a_week_says_nothing_of_a_day(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  f->flags = FEEDBACK_PERIOD_LONG;
  mail(f, 0, OFFICE, 9000, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_volumes", "");
}

static void bulk_days_are_counted_beyond_the_window(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 200, OFFICE, 6000, OFFICE_MAIL);
  mail_daily(f, 29, 0, OFFICE, 20, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "600");
  assert_value(f, OFFICE, "domain_bulk_days", "1");
}

static void receivers_are_known_by_the_names_they_report_under(void **state) {
  (void)state;
  assert_int_equal(compliance_receiver_of("GOOGLE.COM"), RECEIVER_GOOGLE);
  assert_int_equal(compliance_receiver_of("Google, Inc."), RECEIVER_GOOGLE);
  assert_int_equal(compliance_receiver_of("AOL"), RECEIVER_YAHOO);
  assert_int_equal(compliance_receiver_of("Yahoo! Inc."), RECEIVER_YAHOO);
  assert_int_equal(compliance_receiver_of("Outlook.com"), RECEIVER_MICROSOFT);
  assert_int_equal(compliance_receiver_of("Microsoft Corp."), RECEIVER_MICROSOFT);
  assert_int_equal(compliance_receiver_of("Enterprise Outlook"), RECEIVERS);
  assert_int_equal(compliance_receiver_of("notgoogle.com"), RECEIVERS);
  assert_int_equal(compliance_receiver_of(""), RECEIVERS);
  assert_int_equal(compliance_receiver_of(NULL), RECEIVERS);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_selector_in_use_is_active_and_tells_where_it_is_at_home),
      T(a_second_site_with_a_tenth_of_the_volume_is_a_home_too),
      T(only_signatures_of_the_owners_organization_are_the_owners),
      T(a_signature_that_is_none_is_no_use),
      T(letters_of_a_selector_have_no_case),
      T(a_message_signed_twice_counts_once_by_its_best_result),
      T(reporters_without_selectors_get_a_row_of_their_own),
      T(results_other_than_pass_are_told_with_their_counts),
      T(the_only_service_that_signs_with_it_is_named),
      T(who_is_silent_for_over_two_weeks_is_retired),
      T(who_was_seen_on_three_days_has_no_rhythm_to_be_missed_by),
      T(silence_is_measured_by_the_longest_pause_before),
      T(what_is_silent_for_over_400_days_is_retired_whatever_its_rhythm),
      T(a_reporter_that_falls_silent_retires_nobody),
      T(forgers_do_not_keep_a_retired_selector_in_use),
      T(a_selector_that_fails_where_it_passed_is_broken),
      T(half_a_run_that_fails_breaks_nothing_and_more_does),
      T(a_run_of_less_than_ten_messages_breaks_nothing),
      T(the_last_run_is_of_seven_days),
      T(a_receivers_trouble_with_the_dns_breaks_nothing),
      T(forged_signatures_break_nothing),
      T(a_selector_that_never_passed_is_forged_or_without_its_key),
      T(a_selector_of_which_only_trouble_with_the_dns_is_known_never_passed),
      T(what_is_used_for_less_than_two_weeks_is_new),
      T(nothing_is_new_to_a_history_that_is_young_itself),
      T(a_period_narrows_what_is_counted),
      T(each_policy_domain_has_rows_of_its_own),
      T(reports_of_a_clock_that_is_ahead_are_left_out),
      T(what_had_not_begun_by_the_day_of_asking_is_left_out),
      T(nor_is_what_began_later_on_that_day_looked_at),
      T(a_count_that_could_not_be_read_adds_nothing),
      T(a_domain_without_a_report_is_told_before_anything_is_printed),
      T(mail_that_passes_all_three_meets_the_bar),
      T(mail_that_passes_dmarc_may_fall_short),
      T(mail_that_is_signed_needs_spf_too),
      T(any_domain_may_sign_where_spf_is_aligned),
      T(the_envelopes_domain_decides_not_helo),
      T(mail_that_nobody_evaluated_is_not_aligned),
      T(mail_that_fails_dmarc_too_does_not_fall_short_of_it),
      T(a_miss_of_less_than_a_hundredth_is_not_spoken_of),
      T(a_key_that_verifies_most_mail_needs_no_publishing),
      T(the_domain_of_most_failing_spf_is_the_one_to_repair),
      T(the_addresses_of_a_service_are_one_source),
      T(strangers_and_forwarders_are_left_out_and_counted),
      T(a_domain_without_own_mail_has_a_row_without_a_source),
      T(the_window_is_judged_or_the_period_that_is_asked_for),
      T(over_5000_messages_on_a_day_make_a_bulk_sender),
      T(what_forgers_send_makes_nobody_a_bulk_sender),
      T(each_receiver_counts_for_itself_and_others_do_not),
      T(a_report_on_a_week_says_nothing_of_a_day),
      T(bulk_days_are_counted_beyond_the_window),
      cmocka_unit_test(receivers_are_known_by_the_names_they_report_under),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
