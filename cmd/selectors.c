/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl selectors: whose each DKIM selector is, and what became of it. */
#include "base/cleanup.h"
#include "base/domain.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/verb.h"
#include "report/question.h"
#include "report/question_selectors.h"

static int question(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  return code < 0 ? code : question_selectors(&b.inquiry, sink, e);
}

int verb_selectors(struct options *o) {
  for (unsigned i = 0; i < o->arg_count; i++) domain_normalise((char *)o->args[i]);
  return ask(o, QUESTION_SORT_MESSAGES, question);
}
