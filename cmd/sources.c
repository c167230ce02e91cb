/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl sources: who sends, and whose mail it is. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"
#include "report/question_streams.h"

static int ask_streams(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  if (code < 0) return code;
  b.judgement.counted = &o->filter;
  const struct stream_choice choice = {
      .classes = o->classes,
      .new_since_s = o->new_since_length_s ? b.judgement.as_of_s - o->new_since_length_s : FILTER_OPEN_BEGIN};
  return question_streams(&b.inquiry, &choice, sink, e);
}

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return o->by == BY_STREAM ? ask_streams(store, o, sink, e)
                            : question_sources(store, &o->filter, o->by == BY_NETWORK, sink, e);
}

/* On the command line: what the configuration says of judging is no question. */
static bool asks_of_streams(const struct options *o) {
  static const char *const NAMES[] = {"as-of",       "asn-db",    "class",      "dns",      "dns-server",
                                      "dns-timeout", "new-since", "sender-map", "threshold"};
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++)
    if (options_given(o, NAMES[i])) return true;
  return false;
}

int verb_sources(struct options *o) {
  if (o->by != BY_STREAM && asks_of_streams(o))
    return talk_failure(EXIT_USAGE,
                        "sources: --as-of, --asn-db, --class, --dns, --new-since, --sender-map and --threshold judge"
                        " streams: they do not go with --by address or --by network");
  return ask(o, QUESTION_SORT_MESSAGES, question);
}
