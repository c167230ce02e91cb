/* SPDX-License-Identifier: Apache-2.0 */
/* What a section of the configuration hears of days that went by, and whom a message is for that waits. */
#include "notice_kit.h"
#include "report/notice_course.h"

/* A day's list, of which the test says what is in it. */
static struct finding_list list_of(struct listed_finding *items, unsigned count) {
  return (struct finding_list){.items = items, .count = count, .names = (const char **)(uintptr_t)NAMES, .domains = 3};
}

static void begin(struct fixture *f, int32_t looked_day) {
  f->past.progress.looked_s = utc_from_day(looked_day + 1) - 1;
  notice_clear(&f->notice);
  notice_begin(&f->wish, &f->past, NOW, &f->notice);
}

static void look(struct fixture *f, int32_t day, struct listed_finding *items, unsigned count) {
  const struct finding_list list = list_of(items, count);
  const struct notice_day d = day_of(f, &list, utc_from_day(day + 1) - 1);
  assert_true(notice_wants_day(&f->notice, day));
  notice_look(&f->notice, &d);
}

static void end(struct fixture *f) {
  const struct notice_day today = day_of(f, &f->list, NOW);
  notice_choose(&f->notice, &today);
}

static void each_day_since_the_last_look_is_asked_about_up_to_forty(void **state) {
  struct fixture *f = *state;
  begin(f, TODAY - 3);
  assert_int_equal(f->notice.since_day, TODAY - 2);
  assert_false(notice_wants_day(&f->notice, TODAY - 3));
  f->past.progress.looked_s -= 1; /* that day was not over then */
  notice_clear(&f->notice);
  notice_begin(&f->wish, &f->past, NOW, &f->notice);
  assert_int_equal(f->notice.since_day, TODAY - 3);
  begin(f, TODAY - 41);
  assert_int_equal(f->notice.since_day, TODAY - 40);
  assert_int_equal(f->notice.unasked_days, 0);
  begin(f, TODAY - 100);
  assert_int_equal(f->notice.since_day, TODAY - 40);
  assert_int_equal(f->notice.unasked_days, 59);
  f->past.progress.looked_s = utc_from_day(TODAY + 9);
  notice_clear(&f->notice);
  notice_begin(&f->wish, &f->past, NOW, &f->notice);
  assert_int_equal(f->notice.since_day, TODAY);
}

static void what_began_and_ended_meanwhile_is_told_as_over(void **state) {
  struct fixture *f = *state;
  struct listed_finding due = finding(CONCERN_SURGE, CONCERN_NEW, "example.com", "a");
  struct listed_finding gone = finding(CONCERN_SURGE, CONCERN_GONE, "example.com", "a");
  begin(f, TODAY - 20);
  look(f, TODAY - 15, &due, 1);
  look(f, TODAY - 12, &gone, 1);
  look(f, TODAY - 4, NULL, 0); /* of which is told no more */
  end(f);
  assert_int_equal(f->notice.change_count, 1);
  assert_int_equal(f->notice.changes[0]->concern.state, CONCERN_GONE);
  assert_string_equal(f->notice.changes[0]->text, gone.text);
}

/* It has happened, and that a week has passed since ends nothing. */
static void a_change_that_nobody_heard_of_is_told_as_it_was(void **state) {
  struct fixture *f = *state;
  struct listed_finding change = finding(CONCERN_VERDICT_CHANGED, CONCERN_NEW, "example.com", "example.com");
  change.concern.found_day = TODAY - 15;
  change.advice = "publish it";
  begin(f, TODAY - 20);
  look(f, TODAY - 15, &change, 1);
  look(f, TODAY - 8, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 1);
  assert_int_equal(f->notice.changes[0]->concern.state, CONCERN_TOLD);
  assert_int_equal(f->notice.due, 0);
  assert_int_equal(f->notice.told, 1);
  assert_non_null(strstr(f->notice.changes[0]->text, ", as of 2026-11-15"));
  assert_string_equal(f->notice.changes[0]->advice, "'dmarcctl readiness example.com' says what it is today");
  struct told told = told_as(&change);
  told.found_day = TODAY - 15;
  *(struct told *)hashmap_put(&f->past.told, change.concern.identity.bytes, IDENTITY_BYTES, NULL) = told;
  begin(f, TODAY - 9);
  look(f, TODAY - 8, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

static void a_change_that_was_taken_back_is_told_as_such(void **state) {
  struct fixture *f = *state;
  struct listed_finding change = finding(CONCERN_VERDICT_CHANGED, CONCERN_NEW, "example.com", "example.com");
  change.title = "verdict changed";
  add_told(f, &change); /* found on the fifth day before today */
  begin(f, TODAY - 3);
  look(f, TODAY - 2, NULL, 0);
  look(f, TODAY - 1, NULL, 0);
  end(f);
  struct err e;
  assert_int_equal(f->notice.change_count, 1);
  assert_int_equal(f->notice.changes[0]->concern.state, CONCERN_GONE);
  assert_int_equal(notice_compose(&f->notice, &f->texts, &e), 0);
  assert_string_equal(f->texts.subject.data, "example.com: taken back: verdict changed");
}

/* So no ticket stays open for it, and of no week is it a thing to do. */
static void a_change_is_told_and_waits_for_nobody(void **state) {
  struct fixture *f = *state;
  struct err e;
  struct listed_finding *l = add(f, CONCERN_VERDICT_CHANGED, CONCERN_NEW, "example.com", "example.com");
  l->concern.messages = 0;
  l->text = "verdict: REGRESSION, was READY: own mail fails (since 2026-11-24)";
  f->wish.every = NOTICE_WEEK;
  choose(f, INT32_MIN);
  assert_int_equal(notice_compose(&f->notice, &f->texts, &e), 0);
  assert_string_equal(f->texts.subject.data, "example.com: verdict: REGRESSION, was READY since Tuesday");
  assert_non_null(strstr(f->texts.text.data, "1 changed, nothing to do: 2026-11-30"));
  assert_non_null(strstr(f->texts.text.data, "What changed:"));
  assert_null(strstr(f->texts.text.data, "To do"));
  assert_non_null(strstr(f->texts.json.data, "\"state\":\"told\""));
  notice_texts_clear(&f->texts);
  add_told(f, l);
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count + f->notice.open_count, 0);
}

static void what_is_not_found_on_three_days_is_over(void **state) {
  struct fixture *f = *state;
  struct listed_finding l = finding(CONCERN_SPF_ALONE, CONCERN_OPEN, "example.com", "a");
  add_told(f, &l);
  begin(f, TODAY - 3);
  look(f, TODAY - 2, NULL, 0);
  look(f, TODAY - 1, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 1);
  assert_string_equal(f->notice.changes[0]->title, l.title);
  assert_string_equal(f->notice.changes[0]->text, "it is not found any more: the last time was on 2026-11-29");
  begin(f, TODAY - 3);
  look(f, TODAY - 2, &l, 1);
  look(f, TODAY - 1, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

/* A message that is withdrawn takes the section back to the days before it, and they are asked about once more. */
static void a_day_that_is_asked_about_once_more_is_missed_once(void **state) {
  struct fixture *f = *state;
  struct listed_finding l = finding(CONCERN_SPF_ALONE, CONCERN_OPEN, "example.com", "a");
  struct told told = told_as(&l);
  told.seen_day = TODAY - 3;
  told.missed_days = 3;
  *(struct told *)hashmap_put(&f->past.told, l.concern.identity.bytes, IDENTITY_BYTES, NULL) = told;
  begin(f, TODAY - 2); /* of the three one is left */
  look(f, TODAY - 1, NULL, 0);
  assert_int_equal(((const struct followed *)hashmap_value_at(&f->notice.course, 0))->told.missed_days, 2);
  end(f);
  assert_int_equal(f->notice.change_count, 1);
  assert_int_equal(f->notice.changes[0]->concern.gone_day, TODAY);
}

/* It was missed, comes back graver, and somebody knows of it: from then on it is missed anew. */
static void what_is_acknowledged_was_found(void **state) {
  struct fixture *f = *state;
  struct listed_finding l = finding(CONCERN_SPF_ALONE, CONCERN_OPEN, "example.com", "a");
  struct told told = told_as(&l);
  told.seen_day = TODAY - 6;
  told.missed_days = 2;
  told.severity = CONCERN_NOTICE;
  *(struct told *)hashmap_put(&f->past.told, l.concern.identity.bytes, IDENTITY_BYTES, NULL) = told;
  begin(f, TODAY - 4);
  l.concern.severity = CONCERN_CRITICAL;
  look(f, TODAY - 3, &l, 1);
  l.concern.state = CONCERN_ACKNOWLEDGED;
  look(f, TODAY - 2, &l, 1);
  look(f, TODAY - 1, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

static void what_is_found_again_as_it_was_is_no_news(void **state) {
  struct fixture *f = *state;
  struct listed_finding l = finding(CONCERN_SPF_ALONE, CONCERN_OPEN, "example.com", "a");
  l.concern.severity = CONCERN_CRITICAL;
  add_told(f, &l);
  begin(f, TODAY - 9);
  for (int day = 8; day > 2; day--) look(f, TODAY - day, NULL, 0);
  look(f, TODAY - 2, &l, 1);
  f->items[f->list.count++] = l;
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

/* Nobody reports on it, or there is so much that not all is told. */
static void of_a_domain_that_is_held_nothing_is_over(void **state) {
  struct fixture *f = *state;
  struct listed_finding l = finding(CONCERN_SPF_ALONE, CONCERN_OPEN, "example.com", "a");
  add_told(f, &l);
  hashmap_init(&f->list.held, sizeof(char));
  hashmap_put(&f->list.held, "example.com", 11, NULL);
  for (int round = 0; round < 5; round++) choose(f, INT32_MIN);
  begin(f, TODAY - 1);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

static void of_this_machine_the_day_of_asking_alone_is_known(void **state) {
  struct fixture *f = *state;
  struct listed_finding *l = add(f, CONCERN_IMPORT_FAILING, CONCERN_OPEN, "", "joe@imap.example.com:993/INBOX");
  l->concern.severity = CONCERN_CRITICAL;
  add_told(f, l);
  begin(f, TODAY - 5);
  for (int day = 4; day > 0; day--) look(f, TODAY - day, NULL, 0);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
  f->list.count = 0;
  choose(f, INT32_MIN);
  assert_int_equal(f->notice.change_count, 1);
  assert_string_equal(f->notice.changes[0]->text, "it does not fail any more: the last time was on 2026-11-29");
}

static void what_somebody_acknowledged_meanwhile_is_not_told(void **state) {
  struct fixture *f = *state;
  struct listed_finding due = finding(CONCERN_SURGE, CONCERN_NEW, "example.com", "a");
  begin(f, TODAY - 5);
  look(f, TODAY - 4, &due, 1);
  add(f, CONCERN_SURGE, CONCERN_ACKNOWLEDGED, "example.com", "a");
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

/* It was told when it was graver than what the section asks for: it is milder, and not over. */
static void what_gets_too_mild_for_a_section_is_not_over(void **state) {
  struct fixture *f = *state;
  f->wish.severity = CONCERN_CRITICAL;
  add_told(f, add(f, CONCERN_OWN_BROKEN, CONCERN_OPEN, "example.com", "a"));
  begin(f, TODAY - 9);
  for (int day = 8; day > 0; day--) look(f, TODAY - day, f->items, 1);
  end(f);
  assert_int_equal(f->notice.change_count, 0);
}

static void a_message_is_for_whom_and_of_what_it_was_written(void **state) {
  struct fixture *f = *state;
  _cleanup_strbuf_ struct strbuf kinds = STRBUF_INIT, names = STRBUF_INIT;
  struct domain_set domains;
  domain_set_init(&domains);
  domain_set_add(&domains, "example.com");
  domain_set_add(&domains, "example.net");
  f->wish.domains = &domains;
  f->wish.kinds = 1u << CONCERN_SURGE | 1u << CONCERN_CEASED;
  f->wish.severity = CONCERN_WARNING;
  add(f, CONCERN_SURGE, CONCERN_NEW, "example.com", "a");
  choose(f, INT32_MIN);
  const struct notice_scope scope = notice_scope_of(&f->notice, &kinds, &names);
  assert_string_equal(scope.kinds, "surge,ceased");
  assert_string_equal(scope.domains, "example.com\nexample.net\nexample.com\n");
  struct notice_wish w = f->wish;
  assert_true(notice_scope_is_covered(&scope, &w));
  w.kinds = 0;
  w.severity = CONCERN_NOTICE;
  w.domains = NULL;
  assert_true(notice_scope_is_covered(&scope, &w)); /* all of it, and more */
  w = f->wish;
  w.kinds = 1u << CONCERN_SURGE;
  assert_false(notice_scope_is_covered(&scope, &w));
  w = f->wish;
  w.severity = CONCERN_CRITICAL;
  assert_false(notice_scope_is_covered(&scope, &w));
  _cleanup_strbuf_ struct strbuf new = STRBUF_INIT;
  notice_scope_newcomers(&scope, &f->wish, &new);
  assert_int_equal(new.length, 0);
  w = f->wish;
  w.addressees = "ann@example.net";
  notice_scope_newcomers(&scope, &w, &new);
  assert_int_equal(new.length, 0);
  w.addressees = "eve@example.org,ann@example.net,ann@example.ne";
  notice_scope_newcomers(&scope, &w, &new);
  assert_string_equal(new.data, "eve@example.org,ann@example.ne");
  struct notice_scope of_all = scope;
  of_all.domains = NULL;
  assert_false(notice_scope_is_covered(&of_all, &f->wish));
  of_all = scope;
  of_all.kinds = NULL;
  assert_false(notice_scope_is_covered(&of_all, &f->wish));
  domain_set_clear(&domains);
  domain_set_add(&domains, "example.com");
  assert_false(notice_scope_is_covered(&scope, &f->wish));
  domain_set_clear(&domains);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(each_day_since_the_last_look_is_asked_about_up_to_forty),
      T(what_began_and_ended_meanwhile_is_told_as_over),
      T(a_change_that_nobody_heard_of_is_told_as_it_was),
      T(a_change_that_was_taken_back_is_told_as_such),
      T(a_change_is_told_and_waits_for_nobody),
      T(what_is_not_found_on_three_days_is_over),
      T(a_day_that_is_asked_about_once_more_is_missed_once),
      T(what_is_acknowledged_was_found),
      T(what_is_found_again_as_it_was_is_no_news),
      T(of_a_domain_that_is_held_nothing_is_over),
      T(of_this_machine_the_day_of_asking_alone_is_known),
      T(what_somebody_acknowledged_meanwhile_is_not_told),
      T(what_gets_too_mild_for_a_section_is_not_over),
      T(a_message_is_for_whom_and_of_what_it_was_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
