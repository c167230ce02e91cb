/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl reporters: who reports. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_reporters(&(struct question){.of = {db->store, &o->filter}}, sink, e);
}

static int run(const struct options *o) { return ask_sums(o, QUESTION_SORT_MESSAGES, question); }

const struct verb VERB_REPORTERS = {
    .name = "reporters",
    .summary = "who reports, how much, and how reliably",
    .examples =
        "  dmarcctl reporters\n"
        "  dmarcctl reporters example.com --sort -disagree_share\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING,
    .run = run,
};
