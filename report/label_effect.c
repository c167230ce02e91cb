/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what a label took hold of, and what its domains are judged to be with it. */
#include "report/label_effect.h"

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/policy.h"

#define MOST_NAMED 3 /* more is no sentence that anybody reads to its end */

/* clang-format off */
enum {
  DOMAIN, STREAMS, MESSAGES, KEPT_STREAMS, KEPT_MESSAGES, VERDICT, NEXT, SOURCE, SUBJECT, LABEL, LABEL_DOMAIN_COLUMN,
  CHANGE, COLUMNS_OF_LABELLED
};
static const struct column COLUMNS[COLUMNS_OF_LABELLED] = {
    [DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, COLUMN_KEY},
    [STREAMS] = {"streams", NULL, COLUMN_COUNT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [KEPT_STREAMS] = {"kept_streams", NULL, COLUMN_COUNT, 0},
    [KEPT_MESSAGES] = {"kept_messages", NULL, COLUMN_COUNT, 0},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, 0},
    [NEXT] = {"next", NULL, COLUMN_TEXT, 0},
    [SOURCE] = {"source", NULL, COLUMN_TEXT, 0},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, 0},
    [LABEL] = {"label", NULL, COLUMN_TEXT, 0},
    [LABEL_DOMAIN_COLUMN] = {"label_domain", NULL, COLUMN_TEXT, 0},
    [CHANGE] = {"change", NULL, COLUMN_TEXT, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.labelled", 1, NULL, "No stored mail has the label.", COLUMNS,
                                   COLUMNS_OF_LABELLED};

const char *label_change_word(enum label_change c) {
  static const char *const WORDS[] = {
      [LABEL_ADDED] = "added", [LABEL_CHANGED] = "changed", [LABEL_LEFT] = "left", [LABEL_REMOVED] = "removed"};
  return WORDS[c];
}

/* --- a sentence --------------------------------------------------------------------------------------------------- */

static bool may_move(const struct labelled_domain *d) {
  return d->verdict == VERDICT_READY || d->verdict == VERDICT_AT_TARGET;
}

static void tell_each(const struct labelled *l, struct strbuf *out) {
  for (unsigned i = 0; i < l->count; i++)
    strbuf_printf(out, "%s%s is %s", i ? ", " : "; ", l->domains[i].name, verdict_word(l->domains[i].verdict));
}

static void tell_count(const struct labelled *l, struct strbuf *out) {
  int64_t moving = 0;
  for (unsigned i = 0; i < l->count; i++) moving += may_move(&l->domains[i]);
  strbuf_add_text(out, "; of ");
  figure_count(out, l->count, "domain");
  strbuf_add_char(out, ' ');
  figure_integer(out, moving, true);
  strbuf_printf(out, " %s READY or AT_TARGET", moving == 1 ? "is" : "are");
}

static void tell_day(int64_t as_of_s, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  if (as_of_s)
    strbuf_printf(out, " as of %s", utc_format_day(as_of_s, day));
  else
    strbuf_add_text(out, " now");
}

void labelled_tell(const struct labelled_answer *a, struct strbuf *out) {
  const struct labelled_domain sum = labelled_sum(a->found);
  if (!sum.streams) return;
  if (a->change == LABEL_REMOVED) strbuf_add_text(out, "taken back from ");
  figure_count(out, sum.streams, "stream");
  strbuf_add_text(out, ", ");
  figure_count(out, sum.messages, "message");
  if (sum.kept_streams && a->change != LABEL_REMOVED) {
    strbuf_add_text(out, ", of which ");
    figure_integer(out, sum.kept_messages, true);
    strbuf_add_text(out, sum.kept_messages == 1 ? " stays yours" : " stay yours");
  }
  if (a->found->count <= MOST_NAMED)
    tell_each(a->found, out);
  else
    tell_count(a->found, out);
  tell_day(a->as_of_s, out);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static int push_domain(const struct labelled_answer *a, const struct labelled_domain *d, struct table_sink *sink,
                       struct err *e) {
  const struct cell cells[COLUMNS_OF_LABELLED] = {
      [DOMAIN] = cell_text(d->name),
      [STREAMS] = cell_count(d->streams),
      [MESSAGES] = cell_count(d->messages),
      [KEPT_STREAMS] = cell_count(d->kept_streams),
      [KEPT_MESSAGES] = cell_count(d->kept_messages),
      [VERDICT] = cell_text(verdict_word(d->verdict)),
      [NEXT] = cell_text(policy_word(d->next)),
      [SOURCE] = cell_text(a->label->source),
      [SUBJECT] = cell_text(label_subject_word(a->label->subject)),
      [LABEL] = cell_text(label_verdict_word(a->label->verdict)),
      [LABEL_DOMAIN_COLUMN] = cell_text(a->label->domain),
      [CHANGE] = cell_text(label_change_word(a->change)),
  };
  return sink->row(sink, cells, e);
}

int labelled_rows(const struct labelled_answer *a, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < a->found->count && !code; i++) code = push_domain(a, &a->found->domains[i], sink, e);
  return code < 0 ? code : sink->end(sink, e);
}
