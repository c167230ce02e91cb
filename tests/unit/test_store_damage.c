/* SPDX-License-Identifier: Apache-2.0 */
/* A database that somebody has patched: every question ends with an answer or an error, whatever numbers it holds. */
#include "store_sql_kit.h"

static const char *const DAMAGES[] = {
    "UPDATE record SET pattern_id = 4611686018427387904 WHERE id % 3 = 0",
    "UPDATE record SET pattern_id = 9223372036854775807 WHERE id % 3 = 0",
    "UPDATE record SET pattern_id = -1 WHERE id % 3 = 0",
    "UPDATE record SET pattern_id = -9223372036854775807 - 1 WHERE id % 3 = 0",
    "UPDATE record SET address_id = 4611686018427387904 WHERE id % 3 = 0",
    "UPDATE record SET address_id = -9223372036854775807 - 1 WHERE id % 3 = 0",
    "UPDATE record SET count = -9223372036854775807 WHERE id % 3 = 0",
    "UPDATE record SET count = 9223372036854775807",
    "UPDATE record SET envelope_to_id = 9223372036854775807",
    /* whole and in keeping with itself, but far away: these are answered in full */
    "UPDATE pattern SET id = id + 4611686018427387904; UPDATE record SET pattern_id = pattern_id + 4611686018427387904",
    "UPDATE pattern SET id = 9223372036854775807 - id; UPDATE record SET pattern_id = 9223372036854775807 - pattern_id",
    "UPDATE address SET id = id + 4611686018427387904; UPDATE record SET address_id = address_id + 4611686018427387904",
    "UPDATE address SET id = -id; UPDATE record SET address_id = -address_id",
    "UPDATE name SET id = id + 4611686018427387904; UPDATE pattern SET header_from_id = header_from_id +"
    " 4611686018427387904; UPDATE report SET policy_domain_id = policy_domain_id + 4611686018427387904, org_id = org_id +"
    " 4611686018427387904",
    /* an id that only its own table has: memory is not sized by it */
    "UPDATE pattern SET id = 9223372036854775807 WHERE id = 1",
    "UPDATE address SET id = 9223372036854775807 WHERE id = 1",
    "UPDATE pattern SET header_from_id = 9223372036854775807",
    "UPDATE pattern SET header_from_id = -9223372036854775807 - 1",
    "UPDATE pattern SET first_result = 9223372036854775807, result_count = 9223372036854775807",
    "UPDATE pattern SET first_result = -9223372036854775807 - 1, result_count = 9223372036854775807",
    "UPDATE pattern SET dkim_alignment = 99, spf_alignment = -1, flags = -1",
    "UPDATE report SET first_record = 9223372036854775807, record_count = 9223372036854775807 WHERE id = 2",
    "UPDATE report SET first_record = -9223372036854775807 - 1 WHERE id = 2",
    "UPDATE report SET record_count = 9223372036854775807 WHERE id = 2",
    "UPDATE report SET record_count = -9223372036854775807 - 1 WHERE id = 2",
    "UPDATE report SET begin_s = 9223372036854775807, end_s = 9223372036854775807 WHERE id = 2",
    "UPDATE report SET begin_s = -9223372036854775807, end_s = -9223372036854775807 - 1 WHERE id = 2",
    "UPDATE report SET policy_domain_id = 9223372036854775807, org_id = -5 WHERE id = 2",
    "UPDATE report SET id = 9223372036854775807 WHERE id = 3",
    "UPDATE report SET id = -9223372036854775807 - 1 WHERE id = 3",
    "DELETE FROM pattern WHERE id = 1",
    "DELETE FROM address WHERE id = 1",
    "DELETE FROM name",
    "DELETE FROM record WHERE id % 2",
};

static void make_small(struct fixture *f) {
  static const char *const DOMAINS[] = {"example.com", "mail.example.com", "example.org", NULL};
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  for (int i = 0; i < 6; i++) {
    char report_id[8], source[IP_TEXT_BYTES];
    struct feedback_record records[4];
    snprintf(report_id, sizeof report_id, "r%d", i);
    struct feedback_header header = plain_header(report_id);
    header.policy_domain = DOMAINS[i % 4];
    for (int j = 0; j < 4; j++) {
      snprintf(source, sizeof source, "192.0.2.%d", 1 + (i + j) % 5);
      records[j] = j ? plain_record(source, 10) : full_record();
      records[j].header_from = DOMAINS[j % 3];
    }
    add_report(f, f->store, &header, records, 4);
  }
  assert_ok(f, local_commit(f->local, &f->e));
  close_store(f);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int take_report(void *user, const struct store_report *report, struct err *e) {
  (void)user, (void)report, (void)e;
  return 0;
}

static int take_record(void *user, const struct store_report *report, const struct feedback_record *record,
                       struct err *e) {
  (void)user, (void)report, (void)e;
  return record->count >= FEEDBACK_COUNT_UNKNOWN ? 0 : err_set(e, ERR_USAGE, "a count below unknown");
}

static int take_group(void *user, const struct store_group *group, struct err *e) {
  (void)user;
  return group->tally.mail.messages >= 0 ? 0 : err_set(e, ERR_USAGE, "a negative sum");
}

/* A caller that sizes its tables by the numbers that it is given. */
struct tables {
  struct ip_addr *sources;
  char *patterns;
  uint32_t source_count, source_capacity, pattern_count, pattern_capacity;
  char domain[64];
};

static int begin_report(void *user, const struct store_flow_report *report, struct err *e) {
  struct tables *t = user;
  const char *domain = report->policy_domain ? report->policy_domain : "";
  (void)e;
  if (strcmp(t->domain, domain) != 0) t->source_count = t->pattern_count = 0;
  snprintf(t->domain, sizeof t->domain, "%s", domain);
  return 1;
}

static int put_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  struct tables *t = user;
  (void)text, (void)e;
  assert_int_equal(number, t->source_count++);
  MEM_GROW(t->sources, t->source_capacity, number);
  t->sources[number] = *ip;
  return 0;
}

static int put_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  struct tables *t = user;
  (void)e;
  assert_int_equal(number, t->pattern_count++);
  MEM_GROW(t->patterns, t->pattern_capacity, number);
  t->patterns[number] = (char)pattern->result_count;
  return 0;
}

static int look_up(void *user, const struct store_flow *flow, struct err *e) {
  const struct tables *t = user;
  (void)e;
  assert_true(flow->source < t->source_count && flow->pattern < t->pattern_count);
  return flow->count >= FEEDBACK_COUNT_UNKNOWN ? 0 : ERR_USAGE;
}

static int ask_flows(struct fixture *f, const struct report_filter *filter) {
  struct tables t = {0};
  const struct store_flow_events events = {begin_report, put_source, put_pattern, look_up, &t};
  int r = store_each_flow(f->store, filter, &events, &f->e);
  free(t.sources);
  free(t.patterns);
  return r;
}

static void assert_answered_or_told(struct fixture *f, const char *damage, int r) {
  if (r == 0) return;
  if (r != ERR_STORE) fail_msg("%s: %d: %s", damage, r, f->e.text);
  assert_says(f, "damaged");
}

static int take_domain(void *user, const char *name, struct err *e) {
  (void)user, (void)name, (void)e;
  return 0;
}

static void ask_everything(struct fixture *f, const char *damage, const struct report_filter *filter) {
  assert_answered_or_told(f, damage, store_each_report(f->store, filter, take_report, NULL, &f->e));
  assert_answered_or_told(f, damage, store_each_record(f->store, filter, take_record, NULL, &f->e));
  assert_answered_or_told(f, damage, ask_flows(f, filter));
  assert_answered_or_told(f, damage, store_each_domain(f->store, take_domain, NULL, &f->e));
  for (unsigned dimensions = 0; dimensions < 128; dimensions++) {
    int r = store_aggregate(f->store, filter, dimensions, take_group, NULL, &f->e);
    if (r != ERR_USAGE || !strstr(f->e.text, "at once")) assert_answered_or_told(f, damage, r);
  }
}

static void a_damaged_database_is_answered_from_or_told_of(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *whole = mem_printf("%s/whole.db", f->folder), *restore = mem_printf("cp %s %s", whole, f->path),
                      *keep = mem_printf("cp %s %s", f->path, whole);
  struct ip_network network;
  assert_int_equal(ip_network_parse("192.0.2.0/24", &network, &f->e), 0);
  _cleanup_domain_set_ struct domain_set mail = domain_alone("mail.example.com");
  make_small(f);
  assert_int_equal(system(keep), 0);
  for (size_t i = 0; i < ARRAY_SIZE(DAMAGES); i++) {
    struct report_filter filters[3] = {REPORT_FILTER_ALL, REPORT_FILTER_ALL, REPORT_FILTER_ALL};
    filters[1].domains = &mail;
    filters[1].since_s = 0;
    filters[2].source = &network;
    assert_int_equal(system(restore), 0);
    run_sql(f->path, DAMAGES[i]);
    open_for(f, LOCAL_READ);
    for (size_t j = 0; j < ARRAY_SIZE(filters); j++) ask_everything(f, DAMAGES[i], &filters[j]);
    close_store(f);
  }
}

static int sum_up(void *user, const struct store_group *group, struct err *e) {
  (void)e;
  *(int64_t *)user += group->tally.mail.messages;
  return 0;
}

/* Ids that lie far from each other cost time and are right all the same. */
/* Notes which results each pattern has. */
static int note_results(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  struct strbuf *noted = user;
  (void)number, (void)e;
  for (uint32_t i = 0; i < pattern->result_count; i++) strbuf_printf(noted, "%s ", pattern->results[i].domain);
  strbuf_add_text(noted, "; ");
  return 0;
}

static int want_report(void *user, const struct store_flow_report *report, struct err *e) {
  (void)user, (void)report, (void)e;
  return 1;
}
static int skip_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)user, (void)number, (void)ip, (void)text, (void)e;
  return 0;
}
static int skip_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)user, (void)flow, (void)e;
  return 0;
}

static void expect_results(struct fixture *f, const char *expected) {
  const struct report_filter all = REPORT_FILTER_ALL;
  _cleanup_strbuf_ struct strbuf noted = STRBUF_INIT;
  const struct store_flow_events events = {want_report, skip_source, note_results, skip_flow, &noted};
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
  assert_string_equal(strbuf_text(&noted), expected);
}

/* Patterns are read one after the other where they follow each other, and looked for where they do not. */
static void a_result_that_is_missing_is_no_other_patterns(void **state) {
  struct fixture *f = *state;
  static const char *const DOMAINS[] = {"a.example", "b.example", "c.example", "d.example"};
  struct auth_result results[4][2];
  struct feedback_record records[4];
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 2; j++)
      results[i][j] =
          (struct auth_result){.method = AUTH_DKIM, .domain = DOMAINS[i], .result = {j ? "fail" : "pass", NULL}};
    records[i] = plain_record("192.0.2.1", 1);
    records[i].results = results[i];
    records[i].result_count = 2;
  }
  struct feedback_header header = plain_header("r");
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  add_report(f, f->store, &header, records, 4);
  assert_ok(f, local_commit(f->local, &f->e));
  expect_results(f, "a.example a.example ; b.example b.example ; c.example c.example ; d.example d.example ; ");
  run_sql(f->path, "UPDATE record SET pattern_id = 5 - pattern_id");
  expect_results(f, "d.example d.example ; c.example c.example ; b.example b.example ; a.example a.example ; ");
  run_sql(f->path, "UPDATE record SET pattern_id = (pattern_id + 1) % 4 + 1");
  expect_results(f, "b.example b.example ; a.example a.example ; d.example d.example ; c.example c.example ; ");
  run_sql(f->path, "UPDATE record SET pattern_id = id; DELETE FROM auth_result WHERE id IN (2, 3, 4, 8)");
  expect_results(f, "a.example ; ; c.example c.example ; d.example ; ");
}

static void far_ids_count_as_near_ones(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct ip_network network;
  int64_t near = 0, far = 0;
  assert_int_equal(ip_network_parse("192.0.2.0/24", &network, &f->e), 0);
  all.source = &network;
  make_small(f);
  open_for(f, LOCAL_READ);
  assert_ok(f, store_aggregate(f->store, &all, STORE_BY_NETWORK | STORE_BY_HEADER_FROM, sum_up, &near, &f->e));
  close_store(f);
  run_sql(f->path,
          "UPDATE pattern SET id = id * 1000000007; UPDATE record SET pattern_id = pattern_id * 1000000007;"
          "UPDATE address SET id = id * 30000001; UPDATE record SET address_id = address_id * 30000001");
  open_for(f, LOCAL_READ);
  assert_ok(f, store_aggregate(f->store, &all, STORE_BY_NETWORK | STORE_BY_HEADER_FROM, sum_up, &far, &f->e));
  assert_true(near > 0 && near == far);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_damaged_database_is_answered_from_or_told_of),
      IN_FOLDER(a_result_that_is_missing_is_no_other_patterns),
      IN_FOLDER(far_ids_count_as_near_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
