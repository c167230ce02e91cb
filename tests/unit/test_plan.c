/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the target: which records, on which days, and what has to happen before. And the forms of a record. */
#include "judged_kit.h"

#include "analysis/plan.h"
#include "report/record_forms.h"

#define REPORTERS 4
static const char *const NAMES[REPORTERS] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};

#define TODAY (LAST_DAY + 1)
#define PLAIN "spf example.com=pass"

/* Each rung as "DAYS step state repairs+answers", days from today on; and its records. */
struct told {
  char text[512];
  char records[MOST_RUNGS][128], ways_back[MOST_RUNGS][128];
  enum policy target;
  bool lists_choose;
};

static int keep(void *user, const struct plan *p, struct err *e) {
  (void)e;
  struct told *t = user;
  struct strbuf text = STRBUF_INIT;
  t->target = p->target;
  t->lists_choose = p->lists_choose;
  for (unsigned i = 0; i < p->count; i++) {
    const struct rung *r = &p->rungs[i];
    strbuf_printf(&text, "%s%d %s.%s %s %u+%u", i ? "; " : "", r->day - TODAY, rung_kind_word(r->kind),
                  policy_word(r->policy), rung_state_word(r->state), r->repairs, r->answers);
    snprintf(t->records[i], sizeof t->records[i], "%s", r->record);
    snprintf(t->ways_back[i], sizeof t->ways_back[i], "%s", r->way_back);
  }
  snprintf(t->text, sizeof t->text, "%s", strbuf_text(&text));
  strbuf_clear(&text);
  return 0;
}

static struct told plan_of(struct fixture *f, const struct plan_wish *wish) {
  struct told t = {0};
  assert_ok(f, plan_each(&f->question.of, wish, keep, &t, &f->e));
  return t;
}
static struct told plan(struct fixture *f) { return plan_of(f, &(struct plan_wish){.start_day = TODAY}); }

static void everybody_tells(struct fixture *f, int first, int last, const char *ip, int64_t count,
                            const char *results) {
  for (int r = 0; r < REPORTERS; r++) {
    f->org = NAMES[r];
    mail_daily(f, first, last, ip, count, results);
  }
}

static void sixty_days(struct fixture *f, const char *p) {
  f->p = p;
  everybody_tells(f, 59, 0, OFFICE, 20, OFFICE_MAIL);
}

/* --- rungs -------------------------------------------------------------------------------------------------------- */

static void a_clean_domain_climbs_with_a_month_at_each_step(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  const struct told t = plan(f);
  assert_string_equal(t.text, "0 np.none open 0+0; 0 policy.quarantine open 0+0; 30 policy.reject waits 0+0");
  assert_int_equal(t.target, POLICY_REJECT);
  assert_string_equal(t.records[0], "v=DMARC1; p=none; np=reject; rua=<keep yours>");
  assert_string_equal(t.records[1], "v=DMARC1; p=quarantine; np=reject; rua=<keep yours>");
  assert_string_equal(t.records[2], "v=DMARC1; p=reject; rua=<keep yours>");
}

static void each_way_back_is_the_record_before_it(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  const struct told t = plan(f);
  assert_string_equal(t.ways_back[0], "v=DMARC1; p=none; rua=<keep yours>");
  assert_string_equal(t.ways_back[1], t.records[0]);
  assert_string_equal(t.ways_back[2], t.records[1]);
}

static void a_policy_that_is_young_waits_for_its_month(void **state) {
  struct fixture *f = *state;
  f->p = "none";
  everybody_tells(f, 59, 10, OFFICE, 20, OFFICE_MAIL);
  f->p = "quarantine";
  everybody_tells(f, 9, 0, OFFICE, 20, OFFICE_MAIL);
  assert_string_equal(plan(f).text, "0 np.quarantine open 0+0; 20 policy.reject waits 0+0");
}

static void mail_below_the_domain_forbids_np(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  f->header_from = "shop.example.com";
  everybody_tells(f, 59, 0, OFFICE, 5, OFFICE_MAIL);
  assert_string_equal(plan(f).text, "0 policy.quarantine open 0+0; 30 policy.reject waits 0+0");
}

static void what_fails_is_repaired_before_the_first_step(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  everybody_tells(f, 59, 20, SECOND, 10, SECOND_MAIL);
  everybody_tells(f, 19, 0, SECOND, 10, "dkim example.com/s2=fail; spf example.com=softfail");
  const struct told t = plan(f);
  assert_non_null(strstr(t.text, "0 policy.quarantine blocked 1+0; 30 policy.reject blocked 1+0"));
}

/* Quarantine lets SPF carry mail alone, reject does not: that is known before quarantine is published. */
static void a_later_step_tells_what_it_will_need(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  everybody_tells(f, 59, 0, SECOND, 10, PLAIN);
  assert_non_null(strstr(plan(f).text, "0 policy.quarantine open 0+0; 30 policy.reject blocked 1+0"));
}

static void mail_that_may_be_the_owners_is_answered_first(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  everybody_tells(f, 59, 0, BOT, 3, "spf example.com=softfail");
  assert_non_null(strstr(plan(f).text, "policy.quarantine blocked 0+1"));
}

static void a_domain_that_never_sent_goes_to_reject_at_once(void **state) {
  struct fixture *f = *state;
  f->p = "none";
  for (int i = 0; i < 40; i++) {
    _cleanup_free_ char *ip = mem_printf("198.%d.7.9", i);
    const int ago = i * i % 60;
    everybody_tells(f, ago, ago, ip, 1, "spf example.com=fail");
  }
  const struct told t = plan(f);
  if (strstr(t.text, "quarantine")) fail_msg("%s", t.text);
  assert_non_null(strstr(t.text, "policy.reject"));
  assert_null(strstr(t.text, "np."));
}

static void at_the_target_nothing_is_left(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "reject");
  assert_string_equal(plan(f).text, "");
}

static void the_owner_may_set_another_target(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  const struct plan_wish wish = {.start_day = TODAY, .target = POLICY_QUARANTINE};
  assert_non_null(strstr(plan_of(f, &wish).text, "0 policy.quarantine open 0+0"));
  assert_null(strstr(plan_of(f, &wish).text, "policy.reject"));
  start_anew(f);
  sixty_days(f, "quarantine");
  assert_string_equal(plan_of(f, &wish).text, "");
}

static void what_is_unfinished_comes_first(void **state) {
  struct fixture *f = *state;
  f->testing = "y";
  sixty_days(f, "quarantine");
  struct told t = plan(f);
  assert_string_equal(t.text, "0 in_force.quarantine open 0+0; 30 policy.reject waits 0+0");
  assert_string_equal(t.records[0], "v=DMARC1; p=quarantine; rua=<keep yours>");
  assert_string_equal(t.ways_back[0], "v=DMARC1; p=quarantine; t=y; rua=<keep yours>");
}

/* p=reject; t=y comes to quarantine: nothing stronger is published for who wants no more. */
static void what_the_policy_comes_to_may_be_the_target(void **state) {
  struct fixture *f = *state;
  f->testing = "y";
  sixty_days(f, "reject");
  const struct plan_wish wish = {.start_day = TODAY, .target = POLICY_QUARANTINE};
  assert_string_equal(plan_of(f, &wish).text, "");
  assert_string_equal(plan(f).text, "0 in_force.reject open 0+0");
}

/* The record of mail.example.com has no say on names below it (RFC 9989 4.10). */
static void np_is_of_organizational_domains_alone(void **state) {
  struct fixture *f = *state;
  f->domain = f->header_from = "mail.example.com";
  f->p = "none";
  everybody_tells(f, 59, 0, OFFICE, 20, "dkim mail.example.com/s1=pass; spf mail.example.com=pass");
  assert_string_equal(plan(f).text, "0 policy.quarantine open 0+0; 30 policy.reject waits 0+0");
}

/* The np that the plan has brought does not fall back to the sp or np that was there. */
static void np_stays_on_the_whole_way(void **state) {
  struct fixture *f = *state;
  f->sp = f->np = "none";
  sixty_days(f, "none");
  const struct told t = plan(f);
  assert_non_null(strstr(t.text, "np.none"));
  for (int i = 0; i < 3; i++) assert_non_null(strstr(t.records[i], "np=reject"));
}

static void what_was_repaired_waits_for_its_day(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  everybody_tells(f, 59, 26, SECOND, 20, SECOND_MAIL);
  everybody_tells(f, 25, 20, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  everybody_tells(f, 19, 0, SECOND, 20, SECOND_MAIL);
  const struct told t = plan(f);
  if (!strstr(t.text, "9 policy.quarantine waits 0+0"))
    fail_msg("%s", t.text); /* thirty days behind the last that failed */
}

/* A list that breaks 3 % of own mail. */
static void lists_that_lose_much_are_measured_first_and_end_the_way_at_quarantine(void **state) {
  struct fixture *f = *state;
  struct label list = {.subject = LABEL_DOMAIN,
                       .source = "lists.example.org",
                       .verdict = LABEL_FORWARDER,
                       .until_s = FEEDBACK_TIME_UNKNOWN};
  f->labels = (struct labels){.items = &list, .count = 1};
  sixty_days(f, "none");
  for (int ago = 59; ago >= 0; ago--)
    everybody_tells(f, ago, ago, "198.51.100.131", 1,
                    "dkim example.com/s1=fail; dkim lists.example.org/l=pass; spf lists.example.org=pass");
  const struct told t = plan(f);
  if (!t.lists_choose) fail_msg("%s", t.text);
  assert_int_equal(t.target, POLICY_QUARANTINE);
  assert_non_null(strstr(t.text, "testing.quarantine"));
  assert_non_null(strstr(t.text, "30 policy.quarantine waits 0+0"));
  assert_string_equal(t.records[0], "v=DMARC1; p=quarantine; t=y; rua=<keep yours>"); /* np would be lowered by t */
}

/* --- days --------------------------------------------------------------------------------------------------------- */

static void nothing_is_published_before_the_start_nor_in_a_freeze(void **state) {
  struct fixture *f = *state;
  sixty_days(f, "none");
  f->header_from = "shop.example.com";
  everybody_tells(f, 59, 0, OFFICE, 5, OFFICE_MAIL);
  const struct freeze freezes[] = {{TODAY + 14, TODAY + 20}, {TODAY + 10, TODAY + 13}, {TODAY + 51, TODAY + 51}};
  static const struct {
    int start, quarantine, reject;
  } CASES[] = {{-100, 0, 30}, {5, 5, 35}, {9, 9, 39}, {10, 21, 52}, {14, 21, 52}, {20, 21, 52}, {22, 22, 52}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    char wanted[96];
    const struct plan_wish wish = {
        .start_day = TODAY + CASES[i].start, .freezes = freezes, .freeze_count = ARRAY_SIZE(freezes)};
    snprintf(wanted, sizeof wanted, "%d policy.quarantine open 0+0; %d policy.reject waits 0+0", CASES[i].quarantine,
             CASES[i].reject);
    assert_string_equal(plan_of(f, &wish).text, wanted);
  }
}

/* --- forms of a record -------------------------------------------------------------------------------------------- */

static void a_record_has_the_form_of_each_tool(void **state) {
  (void)state;
  static const struct {
    enum record_form form;
    const char *domain, *wanted;
  } CASES[] = {
      {RECORD_FOR_PEOPLE, "example.com", "_dmarc.example.com TXT \"v=DMARC1; p=none; x=a\"\\b'\""},
      {RECORD_ZONE, "example.com", "_dmarc.example.com. 3600 IN TXT \"v=DMARC1; p=none; x=a\\\"\\\\b'\""},
      {RECORD_NSUPDATE, "mail.example.com",
       "update delete _dmarc.mail.example.com. TXT\nupdate add _dmarc.mail.example.com. 3600 TXT \"v=DMARC1; p=none; "
       "x=a\\\"\\\\b'\"\nsend"},
      {RECORD_OCTODNS, "mail.example.com",
       "_dmarc.mail:\n  type: TXT\n  ttl: 3600\n  value: 'v=DMARC1\\; p=none\\; x=a\"\\b'''"},
      {RECORD_DNSCONTROL, "example.com", "TXT(\"_dmarc\", \"v=DMARC1; p=none; x=a\\\"\\\\b'\", TTL(3600)),"},
      {RECORD_TERRAFORM, "a.mail.example.com",
       "resource \"dns_txt_record_set\" \"dmarc_a_mail_example_com\" {\n  zone = \"example.com.\"\n  name = "
       "\"_dmarc.a.mail\"\n  txt  = [\"v=DMARC1; p=none; x=a\\\"\\\\b'\"]\n  ttl  = 3600\n}"},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct strbuf out = STRBUF_INIT;
    record_form_add(&out, CASES[i].form, CASES[i].domain, "v=DMARC1; p=none; x=a\"\\b'");
    assert_string_equal(strbuf_text(&out), CASES[i].wanted);
    strbuf_clear(&out);
  }
}

static void a_long_record_is_several_strings_of_a_zone(void **state) {
  (void)state;
  char record[301];
  memset(record, 'a', 300);
  record[300] = 0;
  struct strbuf out = STRBUF_INIT;
  record_form_add(&out, RECORD_ZONE, "example.com", record);
  const char *second = strstr(strbuf_text(&out), "\" \"");
  assert_non_null(second);
  assert_int_equal(second - strchr(strbuf_text(&out), '"') - 1, 255);
  assert_int_equal(strlen(second), strlen("\" \"") + 45 + 1);
  strbuf_clear(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_clean_domain_climbs_with_a_month_at_each_step),
      T(each_way_back_is_the_record_before_it),
      T(a_policy_that_is_young_waits_for_its_month),
      T(mail_below_the_domain_forbids_np),
      T(what_fails_is_repaired_before_the_first_step),
      T(a_later_step_tells_what_it_will_need),
      T(mail_that_may_be_the_owners_is_answered_first),
      T(a_domain_that_never_sent_goes_to_reject_at_once),
      T(at_the_target_nothing_is_left),
      T(the_owner_may_set_another_target),
      T(what_is_unfinished_comes_first),
      T(what_the_policy_comes_to_may_be_the_target),
      T(np_is_of_organizational_domains_alone),
      T(np_stays_on_the_whole_way),
      T(what_was_repaired_waits_for_its_day),
      T(lists_that_lose_much_are_measured_first_and_end_the_way_at_quarantine),
      T(nothing_is_published_before_the_start_nor_in_a_freeze),
      cmocka_unit_test(a_record_has_the_form_of_each_tool),
      cmocka_unit_test(a_long_record_is_several_strings_of_a_zone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
