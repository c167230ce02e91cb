/* SPDX-License-Identifier: Apache-2.0 */
/* Tables on a page: rows, sorted and counted on their way into a document. Private to report/. */
#ifndef REPORT_PAGE_ROWS_H
#define REPORT_PAGE_ROWS_H

#include "report/question.h"
#include "table/document.h"

/* Pushes a whole table, begin to end, of what `of` points to. */
typedef int push_rows_fn(const void *of, struct table_sink *sink, struct err *e);

int page_rows_draw(struct document *d, const struct page_table *options, const struct row_choice *rows,
                   push_rows_fn *push, const void *of, struct err *e);
/* ERR_USAGE if the table that `push` makes has no such column; `of` is something without rows. For finding out before
 * the first page, not in the middle of one. */
int page_rows_check(const struct row_choice *rows, push_rows_fn *push, const void *of, struct err *e);

#endif
