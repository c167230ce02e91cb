/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the recipients' domains: how much mail each gets, and what of it would be lost. */
#include "analysis/partners.h"

#include "base/figure.h"
#include "report/late_table.h"
#include "report/question.h"

/* clang-format off */
enum {
  PARTNER, MESSAGES, OWN, OWN_PASS, OWN_FAILING, LOST, LOST_PER_WEEK, NEXT, DOMAIN, COLUMNS_OF_PARTNERS
};
static const struct column COLUMNS[COLUMNS_OF_PARTNERS] = {
    [PARTNER] = {"partner", NULL, COLUMN_TEXT, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [OWN] = {"own_messages", "own mail", COLUMN_COUNT, 0},
    [OWN_PASS] = {"own_pass_share", "passes", COLUMN_SHARE, COLUMN_GOOD},
    [OWN_FAILING] = {"own_failing_messages", "fails", COLUMN_COUNT, 0},
    [LOST] = {"lost_messages", "would be lost", COLUMN_COUNT, 0},
    [LOST_PER_WEEK] = {"lost_per_week", "a week", COLUMN_NUMBER, 0},
    [NEXT] = {"next", "at p=", COLUMN_TEXT, 0},
    [DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, 0},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.partners", 1, NULL, "No mail in the judged window. 'dmarcctl summary' shows what is stored.", COLUMNS,
    COLUMNS_OF_PARTNERS};

static int push_partner(struct table_sink *sink, const struct partners *of, const struct partner *p, struct err *e) {
  const bool moves = of->judgement->next != POLICY_UNKNOWN;
  const struct cell cells[COLUMNS_OF_PARTNERS] = {
      [PARTNER] = cell_text(p->name),
      [MESSAGES] = cell_count(p->messages),
      [OWN] = cell_count(p->own),
      [OWN_PASS] = cell_share((double)(p->own - p->own_failing), (double)p->own),
      [OWN_FAILING] = cell_count(p->own_failing),
      [LOST] = moves ? cell_count(p->lost) : cell_absent(),
      [LOST_PER_WEEK] = moves ? cell_number(figure_per_day((double)p->lost * 7, of->days)) : cell_absent(),
      [NEXT] = cell_text(policy_word(of->judgement->next)),
      [DOMAIN] = cell_text(of->judgement->domain),
  };
  return sink->row(sink, cells, e);
}

static int push_domain(void *user, const struct partners *p, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  for (uint32_t i = 0; i < p->count && !code; i++) code = push_partner(t->sink, p, &p->items[i], e);
  return code;
}

int question_partners(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  return late_table_end(&t, partners_each(&q->of, push_domain, &t, e), e);
}
