/* SPDX-License-Identifier: Apache-2.0 */
/* summary and reporters: the two sides of the reports, whom they are about and whom they are from. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "report/question.h"

/* What is known of a domain or a reporter over all its groups and reports. */
struct side {
  struct group_tally sum;
  uint64_t partners; /* reporters of a domain, domains of a reporter */
  uint64_t damaged;  /* reports */
  int64_t newest_s;  /* begin of the newest report */
  char p[16], sp[16], testing[4], pct[8];
};

struct sides {
  struct hashmap by_name; /* name -> struct side */
  bool of_domains;
};

/* NULL and the empty name are one: a report that does not say. */
static struct side *side_of(struct sides *s, const char *name, bool *ret_new) {
  if (!name) name = "";
  return hashmap_put(&s->by_name, name, strlen(name) + 1, ret_new);
}

static int on_group(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  struct sides *s = user;
  bool is_new;
  struct side *side = side_of(s, s->of_domains ? g->policy_domain : g->reporter, &is_new);
  if (is_new) {
    side->sum = (struct group_tally)GROUP_TALLY_EMPTY;
    side->newest_s = FEEDBACK_TIME_UNKNOWN;
  }
  side->partners++;
  group_tally_merge(&side->sum, &g->tally); /* a report has one domain and one reporter: it is in one group */
  return 0;
}

static void keep(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text ? text : ""); }

/* The policy is the newest report's; a side without mail that matches has no row and stays without one. */
static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct sides *s = user;
  const struct feedback_header *h = &r->header;
  const char *name = s->of_domains ? h->policy_domain : h->org_name;
  if (!name) name = "";
  struct side *side = hashmap_get(&s->by_name, name, strlen(name) + 1);
  if (!side) return 0;
  if (h->flags & FEEDBACK_DAMAGED) side->damaged++;
  if (h->begin_s < side->newest_s) return 0;
  side->newest_s = h->begin_s;
  keep(side->p, sizeof side->p, h->p);
  keep(side->sp, sizeof side->sp, h->sp);
  keep(side->testing, sizeof side->testing, h->testing);
  keep(side->pct, sizeof side->pct, h->pct);
  return 0;
}

static int gather(struct store *s, const struct report_filter *filter, struct sides *sides, struct err *e) {
  hashmap_init(&sides->by_name, sizeof(struct side));
  int code = store_aggregate(s, filter, STORE_BY_POLICY_DOMAIN | STORE_BY_REPORTER, on_group, sides, e);
  return code < 0 ? code : store_each_report(s, filter, on_report, sides, e);
}

static struct cell cell_word(const char *text) { return cell_text(*text ? text : NULL); }

static int push_all(struct sides *sides, struct table_sink *sink,
                    void (*fill)(const char *, const struct side *, struct cell *), struct cell *cells, struct err *e) {
  for (uint32_t i = 0; i < sides->by_name.count; i++) {
    fill(hashmap_key_at(&sides->by_name, i, NULL), hashmap_value_at(&sides->by_name, i), cells);
    int code = sink->row(sink, cells, e);
    if (code < 0) return code;
  }
  return 0;
}

static int ask(struct store *s, const struct report_filter *filter, bool of_domains, const struct table *table,
               void (*fill)(const char *, const struct side *, struct cell *), struct table_sink *sink, struct err *e) {
  struct sides sides = {.of_domains = of_domains};
  struct cell *cells = mem_zalloc(table->column_count * sizeof *cells);
  int code = sink->begin(sink, table, e);
  if (!code) code = gather(s, filter, &sides, e);
  if (!code) code = push_all(&sides, sink, fill, cells, e);
  if (!code) code = sink->end(sink, e);
  hashmap_clear(&sides.by_name);
  free(cells);
  return code;
}

/* --- summary ------------------------------------------------------------------------------------------------------ */

/* clang-format off */
enum {
  DOMAIN, MESSAGES, PASS_SHARE, PASS, FAIL, UNEVALUATED, POLICY, SUBDOMAIN_POLICY, TESTING, PCT, REPORTERS, REPORTS, RECORDS,
  UNCOUNTED, FIRST_DAY, LAST_DAY, COLUMNS_OF_SUMMARY
};
/* clang-format on */

static const struct column SUMMARY_COLUMNS[COLUMNS_OF_SUMMARY] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [PASS] = {"pass", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [FAIL] = {"fail", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [UNEVALUATED] = {"unevaluated", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [POLICY] = {"p", "policy", COLUMN_TEXT, 0, NULL, 0},
    [SUBDOMAIN_POLICY] = {"sp", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [TESTING] = {"testing", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_DATA | COLUMN_MIXED, NULL, 0},
    [REPORTERS] = {"reporters", NULL, COLUMN_COUNT, 0, NULL, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, 0, NULL, 0},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [UNCOUNTED] = {"uncounted_records", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [FIRST_DAY] = {"first_day", "from", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [LAST_DAY] = {"last_day", "to", COLUMN_DAY, 0, NULL, 0},
};
static const struct table SUMMARY = {"dmarcctl.summary",
                                     1,
                                     NULL,
                                     "Nothing is stored that matches. 'dmarcctl import SOURCE...' brings reports in.",
                                     SUMMARY_COLUMNS,
                                     COLUMNS_OF_SUMMARY};

static void fill_summary(const char *name, const struct side *s, struct cell *c) {
  c[DOMAIN] = cell_word(name);
  c[MESSAGES] = cell_count(s->sum.mail.messages);
  c[PASS_SHARE] = cell_share((double)tally_passed(&s->sum.mail), (double)s->sum.mail.messages);
  c[PASS] = cell_count(tally_passed(&s->sum.mail));
  c[FAIL] = cell_count(s->sum.mail.outcomes[PASSED_NEITHER]);
  c[UNEVALUATED] = cell_count(s->sum.mail.outcomes[NOT_EVALUATED]);
  c[POLICY] = cell_word(s->p);
  c[SUBDOMAIN_POLICY] = cell_word(s->sp);
  c[TESTING] = cell_word(s->testing);
  c[PCT] = cell_word(s->pct);
  c[REPORTERS] = cell_count((int64_t)s->partners);
  c[REPORTS] = cell_count((int64_t)s->sum.reports);
  c[RECORDS] = cell_count((int64_t)s->sum.mail.records);
  c[UNCOUNTED] = cell_count((int64_t)s->sum.uncounted);
  c[FIRST_DAY] = cell_time(s->sum.mail.first_s);
  c[LAST_DAY] = cell_last_day(s->sum.mail.first_s, s->sum.mail.last_s);
}

int question_summary(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e) {
  return ask(s, filter, true, &SUMMARY, fill_summary, sink, e);
}

/* --- reporters ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  REPORTER, R_MESSAGES, R_PASS_SHARE, R_REPORTS, R_RECORDS, DAMAGED, R_UNEVALUATED, R_UNCOUNTED, DKIM_DISAGREE, SPF_DISAGREE,
  DISAGREE_SHARE, DOMAINS, R_FIRST_DAY, R_LAST_DAY, COLUMNS_OF_REPORTERS
};
/* clang-format on */

static const struct column REPORTER_COLUMNS[COLUMNS_OF_REPORTERS] = {
    [REPORTER] = {"reporter", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP, NULL, 0},
    [R_MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [R_PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [R_REPORTS] = {"reports", NULL, COLUMN_COUNT, 0, NULL, 0},
    [R_RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [DAMAGED] = {"damaged_reports", "damaged", COLUMN_COUNT, 0, NULL, 0},
    [R_UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [R_UNCOUNTED] = {"uncounted_records", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [DKIM_DISAGREE] = {"dkim_disagree", "DKIM differs", COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [SPF_DISAGREE] = {"spf_disagree", "SPF differs", COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [DISAGREE_SHARE] = {"disagree_share", "differs", COLUMN_SHARE, 0, NULL, 0},
    [DOMAINS] = {"domains", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [R_FIRST_DAY] = {"first_day", "from", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [R_LAST_DAY] = {"last_day", "to", COLUMN_DAY, 0, NULL, 0},
};
static const struct table REPORTERS_TABLE = {
    "dmarcctl.reporters", 1, NULL, "No report matches. 'dmarcctl summary' shows what is stored.", REPORTER_COLUMNS,
    COLUMNS_OF_REPORTERS};

static void fill_reporter(const char *name, const struct side *s, struct cell *c) {
  int64_t most = s->sum.dkim_disagree > s->sum.spf_disagree ? s->sum.dkim_disagree : s->sum.spf_disagree;
  c[REPORTER] = cell_word(name);
  c[R_MESSAGES] = cell_count(s->sum.mail.messages);
  c[R_PASS_SHARE] = cell_share((double)tally_passed(&s->sum.mail), (double)s->sum.mail.messages);
  c[R_REPORTS] = cell_count((int64_t)s->sum.reports);
  c[R_RECORDS] = cell_count((int64_t)s->sum.mail.records);
  c[DAMAGED] = cell_count((int64_t)s->damaged);
  c[R_UNEVALUATED] = cell_count(s->sum.mail.outcomes[NOT_EVALUATED]);
  c[R_UNCOUNTED] = cell_count((int64_t)s->sum.uncounted);
  c[DKIM_DISAGREE] = cell_count(s->sum.dkim_disagree);
  c[SPF_DISAGREE] = cell_count(s->sum.spf_disagree);
  c[DISAGREE_SHARE] = cell_share((double)most, (double)s->sum.mail.messages);
  c[DOMAINS] = cell_count((int64_t)s->partners);
  c[R_FIRST_DAY] = cell_time(s->sum.mail.first_s);
  c[R_LAST_DAY] = cell_last_day(s->sum.mail.first_s, s->sum.mail.last_s);
}

int question_reporters(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e) {
  return ask(s, filter, false, &REPORTERS_TABLE, fill_reporter, sink, e);
}
