/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the questions that judge: the same sentences in any document, and none where nothing can be answered. */
#include "judged_kit.h"

#include "report/pages.h"

/* --- a document in memory ----------------------------------------------------------------------------------------- */

enum { TEXT, HTML, MARKDOWN, DOCUMENTS };

struct paper {
  FILE *file;
  char *text;
  size_t size;
};

/* `kind` of document, with what `pages` writes. Returns its code; the caller frees `ret`. */
static int draw(struct fixture *f, pages_fn *pages, int kind, char **ret) {
  static const struct render_options PLAIN = {.width = 200};
  struct paper p = {0};
  p.file = open_memstream(&p.text, &p.size);
  assert_non_null(p.file);
  struct document d = kind == TEXT   ? document_text(p.file, &PLAIN)
                      : kind == HTML ? document_html(p.file)
                                     : document_markdown(p.file);
  int code = pages(&f->question, &d, &f->e);
  assert_int_equal(fclose(p.file), 0);
  *ret = p.text;
  return code;
}

static bool says(struct fixture *f, pages_fn *pages, int kind, const char *what) {
  _cleanup_free_ char *text = NULL;
  assert_ok(f, draw(f, pages, kind, &text));
  if (strstr(text, what)) return true;
  print_error("\"%s\" is not in:\n%s\n", what, text);
  return false;
}

static bool says_everywhere(struct fixture *f, pages_fn *pages, const char *what) {
  for (int kind = 0; kind < DOCUMENTS; kind++)
    if (!says(f, pages, kind, what)) return false;
  return true;
}

static void assert_text(struct fixture *f, pages_fn *pages, const char *expected) {
  _cleanup_free_ char *text = NULL;
  assert_ok(f, draw(f, pages, TEXT, &text));
  assert_string_equal(text, expected);
}

/* The owner's mail, and a stranger's that fails. */
static void some_mail(struct fixture *f) {
  office(f, 20);
  mail(f, 1, BOT, 100, "spf example.com=fail");
}

/* --- each question ------------------------------------------------------------------------------------------------ */

static void the_verdict_and_its_reason_stand_on_each_page(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  assert_true(says_everywhere(f, readiness_pages, "Own mail passes: 100.0 %"));
  assert_true(says(f, readiness_pages, TEXT, "example.com: "));
}

static void who_asks_for_readiness_learns_how_many_got_each_verdict(void **state) {
  struct fixture *f = *state;
  unsigned of_pages[VERDICTS] = {0}, of_rows[VERDICTS] = {0}, domains = 0;
  some_mail(f);
  f->domain = f->header_from = "example.org";
  some_mail(f);
  _cleanup_free_ char *text = NULL;
  f->question.verdicts = of_pages;
  assert_ok(f, draw(f, readiness_pages, TEXT, &text));
  f->question.verdicts = of_rows;
  struct table_sink nothing = table_sink_nothing();
  assert_ok(f, question_readiness(&f->question, &nothing, &f->e));
  for (int v = 0; v < VERDICTS; v++) domains += of_pages[v];
  assert_int_equal(domains, 2);
  assert_memory_equal(of_pages, of_rows, sizeof of_rows);
}

static void what_would_happen_is_said_first_and_that_it_is_a_bound(void **state) {
  struct fixture *f = *state;
  const struct whatif_proposal reject = {.p = "reject"};
  some_mail(f);
  f->question.proposal = &reject;
  assert_true(says(f, whatif_pages, TEXT, "5 messages a day newly rejected, 0 of them own mail\n"));
  assert_true(says_everywhere(f, whatif_pages, "An upper bound: receivers need not obey"));
  assert_true(says_everywhere(f, whatif_pages, "203.0.113.7"));
}

static void the_bar_of_bulk_senders_and_its_rules_stand_in_each_document(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  assert_true(says(f, compliance_pages, TEXT, "example.com: the rules for bulk senders\n"));
  assert_true(says_everywhere(f, compliance_pages, "100.0 % pass SPF and DKIM and are aligned, as the rules ask"));
  assert_true(says_everywhere(f, compliance_pages, "The rules ask that SPF passes"));
  assert_true(says(f, compliance_pages, TEXT, "\nGoogle: no report on a day\n"));
}

/* Six sources of the owner's need the same. */
static void sources_that_need_the_same_are_one_step(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  for (int i = 20; i < 26; i++) {
    char ip[16];
    snprintf(ip, sizeof ip, "192.0.2.%d", i);
    mail_daily(f, 9, 0, ip, 20, "spf example.com=pass");
  }
  assert_true(says(f, compliance_pages, TEXT, "\n1. 192.0.2.20 and 5 more: sign its mail with DKIM as example.com.\n"));
  assert_true(says(f, compliance_pages, MARKDOWN, "\n1. **192.0.2.20 and 5 more**: sign its mail"));
}

/* --- diff --------------------------------------------------------------------------------------------------------- */

static const struct diff_period WEEKS[2] = {{LAST_DAY - 13, LAST_DAY - 6}, {LAST_DAY - 6, LAST_DAY + 1}};

static void a_change_is_a_line_below_its_domain(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 3, 0, SECOND, 30, SECOND_MAIL);
  mail_daily(f, 3, 0, "198.51.100.4", 30, OFFICE_MAIL);
  f->question.periods = WEEKS;
  assert_true(says(f, diff_pages, TEXT, "What changed: 2024-09-28 to 2024-10-04 against 2024-09-21 to 2024-09-27"));
  assert_true(says(f, diff_pages, TEXT, "\n\nexample.com\n- "));
  assert_true(says(f, diff_pages, HTML, "<li>new source: 198.51.100.0/24"));
  f->question.rows.most = 1;
  f->domain = f->header_from = "example.org";
  office(f, 3);
  assert_true(says(f, diff_pages, TEXT, "more change"));
}

static void where_nothing_changed_a_line_says_so_or_none_does(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  f->question.periods = WEEKS;
  assert_text(f, diff_pages,
              "Nothing changed: 2024-09-28 to 2024-10-04 against 2024-09-21 to 2024-09-27 (UTC), 1 domain, 7 "
              "reports.\n");
  f->question.changes_alone = true;
  assert_text(f, diff_pages, "");
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void pages_of_two_domains_stand_apart(void **state) {
  struct fixture *f = *state;
  const struct whatif_proposal reject = {.p = "reject"};
  some_mail(f);
  f->domain = f->header_from = "example.org";
  some_mail(f);
  f->question.proposal = &reject;
  assert_true(says(f, whatif_pages, TEXT, "\n\nexample.org: p=none -> p=reject"));
  assert_true(says(f, compliance_pages, TEXT, "\n\nexample.org: the rules"));
  assert_true(says(f, readiness_pages, TEXT, "\n\nexample.org: "));
}

static void nothing_is_written_where_nothing_can_be_answered(void **state) {
  struct fixture *f = *state;
  const struct whatif_proposal reject = {.p = "reject"};
  static const char *const NOBODY[] = {"example.edu"};
  pages_fn *const all[] = {readiness_pages, whatif_pages, compliance_pages, diff_pages};
  some_mail(f);
  f->question.proposal = &reject;
  f->question.periods = WEEKS;
  for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
    _cleanup_free_ char *text = NULL, *sorted = NULL;
    f->question.of.domains = NOBODY;
    f->question.of.domain_count = 1;
    f->question.rows.sort = NULL;
    assert_int_equal(draw(f, all[i], TEXT, &text), ERR_NOT_FOUND);
    assert_string_equal(text, "");
    f->question.of.domain_count = 0;
    if (all[i] == readiness_pages || all[i] == diff_pages) continue; /* have nothing to sort */
    f->question.rows.sort = "nosuch";
    assert_int_equal(draw(f, all[i], TEXT, &sorted), ERR_USAGE);
    assert_string_equal(sorted, "");
  }
}

static void a_page_sorts_and_counts_as_it_was_asked(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail_daily(f, 9, 0, SECOND, 10, SECOND_MAIL);
  f->question.rows = (struct row_choice){"-source", 1};
  assert_true(says(f, compliance_pages, TEXT, "\n192.0.2.11 "));
  assert_true(says(f, compliance_pages, TEXT, "1 more row"));
  _cleanup_free_ char *text = NULL;
  assert_ok(f, draw(f, compliance_pages, TEXT, &text));
  assert_null(strstr(text, "\n192.0.2.10 "));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(the_verdict_and_its_reason_stand_on_each_page),
      T(who_asks_for_readiness_learns_how_many_got_each_verdict),
      T(what_would_happen_is_said_first_and_that_it_is_a_bound),
      T(the_bar_of_bulk_senders_and_its_rules_stand_in_each_document),
      T(sources_that_need_the_same_are_one_step),
      T(a_change_is_a_line_below_its_domain),
      T(where_nothing_changed_a_line_says_so_or_none_does),
      T(pages_of_two_domains_stand_apart),
      T(nothing_is_written_where_nothing_can_be_answered),
      T(a_page_sorts_and_counts_as_it_was_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
