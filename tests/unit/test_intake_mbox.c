/* SPDX-License-Identifier: Apache-2.0 */
/* Many mails in one file or folder, and the ways in that mails take. */
#include "mail_kit.h"

#include <pthread.h>

/* --- mbox --------------------------------------------------------------------------------------------------------- */

static void assert_origins(void **state, struct strbuf mbox, const char *const *origins, size_t count) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mbox);
  for (size_t i = 0; i < t.count && i < count; i++) assert_non_null(strstr(t.events[i].origin, origins[i]));
  assert_int_equal(t.count, count);
}

static void mails_of_an_mbox_are_numbered(void **state) {
  static const char *const origins[] = {"m: message 1: part 1", "m: message 2 <m@example.net>", "m: message 3: part 1"};
  static const char mbox[] = "\n" FROM_LINE "From: a@example.net\n\n" XML "\n\n" FROM_LINE FIELDS
                             "\nHello\n\n" FROM_LINE "From: a@example.net\n\n" XML;
  assert_origins(state, text_of(mbox), origins, 3);
  assert_origins(state, with_crlf(text_of(mbox)), origins, 3);
}

static void what_passes_for_blank_may_stand_in_front_of_an_mbox(void **state) {
  static const char *const origins[] = {"m: message 1 <m@example.net>: part 1"};
  static const char *const fronts[] = {"\n", " \n\t\n", "\r\f\r\v\r", "\xef\xbb\xbf"};
  for (size_t i = 0; i < ARRAY_SIZE(fronts); i++) {
    struct strbuf mbox = text_of(fronts[i]);
    strbuf_add_text(&mbox, "From b\n" FIELDS "\n" XML);
    assert_origins(state, mbox, origins, 1);
  }
}

static void only_a_line_that_can_be_one_begins_a_mail(void **state) {
  static const char *const origins[] = {"m: message 1", "m: message 2", "m: message 3"};
  /* not behind an empty line, and without a time; then without the empty line, but with a time */
  assert_origins(state,
                 text_of(FROM_LINE FIELDS "\nHello\nFrom here on\n" FROM_LINE "From there on\n" FIELDS
                                          "\nHello\n\nFrom b\n" FIELDS),
                 origins, 3);
}

static void quoted_from_lines_are_as_they_were(void **state) {
  _cleanup_told_ struct told t = fresh();
  static const char content[] = "<feedback>\nFrom a\n>From b\n>> From c\n</feedback>\n";
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m",
             text_of(FROM_LINE FIELDS "\n<feedback>\n>From a\n>>From b\n>> From c\n</feedback>\n"));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "part 1", "m", content);
}

static void a_separator_is_found_at_every_place_of_a_buffer(void **state) {
  for (size_t shift = 0; shift < 500; shift += 3) {
    struct strbuf mbox = text_of(FROM_LINE FIELDS "\nHello\n");
    while (mbox.length < 65536 - 250) strbuf_add_text(&mbox, "From the 0123456789 0123456789 0123456789\n");
    for (size_t i = 0; i < shift; i++) strbuf_add_char(&mbox, 'x');
    strbuf_add_text(&mbox, "\n\nFrom b\nFrom: a@example.net\n\n" XML);
    static const char *const origins[] = {"m: message 1", "m: message 2: part 1"};
    assert_origins(state, mbox, origins, 2);
  }
}

static void a_mailbox_that_breaks_off_says_so(void **state) {
  struct strbuf mbox = STRBUF_INIT;
  for (int i = 0; i < 3; i++) strbuf_add_text(&mbox, FROM_LINE FIELDS "\nHello\n\n");
  struct strbuf compressed = wrapped(mbox, GZIP);
  compressed.length -= 12;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", compressed);
  assert_true(t.count > 0);
  assert_int_equal(t.events[t.count - 1].code, ERR_FORMAT);
  assert_non_null(strstr(t.events[t.count - 1].e.text, "gzip: cut off after"));
  assert_null(strstr(t.events[t.count - 1].origin, "message")); /* how many more there were nobody knows */
}

/* --- ways in ------------------------------------------------------------------------------------------------------ */

static void a_stream_is_taken_apart_as_a_file_is(void **state) {
  (void)state;
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  struct memory_stream in;
  for (size_t step = 1; step < 400; step += 13) {
    memory_stream_init(&in, mail.data, mail.length, step);
    _cleanup_told_ struct told t = fresh();
    struct intake_events events = {on_document, on_nothing, &t};
    struct intake *i = intake_new(&INTAKE_LIMITS_DEFAULT);
    assert_int_equal(intake_open_stream(i, "imaps://example.com/INBOX;UID=7", "", &in.stream, &events), 0);
    intake_free(i);
    assert_int_equal(t.count, 1);
    assert_string_equal(t.events[0].origin, "imaps://example.com/INBOX;UID=7: <m@example.net>: part 2 \"r.gz\"");
  }
  strbuf_clear(&mail);
}

static void an_event_that_refuses_ends_the_mailbox(void **state) {
  _cleanup_told_ struct told t = fresh();
  t.answer = ERR_INTERRUPTED;
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m",
             text_of(FROM_LINE FIELDS "\n" XML "\n\n" FROM_LINE FIELDS "\n" XML));
  assert_int_equal(t.count, 1);
}

static void *read_in_a_thread(void *path) {
  struct told *t = mem_zalloc(sizeof *t);
  t->read_most = SIZE_MAX;
  for (int i = 0; i < 20; i++) {
    clear_told(t);
    open_path(t, &INTAKE_LIMITS_DEFAULT, path);
  }
  return t;
}

static void mails_are_read_by_several_threads_at_once(void **state) {
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  _cleanup_free_ char *path = path_of(state, "m");
  write_file(path, &mail);
  strbuf_clear(&mail);
  pthread_t threads[4];
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_in_a_thread, path), 0);
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
    void *result;
    pthread_join(threads[i], &result);
    struct told *t = result;
    assert_int_equal(t->count, 1);
    assert_true(t->events[0].is_document);
    clear_told(t);
    free(t);
  }
}

static void of_a_maildir_only_mails_are_listed(void **state) {
  static const char *const folders[] = {"d",        "d/cur",    "d/new", "d/tmp",  "d/.a",  "d/.a/cur",
                                        "d/.a/new", "d/.a/tmp", "no",    "no/cur", "no/tmp"};
  static const char *const files[] = {"d/cur/1:2,S",     "d/new/2",  "d/tmp/3",  "d/.a/cur/4", "d/.a/tmp/5",
                                      "d/dovecot.index", "no/cur/1", "no/tmp/2", "no/x"};
  for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
    _cleanup_free_ char *path = path_of(state, folders[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
    _cleanup_free_ char *path = path_of(state, files[i]);
    struct strbuf text = text_of("x");
    write_file(path, &text);
    strbuf_clear(&text);
  }
  const char *source = *state;
  struct intake_walk *w = intake_walk_new(&source, 1);
  _cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;
  struct intake_file file;
  struct err e;
  while (intake_walk_next(w, &file, &e) == 1) {
    strbuf_printf(&lines, "%s\n", file.path + strlen(source) + 1);
    free(file.path);
  }
  intake_walk_free(w);
  assert_string_equal(strbuf_text(&lines), "d/.a/cur/4\nd/cur/1:2,S\nd/new/2\nno/cur/1\nno/tmp/2\nno/x\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(mails_of_an_mbox_are_numbered),
      T(what_passes_for_blank_may_stand_in_front_of_an_mbox),
      T(only_a_line_that_can_be_one_begins_a_mail),
      T(quoted_from_lines_are_as_they_were),
      T(a_separator_is_found_at_every_place_of_a_buffer),
      T(a_mailbox_that_breaks_off_says_so),
      T(a_stream_is_taken_apart_as_a_file_is),
      T(an_event_that_refuses_ends_the_mailbox),
      T(mails_are_read_by_several_threads_at_once),
      T(of_a_maildir_only_mails_are_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
