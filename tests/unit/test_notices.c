/* SPDX-License-Identifier: Apache-2.0 */
/* What a section of the configuration told of findings, and what it has still to send. */
#include "local/notices.h"
#include "store_sql_kit.h"

static const struct identity FINDING = {{1, 2, 3}}, OTHER = {{3, 2, 1}};
static const struct told DUE = {false, 1, 20700, 20703, 1788480000}, GONE = {true, 0, 20690, 20710, 1789084800};

/* --- what was told ------------------------------------------------------------------------------------------------ */

static void assert_told(struct fixture *f, const char *section, const struct identity *finding, const struct told *t) {
  struct hashmap all = {0};
  assert_ok(f, told_read(f->local, section, &all, &f->e));
  const struct told *is = told_of(&all, finding);
  assert_int_equal(!is, !t);
  if (t) {
    assert_int_equal(is->is_gone, t->is_gone);
    assert_int_equal(is->severity, t->severity);
    assert_int_equal(is->first_day, t->first_day);
    assert_int_equal(is->seen_day, t->seen_day);
    assert_int_equal(is->told_s, t->told_s);
  }
  hashmap_clear(&all);
}

static void what_one_section_told_another_has_not(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_told(f, "me", &FINDING, NULL);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  assert_ok(f, told_put(f->local, "her", &OTHER, &GONE, &f->e));
  open_for(f, LOCAL_READ);
  assert_told(f, "me", &FINDING, &DUE);
  assert_told(f, "me", &OTHER, NULL);
  assert_told(f, "her", &OTHER, &GONE);
}

static void what_is_told_later_takes_the_place_of_the_former(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  assert_ok(f, told_put(f->local, "me", &FINDING, &GONE, &f->e));
  assert_told(f, "me", &FINDING, &GONE);
}

static void what_was_not_found_for_long_is_forgotten(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  assert_ok(f, told_put(f->local, "me", &OTHER, &GONE, &f->e));
  assert_ok(f, told_put(f->local, "her", &FINDING, &DUE, &f->e));
  assert_ok(f, told_forget(f->local, "me", DUE.seen_day, &f->e));
  assert_told(f, "me", &FINDING, &DUE);
  assert_ok(f, told_forget(f->local, "me", DUE.seen_day + 1, &f->e));
  assert_told(f, "me", &FINDING, NULL);
  assert_told(f, "me", &OTHER, &GONE);
  assert_told(f, "her", &FINDING, &DUE);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static struct notice_message message(const char *subject, int64_t changes) {
  return (struct notice_message){.key = FINDING,
                                 .made_s = 100,
                                 .changes = changes,
                                 .subject = subject,
                                 .text = "K\xc3\xa4the's\n",
                                 .html = "<p>'); DROP TABLE notify_message; --</p>",
                                 .json = "{}"};
}

static void put(struct fixture *f, const char *section, const char *subject, int64_t changes) {
  const struct notice_message m = message(subject, changes);
  assert_ok(f, notice_message_put(f->local, section, &m, &f->e));
}

/* NULL: none. */
static int64_t assert_first(struct fixture *f, const char *section, const char *subject) {
  _cleanup_arena_ struct arena *arena = arena_new(256);
  struct notice_message m = {0};
  assert_int_equal(notice_message_next(f->local, section, 0, arena, &m, &f->e), subject ? 1 : 0);
  if (subject) assert_string_equal(m.subject, subject);
  return m.id;
}

static void a_message_comes_back_as_it_was(void **state) {
  struct fixture *f = *state;
  _cleanup_arena_ struct arena *arena = arena_new(256);
  const struct notice_message sent = message("nothing to do", 2);
  struct notice_message m = {0};
  open_for(f, LOCAL_WRITE);
  put(f, "me", "nothing to do", 2);
  open_for(f, LOCAL_READ);
  assert_int_equal(notice_message_next(f->local, "me", 0, arena, &m, &f->e), 1);
  assert_memory_equal(&m.key, &FINDING, sizeof FINDING);
  assert_int_equal(m.made_s, 100);
  assert_int_equal(m.changes, 2);
  assert_string_equal(m.text, sent.text);
  assert_string_equal(m.html, sent.html);
  assert_string_equal(m.json, "{}");
}

static void messages_go_in_the_order_in_which_they_were_made(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put(f, "me", "first", 1);
  put(f, "her", "hers", 1);
  put(f, "me", "second", 1);
  assert_ok(f, notice_message_remove(f->local, assert_first(f, "me", "first"), &f->e));
  assert_ok(f, notice_message_remove(f->local, assert_first(f, "me", "second"), &f->e));
  assert_first(f, "me", NULL);
  assert_first(f, "her", "hers");
}

static void assert_taken(struct fixture *f, int64_t after_id, const char *subject, const char *taken) {
  _cleanup_arena_ struct arena *arena = arena_new(256);
  struct notice_message m = {0};
  assert_int_equal(notice_message_next(f->local, "me", after_id, arena, &m, &f->e), 1);
  assert_string_equal(m.subject, subject);
  assert_string_equal(m.taken ? m.taken : "nobody", taken);
}

static void who_has_a_message_that_others_wait_for_is_kept_with_it(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put(f, "me", "first", 1);
  put(f, "me", "second", 1);
  const int64_t first = assert_first(f, "me", "first");
  assert_taken(f, 0, "first", "nobody");
  assert_ok(f, notice_message_set_taken(f->local, first, "joe@example.com", &f->e));
  assert_ok(f, notice_message_set_taken(f->local, first, "joe@example.com,ann@example.net", &f->e));
  open_for(f, LOCAL_READ);
  assert_taken(f, 0, "first", "joe@example.com,ann@example.net");
  assert_taken(f, first, "second", "nobody");
}

static void what_says_nothing_new_makes_way_for_the_next(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put(f, "me", "nothing to do", 0);
  put(f, "her", "nothing to do", 0);
  put(f, "me", "news", 1);
  assert_ok(f, notice_message_remove_heartbeats(f->local, "me", &f->e));
  assert_first(f, "me", "news");
  assert_first(f, "her", "nothing to do");
}

static void what_is_told_and_its_message_are_one_transaction(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  put(f, "me", "news", 1);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  local_abort(f->local);
  assert_first(f, "me", NULL);
  assert_told(f, "me", &FINDING, NULL);
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

static int add_way(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  strbuf_printf(user, "%s %d %lld %lld %s;", w->section, w->period_day == INT32_MIN ? -1 : w->period_day,
                w->tried_s == FEEDBACK_TIME_UNKNOWN ? -1 : (long long)w->tried_s,
                w->failing_s == FEEDBACK_TIME_UNKNOWN ? -1 : (long long)w->failing_s, w->error ? w->error : "-");
  return 0;
}

static void assert_ways(struct fixture *f, const char *expected) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  assert_ok(f, notice_way_each(f->local, add_way, &text, &f->e));
  assert_string_equal(strbuf_text(&text), expected);
}

static void a_section_fails_since_its_first_try_that_did(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, notice_way_note(f->local, "me", 100, NULL, &f->e));
  assert_ways(f, "me -1 100 -1 -;");
  assert_ok(f, notice_way_note(f->local, "me", 200, "no route", &f->e));
  assert_ok(f, notice_way_note(f->local, "me", 300, "refused", &f->e));
  assert_ways(f, "me -1 300 200 refused;");
  assert_ok(f, notice_way_note(f->local, "me", 400, NULL, &f->e));
  assert_ok(f, notice_way_note(f->local, "her", 400, "refused", &f->e));
  assert_ways(f, "her -1 400 400 refused;me -1 400 -1 -;");
}

static void the_period_of_a_section_stays_whatever_its_tries_come_to(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, notice_way_set_period(f->local, "me", 20700, &f->e));
  assert_ways(f, "me 20700 -1 -1 -;");
  assert_ok(f, notice_way_note(f->local, "me", 200, "no route", &f->e));
  assert_ok(f, notice_way_set_period(f->local, "me", 20707, &f->e));
  assert_ways(f, "me 20707 200 200 no route;");
}

static void a_migrated_database_takes_notices(void **state) {
  struct fixture *f = *state;
  make_version_3(f);
  open_for(f, LOCAL_WRITE);
  put(f, "me", "news", 1);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  assert_ok(f, notice_way_set_period(f->local, "me", 20700, &f->e));
  open_for(f, LOCAL_READ);
  assert_told(f, "me", &FINDING, &DUE);
  assert_int_equal(told_put(f->local, "me", &OTHER, &GONE, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
}

static void one_of_two_who_want_a_lock_gets_it(void **state) {
  struct fixture *f = *state;
  int fd = -1, other = -1;
  open_for(f, LOCAL_WRITE);
  assert_int_equal(local_lock(f->local, "notify", 0, &fd, &f->e), 1);
  assert_int_equal(local_lock(f->local, "notify", 0, &other, &f->e), 0);
  assert_int_equal(local_lock(f->local, "notify", 1, &other, &f->e), 1);
  close(other);
  close(fd);
  assert_int_equal(local_lock(f->local, "notify", 0, &fd, &f->e), 1);
  close(fd);
  _cleanup_free_ char *path = mem_printf("%s-notify", f->path);
  assert_int_equal(unlink(path), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(what_one_section_told_another_has_not),
      IN_FOLDER(what_is_told_later_takes_the_place_of_the_former),
      IN_FOLDER(what_was_not_found_for_long_is_forgotten),
      IN_FOLDER(a_message_comes_back_as_it_was),
      IN_FOLDER(messages_go_in_the_order_in_which_they_were_made),
      IN_FOLDER(who_has_a_message_that_others_wait_for_is_kept_with_it),
      IN_FOLDER(what_says_nothing_new_makes_way_for_the_next),
      IN_FOLDER(what_is_told_and_its_message_are_one_transaction),
      IN_FOLDER(a_section_fails_since_its_first_try_that_did),
      IN_FOLDER(the_period_of_a_section_stays_whatever_its_tries_come_to),
      IN_FOLDER(a_migrated_database_takes_notices),
      IN_FOLDER(one_of_two_who_want_a_lock_gets_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
