/* SPDX-License-Identifier: Apache-2.0 */
/* What records say of the streams they are folded into. */
#include "judged_kit.h"
#include "verdict/judge_each.h"

struct pool {
  int64_t messages, failed, refused, silent;
  unsigned undecided, suspicious; /* streams */
};

/* Of the mail that is not the office's. */
static int add_up_pool(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)j, (void)e;
  struct pool *p = user;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!strcmp(s->source.text, OFFICE)) continue;
    p->messages += s->messages;
    p->failed += s->spf_failed;
    for (uint32_t d = 0; d < s->day_count; d++) p->refused += s->days[d].spf_refused;
    p->silent += s->spf_silent;
    p->undecided += s->class == CLASS_UNDECIDED;
    p->suspicious += s->class == CLASS_SUSPICIOUS;
  }
  return 0;
}

static struct pool pool_of(struct fixture *f) {
  struct pool p = {0};
  assert_ok(f, judge_each(&f->question.of, add_up_pool, &p, &f->e));
  return p;
}

/* Two hosts of one /24 a day, and never one of them again. */
static void pool_mail(struct fixture *f, const char *spf) {
  _cleanup_free_ char *results = mem_printf("spf example.com=%s", spf);
  for (int n = 0; n < 56; n++) {
    _cleanup_free_ char *ip = mem_printf("203.0.113.%d", n);
    mail(f, n / 2, ip, 5, results);
  }
}

static void spf_that_says_nothing_of_a_sender_makes_no_forger_of_him(void **state) {
  struct fixture *f = *state;
  static const char *const SILENT[] = {"none", "neutral", "temperror", "permerror"};
  for (unsigned i = 0; i < ARRAY_SIZE(SILENT); i++) {
    office(f, 60);
    pool_mail(f, SILENT[i]);
    struct pool p = pool_of(f);
    assert_int_equal(p.silent, p.messages);
    assert_int_equal(p.failed, 0);
    assert_int_equal(p.undecided, 56);
    start_anew(f);
  }
}

static void spf_that_disowns_a_sender_speaks_against_him(void **state) {
  struct fixture *f = *state;
  static const char *const FAILED[] = {"fail", "softfail"};
  for (unsigned i = 0; i < ARRAY_SIZE(FAILED); i++) {
    office(f, 60);
    pool_mail(f, FAILED[i]);
    struct pool p = pool_of(f);
    assert_int_equal(p.failed, p.messages);
    assert_int_equal(p.refused, i ? 0 : p.messages);
    assert_int_equal(p.silent, 0);
    assert_int_equal(p.suspicious, 56);
    start_anew(f);
  }
}

static int hold_unevaluated(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e, (void)j;
  static const struct {
    const char *source;
    enum stream_kind kind;
    enum stream_class class;
    int64_t at_stake;
  } EXPECTED[] = {{"192.0.2.1", STREAM_SIGNED, CLASS_OWN, 70},
                  {"192.0.2.2", STREAM_SPF, CLASS_OWN, 70},
                  {"203.0.113.1", STREAM_NOTHING, CLASS_UNDECIDED, 210}};
  unsigned *met = user;
  for (uint32_t i = 0; i < h->stream_count; i++)
    for (unsigned k = 0; k < ARRAY_SIZE(EXPECTED); k++) {
      const struct stream *s = &h->streams[i];
      if (strcmp(s->source.text, EXPECTED[k].source) != 0) continue;
      assert_int_equal(s->kind, EXPECTED[k].kind);
      assert_int_equal(s->class, EXPECTED[k].class);
      assert_int_equal(stream_failing(s), 0);
      assert_int_equal(stream_at_stake(s), EXPECTED[k].at_stake);
      assert_int_equal(stream_day_judged(&s->days[0]), 0);
      *met += 1;
    }
  return 0;
}

static void results_without_an_outcome_say_whose_mail_it_is_and_no_more(void **state) {
  struct fixture *f = *state;
  unsigned met = 0;
  office(f, 40);
  f->not_evaluated = true;
  mail_daily(f, 6, 0, "192.0.2.1", 10, "dkim example.com/s1=pass; spf example.net=pass");
  mail_daily(f, 6, 0, "192.0.2.2", 10, "spf example.com=pass");
  mail_daily(f, 20, 0, "203.0.113.1", 10, "spf example.com=none");
  assert_ok(f, judge_each(&f->question.of, hold_unevaluated, &met, &f->e));
  assert_int_equal(met, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(spf_that_says_nothing_of_a_sender_makes_no_forger_of_him),
      T(spf_that_disowns_a_sender_speaks_against_him),
      T(results_without_an_outcome_say_whose_mail_it_is_and_no_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
