/* SPDX-License-Identifier: Apache-2.0 */
/* report as a workbook: one sheet a question. */
#ifndef REPORT_REPORT_BOOK_H
#define REPORT_REPORT_BOOK_H

#include <stdio.h>

#include "base/err.h"
#include "verdict/inquiry.h"

/* readiness, sources, reporters, selectors, compliance and trend, of the domains of the inquiry or of all. Where
 * several are named, reporters and trend, whose rows name no domain, are left out. */
int report_book_write(const struct inquiry *q, FILE *file, struct err *e);

#endif
