/* SPDX-License-Identifier: Apache-2.0 */
/* Exports whose shape is another program's: parsedmarc's aggregate output, and metrics for Prometheus.
 *
 * All return 0 or a negative code. What is written to a file is flushed; the file is the caller's. */
#ifndef REPORT_EXPORT_H
#define REPORT_EXPORT_H

#include <stdio.h>

#include "store/store.h"
#include "table/table.h"
#include "verdict/judge_each.h"

/* Spreadsheets and dashboards were made for the columns and keys of parsedmarc 10.4. Both exports fill in what it fills
 * in (a missing adkim is r, a missing sp is p, ...), shorten what it shortens (org_name, report_id), and spread a
 * report of more than 24 hours over its days, as it does. What it looks up elsewhere (country, reverse DNS, ...) is
 * what the judgement knows of the source: empty where the inquiry has no basis.
 *
 * The rows of its CSV: for the CSV renderer, whose quoting is that of Python's csv module. */
int export_parsedmarc_rows(const struct inquiry *q, struct table_sink *sink, struct err *e);
/* Its JSON: a list of reports with their records, indented by 2, streamed. */
int export_parsedmarc_json(const struct inquiry *q, FILE *file, struct err *e);

/* What collectors of events take, a record a line. */
enum export_sink {
  SINK_ELASTIC, /* the _bulk API of Elasticsearch and OpenSearch: an action with an _id, then the document */
  SINK_SPLUNK,  /* Splunk's HTTP Event Collector */
  SINK_SYSLOG,  /* messages of RFC 5424, a line each (RFC 6587 3.4.2) */
};
/* The rows of question_export as such lines. Streamed. */
int export_to_sink(const struct inquiry *q, enum export_sink sink, FILE *file, struct err *e);

/* Domains with series of their own, in the order of their first appearance, so that a domain does not come and go; some
 * 60 series each. The messages of the rest are summed. */
#define METRICS_MOST_DOMAINS 1000

/* The state of each domain as readiness judges it, and of the store. The text is OpenMetrics 1.0 and Prometheus's older
 * format at once: gauges alone, for what is told is the state of a window that moves. Of the filter, `domain` applies.
 */
int export_openmetrics(const struct inquiry *q, FILE *file, struct err *e);

#endif
