/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/proposed_input.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/pages.h"

struct readiness_options {
  struct options shared;
  bool exit_code, list_thresholds, backtest, history;
  const char *proposed;
  struct proposed_wish *wish; /* what `proposed` names */
  unsigned *verdicts;         /* how many domains got each, for the exit code */
};

#define AT(field) OPTION_AT(struct readiness_options, field)
static const struct option OWN[] = {
    {"list-thresholds", 0, OPTION_FLAG, NULL, "every threshold with its value, its origin and its reason",
     AT(list_thresholds)},
    {"backtest", 0, OPTION_FLAG, NULL, "what was said on each past day, and what moving would have cost", AT(backtest)},
    {"history", 0, OPTION_FLAG, NULL, "on which days verdict and policy changed, and which steps were taken",
     AT(history)},
    {"proposed", 0, OPTION_TEXT, "RECORD|FILE", "may this record be published? Exits with 0 or 4, with one reason",
     AT(proposed)},
    {"exit-code", 0, OPTION_FLAG, NULL, "exit with 4 when a domain is not ready", AT(exit_code)},
};

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int ask_history(const struct database *db, struct question *q, struct table_sink *sink, struct err *e) {
  _cleanup_(taken_steps_clear) struct taken_steps taken = {0};
  _cleanup_(acknowledgements_clear) struct acknowledgements acknowledgements = {0};
  int code = taken_steps_read(db->local, &taken, e);
  if (!code) code = acknowledgements_read(db->local, &acknowledgements, e);
  q->taken = &taken;
  q->acknowledgements = &acknowledgements;
  return code < 0 ? code : question_history(q, sink, e);
}

/* As rows into `sink`, or as pages on `page`. */
static int answer(const struct database *db, const struct options *o, struct table_sink *sink, struct document *page,
                  struct err *e) {
  const struct readiness_options *own = (const struct readiness_options *)o;
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  const bool is_past = own->backtest || own->history;
  if (!is_past) b.judgement.dns = b.lookups.dns; /* which knows today's records alone */
  b.judgement.names_partners = !is_past && (page || o->output.format != FORMAT_TEXT); /* a row has no room */
  struct question q = {.of = b.inquiry, .verdicts = own->verdicts};
  if (code < 0) return code;
  if (own->wish) return page ? proposed_lines(&q, own->wish, page, e) : question_proposed(&q, own->wish, sink, e);
  if (own->history) return ask_history(db, &q, sink, e);
  if (own->backtest) return page ? backtest_pages(&q, page, e) : question_backtest(&q, sink, e);
  return page ? readiness_pages(&q, page, e) : question_readiness(&q, sink, e);
}

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return answer(db, o, sink, NULL, e);
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  (void)rows; /* its tables are short */
  return answer(db, o, NULL, page, e);
}

static int ask_thresholds(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)db;
  const struct judgement_basis basis = {.thresholds = &o->judgement.thresholds};
  return question_thresholds(&(struct question){.of = {.basis = &basis}}, sink, e);
}

static int judge_proposed(struct readiness_options *own) {
  _cleanup_(proposed_input_clear) struct proposed_input input = {0};
  const struct options *o = &own->shared;
  struct err e;
  if (own->history || own->backtest || own->exit_code)
    return talk_failure(EXIT_USAGE, "readiness: --proposed stands alone: its exit status is its answer");
  if (o->arg_count > 1) return talk_failure(EXIT_USAGE, "readiness: --proposed is about one DOMAIN");
  int code = proposed_input_read(own->proposed, o->arg_count ? o->args[0] : NULL, &input, &e);
  if (code < 0)
    return talk_failure(code == ERR_FORMAT ? EXIT_NOT_READY : EXIT_USAGE, "readiness: --proposed: %s", e.text);
  struct proposed_wish wish = {.records = input.items, .count = input.count};
  own->wish = &wish;
  int exit_code = ask_is_for_pages(o) ? ask_pages(o, ask_page) : ask(o, NULL, ask_table);
  return exit_code == EXIT_DONE && wish.refused ? EXIT_NOT_READY : exit_code;
}

static bool all_ready(const unsigned verdicts[VERDICTS]) {
  for (int v = 0; v < VERDICTS; v++)
    if (verdicts[v] && v != VERDICT_READY && v != VERDICT_AT_TARGET) return false;
  return true;
}

static int run(const struct options *o) {
  struct readiness_options counted = *(const struct readiness_options *)o;
  unsigned verdicts[VERDICTS] = {0};
  if (counted.list_thresholds) return ask_without_database(o, NULL, ask_thresholds);
  counted.verdicts = verdicts;
  if (counted.proposed) return judge_proposed(&counted);
  if (counted.history && counted.backtest)
    return talk_failure(EXIT_USAGE, "readiness: --history and --backtest are two questions: ask one of them");
  if (counted.history) return ask(o, NULL, ask_table);
  if (counted.backtest) return o->output.format == FORMAT_TEXT ? ask_pages(o, ask_page) : ask(o, NULL, ask_table);
  int exit_code = o->arg_count && o->output.format == FORMAT_TEXT ? ask_pages(&counted.shared, ask_page)
                                                                  : ask(&counted.shared, READINESS_SORT, ask_table);
  return exit_code == EXIT_DONE && counted.exit_code && !all_ready(verdicts) ? EXIT_NOT_READY : exit_code;
}

const struct verb VERB_READINESS = {
    .name = "readiness",
    .summary = "may the policy move to quarantine or reject?",
    .details =
        "For each domain: the verdict, the gates it rests on with figure and limit, what blocks with its repair, and the "
        "next\n"
        "record to publish. Named domains get a page each; else a table of all, nearest to their next step first.\n",
    .examples =
        "  dmarcctl readiness\n"
        "  dmarcctl readiness example.com\n"
        "  dmarcctl readiness --exit-code --quiet example.com\n"
        "  dmarcctl readiness --proposed 'v=DMARC1; p=quarantine' example.com\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "a verdict rests on all reports of a domain",
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct readiness_options),
    .run = run,
};
