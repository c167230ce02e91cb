/* SPDX-License-Identifier: Apache-2.0 */
/* Pruned reports: all that is added up or judged stays as it was, and no more of them can be listed. */
#include "store_model.h"

/* --- everything that a store says of its mail, as text ------------------------------------------------------------ */

static void add_words(struct strbuf *out, const char *a, const char *b, const char *c) {
  strbuf_printf(out, " %s %s %s", a ? a : "-", b ? b : "-", c ? c : "-");
}

static int tell_report(void *user, const struct store_flow_report *r, struct err *e) {
  (void)e;
  strbuf_printf(user, "report %llu %lld %lld %d %d %llu %lld %u", (unsigned long long)r->number, (long long)r->begin_s,
                (long long)r->end_s, r->strict_dkim, r->strict_spf, (unsigned long long)r->record_count,
                (long long)r->message_count, r->flags);
  add_words(user, r->policy_domain, r->org_name, r->p);
  add_words(user, r->email, r->carrier, r->discovery_method);
  strbuf_add_char(user, '\n');
  return 1;
}

static int tell_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)e;
  char address[IP_TEXT_BYTES];
  strbuf_printf(user, "source %u", number);
  add_words(user, ip->size ? ip_format(ip, address) : NULL, text, NULL);
  return 0;
}

static int tell_pattern(void *user, uint32_t number, const struct feedback_record *r, struct err *e) {
  (void)e;
  strbuf_printf(user, "pattern %u %d %d", number, r->dkim_alignment, r->spf_alignment);
  add_words(user, r->header_from, r->envelope_from, r->disposition.text);
  return 0;
}

static int tell_flow(void *user, const struct store_flow *f, struct err *e) {
  (void)e;
  strbuf_printf(user, "flow %u %u %lld %llu\n", f->source, f->pattern, (long long)f->count,
                (unsigned long long)f->record);
  return 0;
}

static void tell_flows(struct fixture *f, const struct report_filter *filter, struct strbuf *out) {
  const struct store_flow_events events = {tell_report, tell_source, tell_pattern, tell_flow, out, false};
  assert_ok(f, store_each_flow(f->store, filter, &events, &f->e));
}

static int tell_group(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  char source[IP_TEXT_BYTES] = "";
  if (g->network.base.size) ip_network_format(&g->network, source);
  add_words(user, g->policy_domain, g->header_from, g->reporter);
  add_words(user, source, g->source_text, g->header_froms[0]);
  strbuf_printf(user, " %lld", (long long)g->period_s);
  strbuf_add(user, (const char *)&g->tally, sizeof g->tally);
  return 0;
}

static void tell_all(struct fixture *f, struct model *m, struct strbuf *out) {
  static const unsigned DIMENSIONS[] = {0,
                                        STORE_BY_DAY,
                                        STORE_BY_WEEK | STORE_BY_POLICY_DOMAIN,
                                        STORE_BY_SOURCE,
                                        STORE_BY_NETWORK | STORE_BY_REPORTER,
                                        STORE_BY_HEADER_FROM};
  m->seed = 7;
  strbuf_reset(out);
  for (unsigned which = 0; which < 256; which++) {
    struct ip_network network;
    struct report_filter filter = make_filter(m, which, &network);
    if (which < 16) tell_flows(f, &filter, out);
    for (size_t i = 0; i < ARRAY_SIZE(DIMENSIONS); i++)
      assert_ok(f, store_aggregate(f->store, &filter, DIMENSIONS[i], tell_group, out, &f->e));
  }
}

static void prune_every(struct fixture *f, const struct model *m, int step) {
  for (int i = 0; i < MODEL_REPORTS; i += step) assert_ok(f, store_prune(f->store, m->reports[i].id, &f->e));
  assert_ok(f, store_sweep(f->store, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
}

static void what_is_added_up_and_judged_is_the_same_as_before(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
  tell_all(f, m, &before);
  for (int step = 3; step; step--) { /* a third of them, half of the rest, all */
    open_for(f, LOCAL_WRITE);
    prune_every(f, m, step);
    tell_all(f, m, &after);
    assert_int_equal(after.length, before.length);
    assert_memory_equal(after.data, before.data, before.length);
  }
  free_model(m);
}

static int note_header(void *user, const struct store_report *report, struct err *e) {
  (void)e;
  const struct feedback_header *h = &report->header;
  assert_true(report->pruned);
  assert_null(h->report_id);
  assert_null(h->extra_contact_info);
  assert_null(h->generator);
  assert_null(h->schema);
  assert_null(h->fo);
  assert_null(h->submitter);
  assert_int_equal(h->error_count, 0);
  assert_int_equal(h->foreign_count, 0);
  assert_string_equal(h->email, "dmarc@example.net");
  assert_string_equal(h->carrier, "carrier.example");
  assert_string_equal(h->p, "reject");
  assert_string_equal(h->pct, "50");
  ++*(int *)user;
  return 0;
}

static int count_record(void *user, const struct store_report *report, const struct feedback_record *r, struct err *e) {
  (void)report, (void)r, (void)e;
  ++*(int *)user;
  return 0;
}

static void a_pruned_report_has_no_records_to_hand_out_and_less_of_a_header(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  struct feedback_header header = full_header();
  struct feedback_record record = full_record();
  int reports = 0, records = 0;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, store_prune(f->store, add_report(f, f->store, &header, &record, 1), &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_report(f->store, &all, note_header, &reports, &f->e));
  assert_ok(f, store_each_record(f->store, &all, count_record, &records, &f->e));
  assert_int_equal(reports, 1);
  assert_int_equal(records, 0);
}

static void a_pruned_report_is_known_and_never_replaced(void **state) {
  struct fixture *f = *state;
  const struct feedback_header header = plain_header("one");
  const struct feedback_record record = plain_record("192.0.2.1", 5);
  struct store_known known;
  open_for(f, LOCAL_WRITE);
  int64_t id = add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_prune(f->store, id, &f->e));
  assert_int_equal(find_report(f, f->store, &header, NULL, &known), 1);
  assert_true(known.pruned);
  const struct feedback_record other[] = {plain_record("192.0.2.2", 70), plain_record("192.0.2.3", 700)};
  assert_int_equal(replace_report(f, &header, other, 2), id);
  stream_of(f, other, 2);
  const struct store_entry entry = entry_of(&header, DIGEST);
  int64_t streamed;
  assert_ok(f, store_stream_keep(f->store, &entry, &streamed, &f->e));
  assert_int_equal(streamed, id);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(total_of(f).mail.messages, 5);
  assert_int_equal(total_of(f).mail.records, 1);
}

static void pruning_twice_or_what_is_gone_changes_nothing(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  int64_t id = store_one(f, "one", 3);
  for (int i = 0; i < 2; i++) assert_ok(f, store_prune(f->store, id, &f->e));
  assert_ok(f, store_prune(f->store, id + 7, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(total_of(f).mail.messages, 3);
}

static void a_pruned_report_goes_like_any_other(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  int64_t id = store_one(f, "one", 3);
  store_one(f, "two", 2);
  assert_ok(f, store_prune(f->store, id, &f->e));
  assert_ok(f, store_remove(f->store, id, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 1);
  assert_int_equal(total_of(f).mail.messages, 2);
}

static void what_was_pruned_but_not_flushed_is_whole_again(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  int records = 0;
  open_for(f, LOCAL_WRITE);
  int64_t id = store_one(f, "one", 3);
  assert_ok(f, store_prune(f->store, id, &f->e));
  store_drop(f->store);
  assert_ok(f, store_each_record(f->store, &all, count_record, &records, &f->e));
  assert_int_equal(records, 3);
}

/* --- which are old ------------------------------------------------------------------------------------------------ */

struct found {
  int64_t reports[16];
  int count;
};

static int note_aged(void *user, const struct store_aged *r, struct err *e) {
  (void)e;
  struct found *x = user;
  assert_int_equal(r->record_count, 1);
  assert_int_equal(r->message_count, 5);
  x->reports[x->count++] = r->report;
  return 0;
}

static struct found aged(struct fixture *f, const struct report_filter *filter, int64_t before_s) {
  struct found found = {0};
  assert_ok(f, store_each_aged(f->store, filter, before_s, note_aged, &found, &f->e));
  return found;
}

static int64_t add_of(struct fixture *f, const char *domain, int64_t begin_s, int64_t end_s, uint32_t flags) {
  static int number;
  const struct feedback_record record = plain_record("192.0.2.1", 5);
  _cleanup_free_ char *id = mem_printf("%d", number++);
  struct feedback_header header = plain_header(id);
  header.policy_domain = domain;
  header.begin_s = begin_s;
  header.end_s = end_s;
  header.flags = flags;
  return add_report(f, f->store, &header, &record, 1);
}

static void reports_are_old_by_the_end_of_their_period(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  int64_t old = add_of(f, "example.com", 1000, 1999, 0);
  add_of(f, "example.com", 1000, 2000, 0);
  int64_t reversed = add_of(f, "example.com", 1999, 1000, 0);
  struct found found = aged(f, &all, 2000);
  assert_int_equal(found.count, 2);
  assert_int_equal(found.reports[0], old);
  assert_int_equal(found.reports[1], reversed);
}

static void what_has_no_period_is_old_by_when_it_came(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  add_of(f, "example.com", FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN, FEEDBACK_PERIOD_UNREADABLE);
  add_of(f, "example.com", 4102444800, 4102531199, FEEDBACK_PERIOD_FUTURE);
  assert_int_equal(aged(f, &all, utc_now() - 60).count, 0);
  assert_int_equal(aged(f, &all, utc_now() + 60).count, 2);
}

static void a_pruned_report_is_not_old_but_one_of_all(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  int64_t id = add_of(f, "example.com", 1000, 1999, 0);
  add_of(f, "example.com", 1000, 1999, 0);
  assert_ok(f, store_prune(f->store, id, &f->e));
  assert_int_equal(aged(f, &all, 2000).count, 1);
  assert_int_equal(aged(f, &all, FILTER_OPEN_END).count, 2);
}

static void reports_of_a_domain_are_those_about_it_and_below(void **state) {
  struct fixture *f = *state;
  struct report_filter filter = REPORT_FILTER_ALL;
  struct domain_set asked;
  domain_set_init(&asked);
  domain_set_add(&asked, "mail.example.com");
  domain_set_add(&asked, "example.org");
  filter.domains = &asked;
  open_for(f, LOCAL_WRITE);
  const int64_t within[] = {add_of(f, "mail.example.com", 1000, 1999, 0),
                            add_of(f, "a.mail.example.com", 1000, 1999, 0), add_of(f, "example.org", 1000, 1999, 0)};
  add_of(f, "example.com", 1000, 1999, 0);
  add_of(f, "xexample.org", 1000, 1999, 0);
  add_of(f, NULL, 1000, 1999, 0);
  struct found found = aged(f, &filter, 2000);
  assert_int_equal(found.count, 3);
  assert_memory_equal(found.reports, within, sizeof within);
  domain_set_clear(&asked);
}

/* --- sweeping ----------------------------------------------------------------------------------------------------- */

static void what_was_swept_can_come_again(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  const struct feedback_header other = plain_header("other");
  const struct feedback_record plain = plain_record("192.0.2.9", 1);
  struct expected x = {.header = full_header(), .records = {full_record()}};
  open_for(f, LOCAL_WRITE);
  int64_t id = add_report(f, f->store, &x.header, x.records, 1);
  struct fixture beside = open_beside(f, LOCAL_WRITE);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_remove(beside.store, id, &f->e));
  assert_ok(f, store_sweep(beside.store, &f->e));
  add_report(f, beside.store, &other, &plain, 1); /* takes ids that became free */
  assert_ok(f, store_flush(beside.store, &f->e));
  close_store(&beside);
  add_report(f, f->store, &x.header, x.records, 1);
  assert_ok(f, store_sweep(f->store, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  struct report_filter filter = all;
  filter.report_id = x.header.report_id;
  assert_ok(f, store_each_record(f->store, &filter, compare_record, &x, &f->e));
  assert_int_equal(x.met, 1);
}

int main(void) {
  struct CMUnitTest tests[] = {
      ON_ENGINE(what_is_added_up_and_judged_is_the_same_as_before),
      ON_ENGINE(a_pruned_report_has_no_records_to_hand_out_and_less_of_a_header),
      ON_ENGINE(a_pruned_report_is_known_and_never_replaced),
      ON_ENGINE(pruning_twice_or_what_is_gone_changes_nothing),
      ON_ENGINE(a_pruned_report_goes_like_any_other),
      ON_ENGINE(what_was_pruned_but_not_flushed_is_whole_again),
      ON_ENGINE(reports_are_old_by_the_end_of_their_period),
      ON_ENGINE(what_has_no_period_is_old_by_when_it_came),
      ON_ENGINE(a_pruned_report_is_not_old_but_one_of_all),
      ON_ENGINE(reports_of_a_domain_are_those_about_it_and_below),
      ON_ENGINE(what_was_swept_can_come_again),
  };
  return run_on_engines(tests, ARRAY_SIZE(tests));
}
