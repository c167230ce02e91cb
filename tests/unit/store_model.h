/* SPDX-License-Identifier: Apache-2.0 */
/* Reports made by chance, and what a question about them comes to, counted by hand: row after row. */
#ifndef TESTS_STORE_MODEL_H
#define TESTS_STORE_MODEL_H

#include "store_kit.h"

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
  struct domain_set asked; /* the domains of the last filter that has some */
  uint32_t seed;
};

static inline unsigned pick(struct model *m, unsigned n) {
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

static inline struct feedback_record random_record(struct model *m) {
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

static inline void make_report(struct model *m, struct model_report *r, int number) {
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
static inline struct model *make_model(struct fixture *f) {
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

static inline void free_model(struct model *m) {
  for (int i = 0; i < MODEL_REPORTS; i++) free((char *)m->reports[i].header.report_id);
  domain_set_clear(&m->asked);
  free(m);
}

static inline bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* Counting by hand: row after row, by what base/filter.h and base/tally.h say of each. */
static inline enum filter_reach model_reach(const struct report_filter *q, const struct model_report *r) {
  return filter_admits_report(q, &r->header);
}

static inline bool model_admits_record(const struct report_filter *q, const struct model_report *r, size_t i) {
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

static inline void spell_key(char key[256], unsigned dimensions, const char *policy, const char *from, const char *org,
                             const char *source, int64_t period_s) {
  snprintf(key, 256, "%s|%s|%s|%s|%lld", dimensions & STORE_BY_POLICY_DOMAIN && policy ? policy : "",
           dimensions & STORE_BY_HEADER_FROM && from ? from : "", dimensions & STORE_BY_REPORTER && org ? org : "",
           dimensions & (STORE_BY_SOURCE | STORE_BY_NETWORK) ? source : "",
           (long long)(dimensions & STORE_BY_PERIOD ? period_s : FEEDBACK_TIME_UNKNOWN));
}

static inline void model_key(char key[256], unsigned dimensions, const struct feedback_header *h,
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
    period_s = dimensions & STORE_BY_DAY    ? utc_day_begin(period_s)
               : dimensions & STORE_BY_WEEK ? utc_week_begin(period_s)
                                            : utc_month_begin(period_s);
  spell_key(key, dimensions, h->policy_domain, r->header_from, h->org_name, source, period_s);
}

static inline struct model_group *model_group(struct model_groups *g, const char *key) {
  for (size_t i = 0; i < g->count; i++)
    if (!strcmp(g->list[i].key, key)) return &g->list[i];
  MEM_GROW(g->list, g->capacity, g->count);
  struct model_group *new = &g->list[g->count++];
  *new = (struct model_group){.tally = GROUP_TALLY_EMPTY};
  snprintf(new->key, sizeof new->key, "%s", key);
  return new;
}

static inline void model_count(struct model_group *g, const struct model_report *report,
                               const struct feedback_record *r) {
  const struct feedback_header *h = &report->header;
  const struct tally_terms terms = tally_terms_of(r);
  if (g->last != report) group_tally_add_report(&g->tally, h->begin_s, h->end_s);
  g->last = report;
  group_tally_add_record(&g->tally, &terms, alignment_is_strict(h->adkim), alignment_is_strict(h->aspf), r->count);
}

static inline struct model_groups model_aggregate(const struct model *m, const struct report_filter *q,
                                                  unsigned dimensions) {
  struct model_groups groups = {0};
  for (int i = 0; i < MODEL_REPORTS; i++) {
    const struct model_report *report = &m->reports[i];
    char key[256];
    if (!report->count && !(dimensions & (STORE_BY_HEADER_FROM | STORE_BY_SOURCE | STORE_BY_NETWORK)) &&
        filter_admits_empty(q, model_reach(q, report))) {
      model_key(key, dimensions, &report->header, &(const struct feedback_record){0});
      group_tally_add_report(&model_group(&groups, key)->tally, report->header.begin_s, report->header.end_s);
    }
    for (size_t j = 0; j < report->count; j++) {
      if (!model_admits_record(q, report, j)) continue;
      model_key(key, dimensions, &report->header, &report->records[j]);
      model_count(model_group(&groups, key), report, &report->records[j]);
    }
  }
  return groups;
}

/* Bit i of `which` sets filter i. */
static inline struct report_filter make_filter(struct model *m, unsigned which, struct ip_network *network) {
  static const char *const NETWORKS[] = {"192.0.2.0/24", "192.0.2.1",    "2001:db8::/64", "0.0.0.0/0",
                                         "::/0",         "192.0.2.0/25", "2001:db8::/47"};
  struct report_filter q = REPORT_FILTER_ALL;
  struct err e;
  assert_int_equal(ip_network_parse(PICK(m, NETWORKS), network, &e), 0);
  if (which & 1) {
    q.domains = &m->asked;
    domain_set_clear(&m->asked);
    domain_set_init(&m->asked);
    for (unsigned i = 1 + pick(m, 3); i; i--) domain_set_add(&m->asked, DOMAINS[pick(m, 6)]);
  }
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

/* By what makes its identity: no two of the model have the same. */
static inline const struct model_report *report_of(const struct model *m, const char *policy_domain,
                                                   const char *org_name, const char *report_id, int64_t begin_s,
                                                   int64_t end_s) {
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

/* A report is of interest as a whole; one about a domain above where one of its records lies within. */
static inline bool model_admits_report(const struct report_filter *q, const struct model_report *r) {
  const struct report_filter of_domain = filter_of_domain(q);
  enum filter_reach reach = model_reach(q, r);
  bool admitted = reach == REACHES_ALL;
  for (size_t i = 0; i < r->count; i++) admitted |= filter_admits_record(&of_domain, reach, &r->records[i]);
  return admitted;
}

#endif
