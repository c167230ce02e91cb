/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl effect: what a step of the policy did. A page for each named domain, a table of all steps else. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/verb.h"
#include "report/pages.h"

/* As rows into `sink`, or as pages on `page`. */
static int answer(const struct database *db, const struct options *o, struct table_sink *sink, struct document *page,
                  struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  b.judgement.dns = b.lookups.dns;
  const struct question q = {.of = b.inquiry};
  if (code < 0) return code;
  return page ? effect_pages(&q, page, e) : question_effect(&q, sink, e);
}

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return answer(db, o, sink, NULL, e);
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  (void)rows; /* its tables are short */
  return answer(db, o, NULL, page, e);
}

static int run(const struct options *o) {
  return o->arg_count && ask_is_for_pages(o) ? ask_pages(o, ask_page) : ask(o, EFFECT_SORT, ask_table);
}

const struct verb VERB_EFFECT = {
    .name = "effect",
    .summary = "what a step of the policy did: held, lost mail, not honoured, or too early to say",
    .details =
        "For each step that the reports tell of: what was expected of it by the mail before, and what receivers did with\n"
        "the mail after, in whole weeks on both sides; own mail that was lost, by sender; senders that vanished; reasons\n"
        "that receivers gave; and where mail was lost, the record that takes the step back.\n",
    .examples = "  dmarcctl effect example.com\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "a step is judged by all reports of a domain",
    .run = run,
};
