/* SPDX-License-Identifier: Apache-2.0 */
/* days: the mail of a judged domain over time, one row a day or a week. */
#include <string.h>

#include "analysis/domain_mail.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/sections.h"
#include "table/chart.h"

_Static_assert(DOMAIN_MAIL_MOST_STEPS == CHART_MOST_BARS, "a chart draws each step");
_Static_assert(MAIL_FORGED + 1 == CHART_INKS, "a chart draws all that is not rare");

/* clang-format off */
enum { DAY, FIRST_COUNT };
enum { COLUMNS_OF_WHOSE = FIRST_COUNT + MAIL_WHOSE + 2 };
static const struct column WHOSE_COLUMNS[COLUMNS_OF_WHOSE] = {
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [FIRST_COUNT + MAIL_OWN_PASSING] = {"own_passing", "yours, passes", COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_OWN_FAILING] = {"own_failing", "yours, fails", COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_PASSED_ON] = {"passed_on", "passed on by others", COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_UNDECIDED] = {"undecided", NULL, COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_FORGED] = {"forged", NULL, COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_OWN_UNTOLD] = {"own_unevaluated", "yours, not evaluated", COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_IGNORED] = {"ignored", NULL, COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_WHOSE] = {"messages", "all", COLUMN_COUNT, 0},
    [FIRST_COUNT + MAIL_WHOSE + 1] = {CHART_PARTIAL, "counted", COLUMN_TEXT, 0},
};
enum { COLUMNS_OF_OWN = FIRST_COUNT + RECORD_OUTCOMES + 2 };
static const struct column OWN_COLUMNS[COLUMNS_OF_OWN] = {
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [FIRST_COUNT + PASSED_BOTH] = {"pass_both", "DKIM and SPF pass", COLUMN_COUNT, 0},
    [FIRST_COUNT + PASSED_DKIM] = {"pass_dkim_only", "DKIM alone", COLUMN_COUNT, 0},
    [FIRST_COUNT + PASSED_SPF] = {"pass_spf_only", "SPF alone", COLUMN_COUNT, 0},
    [FIRST_COUNT + PASSED_NEITHER] = {"pass_none", "fails", COLUMN_COUNT, 0},
    [FIRST_COUNT + NOT_EVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, 0},
    [FIRST_COUNT + RECORD_OUTCOMES] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [FIRST_COUNT + RECORD_OUTCOMES + 1] = {CHART_PARTIAL, "counted", COLUMN_TEXT, 0},
};
/* clang-format on */
#define MOST_COUNTS (MAIL_WHOSE > RECORD_OUTCOMES ? MAIL_WHOSE : RECORD_OUTCOMES)

/* Counts over time: those of a day, how many, and the cell that sums them up. */
struct listing {
  const struct domain_mail *mail;
  struct table_sink *sink;
  const int64_t *(*of)(const struct mail_day *day);
  unsigned count;
  struct cell (*sum)(const int64_t *counts);
};

static const int64_t *whose_of(const struct mail_day *day) { return day->whose; }
static const int64_t *own_of(const struct mail_day *day) { return day->own; }

static struct cell all_of(const int64_t *counts) {
  int64_t sum = 0;
  for (int i = 0; i < MAIL_WHOSE; i++) sum += counts[i];
  return cell_count(sum);
}

static struct cell passing_of(const int64_t *n) {
  const double passed = (double)n[PASSED_BOTH] + (double)n[PASSED_DKIM] + (double)n[PASSED_SPF];
  return cell_share(passed, passed + (double)n[PASSED_NEITHER]);
}

struct step {
  int64_t begin_s, counts[MOST_COUNTS];
};

/* What of the step lies before the first day with mail, or behind the last one that is counted, is not in its figures.
 */
static bool is_partial(const struct domain_mail *m, int64_t begin_s) {
  const int64_t first_s = utc_later(m->chart_begin_s, utc_from_day(m->days[0].day));
  return begin_s < first_s || begin_s + m->step_s > m->end_s;
}

static int push_step(const struct listing *l, const struct step *s, struct err *e) {
  struct cell cells[FIRST_COUNT + MOST_COUNTS + 2];
  cells[DAY] = cell_time(s->begin_s);
  for (unsigned i = 0; i < l->count; i++) cells[FIRST_COUNT + i] = cell_count(s->counts[i]);
  cells[FIRST_COUNT + l->count] = l->sum(s->counts);
  cells[FIRST_COUNT + l->count + 1] = cell_text(is_partial(l->mail, s->begin_s) ? "in part" : NULL);
  return l->sink->row(l->sink, cells, e);
}

static int64_t step_of(const struct domain_mail *m, int32_t day) {
  int64_t begin_s = utc_from_day(day);
  return m->step_s == UTC_WEEK_S ? utc_week_begin(begin_s) : begin_s;
}

static int push_steps(const struct listing *l, struct err *e) {
  const struct domain_mail *m = l->mail;
  struct step step = {0};
  for (uint32_t i = 0; i < m->day_count; i++) {
    const struct mail_day *day = &m->days[i];
    int64_t begin_s = step_of(m, day->day);
    int code = i && begin_s != step.begin_s ? push_step(l, &step, e) : 0;
    if (code < 0) return code;
    if (!i || begin_s != step.begin_s) step = (struct step){.begin_s = begin_s};
    for (unsigned k = 0; k < l->count; k++) step.counts[k] += l->of(day)[k];
  }
  return m->day_count ? push_step(l, &step, e) : 0;
}

/* What is rare, and there is none of, gets no column: one that is 0 everywhere says nothing. */
static bool has_any(const struct listing *l, unsigned count) {
  for (uint32_t i = 0; i < l->mail->day_count; i++)
    if (l->of(&l->mail->days[i])[count] > 0) return true;
  return false;
}

static bool has_partial(const struct domain_mail *m) {
  for (uint32_t i = 0; i < m->day_count; i++)
    if (is_partial(m, step_of(m, m->days[i].day))) return true;
  return false;
}

static int push_table(const struct listing *l, struct column *columns, unsigned rare, struct err *e) {
  if (l->mail->step_s == UTC_WEEK_S) {
    columns[DAY].key = "week";
    columns[DAY].title = "week from";
  }
  for (unsigned i = rare; i < l->count; i++)
    if (!has_any(l, i)) columns[FIRST_COUNT + i].flags |= COLUMN_DATA;
  if (!has_partial(l->mail)) columns[FIRST_COUNT + l->count + 1].flags |= COLUMN_DATA;
  const struct table table = {"dmarcctl.days", 1, NULL, "No mail in this period.", columns, FIRST_COUNT + l->count + 2};
  int code = l->sink->begin(l->sink, &table, e);
  if (!code) code = push_steps(l, e);
  return code < 0 ? code : l->sink->end(l->sink, e);
}

int days_push_whose(const struct domain_mail *m, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_WHOSE];
  memcpy(columns, WHOSE_COLUMNS, sizeof columns);
  return push_table(&(struct listing){m, sink, whose_of, MAIL_WHOSE, all_of}, columns, MAIL_OWN_UNTOLD, e);
}

int days_push_own(const struct domain_mail *m, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_OWN];
  memcpy(columns, OWN_COLUMNS, sizeof columns);
  return push_table(&(struct listing){m, sink, own_of, RECORD_OUTCOMES, passing_of}, columns, NOT_EVALUATED, e);
}
