/* SPDX-License-Identifier: Apache-2.0 */
/* What a section of the configuration told of findings, and what it has still to send. */
#include "local/notices.h"
#include "store_sql_kit.h"

static const struct identity FINDING = {{1, 2, 3}}, OTHER = {{3, 2, 1}};
#define WORDS .kind = "surge", .domain = "example.com", .subject = "192.0.2.0/24", .title = "surge: 192.0.2.0/24"
static const struct told DUE = {.severity = 1,
                                .first_day = 20700,
                                .found_day = 20701,
                                .seen_day = 20703,
                                .missed_days = 2,
                                .is_acknowledged = true,
                                .told_s = 1788480000,
                                WORDS},
                         GONE = {.is_gone = true,
                                 .first_day = 20690,
                                 .found_day = 20691,
                                 .seen_day = 20710,
                                 .told_s = 1789084800,
                                 WORDS};
static const struct notice_progress NOWHERE = {FEEDBACK_TIME_UNKNOWN, INT32_MIN};

/* --- what was told ------------------------------------------------------------------------------------------------ */

static void assert_told(struct fixture *f, const char *section, const struct identity *finding, const struct told *t) {
  _cleanup_arena_ struct arena *arena = arena_new(256);
  struct hashmap all = {0};
  assert_ok(f, told_read(f->local, section, INT64_MAX, arena, &all, &f->e));
  const struct told *is = told_of(&all, finding);
  assert_int_equal(!is, !t);
  if (t) {
    assert_int_equal(is->is_gone, t->is_gone);
    assert_int_equal(is->is_acknowledged, t->is_acknowledged);
    assert_int_equal(is->severity, t->severity);
    assert_int_equal(is->first_day, t->first_day);
    assert_int_equal(is->found_day, t->found_day);
    assert_int_equal(is->seen_day, t->seen_day);
    assert_int_equal(is->missed_days, t->missed_days);
    assert_int_equal(is->told_s, t->told_s);
    assert_string_equal(is->kind, t->kind);
    assert_string_equal(is->domain, t->domain);
    assert_string_equal(is->subject, t->subject);
    assert_string_equal(is->title, t->title);
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
  assert_ok(f, told_forget(f->local, DUE.seen_day, &f->e));
  assert_told(f, "me", &FINDING, &DUE);
  assert_ok(f, told_forget(f->local, DUE.seen_day + 1, &f->e));
  assert_told(f, "me", &FINDING, NULL);
  assert_told(f, "me", &OTHER, &GONE);
  assert_told(f, "her", &FINDING, NULL);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static struct notice_message message(const char *subject, int64_t changes) {
  return (struct notice_message){.key = FINDING,
                                 .made_s = 100,
                                 .changes = changes,
                                 .subject = subject,
                                 .text = "K\xc3\xa4the's\n",
                                 .html = "<p>'); DROP TABLE notify_message; --</p>",
                                 .json = "{}",
                                 .scope = {"joe@example.com", "surge,ceased", 1, "example.com\n"},
                                 .before = {1788393600, 20696}};
}

static int64_t put(struct fixture *f, const char *section, const char *subject, int64_t changes) {
  const struct notice_message m = message(subject, changes);
  int64_t id = 0;
  assert_ok(f, notice_message_put(f->local, section, &m, &id, &f->e));
  return id;
}

static void put_told(struct fixture *f, const char *section, const struct identity *finding, const struct told *told,
                     int64_t message_id) {
  struct told t = *told;
  t.message_id = message_id;
  assert_ok(f, told_put(f->local, section, finding, &t, &f->e));
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
  assert_string_equal(m.scope.addressees, "joe@example.com");
  assert_string_equal(m.scope.kinds, "surge,ceased");
  assert_int_equal(m.scope.severity, 1);
  assert_string_equal(m.scope.domains, "example.com\n");
  assert_int_equal(m.before.looked_s, 1788393600);
  assert_int_equal(m.before.period_day, 20696);
}

static void messages_go_in_the_order_in_which_they_were_made(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put(f, "me", "first", 1);
  put(f, "her", "hers", 1);
  put(f, "me", "second", 1);
  assert_ok(f, notice_message_taken(f->local, "me", assert_first(f, "me", "first"), &f->e));
  assert_ok(f, notice_message_taken(f->local, "me", assert_first(f, "me", "second"), &f->e));
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

/* --- what waits ----------------------------------------------------------------------------------------------------- */

static void what_waits_is_told_once_its_message_is_taken(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put_told(f, "me", &FINDING, &DUE, 0);
  const int64_t first = put(f, "me", "over", 1);
  put_told(f, "me", &FINDING, &GONE, first);
  assert_told(f, "me", &FINDING, &GONE);
  assert_ok(f, notice_message_taken(f->local, "me", first, &f->e));
  assert_first(f, "me", NULL);
  assert_told(f, "me", &FINDING, &GONE);
}

static void assert_ways(struct fixture *f, const char *expected);

static void what_is_withdrawn_was_never_told(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put_told(f, "me", &FINDING, &DUE, 0);
  put_told(f, "me", &OTHER, &DUE, put(f, "me", "first", 1));
  const int64_t second = put(f, "me", "second", 1);
  put_told(f, "me", &FINDING, &GONE, second);
  put_told(f, "her", &OTHER, &GONE, put(f, "her", "hers", 1));
  assert_ok(f, notice_way_note(f->local, "me", 1788480000, "refused", &f->e));
  struct notice_message m = message("second", 1);
  m.id = second;
  assert_ok(f, notice_message_withdraw(f->local, "me", &m, &f->e));
  assert_first(f, "me", "first");
  assert_first(f, "her", "hers");
  assert_told(f, "me", &FINDING, &DUE);
  assert_told(f, "me", &OTHER, &DUE);
  assert_told(f, "her", &OTHER, &GONE);
  assert_ways(f, "me 20696 1788480000 -1 -;"); /* and is at where it was before, without a failure */
}

static void what_was_told_before_a_message_can_be_asked_for(void **state) {
  struct fixture *f = *state;
  _cleanup_arena_ struct arena *arena = arena_new(256);
  struct hashmap all = {0};
  open_for(f, LOCAL_WRITE);
  put_told(f, "me", &FINDING, &DUE, 0);
  const int64_t id = put(f, "me", "over", 1);
  put_told(f, "me", &FINDING, &GONE, id);
  assert_ok(f, told_read(f->local, "me", id, arena, &all, &f->e));
  assert_false(told_of(&all, &FINDING)->is_gone);
  hashmap_clear(&all);
}

/* A customer who left: nothing in the file has his name any more. */
static void what_was_told_of_a_domain_can_be_forgotten(void **state) {
  struct fixture *f = *state;
  struct domain_set left;
  struct told other = DUE;
  other.domain = "example.org";
  open_for(f, LOCAL_WRITE);
  put_told(f, "me", &FINDING, &DUE, 0);
  put_told(f, "me", &OTHER, &other, 0);
  put(f, "me", "news", 1);
  assert_ok(f, notice_way_note(f->local, "me", 1788480000, NULL, &f->e));
  domain_set_init(&left);
  domain_set_add(&left, "example.com");
  assert_ok(f, notices_forget_domains(f->local, &left, &f->e));
  domain_set_clear(&left);
  assert_told(f, "me", &FINDING, NULL);
  assert_told(f, "me", &OTHER, &other);
  assert_first(f, "me", NULL);
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

static int add_way(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  strbuf_printf(user, "%s %d %lld %lld %s;", w->section,
                w->progress.period_day == INT32_MIN ? -1 : w->progress.period_day,
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

static void set_period(struct fixture *f, int32_t day) {
  const struct notice_progress p = {NOWHERE.looked_s, day};
  assert_ok(f, notice_way_set_progress(f->local, "me", &p, &f->e));
}

static void the_period_of_a_section_stays_whatever_its_tries_come_to(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  set_period(f, 20700);
  assert_ways(f, "me 20700 -1 -1 -;");
  assert_ok(f, notice_way_note(f->local, "me", 200, "no route", &f->e));
  set_period(f, 20707);
  assert_ways(f, "me 20707 200 200 no route;");
}

static void a_migrated_database_takes_notices(void **state) {
  struct fixture *f = *state;
  make_version_3(f);
  open_for(f, LOCAL_WRITE);
  put(f, "me", "news", 1);
  assert_ok(f, told_put(f->local, "me", &FINDING, &DUE, &f->e));
  set_period(f, 20700);
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
      IN_FOLDER(what_waits_is_told_once_its_message_is_taken),
      IN_FOLDER(what_is_withdrawn_was_never_told),
      IN_FOLDER(what_was_told_before_a_message_can_be_asked_for),
      IN_FOLDER(what_was_told_of_a_domain_can_be_forgotten),
      IN_FOLDER(a_section_fails_since_its_first_try_that_did),
      IN_FOLDER(the_period_of_a_section_stays_whatever_its_tries_come_to),
      IN_FOLDER(a_migrated_database_takes_notices),
      IN_FOLDER(one_of_two_who_want_a_lock_gets_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
