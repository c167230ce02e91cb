/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/readiness_page.h"
#include "report/sections.h"

struct readiness_options {
  struct options shared;
  bool exit_code, list_thresholds;
};

#define AT(field) OPTION_AT(struct readiness_options, field)
static const struct option OWN[] = {
    {"list-thresholds", 0, OPTION_FLAG, NULL, "every threshold with its value, its origin and its reason",
     AT(list_thresholds)},
    {"exit-code", 0, OPTION_FLAG, NULL, "exit with 4 when a domain is not ready", AT(exit_code)},
};

/* Pages or rows, and whether every domain is where it should be: judged once for both. */
struct answer {
  struct output out;
  struct document page;
  struct table_sink *rows; /* NULL: pages */
  unsigned domains;
  bool not_ready;
};

static bool is_ready(const struct judgement *j) {
  return j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET;
}

static int print_page(struct answer *a, const struct history *h, const struct judgement *j, struct err *e) {
  if (a->domains > 1) a->page.heading(&a->page, 1, NULL, NULL);
  return readiness_page_write(&a->page, h, j, e);
}

static int print_row(struct answer *a, const struct history *h, const struct judgement *j, struct err *e) {
  int code = a->domains == 1 ? a->rows->begin(a->rows, &READINESS_TABLE, e) : 0;
  return code < 0 ? code : readiness_push_row(a->rows, h, j, e);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct answer *a = user;
  a->domains++;
  if (!is_ready(j)) a->not_ready = true;
  return a->rows ? print_row(a, h, j, e) : print_page(a, h, j, e);
}

static int each_domain(const struct options *o, struct store *store, struct answer *a, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  b.judgement.dns = b.lookups.dns;
  return code < 0 ? code : judge_each(&b.inquiry, on_domain, a, e);
}

static int print_table(const struct options *o, struct store *store, struct answer *a, struct err *e) {
  struct table_sink *renderer = renderer_new(a->out.file, &a->out.render);
  a->rows = collector_new(renderer, o->rows.sort ? o->rows.sort : READINESS_SORT, ask_limit(o, &a->out));
  int code = each_domain(o, store, a, e);
  if (!code && !a->domains) code = a->rows->begin(a->rows, &READINESS_TABLE, e);
  if (!code) code = a->rows->end(a->rows, e);
  table_sink_free(a->rows);
  table_sink_free(renderer);
  return code;
}

static int print_answer(const struct options *o, struct store *store, struct answer *a, struct err *e) {
  int code = output_open_paged(&a->out, o, e);
  a->page = document_text(a->out.file, &a->out.render);
  bool pages = o->arg_count && o->output.format == FORMAT_TEXT;
  if (!code) code = pages ? each_domain(o, store, a, e) : print_table(o, store, a, e);
  if (!code) code = output_commit(&a->out, e);
  output_close(&a->out);
  return code;
}

static int ask_thresholds(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)store;
  const struct judgement_basis basis = {.thresholds = &o->judgement.thresholds};
  return question_thresholds(&(struct question){.of = {.basis = &basis}}, sink, e);
}

static int run(const struct options *o) {
  const struct readiness_options *own = (const struct readiness_options *)o;
  if (own->list_thresholds) return ask_without_store(o, NULL, ask_thresholds);
  struct answer answer = {0};
  struct store *store = NULL;
  struct err e;
  int code = ask_open_store(o, &store, &e);
  if (!code) code = print_answer(o, store, &answer, &e);
  store_close(store);
  if (code < 0) return ask_failed(code, &e);
  return own->exit_code && answer.not_ready ? EXIT_NOT_READY : EXIT_DONE;
}

const struct verb VERB_READINESS = {
    .name = "readiness",
    .summary = "may the policy move to quarantine or reject?",
    .details =
        "For each domain: the verdict, the gates it rests on with figure and limit, what blocks with its repair, and the "
        "next\n"
        "record to publish. Named domains get a page each; else a table of all, nearest to their next step first.\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .own_behind = "threshold",
    .size = sizeof(struct readiness_options),
    .run = run,
};
