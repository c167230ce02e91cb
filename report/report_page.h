/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the page of one judged domain; how its parts look is the document's. */
#ifndef REPORT_REPORT_PAGE_H
#define REPORT_REPORT_PAGE_H

#include "table/document.h"
#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* Reads the domain's records (to be called within judge_each_parting, of the same inquiry) and writes everything
 * between the document's begin and end: verdict, figures and sections. `prefix` goes before the ids of its headings, so
 * that several domains can share a page ("d1-"; "" alone). Afterwards the classes of the history's streams are those
 * of a later policy (plan_for). */
int report_page_write(struct document *d, const struct inquiry *q, struct history *h, const struct judgement *j,
                      const char *prefix, struct err *e);

/* "As of 2026-10-31, from 88 reports of 8 reporters; ...", below the title. Appends. */
void report_page_subtitle(const struct inquiry *q, const struct history *h, const struct judgement *j,
                          struct strbuf *out);
#endif
