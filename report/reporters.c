/* SPDX-License-Identifier: Apache-2.0 */
/* reporters: one row a reporting organization: how much, how reliable. */
#include "report/sides.h"

#include "report/pass_share.h"

/* clang-format off */
enum {
  REPORTER, R_MESSAGES, R_PASS_SHARE, R_REPORTS, R_RECORDS, DAMAGED, R_UNEVALUATED, R_UNCOUNTED, DKIM_DISAGREE, SPF_DISAGREE,
  DISAGREE_SHARE, DOMAINS, R_FIRST_DAY, R_LAST_DAY, COLUMNS_OF_REPORTERS
};
/* clang-format on */

static const struct column REPORTER_COLUMNS[COLUMNS_OF_REPORTERS] = {
    [REPORTER] = {"reporter", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    [R_MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [R_PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [R_REPORTS] = {"reports", NULL, COLUMN_COUNT, 0},
    [R_RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DAMAGED] = {"damaged_reports", "damaged", COLUMN_COUNT, 0},
    [R_UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, COLUMN_DETAIL},
    [R_UNCOUNTED] = {"uncounted_records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DKIM_DISAGREE] = {"dkim_disagree", "DKIM differs", COLUMN_COUNT, COLUMN_DETAIL},
    [SPF_DISAGREE] = {"spf_disagree", "SPF differs", COLUMN_COUNT, COLUMN_DETAIL},
    [DISAGREE_SHARE] = {"disagree_share", "differs", COLUMN_SHARE, 0},
    [DOMAINS] = {"domains", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [R_FIRST_DAY] = {"first_day", "from", COLUMN_DAY, COLUMN_DETAIL},
    [R_LAST_DAY] = {"last_day", "to", COLUMN_DAY, 0},
};
static const struct table REPORTERS_TABLE = {
    "dmarcctl.reporters", 1, NULL, "No report matches. 'dmarcctl summary' shows what is stored.", REPORTER_COLUMNS,
    COLUMNS_OF_REPORTERS};

static void fill_reporter(const char *name, const struct side *s, struct cell *c) {
  int64_t most = s->sum.dkim_disagree > s->sum.spf_disagree ? s->sum.dkim_disagree : s->sum.spf_disagree;
  c[REPORTER] = cell_word(name);
  c[R_MESSAGES] = cell_count(s->sum.mail.messages);
  c[R_PASS_SHARE] = pass_share(&s->sum.mail);
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

int question_reporters(const struct question *q, struct table_sink *sink, struct err *e) {
  return sides_push(q, false, &REPORTERS_TABLE, fill_reporter, sink, e);
}
