/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl summary: the domains. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_summary(store, &o->filter, sink, e);
}

int verb_summary(struct options *o) { return ask(o, QUESTION_SORT_MESSAGES, question); }
