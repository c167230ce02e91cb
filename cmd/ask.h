/* SPDX-License-Identifier: Apache-2.0 */
/* What all asking verbs share: open the database, build the way from question to output, tell failures. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "cmd/database.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "report/question.h"
#include "table/document.h"

typedef int ask_fn(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e);

/* Runs a question through sort, limit and renderer to the output. `default_sort`: the order where the user gave none;
 * NULL keeps the question's own. Returns the exit code. */
int ask(const struct options *o, const char *default_sort, ask_fn *question);
/* The same of a question that adds mail up: where the period cuts reports of several days, that is told. */
int ask_sums(const struct options *o, const char *default_sort, ask_fn *question);
/* The same for a question that needs no database: it is handed NULL. */
int ask_without_database(const struct options *o, const char *default_sort, ask_fn *question);
/* The same for what is answered on pages of text: no sort, no renderer between; `rows` is what the user asked of their
 * tables. */
typedef int ask_page_fn(const struct database *db, const struct options *o, struct document *page,
                        struct row_choice rows, struct err *e);
int ask_pages(const struct options *o, ask_page_fn *pages);
/* Opens the database for reading; the message says what to do where there is none. */
int ask_open(const struct options *o, struct database *ret, struct err *e);
/* The exit code for a failed question, having told why. */
int ask_failed(int code, const struct err *e);

#endif
