/* SPDX-License-Identifier: Apache-2.0 */
/* The questions people ask: each fills one typed table from the store. Who draws it is not known here.
 *
 * All return 0 or a negative code. Rows come in a sensible order of their own; the default order of ranked tables is
 * the caller's, through the collector (QUESTION_SORT_...). */
#ifndef REPORT_QUESTION_H
#define REPORT_QUESTION_H

#include "store/store.h"
#include "table/table.h"

#define QUESTION_SORT_MESSAGES "-messages"

/* The policy domains: messages, pass rate, policy in force, reporters, first and last day. */
int question_summary(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e);
/* The sources by address, or by network: how their mail authenticates and what became of it. */
int question_sources(struct store *s, const struct report_filter *filter, bool by_network, struct table_sink *sink,
                     struct err *e);
/* The reporting organizations: how much, how reliable. */
int question_reporters(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e);
/* Messages and pass rate a UTC day, or a week from Monday; periods without a report are shown as such. */
int question_trend(struct store *s, const struct report_filter *filter, bool by_week, struct table_sink *sink,
                   struct err *e);
/* The stored reports, one a row. */
int question_reports(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e);
/* The ledger's troubles: what was rejected, damaged, in conflict, or held no report. */
int question_errors(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e);
/* Every record with all that its report says. Streams: constant memory. */
int question_export(struct store *s, const struct report_filter *filter, struct table_sink *sink, struct err *e);

#endif
