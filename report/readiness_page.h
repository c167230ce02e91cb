/* SPDX-License-Identifier: Apache-2.0 */
/* One domain's answer on a page: what a security lead can paste into a change request. */
#ifndef REPORT_READINESS_PAGE_H
#define REPORT_READINESS_PAGE_H

#include "table/document.h"
#include "verdict/judge.h"

/* The verdict first, then the evidence: gates, what blocks with its repair, what is undecided or passed on, mail by
 * class and by From: domain, the subdomains under a policy of their own, and the next record. */
int readiness_page_write(struct document *d, const struct history *h, const struct judgement *j, struct err *e);

#endif
