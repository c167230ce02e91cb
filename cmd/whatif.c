/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl whatif: what another policy would do to the mail that was seen. A page for each named domain, a table for
 * many. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/pages.h"

struct whatif_options {
  struct options shared;
  struct whatif_proposal proposal;
  enum whatif_by by;
};

/* Tags of a proposed record: what is no word of the RFC's would mean the default to receivers. */
static const struct option_word POLICIES[] = {{.word = "none"}, {.word = "quarantine"}, {.word = "reject"}, {0}};
static const struct option_word MODES[] = {{.word = "r"}, {.word = "s"}, {0}};
static const struct option_word ROWS[] = {{.word = "domain", .value = WHATIF_BY_DOMAIN},
                                          {.word = "class", .value = WHATIF_BY_CLASS},
                                          {.word = "source", .value = WHATIF_BY_SOURCE},
                                          {0}};

#define AT(field) OPTION_AT(struct whatif_options, field)
static const struct option OWN[] = {
    {"p", 0, OPTION_KEYWORD_TEXT, NULL, "this policy for the domain", AT(proposal.p), .words = POLICIES},
    {"sp", 0, OPTION_KEYWORD_TEXT, NULL, "this one for the names below it", AT(proposal.sp), .words = POLICIES},
    {"np", 0, OPTION_KEYWORD_TEXT, NULL, "this one for the names below it that do not exist", AT(proposal.np),
     .words = POLICIES},
    {"adkim", 0, OPTION_KEYWORD_TEXT, NULL, "relaxed or strict alignment of DKIM", AT(proposal.adkim), .words = MODES},
    {"aspf", 0, OPTION_KEYWORD_TEXT, NULL, "the same for SPF", AT(proposal.aspf), .words = MODES},
    {"by", 0, OPTION_KEYWORD, NULL,
     "a row per domain (default of text), per class, or per source (of the other formats)", AT(by), .words = ROWS},
};

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum whatif_by by_of(const struct options *o) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  if (own->by != WHATIF_BY_UNSET) return own->by;
  return o->output.format == FORMAT_TEXT ? WHATIF_BY_DOMAIN : WHATIF_BY_SOURCE;
}

/* As rows into `sink`, or as pages on `page`. */
static int answer(const struct database *db, const struct options *o, struct table_sink *sink, struct document *page,
                  struct row_choice rows, struct err *e) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  const struct question q = {.of = b.inquiry, .proposal = &own->proposal, .whatif_by = by_of(o), .rows = rows};
  if (code < 0) return code;
  return page ? whatif_pages(&q, page, e) : question_whatif(&q, sink, e);
}

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return answer(db, o, sink, NULL, (struct row_choice){0}, e);
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  return answer(db, o, NULL, page, rows, e);
}

static int run(const struct options *o) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  const struct whatif_proposal *tried = &own->proposal;
  if (!tried->p && !tried->sp && !tried->np && !tried->adkim && !tried->aspf)
    return talk_failure(EXIT_USAGE,
                        "whatif: what is to be tried is missing: say at least one of --p, --sp, --np, --adkim and "
                        "--aspf, as in 'dmarcctl whatif example.com --p reject'");
  if (o->arg_count && o->output.format == FORMAT_TEXT && own->by == WHATIF_BY_UNSET) return ask_pages(o, ask_page);
  return ask(o, by_of(o) == WHATIF_BY_DOMAIN ? WHATIF_SORT : NULL, ask_table);
}

const struct verb VERB_WHATIF = {
    .name = "whatif",
    .summary = "what another policy would do to the mail that was seen",
    .details =
        "Try another p, sp, np, adkim or aspf: messages a day newly quarantined or rejected, or newly spared, by class and "
        "by\n"
        "source. What is not given stays as the reports show it. Named domains get a page each; else a table of all.\n",
    .examples =
        "  dmarcctl whatif example.com --p reject\n"
        "  dmarcctl whatif --by domain --p quarantine\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct whatif_options),
    .run = run,
};
