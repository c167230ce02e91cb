/* SPDX-License-Identifier: Apache-2.0 */
/* readiness: the verdict on each domain as tables; how it is reached is verdict/'s. */
#ifndef REPORT_QUESTION_READINESS_H
#define REPORT_QUESTION_READINESS_H

#include "table/table.h"
#include "verdict/judge_each.h"

#define READINESS_SORT "rank" /* nearest to its next step first */

/* One row a domain, with gates, blockers and what-if nested. */
int question_readiness(const struct inquiry *q, struct table_sink *sink, struct err *e);
/* The same for who walks the domains himself: what the table is, and the row of a judged domain (a judgement_fn whose
 * `user` is the sink). */
extern const struct table READINESS_TABLE;
judgement_fn readiness_push_row;

/* One row a threshold: its value in `t`, its default, its origin and its reason. */
int question_thresholds(const struct thresholds *t, struct table_sink *sink, struct err *e);

/* The tables of one domain's page. */
int readiness_push_gates(const struct judgement *j, struct table_sink *sink, struct err *e);
/* Messages a day that the next policy would newly act on, by class. */
int readiness_push_affected(const struct judgement *j, struct table_sink *sink, struct err *e);
/* Messages of the window by class, with what became of them. */
int readiness_push_classes(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e);
/* The same by From: domain, each with the tag that governs it. Strangers invent names without end, so only those are
 * listed that carry mail of the owner's or mail that may be his, the largest READINESS_MOST_FROMS. Returns how many. */
#define READINESS_MOST_FROMS 50
#define READINESS_FROM_COLUMNS 6
#define READINESS_FROM_CELLS (READINESS_MOST_FROMS * READINESS_FROM_COLUMNS)
extern const struct column READINESS_FROM_ROWS[READINESS_FROM_COLUMNS];
unsigned readiness_fill_froms(const struct history *h, const struct judgement *j,
                              struct cell cells[READINESS_FROM_CELLS]);
int readiness_push_froms(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e);

#endif
