/* SPDX-License-Identifier: Apache-2.0 */
/* report as a workbook: one sheet a question. */
#ifndef CMD_REPORT_BOOK_H
#define CMD_REPORT_BOOK_H

#include "cmd/report_page.h"

/* readiness, sources, reporters, selectors, compliance and trend, of the domains that the options name or of all, to
 * where the options say. Where several are named, reporters and trend, whose rows name no domain, are left out. */
int report_book_write(const struct report_asking *asking, struct err *e);

#endif
