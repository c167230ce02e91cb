/* SPDX-License-Identifier: Apache-2.0 */
/* From bad days to spells: what is one, since when it is told, and when it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/spells.h"

#define LENGTH 60

/* A sender's days as a line of signs from day 0: 'x' 10 of 10 messages are bad, '1' one of 10, '.' clean, ' ' it sends
 * nothing, '-' nothing is heard of the domain at all. */
struct line {
  struct spell_day days[LENGTH];
  int32_t heard[LENGTH];
  uint32_t count, heard_count;
};

static struct line read_line(const char *text) {
  struct line l = {.count = 0};
  for (int32_t day = 0; text[day]; day++) {
    if (text[day] != '-') l.heard[l.heard_count++] = day;
    if (text[day] == '-' || text[day] == ' ') continue;
    l.days[l.count++] = (struct spell_day){day, 10, text[day] == 'x' ? 10 : text[day] == '1'};
  }
  return l;
}

static bool is_three(const void *user, int64_t messages, int64_t bad) {
  (void)user, (void)messages;
  return bad >= 3;
}

static bool find(const char *text, struct spell *ret) {
  const struct line l = read_line(text);
  const struct spell_rules rules = {3, 3, is_three, NULL};
  return spells_last(&rules, l.days, l.count, l.heard, l.heard_count, (int32_t)strlen(text) - 1, ret);
}

static void expect(const char *text, int32_t first, int32_t last, int32_t found, int32_t gone, int line) {
  struct spell s = {0};
  if (find(text, &s) && s.first_day == first && s.last_day == last && s.found_day == found && s.gone_day == gone)
    return;
  fail_msg("line %d: \"%s\": %d to %d, found %d, gone %d", line, text, s.first_day, s.last_day, s.found_day,
           s.gone_day);
}
#define EXPECT(text, first, last, found, gone) expect(text, first, last, found, gone, __LINE__)
#define NEVER INT32_MAX

static void every_other_day_is_one_spell(void **state) {
  (void)state;
  EXPECT("..x", 2, 2, 2, NEVER);
  EXPECT("..x.x.x", 2, 6, 2, NEVER);
  EXPECT("..x.x.x..", 2, 6, 2, NEVER);
  EXPECT("..x.x.x...", 2, 6, 2, 9);
}

static void what_comes_after_three_clean_days_is_another(void **state) {
  (void)state;
  EXPECT("x..x", 0, 3, 0, NEVER);
  EXPECT("x...x", 4, 4, 4, NEVER);
}

static void it_is_told_from_the_day_on_which_it_is_enough(void **state) {
  struct spell s;
  (void)state;
  assert_false(find("..1.1", &s));
  EXPECT("..1.1.1", 2, 6, 6, NEVER);
  EXPECT("..1.1.1.......", 2, 6, 6, 9);
}

static void too_little_behind_it_hides_no_spell(void **state) {
  (void)state;
  EXPECT("xx....1..", 0, 1, 0, 4);
}

static void who_falls_silent_is_over_as_soon_as_who_is_clean(void **state) {
  (void)state;
  EXPECT("....xx  ", 4, 5, 4, NEVER);
  EXPECT("....xx   ", 4, 5, 4, 8);
}

static void who_sends_by_the_week_is_waited_for_by_the_week(void **state) {
  (void)state;
  EXPECT(".      x      x      x          ", 7, 21, 7, NEVER); /* ten days of silence tell nothing of it */
  EXPECT(".      x      x      .          ", 7, 14, 7, NEVER);
  EXPECT("x      x      .      .      .", 0, 7, 0, 28);
  EXPECT("x      x                     ", 0, 7, 0, 28); /* three of its weeks */
}

static void days_without_reports_make_nothing_clean(void **state) {
  (void)state;
  EXPECT("..xx--------", 2, 3, 2, NEVER);
  EXPECT("..xx----..", 2, 3, 2, NEVER);
  EXPECT("..xx----...", 2, 3, 2, 10);
}

static void clean_days_between_count_to_its_mail(void **state) {
  struct spell s;
  (void)state;
  assert_true(find(".x..x.", &s));
  assert_int_equal(s.messages, 40);
  assert_int_equal(s.bad, 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_other_day_is_one_spell),
      cmocka_unit_test(what_comes_after_three_clean_days_is_another),
      cmocka_unit_test(it_is_told_from_the_day_on_which_it_is_enough),
      cmocka_unit_test(too_little_behind_it_hides_no_spell),
      cmocka_unit_test(who_falls_silent_is_over_as_soon_as_who_is_clean),
      cmocka_unit_test(who_sends_by_the_week_is_waited_for_by_the_week),
      cmocka_unit_test(days_without_reports_make_nothing_clean),
      cmocka_unit_test(clean_days_between_count_to_its_mail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
