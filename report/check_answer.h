/* SPDX-License-Identifier: Apache-2.0 */
/* What a check found, for monitoring systems: the line of a plugin, rows, or the discovery of Zabbix. */
#ifndef REPORT_CHECK_ANSWER_H
#define REPORT_CHECK_ANSWER_H

#include "analysis/check.h"
#include "table/table.h"

const char *check_state_word(enum check_state s); /* "OK", "WARNING", "CRITICAL", "UNKNOWN" */

/* "DMARC WARNING: example.com is NEEDS_DECISION ... | performance data", without its end. Appends. */
void check_tell(const struct check *c, const struct check_limits *limits, struct strbuf *out);
/* The same where nothing could be checked: `why` is a sentence. */
void check_tell_unknown(const char *why, struct strbuf *out);
/* An array of objects, one a domain: the macros that an item is discovered by, and its values. */
void check_zabbix(const struct check *c, struct strbuf *out);
int check_rows(const struct check *c, struct table_sink *sink, struct err *e); /* one row a domain */

#endif
