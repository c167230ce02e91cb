/* SPDX-License-Identifier: Apache-2.0 */
/* What pages say of the rules for bulk senders. Private to report/. */
#ifndef REPORT_COMPLIANCE_SECTIONS_H
#define REPORT_COMPLIANCE_SECTIONS_H

#include "analysis/compliance.h"
#include "table/document.h"

/* How much mail there is and what of it meets the bar, as a sentence. */
void section_bulk_mail(struct document *d, const struct compliance *c);
/* On how many days each receiver counted more than its rules allow others; a heading of level 3. */
void section_bulk_days(struct document *d, const struct compliance *c);
/* What to do about sources, those that need the same together; nothing if all meet the bar. */
void section_bulk_repairs(struct document *d, const struct compliance *c);
/* What the rules ask of whom, and what reports cannot show of them. */
void section_bulk_rules(struct document *d);

#endif
