/* SPDX-License-Identifier: Apache-2.0 */
/* What all verbs that ask share: they open the database, connect a question with the output, and report failures. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "cmd/database.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "report/question.h"
#include "table/document.h"

typedef int ask_fn(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e);

/* Runs a question through sort, limit and renderer to the output. `default_sort` is the order unless the user gives
 * one; NULL keeps the question's own. Returns the exit code. */
int ask(const struct options *o, const char *default_sort, ask_fn *question);
/* The same for a question that adds mail up: if the period cuts reports of several days, it says so. */
int ask_sums(const struct options *o, const char *default_sort, ask_fn *question);
/* The same for a question that needs no database: it is handed NULL. */
int ask_without_database(const struct options *o, const char *default_sort, ask_fn *question);
/* The same for an answer on pages of text, or of Markdown with --format markdown, without sort and renderer in between;
 * `rows` says which rows of their tables the user wants. */
typedef int ask_page_fn(const struct database *db, const struct options *o, struct document *page,
                        struct row_choice rows, struct err *e);
int ask_pages(const struct options *o, ask_page_fn *pages);
/* Does --format name one of the two? */
bool ask_is_for_pages(const struct options *o);
/* The same of a database that is open. */
int ask_pages_of(const struct options *o, const struct database *db, ask_page_fn *pages);
/* The same for an answer that is no table and no page, written as it is. */
typedef int ask_file_fn(const struct database *db, const struct options *o, FILE *file, struct err *e);
int ask_file(const struct options *o, ask_file_fn *write);
/* Opens the database for reading; if there is none, the message says what to do. */
int ask_open(const struct options *o, struct database *ret, struct err *e);
/* Opens it for writing, what is not there or cannot be read being told as for a question: a change of what was said of
 * reports makes no database. `ret` is to be closed in any case. */
int ask_open_for_change(const struct options *o, struct database *ret, struct err *e);
/* Reports why a question failed; returns the exit code. */
int ask_failed(int code, const struct err *e);

#endif
