/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the page of one judged domain; how its parts look is the document's. */
#ifndef CMD_REPORT_PAGE_H
#define CMD_REPORT_PAGE_H

#include "cmd/basis.h"
#include "cmd/options.h"
#include "table/document.h"

struct report_asking {
  struct store *store;
  const struct options *options;
  const struct basis *basis;
};

/* Reads the domain's records (to be called within judge_each, with the options' filter) and writes everything
 * between the document's begin and end: verdict, figures and sections. `prefix` goes before the ids of its headings, so
 * that several domains can share a page ("d1-"; "" alone). */
int report_page_write(struct document *d, const struct report_asking *asking, const struct history *h,
                      const struct judgement *j, const char *prefix, struct err *e);

/* "As of 2026-10-31, from 88 reports of 8 reporters; ...", below the title. Appends. */
void report_page_subtitle(const struct report_asking *asking, const struct history *h, const struct judgement *j,
                          struct strbuf *out);
/* Said below each page. */
extern const char REPORT_PAGE_FOOT[];

#endif
