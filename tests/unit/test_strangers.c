/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends without anything of the owner's: services, habits, and senders whose address changes. */
#include "verdict_kit.h"

/* --- services ----------------------------------------------------------------------------------------------------- */

static void a_service_that_sends_for_others_is_a_question_from_its_first_message(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, mailer_mail(w, &MAILER, 3, 3, 1), "undecided", "a service that sends for others");
  assert_class(w, mailer_mail(w, &PROVIDER, 3, 3, 1), "suspicious", "too new for a habit");
}

static void anothers_mail_at_a_service_in_use_is_a_question_not_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->service = &MAILER;
  assert_class(w, mailer_mail(w, &MAILER, 3, 3, 1), "undecided", "without anything of the owner's");
}

/* --- habits ------------------------------------------------------------------------------------------------------- */

static void who_keeps_working_weeks_is_a_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 11, 7, 5); /* Monday to Friday */
  mail(s, 4, 0, 5);                                            /* and again */
  s->spf_failed = s->messages;
  assert_class(w, s, "undecided", "day after day");
  assert_int_equal(s->habit, HABIT_STEADY);
}

static void who_is_there_every_day_is_a_question_whatever_its_envelope(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  s->spf_failed = s->messages;
  assert_class(w, s, "undecided", "day after day");
  s->spf_failed = 0;
  assert_class(w, s, "undecided", "day after day");
}

static void a_burst_of_one_day_is_no_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, strange_mail(w, "203.0.113.7", 4, 4, 5000), "suspicious", "no habit");
  assert_string_equal(verdict_of(w), "READY");
}

static void a_habit_takes_half_of_the_days_of_a_stretch_of_eight(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  static const struct {
    const char *source, *class;
    int days[6];
  } CASES[] = {{"203.0.113.7", "undecided", {57, 55, 53, 50, -1}}, /* long ago, and short: four of eight */
               {"198.51.100.7", "suspicious", {57, 55, 50, -1}},
               {"203.0.112.7", "suspicious", {57, 56, 55, 54, 53, 51}}, /* a run of a week */
               {"203.0.111.7", "undecided", {57, 56, 55, 54, 53, 50}}};
  struct stream *streams[ARRAY_SIZE(CASES)];
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    streams[i] = stream(w, CASES[i].source, STREAM_NOTHING);
    for (int d = 0; d < 6 && CASES[i].days[d] >= 0; d++) mail(streams[i], CASES[i].days[d], CASES[i].days[d], 1);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_class(w, streams[i], CASES[i].class, "");
}

static void a_stray_day_long_before_hides_no_habit(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 300, 300, 1);
  mail(s, 20, 0, 5);
  assert_class(w, s, "undecided", "day after day");
}

/* 3,000 of own mail in the window, of which 15 are the limit. */
static void two_runs_with_silence_between_them_are_a_habit(void **state) {
  struct world *w = *state;
  static const struct {
    int first, second;
    int64_t of_first, of_second;
    const char *class;
  } CASES[] = {{40, 10, 30, 30, "undecided"}, /* invoices of each month */
               {12, 7, 8, 8, "undecided"},    /* together they come to the limit */
               {11, 7, 8, 8, "suspicious"},   /* a run of a week */
               {40, 10, 14, 14, "suspicious"}, {40, 10, 400, 100, "undecided"}, {40, 10, 400, 99, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = strange_mail(w, "203.0.113.7", CASES[i].first, CASES[i].first, CASES[i].of_first);
    mail(s, CASES[i].second, CASES[i].second, CASES[i].of_second);
    assert_class(w, s, CASES[i].class, strcmp(CASES[i].class, "undecided") ? "no habit" : "in runs");
  }
}

static void a_stranger_who_came_the_other_day_and_stays_is_not_judged_yet(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 5, 0, 5);
  struct stream *gone = strange_mail(w, "198.51.100.7", 13, 11, 5);
  struct stream *yesterday = strange_mail(w, "203.0.112.7", 1, 0, 5);
  assert_class(w, s, "suspicious", "too new for a habit");
  assert_class(w, gone, "suspicious", "no habit");
  assert_class(w, yesterday, "suspicious", "no habit");
}

/* --- senders whose address changes -------------------------------------------------------------------------------- */

static void a_host_that_takes_another_address_of_its_64_each_day_is_one(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = NULL, *elsewhere = NULL;
  for (int ago = 20; ago >= 0; ago--) {
    char source[64];
    snprintf(source, sizeof source, "2001:db8:1:1::%x", 100 + ago);
    s = strange_mail(w, source, ago, ago, 5);
    snprintf(source, sizeof source, "2001:db8:%x::1", 100 + ago);
    elsewhere = strange_mail(w, source, ago, ago, 5);
    snprintf(source, sizeof source, "2001:db8:%x::1", 200 + ago);
    strange_mail(w, source, ago, ago, 5);
  }
  assert_class(w, s, "undecided", "day after day");
  assert_class(w, elsewhere, "suspicious", "no habit"); /* two a day are no one sender */
}

/* Boxes on a mobile network: the provider has a /48, and none of them the same /64 on two days. */
static void a_48_that_is_there_for_three_weeks_is_one_sender(void **state) {
  struct world *w = *state;
  for (int days = 20; days <= 21; days++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL;
    for (int i = 0; i < 3 * days; i++) {
      char source[64];
      snprintf(source, sizeof source, "2001:db8:1:%x::1", 100 + i);
      s = strange_mail(w, source, i / 3, i / 3, 5);
      s->spf_failed = 5;
    }
    assert_class(w, s, days == 21 ? "undecided" : "suspicious", days == 21 ? "day after day" : "");
    assert_string_equal(s->site.text, "2001:db8:1::/48");
  }
}

/* So many strangers, each for four days. */
static void crowd(struct world *w, int hosts) {
  for (int i = 0; i < hosts; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.%d.100.7", i);
    strange_mail(w, source, i % 20 + 4, i % 20 + 1, 5)->spf_failed = 20;
  }
}

static struct stream *lonely_host(struct world *w, int number, int ago, int64_t messages) {
  char source[32];
  snprintf(source, sizeof source, "203.%d.%d.7", number / 100, number % 100);
  struct stream *s = strange_mail(w, source, ago, ago, messages);
  s->spf_failed = messages;
  return s;
}

/* A shop behind a line with a new address each day. Alone on its days it is one sender, whatever crowd of small ones
 * there is beside it; two such hosts on every third of these days, and it is chance. */
static void hosts_that_follow_each_other_one_a_day_are_one_sender(void **state) {
  struct world *w = *state;
  for (int others = 0; others < 4; others++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL, *small = NULL;
    for (int ago = 28; ago >= 0; ago--) {
      if (utc_weekday(LAST_DAY - ago) >= 5) continue;
      s = lonely_host(w, ago, ago, 16);
      if (others == 1) small = lonely_host(w, 100 + ago, ago, 3);
      if (others == 2 && ago % 3 == 0) lonely_host(w, 100 + ago, ago, 16);
      if (others == 3 && ago < 10) lonely_host(w, 100 + ago, 40 - ago, 16);
    }
    assert_class(w, s, others == 2 ? "suspicious" : "undecided", others == 2 ? "no habit" : "follow each other");
    if (small) assert_class(w, small, "suspicious", "no habit");
  }
}

/* Programs that moved to a cloud the other day: as many addresses each day, and what they send stands out. */
static void hosts_in_equal_numbers_since_the_other_day_may_become_one_sender(void **state) {
  struct world *w = *state;
  static const struct {
    int days;
    bool is_even;
    const char *class, *because;
  } CASES[] = {{6, true, "suspicious", "no habit"},
               {7, true, "suspicious", "too new"},
               {20, true, "suspicious", "too new"},
               {20, false, "suspicious", "no habit"},
               {21, true, "undecided", "follow each other"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct stream *s = NULL;
    int number = 0;
    start_anew(w);
    good_mail(w, "none");
    for (int n = 0; n < 120; n++) lonely_host(w, 1000 + n, n % 40, 1);
    for (int ago = CASES[i].days - 1; ago >= 0; ago--)
      for (int n = 0; n < (CASES[i].is_even || ago % 2 ? 3 : 1); n++) s = lonely_host(w, number++, ago, 10);
    assert_class(w, s, CASES[i].class, CASES[i].because);
    if (!strcmp(CASES[i].because, "too new")) assert_string_equal(s->site.text, "changing addresses");
  }
}

/* Offices whose machines all send a little at the weekend. Of a third as many hosts chance may do it. */
static void hosts_that_hardly_send_at_the_weekend_keep_working_weeks(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts;
    int64_t at_the_weekend; /* messages of each; 10 on other days */
    const char *class;
  } CASES[] = {{9, 4, "undecided"}, {9, 6, "suspicious"}, {8, 4, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct stream *s = NULL;
    int number = 0;
    start_anew(w);
    good_mail(w, "none");
    for (int ago = 46; ago >= 0; ago--) {
      const bool is_weekend = utc_weekday(LAST_DAY - ago) >= 5;
      for (int n = 0; n < CASES[i].hosts; n++)
        s = lonely_host(w, number++, ago, is_weekend ? CASES[i].at_the_weekend : 10);
    }
    assert_class(w, s, CASES[i].class, strcmp(CASES[i].class, "undecided") ? "no habit" : "follow each other");
  }
}

/* Of a clean domain as well: there nobody stands out of anybody. */
static void one_new_host_a_day_since_the_other_day_may_become_one_sender(void **state) {
  struct world *w = *state;
  for (int days = 9; days <= 21; days++) {
    struct stream *s = NULL;
    start_anew(w);
    good_mail(w, "none");
    for (int ago = days - 1; ago >= 0; ago--) s = lonely_host(w, ago, ago, 16);
    assert_class(w, s, days < 21 ? "suspicious" : "undecided",
                 days < 10   ? "no habit"
                 : days < 21 ? "too new"
                             : "follow each other");
  }
}

/* A machine in a cloud that is made anew for each newsletter: days with a burst, from a host that nobody meets again.
 */
static void hosts_of_one_day_in_a_rhythm_are_one_sender(void **state) {
  struct world *w = *state;
  static const struct {
    int ago[6];
    const char *class;
  } CASES[] = {{{3, 10, 24, 31, -1}, "undecided"},  /* Tuesdays */
               {{3, 10, 24, -1}, "suspicious"},     /* three of them are chance */
               {{3, 10, 25, 31, -1}, "suspicious"}, /* a Monday */
               {{3, 33, 63, -1}, "undecided"},      /* the first of October, of September, the second of August */
               {{3, 33, 71, -1}, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = NULL;
    for (int n = 0; CASES[i].ago[n] >= 0; n++) s = lonely_host(w, n, CASES[i].ago[n], 100);
    assert_class(w, s, CASES[i].class, strcmp(CASES[i].class, "undecided") ? "no habit" : "follow each other");
  }
}

/* One shop of many: a day in five, for weeks. A bot that a wrong clock tells of twice has one long pause. */
static void a_host_that_is_met_again_and_again_is_no_bot(void **state) {
  struct world *w = *state;
  static const struct {
    int first, every, pause;
    const char *class;
  } CASES[] = {{25, 5, 0, "undecided"}, {20, 5, 0, "suspicious"}, {25, 7, 0, "suspicious"}, {4, 1, 40, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = strange_mail(w, "203.0.113.7", 0, 0, 1);
    for (int ago = CASES[i].every; ago <= CASES[i].first; ago += CASES[i].every) mail(s, ago, ago, 1);
    if (CASES[i].pause) mail(s, CASES[i].pause + 2, CASES[i].pause, 1);
    assert_class(w, s, CASES[i].class, "");
  }
}

/* Less than half of the days, and no pause that makes two runs of it. */
static void a_host_that_comes_every_few_days_is_waited_for(void **state) {
  struct world *w = *state;
  static const struct {
    int ago[4]; /* -1: no more */
    const char *because;
  } CASES[] = {{{12, 8, 4, 0}, "too new"},
               {{14, 11, 7, 4}, "too new"},
               {{15, 12, 8, 5}, "no habit"},
               {{6, 3, 0, -1}, "no habit"},
               {{21, 18, 14, 11}, "no habit"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = strange_mail(w, "203.0.113.7", CASES[i].ago[0], CASES[i].ago[0], 9);
    for (int n = 1; n < 4 && CASES[i].ago[n] >= 0; n++) mail(s, CASES[i].ago[n], CASES[i].ago[n], 9);
    assert_class(w, s, "suspicious", CASES[i].because);
  }
}

static struct stream *named_mail(struct world *w, int number, const char *name, int ago, int64_t messages, bool signs) {
  struct stream *s = lonely_host(w, number, ago, messages);
  s->identity = kept(w, name);
  s->identity_signs = signs;
  return s;
}

/* A program in a cloud: each day another address, and the same key. By SPF a botnet bears a name as well. */
static void a_name_that_signs_needs_no_network_of_its_own(void **state) {
  struct world *w = *state;
  for (int signs = 0; signs < 2; signs++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = NULL;
    for (int ago = 24; ago >= 0; ago--) s = named_mail(w, ago, "cloud.example", ago, 5, signs);
    assert_class(w, s, signs ? "undecided" : "suspicious", signs ? "day after day" : "no habit");
  }
}

/* A vendor in a cloud, by SPF alone: three hosts a day in networks that never come back. */
static void a_name_that_is_there_for_six_weeks_is_somebodys(void **state) {
  struct world *w = *state;
  for (int days = 41; days <= 42; days++) {
    struct stream *s = NULL;
    start_anew(w);
    good_mail(w, "none");
    for (int n = 0; n < 3 * days; n++) s = named_mail(w, n, "vendor.example", n / 3, 3, false);
    assert_class(w, s, days == 42 ? "undecided" : "suspicious", days == 42 ? "day after day" : "no habit");
  }
}

/* Own mail is 3,000 in the window. From ever more networks than a service has. */
static void one_run_of_a_name_is_asked_about_if_it_is_large(void **state) {
  struct world *w = *state;
  static const struct {
    int64_t messages;
    bool signs;
    int hosts; /* each in a network of its own */
    const char *class;
  } CASES[] = {{60, true, 1, "undecided"},    {59, true, 1, "suspicious"}, {8, true, 8, "undecided"},
               {7, true, 9, "undecided"},     {6, true, 9, "suspicious"},  {300, false, 1, "undecided"},
               {299, false, 1, "suspicious"}, {34, false, 9, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct stream *s = NULL;
    start_anew(w);
    good_mail(w, "none");
    for (int n = 0; n < CASES[i].hosts; n++)
      s = named_mail(w, n, "mailer.example", 20, CASES[i].messages, CASES[i].signs);
    const bool is_asked = !strcmp(CASES[i].class, "undecided");
    assert_class(w, s, CASES[i].class, is_asked ? "though it came once" : "no habit");
  }
}

/* Where names that sign come and go, one run more of their size is no news: three of half of it make it so. */
static void one_run_of_many_names_is_not_asked_about(void **state) {
  struct world *w = *state;
  for (int others = 2; others <= 3; others++)
    for (int half = 40; half >= 39; half--) {
      start_anew(w);
      good_mail(w, "none");
      for (int i = 0; i < others; i++) {
        char name[32];
        snprintf(name, sizeof name, "spam%d.example", i);
        named_mail(w, i, name, 40 + i, half, true);
      }
      struct stream *s = named_mail(w, 50, "mailer.example", 20, 80, true);
      assert_class(w, s, others == 3 && half == 40 ? "suspicious" : "undecided", "");
    }
}

/* Each day another domain, for weeks: the one of today is none to wait for. */
static void the_next_of_many_names_that_went_is_no_news(void **state) {
  struct world *w = *state;
  for (int names = 3; names <= 4; names++) {
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < names; i++) {
      char name[32];
      snprintf(name, sizeof name, "spam%d.example", i);
      named_mail(w, i, name, 20 + i, 10, true);
    }
    assert_class(w, named_mail(w, 50, "next.example", 2, 20, true), "suspicious", names == 3 ? "too new" : "no habit");
    assert_class(w, named_mail(w, 51, "large.example", 2, 21, true), "suspicious", "too new");
  }
}

/* Of addresses that are not seen again the fullest week of all together counts, not each. */
static void strangers_who_change_their_addresses_are_counted_once(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (int i = 0; i < 3 * 30; i++) {
    char source[64];
    snprintf(source, sizeof source, "2001:db8:1:%x::1", 100 + i);
    strange_mail(w, source, 40 + i / 3, 40 + i / 3, 5);
  }
  assert_int_equal(judged(w)->undecided, 7 * 3 * 5);
}

/* Day by day for `days`, from addresses of one /24 that come once in `of` days. */
static struct stream *network_mail(struct world *w, int days, int a_day, int of, bool forged) {
  struct stream *s = NULL;
  for (int ago = days - 1; ago >= 0; ago--)
    for (int n = 0; n < a_day; n++) {
      char source[32];
      snprintf(source, sizeof source, "203.0.113.%d", ago % of * a_day + n);
      s = NULL;
      for (uint32_t i = 0; i < w->h.stream_count; i++)
        if (!strcmp(w->h.streams[i].source.text, source)) s = &w->h.streams[i];
      if (!s) s = stream(w, source, STREAM_NOTHING);
      mail(s, ago, ago, 5);
      if (forged) s->spf_failed = s->messages;
    }
  return s;
}

static void a_network_is_one_sender_by_what_comes_back_in_it(void **state) {
  struct world *w = *state;
  static const struct {
    int days, a_day, of;
    bool forged;
    const char *class;
  } CASES[] = {{28, 1, 28, true, "undecided"},  /* one host that moves */
               {28, 2, 28, true, "suspicious"}, /* rented: nothing comes back but the network */
               {41, 2, 60, true, "suspicious"}, {42, 2, 60, true, "undecided"}, /* for six weeks nobody rents */
               {28, 2, 28, false, "undecided"}, /* not even under the owner's envelope */
               {28, 2, 4, true, "undecided"},   /* eight hosts that share the mail */
               {20, 1, 28, true, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    assert_class(w, network_mail(w, CASES[i].days, CASES[i].a_day, CASES[i].of, CASES[i].forged), CASES[i].class, "");
  }
}

static void a_name_that_passes_is_one_source_over_many_networks_that_come_back(void **state) {
  struct world *w = *state;
  for (int networks = 4; networks <= 30; networks += 26) {
    struct stream *s[30];
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < networks; i++) {
      char source[32];
      snprintf(source, sizeof source, "203.%d.113.7", i);
      s[i] = stream(w, source, STREAM_NOTHING);
      s[i]->identity = kept(w, "mailer.example");
      for (int ago = 29 - i; ago >= 0; ago -= networks) mail(s[i], ago, ago, 5);
    }
    assert_class(w, s[0], networks == 4 ? "undecided" : "suspicious", networks == 4 ? "day after day" : "no habit");
    assert_string_equal(s[0]->site.text, "mailer.example");
    assert_ptr_equal(s[0]->site.text, s[1]->site.text);
  }
}

/* --- crowds ------------------------------------------------------------------------------------------------------- */

static void in_a_crowd_a_habit_takes_three_weeks_or_standing_out(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts, days;
    int64_t messages;
    const char *class;
  } CASES[] = {{48, 10, 5, "undecided"},
               {49, 10, 5, "suspicious"},
               {49, 20, 5, "suspicious"},
               {49, 21, 5, "undecided"},
               {49, 10, 17, "undecided"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, CASES[i].hosts);
    struct stream *s = strange_mail(w, "203.0.113.7", CASES[i].days + 3, 4, CASES[i].messages);
    assert_class(w, s, CASES[i].class, "");
  }
}

/* A reporter with a wrong clock tells of a part of each bot's mail weeks before it came. */
static void in_a_crowd_two_runs_must_be_of_like_size_or_stand_out(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts;
    int64_t first, second;
    const char *class;
  } CASES[] = {{48, 5, 14, "undecided"},
               {49, 5, 14, "suspicious"},
               {49, 10, 14, "suspicious"},
               {49, 11, 14, "undecided"},
               {49, 7, 24, "undecided"}}; /* stands out: 31 on two days, beside 5 a day */
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, CASES[i].hosts);
    struct stream *s = strange_mail(w, "203.0.113.7", 25, 25, CASES[i].first);
    mail(s, 5, 5, CASES[i].second);
    assert_class(w, s, CASES[i].class, "");
  }
}

/* --- invented subdomains and disputed passes ---------------------------------------------------------------------- */

static void a_subdomain_is_invented_where_nothing_else_speaks_for_it(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *service = mailer_mail(w, &MAILER, 3, 3, 5);
  struct stream *steady = strange_mail(w, "203.0.113.7", 20, 0, 5);
  struct stream *forwarded = strange_mail(w, "203.0.112.7", 3, 3, 5);
  struct stream *once = strange_mail(w, "203.0.111.7", 3, 3, 5);
  forwarded->forwarded = forwarded->messages;
  service->header_from = steady->header_from = forwarded->header_from = once->header_from = kept(w, "new.example.com");
  assert_class(w, service, "undecided", "a service that sends for others");
  assert_class(w, steady, "undecided", "day after day");
  assert_class(w, forwarded, "forwarder", "the reporter says");
  assert_class(w, once, "suspicious", "a subdomain that no mail of the owner's uses");
}

static void a_disputed_pass_is_no_evidence_of_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 4, 4, 50);
  s->passed = s->days[0].passed = 50;
  assert_class(w, s, "suspicious", "no habit");
  assert_int_equal(judged(w)->own_messages, 3000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(a_service_that_sends_for_others_is_a_question_from_its_first_message),
      A(anothers_mail_at_a_service_in_use_is_a_question_not_own),
      A(who_keeps_working_weeks_is_a_question),
      A(who_is_there_every_day_is_a_question_whatever_its_envelope),
      A(a_burst_of_one_day_is_no_question),
      A(a_habit_takes_half_of_the_days_of_a_stretch_of_eight),
      A(a_stray_day_long_before_hides_no_habit),
      A(two_runs_with_silence_between_them_are_a_habit),
      A(a_stranger_who_came_the_other_day_and_stays_is_not_judged_yet),
      A(a_host_that_takes_another_address_of_its_64_each_day_is_one),
      A(a_48_that_is_there_for_three_weeks_is_one_sender),
      A(hosts_that_follow_each_other_one_a_day_are_one_sender),
      A(hosts_in_equal_numbers_since_the_other_day_may_become_one_sender),
      A(hosts_that_hardly_send_at_the_weekend_keep_working_weeks),
      A(one_new_host_a_day_since_the_other_day_may_become_one_sender),
      A(a_host_that_comes_every_few_days_is_waited_for),
      A(hosts_of_one_day_in_a_rhythm_are_one_sender),
      A(a_host_that_is_met_again_and_again_is_no_bot),
      A(a_name_that_signs_needs_no_network_of_its_own),
      A(a_name_that_is_there_for_six_weeks_is_somebodys),
      A(one_run_of_a_name_is_asked_about_if_it_is_large),
      A(one_run_of_many_names_is_not_asked_about),
      A(the_next_of_many_names_that_went_is_no_news),
      A(strangers_who_change_their_addresses_are_counted_once),
      A(a_network_is_one_sender_by_what_comes_back_in_it),
      A(a_name_that_passes_is_one_source_over_many_networks_that_come_back),
      A(in_a_crowd_a_habit_takes_three_weeks_or_standing_out),
      A(in_a_crowd_two_runs_must_be_of_like_size_or_stand_out),
      A(a_subdomain_is_invented_where_nothing_else_speaks_for_it),
      A(a_disputed_pass_is_no_evidence_of_own_mail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
