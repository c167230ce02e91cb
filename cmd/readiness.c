/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/output.h"
#include "cmd/readiness_page.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

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

struct page {
  struct output *out;
  unsigned domains;
  bool not_ready;
};

static bool is_ready(const struct judgement *j) {
  return j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET;
}

static int print_page(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct page *p = user;
  if (p->domains++) fputc('\n', p->out->file);
  if (!is_ready(j)) p->not_ready = true;
  return readiness_page_print(p->out, h, j, e);
}

static int note_readiness(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  struct page *p = user;
  if (!is_ready(j)) p->not_ready = true;
  return 0;
}

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  b.judgement.dns = b.lookups.dns;
  return code < 0 ? code : question_readiness(&b.inquiry, sink, e);
}

static int print_pages(const struct options *o, struct store *store, struct page *p, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  p->out = &out;
  _cleanup_(basis_clear) struct basis b;
  code = basis_open(&b, o, store, e);
  b.judgement.dns = b.lookups.dns;
  if (!code) code = judge_each(&b.inquiry, print_page, p, e);
  return code < 0 ? code : output_commit(&out, e);
}

/* --exit-code with a table: the verdicts are asked for once more, without printing. */
static int check_ready(const struct options *o, struct page *p, struct err *e) {
  struct store *store = NULL;
  _cleanup_(basis_clear) struct basis b = {0};
  int code = ask_open_store(o, &store, e);
  if (!code) code = basis_open(&b, o, store, e);
  b.lookups.quiet = true; /* it was told with the table */
  if (!code) code = judge_each(&b.inquiry, note_readiness, p, e);
  store_close(store);
  return code;
}

static int ask_thresholds(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)store;
  return question_thresholds(&o->judgement.thresholds, sink, e);
}

static int run(const struct options *o) {
  const struct readiness_options *own = (const struct readiness_options *)o;
  if (own->list_thresholds) return ask_without_store(o, NULL, ask_thresholds);
  struct page page = {0};
  struct err e;
  int code, exit_code = EXIT_DONE;
  if (o->arg_count && o->output.format == FORMAT_TEXT) {
    struct store *store = NULL;
    code = ask_open_store(o, &store, &e);
    if (!code) code = print_pages(o, store, &page, &e);
    store_close(store);
  } else {
    exit_code = ask(o, READINESS_SORT, ask_table);
    code = exit_code == EXIT_DONE && own->exit_code ? check_ready(o, &page, &e) : 0;
  }
  if (code < 0) return ask_failed(code, &e);
  return exit_code == EXIT_DONE && own->exit_code && page.not_ready ? EXIT_NOT_READY : exit_code;
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
