/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl reports: the stored reports. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_reports(store, &o->filter, sink, e);
}

int verb_reports(struct options *o) { return ask(o, NULL, question); }
