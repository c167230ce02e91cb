/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up the records of a judged domain by stream and by day. */
#include "report/domain_mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "table/chart.h"

/* --- which days --------------------------------------------------------------------------------------------------- */

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static void choose_period(struct domain_mail *m, const struct report_filter *filter) {
  const struct judgement *j = m->judgement;
  bool given = filter->since_s != FILTER_OPEN_BEGIN || filter->until_s != FILTER_OPEN_END;
  m->begin_s = j->window_begin_s;
  m->end_s = j->window_end_s;
  m->chart_begin_s = m->end_s - DOMAIN_MAIL_DAYS * UTC_DAY_S;
  if (m->begin_s < m->chart_begin_s) m->chart_begin_s = m->begin_s;
  if (!given) return;
  if (filter->until_s < m->end_s) m->end_s = filter->until_s;
  m->begin_s = filter->since_s == FILTER_OPEN_BEGIN ? FILTER_OPEN_BEGIN : utc_day_begin(filter->since_s);
  m->chart_begin_s = m->begin_s;
}

/* A report of a clock in 1970 must not make the chart so long. */
static void bound_chart(struct domain_mail *m) {
  m->chart_begin_s =
      later(m->chart_begin_s, utc_week_begin(m->end_s - 1) - (CHART_MOST_BARS - 1) * (int64_t)UTC_WEEK_S);
}

void domain_mail_begin(struct domain_mail *m, const struct report_filter *filter, const struct history *h,
                       const struct judgement *j) {
  *m = (struct domain_mail){.history = h, .judgement = j, .step_s = UTC_DAY_S};
  choose_period(m, filter);
  bound_chart(m);
  m->tallies = mem_zalloc((h->stream_count + 1) * sizeof *m->tallies);
  for (uint32_t i = 0; i < h->stream_count; i++) m->tallies[i] = (struct tally)TALLY_EMPTY;
}

void domain_mail_clear(struct domain_mail *m) {
  free(m->tallies);
  free(m->days);
  free(m->patterns);
  *m = (struct domain_mail){0};
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void tally(struct domain_mail *m, const struct judged_mail *mail, const struct tally_terms *terms) {
  struct tally *t = &m->tallies[mail->stream - m->history->streams];
  tally_add(t, terms, 1, mail->count);
  tally_add_period(t, mail->report->begin_s, mail->report->end_s);
}

static struct mail_day *find_day(struct domain_mail *m, int32_t day) {
  if (m->day_count && m->days[m->day_count - 1].day == day) return &m->days[m->day_count - 1];
  MEM_GROW(m->days, m->day_capacity, m->day_count);
  m->days[m->day_count] = (struct mail_day){.day = day};
  return &m->days[m->day_count++];
}

int domain_mail_take(void *user, const struct judged_mail *mail, struct err *e) {
  (void)e;
  struct domain_mail *m = user;
  if (mail->new_pattern) {
    MEM_GROW(m->patterns, m->pattern_capacity, mail->pattern);
    m->patterns[mail->pattern] = tally_terms_of(mail->new_pattern);
  }
  const struct tally_terms *terms = &m->patterns[mail->pattern];
  int64_t begin_s = utc_from_day(mail->day);
  if (begin_s >= m->end_s) return 0;
  if (begin_s >= m->begin_s) tally(m, mail, terms);
  if (begin_s < m->chart_begin_s) return 0;
  struct mail_day *day = find_day(m, mail->day);
  day->all[terms->outcome] += mail->count;
  if (stream_is_own(mail->stream)) day->own[terms->outcome] += mail->count;
  return 0;
}

void domain_mail_end(struct domain_mail *m) {
  if (!m->day_count) return;
  if (m->begin_s == FILTER_OPEN_BEGIN) m->begin_s = utc_from_day(m->days[0].day);
  if (m->days[m->day_count - 1].day - m->days[0].day >= CHART_MOST_BARS) m->step_s = UTC_WEEK_S;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum { DAY, BOTH, DKIM, SPF, NEITHER, UNEVALUATED, PASS_SHARE, COLUMNS_OF_DAYS };
static const struct column COLUMNS[COLUMNS_OF_DAYS] = {
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY, NULL, 0},
    [BOTH] = {"pass_both", "DKIM and SPF pass", COLUMN_COUNT, 0, NULL, 0},
    [DKIM] = {"pass_dkim_only", "DKIM alone", COLUMN_COUNT, 0, NULL, 0},
    [SPF] = {"pass_spf_only", "SPF alone", COLUMN_COUNT, 0, NULL, 0},
    [NEITHER] = {"pass_none", "fails", COLUMN_COUNT, 0, NULL, 0},
    [UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, 0, NULL, 0},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
};
/* clang-format on */

struct step {
  int64_t begin_s, counts[OUTCOMES];
};

static int push_step(const struct step *s, struct table_sink *sink, struct err *e) {
  const int64_t *n = s->counts;
  double passed = (double)n[PASSED_BOTH] + (double)n[PASSED_DKIM] + (double)n[PASSED_SPF];
  const struct cell cells[COLUMNS_OF_DAYS] = {
      [DAY] = cell_time(s->begin_s),
      [BOTH] = cell_count(n[PASSED_BOTH]),
      [DKIM] = cell_count(n[PASSED_DKIM]),
      [SPF] = cell_count(n[PASSED_SPF]),
      [NEITHER] = cell_count(n[PASSED_NEITHER]),
      [UNEVALUATED] = cell_count(n[NOT_EVALUATED]),
      [PASS_SHARE] = cell_share(passed, passed + (double)n[PASSED_NEITHER] + (double)n[NOT_EVALUATED]),
  };
  return sink->row(sink, cells, e);
}

static int64_t step_of(const struct domain_mail *m, int32_t day) {
  int64_t begin_s = utc_from_day(day);
  return m->step_s == UTC_WEEK_S ? utc_week_begin(begin_s) : begin_s;
}

static int push_steps(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e) {
  struct step step = {0};
  for (uint32_t i = 0; i < m->day_count; i++) {
    const struct mail_day *day = &m->days[i];
    int64_t begin_s = step_of(m, day->day);
    int code = i && begin_s != step.begin_s ? push_step(&step, sink, e) : 0;
    if (code < 0) return code;
    if (!i || begin_s != step.begin_s) step = (struct step){.begin_s = begin_s};
    for (int k = 0; k < OUTCOMES; k++) step.counts[k] += own ? day->own[k] : day->all[k];
  }
  return m->day_count ? push_step(&step, sink, e) : 0;
}

int domain_mail_push_days(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_DAYS];
  memcpy(columns, COLUMNS, sizeof COLUMNS);
  if (m->step_s == UTC_WEEK_S) {
    columns[DAY].key = "week";
    columns[DAY].title = "week from";
  }
  bool unevaluated = false; /* rare: a column that is 0 everywhere says nothing */
  for (uint32_t i = 0; i < m->day_count; i++) unevaluated |= (own ? m->days[i].own : m->days[i].all)[NOT_EVALUATED] > 0;
  if (!unevaluated) columns[UNEVALUATED].flags |= COLUMN_DATA;
  const struct table table = {"dmarcctl.days", 1, NULL, "No mail in this period.", columns, COLUMNS_OF_DAYS};
  int code = sink->begin(sink, &table, e);
  if (!code) code = push_steps(m, own, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}
