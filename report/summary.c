/* SPDX-License-Identifier: Apache-2.0 */
/* summary: one row a policy domain. */
#include "report/sides.h"

#include "report/pass_share.h"

/* clang-format off */
enum {
  DOMAIN, MESSAGES, PASS_SHARE, PASS, FAIL, UNEVALUATED, POLICY, SUBDOMAIN_POLICY, TESTING, PCT, REPORTERS, REPORTS, RECORDS,
  UNCOUNTED, FIRST_DAY, LAST_DAY, COLUMNS_OF_SUMMARY
};
/* clang-format on */

static const struct column SUMMARY_COLUMNS[COLUMNS_OF_SUMMARY] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [PASS] = {"pass", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FAIL] = {"fail", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [UNEVALUATED] = {"unevaluated", NULL, COLUMN_COUNT, COLUMN_DATA},
    [POLICY] = {"p", "policy", COLUMN_TEXT, 0},
    [SUBDOMAIN_POLICY] = {"sp", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [TESTING] = {"testing", NULL, COLUMN_TEXT, COLUMN_DATA},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_DATA | COLUMN_MIXED},
    [REPORTERS] = {"reporters", NULL, COLUMN_COUNT, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, 0},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [UNCOUNTED] = {"uncounted_records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FIRST_DAY] = {"first_day", "from", COLUMN_DAY, COLUMN_DETAIL},
    [LAST_DAY] = {"last_day", "to", COLUMN_DAY, 0},
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
  c[PASS_SHARE] = pass_share(&s->sum.mail);
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

int question_summary(const struct question *q, struct table_sink *sink, struct err *e) {
  return sides_push(q, true, &SUMMARY, fill_summary, sink, e);
}
