/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the judged window against the period that is asked for. */
#include "analysis/period.h"

#include "base/utc.h"

bool period_is_given(const struct report_filter *filter) {
  return filter->since_s != FILTER_OPEN_BEGIN || filter->until_s != FILTER_OPEN_END;
}

struct period period_asked(const struct report_filter *filter, const struct judgement *j) {
  struct period p = {j->window_begin_s, j->window_end_s};
  if (!period_is_given(filter)) return p;
  p.begin_s = filter->since_s == FILTER_OPEN_BEGIN ? FILTER_OPEN_BEGIN : utc_day_begin(filter->since_s);
  if (filter->until_s < p.end_s) p.end_s = filter->until_s;
  return p;
}
