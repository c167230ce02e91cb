/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl summary: the domains, or the names in From: below them. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

enum summary_by { SUMMARY_BY_DOMAIN, SUMMARY_BY_FROM };

struct summary_options {
  struct options shared;
  enum summary_by by;
};

static const struct option_word ROWS[] = {
    {.word = "domain", .value = SUMMARY_BY_DOMAIN}, {.word = "from", .value = SUMMARY_BY_FROM}, {0}};
static const struct option OWN[] = {
    {"by", 0, OPTION_KEYWORD, NULL,
     "a row per policy domain (default), or per domain in From:", OPTION_AT(struct summary_options, by), .words = ROWS},
};

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct question q = {.of = {db->store, &o->filter}};
  const bool by_from = ((const struct summary_options *)o)->by == SUMMARY_BY_FROM;
  return by_from ? question_froms(&q, sink, e) : question_summary(&q, sink, e);
}

static int run(const struct options *o) { return ask_sums(o, QUESTION_SORT_MESSAGES, question); }

const struct verb VERB_SUMMARY = {
    .name = "summary",
    .summary = "the domains: messages, pass rate, policy, reporters",
    .examples =
        "  dmarcctl summary\n"
        "  dmarcctl summary --by from --last 30d\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct summary_options),
    .run = run,
};
