/* SPDX-License-Identifier: Apache-2.0 */
/* What a section of the configuration hears of, and what the message says. */
#include <jansson.h>

#include "notice_kit.h"

static void compose(struct fixture *f) {
  struct err e;
  choose(f, INT32_MIN);
  notice_texts_clear(&f->texts);
  assert_int_equal(notice_compose(&f->notice, &f->texts, &e), 0);
}

static void assert_subject(struct fixture *f, const char *subject) {
  compose(f);
  assert_string_equal(f->texts.subject.data, subject);
}

static void assert_holds(const struct strbuf *text, const char *part) {
  if (!strstr(text->data, part)) fail_msg("no %s in:\n%s", part, text->data);
}

static void assert_lacks(const struct strbuf *text, const char *part) {
  if (strstr(text->data, part)) fail_msg("%s in:\n%s", part, text->data);
}

/* --- who hears what ----------------------------------------------------------------------------------------------- */

static void a_section_hears_of_its_kinds_and_severities_alone(void **state) {
  struct fixture *f = *state;
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.com", "b");
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 2);
  f->wish.severity = CONCERN_WARNING;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 1);
  assert_string_equal(f->notice.changes[0]->id, f->items[0].id);
  f->wish.severity = CONCERN_NOTICE;
  f->wish.kinds = 1u << CONCERN_UNKNOWN_SENDER;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 1);
  assert_string_equal(f->notice.changes[0]->id, f->items[1].id);
}

static void a_section_of_domains_hears_of_these_and_below_and_of_nothing_else(void **state) {
  struct fixture *f = *state;
  struct domain_set domains;
  domain_set_init(&domains);
  domain_set_add(&domains, "example.com");
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "mail.example.com", "a");
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "notexample.com", "a");
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.org", "a");
  add(f, CONCERN_IMPORT_FAILING, CONCERN_NEW, "", "joe@imap.example.com:993/INBOX");
  f->wish.domains = &domains;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 2);
  assert_int_equal(f->notice.domain_count, 1);
  f->wish.domains = NULL;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 5);
  assert_int_equal(f->notice.domain_count, 3);
  domain_set_clear(&domains);
}

/* As a group whose glob meets no domain yet. */
static void a_section_of_no_domain_hears_of_none(void **state) {
  struct fixture *f = *state;
  struct domain_set domains;
  domain_set_init(&domains);
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  f->wish.domains = &domains;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 0);
  assert_false(f->notice.is_due);
  domain_set_clear(&domains);
}

static void a_section_does_not_hear_that_it_fails_itself(void **state) {
  struct fixture *f = *state;
  add(f, CONCERN_NOTIFY_FAILING, CONCERN_NEW, "", "me");
  add(f, CONCERN_NOTIFY_FAILING, CONCERN_NEW, "", "her");
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 1);
  assert_string_equal(f->notice.changes[0]->id, f->items[1].id);
}

static void what_was_told_while_it_was_grave_is_told_to_be_over(void **state) {
  struct fixture *f = *state;
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_GONE, "example.com", "a"));
  f->wish.severity = CONCERN_CRITICAL;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 1);
}

/* --- when --------------------------------------------------------------------------------------------------------- */

static void an_event_is_due_when_there_is_one(void **state) {
  struct fixture *f = *state;
  choose(f, INT32_MIN);
  assert_false(f->notice.is_due);
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, "example.com", "a"));
  choose(f, INT32_MIN);
  assert_false(f->notice.is_due);
  add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, "example.com", "b");
  choose(f, INT32_MIN);
  assert_true(f->notice.is_due);
  assert_int_equal(f->notice.change_count, 1);
  assert_int_equal(f->notice.open_count, 0);
  assert_int_equal(f->notice.due, 2);
}

static void a_day_and_a_week_are_due_once_whatever_there_is(void **state) {
  struct fixture *f = *state;
  f->wish.every = NOTICE_DAY;
  choose(f, INT32_MIN);
  assert_true(f->notice.is_due);
  assert_int_equal(f->notice.period_day, TODAY);
  choose(f, TODAY);
  assert_false(f->notice.is_due);
  choose(f, TODAY - 1);
  assert_true(f->notice.is_due);
  f->wish.every = NOTICE_WEEK;
  choose(f, TODAY - 7);
  assert_true(f->notice.is_due);
  assert_int_equal(f->notice.period_day, TODAY); /* a Monday */
  choose(f, TODAY);
  assert_false(f->notice.is_due);
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  choose(f, TODAY);
  assert_false(f->notice.is_due);
}

/* --- the subject -------------------------------------------------------------------------------------------------- */

static void the_subject_says_it(void **state) {
  struct fixture *f = *state;
  struct listed_finding *l = add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  assert_subject(f, "example.com: own mail fails: newsletter since Tuesday, 1,204 messages");
  l->concern.messages = 1;
  l->concern.first_day = TODAY;
  assert_subject(f, "example.com: own mail fails: newsletter since today, 1 message");
  l->concern.messages = 0;
  l->concern.first_day = TODAY - 7;
  assert_subject(f, "example.com: own mail fails: newsletter since 23 November");
  l->concern.first_day = TODAY - 365;
  assert_subject(f, "example.com: own mail fails: newsletter since 30 November 2025");
  add(f, CONCERN_SURGE, CONCERN_NEW, "example.org", "b");
  assert_subject(f, "example.com: own mail fails: newsletter since 30 November 2025 (and 1 more)");
}

static void the_subject_of_a_verdict_says_which(void **state) {
  struct fixture *f = *state;
  struct listed_finding *l = add(f, CONCERN_VERDICT_CHANGED, CONCERN_NEW, "example.com", "example.com");
  l->concern.messages = 0;
  l->text = "verdict: READY, was NOT_READY: every gate holds (since 2026-11-24)";
  assert_subject(f, "example.com: verdict: READY, was NOT_READY since Tuesday");
}

static void what_is_over_is_called_so(void **state) {
  struct fixture *f = *state;
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_GONE, "example.com", "a"));
  assert_subject(f, "example.com: over: own mail fails: newsletter");
}

static void nothing_to_do_is_said_with_its_day_or_week(void **state) {
  struct fixture *f = *state;
  f->wish.every = NOTICE_DAY;
  assert_subject(f, "nothing to do: 3 domains, 2026-11-30");
  f->wish.every = NOTICE_WEEK;
  f->list.domains = 1;
  assert_subject(f, "nothing to do: example.org, week of 2026-11-30");
}

static void what_is_open_still_comes_first_where_it_is_graver(void **state) {
  struct fixture *f = *state;
  struct listed_finding *open = add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, "example.com", "a");
  add_told(f, open);
  add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.org", "b")->title = "new sender: b";
  f->wish.every = NOTICE_WEEK;
  assert_subject(f, "example.com: own mail fails: newsletter since Tuesday, 1,204 messages (and 1 more)");
  f->wish.every = NOTICE_EVENT;
  assert_subject(f, "example.org: new sender: b since Tuesday, 1,204 messages");
}

static void a_name_grows_no_subject_and_splits_none(void **state) {
  struct fixture *f = *state;
  char name[400];
  memset(name, 'x', sizeof name);
  name[sizeof name - 1] = '\0';
  add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.com", "a")->title = name;
  add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.com", "b");
  compose(f);
  assert_true(f->texts.subject.length < 190);
  assert_holds(&f->texts.subject, "xxx... (and 1 more)");
  f->items[0].title = "new sender: a\r\nBcc: eve@example.net\n\xe2\x80\xae<b>\x1b[31m";
  assert_subject(
      f,
      "example.com: new sender: a\\x0d Bcc: eve@example.net \\u202e<b>\\x1b[31m since Tuesday, 1,204 messages "
      "(and 1 more)");
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static void at_most_three_things_are_to_be_done_first(void **state) {
  struct fixture *f = *state;
  for (int i = 0; i < 5; i++) {
    static const char *const SUBJECTS[] = {"a", "b", "c", "d", "e"};
    static const char *const TITLES[] = {"surge: a", "surge: b", "surge: c", "surge: d", "surge: e"};
    add(f, CONCERN_SURGE, CONCERN_NEW, NAMES[i % 2], SUBJECTS[i])->title = TITLES[i];
  }
  compose(f);
  assert_holds(&f->texts.text, "5 new, 5 to do: 2026-11-30 (UTC), 3 domains.");
  assert_holds(&f->texts.text, "3. example.org: surge: c");
  assert_lacks(&f->texts.text, "4. ");
  assert_holds(&f->texts.text, "- example.org: 3 to do; new: surge: a; new: surge: c; new: surge: e");
  assert_holds(&f->texts.text, "- example.com: 2 to do; new: surge: b; new: surge: d");
  assert_lacks(&f->texts.text, "example.net");
  f->wish.every = NOTICE_WEEK;
  compose(f);
  assert_holds(&f->texts.text, "- example.net: nothing to do");
}

static void the_same_at_several_domains_is_one_thing_to_do(void **state) {
  struct fixture *f = *state;
  for (unsigned i = 0; i < 3; i++) add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, NAMES[i], "mailer");
  add(f, CONCERN_SURGE, CONCERN_NEW, NAMES[0], "a")->title = "surge: a";
  assert_subject(
      f, "example.org and 2 more domains: own mail fails: newsletter since Tuesday, 1,204 messages (and 1 more)");
  assert_holds(&f->texts.text, "2 new, 2 to do: 2026-11-30 (UTC), 3 domains.");
  assert_holds(&f->texts.text, "1. example.org and 2 more domains: own mail fails: newsletter");
  assert_holds(&f->texts.text, "the same at\n   example.com (");
  assert_holds(&f->texts.text, "2. example.org: surge: a");
  assert_holds(&f->texts.text, "- example.net: 1 to do; new: own mail fails: newsletter");
}

static void a_section_hears_nothing_of_who_else_has_the_same(void **state) {
  struct fixture *f = *state;
  struct domain_set domains;
  domain_set_init(&domains);
  domain_set_add(&domains, "example.net");
  for (unsigned i = 0; i < 3; i++) add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, NAMES[i], "mailer");
  for (unsigned i = 0; i < 3; i++) { /* as the whole list has it */
    f->items[i].domains = 3;
    f->items[i].next = (i + 1) % 3;
  }
  f->wish.domains = &domains;
  assert_subject(f, "example.net: own mail fails: newsletter since Tuesday, 1,204 messages");
  assert_lacks(&f->texts.text, "the same at");
  assert_lacks(&f->texts.text, "more domain");
  assert_holds(&f->texts.json, "\"shared_domains\":1,\"shared_with\":null");
  assert_lacks(&f->texts.json, f->items[0].id);
  assert_lacks(&f->texts.json, "example.org");
  assert_lacks(&f->texts.html, "example.com");
  domain_set_clear(&domains);
}

/* The section was told of the others before. */
static void one_more_domain_with_the_same_is_told(void **state) {
  struct fixture *f = *state;
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, NAMES[0], "mailer"));
  add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, NAMES[1], "mailer");
  compose(f);
  assert_holds(&f->texts.text, "1 new, 1 to do: 2026-11-30 (UTC), 3 domains.");
  assert_holds(&f->texts.text, "1. example.com and 1 more domain: own mail fails: newsletter");
  assert_lacks(&f->texts.text, "- example.org");
}

static void lines_of_text_are_short_and_domains_are_not_without_end(void **state) {
  struct fixture *f = *state;
  static char names[150][40];
  for (int i = 0; i < 150; i++) {
    snprintf(names[i], sizeof names[i], "customer%d.example", i);
    add(f, CONCERN_SURGE, CONCERN_NEW, names[i], names[(i + 1) % 150]);
  }
  compose(f);
  assert_holds(&f->texts.text, "customer49.example");
  assert_lacks(&f->texts.text, "customer50.example");
  assert_holds(&f->texts.text, "and 100 more domains");
  for (const char *line = f->texts.text.data; *line;) {
    const size_t length = strcspn(line, "\n");
    assert_true(length <= 78);
    line += length + (line[length] == '\n');
  }
}

static void nothing_of_a_stranger_is_markup_or_a_command(void **state) {
  struct fixture *f = *state;
  struct listed_finding *l = add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.com", "<script>");
  l->title = "new sender: <script>alert(1)</script>\x1b[2J";
  l->text = "12 messages of <img src=\"https://example.net/x\">";
  compose(f);
  assert_lacks(&f->texts.html, "<script");
  assert_lacks(&f->texts.html, "<img");
  assert_holds(&f->texts.html, "&lt;script&gt;alert(1)");
  assert_lacks(&f->texts.html, "\x1b");
  assert_lacks(&f->texts.text, "\x1b");
  assert_lacks(&f->texts.json, "\x1b");
}

static void the_html_is_whole_and_loads_nothing(void **state) {
  struct fixture *f = *state;
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  compose(f);
  assert_int_equal(strncmp(f->texts.html.data, "<!DOCTYPE html>", 15), 0);
  assert_holds(&f->texts.html, "name=\"viewport\"");
  assert_holds(&f->texts.html, "</html>\n");
  assert_lacks(&f->texts.html, "src=");
  assert_lacks(&f->texts.html, "href=");
  assert_lacks(&f->texts.html, "<script");
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

static void assert_text(json_t *root, const char *key, const char *value) {
  assert_string_equal(json_string_value(json_object_get(root, key)), value);
}

static void the_json_is_a_table_of_findings_with_what_the_mail_says(void **state) {
  struct fixture *f = *state;
  char key[NOTICE_KEY_BYTES];
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, "example.com", "a"));
  add(f, CONCERN_UNKNOWN_SENDER, CONCERN_NEW, "example.org", "b");
  f->wish.every = NOTICE_DAY;
  compose(f);
  json_t *root = json_loads(f->texts.json.data, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  assert_text(root, "schema", "dmarcctl.notice");
  assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
  assert_text(root, "id", notice_key_text(&f->texts.key, key));
  assert_text(root, "notify", "me");
  assert_text(root, "every", "day");
  assert_text(root, "as_of", "2026-11-30T08:00:00Z");
  assert_text(root, "subject", f->texts.subject.data);
  assert_text(root, "text", f->texts.text.data);
  assert_int_equal(json_integer_value(json_object_get(root, "due")), 2);
  json_t *changes = json_object_get(json_object_get(root, "findings"), "rows");
  json_t *open = json_object_get(json_object_get(root, "open"), "rows");
  assert_int_equal(json_array_size(changes), 1);
  assert_int_equal(json_array_size(open), 1);
  assert_text(json_array_get(changes, 0), "kind", "unknown_sender");
  assert_text(json_array_get(open, 0), "kind", "own_broken");
  json_decref(root);
}

static void the_key_is_that_of_what_it_tells(void **state) {
  struct fixture *f = *state;
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "a");
  compose(f);
  const struct identity first = f->texts.key;
  compose(f);
  assert_memory_equal(&f->texts.key, &first, sizeof first);
  f->wish.section = "her";
  compose(f);
  assert_memory_not_equal(&f->texts.key, &first, sizeof first);
  f->wish.section = "me";
  add(f, CONCERN_OWN_BROKEN, CONCERN_NEW, "example.com", "b");
  compose(f);
  assert_memory_not_equal(&f->texts.key, &first, sizeof first);
}

static void a_trial_tells_of_nothing(void **state) {
  struct fixture *f = *state;
  struct err e;
  assert_int_equal(notice_compose_trial(&f->wish, NOW, &f->texts, &e), 0);
  assert_string_equal(f->texts.subject.data, "trial of [notify me] of dmarcctl");
  json_t *root = json_loads(f->texts.json.data, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  assert_true(json_is_true(json_object_get(root, "trial")));
  assert_true(json_is_null(json_object_get(root, "findings")));
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_section_hears_of_its_kinds_and_severities_alone),
      T(a_section_of_domains_hears_of_these_and_below_and_of_nothing_else),
      T(a_section_of_no_domain_hears_of_none),
      T(a_section_does_not_hear_that_it_fails_itself),
      T(what_was_told_while_it_was_grave_is_told_to_be_over),
      T(an_event_is_due_when_there_is_one),
      T(a_day_and_a_week_are_due_once_whatever_there_is),
      T(the_subject_says_it),
      T(the_subject_of_a_verdict_says_which),
      T(what_is_over_is_called_so),
      T(nothing_to_do_is_said_with_its_day_or_week),
      T(what_is_open_still_comes_first_where_it_is_graver),
      T(a_name_grows_no_subject_and_splits_none),
      T(at_most_three_things_are_to_be_done_first),
      T(the_same_at_several_domains_is_one_thing_to_do),
      T(a_section_hears_nothing_of_who_else_has_the_same),
      T(one_more_domain_with_the_same_is_told),
      T(lines_of_text_are_short_and_domains_are_not_without_end),
      T(nothing_of_a_stranger_is_markup_or_a_command),
      T(the_html_is_whole_and_loads_nothing),
      T(the_json_is_a_table_of_findings_with_what_the_mail_says),
      T(the_key_is_that_of_what_it_tells),
      T(a_trial_tells_of_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
