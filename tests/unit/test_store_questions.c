/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of the store, on every engine: questions, compared with counting by hand. */
#include "store_model.h"

struct check {
  struct model_groups groups;
  unsigned dimensions;
  size_t met;
};

static int check_group(void *user, const struct store_group *group, struct err *e) {
  struct check *check = user;
  char key[256], source[IP_TEXT_BYTES] = "";
  (void)e;
  if (group->network.base.size)
    ip_network_format(&group->network, source);
  else if (group->source_text)
    snprintf(source, sizeof source, "%s", group->source_text);
  spell_key(key, check->dimensions, group->policy_domain, group->header_from, group->reporter, source, group->period_s);
  for (size_t i = 0; i < check->groups.count; i++) {
    if (strcmp(check->groups.list[i].key, key) != 0) continue;
    assert_memory_equal(&group->tally, &check->groups.list[i].tally, sizeof group->tally);
    check->met++;
    return 0;
  }
  fail_msg("group %s should not be there", key);
  return 0;
}

static size_t check_aggregate(struct fixture *f, const struct model *m, const struct report_filter *q,
                              unsigned dimensions) {
  struct check check = {.groups = model_aggregate(m, q, dimensions), .dimensions = dimensions};
  assert_ok(f, store_aggregate(f->store, q, dimensions, check_group, &check, &f->e));
  assert_int_equal(check.met, check.groups.count);
  free(check.groups.list);
  return check.met;
}

static void every_combination_of_dimensions_counts_as_by_hand(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  struct report_filter all = REPORT_FILTER_ALL;
  for (unsigned dimensions = 0; dimensions < 256; dimensions++) {
    const int periods =
        !!(dimensions & STORE_BY_DAY) + !!(dimensions & STORE_BY_WEEK) + !!(dimensions & STORE_BY_MONTH);
    bool both = (dimensions & STORE_BY_SOURCE && dimensions & STORE_BY_NETWORK) || periods > 1;
    if (!both)
      assert_true(check_aggregate(f, m, &all, dimensions) > 0);
    else
      assert_int_equal(store_aggregate(f->store, &all, dimensions, keep_tally, NULL, &f->e), ERR_USAGE);
  }
  free_model(m);
}

static void every_filter_admits_what_it_says(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t groups = 0;
  for (unsigned i = 0; i < 10; i++)
    for (int repeat = 0; repeat < 8; repeat++) {
      struct ip_network network;
      struct report_filter q = make_filter(m, 1u << i, &network);
      groups += check_aggregate(f, m, &q, STORE_BY_POLICY_DOMAIN | STORE_BY_SOURCE);
    }
  assert_true(groups > 500);
  free_model(m);
}

static void filters_combine(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t groups = 0;
  for (int repeat = 0; repeat < 300; repeat++) {
    struct ip_network network;
    unsigned which = pick(m, 1024) & pick(m, 1024);
    struct report_filter q = make_filter(m, which, &network);
    groups += check_aggregate(f, m, &q, STORE_BY_HEADER_FROM | STORE_BY_DAY | STORE_BY_REPORTER);
  }
  assert_true(groups > 1000);
  free_model(m);
}

struct walked {
  const struct model *model;
  const struct report_filter *filter;
  size_t met, records_left; /* of the report at hand */
  const struct model_report *report;
  uint64_t number;
  char last[96];
};

static const struct model_report *report_of_header(const struct model *m, const struct feedback_header *h) {
  return report_of(m, h->policy_domain, h->org_name, h->report_id, h->begin_s, h->end_s);
}

static int check_record(void *user, const struct store_report *report, const struct feedback_record *record,
                        struct err *e) {
  struct walked *w = user;
  (void)e;
  if (!w->report || w->number != report->number) {
    assert_true(report->number > w->number);
    w->number = report->number;
    w->report = report_of_header(w->model, &report->header);
    w->records_left = 0;
    assert_same_header(&report->header, &w->report->header);
  }
  while (!model_admits_record(w->filter, w->report, w->records_left)) w->records_left++;
  assert_true(w->records_left < w->report->count);
  assert_same_record(record, &w->report->records[w->records_left++]);
  w->met++;
  return 0;
}

static void records_come_out_as_filtered(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t met = 0;
  for (int repeat = 0; repeat < 200; repeat++) {
    struct ip_network network;
    unsigned which = pick(m, 1024) & pick(m, 1024);
    struct report_filter q = make_filter(m, which, &network);
    struct model_groups all = model_aggregate(m, &q, 0);
    struct walked w = {.model = m, .filter = &q};
    assert_ok(f, store_each_record(f->store, &q, check_record, &w, &f->e));
    assert_int_equal(w.met, all.count ? all.list[0].tally.mail.records : 0);
    met += w.met;
    free(all.list);
  }
  assert_true(met > 1000);
  free_model(m);
}

static int check_report(void *user, const struct store_report *report, struct err *e) {
  struct walked *w = user;
  const struct model_report *r = report_of_header(w->model, &report->header);
  char place[96];
  (void)e;
  assert_true(model_admits_report(w->filter, r));
  assert_true(report->number > w->number);
  w->number = report->number;
  assert_int_equal(report->record_count, r->count);
  /* Within a policy domain, by begin and then by id. */
  const char *domain = r->header.policy_domain ? r->header.policy_domain : "-";
  snprintf(place, sizeof place, "%s %020lld %09lld", domain,
           (long long)(r->header.begin_s == FEEDBACK_TIME_UNKNOWN ? 0 : r->header.begin_s), (long long)r->id);
  if (!strncmp(w->last, domain, strlen(domain)) && w->last[strlen(domain)] == ' ')
    assert_true(strcmp(w->last, place) < 0);
  memcpy(w->last, place, sizeof place);
  w->met++;
  return 0;
}

static void reports_come_out_in_order_and_record_filters_do_not_narrow_them(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  for (int repeat = 0; repeat < 100; repeat++) {
    struct ip_network network;
    struct report_filter q = make_filter(m, pick(m, 1024) & pick(m, 1024), &network);
    struct walked w = {.model = m, .filter = &q};
    size_t expected = 0;
    for (int i = 0; i < MODEL_REPORTS; i++) expected += model_admits_report(&q, &m->reports[i]);
    assert_ok(f, store_each_report(f->store, &q, check_report, &w, &f->e));
    assert_int_equal(w.met, expected);
  }
  free_model(m);
}

static int keep_domains(void *user, const struct store_group *group, struct err *e) {
  struct strbuf *domains = user;
  (void)e;
  for (int i = 0; i < STORE_GROUP_DOMAINS && group->header_froms[i]; i++)
    strbuf_printf(domains, "%s ", group->header_froms[i]);
  if (group->more_header_from) strbuf_add_text(domains, "...");
  return 0;
}

static void a_group_names_the_first_header_from_domains(void **state) {
  struct fixture *f = *state;
  static const char *const NAMES[] = {"b.example", "a.example", "b.example", "d.example", "c.example", "e.example"};
  struct feedback_header header = plain_header("r");
  struct feedback_record records[6];
  for (int i = 0; i < 6; i++) {
    records[i] = plain_record("192.0.2.1", 1);
    records[i].header_from = NAMES[i];
  }
  for (int n = 5; n <= 6; n++) {
    _cleanup_strbuf_ struct strbuf domains = STRBUF_INIT;
    struct report_filter all = REPORT_FILTER_ALL;
    header.report_id = n == 5 ? "five" : "six";
    all.report_id = header.report_id;
    open_for(f, LOCAL_WRITE);
    add_report(f, f->store, &header, records, (size_t)n);
    assert_ok(f, store_flush(f->store, &f->e));
    assert_ok(f, store_aggregate(f->store, &all, 0, keep_domains, &domains, &f->e));
    assert_string_equal(strbuf_text(&domains), n == 5 ? "b.example a.example d.example c.example "
                                                      : "b.example a.example d.example c.example ...");
  }
}

/* Told by hand, without base/filter.h: of reports about a domain, above it, below it and beside it, and without one. */
static void two_domains_are_the_mail_of_either(void **state) {
  struct fixture *f = *state;
  static const char *const ASKED[] = {"mail.example.com", "example.org"};
  static const struct {
    const char *policy_domain;
    const char *header_from[3];
    int64_t of_both, of_first; /* messages, where record i has 10^i */
  } REPORTS[] = {
      {"example.com", {"example.com", "mail.example.com", "a.mail.example.com"}, 110, 110},
      {"mail.example.com", {"mail.example.com", "b.mail.example.com", NULL}, 111, 111},
      {"example.org", {"example.org", "shop.example.org", NULL}, 111, 0},
      {"shop.example.org", {"shop.example.org", NULL, NULL}, 111, 0},
      {"org", {"example.org", "other.org", "shop.example.org"}, 101, 0},
      {NULL, {"example.org", "mail.example.com", "example.com"}, 11, 10},
      {"xexample.org", {"xexample.org", "example.net", NULL}, 0, 0},
  };
  open_for(f, LOCAL_WRITE);
  int64_t wanted[2] = {0};
  for (size_t i = 0; i < ARRAY_SIZE(REPORTS); i++) {
    struct feedback_header header = plain_header("r");
    struct feedback_record records[3];
    header.policy_domain = REPORTS[i].policy_domain;
    for (int k = 0; k < 3; k++) {
      records[k] = plain_record("192.0.2.1", (const int64_t[]){1, 10, 100}[k]);
      records[k].header_from = REPORTS[i].header_from[k];
    }
    add_report(f, f->store, &header, records, 3);
    wanted[0] += REPORTS[i].of_both;
    wanted[1] += REPORTS[i].of_first;
  }
  assert_ok(f, store_flush(f->store, &f->e));
  for (unsigned n = 0; n < 2; n++) {
    struct report_filter q = REPORT_FILTER_ALL;
    struct group_tally tally = GROUP_TALLY_EMPTY;
    _cleanup_domain_set_ struct domain_set asked = domains_of(ASKED, 2 - n);
    q.domains = &asked;
    assert_ok(f, store_aggregate(f->store, &q, 0, keep_tally, &tally, &f->e));
    assert_int_equal(tally.mail.messages, wanted[n]);
  }
}

static int note_domain(void *user, const char *name, struct err *e) {
  (void)e;
  domain_set_add(user, name);
  return 0;
}

static void every_name_of_a_domain_is_handed_out(void **state) {
  struct fixture *f = *state;
  static const char *const POLICY_DOMAINS[] = {"example.com", NULL, "example.org", "example.com"};
  static const char *const FROM[] = {"a.example.com", "example.net", NULL, "b.example.com"};
  static const char *const NAMES[] = {"example.com", "example.org", "example.net", "a.example.com", "b.example.com"};
  _cleanup_domain_set_ struct domain_set met = domains_of(NULL, 0);
  open_for(f, LOCAL_WRITE);
  for (size_t i = 0; i < ARRAY_SIZE(POLICY_DOMAINS); i++) {
    struct feedback_header header = plain_header((const char *const[]){"r", "s", "t", "u"}[i]);
    struct feedback_record record = plain_record("192.0.2.1", 1);
    header.policy_domain = POLICY_DOMAINS[i];
    record.header_from = FROM[i];
    add_report(f, f->store, &header, &record, 1);
  }
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_domain(f->store, note_domain, &met, &f->e));
  assert_int_equal(met.count, ARRAY_SIZE(NAMES));
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) assert_false(domain_set_add(&met, NAMES[i]));
}

static int stop_at_once(void *user, const struct store_group *group, struct err *e) {
  (void)group;
  ++*(int *)user;
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static void a_callback_ends_the_walk_with_its_own_code(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  int calls = 0;
  struct model *m = make_model(f);
  assert_int_equal(store_aggregate(f->store, &all, STORE_BY_SOURCE, stop_at_once, &calls, &f->e), ERR_INTERRUPTED);
  assert_int_equal(calls, 1);
  assert_string_equal(f->e.text, "enough");
  assert_true(count_reports(f) > 100); /* and the next question is answered */
  free_model(m);
}

static int ask_within(void *user, const struct store_report *report, const struct feedback_record *record,
                      struct err *e) {
  struct fixture *f = user;
  (void)report, (void)e;
  assert_int_equal(count_reports(f), 2);
  assert_string_equal(record->header_from, "example.com");
  return 0;
}

static void questions_may_be_asked_within_a_walk(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 1);
  assert_ok(f, store_each_record(f->store, &all, ask_within, f, &f->e));
  store_one(f, "c", 1); /* the snapshot of the walk is over */
}

int main(void) {
  struct CMUnitTest tests[] = {
      ON_ENGINE(every_combination_of_dimensions_counts_as_by_hand),
      ON_ENGINE(every_filter_admits_what_it_says),
      ON_ENGINE(filters_combine),
      ON_ENGINE(records_come_out_as_filtered),
      ON_ENGINE(reports_come_out_in_order_and_record_filters_do_not_narrow_them),
      ON_ENGINE(a_group_names_the_first_header_from_domains),
      ON_ENGINE(every_name_of_a_domain_is_handed_out),
      ON_ENGINE(two_domains_are_the_mail_of_either),
      ON_ENGINE(a_callback_ends_the_walk_with_its_own_code),
      ON_ENGINE(questions_may_be_asked_within_a_walk),
  };
  return run_on_engines(tests, ARRAY_SIZE(tests));
}
