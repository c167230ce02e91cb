/* SPDX-License-Identifier: Apache-2.0 */
/* Analyses as numbers, without a table around them; alone, and as folds that share one walk over the records. */
#include "judged_kit.h"

#include "analysis/domain_mail.h"
#include "analysis/period.h"
#include "analysis/selectors.h"
#include "verdict/judge_each.h"

#define GOOGLE "google.com"

/* The owner's office, a second server that forgets to sign, a forwarder, and a stranger. */
static void some_mail(struct fixture *f) {
  office(f, 20);
  mail_daily(f, 9, 0, SECOND, 10, SECOND_MAIL);
  mail_daily(f, 4, 0, SECOND, 5, "spf example.com=pass");
  mail(f, 0, "198.51.100.77", 1, "dkim example.com/s1=pass; spf example.com=fail");
  mail(f, 1, BOT, 300, "spf example.com=fail");
}

/* --- compliance --------------------------------------------------------------------------------------------------- */

#define MOST_SOURCES 8

/* What an analysis says lives during its call: the figures of one domain, kept. */
struct kept_compliance {
  unsigned domains;
  struct compliance all;
  struct compliance_source sources[MOST_SOURCES];
  char names[MOST_SOURCES][32];
};

static void keep_compliance(struct kept_compliance *k, const struct compliance *c) {
  k->domains++;
  k->all = *c;
  k->all.judgement = NULL;
  k->all.sources = NULL;
  assert_true(c->source_count <= MOST_SOURCES);
  for (uint32_t i = 0; i < c->source_count; i++) {
    k->sources[i] = c->sources[i];
    k->sources[i].name = k->sources[i].spf_domain = NULL;
    snprintf(k->names[i], sizeof k->names[i], "%s", c->sources[i].name);
  }
}

static int on_compliance(void *user, const struct compliance *c, struct err *e) {
  (void)e;
  keep_compliance(user, c);
  return 0;
}

static struct kept_compliance comply(struct fixture *f) {
  struct kept_compliance k = {0};
  assert_ok(f, compliance_each(&f->question.of, on_compliance, &k, &f->e));
  assert_int_equal(k.domains, 1);
  return k;
}

static void mail_is_counted_by_what_each_message_meets(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  const struct kept_compliance k = comply(f);
  const struct compliance_mail *all = &k.all.mail;
  assert_int_equal(all->messages, 400 + 100 + 25);
  assert_int_equal(all->spf, 525);
  assert_int_equal(all->dkim, 500);
  assert_int_equal(all->aligned, 525);
  assert_int_equal(all->bulk, 500);
  assert_int_equal(all->short_of, 25);
  assert_int_equal(all->misses[MISS_SIGNATURE], 25);
  assert_int_equal(all->misses[MISS_DKIM] + all->misses[MISS_SPF] + all->misses[MISS_ALIGNMENT], 0);
  assert_int_equal(k.all.forwarded, 1);
  assert_int_equal(k.all.foreign, 300);
}

static void sources_come_the_largest_first_and_add_up_to_the_whole(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  const struct kept_compliance k = comply(f);
  assert_int_equal(k.all.source_count, 2);
  assert_string_equal(k.names[0], OFFICE);
  assert_string_equal(k.names[1], SECOND);
  assert_int_equal(k.sources[1].mail.messages, 125);
  assert_int_equal(k.sources[1].mail.short_of, 25);
  assert_int_equal(k.sources[0].mail.messages + k.sources[1].mail.messages, k.all.mail.messages);
}

static void a_receiver_has_the_days_that_it_counted_itself(void **state) {
  struct fixture *f = *state;
  f->org = GOOGLE;
  mail(f, 3, OFFICE, COMPLIANCE_BULK_MESSAGES + 1, OFFICE_MAIL);
  mail(f, 2, OFFICE, COMPLIANCE_BULK_MESSAGES, OFFICE_MAIL);
  mail(f, 0, OFFICE, 7, OFFICE_MAIL);
  const struct kept_compliance k = comply(f);
  const struct compliance_volume *google = &k.all.volumes[RECEIVER_GOOGLE];
  assert_int_equal(google->days, 3);
  assert_int_equal(google->bulk_days, 1);
  assert_int_equal(google->most, COMPLIANCE_BULK_MESSAGES + 1);
  assert_int_equal(google->most_day, LAST_DAY - 3);
  assert_int_equal(google->last_bulk_day, LAST_DAY - 3);
  assert_int_equal(k.all.volumes[RECEIVER_YAHOO].days, 0);
}

static void what_few_messages_miss_is_not_spoken_of(void **state) {
  (void)state;
  enum compliance_miss misses[MISSES];
  struct compliance_mail mail = {.messages = 1000};
  mail.misses[MISS_SPF] = 500;
  mail.misses[MISS_SIGNATURE] = 600;
  mail.misses[MISS_DKIM] = 1;
  assert_int_equal(compliance_misses(&mail, misses), 2);
  assert_int_equal(misses[0], MISS_SIGNATURE);
  assert_int_equal(misses[1], MISS_SPF);
  assert_int_equal(compliance_misses(&(struct compliance_mail){0}, misses), 0);
}

/* --- selectors ---------------------------------------------------------------------------------------------------- */

struct kept_selectors {
  uint32_t count;
  struct selector items[MOST_SOURCES];
  char names[MOST_SOURCES][16];
};

static void keep_selectors(struct kept_selectors *k, const struct selectors *s) {
  assert_true(s->count <= MOST_SOURCES);
  k->count = s->count;
  for (uint32_t i = 0; i < s->count; i++) {
    k->items[i] = s->items[i];
    snprintf(k->names[i], sizeof k->names[i], "%s", s->items[i].name ? s->items[i].name : "");
    k->items[i].domain = k->items[i].name = k->items[i].home = NULL;
  }
}

static int on_selectors(void *user, const struct selectors *s, struct err *e) {
  (void)e;
  keep_selectors(user, s);
  return 0;
}

static struct kept_selectors select_keys(struct fixture *f) {
  struct kept_selectors k = {0};
  assert_ok(f, selectors_each(&f->question.of, on_selectors, &k, &f->e));
  return k;
}

static const struct selector *selector_called(const struct kept_selectors *k, const char *name) {
  for (uint32_t i = 0; i < k->count; i++)
    if (!strcmp(k->names[i], name)) return &k->items[i];
  fail_msg("no selector %s", name);
  return NULL;
}

static void a_selector_has_its_mail_its_days_and_its_state(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  const struct kept_selectors k = select_keys(f);
  const struct selector *first = selector_called(&k, "s1"), *second = selector_called(&k, "s2");
  assert_int_equal(k.count, 2);
  assert_int_equal(first->messages, 401);
  assert_int_equal(first->results[SIGNATURE_PASS], 401);
  assert_int_equal(first->own_messages, 400); /* what is passed on is not the owner's sending */
  assert_int_equal(first->own_passed, 400);
  assert_int_equal(first->first_day, LAST_DAY - 19);
  assert_int_equal(first->last_day, LAST_DAY);
  assert_int_equal(first->state, SELECTOR_ACTIVE);
  assert_int_equal(second->first_day, LAST_DAY - 9);
  assert_int_equal(second->messages, 100);
}

static void a_selector_whose_mail_fails_tells_since_when(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 29, 4, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 3, 0, OFFICE, 20, "dkim example.com/s1=fail; spf example.com=pass");
  const struct kept_selectors k = select_keys(f);
  const struct selector *broken = selector_called(&k, "s1");
  assert_true(broken->fails);
  assert_int_equal(broken->state, SELECTOR_BROKEN);
  assert_int_equal(broken->broken_since_day, LAST_DAY - 3);
  assert_int_equal(broken->results[SIGNATURE_FAIL], 80);
}

/* --- one walk for several ----------------------------------------------------------------------------------------- */

struct shared_walk {
  struct fixture *f;
  struct kept_compliance compliance;
  struct kept_selectors selectors;
  int64_t messages; /* of the domain's tallies */
};

static int walk_once(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct shared_walk *w = user;
  const struct inquiry *q = &w->f->question.of;
  struct domain_mail *mail = domain_mail_new(q->filter, h, j);
  struct mail_fold *const folds[] = {selector_fold_new(h), &mail->fold, compliance_fold_new(q->filter, h, j)};
  int code = judged_mail_each(q, h, FILTER_OPEN_BEGIN, j->window_end_s, folds, ARRAY_SIZE(folds), e);
  domain_mail_end(mail);
  keep_selectors(&w->selectors, selector_fold_end(folds[0], q->basis->thresholds));
  keep_compliance(&w->compliance, compliance_fold_end(folds[2]));
  for (uint32_t i = 0; i < h->stream_count; i++) w->messages += mail->tallies[i].messages;
  for (unsigned i = 0; i < ARRAY_SIZE(folds); i++) mail_fold_free(folds[i]);
  return code;
}

static void folds_that_share_a_walk_count_what_each_counts_alone(void **state) {
  struct fixture *f = *state;
  some_mail(f);
  f->org = GOOGLE;
  mail_daily(f, 5, 0, OFFICE, 3, OFFICE_MAIL);
  struct shared_walk w = {.f = f};
  assert_ok(f, judge_each(&f->question.of, walk_once, &w, &f->e));
  const struct kept_compliance compliance = comply(f);
  const struct kept_selectors selectors = select_keys(f);
  assert_memory_equal(&w.compliance.all.mail, &compliance.all.mail, sizeof compliance.all.mail);
  assert_memory_equal(w.compliance.all.volumes, compliance.all.volumes, sizeof compliance.all.volumes);
  assert_memory_equal(w.compliance.names, compliance.names, sizeof compliance.names);
  assert_int_equal(w.selectors.count, selectors.count);
  for (uint32_t i = 0; i < selectors.count; i++) {
    assert_string_equal(w.selectors.names[i], selectors.names[i]);
    assert_int_equal(w.selectors.items[i].messages, selectors.items[i].messages);
    assert_int_equal(w.selectors.items[i].state, selectors.items[i].state);
  }
  assert_int_equal(w.messages, 400 + 100 + 25 + 1 + 300 + 18);
}

/* --- which days --------------------------------------------------------------------------------------------------- */

static void assert_period(int64_t since_s, int64_t until_s, int64_t begin_s, int64_t end_s) {
  struct report_filter filter = REPORT_FILTER_ALL;
  const struct judgement j = {.window_begin_s = DAY_S(29), .window_end_s = DAY_S(-1)};
  filter.since_s = since_s;
  filter.until_s = until_s;
  const struct period p = period_asked(&filter, &j);
  assert_int_equal(p.begin_s, begin_s);
  assert_int_equal(p.end_s, end_s);
}

static void the_judged_window_holds_where_no_period_is_asked_for(void **state) {
  (void)state;
  assert_period(FILTER_OPEN_BEGIN, FILTER_OPEN_END, DAY_S(29), DAY_S(-1));
}

static void a_period_begins_with_a_day_and_ends_with_the_window_at_the_latest(void **state) {
  (void)state;
  assert_period(DAY_S(60), FILTER_OPEN_END, DAY_S(60), DAY_S(-1));
  assert_period(DAY_S(60) + 3600, FILTER_OPEN_END, DAY_S(60), DAY_S(-1)); /* its reports began on that day */
  assert_period(DAY_S(60), DAY_S(50) + 1, DAY_S(60), DAY_S(50) + 1);
  assert_period(DAY_S(60), DAY_S(-1) + 1, DAY_S(60), DAY_S(-1)); /* behind it no clock is believed */
}

static void a_period_without_a_begin_reaches_back_to_the_first_mail(void **state) {
  (void)state;
  assert_period(FILTER_OPEN_BEGIN, DAY_S(40), FILTER_OPEN_BEGIN, DAY_S(40));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(mail_is_counted_by_what_each_message_meets),
      T(sources_come_the_largest_first_and_add_up_to_the_whole),
      T(a_receiver_has_the_days_that_it_counted_itself),
      cmocka_unit_test(what_few_messages_miss_is_not_spoken_of),
      T(a_selector_has_its_mail_its_days_and_its_state),
      T(a_selector_whose_mail_fails_tells_since_when),
      T(folds_that_share_a_walk_count_what_each_counts_alone),
      cmocka_unit_test(the_judged_window_holds_where_no_period_is_asked_for),
      cmocka_unit_test(a_period_begins_with_a_day_and_ends_with_the_window_at_the_latest),
      cmocka_unit_test(a_period_without_a_begin_reaches_back_to_the_first_mail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
