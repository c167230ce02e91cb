/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks (Office Open XML, .xlsx) for people who carry on in a spreadsheet: one sheet for each table, every value
 * with its type. renderer_new makes a workbook of a single table; a book takes several. */
#ifndef TABLE_RENDER_XLSX_H
#define TABLE_RENDER_XLSX_H

#include "table/table.h"

struct xlsx_book;

struct xlsx_book *xlsx_book_new(void);
void xlsx_book_free(struct xlsx_book *b); /* accepts NULL */

/* The book's sink, which the book owns. It takes any number of tables, one after the other. Each becomes a sheet named
 * after its schema ("sources"); a table with more rows than a sheet holds continues in further sheets ("sources (2)"),
 * each with the header. Until the book is written the rows are kept in temporary files (TMPDIR), so memory stays
 * constant. */
struct table_sink *xlsx_book_sink(struct xlsx_book *b);

/* Ends the book and writes it to `file`, which is not closed. The same rows make the same bytes: the date of creation
 * is the newest date in them. ERR_IO. Call it once, after at least one table. */
int xlsx_book_write(struct xlsx_book *b, FILE *file, struct err *e);

static inline void cleanup_xlsx_book(struct xlsx_book **b) { xlsx_book_free(*b); }
#define _cleanup_xlsx_book_ __attribute__((cleanup(cleanup_xlsx_book)))

#endif
