/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl portfolio: the groups of domains, who has most to do first. */
#include "report/portfolio.h"
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/group_filter.h"
#include "cmd/verb.h"
#include "report/question.h"

static void add_member(void *user, unsigned number, const char *domain) { portfolio_groups_add(user, number, domain); }

/* The line of domains in no group is left out where groups are named. */
static int fill_groups(const struct options *o, const struct chosen_groups *chosen, const struct database *db,
                       struct portfolio_groups *ret, struct err *e) {
  portfolio_groups_init(ret, chosen->names, chosen->count);
  ret->has_rest = !o->reports.groups.count;
  return groups_each_domain(chosen->groups, chosen->count, db->store, add_member, ret, e);
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  _cleanup_(acknowledgements_clear) struct acknowledgements known = {0};
  _cleanup_(chosen_groups_clear) struct chosen_groups chosen = {0};
  _cleanup_(portfolio_groups_clear) struct portfolio_groups groups = {0};
  int code = basis_open(&b, o, db, e);
  if (!code) code = acknowledgements_read(db->local, &known, e);
  if (!code) code = group_filter_find(o, &chosen, e);
  if (!code) code = fill_groups(o, &chosen, db, &groups, e);
  const struct question q = {.of = b.inquiry, .acknowledgements = &known, .groups = &groups};
  return code < 0 ? code : question_portfolio(&q, sink, e);
}

static int run(const struct options *o) { return ask(o, NULL, question); }

const struct verb VERB_PORTFOLIO = {
    .name = "portfolio",
    .summary = "a line for each customer: who has most to do, and what first",
    .details =
        "The groups of the configuration, [group NAME], and the domains of none: verdicts, findings that are new or open by\n"
        "severity, own mail that fails, and what to do first. Who has most to do comes first.\n",
    .examples = "  dmarcctl portfolio\n",
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "what is to do for a domain rests on all reports of it",
    .run = run,
};
