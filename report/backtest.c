/* SPDX-License-Identifier: Apache-2.0 */
/* The backtest: one row a day; and as a page the sums in a sentence, with the days on which it was wrong. */
#include <stdlib.h>
#include <string.h>

#include "analysis/backtest.h"
#include "base/cleanup.h"
#include "base/figure.h"
#include "report/late_table.h"
#include "report/pages.h"

/* --- a row a day ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column COLUMNS[] = {
    {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    {"verdict", NULL, COLUMN_TEXT, 0},
    {"step", NULL, COLUMN_TEXT, 0},
    {"outcome", NULL, COLUMN_TEXT, 0},
    {"own_messages", "own mail after", COLUMN_COUNT, 0},
    {"lost_messages", "lost", COLUMN_COUNT, 0},
    {"lost_share", NULL, COLUMN_SHARE, 0},
    {"limit", NULL, COLUMN_SHARE, COLUMN_DETAIL},
    {"undecided", NULL, COLUMN_COUNT, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.backtest", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, ARRAY_SIZE(COLUMNS)};

static int push_domain(void *user, const struct backtest *b, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  for (uint32_t i = 0; i < b->count && !code; i++) {
    const struct backtest_day *d = &b->days[i];
    const struct cell cells[ARRAY_SIZE(COLUMNS)] = {cell_text(b->domain),
                                                    cell_day(d->day),
                                                    cell_text(verdict_word(d->verdict)),
                                                    cell_text(policy_word(d->step)),
                                                    cell_text(backtest_outcome_word(d->outcome)),
                                                    cell_count(d->own),
                                                    cell_count(d->lost),
                                                    cell_share((double)d->lost, (double)d->own),
                                                    cell_number(d->limit),
                                                    cell_count(d->undecided)};
    code = t->sink->row(t->sink, cells, e);
  }
  return code;
}

int question_backtest(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  return late_table_end(&t, backtest_each(&q->of, push_domain, &t, e), e);
}

/* --- a page --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column WRONG_COLUMNS[] = {
    {"from", NULL, COLUMN_DAY, COLUMN_KEY},
    {"to", NULL, COLUMN_DAY, COLUMN_KEY},
    {"verdict", NULL, COLUMN_TEXT, 0},
    {"step", NULL, COLUMN_TEXT, 0},
    {"own_messages", "own mail after", COLUMN_COUNT, 0},
    {"lost_messages", "lost", COLUMN_COUNT, 0},
    {"lost_share", NULL, COLUMN_SHARE, 0},
};
/* clang-format on */
static const struct table WRONG_TABLE = {"dmarcctl.backtest_wrong", 1, NULL, NULL, WRONG_COLUMNS,
                                         ARRAY_SIZE(WRONG_COLUMNS)};

/* Days that follow each other with the same wrong answer, with the dearest of them. */
static int push_wrong(const struct backtest *b, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &WRONG_TABLE, e);
  for (uint32_t i = 0, end; i < b->count && !code; i = end) {
    const struct backtest_day *first = &b->days[i], *dearest = first;
    for (end = i; end < b->count && b->days[end].outcome == first->outcome && b->days[end].verdict == first->verdict &&
                  b->days[end].step == first->step;
         end++)
      if (b->days[end].lost > dearest->lost) dearest = &b->days[end];
    if (first->outcome != BACKTEST_WRONG) continue;
    const struct cell cells[ARRAY_SIZE(WRONG_COLUMNS)] = {cell_day(first->day),
                                                          cell_day(b->days[end - 1].day),
                                                          cell_text(verdict_word(first->verdict)),
                                                          cell_text(policy_word(first->step)),
                                                          cell_count(dearest->own),
                                                          cell_count(dearest->lost),
                                                          cell_share((double)dearest->lost, (double)dearest->own)};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

static void tell_sums(const struct backtest *b, struct strbuf *out) {
  const uint32_t open = b->outcomes[BACKTEST_OPEN];
  const uint32_t known = b->count - open;
  if (!known) {
    strbuf_printf(out, "Nothing to tell yet: no day has the %d days behind it that say what became of the mail.",
                  BACKTEST_AHEAD_DAYS);
    return;
  }
  strbuf_printf(out, "Right on %u of ", b->outcomes[BACKTEST_RIGHT]);
  figure_count(out, known, "day");
  strbuf_printf(out, ", needlessly held on %u", b->outcomes[BACKTEST_NEEDLESS]);
  if (b->needless_for_data) strbuf_printf(out, " (%u of them for want of data)", b->needless_for_data);
  strbuf_printf(out, ", wrong on %u.", b->outcomes[BACKTEST_WRONG]);
  if (b->outcomes[BACKTEST_UNDECIDED])
    strbuf_printf(out, " On %u only you can say: it turns on undecided mail, whether that is yours.",
                  b->outcomes[BACKTEST_UNDECIDED]);
  if (!open) return;
  strbuf_add_text(out, " Of the last ");
  figure_count(out, open, "day");
  strbuf_add_text(out, " it is not known yet.");
}

struct letters {
  struct document *d;
  unsigned written;
};

static int write_domain(void *user, const struct backtest *b, struct err *e) {
  static const struct page_table OPTIONS = {
      .caption =
          "Days on which it said that the policy may move, or is well where it is, and more own mail failed in "
          "the month after than the gates promise"};
  struct letters *l = user;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (l->written++) l->d->heading(l->d, 2, NULL, NULL);
  l->d->headline(l->d, b->domain);
  tell_sums(b, &text);
  l->d->text(l->d, strbuf_text(&text));
  if (!b->outcomes[BACKTEST_WRONG]) return 0;
  struct table_sink *sink = l->d->table(l->d, &OPTIONS);
  int code = push_wrong(b, sink, e);
  table_sink_free(sink);
  return code;
}

int backtest_pages(const struct question *q, struct document *d, struct err *e) {
  struct letters l = {.d = d};
  int code = backtest_each(&q->of, write_domain, &l, e);
  if (code < 0) return code;
  d->heading(d, 2, NULL, NULL);
  d->note(d, l.written
                 ? "Whose mail it was is what the judgement of all that is stored says, with the labels of today. "
                   "Mail that no reporter told of is not known at all."
                 : NO_DOMAIN_MATCHES);
  return 0;
}
