/* SPDX-License-Identifier: Apache-2.0 */
/* Kept answers of the DNS: they come back as they were, expire, and are never worth an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "local/answers.h"

struct fixture {
  char folder[64], path[96];
  struct arena *arena;
  struct local *answers;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  struct err e;
  struct local *made;
  f->arena = arena_new(1024);
  snprintf(f->folder, sizeof f->folder, "/tmp/test_answers.XXXXXX");
  if (!mkdtemp(f->folder)) return -1;
  snprintf(f->path, sizeof f->path, "%s/dmarc.db", f->folder);
  if (local_open(f->path, LOCAL_WRITE, &made, &e) < 0) return -1;
  local_close(made);
  *state = f;
  return answers_open(f->path, &f->answers, &e);
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  local_close(f->answers);
  arena_free(f->arena);
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  int r = system(command);
  free(f);
  return r;
}

static struct kept_answer text_answer(const char *name, const char *const *texts, unsigned count, int64_t expires_s) {
  return (struct kept_answer){
      .name = name, .type = "TXT", .status = "ok", .texts = texts, .count = count, .expires_s = expires_s};
}

static bool get(struct fixture *f, const char *name, int64_t now_s, struct kept_answer *ret) {
  return answer_get(f->answers, name, "TXT", now_s, f->arena, ret);
}

static void an_answer_comes_back_as_it_was(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {
      "v=DMARC1; p=none", "", "\"quoted\\\" \\027", "{}", "tab\there", "\303\244", "7", "a", "b", "last"};
  const struct kept_answer put = text_answer("example.com", TEXTS, ARRAY_SIZE(TEXTS), 1000);
  struct kept_answer got;
  answers_put(f->answers, &put, 1, 10);
  assert_true(get(f, "example.com", 999, &got));
  assert_string_equal(got.status, "ok");
  assert_int_equal(got.expires_s, 1000);
  assert_int_equal(got.count, ARRAY_SIZE(TEXTS));
  for (unsigned i = 0; i < got.count; i++) assert_string_equal(got.texts[i], TEXTS[i]);
}

static void an_answer_without_texts_is_an_answer(void **state) {
  struct fixture *f = *state;
  const struct kept_answer put = {.name = "example.com", .type = "TXT", .status = "none", .expires_s = 1000};
  struct kept_answer got;
  answers_put(f->answers, &put, 1, 10);
  assert_true(get(f, "example.com", 11, &got));
  assert_string_equal(got.status, "none");
  assert_int_equal(got.count, 0);
  assert_false(answer_get(f->answers, "example.com", "A", 11, f->arena, &got));
  assert_false(get(f, "example.net", 11, &got));
}

static void a_newer_answer_takes_the_place_of_the_former(void **state) {
  struct fixture *f = *state;
  static const char *const OLD[] = {"old", "older"}, *const NEW[] = {"new"};
  const struct kept_answer answers[] = {text_answer("example.com", OLD, 2, 1000),
                                        text_answer("example.com", NEW, 1, 2000)};
  struct kept_answer got;
  answers_put(f->answers, answers, 2, 10);
  assert_true(get(f, "example.com", 11, &got));
  assert_int_equal(got.count, 1);
  assert_string_equal(got.texts[0], "new");
}

static void an_answer_counts_until_it_expires_and_is_forgotten_then(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {"x"};
  const struct kept_answer soon = text_answer("soon.example", TEXTS, 1, 100),
                           late = text_answer("late.example", TEXTS, 1, 900);
  struct kept_answer got;
  answers_put(f->answers, &soon, 1, 10);
  assert_true(get(f, "soon.example", 99, &got));
  assert_false(get(f, "soon.example", 100, &got));
  assert_true(get(f, "soon.example", 99, &got)); /* looking changes nothing */
  answers_put(f->answers, &late, 1, 100);
  assert_false(get(f, "soon.example", 99, &got));
  assert_true(get(f, "late.example", 101, &got));
}

static void nobody_waits_for_a_locked_database(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {"x"};
  const struct kept_answer put = text_answer("example.com", TEXTS, 1, 1000);
  struct local *importer;
  struct kept_answer got;
  struct err e;
  assert_int_equal(local_open(f->path, LOCAL_WRITE, &importer, &e), 0);
  assert_int_equal(local_begin(importer, &e), 0);
  time_t begin = time(NULL);
  answers_put(f->answers, &put, 1, 10);
  assert_false(get(f, "example.com", 11, &got));
  assert_true(time(NULL) - begin < 5);
  local_abort(importer);
  local_close(importer);
  answers_put(f->answers, &put, 1, 10);
  assert_true(get(f, "example.com", 11, &got));
}

static void what_opens_for_reading_alone_keeps_nothing(void **state) {
  struct fixture *f = *state;
  static const char *const TEXTS[] = {"x"};
  const struct kept_answer put = text_answer("example.com", TEXTS, 1, 1000);
  struct local *reader;
  struct kept_answer got;
  struct err e;
  assert_int_equal(local_open(f->path, LOCAL_READ, &reader, &e), 0);
  answers_put(reader, &put, 1, 10);
  assert_false(answer_get(reader, "example.com", "TXT", 11, f->arena, &got));
  answers_put(f->answers, &put, 1, 10);
  assert_true(answer_get(reader, "example.com", "TXT", 11, f->arena, &got));
  local_close(reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_answer_comes_back_as_it_was, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_answer_without_texts_is_an_answer, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_newer_answer_takes_the_place_of_the_former, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_answer_counts_until_it_expires_and_is_forgotten_then, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nobody_waits_for_a_locked_database, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_opens_for_reading_alone_keeps_nothing, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
