/* SPDX-License-Identifier: Apache-2.0 */
/* What protocols of mail servers share: numbers for names, and mails whose size nobody said. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "mailbox/mail_names.h"
#include "mailbox/remote_mail.h"
#include "mailbox/uid_list.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

static void cleanup_names(struct mail_names *n) { mail_names_clear(n); }
#define _cleanup_names_ _cleanup_(cleanup_names)

static void meet(struct mail_names *n, const char *letters) {
  struct err e;
  mail_names_list_begin(n);
  for (; *letters; letters++)
    assert_int_equal(mail_names_met(n, (const char[]){*letters, 0}, MAIL_CAME_UNKNOWN, &e), 0);
  mail_names_list_end(n);
}

/* "1a 3c": what is on the server, and what is left for the next time behind it. */
static void expect(const struct mail_names *n, uint32_t from, uint32_t most, const char *expected, uint32_t next) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  uint32_t *uids, next_uid, count = mail_names_from(n, from, INT64_MIN, most, &uids, &next_uid);
  for (uint32_t i = 0; i < count; i++) strbuf_printf(&text, "%u%s ", uids[i], mail_names_text(n, uids[i]));
  assert_string_equal(strbuf_text(&text), expected);
  assert_int_equal(next_uid, next);
  free(uids);
}

static void a_name_keeps_its_number_wherever_it_stands(void **state) {
  (void)state;
  _cleanup_names_ struct mail_names n;
  mail_names_init(&n);
  meet(&n, "abc");
  expect(&n, 1, 0, "1a 2b 3c ", 4);
  meet(&n, "dcba");
  expect(&n, 1, 0, "1a 2b 3c 4d ", 5);
  expect(&n, 3, 0, "3c 4d ", 5);
  expect(&n, 1, 2, "1a 2b ", 3);
  expect(&n, 9, 0, "", 5);
}

static void what_is_not_listed_is_gone_and_its_number_is_not_given_again(void **state) {
  (void)state;
  _cleanup_names_ struct mail_names n;
  mail_names_init(&n);
  mail_names_begin(&n, 8);
  mail_names_put(&n, 3, "a", MAIL_CAME_UNKNOWN);
  mail_names_put(&n, 7, "b", MAIL_CAME_UNKNOWN);
  meet(&n, "bc");
  expect(&n, 1, 0, "7b 8c ", 9);
  assert_null(mail_names_text(&n, 3));
  assert_null(mail_names_text(&n, 5));
  assert_int_equal(n.all[0].state, MAIL_NAME_GONE);
  assert_true(n.all[0].kept && n.all[1].kept && !n.all[2].kept);
}

static void a_list_that_broke_off_forgets_nothing(void **state) {
  (void)state;
  _cleanup_names_ struct mail_names n;
  struct err e;
  mail_names_init(&n);
  mail_names_put(&n, 1, "a", MAIL_CAME_UNKNOWN);
  mail_names_put(&n, 2, "b", MAIL_CAME_UNKNOWN);
  mail_names_list_begin(&n);
  assert_int_equal(mail_names_met(&n, "b", MAIL_CAME_UNKNOWN, &e), 0);
  assert_int_equal(mail_names_met(&n, "c", MAIL_CAME_UNKNOWN, &e), 0);
  assert_string_equal(mail_names_text(&n, 1), "a");
  meet(&n, "abc");
  expect(&n, 1, 0, "1a 2b 3c ", 4);
}

static void a_list_of_changes_takes_and_gives(void **state) {
  (void)state;
  _cleanup_names_ struct mail_names n;
  struct err e;
  mail_names_init(&n);
  mail_names_put(&n, 1, "a", 100);
  mail_names_put(&n, 2, "b", 200);
  mail_names_lost(&n, "a");
  mail_names_lost(&n, "nobody");
  assert_int_equal(mail_names_met(&n, "c", 300, &e), 0);
  expect(&n, 1, 0, "2b 3c ", 4);
  /* One that came, went and came again was never kept, and is to be. */
  mail_names_lost(&n, "c");
  assert_int_equal(mail_names_met(&n, "c", 300, &e), 0);
  assert_true(n.all[2].state == MAIL_NAME_HERE && !n.all[2].kept);
  uint32_t *uids, next_uid;
  assert_int_equal(mail_names_from(&n, 1, 300, 0, &uids, &next_uid), 1);
  assert_int_equal(uids[0], 3);
  assert_int_equal(next_uid, 4);
  free(uids);
}

static void the_last_number_is_no_more_given_than_too_many(void **state) {
  (void)state;
  _cleanup_names_ struct mail_names n;
  struct err e;
  mail_names_init(&n);
  mail_names_begin(&n, UINT32_MAX);
  mail_names_list_begin(&n);
  assert_int_equal(mail_names_met(&n, "a", MAIL_CAME_UNKNOWN, &e), ERR_LIMIT);
  mail_names_begin(&n, 1);
  for (uint32_t i = 0; i < MAIL_NAMES_MOST; i++) {
    char name[16];
    snprintf(name, sizeof name, "%u", i);
    assert_int_equal(mail_names_met(&n, name, MAIL_CAME_UNKNOWN, &e), 0);
  }
  assert_int_equal(mail_names_met(&n, "0", MAIL_CAME_UNKNOWN, &e), 0);
  assert_int_equal(mail_names_met(&n, "one more", MAIL_CAME_UNKNOWN, &e), ERR_LIMIT);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void mails_asked_for_again_come_first_and_once(void **state) {
  (void)state;
  uint32_t *uids = mem_alloc(2 * sizeof *uids), count = 2;
  uids[0] = 5;
  uids[1] = 6;
  uid_list_prepend(&uids, &count, (const uint32_t[]){2, 4, 5, 6}, 4);
  assert_int_equal(count, 4);
  assert_memory_equal(uids, ((const uint32_t[]){2, 4, 5, 6}), 4 * sizeof *uids);
  free(uids);
}

/* --- mails -------------------------------------------------------------------------------------------------------- */

static void a_mail_of_unknown_size_goes_to_a_file_when_it_is_large(void **state) {
  (void)state;
  static const size_t SIZES[] = {0, 1, MAIL_MEMORY_BYTES, MAIL_MEMORY_BYTES + 1, 3 * MAIL_MEMORY_BYTES};
  static unsigned char piece[1000], back[1000];
  struct err e;
  for (size_t i = 0; i < sizeof piece; i++) piece[i] = (unsigned char)(i * 7);
  for (size_t n = 0; n < sizeof SIZES / sizeof *SIZES; n++) {
    struct remote_mail mail = REMOTE_MAIL_NONE;
    for (size_t left = SIZES[n]; left;) {
      size_t size = left < sizeof piece ? left : sizeof piece;
      assert_int_equal(remote_mail_append(&mail, piece, size, &e), 0);
      left -= size;
    }
    remote_mail_end(&mail);
    assert_int_equal(mail.size, SIZES[n]);
    assert_int_equal(mail.fd >= 0, SIZES[n] > MAIL_MEMORY_BYTES);
    struct remote_mail_stream stream;
    remote_mail_stream_init(&stream, &mail);
    size_t total = 0;
    ssize_t got;
    while ((got = stream.stream.read(&stream.stream, back, sizeof back, &e)) > 0) {
      assert_memory_equal(back, piece, (size_t)got);
      total += (size_t)got;
    }
    assert_int_equal(total, SIZES[n]);
    remote_mail_clear(&mail);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_name_keeps_its_number_wherever_it_stands),
      cmocka_unit_test(what_is_not_listed_is_gone_and_its_number_is_not_given_again),
      cmocka_unit_test(a_list_that_broke_off_forgets_nothing),
      cmocka_unit_test(a_list_of_changes_takes_and_gives),
      cmocka_unit_test(the_last_number_is_no_more_given_than_too_many),
      cmocka_unit_test(mails_asked_for_again_come_first_and_once),
      cmocka_unit_test(a_mail_of_unknown_size_goes_to_a_file_when_it_is_large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
