/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl compliance: the rules for bulk senders, held against stored mail. A page for each named domain, a table for
 * many. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/verb.h"
#include "report/pages.h"

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  return code < 0 ? code : question_compliance(&(struct question){.of = b.inquiry}, sink, e);
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  return code < 0 ? code : compliance_pages(&(struct question){.of = b.inquiry, .rows = rows}, page, e);
}

static int run(const struct options *o) {
  if (o->arg_count && o->output.format == FORMAT_TEXT) return ask_pages(o, ask_page);
  return ask(o, QUESTION_SORT_MESSAGES, ask_table);
}

const struct verb VERB_COMPLIANCE = {
    .name = "compliance",
    .summary = "what Google, Yahoo and Microsoft ask of bulk senders",
    .details =
        "Mail that is or may be yours, by source: does the same message pass SPF and DKIM and is it aligned? What passes "
        "DMARC\n"
        "may fall short of that. Named domains get a page each, with the days on which the receivers counted more than "
        "5,000\n"
        "messages; else a table of all.\n",
    .examples = "  dmarcctl compliance example.com\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .run = run,
};
