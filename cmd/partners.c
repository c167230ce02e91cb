/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl partners: who is written to, and what of it the next step would lose. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  return code < 0 ? code : question_partners(&(struct question){.of = b.inquiry}, sink, e);
}

static int run(const struct options *o) { return ask(o, PARTNERS_SORT, question); }

const struct verb VERB_PARTNERS = {
    .name = "partners",
    .summary = "who is written to, and what of it the next step would lose",
    .details =
        "A row for each domain of recipients in the judged window, where reporters tell it (envelope_to): mail, own mail,\n"
        "what of it fails, and what the next step would lose: mail that fails and is not taken for strangers'.\n",
    .examples = "  dmarcctl partners example.com --limit 20\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .run = run,
};
