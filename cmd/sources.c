/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl sources: who sends. */
#include "ask.h"
#include "basis.h"
#include "cleanup.h"
#include "question.h"
#include "talk.h"
#include "verb.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  if (!o->by_stream) return question_sources(store, &o->filter, o->by_network, sink, e);
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  return code < 0 ? code : question_streams(store, &o->filter, &b.readiness, sink, e);
}

int verb_sources(struct options *o) {
  if (!o->by_stream && (o->as_of_s || o->sender_map))
    return talk_failure(EXIT_USAGE, "sources: --as-of and --sender-map go with --by stream");
  return ask(o, QUESTION_SORT_MESSAGES, question);
}
