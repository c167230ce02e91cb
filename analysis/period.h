/* SPDX-License-Identifier: Apache-2.0 */
/* Which days a question about a judged domain covers: the filter's period if it has one, else the judged window. */
#ifndef ANALYSIS_PERIOD_H
#define ANALYSIS_PERIOD_H

#include "verdict/judge.h"

/* Seconds, end exclusive. `begin_s` is the first second of a UTC day, for days are those on which reports begin: one
 * that begins within the filter's first day counts in whole. FILTER_OPEN_BEGIN: the first day with mail. */
struct period {
  int64_t begin_s, end_s;
};
struct period period_asked(const struct report_filter *filter, const struct judgement *j);
bool period_is_given(const struct report_filter *filter);

#endif
