/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends as a domain, for its page: a table for each sort of sender, and what the sort means. Private to report/. */
#ifndef REPORT_SENDER_SECTIONS_H
#define REPORT_SENDER_SECTIONS_H

#include "analysis/senders.h"
#include "table/document.h"

/* Yours, undecided, passed on by others; forgers folded into one line with their sum. `most` rows of each; 0: all.
 * `when` says of which days: "2026-10-02 to 2026-10-31". */
int section_senders(struct document *d, const struct senders *s, const char *when, unsigned most, struct err *e);

#endif
