/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one domain: what stands at its top, and that its parts say the same. */
#include "judged_kit.h"

#include "report/page_head.h"
#include "report/report_files.h"

static int put(void *user, const char *name, report_writer *write, void *writer, struct err *e) {
  char **text = user;
  size_t size = 0;
  (void)name;
  FILE *file = open_memstream(text, &size);
  assert_non_null(file);
  int code = write(writer, file, e);
  assert_int_equal(fclose(file), 0);
  return code;
}

static char *page(struct fixture *f, enum table_format format) {
  char *text = NULL;
  const struct report_files files = {format, false, "The foot.", put, &text};
  assert_ok(f, report_files_write(&f->question.of, &files, &f->e));
  return text;
}

static void assert_says(struct fixture *f, enum table_format format, const char *what) {
  _cleanup_free_ char *text = page(f, format);
  if (!strstr(text, what)) fail_msg("\"%s\" is not in:\n%s", what, text);
}

static void assert_silent(struct fixture *f, enum table_format format, const char *what) {
  _cleanup_free_ char *text = page(f, format);
  if (strstr(text, what)) fail_msg("\"%s\" is in:\n%s", what, text);
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

static void what_the_step_would_do_a_day_is_said_first(void **state) {
  struct fixture *f = *state;
  office(f, 30);
  mail(f, 12, BOT, 90, "spf example.com=fail");
  assert_says(f, FORMAT_MARKDOWN, "p=quarantine would touch 0 of your 20 messages a day and stop 3 forged ones a day.");
}

static void nothing_is_said_to_be_touched_where_the_reports_are_too_old(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 60, 20, OFFICE, 20, OFFICE_MAIL);
  assert_says(f, FORMAT_MARKDOWN, "(STALE)");
  assert_silent(f, FORMAT_MARKDOWN, "would touch");
}

/* "The reports are too old to say for p=quarantine" says nothing. */
static void a_verdict_that_is_about_no_step_names_none(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 60, 20, OFFICE, 20, OFFICE_MAIL);
  assert_says(f, FORMAT_MARKDOWN, "**The reports are too old to say (STALE)**\n");
}

/* Who sends nothing says so in both records. */
static void a_parked_domain_publishes_that_it_sends_nothing(void **state) {
  struct fixture *f = *state;
  static const char *const ORGS[] = {"one.example", "two.example", "three.example", "four.example"};
  for (int i = 0; i < 4; i++) {
    f->org = ORGS[i];
    for (int ago = 0; ago < 60; ago += 2) {
      char ip[16];
      snprintf(ip, sizeof ip, "203.0.113.%d", ago + i);
      mail(f, ago, ip, 1, "spf example.com=fail");
    }
  }
  assert_says(f, FORMAT_MARKDOWN, "p=reject would touch nothing of yours, as you send nothing, and stop ");
  assert_says(f, FORMAT_MARKDOWN,
              "_dmarc.example.com TXT \"v=DMARC1; p=reject; rua=<keep yours>\"\n```\n\nAnd that it sends "
              "nothing:\n\n```\nexample.com TXT \"v=spf1 -all\"\n```\n");
  assert_says(f, FORMAT_MARKDOWN, "There is no mail of yours here, so gates about it have nothing to fail by.");
  assert_silent(f, FORMAT_MARKDOWN, "How your own mail authenticates");
}

/* The first three things to do stand at the top, and nowhere else. */
static void what_blocks_is_said_once(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  for (int i = 0; i < 5; i++) {
    char ip[16];
    snprintf(ip, sizeof ip, "198.51.%d.7", i + 1);
    mail_daily(f, 39, 0, ip, 10 - i, "dkim example.com=fail; spf example.net=fail");
  }
  _cleanup_free_ char *text = page(f, FORMAT_MARKDOWN);
  const char *top = strstr(text, "## What to do"), *rest = strstr(text, "## What else blocks");
  assert_true(top && rest && top < rest);
  for (int i = 0; i < 5; i++) {
    char title[64];
    snprintf(title, sizeof title, ". **198.51.%d.0/24** (", i + 1);
    const char *first = strstr(text, title);
    assert_non_null(first);
    assert_true(i < PAGE_HEAD_TASKS ? first < rest : first > rest);
    assert_null(strstr(first + 1, title));
  }
}

static void the_way_ends_where_the_plan_does(void **state) {
  struct fixture *f = *state;
  f->p = "quarantine";
  office(f, 40);
  assert_says(
      f, FORMAT_MARKDOWN,
      "1. p=none: done\n2. p=quarantine: you are here, since 2024-08-26\n3. np=reject: ready, 2024-10-05\n4. p=reject: ");
  assert_says(f, FORMAT_MARKDOWN, "\n- reporters in the window: 1 reporter, at least 3 reporters\n");
  start_anew(f);
  f->p = "reject";
  for (int i = 0; i < 4; i++) {
    static const char *const ORGS[] = {"one.example", "two.example", "three.example", "four.example"};
    f->org = ORGS[i];
    office(f, 60);
  }
  assert_says(f, FORMAT_MARKDOWN, "2. p=quarantine: done\n3. p=reject: you are here, since 2024-08-06\n\n");
  assert_says(f, FORMAT_MARKDOWN, "Nothing for the step: the policy is where it is to be.");
}

/* --- mail over time ----------------------------------------------------------------------------------------------- */

/* The row of a day in the table of all mail. */
static void each_message_is_somebodys(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail(f, 1, OFFICE, 7, "dkim example.com=fail; spf example.com=fail");
  mail(f, 1, BOT, 100, "spf example.com=fail");
  char day[UTC_TEXT_BYTES], row[128];
  snprintf(row, sizeof row, "\n| %s | 20 | 7 | 0 | 0 | 100 | 127 |\n", day_text(1, day));
  assert_says(f, FORMAT_MARKDOWN, row);
}

/* RFC 9990 allows for a report that says nothing of DKIM and SPF: neither pass nor fail, and no share of them. */
static void what_no_receiver_evaluated_is_neither_pass_nor_fail(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->not_evaluated = true;
  mail(f, 1, OFFICE, 50, OFFICE_MAIL);
  char day[UTC_TEXT_BYTES], row[128];
  snprintf(row, sizeof row, "\n| %s | 20 | 0 | 0 | 0 | 50 | 100.0 %% |\n", day_text(1, day));
  assert_says(f, FORMAT_MARKDOWN, row);
}

/* --- who sends ---------------------------------------------------------------------------------------------------- */

static void senders_are_sorted_by_whose_their_mail_is(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail_daily(f, 9, 0, "192.0.2.99", 1, OFFICE_MAIL);
  mail(f, 1, BOT, 100, "spf example.com=fail");
  assert_says(f, FORMAT_MARKDOWN, "### Yours: 210 messages from 1 sender, 100.0 % pass\n");
  assert_says(f, FORMAT_MARKDOWN,
              "| 192.0.2.0/24 | 192.0.2.10 and 1 more | 210 | 100.0 % | 2024-09-25 | 2024-10-04 |\n");
  assert_says(f, FORMAT_MARKDOWN, "Forged: 100 messages from 1 sender, none passes\n");
  assert_says(f, FORMAT_HTML, "<details><summary>Forged: 100 messages from 1 sender, none passes</summary>");
  assert_silent(f, FORMAT_MARKDOWN, "### Undecided:");
}

/* Two that send from the same network are two. */
static void a_stranger_is_known_by_what_he_proves(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 39, 0, "198.51.100.8", 2, "dkim news.example.org=pass; spf example.org=pass");
  mail_daily(f, 39, 0, "198.51.100.9", 3, "dkim shop.example.net=pass; spf example.net=pass");
  assert_says(f, FORMAT_MARKDOWN, "### Undecided: 150 messages from 2 senders, none passes\n");
  assert_says(f, FORMAT_MARKDOWN, "\n| news.example.org | 198.51.100.8 | 60 |");
  assert_says(f, FORMAT_MARKDOWN, "\n| shop.example.net | 198.51.100.9 | 90 |");
}

/* The sums of a part are of that part alone. */
static void senders_of_the_chosen_reports_are_counted_from_these(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->filter.since_s = DAY_S(3);
  assert_says(f, FORMAT_MARKDOWN, "### Yours: 80 messages from 1 sender, 100.0 % pass\n");
}

/* What may be asked on the way hides nothing of what the step waits for. */
static void what_the_step_waits_for_is_named_beside_questions(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 39, 0, OFFICE, 2000, OFFICE_MAIL);
  mail_daily(f, 39, 0, "198.51.100.8", 2, "dkim news.example.org=pass; spf example.org=pass");
  assert_says(f, FORMAT_MARKDOWN,
              "\n- reporters in the window: 1 reporter, at least 3 reporters\n\n1. **news.example.org** (");
}

static void subdomains_hear_what_their_step_would_do(void **state) {
  struct fixture *f = *state;
  f->sp = "quarantine";
  office(f, 40);
  f->header_from = "shop.example.com";
  mail_daily(f, 39, 0, "192.0.2.20", 4, "dkim example.com/s1=pass; spf shop.example.com=pass");
  assert_says(f, FORMAT_MARKDOWN, "p=quarantine would touch 0 of your 20 messages a day.");
  assert_says(f, FORMAT_MARKDOWN, "sp=reject would touch 0 of your 4 messages a day.");
}

static void a_period_without_mail_says_so(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->filter.since_s = DAY_S(-400);
  assert_says(f, FORMAT_MARKDOWN, "## Who sends as you\n\nNo mail in this period.\n");
}

static void gates_that_fail_come_first(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  _cleanup_free_ char *text = page(f, FORMAT_MARKDOWN);
  const char *last_fail = NULL, *first_pass = strstr(text, "| pass |");
  for (const char *at = text; (at = strstr(at, "| FAIL |")); at++) last_fail = at;
  assert_true(last_fail && first_pass && last_fail < first_pass);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_the_step_would_do_a_day_is_said_first),
      T(nothing_is_said_to_be_touched_where_the_reports_are_too_old),
      T(a_verdict_that_is_about_no_step_names_none),
      T(a_parked_domain_publishes_that_it_sends_nothing),
      T(what_blocks_is_said_once),
      T(the_way_ends_where_the_plan_does),
      T(each_message_is_somebodys),
      T(what_no_receiver_evaluated_is_neither_pass_nor_fail),
      T(senders_are_sorted_by_whose_their_mail_is),
      T(a_stranger_is_known_by_what_he_proves),
      T(senders_of_the_chosen_reports_are_counted_from_these),
      T(what_the_step_waits_for_is_named_beside_questions),
      T(subdomains_hear_what_their_step_would_do),
      T(a_period_without_mail_says_so),
      T(gates_that_fail_come_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
