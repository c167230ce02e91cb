/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl reports: the stored reports. */
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_reports(&(struct question){.of = {db->store, &o->filter}}, sink, e);
}

static int run(const struct options *o) { return ask(o, NULL, question); }

const struct verb VERB_REPORTS = {
    .name = "reports",
    .summary = "the stored reports",
    .groups = OPTIONS_ASKING,
    .run = run,
};
