/* SPDX-License-Identifier: Apache-2.0 */
/* diff: one row a change. */
#include "base/cleanup.h"
#include "report/late_table.h"
#include "report/question.h"
#include "report/words.h"

enum { BEFORE, NOW };

/* clang-format off */
enum {
  DOMAIN, KIND, EFFECT, SUBJECT, CLASS, BEFORE_WORDS, AFTER_WORDS, MESSAGES_BEFORE, MESSAGES, PASS_BEFORE, PASS,
  EXAMPLE, NOTE, FALL, COLUMNS_OF_DIFF
};
static const struct column COLUMNS[COLUMNS_OF_DIFF] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [KIND] = {"kind", NULL, COLUMN_TEXT, 0},
    [EFFECT] = {"effect", NULL, COLUMN_TEXT, 0},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [BEFORE_WORDS] = {"before", NULL, COLUMN_TEXT, 0},
    [AFTER_WORDS] = {"after", NULL, COLUMN_TEXT, 0},
    [MESSAGES_BEFORE] = {"messages_before", NULL, COLUMN_COUNT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS_BEFORE] = {"pass_share_before", NULL, COLUMN_SHARE, 0},
    [PASS] = {"pass_share", NULL, COLUMN_SHARE, COLUMN_GOOD},
    [EXAMPLE] = {"source_ip", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [NOTE] = {"note", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [FALL] = {"fall", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.diff", 1, NULL, "Nothing changed.", COLUMNS, COLUMNS_OF_DIFF};

static bool is_source(enum diff_kind kind) {
  return kind == DIFF_SOURCE_PASS_RATE || kind == DIFF_NEW_SOURCE || kind == DIFF_GONE_SOURCE;
}

static struct cell before_cell(const struct diff_change *c) {
  return c->incident ? cell_absent() : cell_count(c->mail[BEFORE].messages);
}

/* Of a reporter's mail the report says in all how much there was, and not here what passed. */
static struct cell share_cell(const struct diff_change *c, int period) {
  if (c->incident || c->kind == DIFF_NEW_REPORTER || c->kind == DIFF_GONE_REPORTER) return cell_absent();
  return cell_share((double)c->mail[period].passed, (double)c->mail[period].messages);
}

static int push_change(struct table_sink *sink, const char *domain, const struct diff_change *c, struct err *e) {
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT, advice = STRBUF_INIT, fall = STRBUF_INIT;
  diff_steps(c, &before, &after);
  if (c->fall) fall_tell(c->fall, &fall);
  if (c->incident) incident_advise(c->incident, &advice);
  const struct cell cells[COLUMNS_OF_DIFF] = {
      [DOMAIN] = cell_text(domain),
      [KIND] = cell_text(diff_kind_word(c->kind)),
      [EFFECT] = cell_text(diff_effect_word(c->effect)),
      [SUBJECT] = cell_text(c->below ? "subdomains" : c->subject),
      [CLASS] = cell_text(is_source(c->kind) ? stream_class_word(c->class) : NULL),
      [BEFORE_WORDS] = cell_text(before.data),
      [AFTER_WORDS] = cell_text(after.data),
      [MESSAGES_BEFORE] = before_cell(c),
      [MESSAGES] = cell_count(c->mail[NOW].messages),
      [PASS_BEFORE] = share_cell(c, BEFORE),
      [PASS] = share_cell(c, NOW),
      [EXAMPLE] = cell_text(c->example),
      [NOTE] = cell_text(c->incident ? advice.data : c->note),
      [FALL] = cell_text(fall.data),
  };
  return sink->row(sink, cells, e);
}

static int push_domain(void *user, const struct diff_domain *d, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  for (uint32_t i = 0; i < d->count && !code; i++) code = push_change(t->sink, d->domain, &d->changes[i], e);
  return code;
}

int question_diff(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  struct diff_total total = {0};
  int code = diff_each(&q->of, q->periods, push_domain, &t, &total, e);
  if (q->changed) *q->changed = total.changed;
  return late_table_end(&t, code, e);
}
