/* SPDX-License-Identifier: Apache-2.0 */
/* What the DNS says of a judged domain: joined to its judgement, and as cells of a table. Private to report/. */
#ifndef REPORT_QUESTION_PUBLISHED_H
#define REPORT_QUESTION_PUBLISHED_H

#include "dns/published.h"
#include "table/table.h"
#include "verdict/judge.h"

/* Asks for the records of all these domains (count 0: of all that the filter admits) before they are judged one by one.
 * Without it each is asked for alone. */
int published_prepare(struct dns *dns, struct store *s, const struct report_filter *filter, const char *const *domains,
                      unsigned count, struct err *e);

/* Fills `*ret`, which the judgement then refers to, and makes its next record of the published one: everything but the
 * policy stays byte for byte. Where the record is not the domain's own, or unknown, the next record stays a template;
 * where the DNS has it already, or a stronger one, there is none. Texts live as long as the history and `dns`. */
void published_join(struct dns *dns, struct history *h, struct judgement *j, struct published *ret);

/* Rows of faults: fault, detail, section. */
#define PUBLISHED_FAULT_COLUMNS 3
extern const struct column PUBLISHED_FAULT_ROWS[PUBLISHED_FAULT_COLUMNS];
#define PUBLISHED_FAULT_CELLS (MOST_FAULTS * PUBLISHED_FAULT_COLUMNS)
/* Absent where it is not known what is published. The rows lie in `cells`. */
struct cell published_dmarc_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]);
struct cell published_spf_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]);

#endif
