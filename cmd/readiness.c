/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include "base/cleanup.h"
#include "base/domain.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/output.h"
#include "cmd/readiness_page.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

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
  return question_thresholds(&o->thresholds, sink, e);
}

int verb_readiness(struct options *o) {
  if (o->list_thresholds) return ask_without_store(o, NULL, ask_thresholds);
  struct page page = {0};
  struct err e;
  for (unsigned i = 0; i < o->arg_count; i++) domain_normalise((char *)o->args[i]);
  int code, exit_code = EXIT_DONE;
  if (o->arg_count && o->format == FORMAT_TEXT) {
    struct store *store = NULL;
    code = ask_open_store(o, &store, &e);
    if (!code) code = print_pages(o, store, &page, &e);
    store_close(store);
  } else {
    exit_code = ask(o, READINESS_SORT, ask_table);
    code = exit_code == EXIT_DONE && o->exit_code ? check_ready(o, &page, &e) : 0;
  }
  if (code < 0) return ask_failed(code, &e);
  return exit_code == EXIT_DONE && o->exit_code && page.not_ready ? EXIT_NOT_READY : exit_code;
}
