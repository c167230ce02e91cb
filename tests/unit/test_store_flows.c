/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of the store, on every engine: flows are the records that were given. */
#include "store_model.h"

#define NUMBERS_MOST 1024

struct flow_walk {
  const struct model *model;
  const struct report_filter *filter; /* without what flows are not filtered by */
  const struct model_report *report;
  uint64_t number;
  int64_t begin_before_s;
  char domain[64];
  size_t next; /* record of the report at hand */
  struct group_tally sum;
  /* what the numbers of the domain at hand were said to mean */
  struct feedback_record sources[NUMBERS_MOST], patterns[NUMBERS_MOST];
  uint32_t source_count, pattern_count;
  bool with_envelope_to;
  bool source_used, pattern_used; /* the one told last has its flow */
};

static void assert_in_order(struct flow_walk *w, const struct store_flow_report *report) {
  const char *domain = report->policy_domain ? report->policy_domain : "-";
  assert_true(report->number > w->number);
  if (w->number && !strcmp(w->domain, domain))
    assert_true(report->begin_s >= w->begin_before_s);
  else
    w->source_count = w->pattern_count = 0;
  w->number = report->number;
  w->begin_before_s = report->begin_s;
  snprintf(w->domain, sizeof w->domain, "%s", domain);
}

static void skip_what_is_not_admitted(struct flow_walk *w) {
  while (w->next < w->report->count && !model_admits_record(w->filter, w->report, w->next)) w->next++;
}

static int begin_flows(void *user, const struct store_flow_report *report, struct err *e) {
  struct flow_walk *w = user;
  (void)e;
  assert_in_order(w, report);
  if (w->report) assert_int_equal(w->next, w->report->count); /* all of the report before were handed out */
  w->report =
      report_of(w->model, report->policy_domain, report->org_name, report->report_id, report->begin_s, report->end_s);
  w->next = 0;
  skip_what_is_not_admitted(w);
  const struct feedback_header *h = &w->report->header;
  assert_int_equal(report->strict_dkim, same(h->adkim, "s"));
  assert_int_equal(report->strict_spf, same(h->aspf, "s"));
  assert_int_equal(report->record_count, w->report->count);
  const bool empty = !w->report->count && filter_admits_empty(w->filter, model_reach(w->filter, w->report));
  w->sum.reports += empty || w->next < w->report->count;
  assert_true(model_admits_report(w->filter, w->report));
  return 1;
}

/* Numbers are given by first appearance, and each is told once. */
static int take_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  struct flow_walk *w = user;
  (void)e;
  assert_int_equal(number, w->source_count++);
  assert_true(number < NUMBERS_MOST && w->source_used);
  w->sources[number] = (struct feedback_record){.source_ip = *ip, .source_text = text ? "nonsense" : NULL};
  assert_text(text, w->sources[number].source_text);
  w->source_used = false;
  return 0;
}

static int take_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  struct flow_walk *w = user;
  (void)e;
  assert_int_equal(number, w->pattern_count++);
  assert_true(number < NUMBERS_MOST && w->pattern_used);
  assert_same_pattern(pattern, &w->report->records[w->next]);
  w->patterns[number] = w->report->records[w->next]; /* its texts live as long as the model */
  w->pattern_used = false;
  return 0;
}

static int check_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct flow_walk *w = user;
  (void)e;
  assert_true(w->next < w->report->count);
  const struct feedback_record *given = &w->report->records[w->next++];
  skip_what_is_not_admitted(w);
  assert_true(flow->source < w->source_count && flow->pattern < w->pattern_count);
  if (!w->source_used) assert_int_equal(flow->source, w->source_count - 1);
  if (!w->pattern_used) assert_int_equal(flow->pattern, w->pattern_count - 1);
  w->source_used = w->pattern_used = true;
  assert_same_pattern(&w->patterns[flow->pattern], given);
  const struct feedback_record *source = &w->sources[flow->source];
  assert_memory_equal(&source->source_ip, &given->source_ip, sizeof given->source_ip);
  assert_text(source->source_text, given->source_text);
  assert_true(flow->count == given->count);
  assert_text(flow->envelope_to, w->with_envelope_to ? given->envelope_to : NULL);
  assert_true(flow->has_envelope_to == (given->envelope_to != NULL));
  const struct tally_terms terms = tally_terms_of(given);
  group_tally_add_record(&w->sum, &terms, false, false, flow->count);
  return 0;
}

/* Asks with all filters, and expects what those of the report level say. */
static size_t check_flows(struct fixture *f, const struct model *m, const struct report_filter *asked) {
  struct report_filter applied = *asked;
  struct group_tally expected = {0};
  applied.header_from = applied.disposition = NULL;
  applied.source = NULL;
  applied.aligned = -1;
  struct flow_walk *w = mem_zalloc(sizeof *w);
  *w = (struct flow_walk){.model = m, .filter = &applied, .source_used = true, .pattern_used = true};
  w->with_envelope_to = asked->domains || asked->header_from; /* with and without */
  const struct store_flow_events events = {begin_flows, take_source, take_pattern,
                                           check_flow,  w,           .with_envelope_to = w->with_envelope_to};
  assert_ok(f, store_each_flow(f->store, asked, &events, &f->e));
  if (w->report) assert_int_equal(w->next, w->report->count);
  assert_ok(f, store_aggregate(f->store, &applied, 0, keep_tally, &expected, &f->e));
  size_t records = w->sum.mail.records;
  assert_int_equal(records, expected.mail.records);
  assert_int_equal(w->sum.reports, expected.reports);
  assert_int_equal(w->sum.uncounted, expected.uncounted);
  assert_memory_equal(w->sum.mail.outcomes, expected.mail.outcomes, sizeof expected.mail.outcomes);
  free(w);
  return records;
}

static void flows_are_the_records_that_were_given_and_sum_to_the_aggregate(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  struct report_filter all = REPORT_FILTER_ALL;
  size_t met = 0;
  assert_true(check_flows(f, m, &all) > 300);
  for (int repeat = 0; repeat < 300; repeat++) {
    struct ip_network network;
    struct report_filter q = make_filter(m, pick(m, 1024) & pick(m, 1024), &network);
    met += check_flows(f, m, &q);
  }
  assert_true(met > 3000);
  free_model(m);
}

static int check_full_flow_report(void *user, const struct store_flow_report *report, struct err *e) {
  const struct feedback_header *h = user;
  (void)e;
  assert_text(report->p, h->p);
  assert_text(report->sp, h->sp);
  assert_text(report->np, h->np);
  assert_text(report->adkim, h->adkim);
  assert_text(report->aspf, h->aspf);
  assert_text(report->pct, h->pct);
  assert_text(report->testing, h->testing);
  assert_text(report->discovery_method, h->discovery_method);
  assert_int_equal(report->flags, h->flags);
  assert_int_equal(report->record_count, 2);
  assert_true(report->message_count == 2 * full_record().count);
  return 0;
}

static int no_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)user, (void)flow, (void)e;
  fail_msg("flows of a report that was skipped");
  return 0;
}

static int no_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)user, (void)number, (void)ip, (void)text, (void)e;
  return 0;
}

static int no_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  (void)user, (void)number, (void)pattern, (void)e;
  return 0;
}

static void a_flow_report_has_the_words_of_the_policy(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = full_header();
  struct feedback_record records[] = {full_record(), full_record()};
  struct report_filter all = REPORT_FILTER_ALL;
  const struct store_flow_events events = {check_full_flow_report, no_source, no_pattern, no_flow, &header};
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e)); /* within a transaction, too */
  assert_ok(f, store_flush(f->store, &f->e));
}

static int want_all(void *user, const struct store_flow_report *report, struct err *e) {
  (void)user, (void)report, (void)e;
  return 1;
}

static int leave_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)user, (void)flow, (void)e;
  return 0;
}

static int check_full_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  const struct feedback_record given = full_record();
  (void)e;
  assert_int_equal(number, (*(uint32_t *)user)++);
  assert_same_pattern(pattern, &given);
  return 0;
}

static void a_pattern_has_all_results_and_reasons(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct feedback_header header = plain_header("r");
  struct feedback_record records[] = {full_record(), full_record()};
  uint32_t patterns = 0;
  const struct store_flow_events events = {want_all, no_source, check_full_pattern, leave_flow, &patterns};
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
  assert_int_equal(patterns, 1);
}

/* Whose a signature is depends on the walk (RFC 9989 4.10). */
static void a_pattern_is_another_one_where_the_receiver_walked_the_tree(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct feedback_record record = full_record();
  uint32_t patterns = 0;
  const struct store_flow_events events = {want_all, no_source, check_full_pattern, leave_flow, &patterns};
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 4; i++) {
    struct feedback_header header = plain_header((const char *[]){"a", "b", "c", "d"}[i]);
    header.discovery_method = i % 2 ? "treewalk" : NULL;
    add_report(f, f->store, &header, &record, 1);
  }
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
  assert_int_equal(patterns, 2);
}

struct choice {
  int every, report_code, flow_code; /* each report whose number `every` divides is wanted */
  int reports, flows;
};

static int choose_report(void *user, const struct store_flow_report *report, struct err *e) {
  struct choice *c = user;
  (void)report;
  if (c->report_code) return err_set(e, c->report_code, "enough reports");
  return c->reports++ % c->every == 0;
}

static int count_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct choice *c = user;
  (void)flow;
  c->flows++;
  return c->flow_code ? err_set(e, c->flow_code, "enough flows") : 0;
}

static struct choice walk_choosing(struct fixture *f, struct choice c, int code) {
  struct report_filter all = REPORT_FILTER_ALL;
  const struct store_flow_events events = {choose_report, no_source, no_pattern, count_flow, &c};
  assert_int_equal(store_each_flow(f->store, &all, &events, &f->e), code);
  return c;
}

static void a_report_that_is_not_wanted_is_skipped(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 5; i++) store_one(f, (const char *[]){"a", "b", "c", "d", "e"}[i], (size_t)i + 1);
  struct choice c = walk_choosing(f, (struct choice){.every = 2}, 0);
  assert_int_equal(c.reports, 5);
  assert_int_equal(c.flows, 1 + 3 + 5);
}

static void a_walk_over_flows_is_stopped_by_either_callback(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 3);
  struct choice c = walk_choosing(f, (struct choice){.every = 1, .report_code = ERR_INTERRUPTED}, ERR_INTERRUPTED);
  assert_int_equal(c.flows, 0);
  assert_string_equal(f->e.text, "enough reports");
  c = walk_choosing(f, (struct choice){.every = 1, .flow_code = ERR_FORMAT}, ERR_FORMAT);
  assert_int_equal(c.flows, 1);
  assert_string_equal(f->e.text, "enough flows");
  store_one(f, "b", 1); /* the snapshot of the walk is over */
}

struct outer_walk {
  struct fixture *f;
  const struct feedback_record *pattern;
  const char *source;
};

static int hold_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)number, (void)ip, (void)e;
  ((struct outer_walk *)user)->source = text;
  return 0;
}

static int hold_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  (void)number, (void)e;
  ((struct outer_walk *)user)->pattern = pattern;
  return 0;
}

static int walk_within(void *user, const struct store_flow *flow, struct err *e) {
  struct outer_walk *w = user;
  struct report_filter all = REPORT_FILTER_ALL;
  (void)flow;
  if (!w->pattern) return 0;
  walk_choosing(w->f, (struct choice){.every = 1}, 0);
  assert_int_equal(total_of(w->f).mail.records, 3);
  int n = 0;
  assert_ok(w->f, store_each_report(w->f->store, &all, count_report, &n, e));
  assert_string_equal(w->pattern->header_from, "example.com"); /* until its first flow was handed out */
  assert_string_equal(w->source, "nonsense");
  w->pattern = NULL;
  return 0;
}

static void a_walk_over_flows_may_hold_another(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct outer_walk w = {.f = f};
  const struct store_flow_events events = {want_all, hold_source, hold_pattern, walk_within, &w};
  struct feedback_header header = plain_header("0");
  struct feedback_record record = plain_record("192.0.2.1", 1);
  record.source_ip.size = 0;
  record.source_text = "nonsense";
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_flush(f->store, &f->e));
  store_one(f, "a", 2);
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
  store_one(f, "b", 1); /* the snapshots of the walks are over */
}

/* Rows that were taken back give their ids away again. */
static int take_back(void *user, const struct store_flow *flow, struct err *e) {
  struct outer_walk *w = user;
  (void)flow;
  assert_string_equal(w->pattern->header_from, "b.example");
  store_drop(w->f->store);
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static int check_c(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  (void)user, (void)number, (void)e;
  assert_string_equal(pattern->header_from, "c.example");
  return 0;
}

static void add_from(struct fixture *f, const char *header_from) {
  struct feedback_header header = plain_header(header_from);
  struct feedback_record record = plain_record("192.0.2.1", 1);
  record.header_from = header_from;
  add_report(f, f->store, &header, &record, 1);
}

static void a_pattern_that_was_taken_back_is_not_remembered(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct outer_walk w = {.f = f};
  const struct store_flow_events events = {want_all, hold_source, hold_pattern, take_back, &w};
  open_for(f, LOCAL_WRITE);
  add_from(f, "b.example");
  assert_int_equal(store_each_flow(f->store, &all, &events, &f->e), ERR_INTERRUPTED);
  add_from(f, "c.example");
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_flow(f->store, &all,
                               &(struct store_flow_events){want_all, no_source, check_c, leave_flow, NULL}, &f->e));
}

int main(void) {
  struct CMUnitTest tests[] = {
      ON_ENGINE(flows_are_the_records_that_were_given_and_sum_to_the_aggregate),
      ON_ENGINE(a_flow_report_has_the_words_of_the_policy),
      ON_ENGINE(a_pattern_has_all_results_and_reasons),
      ON_ENGINE(a_pattern_is_another_one_where_the_receiver_walked_the_tree),
      ON_ENGINE(a_report_that_is_not_wanted_is_skipped),
      ON_ENGINE(a_walk_over_flows_is_stopped_by_either_callback),
      ON_ENGINE(a_walk_over_flows_may_hold_another),
      ON_ENGINE(a_pattern_that_was_taken_back_is_not_remembered),
  };
  return run_on_engines(tests, ARRAY_SIZE(tests));
}
