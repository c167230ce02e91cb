/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's mail over time, for its page. Private to report/. */
#ifndef REPORT_DAY_SECTIONS_H
#define REPORT_DAY_SECTIONS_H

#include "analysis/domain_mail.h"
#include "analysis/incidents.h"
#include "report/domain_past.h"

struct day_section {
  const struct history *h;
  const struct judgement *j;
  const struct domain_mail *mail;
  const struct incidents *incidents;
  const struct domain_past *past;
  const char *id; /* of the drawing */
};

/* The drawing, where the document has one, and its figures as tables: all mail by whose it is, and the owner's by how
 * it authenticates. */
int section_days(struct document *d, const struct day_section *p, struct err *e);

#endif
