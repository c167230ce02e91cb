/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl summary: the domains. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_summary(&(struct question){.of = {db->store, &o->filter}}, sink, e);
}

static int run(const struct options *o) { return ask_sums(o, QUESTION_SORT_MESSAGES, question); }

const struct verb VERB_SUMMARY = {
    .name = "summary",
    .summary = "the domains: messages, pass rate, policy, reporters",
    .groups = OPTIONS_ASKING,
    .run = run,
};
