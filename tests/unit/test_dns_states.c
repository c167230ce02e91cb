/* SPDX-License-Identifier: Apache-2.0 */
/* What the DNS said over time: a line for each change, and no change by what could not be found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "local/dns_states.h"

static int set_up(void **state) {
  struct err e;
  return local_open("test", LOCAL_SCRATCH, (struct local **)state, &e);
}

static int tear_down(void **state) {
  local_close(*state);
  return 0;
}

static struct dns_states_counts put(struct local *l, const char *name, const char *status, const char *text,
                                    int64_t now_s) {
  struct dns_states_counts counts = {0};
  struct err e;
  const struct dns_state seen = {.name = name, .type = "TXT", .status = status, .texts = &text, .count = text != NULL};
  assert_int_equal(local_begin(l, &e), 0);
  assert_int_equal(dns_states_put(l, &seen, now_s, &counts, &e), 0);
  assert_int_equal(local_commit(l, &e), 0);
  return counts;
}

static int spell(void *user, const struct dns_state *s, struct err *e) {
  (void)e;
  struct strbuf *out = user;
  strbuf_printf(out, "%s%s %s", out->length ? "; " : "", s->name, s->status);
  for (unsigned i = 0; i < s->count; i++) strbuf_printf(out, "%c%s", i ? ',' : '=', s->texts[i]);
  if (s->alias) strbuf_printf(out, " by %s", s->alias);
  strbuf_printf(out, " %lld-%lld", (long long)s->first_s, (long long)s->last_s);
  return 0;
}

static void assert_kept(struct local *l, const char *expected) {
  _cleanup_strbuf_ struct strbuf found = STRBUF_INIT;
  struct err e;
  assert_int_equal(dns_states_each(l, spell, &found, &e), 0);
  assert_string_equal(strbuf_text(&found), expected);
}

static void what_is_still_so_is_one_line(void **state) {
  assert_int_equal(put(*state, "a.example", "ok", "x", 10).added, 1);
  const struct dns_states_counts again = put(*state, "a.example", "ok", "x", 20);
  assert_int_equal(again.added + again.changed + again.failed, 0);
  assert_int_equal(again.seen, 1);
  assert_kept(*state, "a.example ok=x 10-20");
}

static void a_change_is_a_line_of_its_own(void **state) {
  put(*state, "a.example", "ok", "x", 10);
  assert_int_equal(put(*state, "a.example", "ok", "y", 20).changed, 1);
  assert_int_equal(put(*state, "a.example", "nodata", NULL, 30).changed, 1);
  assert_int_equal(put(*state, "a.example", "nxdomain", NULL, 40).changed, 1);
  assert_int_equal(put(*state, "a.example", "ok", "x", 50).changed, 1);
  assert_kept(*state,
              "a.example ok=x 10-10; a.example ok=y 20-20; a.example nodata 30-30; a.example nxdomain 40-40; "
              "a.example ok=x 50-50");
}

static void a_failed_look_takes_nothing_back(void **state) {
  put(*state, "a.example", "ok", "x", 10);
  const struct dns_states_counts failed = put(*state, "a.example", "timeout", NULL, 20);
  assert_int_equal(failed.changed + failed.added, 0);
  assert_int_equal(failed.failed, 1);
  put(*state, "a.example", "timeout", NULL, 30);
  put(*state, "a.example", "failed", NULL, 40);
  assert_int_equal(put(*state, "a.example", "ok", "x", 50).changed, 0);
  put(*state, "a.example", "failed", NULL, 60); /* another spell */
  assert_kept(*state,
              "a.example ok=x 10-50; a.example timeout 20-30; a.example failed 40-40; "
              "a.example failed 60-60");
}

static void both_in_one_second_are_kept(void **state) {
  put(*state, "a.example", "ok", "x", 10);
  put(*state, "a.example", "failed", NULL, 10);
  assert_kept(*state, "a.example failed 10-10; a.example ok=x 10-10");
}

static void the_order_of_an_answer_is_no_change(void **state) {
  static const char *const ONE[] = {"b", "a\"\\", ""}, *const OTHER[] = {"", "a\"\\", "b"};
  struct local *l = *state;
  struct dns_states_counts counts = {0};
  struct err e;
  struct dns_state seen = {.name = "a.example", .type = "A", .status = "ok", .texts = ONE, .count = 3, .alias = "c"};
  assert_int_equal(local_begin(l, &e), 0);
  assert_int_equal(dns_states_put(l, &seen, 10, &counts, &e), 0);
  seen.texts = OTHER;
  assert_int_equal(dns_states_put(l, &seen, 20, &counts, &e), 0);
  assert_int_equal(counts.changed, 0);
  seen.alias = "d";
  assert_int_equal(dns_states_put(l, &seen, 30, &counts, &e), 0);
  assert_int_equal(counts.changed, 1);
  assert_int_equal(local_commit(l, &e), 0);
  assert_kept(l, "a.example ok=,a\"\\,b by c 10-20; a.example ok=,a\"\\,b by d 30-30");
}

static void a_domain_is_forgotten_with_what_is_below_it(void **state) {
  struct local *l = *state;
  struct domain_set domains = {.count = 0};
  struct err e;
  put(l, "_dmarc.a.example", "ok", "x", 10);
  put(l, "a.example", "ok", "x", 10);
  put(l, "ba.example", "ok", "x", 10);
  domain_set_init(&domains);
  domain_set_add(&domains, "a.example");
  assert_int_equal(local_begin(l, &e), 0);
  assert_int_equal(dns_states_forget(l, &domains, &e), 0);
  assert_int_equal(local_commit(l, &e), 0);
  domain_set_clear(&domains);
  assert_kept(l, "ba.example ok=x 10-10");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_is_still_so_is_one_line),        T(a_change_is_a_line_of_its_own),
      T(a_failed_look_takes_nothing_back),    T(both_in_one_second_are_kept),
      T(the_order_of_an_answer_is_no_change), T(a_domain_is_forgotten_with_what_is_below_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
