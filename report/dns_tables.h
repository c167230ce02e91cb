/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of dmarcctl dns. */
#ifndef REPORT_DNS_TABLES_H
#define REPORT_DNS_TABLES_H

#include "analysis/dns_keys.h"
#include "analysis/dns_log.h"
#include "analysis/spf_use.h"
#include "table/table.h"

/* A row for each change that was found at `since_s` or later: begins and ends the sink. */
int dns_log_table(const struct dns_changes *c, int64_t since_s, struct table_sink *sink, struct err *e);

/* A row for each key, of one domain after the other. The caller ends the sink. */
int dns_keys_begin(struct table_sink *sink, struct err *e);
int dns_keys_push(const struct dns_keys *keys, struct table_sink *sink, struct err *e);
/* The same of each term of SPF records. */
int dns_spf_begin(struct table_sink *sink, struct err *e);
int dns_spf_push(const struct spf_use *use, struct table_sink *sink, struct err *e);

#endif
