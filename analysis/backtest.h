/* SPDX-License-Identifier: Apache-2.0 */
/* What would have been said on each past day, compared with what the owner's mail did afterwards. */
#ifndef ANALYSIS_BACKTEST_H
#define ANALYSIS_BACKTEST_H

#include "verdict/judge_each.h"

#define BACKTEST_AHEAD_DAYS 30 /* that are looked at after each day: the step's first month (RFC 9989 7.4) */

enum backtest_outcome {
  BACKTEST_RIGHT,     /* a go-ahead after which the loss stayed within the limit, or a hold after which it would not */
  BACKTEST_NEEDLESS,  /* a hold after which the loss would have stayed within the limit */
  BACKTEST_WRONG,     /* a go-ahead after which more would have been lost */
  BACKTEST_UNDECIDED, /* whether the loss would have stayed within it depends on mail that only the owner can judge */
  BACKTEST_OPEN,      /* the month is not over */
};
#define BACKTEST_OUTCOMES 5
const char *backtest_outcome_word(
    enum backtest_outcome o); /* "right", "needlessly_held", "wrong", "undecided", "open" */

struct backtest_day {
  int32_t day; /* since 1970-01-01 UTC */
  enum verdict verdict;
  enum policy step;  /* that was judged; at the target the policy in force */
  int64_t own, lost; /* messages of own mail in the month after it, and those of them that fail */
  int64_t undecided; /* failing mail of the same month that may be the owner's: in neither of them */
  double limit;      /* share of own mail that may fail: what the gate asks for */
  enum backtest_outcome outcome;
};

/* One policy domain; everything lives during the call. */
struct backtest {
  const char *domain;
  const struct backtest_day *days; /* ascending: from the first with a report to the last of the judged window */
  uint32_t count;
  uint32_t outcomes[BACKTEST_OUTCOMES]; /* days of each */
  uint32_t needless_for_data; /* of those needlessly held: for want of data, as any domain is at its beginning */
};

/* Each domain of the inquiry. Each day is judged by the reports that had ended by then, with today's labels, thresholds
 * and catalogue, and without the DNS. Whose mail came in the month after it is what the judgement of all stored reports
 * says. The records are walked once; a day costs what `readiness` costs without that walk. */
typedef int backtest_fn(void *user, const struct backtest *b, struct err *e);
int backtest_each(const struct inquiry *q, backtest_fn *fn, void *user, struct err *e);

#endif
