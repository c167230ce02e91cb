/* SPDX-License-Identifier: Apache-2.0 */
/* Questions, flows and views, compared with counting by hand. */
#include "store_kit.h"

/* --- views -------------------------------------------------------------------------------------------------------- */

static void views_show_what_a_person_asks_for(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  int64_t id = add_report(f, f->store, &header, &record, 1);
  struct ledger_line document = document_of("in.zip: a.xml", DOCUMENT_NEW, id);
  assert_ok(f, ledger_add(f->local, &document, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_sql(f,
             "SELECT report, org_name, policy_domain, report_id, begin_utc, end_utc, source_ip, count FROM record_view",
             "1|Empfänger \"AG\"|example.com|2025.01.01.1|2025-01-01T00:00:00Z|2025-01-02T00:00:00Z|2001:db8::25"
             "|123456789012\n");
  assert_sql(
      f,
      "SELECT disposition, dkim, spf, header_from, envelope_from, envelope_to, dkim_alignment, spf_alignment,"
      " oddities FROM record_view",
      "quarantine|fail||mail.example.com|bounce.example.com|example.net|relaxed|strict|row repeated, text cut\n");
  assert_sql(f, "SELECT dkim_results, spf_results, reasons FROM record_view",
             "pass example.com (s1), permerror example.org, no result (no domain)"
             "|fail bounce.example.com (mfrom), odd result mx.example.com (helo)"
             "|mailing_list: list of \nexample; arc; no type: why\n");
  assert_sql(f,
             "SELECT org_name, begin_utc, records, messages, records_without_count, p, sp, np, errors, oddities"
             " FROM report_view",
             "Empfänger \"AG\"|2025-01-01T00:00:00Z|1|123456789012|0|reject|quarantine|none|DNS timeout; second error"
             "|damaged, odd records\n");
  assert_sql(f, "SELECT seen_utc, outcome, origin, org_name, policy_domain, report_id FROM document_view",
             "2025-01-04T14:13:20Z|new|in.zip: a.xml|Empfänger \"AG\"|example.com|2025.01.01.1\n");
}

static void the_layout_explains_itself(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_sql(f,
             "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
             " AND sql NOT LIKE '%-- %'",
             "0\n");
}

/* --- questions, compared with counting by hand -------------------------------------------------------------------- */

#define MODEL_REPORTS 160
#define MODEL_RECORDS_MOST 9

struct model_report {
  struct feedback_header header;
  struct feedback_record records[MODEL_RECORDS_MOST];
  size_t count;
  int64_t id;
};

struct model {
  struct model_report reports[MODEL_REPORTS];
  uint32_t seed;
};

static unsigned pick(struct model *m, unsigned n) {
  m->seed = m->seed * 1664525u + 1013904223u;
  return (m->seed >> 8) % n;
}

static const char *const DOMAINS[] = {
    "example.com", "mail.example.com", "a.mail.example.com", "xexample.com", "example.org", "com", NULL};
static const char *const ORGS[] = {"Receiver Inc", "RECEIVER INC", "Other", NULL};
static const char *const DISPOSITION_WORDS[] = {"none", "quarantine", "reject", "pass", "odd", NULL};
static const char *const EVALUATIONS[] = {"pass", "fail", "pass", "fail", NULL};
static const char *const SOURCES[] = {"192.0.2.1",   "198.51.100.7",   "192.0.2.200", "203.0.113.9",
                                      "192.0.2.77",  "198.51.100.8",   "2001:db8::1", "2001:db8:0:1::1",
                                      "2001:db8::2", "2001:db8::ffff", "nonsense",    NULL};
#define PICK(m, list) (list)[pick(m, ARRAY_SIZE(list))]

static struct feedback_record random_record(struct model *m) {
  struct feedback_record r = {.count = pick(m, 8) ? (int64_t)pick(m, 100) : FEEDBACK_COUNT_UNKNOWN,
                              .disposition = {PICK(m, DISPOSITION_WORDS), NULL},
                              .dkim = {PICK(m, EVALUATIONS), NULL},
                              .spf = {PICK(m, EVALUATIONS), NULL},
                              .header_from = PICK(m, DOMAINS),
                              .envelope_to = PICK(m, DOMAINS),
                              .dkim_alignment = (enum alignment)pick(m, 4),
                              .spf_alignment = (enum alignment)pick(m, 4)};
  const char *source = PICK(m, SOURCES);
  if (source && !ip_parse(source, &r.source_ip)) r.source_text = source;
  return r;
}

static void make_report(struct model *m, struct model_report *r, int number) {
  r->header = plain_header(mem_printf("report-%d", number % 100)); /* some have the same */
  r->header.policy_domain = PICK(m, DOMAINS);
  r->header.org_name = PICK(m, ORGS);
  r->header.adkim = pick(m, 2) ? "s" : "r";
  r->header.aspf = pick(m, 3) ? NULL : "s";
  r->header.begin_s = pick(m, 10) ? 1735689600 + (int64_t)pick(m, 40) * 43200 : FEEDBACK_TIME_UNKNOWN;
  r->header.end_s = pick(m, 10) ? r->header.begin_s + 86399 : FEEDBACK_TIME_UNKNOWN;
  if (r->header.begin_s == FEEDBACK_TIME_UNKNOWN) r->header.end_s = FEEDBACK_TIME_UNKNOWN;
  r->count = pick(m, MODEL_RECORDS_MOST + 1);
  for (size_t i = 0; i < r->count; i++) r->records[i] = random_record(m);
}

/* Every seventh report makes way for another content, so that ranges have gaps. */
static struct model *make_model(struct fixture *f) {
  struct model *m = mem_zalloc(sizeof *m);
  m->seed = 20250101;
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < MODEL_REPORTS; i++) {
    struct model_report *r = &m->reports[i];
    struct store_known known;
    do {
      free((char *)r->header.report_id);
      make_report(m, r, i);
    } while (find_report(f, f->store, &r->header, DIGEST, &known) == 1);
    r->id = add_report(f, f->store, &r->header, r->records, r->count);
  }
  for (int i = 3; i < MODEL_REPORTS; i += 7) {
    struct model_report *r = &m->reports[i];
    if (!identity_is_in_header(&r->header)) continue; /* with other content it is another report */
    r->count = pick(m, MODEL_RECORDS_MOST + 1);
    for (size_t k = 0; k < r->count; k++) r->records[k] = random_record(m);
    r->id = replace_report(f, &r->header, r->records, r->count);
  }
  assert_ok(f, store_flush(f->store, &f->e));
  open_for(f, LOCAL_READ);
  return m;
}

static void free_model(struct model *m) {
  for (int i = 0; i < MODEL_REPORTS; i++) free((char *)m->reports[i].header.report_id);
  free(m);
}

static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* Counting by hand: row after row, by what base/filter.h and base/tally.h say of each. */
static enum filter_reach model_reach(const struct report_filter *q, const struct model_report *r) {
  return filter_admits_report(q, &r->header);
}

static bool model_admits_record(const struct report_filter *q, const struct model_report *r, size_t i) {
  return filter_admits_record(q, model_reach(q, r), &r->records[i]);
}

struct model_group {
  char key[256];
  struct group_tally tally;
  const struct model_report *last;
};
struct model_groups {
  struct model_group *list;
  size_t count, capacity;
};

static void spell_key(char key[256], unsigned dimensions, const char *policy, const char *from, const char *org,
                      const char *source, int64_t period_s) {
  snprintf(key, 256, "%s|%s|%s|%s|%lld", dimensions & STORE_BY_POLICY_DOMAIN && policy ? policy : "",
           dimensions & STORE_BY_HEADER_FROM && from ? from : "", dimensions & STORE_BY_REPORTER && org ? org : "",
           dimensions & (STORE_BY_SOURCE | STORE_BY_NETWORK) ? source : "",
           (long long)(dimensions & (STORE_BY_DAY | STORE_BY_WEEK) ? period_s : FEEDBACK_TIME_UNKNOWN));
}

static void model_key(char key[256], unsigned dimensions, const struct feedback_header *h,
                      const struct feedback_record *r) {
  char source[IP_TEXT_BYTES] = "";
  struct ip_network network = {.base = r->source_ip, .prefix_bits = r->source_ip.size * 8u};
  if (dimensions & STORE_BY_NETWORK && r->source_ip.size) network = ip_network_of(&r->source_ip);
  if (r->source_ip.size)
    ip_network_format(&network, source);
  else
    snprintf(source, sizeof source, "%s", r->source_text ? r->source_text : "");
  int64_t period_s = h->begin_s;
  if (period_s != FEEDBACK_TIME_UNKNOWN)
    period_s = dimensions & STORE_BY_DAY ? utc_day_begin(period_s) : utc_week_begin(period_s);
  spell_key(key, dimensions, h->policy_domain, r->header_from, h->org_name, source, period_s);
}

static struct model_group *model_group(struct model_groups *g, const char *key) {
  for (size_t i = 0; i < g->count; i++)
    if (!strcmp(g->list[i].key, key)) return &g->list[i];
  MEM_GROW(g->list, g->capacity, g->count);
  struct model_group *new = &g->list[g->count++];
  *new = (struct model_group){.tally = GROUP_TALLY_EMPTY};
  snprintf(new->key, sizeof new->key, "%s", key);
  return new;
}

static void model_count(struct model_group *g, const struct model_report *report, const struct feedback_record *r) {
  const struct feedback_header *h = &report->header;
  const struct tally_terms terms = tally_terms_of(r);
  if (g->last != report) group_tally_add_report(&g->tally, h->begin_s, h->end_s);
  g->last = report;
  group_tally_add_record(&g->tally, &terms, alignment_is_strict(h->adkim), alignment_is_strict(h->aspf), r->count);
}

static struct model_groups model_aggregate(const struct model *m, const struct report_filter *q, unsigned dimensions) {
  struct model_groups groups = {0};
  for (int i = 0; i < MODEL_REPORTS; i++) {
    const struct model_report *report = &m->reports[i];
    for (size_t j = 0; j < report->count; j++) {
      char key[256];
      if (!model_admits_record(q, report, j)) continue;
      model_key(key, dimensions, &report->header, &report->records[j]);
      model_count(model_group(&groups, key), report, &report->records[j]);
    }
  }
  return groups;
}

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
  for (unsigned dimensions = 0; dimensions < 128; dimensions++) {
    bool both = (dimensions & STORE_BY_SOURCE && dimensions & STORE_BY_NETWORK) ||
                (dimensions & STORE_BY_DAY && dimensions & STORE_BY_WEEK);
    if (!both)
      assert_true(check_aggregate(f, m, &all, dimensions) > 0);
    else
      assert_int_equal(store_aggregate(f->store, &all, dimensions, keep_tally, NULL, &f->e), ERR_USAGE);
  }
  free_model(m);
}

/* Bit i of `which` sets filter i. */
static struct report_filter make_filter(struct model *m, unsigned which, struct ip_network *network) {
  static const char *const NETWORKS[] = {"192.0.2.0/24", "192.0.2.1",    "2001:db8::/64", "0.0.0.0/0",
                                         "::/0",         "192.0.2.0/25", "2001:db8::/47"};
  struct report_filter q = REPORT_FILTER_ALL;
  struct err e;
  assert_int_equal(ip_network_parse(PICK(m, NETWORKS), network, &e), 0);
  if (which & 1) q.domain = DOMAINS[pick(m, 6)];
  if (which & 2) q.header_from = DOMAINS[pick(m, 6)];
  if (which & 4) q.since_s = 1735689600 + (int64_t)pick(m, 30) * 43200;
  if (which & 8) q.until_s = 1735689600 + (int64_t)(10 + pick(m, 30)) * 43200;
  if (which & 16) q.source = network;
  if (which & 32) q.reporter = pick(m, 2) ? "receiver inc" : "other";
  if (which & 64) q.aligned = (int)pick(m, 2);
  if (which & 128) q.disposition = DISPOSITION_WORDS[pick(m, 5)];
  if (which & 256) q.report_id = m->reports[pick(m, MODEL_REPORTS)].header.report_id;
  if (which & 512) q.policy_domain = DOMAINS[pick(m, 6)];
  return q;
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

/* By what makes its identity: no two of the model have the same. */
static const struct model_report *report_of(const struct model *m, const char *policy_domain, const char *org_name,
                                            const char *report_id, int64_t begin_s, int64_t end_s) {
  for (int i = 0; i < MODEL_REPORTS; i++) {
    const struct model_report *r = &m->reports[i];
    const struct feedback_header *h = &r->header;
    if (same(h->policy_domain, policy_domain) && same(h->org_name, org_name) && same(h->report_id, report_id) &&
        h->begin_s == begin_s && h->end_s == end_s)
      return r;
  }
  fail_msg("report %s should not be there", report_id);
  return NULL;
}

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

/* A report is of interest as a whole; one about a domain above where one of its records lies within. */
static bool model_admits_report(const struct report_filter *q, const struct model_report *r) {
  const struct report_filter of_domain = filter_of_domain(q);
  enum filter_reach reach = model_reach(q, r);
  bool admitted = reach == REACHES_ALL;
  for (size_t i = 0; i < r->count; i++) admitted |= filter_admits_record(&of_domain, reach, &r->records[i]);
  return admitted;
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

/* --- flows, compared with the records that were given ------------------------------------------------------------- */

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
  w->sum.reports += w->next < w->report->count;
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
  const struct store_flow_events events = {begin_flows, take_source, take_pattern, check_flow, w};
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

/* --- more than the caches hold ------------------------------------------------------------------------------------ */

#define LONG_NAMES 14000
#define LONG_BYTES 1000

static void spell_long(char *text, int i) {
  memset(text, 'a' + i % 26, LONG_BYTES);
  memcpy(text,
         &(char[8]){(char)('a' + i / 17576 % 26), (char)('a' + i / 676 % 26), (char)('a' + i / 26 % 26),
                    (char)('a' + i % 26), '.', '.', '.', '.'},
         8);
  text[LONG_BYTES] = '\0';
}

static int check_long(void *user, const struct store_report *report, const struct feedback_record *record,
                      struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)report, (void)e;
  int i = (*(int *)user)++;
  spell_long(expected, i % LONG_NAMES);
  assert_string_equal(record->header_from, expected);
  return 0;
}

static int check_long_group(void *user, const struct store_group *group, struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)e;
  spell_long(expected, (*(int *)user)++);
  assert_string_equal(group->header_from, expected);
  assert_string_equal(group->header_froms[0], expected);
  assert_int_equal(group->tally.mail.records, 2);
  return 0;
}

static int check_long_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)e;
  assert_int_equal(number, (*(int *)user)++);
  spell_long(expected, (int)number);
  assert_string_equal(pattern->header_from, expected);
  return 0;
}

static void caches_that_overflow_forget_and_go_on(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  char text[LONG_BYTES + 1];
  struct feedback_record record = plain_record("192.0.2.1", 1);
  struct feedback_header header = plain_header("r");
  int64_t id;
  int records = 0, groups = 0;
  record.header_from = text;
  open_for(f, LOCAL_WRITE);
  const struct store_entry entry = entry_of(&header, DIGEST);
  assert_ok(f, store_stream_begin(f->store, &f->e));
  for (int i = 0; i < 2 * LONG_NAMES; i++) {
    spell_long(text, i % LONG_NAMES);
    assert_ok(f, store_stream_add(f->store, (struct feedback_record *[]){&record}, 1, &f->e));
  }
  assert_ok(f, store_stream_keep(f->store, &entry, &id, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT count(*) FROM pattern", "14000\n");
  assert_ok(f, store_each_record(f->store, &all, check_long, &records, &f->e));
  assert_int_equal(records, 2 * LONG_NAMES);
  int patterns = 0;
  assert_ok(f, store_each_flow(
                   f->store, &all,
                   &(struct store_flow_events){want_all, no_source, check_long_pattern, leave_flow, &patterns}, &f->e));
  assert_int_equal(patterns, LONG_NAMES);
  assert_ok(f, store_aggregate(f->store, &all, STORE_BY_HEADER_FROM, check_long_group, &groups, &f->e));
  assert_int_equal(groups, LONG_NAMES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(views_show_what_a_person_asks_for),
      IN_FOLDER(the_layout_explains_itself),
      IN_FOLDER(every_combination_of_dimensions_counts_as_by_hand),
      IN_FOLDER(every_filter_admits_what_it_says),
      IN_FOLDER(filters_combine),
      IN_FOLDER(records_come_out_as_filtered),
      IN_FOLDER(reports_come_out_in_order_and_record_filters_do_not_narrow_them),
      IN_FOLDER(a_group_names_the_first_header_from_domains),
      IN_FOLDER(a_callback_ends_the_walk_with_its_own_code),
      IN_FOLDER(questions_may_be_asked_within_a_walk),
      IN_FOLDER(flows_are_the_records_that_were_given_and_sum_to_the_aggregate),
      IN_FOLDER(a_flow_report_has_the_words_of_the_policy),
      IN_FOLDER(a_pattern_has_all_results_and_reasons),
      IN_FOLDER(a_pattern_is_another_one_where_the_receiver_walked_the_tree),
      IN_FOLDER(a_report_that_is_not_wanted_is_skipped),
      IN_FOLDER(a_walk_over_flows_is_stopped_by_either_callback),
      IN_FOLDER(a_pattern_that_was_taken_back_is_not_remembered),
      IN_FOLDER(a_walk_over_flows_may_hold_another),
      IN_FOLDER(caches_that_overflow_forget_and_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
