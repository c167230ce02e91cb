/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up the records of a judged domain by stream and by day. */
#include "analysis/domain_mail.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/period.h"
#include "base/cleanup.h"
#include "base/report_days.h"
#include "base/utc.h"

/* --- which days --------------------------------------------------------------------------------------------------- */

static void choose_period(struct domain_mail *m, const struct report_filter *filter) {
  struct period p = period_asked(filter, m->judgement);
  m->begin_s = m->chart_begin_s = p.begin_s;
  m->end_s = p.end_s;
  if (!period_is_given(filter)) m->chart_begin_s = utc_earlier(p.begin_s, p.end_s - DOMAIN_MAIL_DAYS * UTC_DAY_S);
}

/* A report of a clock in 1970 must not make the chart so long. */
static void bound_chart(struct domain_mail *m) {
  m->chart_begin_s =
      utc_later(m->chart_begin_s, utc_week_begin(m->end_s - 1) - (DOMAIN_MAIL_MOST_STEPS - 1) * (int64_t)UTC_WEEK_S);
}

/* --- whose mail --------------------------------------------------------------------------------------------------- */

static enum mail_whose own_mail(enum outcome outcome) {
  if (outcome == NOT_EVALUATED) return MAIL_OWN_UNTOLD;
  return outcome == PASSED_NEITHER ? MAIL_OWN_FAILING : MAIL_OWN_PASSING;
}

enum mail_whose mail_whose_of(enum stream_class class, enum outcome outcome) {
  switch (class) {
    case CLASS_OWN:
    case CLASS_OWN_BROKEN:
    case CLASS_LEGITIMATE:
      return own_mail(outcome);
    case CLASS_FORWARDER:
    case CLASS_FORWARDER_MODIFIED:
      return MAIL_PASSED_ON;
    case CLASS_UNDECIDED:
      return MAIL_UNDECIDED;
    case CLASS_SUSPICIOUS:
    case CLASS_UNAUTHORISED:
      return MAIL_FORGED;
    case CLASS_IGNORED:
      break;
  }
  return MAIL_IGNORED;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* Reports come by their begin, so a day is among the last ones. */
static struct mail_day *find_day(struct domain_mail *m, int32_t day) {
  uint32_t at = m->day_count;
  while (at && m->days[at - 1].day > day) at--;
  if (at && m->days[at - 1].day == day) return &m->days[at - 1];
  MEM_GROW(m->days, m->day_capacity, m->day_count);
  memmove(&m->days[at + 1], &m->days[at], (m->day_count++ - at) * sizeof *m->days);
  m->days[at] = (struct mail_day){.day = day};
  return &m->days[at];
}

static void add_day(struct domain_mail *m, const struct judged_mail *mail, const struct tally_terms *terms, int32_t day,
                    int64_t messages) {
  struct mail_day *d = find_day(m, day);
  d->whose[mail_whose_of(mail->stream->class, terms->outcome)] += messages;
  if (stream_is_own(mail->stream)) d->own[terms->outcome] += messages;
}

/* What of a record comes on the days [from, to) of its report, as summary and sources count it. */
static void tally(struct domain_mail *m, const struct judged_mail *mail, const struct tally_terms *terms,
                  const struct report_days *days, uint32_t from, uint32_t to) {
  int64_t count = mail->count > 0 ? mail->count : 1; /* one says where a record is of which nothing is known */
  int64_t share = report_days_share(days, from, to, count, mail->record);
  if (!share) return;
  struct tally *t = &m->tallies[mail->stream - m->history->streams];
  tally_add(t, terms, 1, mail->count > 0 ? share : 0);
  tally_add_period(t, report_days_begin(days, from),
                   to < days->count ? report_days_begin(days, to) - 1 : mail->report->end_s);
}

static void read_pattern(struct mail_fold *fold, const struct judged_mail *mail, const struct feedback_record *r,
                         void *ret) {
  (void)fold, (void)mail;
  *(struct tally_terms *)ret = tally_terms_of(r);
}

static void add(struct mail_fold *fold, const struct judged_mail *mail, const void *pattern) {
  struct domain_mail *m = (struct domain_mail *)fold;
  const struct tally_terms *terms = pattern;
  const struct report_days days = report_days_of(mail->report->begin_s, mail->report->end_s);
  uint32_t from = days.count, to = 0; /* within the period */
  m->has_long_reports |= days.count > 1;
  for (uint32_t i = 0; i < days.count; i++) {
    int64_t begin_s = report_days_begin(&days, i);
    if (begin_s >= m->end_s) break;
    if (begin_s >= m->begin_s && from == days.count) from = i;
    to = i + 1;
    if (begin_s < m->chart_begin_s) continue;
    int64_t share = report_days_share(&days, i, i + 1, mail->count, mail->record);
    if (share || days.count == 1) add_day(m, mail, terms, utc_day_of(begin_s), share);
  }
  if (from < to) tally(m, mail, terms, &days, from, to);
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

static void fold_free(struct mail_fold *fold) {
  struct domain_mail *m = (struct domain_mail *)fold;
  free(m->tallies);
  free(m->days);
  free(m);
}

struct domain_mail *domain_mail_new(const struct report_filter *filter, const struct history *h,
                                    const struct judgement *j) {
  struct domain_mail *m = mem_alloc(sizeof *m);
  *m = (struct domain_mail){.fold = {.pattern_bytes = sizeof(struct tally_terms),
                                     .read_pattern = read_pattern,
                                     .add = add,
                                     .free = fold_free},
                            .history = h,
                            .judgement = j,
                            .step_s = UTC_DAY_S};
  choose_period(m, filter);
  bound_chart(m);
  m->tallies = mem_zalloc((h->stream_count + 1) * sizeof *m->tallies);
  for (uint32_t i = 0; i < h->stream_count; i++) m->tallies[i] = (struct tally)TALLY_EMPTY;
  return m;
}

void domain_mail_end(struct domain_mail *m) {
  if (!m->day_count) return;
  if (m->begin_s == FILTER_OPEN_BEGIN) m->begin_s = utc_from_day(m->days[0].day);
  if (m->days[m->day_count - 1].day - m->days[0].day >= DOMAIN_MAIL_MOST_STEPS) m->step_s = UTC_WEEK_S;
}
