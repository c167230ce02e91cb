/* SPDX-License-Identifier: Apache-2.0 */
/* report as files: which there are, what they are called, what leads to what. */
#include "judged_kit.h"

#include "report/report_files.h"

/* --- a folder in memory ------------------------------------------------------------------------------------------- */

#define MOST_FILES 32

struct shelf {
  struct report_files files;
  char *names[MOST_FILES], *texts[MOST_FILES]; /* name "": the only one */
  unsigned count;
  unsigned room; /* the disk is full behind so many */
};

static int put(void *user, const char *name, report_writer *write, void *writer, struct err *e) {
  struct shelf *s = user;
  size_t size = 0;
  if (s->count == s->room) return err_set(e, ERR_IO, "the disk is full");
  assert_true(s->count < MOST_FILES);
  FILE *file = open_memstream(&s->texts[s->count], &size);
  assert_non_null(file);
  int code = write(writer, file, e);
  assert_int_equal(fclose(file), 0);
  s->names[s->count++] = mem_strdup(name ? name : "");
  return code;
}

static void shelf_clear(struct shelf *s) {
  for (unsigned i = 0; i < s->count; i++) {
    free(s->names[i]);
    free(s->texts[i]);
  }
  s->count = 0;
}
#define _cleanup_shelf_ __attribute__((cleanup(shelf_clear)))

static void publish(struct fixture *f, struct shelf *s, enum table_format format, bool in_folder) {
  shelf_clear(s);
  *s = (struct shelf){.files = {format, in_folder, "The foot.", put, s}, .room = MOST_FILES};
  assert_ok(f, report_files_write(&f->question.of, &s->files, &f->e));
}

static const char *text_of(const struct shelf *s, const char *name) {
  for (unsigned i = 0; i < s->count; i++)
    if (!strcmp(s->names[i], name)) return s->texts[i];
  fail_msg("there is no file \"%s\"", name);
  return NULL;
}

static unsigned times(const char *text, const char *what) {
  unsigned n = 0;
  for (; (text = strstr(text, what)); text++) n++;
  return n;
}

static void mail_of(struct fixture *f, const char *domain) {
  f->domain = f->header_from = domain;
  mail_daily(f, 2, 0, OFFICE, 5, OFFICE_MAIL);
}

/* --- which files there are ---------------------------------------------------------------------------------------- */

static void who_has_one_domain_gets_its_page_named_or_not(void **state) {
  struct fixture *f = *state;
  static const char *const NAMED[] = {"example.org"};
  _cleanup_shelf_ struct shelf s = {0};
  mail_of(f, "example.org");
  publish(f, &s, FORMAT_HTML, false);
  assert_int_equal(s.count, 1);
  assert_non_null(strstr(text_of(&s, ""), "<h1>DMARC report for example.org</h1>"));
  assert_int_equal(times(text_of(&s, ""), "The foot."), 1);
  mail_of(f, "example.net");
  f->question.of.domains = NAMED;
  f->question.of.domain_count = 1;
  publish(f, &s, FORMAT_MARKDOWN, false);
  assert_non_null(strstr(text_of(&s, ""), "# DMARC report for example.org\n"));
  assert_null(strstr(text_of(&s, ""), "for example.net"));
}

static void several_share_a_file_and_the_table_leads_to_each(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  mail_of(f, "example.net");
  mail_of(f, "example.org");
  publish(f, &s, FORMAT_HTML, false);
  assert_int_equal(s.count, 1);
  const char *page = text_of(&s, "");
  assert_non_null(strstr(page, "<h1>DMARC report for 2 domains</h1>"));
  assert_int_equal(times(page, "The foot."), 1);
  assert_non_null(strstr(page, "href=\"#d1\""));
  assert_non_null(strstr(page, "<h2 id=\"d1\">example.net</h2>"));
  assert_non_null(strstr(page, "<h2 id=\"d2\">example.org</h2>"));
  assert_non_null(strstr(page, "id=\"d2-gates\"")); /* no heading of one is taken for that of the other */
}

static void of_more_than_share_a_file_there_is_the_table_alone(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  for (int i = 0; i <= REPORT_SHARED_PAGES; i++) {
    _cleanup_free_ char *domain = mem_printf("d%d.example", i);
    mail_of(f, domain);
  }
  publish(f, &s, FORMAT_HTML, false);
  assert_non_null(strstr(text_of(&s, ""), "DMARC report for 21 domains"));
  assert_non_null(strstr(text_of(&s, ""), "More domains than share one file"));
  assert_null(strstr(text_of(&s, ""), "<h2 id="));
  assert_null(strstr(text_of(&s, ""), "href=\"#d1\""));
}

static void a_folder_has_a_page_for_each_and_an_index(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  mail_of(f, "example.net");
  mail_of(f, "example.org");
  publish(f, &s, FORMAT_HTML, true);
  assert_int_equal(s.count, 3);
  assert_non_null(strstr(text_of(&s, "example.net.html"), "<h1>DMARC report for example.net</h1>"));
  assert_non_null(strstr(text_of(&s, "index.html"), "href=\"example.org.html\""));
  assert_int_equal(times(text_of(&s, "index.html"), "<h2 id"), 0);
  assert_non_null(strstr(text_of(&s, "example.net.html"), "<a href=\"index.html\">All domains</a>"));
  publish(f, &s, FORMAT_MARKDOWN, true);
  assert_non_null(strstr(text_of(&s, "index.md"), "DMARC report for 2 domains"));
  assert_non_null(text_of(&s, "example.org.md"));
}

static void one_domain_in_a_folder_has_an_index_too(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  mail_of(f, "example.org");
  publish(f, &s, FORMAT_HTML, true);
  assert_int_equal(s.count, 2);
  assert_non_null(strstr(text_of(&s, "index.html"), "DMARC report for 1 domain<"));
}

/* --- the table of domains ---------------------------------------------------------------------------------------- */

/* A domain whose own mail fails, one with mail that may be its own, and one that forgers alone use. */
static void those_that_need_somebody_come_first(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  f->domain = f->header_from = "parked.example";
  mail(f, 3, BOT, 10, "spf parked.example=fail");
  f->domain = f->header_from = "asks.example";
  mail_daily(f, 20, 0, OFFICE, 5, "dkim asks.example/s1=pass; spf asks.example=pass");
  mail_daily(f, 20, 0, "198.51.100.8", 2, "dkim news.example.org=pass; spf example.org=pass");
  f->domain = f->header_from = "breaks.example";
  mail_daily(f, 20, 0, OFFICE, 5, "dkim breaks.example/s1=pass; spf breaks.example=pass");
  mail_daily(f, 20, 0, SECOND, 5, "dkim breaks.example/s1=fail; spf breaks.example=fail");
  publish(f, &s, FORMAT_MARKDOWN, true);
  const char *page = text_of(&s, "index.md");
  const char *breaks = strstr(page, "[breaks.example](breaks.example.md) | none -\\> quarantine | 50.0 % |");
  const char *asks =
      strstr(page, "[asks.example](asks.example.md) | none -\\> quarantine | 100.0 % | 105 | news.example.org |");
  if (!breaks || !asks) fail_msg("%s", page);
  assert_true(breaks < asks && asks < strstr(page, "[parked.example]"));
  assert_non_null(strstr(page, "- All domains: **3**\n- Not ready: **1**\n- Your decision is needed: **1**\n"));
}

/* --- names -------------------------------------------------------------------------------------------------------- */

/* Reports come from strangers: what they call a domain leads to no other file. */
static void a_domain_that_is_no_name_for_a_file_is_named_by_a_digest(void **state) {
  struct fixture *f = *state;
  char long_name[250] = {0};
  memset(long_name, 'a', sizeof long_name - 1);
  const char *const strange[] = {"../etc/passwd",
                                 ".hidden",
                                 "-rf",
                                 "index",
                                 "ex\xc2\xad"
                                 "ample",
                                 long_name};
  for (unsigned i = 0; i < ARRAY_SIZE(strange); i++) {
    _cleanup_shelf_ struct shelf s = {0};
    start_anew(f);
    mail_of(f, strange[i]);
    publish(f, &s, FORMAT_HTML, true);
    assert_int_equal(s.count, 2);
    assert_true(strncmp(s.names[0], "domain_", 7) == 0 || strncmp(s.names[1], "domain_", 7) == 0);
    for (unsigned n = 0; n < s.count; n++)
      assert_int_equal(strspn(s.names[n], "abcdefghijklmnopqrstuvwxyz0123456789_."), strlen(s.names[n]));
    assert_non_null(strstr(text_of(&s, "index.html"), "href=\"domain_"));
  }
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

static void a_file_that_cannot_be_written_ends_it(void **state) {
  struct fixture *f = *state;
  _cleanup_shelf_ struct shelf s = {0};
  mail_of(f, "example.net");
  mail_of(f, "example.org");
  for (unsigned room = 0; room < 3; room++) {
    shelf_clear(&s);
    s = (struct shelf){.files = {FORMAT_HTML, true, "The foot.", put, &s}, .room = room};
    assert_int_equal(report_files_write(&f->question.of, &s.files, &f->e), ERR_IO);
    assert_int_equal(s.count, room);
    assert_string_equal(f->e.text, "the disk is full");
  }
}

static void nothing_is_put_where_a_named_domain_has_no_report(void **state) {
  struct fixture *f = *state;
  static const char *const NAMED[] = {"example.edu", "example.org"};
  struct shelf s = {.files = {FORMAT_HTML, false, "The foot.", put, &s}, .room = MOST_FILES};
  mail_of(f, "example.org");
  f->question.of.domains = NAMED;
  f->question.of.domain_count = 2;
  assert_int_equal(report_files_write(&f->question.of, &s.files, &f->e), ERR_NOT_FOUND);
  assert_int_equal(s.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(who_has_one_domain_gets_its_page_named_or_not),
      T(several_share_a_file_and_the_table_leads_to_each),
      T(of_more_than_share_a_file_there_is_the_table_alone),
      T(a_folder_has_a_page_for_each_and_an_index),
      T(one_domain_in_a_folder_has_an_index_too),
      T(those_that_need_somebody_come_first),
      T(a_domain_that_is_no_name_for_a_file_is_named_by_a_digest),
      T(a_file_that_cannot_be_written_ends_it),
      T(nothing_is_put_where_a_named_domain_has_no_report),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
