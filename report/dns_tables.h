/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of dmarcctl dns. Each begins and ends the sink. */
#ifndef REPORT_DNS_TABLES_H
#define REPORT_DNS_TABLES_H

#include "analysis/dns_log.h"
#include "table/table.h"

/* A row for each change that was found at `since_s` or later. */
int dns_log_table(const struct dns_changes *c, int64_t since_s, struct table_sink *sink, struct err *e);

#endif
