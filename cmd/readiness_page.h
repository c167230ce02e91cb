/* SPDX-License-Identifier: Apache-2.0 */
/* One domain's answer for people: what a security lead can paste into a change request. */
#ifndef CMD_READINESS_PAGE_H
#define CMD_READINESS_PAGE_H

#include "cmd/output.h"
#include "report/question_readiness.h"

/* The verdict first, then the evidence: gates, what blocks with its repair, what is undecided or passed on, mail by
 * class and by From: domain, the subdomains under a policy of their own, and the next record. */
int readiness_page_print(const struct output *out, const struct history *h, const struct judgement *j, struct err *e);

#endif
