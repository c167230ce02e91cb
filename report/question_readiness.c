/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers each domain's facts in two walks over the store: the reports first, which tell the window and the policy,
 * then the failing sources inside it. */
#include "question_readiness.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain.h"
#include "feedback.h"
#include "hashmap.h"
#include "utc.h"

/* A reporter whose clock runs ahead must not move the window: ends later than this behind now are not plausible. */
#define PLAUSIBLE_AHEAD_S (2 * UTC_DAY_S)

/* --- what the reports tell -----------------------------------------------------------------------------------------
 */

/* One report, as much of it as the facts need. */
struct seen_report {
  uint32_t reporter; /* number in the domain's reporters */
  int64_t begin_s, end_s, messages;
  uint32_t policy; /* number in the policies */
};

struct seen_policy {
  char p[16], sp[16];
  bool in_force;
};

struct domain_history {
  struct seen_report *reports;
  uint32_t count, capacity;
  struct hashmap reporters; /* org_name -> nothing */
};

struct gathering {
  const char *const *wanted;
  unsigned wanted_count;
  int64_t now_s;
  struct hashmap domains;  /* name -> struct domain_history */
  struct hashmap policies; /* struct seen_policy as key -> nothing: few, shared by all domains */
};

static bool is_wanted(const struct gathering *g, const char *domain) {
  for (unsigned i = 0; i < g->wanted_count; i++)
    if (!strcmp(g->wanted[i], domain)) return true;
  return !g->wanted_count;
}

/* The number of a key in a map that only numbers: its place in the order of appearance. */
static uint32_t number_of(struct hashmap *m, const void *key, size_t size) {
  bool is_new;
  uint32_t *number = hashmap_put(m, key, size, &is_new);
  if (is_new) *number = m->count - 1;
  return *number;
}

static uint32_t policy_number(struct gathering *g, const struct feedback_header *h) {
  struct seen_policy policy;
  memset(&policy, 0, sizeof policy); /* it is a key: padding counts */
  snprintf(policy.p, sizeof policy.p, "%s", h->p ? h->p : "");
  snprintf(policy.sp, sizeof policy.sp, "%s", h->sp ? h->sp : "");
  bool testing = h->testing && !strcmp(h->testing, "y");
  bool sampled = h->pct && strcmp(h->pct, "100") != 0;
  policy.in_force = !testing && !sampled;
  return number_of(&g->policies, &policy, sizeof policy);
}

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct gathering *g = user;
  const struct feedback_header *h = &r->header;
  if (!h->policy_domain || h->begin_s == FEEDBACK_TIME_UNKNOWN || h->begin_s >= g->now_s) return 0;
  if (!is_wanted(g, h->policy_domain)) return 0;
  bool is_new;
  struct domain_history *d = hashmap_put(&g->domains, h->policy_domain, strlen(h->policy_domain) + 1, &is_new);
  if (is_new) hashmap_init(&d->reporters, sizeof(uint32_t));
  const char *org = h->org_name ? h->org_name : "";
  MEM_GROW(d->reports, d->capacity, d->count);
  d->reports[d->count++] =
      (struct seen_report){.reporter = number_of(&d->reporters, org, strlen(org) + 1),
                           .begin_s = h->begin_s,
                           .end_s = h->end_s == FEEDBACK_TIME_UNKNOWN || h->end_s < h->begin_s ? h->begin_s : h->end_s,
                           .messages = r->message_count,
                           .policy = policy_number(g, h)};
  return 0;
}

static int by_begin(const void *a, const void *b) {
  int64_t x = ((const struct seen_report *)a)->begin_s, y = ((const struct seen_report *)b)->begin_s;
  return x < y ? -1 : x > y;
}

static int64_t newest_plausible_end(const struct domain_history *d, int64_t now_s) {
  int64_t newest = FEEDBACK_TIME_UNKNOWN;
  for (uint32_t i = 0; i < d->count; i++)
    if (d->reports[i].end_s > newest && d->reports[i].end_s <= now_s + PLAUSIBLE_AHEAD_S) newest = d->reports[i].end_s;
  return newest;
}

/* --- facts ---------------------------------------------------------------------------------------------------------
 */

static const struct seen_policy *policy_at(const struct gathering *g, uint32_t number) {
  return hashmap_key_at(&g->policies, number, NULL);
}

static enum readiness_policy policy_of(const char *p) {
  return !strcmp(p, "reject")       ? POLICY_REJECT
         : !strcmp(p, "quarantine") ? POLICY_QUARANTINE
         : !strcmp(p, "none")       ? POLICY_NONE
                                    : POLICY_UNKNOWN;
}

/* The policy of the newest report, and since when the reports show nothing else. */
static void set_policy(struct domain_readiness *d, const struct domain_history *h, const struct gathering *g) {
  const struct seen_report *newest = &h->reports[h->count - 1];
  const struct seen_policy *policy = policy_at(g, newest->policy);
  d->p = *policy->p ? policy->p : NULL;
  d->sp = *policy->sp ? policy->sp : NULL;
  d->policy_since_s = newest->begin_s;
  for (uint32_t i = h->count; i-- > 0;) {
    const struct seen_policy *before = policy_at(g, h->reports[i].policy);
    if (strcmp(before->p, policy->p) != 0 || before->in_force != policy->in_force) break;
    d->policy_since_s = h->reports[i].begin_s;
  }
  d->facts.policy = policy_of(policy->p);
  d->facts.in_force = policy->in_force;
  d->facts.policy_days = (double)(d->window_end_s - d->policy_since_s) / UTC_DAY_S;
}

static void set_breadth(struct domain_readiness *d, const struct domain_history *h) {
  int64_t *by_reporter = mem_zalloc(h->reporters.count * sizeof *by_reporter);
  bool *seen = mem_zalloc(h->reporters.count * sizeof *seen);
  int64_t day = INT64_MIN, total = 0, most = 0;
  for (uint32_t i = 0; i < h->count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (r->begin_s < d->window_begin_s || r->begin_s > d->window_end_s) continue;
    if (utc_day_begin(r->begin_s) != day) d->facts.data_days++;
    day = utc_day_begin(r->begin_s);
    if (!seen[r->reporter]) d->facts.reporters++;
    seen[r->reporter] = true;
    by_reporter[r->reporter] += r->messages;
    total += r->messages;
    if (by_reporter[r->reporter] > most) most = by_reporter[r->reporter];
  }
  d->facts.reporters_ever = h->reporters.count;
  d->facts.top_reporter_share = total > 0 ? (double)most / (double)total : 0;
  free(by_reporter);
  free(seen);
}

static void keep_source(struct domain_readiness *d, const struct failing_source *source) {
  d->failing_sources++;
  unsigned at = d->source_count;
  while (at > 0 && d->sources[at - 1].failed < source->failed) at--;
  if (at >= READINESS_SOURCES) return;
  if (d->source_count < READINESS_SOURCES) d->source_count++;
  memmove(&d->sources[at + 1], &d->sources[at], (d->source_count - at - 1) * sizeof *d->sources);
  d->sources[at] = *source;
}

struct sourcing {
  struct domain_readiness *domain;
  struct arena *texts;
};

static int on_source(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  struct sourcing *s = user;
  const struct store_tally *t = &g->tally;
  s->domain->facts.messages += t->messages - t->unevaluated;
  s->domain->facts.passed += t->pass_both + t->pass_dkim + t->pass_spf;
  if (t->pass_none <= 0) return 0;
  const struct failing_source source = {g->network, arena_strdup(s->texts, g->source_text), t->messages, t->pass_none};
  keep_source(s->domain, &source);
  return 0;
}

static int judge_domain(struct store *s, const struct store_filter *filter, const char *name, struct domain_history *h,
                        const struct gathering *g, domain_readiness_fn *fn, void *user, struct err *e) {
  const struct readiness_limits *limits = &READINESS_LIMITS_DEFAULT;
  qsort(h->reports, h->count, sizeof *h->reports, by_begin);
  struct domain_readiness d = {.domain = name};
  d.window_end_s = newest_plausible_end(h, g->now_s);
  if (d.window_end_s == FEEDBACK_TIME_UNKNOWN) d.window_end_s = g->now_s;
  d.window_begin_s = d.window_end_s - (int64_t)(limits->window_days * UTC_DAY_S);
  set_policy(&d, h, g);
  set_breadth(&d, h);
  d.facts.report_age_days = d.window_end_s < g->now_s ? (double)(g->now_s - d.window_end_s) / UTC_DAY_S : 0;
  struct store_filter window = *filter;
  window.policy_domain = name;
  if (window.since_s < d.window_begin_s) window.since_s = d.window_begin_s;
  if (window.until_s > d.window_end_s + 1) window.until_s = d.window_end_s + 1;
  _cleanup_arena_ struct arena *texts = arena_new(1024);
  struct sourcing sourcing = {&d, texts};
  int code = store_aggregate(s, &window, STORE_BY_SOURCE, on_source, &sourcing, e);
  if (code < 0) return code;
  d.result = readiness_judge(&d.facts, limits);
  return fn(user, &d, e);
}

static void clear(struct gathering *g) {
  for (uint32_t i = 0; i < g->domains.count; i++) {
    struct domain_history *d = hashmap_value_at(&g->domains, i);
    free(d->reports);
    hashmap_clear(&d->reporters);
  }
  hashmap_clear(&g->domains);
  hashmap_clear(&g->policies);
}

static int refuse_unknown(const struct gathering *g, struct err *e) {
  for (unsigned i = 0; i < g->wanted_count; i++)
    if (!hashmap_get(&g->domains, g->wanted[i], strlen(g->wanted[i]) + 1))
      return err_set(e, ERR_NOT_FOUND, "no report on %s is stored: 'dmarcctl summary' lists the domains there are",
                     g->wanted[i]);
  return 0;
}

int readiness_each(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                   int64_t now_s, domain_readiness_fn *fn, void *user, struct err *e) {
  struct gathering g = {.wanted = domains, .wanted_count = count, .now_s = now_s};
  hashmap_init(&g.domains, sizeof(struct domain_history));
  hashmap_init(&g.policies, sizeof(uint32_t));
  int code = store_each_report(s, filter, on_report, &g, e);
  if (!code) code = refuse_unknown(&g, e);
  for (uint32_t i = 0; i < g.domains.count && !code; i++)
    code =
        judge_domain(s, filter, hashmap_key_at(&g.domains, i, NULL), hashmap_value_at(&g.domains, i), &g, fn, user, e);
  clear(&g);
  return code;
}

/* --- tables --------------------------------------------------------------------------------------------------------
 */

static const char *const STATES[] = {[GATE_PASS] = "pass", [GATE_WARN] = "warn", [GATE_FAIL] = "FAIL"};

static const struct column GATE_ROWS[] = {
    {"name", NULL, COLUMN_TEXT, 0, NULL, 0},    {"figure", NULL, COLUMN_NUMBER, 0, NULL, 0},
    {"limit", NULL, COLUMN_NUMBER, 0, NULL, 0}, {"unit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", NULL, COLUMN_TEXT, 0, NULL, 0},   {"ok", NULL, COLUMN_YES_NO, 0, NULL, 0},
};
static const struct column SOURCE_ROWS[] = {
    {"source_ip", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"failed", NULL, COLUMN_COUNT, 0, NULL, 0},
};

/* clang-format off */
enum {
  DOMAIN, VERDICT, POLICY, NEXT_POLICY, RAW_PASS, RAW_LOWER, MESSAGES, DATA_DAYS, REPORTERS, NEWEST, POLICY_SINCE,
  WINDOW_BEGIN, REASON, GATES, FAILING_SOURCES, FAILING, COLUMNS_OF_READINESS
};
/* clang-format on */

static const struct column COLUMNS[COLUMNS_OF_READINESS] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [POLICY] = {"policy", NULL, COLUMN_TEXT, 0, NULL, 0},
    [NEXT_POLICY] = {"next_policy", "next", COLUMN_TEXT, 0, NULL, 0},
    [RAW_PASS] = {"raw_pass_rate", "pass rate", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [RAW_LOWER] = {"raw_pass_lower", "at least", COLUMN_SHARE, COLUMN_DETAIL, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [DATA_DAYS] = {"data_days", "days", COLUMN_COUNT, 0, NULL, 0},
    [REPORTERS] = {"reporters", NULL, COLUMN_COUNT, 0, NULL, 0},
    [NEWEST] = {"window_end", "newest", COLUMN_DAY, 0, NULL, 0},
    [POLICY_SINCE] = {"policy_since", "policy since", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [WINDOW_BEGIN] = {"window_begin", NULL, COLUMN_DAY, COLUMN_DATA, NULL, 0},
    [REASON] = {"reason", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [GATES] = {"gates", NULL, COLUMN_ROWS, COLUMN_DATA, GATE_ROWS, ARRAY_SIZE(GATE_ROWS)},
    [FAILING_SOURCES] = {"failing_sources", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [FAILING] = {"largest_failing", NULL, COLUMN_ROWS, COLUMN_DATA, SOURCE_ROWS, ARRAY_SIZE(SOURCE_ROWS)},
};
static const struct table TABLE = {"dmarcctl.readiness",
                                   1,
                                   NULL,
                                   "No domain is stored that matches. 'dmarcctl import SOURCE...' brings reports in.",
                                   COLUMNS,
                                   COLUMNS_OF_READINESS};

static const char *policy_word(enum readiness_policy policy) {
  static const char *const WORDS[] = {NULL, "none", "quarantine", "reject"};
  return WORDS[policy];
}

static const char *source_text(const struct failing_source *s, char *buffer) {
  return s->network.base.size ? ip_format(&s->network.base, buffer) : s->text;
}

static int push_domain(void *user, const struct domain_readiness *d, struct err *e) {
  struct table_sink *sink = user;
  const struct readiness *r = &d->result;
  struct cell gates[READINESS_GATES][ARRAY_SIZE(GATE_ROWS)];
  struct cell sources[READINESS_SOURCES][ARRAY_SIZE(SOURCE_ROWS)];
  char addresses[READINESS_SOURCES][IP_TEXT_BYTES];
  for (int i = 0; i < READINESS_GATES; i++) {
    const struct gate *g = &r->gates[i];
    const struct cell cells[] = {cell_text(g->name), cell_number(g->figure),      cell_number(g->limit),
                                 cell_text(g->unit), cell_text(STATES[g->state]), cell_yes(g->state != GATE_FAIL)};
    memcpy(gates[i], cells, sizeof cells);
  }
  for (unsigned i = 0; i < d->source_count; i++) {
    const struct failing_source *s = &d->sources[i];
    const struct cell cells[] = {cell_text(source_text(s, addresses[i])), cell_count(s->messages),
                                 cell_count(s->failed)};
    memcpy(sources[i], cells, sizeof cells);
  }
  const struct cell cells[COLUMNS_OF_READINESS] = {
      [DOMAIN] = cell_text(d->domain),
      [VERDICT] = cell_text(verdict_word(r->verdict)),
      [POLICY] = cell_text(d->p),
      [NEXT_POLICY] = cell_text(policy_word(r->next)),
      [RAW_PASS] = cell_share((double)d->facts.passed, (double)d->facts.messages),
      [RAW_LOWER] = d->facts.messages ? cell_number(r->pass_lower) : cell_absent(),
      [MESSAGES] = cell_count(d->facts.messages),
      [DATA_DAYS] = cell_count(d->facts.data_days),
      [REPORTERS] = cell_count(d->facts.reporters),
      [NEWEST] = cell_last_day(d->window_begin_s, d->window_end_s),
      [POLICY_SINCE] = cell_time(d->policy_since_s),
      [WINDOW_BEGIN] = cell_time(d->window_begin_s),
      [REASON] = cell_text(r->reason),
      [GATES] = {.present = true, .rows = {gates[0], READINESS_GATES}},
      [FAILING_SOURCES] = cell_count((int64_t)d->failing_sources),
      [FAILING] = {.present = true, .rows = {sources[0], d->source_count}},
  };
  return sink->row(sink, cells, e);
}

int question_readiness(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                       int64_t now_s, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = readiness_each(s, filter, domains, count, now_s, push_domain, sink, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

static const struct column GATE_COLUMNS[] = {
    {"gate", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"figure", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"limit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", "", COLUMN_TEXT, 0, NULL, 0},
};
static const struct table GATE_TABLE = {"dmarcctl.gates", 1, NULL, NULL, GATE_COLUMNS, ARRAY_SIZE(GATE_COLUMNS)};

/* "21 days", "98.4 %"; a figure is cut, not rounded up over its limit. */
static void figure_text(char *buffer, size_t size, double figure, const char *unit) {
  if (!strcmp(unit, "%"))
    snprintf(buffer, size, "%.1f %%", (double)(int64_t)(figure * 10) / 10);
  else
    snprintf(buffer, size, "%lld %s", (long long)figure, unit);
}

int readiness_push_gates(const struct domain_readiness *d, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &GATE_TABLE, e);
  for (int i = 0; i < READINESS_GATES && !code; i++) {
    const struct gate *g = &d->result.gates[i];
    char figure[48], limit[48], bound[64];
    figure_text(figure, sizeof figure, g->figure, g->unit);
    figure_text(limit, sizeof limit, g->limit, g->unit);
    snprintf(bound, sizeof bound, "%s %s", g->at_most ? "at most" : "at least", limit);
    const struct cell cells[] = {cell_text(g->title), cell_text(figure), cell_text(bound), cell_text(STATES[g->state])};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

static const struct column FAILING_COLUMNS[] = {
    {"source_ip", "source", COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"failed", "fails DMARC", COLUMN_COUNT, 0, NULL, 0},
    {"messages", "of messages", COLUMN_COUNT, 0, NULL, 0},
};
static const struct table FAILING_TABLE = {"dmarcctl.failing",         1, NULL, NULL, FAILING_COLUMNS,
                                           ARRAY_SIZE(FAILING_COLUMNS)};

int readiness_push_sources(const struct domain_readiness *d, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &FAILING_TABLE, e);
  for (unsigned i = 0; i < d->source_count && !code; i++) {
    const struct failing_source *s = &d->sources[i];
    char address[IP_TEXT_BYTES];
    const struct cell cells[] = {cell_text(source_text(s, address)), cell_count(s->failed), cell_count(s->messages)};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}
