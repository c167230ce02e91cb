/* SPDX-License-Identifier: Apache-2.0 */
/* What `label` did, as a sentence or as rows. */
#ifndef REPORT_LABEL_EFFECT_H
#define REPORT_LABEL_EFFECT_H

#include "analysis/labelled.h"
#include "table/table.h"

enum label_change { LABEL_ADDED, LABEL_CHANGED, LABEL_LEFT, LABEL_REMOVED };
const char *label_change_word(enum label_change c); /* "added", "changed", "left", "removed" */

struct labelled_answer {
  const struct label *label;
  enum label_change change;
  const struct labelled *found;
  int64_t as_of_s; /* of the verdicts; 0: now */
};

/* "3 streams, 412 messages; example.com is READY now": of a few domains each verdict, of many how many may move on.
 * Nothing where no mail was found. Appends. */
void labelled_tell(const struct labelled_answer *a, struct strbuf *out);
/* One row a policy domain that has such mail. */
int labelled_rows(const struct labelled_answer *a, struct table_sink *sink, struct err *e);

#endif
