/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of one judged domain, each whole (begin to end) and without the domain's name: for its page, which is
 * composed of the judgement and of analyses. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "analysis/compliance.h"
#include "analysis/domain_mail.h"
#include "analysis/selectors.h"
#include "report/question.h"
#include "table/table.h"

/* "21 days" and "at least 30 days", appended. */
void gate_tell(const struct gate *g, struct strbuf *figure, struct strbuf *limit);
/* Each against its limit. `worst_first`: by state, else in their own order. */
int readiness_push_gates(const struct judgement *j, bool worst_first, struct table_sink *sink, struct err *e);
/* Messages a day that the next policy would newly act on, by class, to tenths. */
int readiness_push_affected(const struct judgement *j, struct table_sink *sink, struct err *e);
/* Messages of the window by class, with what became of them. */
int readiness_push_classes(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e);

int compliance_push_sources(const struct compliance *c, struct table_sink *sink, struct err *e);
int selectors_push(const struct selectors *s, struct table_sink *sink, struct err *e);
/* By class or by source. */
int whatif_push(const struct whatif *w, enum whatif_by by, struct table_sink *sink, struct err *e);
/* One row a step with mail: all mail by whose it is, or the owner's by how it authenticates. */
int days_push_whose(const struct domain_mail *m, struct table_sink *sink, struct err *e);
int days_push_own(const struct domain_mail *m, struct table_sink *sink, struct err *e);

#endif
