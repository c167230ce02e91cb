/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl errors: the ledger's troubles. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_errors(&(struct question){.of = {.local = db->local, .filter = &o->filter}}, sink, e);
}

static int run(const struct options *o) { return ask(o, NULL, question); }

const struct verb VERB_ERRORS = {
    .name = "errors",
    .summary = "documents that were rejected, damaged or in conflict",
    .details = "--since, --until and --last go by the time of the import here.\n",
    .examples = "  dmarcctl errors --last 7d\n",
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_PERIOD,
    .run = run,
};
