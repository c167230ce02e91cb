/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl sources: who sends. */
#include "ask.h"
#include "question.h"
#include "verb.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_sources(store, &o->filter, o->by_network, sink, e);
}

int verb_sources(struct options *o) { return ask(o, QUESTION_SORT_MESSAGES, question); }
