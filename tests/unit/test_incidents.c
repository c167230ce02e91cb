/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a domain's mail beside the verdict, and what is not: newsletters, campaigns, holidays. */
#include "judged_kit.h"

#include "analysis/incidents.h"
#include "verdict/judge_each.h"

/* --- a domain by days --------------------------------------------------------------------------------------------- */

#define RECEIVERS 4
#define MOST_RECORDS 600

static const char *const RECEIVER_NAMES[RECEIVERS] = {"bigmail.example.net", "webmail.example.org", "telco.example.net",
                                                      "campus.example.org"};
static const double RECEIVER_SHARES[RECEIVERS] = {0.45, 0.3, 0.15, 0.1};

struct sent {
  char ip[IP_TEXT_BYTES];
  int64_t count;
  const char *results, *header_from;
};

/* The mail of one day, as it was sent. */
struct day {
  struct fixture *f;
  uint64_t chance;
  struct sent sent[MOST_RECORDS];
  unsigned count;
};

/* A number below `n`: xorshift, the same everywhere. */
static uint32_t draw(struct day *d, uint32_t n) {
  d->chance ^= d->chance << 13;
  d->chance ^= d->chance >> 7;
  d->chance ^= d->chance << 17;
  return (uint32_t)((d->chance >> 16) % n);
}

static void send_as(struct day *d, const char *ip, int64_t count, const char *results, const char *header_from) {
  assert_true(d->count < MOST_RECORDS);
  struct sent *s = &d->sent[d->count++];
  *s = (struct sent){.count = count, .results = results, .header_from = header_from};
  snprintf(s->ip, sizeof s->ip, "%s", ip);
}

static void send_mail(struct day *d, const char *ip, int64_t count, const char *results) {
  send_as(d, ip, count, results, "example.com");
}

/* By a fifth more or less. */
static int64_t about(struct day *d, int64_t n) { return n * (800 + draw(d, 401)) / 1000; }

/* Somebody's machine, somewhere. */
static const char *anywhere(struct day *d, char ip[IP_TEXT_BYTES]) {
  snprintf(ip, IP_TEXT_BYTES, "2001:db8:%x:%x::%x", 0x8000 + draw(d, 0x7000), draw(d, 0xffff), 1 + draw(d, 0xff));
  return ip;
}

/* What recipients pass on: an eightieth, from machines that are hardly met twice. */
static void forward(struct day *d, int64_t count, const char *results) {
  char ip[IP_TEXT_BYTES];
  for (int64_t n = count / 80; n > 0; n -= 2) send_mail(d, anywhere(d, ip), n > 1 ? 2 : 1, results);
}

static void put_report(struct day *d, int ago, int receiver) {
  struct fixture *f = d->f;
  _cleanup_arena_ struct arena *arena = arena_new(64 * 1024);
  struct feedback_record *records[MOST_RECORDS];
  uint32_t count = 0;
  for (unsigned i = 0; i < d->count; i++) {
    const struct sent *s = &d->sent[i];
    double share = (double)s->count * RECEIVER_SHARES[receiver];
    int64_t messages = (int64_t)share + (draw(d, 1000) < (share - (double)(int64_t)share) * 1000);
    if (!messages) continue;
    struct feedback_record *r = arena_alloc(arena, sizeof *r);
    *r = (struct feedback_record){.count = messages,
                                  .header_from = s->header_from,
                                  .disposition.text = "none",
                                  .results = arena_alloc(arena, MOST_RESULTS * sizeof(struct auth_result))};
    assert_true(ip_parse(s->ip, &r->source_ip));
    r->result_count = read_results(arena, s->results, r->results);
    alignment_grade_record(r, f->organizations, NULL);
    r->dkim = evaluated(f, r->dkim_alignment);
    r->spf = evaluated(f, r->spf_alignment);
    records[count++] = r;
  }
  if (!count) return;
  _cleanup_free_ char *id = mem_printf("r%u", f->reports++);
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1};
  const struct feedback_header header = {.org_name = RECEIVER_NAMES[receiver],
                                         .report_id = id,
                                         .begin_s = DAY_S(ago),
                                         .end_s = DAY_S(ago) + UTC_DAY_S - 1,
                                         .policy_domain = "example.com",
                                         .p = "none"};
  int64_t report;
  const struct store_entry entry = {identity_of_report(&header, digest), &header, digest};
  assert_ok(f, store_put(f->store, &entry, records, count, &report, &f->e));
}

static void report_day(struct day *d, int ago) {
  for (int r = 0; r < RECEIVERS; r++) put_report(d, ago, r);
  d->count = 0;
}

#define SES "198.18.9.5"
#define CAMPAIGN_MAIL "dkim example.com/ev=pass; dkim events.example.net/k=pass; spf events.example.net=pass"
#define NEWS_MAIL "dkim example.com/news=pass; dkim letters.example.org/k=pass; spf letters.example.org=pass"
#define FORWARDED_MAIL "dkim example.com/s1=pass; spf example.com=softfail"
#define REPLAYED_MAIL "dkim example.com/s1=pass; spf cheap.example=pass"

static bool is_weekend(int ago) { return utc_weekday(LAST_DAY - ago) >= 5; }

/* The office, a service, what is passed on of both, and some spoofing. */
static void usual_day(struct day *d, int ago, int per_cent_of_office) {
  char ip[IP_TEXT_BYTES];
  const int64_t office_mail = about(d, is_weekend(ago) ? 30 : 260) * per_cent_of_office / 100;
  if (office_mail) send_mail(d, OFFICE, office_mail, OFFICE_MAIL);
  forward(d, office_mail * 2, FORWARDED_MAIL);
  send_mail(d, SES, about(d, 120), SES_MAIL);
  for (unsigned n = draw(d, 8); n > 0; n--) send_mail(d, anywhere(d, ip), 3, "spf example.com=softfail");
}

static struct day day_of(struct fixture *f, uint64_t seed) {
  struct day d = {.f = f, .chance = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
  for (int i = 0; i < 20; i++) draw(&d, 2);
  return d;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

struct asked {
  int begin_ago, end_ago; /* of incidents_between; negative: those that stand at the end */
  struct incidents found;
  char subjects[MOST_INCIDENTS][64];
};

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct asked *a = user;
  if (a->begin_ago < 0)
    incidents_of(h, j, &a->found);
  else
    incidents_between(h, LAST_DAY - a->begin_ago, LAST_DAY - a->end_ago, &a->found);
  for (unsigned i = 0; i < a->found.count; i++) {
    snprintf(a->subjects[i], sizeof a->subjects[i], "%s", a->found.items[i].subject);
    a->found.items[i].subject = a->subjects[i];
  }
  return 0;
}

static struct asked *ask(struct fixture *f, struct asked *a) {
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, judge_each(&f->question.of, on_domain, a, &f->e));
  return a;
}

static struct incidents standing(struct fixture *f) {
  static struct asked a; /* its subjects are looked at behind the call */
  a = (struct asked){.begin_ago = -1};
  return ask(f, &a)->found;
}

static void tell(const struct incidents *list) {
  for (unsigned i = 0; i < list->count; i++) {
    const struct incident *x = &list->items[i];
    print_message("%s %s: %d to %d, found %d, %lld messages, usual %g, times %g\n", incident_kind_word(x->kind),
                  x->subject, LAST_DAY - x->begin_day, LAST_DAY - x->last_day, LAST_DAY - x->found_day,
                  (long long)x->messages, x->usual, x->times);
  }
}

static void one_is(const struct incidents *found, enum incident_kind kind, const char *subject, int line) {
  if (found->count == 1 && found->items[0].kind == kind && !strcmp(found->items[0].subject, subject)) return;
  print_error("line %d: not one %s of %s\n", line, incident_kind_word(kind), subject);
  tell(found);
  fail();
}
#define assert_one(found, kind, subject) one_is(found, kind, subject, __LINE__)

static void none_is(const struct incidents *found, int line) {
  if (!found->count) return;
  print_error("line %d: told without need\n", line);
  tell(found);
  fail();
}
#define assert_none(found) none_is(found, __LINE__)

/* `days` of the usual, the last of them today. */
static void usual_days(struct day *d, int first, int last) {
  for (int ago = first; ago >= last; ago--) {
    usual_day(d, ago, 100);
    report_day(d, ago);
  }
}

static void replay_day(struct day *d, int hosts, int64_t messages) {
  char ip[IP_TEXT_BYTES];
  for (int n = 0; n < hosts; n++) send_mail(d, anywhere(d, ip), messages / hosts, REPLAYED_MAIL);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void usual_mail_is_no_incident(void **state) {
  struct day d = day_of(*state, 1);
  usual_days(&d, 90, 0);
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void a_replay_is_told_on_its_first_day(void **state) {
  struct day d = day_of(*state, 2);
  usual_days(&d, 60, 1);
  usual_day(&d, 0, 100);
  replay_day(&d, 60, 3000);
  report_day(&d, 0);
  const struct incidents found = standing(*state);
  assert_one(&found, INCIDENT_REPLAY, "example.com/s1");
  assert_int_equal(found.items[0].found_day, LAST_DAY);
  assert_true(found.items[0].networks >= 55);
}

static void a_replay_that_one_new_receiver_sees_is_told(void **state) {
  struct fixture *f = *state;
  struct day d = day_of(f, 3);
  usual_days(&d, 60, 0);
  f->org = "newmail.example.com";
  char ip[IP_TEXT_BYTES];
  for (int n = 0; n < 40; n++) mail(f, 0, anywhere(&d, ip), 60, REPLAYED_MAIL);
  const struct incidents found = standing(*state);
  assert_one(&found, INCIDENT_REPLAY, "example.com/s1");
}

static void mail_of_a_few_networks_is_no_replay(void **state) {
  struct day d = day_of(*state, 4);
  usual_days(&d, 60, 1);
  usual_day(&d, 0, 100);
  for (int n = 1; n < 10; n++) {
    char ip[IP_TEXT_BYTES];
    snprintf(ip, sizeof ip, "203.0.%d.9", n);
    send_mail(&d, ip, 400, REPLAYED_MAIL);
  }
  report_day(&d, 0);
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void a_new_selector_in_many_networks_is_no_replay(void **state) {
  struct day d = day_of(*state, 5);
  char ip[IP_TEXT_BYTES];
  usual_days(&d, 60, 1);
  usual_day(&d, 0, 100);
  for (int n = 0; n < 60; n++) send_mail(&d, anywhere(&d, ip), 50, CAMPAIGN_MAIL);
  report_day(&d, 0);
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void a_sale_of_four_days_is_a_surge_and_no_replay(void **state) {
  struct day d = day_of(*state, 6);
  usual_days(&d, 60, 4);
  for (int ago = 3; ago >= 0; ago--) {
    usual_day(&d, ago, 100);
    send_mail(&d, SES, about(&d, 1200), SES_MAIL);
    forward(&d, 1200, "dkim example.com/k=pass; spf amazonses.com=softfail");
    report_day(&d, ago);
  }
  const struct incidents found = standing(*state);
  assert_one(&found, INCIDENT_SURGE, "Amazon SES");
  assert_int_equal(found.items[0].begin_day, LAST_DAY - 3);
  assert_int_equal(found.items[0].found_day, LAST_DAY - 2);
}

static void usual_days_with_a_new_name(struct day *d, int64_t messages_a_day) {
  usual_days(d, 60, 2);
  for (int ago = 1; ago >= 0; ago--) {
    usual_day(d, ago, 100);
    send_as(d, OFFICE, messages_a_day, OFFICE_MAIL, "new.example.com");
    report_day(d, ago);
  }
}

static void a_new_name_is_told_once_there_is_enough_of_it(void **state) {
  struct day d = day_of(*state, 7);
  usual_days_with_a_new_name(&d, 7);
  struct incidents found = standing(*state);
  assert_none(&found);
  start_anew(*state);
  usual_days_with_a_new_name(&d, 30);
  found = standing(*state);
  assert_one(&found, INCIDENT_NEW_FROM, "new.example.com");
}

static void names_that_strangers_invent_are_not_told(void **state) {
  struct day d = day_of(*state, 8);
  char ip[IP_TEXT_BYTES], names[6][32];
  usual_days(&d, 60, 6);
  for (int ago = 5; ago >= 0; ago--) {
    usual_day(&d, ago, 100);
    snprintf(names[ago], sizeof names[ago], "pay%d.example.com", ago);
    for (int n = 0; n < 20; n++) send_as(&d, anywhere(&d, ip), 20, "spf example.com=softfail", names[ago]);
    report_day(&d, ago);
  }
  const struct incidents found = standing(*state);
  assert_none(&found);
}

#define ERP "198.51.100.200"
#define ERP_MAIL "dkim example.com/e1=pass; spf example.com=pass"

static void daily_sender_until(struct day *d, int first, int last_ago) {
  for (int ago = first; ago >= 0; ago--) {
    usual_day(d, ago, 100);
    if (ago >= last_ago) send_mail(d, ERP, 40, ERP_MAIL);
    report_day(d, ago);
  }
}

static void a_daily_sender_that_is_silent_for_a_week_has_ceased(void **state) {
  struct day d = day_of(*state, 9);
  daily_sender_until(&d, 60, 7);
  const struct incidents found = standing(*state);
  assert_one(&found, INCIDENT_CEASED, "198.51.100.0/24");
}

static void a_pause_of_six_days_is_not_told(void **state) {
  struct day d = day_of(*state, 10);
  daily_sender_until(&d, 60, 6);
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void a_sender_that_moved_has_not_ceased(void **state) {
  struct day d = day_of(*state, 11);
  for (int ago = 60; ago >= 0; ago--) {
    usual_day(&d, ago, 100);
    send_mail(&d, ago >= 9 ? ERP : "203.0.113.99", 40, ERP_MAIL);
    report_day(&d, ago);
  }
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void silence_of_the_reporters_is_none_of_the_sender(void **state) {
  struct day d = day_of(*state, 12);
  for (int ago = 60; ago >= 0; ago--) {
    usual_day(&d, ago, 100);
    send_mail(&d, ERP, 40, ERP_MAIL);
    if (ago >= 9)
      report_day(&d, ago);
    else
      d.count = 0;
  }
  const struct incidents found = standing(*state);
  assert_none(&found);
}

static void three_weeks_of_reports_are_the_least(void **state) {
  struct day d = day_of(*state, 13);
  usual_days(&d, 19, 1);
  usual_day(&d, 0, 100);
  replay_day(&d, 60, 3000);
  report_day(&d, 0);
  const struct incidents found = standing(*state);
  assert_none(&found);
}

/* --- a year ------------------------------------------------------------------------------------------------------- */

#define YEAR_DAYS 394 /* a year, and the weeks before it in which nothing is known */
#define SEEDS 6

struct rhythms {
  int campaign_left;     /* days of the campaign that runs */
  int64_t campaign_size; /* messages a day */
};

/* A newsletter of a day, with what its recipients get and pass on the day after. */
static void newsletter(struct day *d, bool today, bool yesterday, int64_t size, const char *ip, const char *results) {
  const int64_t messages = today ? about(d, size) : yesterday ? about(d, size) * draw(d, 14) / 100 : 0;
  if (messages) send_mail(d, ip, messages, results);
  forward(d, messages, NEWS_MAIL);
}

static void some_campaigns(struct day *d, struct rhythms *x) {
  if (!x->campaign_left && !draw(d, 50)) {
    x->campaign_left = 1 + (int)draw(d, 3);
    x->campaign_size = 1500 + draw(d, 4500);
  }
  if (!x->campaign_left) return;
  x->campaign_left--;
  send_mail(d, "198.51.100.77", about(d, x->campaign_size), CAMPAIGN_MAIL);
}

static int day_of_month(int ago) {
  char text[UTC_TEXT_BYTES];
  return atoi(utc_format_day(DAY_S(ago), text) + 8);
}

/* Of a year with newsletters of each rhythm and two long holidays. */
static void year_of_newsletters(struct fixture *f, uint64_t seed) {
  struct day d = day_of(f, seed);
  struct rhythms x = {0};
  for (int ago = YEAR_DAYS - 1; ago >= 0; ago--) {
    const bool holidays = (ago > 80 && ago < 95) || (ago > 200 && ago < 230);
    const int of_month = day_of_month(ago), weekday = utc_weekday(LAST_DAY - ago);
    usual_day(&d, ago, holidays ? 10 : 100);
    if (!holidays) newsletter(&d, weekday == 1, weekday == 2, 2000, "198.51.100.60", NEWS_MAIL);
    newsletter(&d, of_month == 27, of_month == 28, 12000, "198.51.100.61",
               "dkim example.com/month=pass; spf letters.example.org=pass");
    newsletter(&d, of_month == 1, of_month == 2, 1500, "198.51.100.62",
               "dkim example.com/inv=pass; spf example.com=pass");
    some_campaigns(&d, &x);
    for (int r = 0; r < RECEIVERS; r++) {
      const bool appears_late = r == 1 && ago > 250, is_silent = r == 2 && ago > 120 && ago < 160;
      if (!appears_late && !is_silent && draw(&d, 25)) put_report(&d, ago, r);
    }
    d.count = 0;
  }
}

static void a_year_of_newsletters_has_one_false_incident_at_most(void **state) {
  struct fixture *f = *state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    year_of_newsletters(f, seed);
    struct asked a = {.begin_ago = 364, .end_ago = 0};
    const struct incidents found = ask(f, &a)->found;
    if (found.count > 1) {
      print_error("seed %d\n", (int)seed);
      tell(&found);
    }
    assert_true(found.count <= 1);
    start_anew(f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(usual_mail_is_no_incident),
      T(a_replay_is_told_on_its_first_day),
      T(a_replay_that_one_new_receiver_sees_is_told),
      T(mail_of_a_few_networks_is_no_replay),
      T(a_new_selector_in_many_networks_is_no_replay),
      T(a_sale_of_four_days_is_a_surge_and_no_replay),
      T(a_new_name_is_told_once_there_is_enough_of_it),
      T(names_that_strangers_invent_are_not_told),
      T(a_daily_sender_that_is_silent_for_a_week_has_ceased),
      T(a_pause_of_six_days_is_not_told),
      T(a_sender_that_moved_has_not_ceased),
      T(silence_of_the_reporters_is_none_of_the_sender),
      T(three_weeks_of_reports_are_the_least),
      T(a_year_of_newsletters_has_one_false_incident_at_most),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
