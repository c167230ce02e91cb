/* SPDX-License-Identifier: Apache-2.0 */
/* dns log: what changed in the DNS, one row a change. */
#include "report/dns_tables.h"

/* clang-format off */
enum { SEEN, SEEN_BEFORE, DOMAIN, SUBJECT, NAME, CHANGE, COLUMNS_OF_LOG };
static const struct column COLUMNS[COLUMNS_OF_LOG] = {
    [SEEN] = {"seen", NULL, COLUMN_TIME, 0},
    [SEEN_BEFORE] = {"seen_before", "before that", COLUMN_TIME, COLUMN_DETAIL},
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, 0},
    [NAME] = {"name", "at", COLUMN_TEXT, COLUMN_DETAIL},
    [CHANGE] = {"change", NULL, COLUMN_TEXT, COLUMN_WRAP},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.dns-log",
                                   1,
                                   NULL,
                                   "Nothing has changed between the snapshots. 'dmarcctl dns snapshot' takes one.",
                                   COLUMNS,
                                   COLUMNS_OF_LOG};

int dns_log_table(const struct dns_changes *c, int64_t since_s, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  for (uint32_t i = 0; i < c->count && !code; i++) {
    const struct dns_change *x = &c->items[i];
    const struct cell cells[COLUMNS_OF_LOG] = {
        [SEEN] = cell_time(x->seen_s),   [SEEN_BEFORE] = cell_time(x->before_s),
        [DOMAIN] = cell_text(x->domain), [SUBJECT] = cell_text(dns_subject_word(x->subject)),
        [NAME] = cell_text(x->name),     [CHANGE] = cell_text(x->text),
    };
    if (x->seen_s >= since_s) code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}
