/* SPDX-License-Identifier: Apache-2.0 */
/* A judged history as it would have been judged earlier, without reading anything anew. Private to analysis/. */
#ifndef ANALYSIS_PAST_H
#define ANALYSIS_PAST_H

#include "verdict/judge_each.h"

/* Judges without the reports for which `left_out` is set (a flag each), as of the last second of a day, with today's
 * labels, thresholds and catalogue, and without the DNS. False where no report is left: nothing was known yet. `ret`
 * lives as long as the history; the streams are as they were. */
bool past_judge(struct history *h, const struct judgement_basis *basis, const bool *left_out, int32_t day,
                struct judgement *ret);

/* Sets the flags of the reports that had not ended by the end of a day, and clears the others. */
void past_leave_out(const struct history *h, int32_t day, bool *left_out);
/* The first day with a report that counts: one by a clock in the past must not make a walk so long as the wrong clock
 * is wrong. */
int32_t past_first_day(const struct history *h, const struct thresholds *t, int32_t last_day);

#endif
