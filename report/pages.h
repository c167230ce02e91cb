/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that judge, answered on pages: what a security lead can paste into a change request. */
#ifndef REPORT_PAGES_H
#define REPORT_PAGES_H

#include "report/question.h"
#include "table/document.h"

/* Like question_fn, with a page for each domain in the place of rows. The caller calls the document's begin and end,
 * and nothing in between. ERR_USAGE if `rows.sort` names no column, before anything is written. */
typedef int pages_fn(const struct question *q, struct document *d, struct err *e);

/* The verdict first, then the evidence: gates, what blocks with its repair, what is undecided or passed on, mail by
 * class and by From: domain, the subdomains under a policy of their own, and the next record. */
pages_fn readiness_pages;
pages_fn backtest_pages; /* on how many days that was right, and on which it was wrong */
pages_fn show_pages;   /* of a few reports: what they are, who sends, the verdict as far as it goes; one page of all */
pages_fn plan_pages;   /* the records to publish on the way to the target, each with its day and what comes before it */
pages_fn effect_pages; /* each step of the policy: what came of it, by class, reporter and sender */
pages_fn whatif_pages; /* in a sentence what would happen, then by class and by source */
pages_fn compliance_pages; /* mail and days against the bar, sources, what is to be done; the rules behind the last */
/* One text: what changed at each domain, and at how many domains nothing did. If nothing changed at all, it says so, or
 * is empty (`changes_alone`). `rows.most` limits the changes. */
pages_fn diff_pages;
/* One text too: what is to be done over all domains, what somebody knows of, what is over. */
pages_fn findings_pages;

#endif
