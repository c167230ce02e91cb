/* SPDX-License-Identifier: Apache-2.0 */
/* summary by From: domain: whose mail it is where many write under one policy domain, as the customers of a host do. */
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/reporter.h"
#include "report/pass_share.h"
#include "report/sides.h"

/* clang-format off */
enum {
  FROM, DOMAIN, MESSAGES, PASS_SHARE, PASS, FAIL, UNEVALUATED, QUARANTINED, REJECTED, REPORTERS, REPORTS, RECORDS, UNCOUNTED,
  FIRST_DAY, LAST_DAY, COLUMNS_OF_FROMS
};
static const struct column COLUMNS[COLUMNS_OF_FROMS] = {
    [FROM] = {"header_from", "From:", COLUMN_TEXT, COLUMN_KEY},
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [PASS] = {"pass", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FAIL] = {"fail", NULL, COLUMN_COUNT, 0},
    [UNEVALUATED] = {"unevaluated", NULL, COLUMN_COUNT, COLUMN_DATA},
    [QUARANTINED] = {"quarantine", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [REJECTED] = {"reject", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [REPORTERS] = {"reporters", NULL, COLUMN_COUNT, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [UNCOUNTED] = {"uncounted_records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FIRST_DAY] = {"first_day", "from", COLUMN_DAY, COLUMN_DETAIL},
    [LAST_DAY] = {"last_day", "to", COLUMN_DAY, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.froms",
                                   1,
                                   NULL,
                                   "No mail is stored that matches. 'dmarcctl import SOURCE...' brings reports in.",
                                   COLUMNS,
                                   COLUMNS_OF_FROMS};

struct from {
  const char *name, *domain; /* NULL where the reports do not say */
  struct group_tally sum;
  int64_t reporters;
};

struct froms {
  struct hashmap by_name;   /* domain, From: -> struct from */
  struct hashmap reporters; /* the same with a reporter: those that were met */
  struct arena *names;
};

static void add_part(struct strbuf *key, const char *text) {
  if (text) strbuf_add_text(key, text);
  strbuf_add_char(key, text ? '\n' : '\t');
}

static int on_group(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  struct froms *f = user;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  bool is_new;
  if (!g->tally.mail.records) return 0; /* a report without mail names nobody in From: */
  add_part(&key, g->policy_domain);
  add_part(&key, g->header_from);
  struct from *from = hashmap_put(&f->by_name, key.data, key.length, &is_new);
  if (is_new)
    *from = (struct from){.name = arena_strdup(f->names, g->header_from),
                          .domain = arena_strdup(f->names, g->policy_domain),
                          .sum = GROUP_TALLY_EMPTY};
  group_tally_merge(&from->sum, &g->tally); /* a report has one reporter: it is in one of these groups */
  reporter_add_key(&key, g->reporter);
  hashmap_put(&f->reporters, key.data, key.length, &is_new);
  from->reporters += is_new;
  return 0;
}

static int push_from(const struct from *f, struct table_sink *sink, struct err *e) {
  const struct tally *t = &f->sum.mail;
  const struct cell cells[COLUMNS_OF_FROMS] = {
      [FROM] = cell_text(f->name),
      [DOMAIN] = cell_text(f->domain),
      [MESSAGES] = cell_count(t->messages),
      [PASS_SHARE] = pass_share(t),
      [PASS] = cell_count(tally_passed(t)),
      [FAIL] = cell_count(t->outcomes[PASSED_NEITHER]),
      [UNEVALUATED] = cell_count(t->outcomes[NOT_EVALUATED]),
      [QUARANTINED] = cell_count(t->dispositions[DISPOSED_QUARANTINE]),
      [REJECTED] = cell_count(t->dispositions[DISPOSED_REJECT]),
      [REPORTERS] = cell_count(f->reporters),
      [REPORTS] = cell_count((int64_t)f->sum.reports),
      [RECORDS] = cell_count((int64_t)t->records),
      [UNCOUNTED] = cell_count((int64_t)f->sum.uncounted),
      [FIRST_DAY] = cell_time(t->first_s),
      [LAST_DAY] = cell_last_day(t->first_s, t->last_s),
  };
  return sink->row(sink, cells, e);
}

int question_froms(const struct question *q, struct table_sink *sink, struct err *e) {
  struct froms f = {.names = arena_new(4096)};
  hashmap_init(&f.by_name, sizeof(struct from));
  hashmap_init(&f.reporters, 0);
  int code = sink->begin(sink, &TABLE, e);
  if (!code)
    code = store_aggregate(q->of.store, q->of.filter, STORE_BY_POLICY_DOMAIN | STORE_BY_HEADER_FROM | STORE_BY_REPORTER,
                           on_group, &f, e);
  for (uint32_t i = 0; i < f.by_name.count && !code; i++) code = push_from(hashmap_value_at(&f.by_name, i), sink, e);
  if (!code) code = sink->end(sink, e);
  hashmap_clear(&f.by_name);
  hashmap_clear(&f.reporters);
  arena_free(f.names);
  return code;
}
