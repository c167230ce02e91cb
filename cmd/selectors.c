/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl selectors: whose each DKIM selector is, and what became of it. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  return code < 0 ? code : question_selectors(&(struct question){.of = b.inquiry}, sink, e);
}

static int run(const struct options *o) { return ask(o, QUESTION_SORT_MESSAGES, question); }

const struct verb VERB_SELECTORS = {
    .name = "selectors",
    .summary = "the DKIM selectors: whose, which broke, which keys can go",
    .details =
        "A row for each selector under your organizational domain: who signs with it, the share of own mail that passes, "
        "and\n"
        "its state: active, new, silent, retired, broken, never_passed, unnamed (man dmarcctl explains them).\n",
    .examples = "  dmarcctl selectors example.com\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .run = run,
};
