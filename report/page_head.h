/* SPDX-License-Identifier: Apache-2.0 */
/* The top of a domain's page, which is to answer within seconds: may the policy move and what would that do, where the
 * domain stands on its way, what is to be done. Private to report/. */
#ifndef REPORT_PAGE_HEAD_H
#define REPORT_PAGE_HEAD_H

#include "analysis/plan.h"
#include "table/document.h"

/* Things to do that stand there; the page has the others further down. */
#define PAGE_HEAD_TASKS 3
/* How many of them are of `list`, one of the judgement's: its first ones. */
unsigned page_head_taken(const struct judgement *j, const struct findings *list);

/* Verdict, way, and what to do first; `prefix` goes before the ids of its headings. */
void page_head_write(struct document *d, const struct plan *p, const char *prefix);

#endif
