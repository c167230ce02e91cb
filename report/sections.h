/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of one judged domain, each whole (begin to end) and without the domain's name: for who composes its page
 * out of judgement and analyses. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "analysis/compliance.h"
#include "analysis/domain_mail.h"
#include "analysis/selectors.h"
#include "report/question.h"
#include "table/table.h"

int readiness_push_gates(const struct judgement *j, struct table_sink *sink, struct err *e);
/* Messages a day that the next policy would newly act on, by class; none where it would act on none. Nested they are
 * in full, as a table of their own to hundredths. */
#define READINESS_AFFECTED_COLUMNS 2
#define READINESS_AFFECTED_CELLS ((CLASS_IGNORED + 1) * READINESS_AFFECTED_COLUMNS)
extern const struct column READINESS_AFFECTED_ROWS[READINESS_AFFECTED_COLUMNS];
unsigned readiness_fill_affected(const struct judgement *j, struct cell cells[READINESS_AFFECTED_CELLS]);
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

/* Nested rows of a judgement's subdomains whose mail fails, and the step of the domain without them: one row, or none.
 * Each returns how many. */
#define READINESS_FAILING_COLUMNS 3
#define READINESS_FAILING_CELLS (MOST_FAILING_BELOW * READINESS_FAILING_COLUMNS)
extern const struct column READINESS_FAILING_ROWS[READINESS_FAILING_COLUMNS];
unsigned readiness_fill_failing(const struct judgement *j, struct cell cells[READINESS_FAILING_CELLS]);
#define READINESS_ALONE_COLUMNS 5
extern const struct column READINESS_ALONE_ROWS[READINESS_ALONE_COLUMNS];
unsigned readiness_fill_alone(const struct judgement *j, struct cell cells[READINESS_ALONE_COLUMNS]);

int compliance_push_sources(const struct compliance *c, struct table_sink *sink, struct err *e);
int selectors_push(const struct selectors *s, struct table_sink *sink, struct err *e);
/* By class or by source. */
int whatif_push(const struct whatif *w, enum whatif_by by, struct table_sink *sink, struct err *e);
/* One row a stream with mail in the tallies, which lie as the streams of the history do. */
int streams_push(const struct history *h, const struct tally *tallies, struct table_sink *sink, struct err *e);
/* One row a step with mail, of the owner's alone or of all. */
int days_push(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e);

/* readiness, for who walks the domains himself: what the table is, and the row of a judged domain (a judgement_fn whose
 * `user` is the sink). */
extern const struct table READINESS_TABLE;
judgement_fn readiness_push_row;

#endif
