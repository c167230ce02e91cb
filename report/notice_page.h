/* SPDX-License-Identifier: Apache-2.0 */
/* What a notice says, for people. Private to report/. */
#ifndef REPORT_NOTICE_PAGE_H
#define REPORT_NOTICE_PAGE_H

#include "report/notice.h"
#include "table/document.h"

/* One line, appended: "example.com: own mail fails: newsletter.example.net since Tuesday, 1,204 messages". */
void notice_subject(const struct notice *n, struct strbuf *ret);
/* The parts of the page, between the document's begin and end. */
void notice_page(const struct notice *n, struct document *d);

#endif
