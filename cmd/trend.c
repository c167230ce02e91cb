/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl trend: messages and pass rate over time. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_trend(store, &o->filter, o->by_week, sink, e);
}

int verb_trend(struct options *o) { return ask(o, NULL, question); }
