/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a history day by day, each time without the reports of later days. */
#include "analysis/backtest.h"

#include <stdlib.h>

#include "analysis/past.h"
#include "base/cleanup.h"
#include "base/utc.h"

const char *backtest_outcome_word(enum backtest_outcome o) {
  static const char *const WORDS[BACKTEST_OUTCOMES] = {"right", "needlessly_held", "wrong", "undecided", "open"};
  return WORDS[o];
}

/* --- what became of the mail ---------------------------------------------------------------------------------------- */

struct mail {
  int64_t own, lost, undecided;
};

/* Of the domain and what p governs below it, and of the domain alone, where sp differs; up to the end of each day. */
enum { WITH_SUBDOMAINS, DOMAIN_ALONE, SCOPES };

struct hindsight {
  int32_t first_day, last_day;
  struct mail *sums[SCOPES]; /* of all days before one: last_day - first_day + 2 of them */
};

/* What the receivers could not check is in no gate either: nobody knows what would become of it. */
static void add_day(struct mail *m, const struct stream *s, const struct stream_day *d) {
  const int64_t judged = stream_day_judged(d);
  if (stream_is_own(s)) {
    m->own += judged;
    m->lost += judged - d->passed;
  } else if (s->class == CLASS_UNDECIDED) {
    m->undecided += stream_day_at_stake(d);
  }
}

static void look_back(const struct history *h, struct hindsight *x) {
  const size_t length = (size_t)(x->last_day - x->first_day) + 2;
  for (int scope = 0; scope < SCOPES; scope++) x->sums[scope] = mem_zalloc(length * sizeof(struct mail));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const bool is_domain = judgement_covers(&(struct judgement){.domain = h->domain, .scope = SCOPE_DOMAIN}, s);
    for (uint32_t k = 0; k < s->day_count; k++) {
      if (s->days[k].day < x->first_day || s->days[k].day > x->last_day) continue;
      const int32_t at = s->days[k].day - x->first_day + 1;
      add_day(&x->sums[WITH_SUBDOMAINS][at], s, &s->days[k]);
      if (is_domain) add_day(&x->sums[DOMAIN_ALONE][at], s, &s->days[k]);
    }
  }
  for (int scope = 0; scope < SCOPES; scope++)
    for (size_t i = 1; i < length; i++) {
      x->sums[scope][i].own += x->sums[scope][i - 1].own;
      x->sums[scope][i].lost += x->sums[scope][i - 1].lost;
      x->sums[scope][i].undecided += x->sums[scope][i - 1].undecided;
    }
}

static struct mail mail_after(const struct hindsight *x, enum scope scope, int32_t day) {
  const int which = scope == SCOPE_WHOLE ? WITH_SUBDOMAINS : DOMAIN_ALONE;
  const int32_t end = day + BACKTEST_AHEAD_DAYS < x->last_day ? day + BACKTEST_AHEAD_DAYS : x->last_day;
  const struct mail *before = &x->sums[which][day + 1 - x->first_day], *upto = &x->sums[which][end + 1 - x->first_day];
  return (struct mail){upto->own - before->own, upto->lost - before->lost, upto->undecided - before->undecided};
}

/* --- what was said -------------------------------------------------------------------------------------------------- */

static void draw_outcome(struct backtest_day *d, int32_t last_day) {
  const bool moves = d->verdict == VERDICT_READY || d->verdict == VERDICT_AT_TARGET;
  const bool keeps = (double)d->lost <= d->limit * (double)d->own;
  const bool keeps_at_worst = (double)(d->lost + d->undecided) <= d->limit * (double)(d->own + d->undecided);
  if (d->day + BACKTEST_AHEAD_DAYS > last_day)
    d->outcome = BACKTEST_OPEN;
  else if (keeps && !keeps_at_worst)
    d->outcome = BACKTEST_UNDECIDED;
  else if (moves)
    d->outcome = keeps ? BACKTEST_RIGHT : BACKTEST_WRONG;
  else
    d->outcome = keeps ? BACKTEST_NEEDLESS : BACKTEST_RIGHT;
}

/* False where nothing was known yet. */
static bool judge_day(const struct judgement_basis *basis, struct history *h, const struct hindsight *x, bool *left_out,
                      int32_t day, struct backtest_day *ret) {
  struct judgement j;
  past_leave_out(h, day, left_out);
  if (!past_judge(h, basis, left_out, day, &j)) return false;
  const struct mail after = mail_after(x, j.scope, day);
  const enum policy step = j.next != POLICY_UNKNOWN ? j.next : j.current;
  *ret = (struct backtest_day){
      .day = day,
      .verdict = j.verdict,
      .step = step,
      .own = after.own,
      .lost = after.lost,
      .undecided = after.undecided,
      .limit = 1 - basis->thresholds->own_lower[step == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT]};
  draw_outcome(ret, x->last_day);
  return true;
}

struct backtesting {
  const struct judgement_basis *basis;
  backtest_fn *fn;
  void *user;
};

static void count_day(struct backtest *b, const struct backtest_day *d) {
  b->outcomes[d->outcome]++;
  if (d->outcome == BACKTEST_NEEDLESS && d->verdict == VERDICT_INSUFFICIENT_DATA) b->needless_for_data++;
}

static int on_domain(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct backtesting *x = user;
  struct hindsight hindsight = {.last_day = utc_day_of(j->window_end_s - 1)};
  struct backtest b = {.domain = h->domain};
  if (!h->report_count) return 0;
  hindsight.first_day = past_first_day(h, x->basis->thresholds, hindsight.last_day);
  look_back(h, &hindsight);
  _cleanup_free_ bool *left_out = mem_zalloc(h->report_count);
  _cleanup_free_ struct backtest_day *days =
      mem_alloc((size_t)(hindsight.last_day - hindsight.first_day + 1) * sizeof *days);
  for (int32_t day = hindsight.first_day; day <= hindsight.last_day; day++)
    if (judge_day(x->basis, h, &hindsight, left_out, day, &days[b.count])) count_day(&b, &days[b.count++]);
  b.days = days;
  int code = x->fn(x->user, &b, e);
  for (int scope = 0; scope < SCOPES; scope++) free(hindsight.sums[scope]);
  return code;
}

int backtest_each(const struct inquiry *q, backtest_fn *fn, void *user, struct err *e) {
  struct backtesting x = {q->basis, fn, user};
  return judge_each_parting(q, on_domain, &x, e);
}
