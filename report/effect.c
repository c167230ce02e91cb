/* SPDX-License-Identifier: Apache-2.0 */
/* effect: one row a step of the policy, with its classes, reporters and senders nested. */
#include <string.h>

#include "base/cleanup.h"
#include "report/effect_sections.h"
#include "report/effect_words.h"
#include "report/late_table.h"
#include "report/question.h"

/* --- lists of a step ---------------------------------------------------------------------------------------------- */

/* clang-format off */
#define COLUMNS_OF_SUM \
    {"messages_before", "before", COLUMN_COUNT, COLUMN_DETAIL}, \
    {"messages_after", "after", COLUMN_COUNT, 0}, \
    {"failing_before", NULL, COLUMN_COUNT, COLUMN_DATA}, \
    {"failing_after", "fails", COLUMN_COUNT, 0}, \
    {"predicted", "expected", COLUMN_COUNT, 0}, \
    {"predicted_low", "from", COLUMN_COUNT, 0}, \
    {"predicted_high", "to", COLUMN_COUNT, 0}, \
    {"quarantined", NULL, COLUMN_COUNT, 0}, \
    {"rejected", NULL, COLUMN_COUNT, 0}, \
    {"overridden", "with a reason", COLUMN_COUNT, COLUMN_DETAIL}, \
    {"ignored", "without one", COLUMN_COUNT, COLUMN_DETAIL}, \
    {"unknown", "not told", COLUMN_COUNT, COLUMN_DATA}
#define CELLS_OF_SUM 12

static const struct column CLASS_COLUMNS[] = {{"class", NULL, COLUMN_TEXT, COLUMN_KEY}, COLUMNS_OF_SUM};
static const struct column REPORTER_COLUMNS[] = {
    {"reporter", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    {"since", NULL, COLUMN_DAY, 0},
    {"days", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    {"messages_before", "before", COLUMN_COUNT, COLUMN_DETAIL},
    {"messages_after", "after", COLUMN_COUNT, 0},
    {"failing_before", NULL, COLUMN_COUNT, COLUMN_DATA},
    {"failing_after", "fails", COLUMN_COUNT, 0},
    {"predicted", "expected", COLUMN_COUNT, COLUMN_DETAIL},
    {"quarantined", NULL, COLUMN_COUNT, 0},
    {"rejected", NULL, COLUMN_COUNT, 0},
    {"overridden", "with a reason", COLUMN_COUNT, COLUMN_DETAIL},
    {"ignored", "without one", COLUMN_COUNT, COLUMN_DETAIL},
    {"unknown", "not told", COLUMN_COUNT, COLUMN_DATA},
    {"own_lost", "own lost", COLUMN_COUNT, 0},
    {"set_aside_messages", "set aside", COLUMN_COUNT, COLUMN_DETAIL},
};
static const struct column SENDER_COLUMNS[] = {
    {"source", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    {"source_ip", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    {"service", NULL, COLUMN_TEXT, COLUMN_DATA},
    {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    {"messages_before", "before", COLUMN_COUNT, 0},
    {"failing_before", "failed", COLUMN_COUNT, COLUMN_DETAIL},
    {"messages_after", "after", COLUMN_COUNT, 0},
    {"failing_after", "fails", COLUMN_COUNT, COLUMN_DETAIL},
    {"lost", NULL, COLUMN_COUNT, 0},
};
static const struct column REASON_COLUMNS[] = {{"reason", NULL, COLUMN_TEXT, COLUMN_KEY}, {"messages", NULL, COLUMN_COUNT, 0}};
/* clang-format on */
_Static_assert(ARRAY_SIZE(CLASS_COLUMNS) == CELLS_OF_SUM + 1, "a class, and a sum");

static void fill_sum(struct cell *cells, const struct effect_sum *s) {
  const struct cell row[CELLS_OF_SUM] = {cell_count(s->messages[EFFECT_BEFORE]),
                                         cell_count(s->messages[EFFECT_AFTER]),
                                         cell_count(s->failing[EFFECT_BEFORE]),
                                         cell_count(s->failing[EFFECT_AFTER]),
                                         cell_count(effect_predicted(s)),
                                         cell_count((int64_t)s->low),
                                         cell_count((int64_t)s->high),
                                         cell_count(s->quarantined),
                                         cell_count(s->rejected),
                                         cell_count(s->overridden),
                                         cell_count(s->ignored),
                                         cell_count(s->unknown)};
  memcpy(cells, row, sizeof row);
}

static unsigned fill_classes(const struct effect_step *s, struct cell *cells) {
  unsigned rows = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) {
    const struct effect_sum *sum = &s->by_class[c];
    if (!sum->messages[EFFECT_BEFORE] && !sum->messages[EFFECT_AFTER]) continue;
    struct cell *row = cells + rows++ * ARRAY_SIZE(CLASS_COLUMNS);
    row[0] = cell_text(stream_class_word((enum stream_class)c));
    fill_sum(row + 1, sum);
  }
  return rows;
}

static unsigned fill_reporters(const struct effect_step *s, struct cell *cells) {
  for (uint32_t i = 0; i < s->reporter_count; i++) {
    const struct effect_reporter *r = &s->reporters[i];
    const struct cell row[ARRAY_SIZE(REPORTER_COLUMNS)] = {cell_text(r->name),
                                                           cell_day(r->day),
                                                           cell_count(r->days),
                                                           cell_count(r->sum.messages[EFFECT_BEFORE]),
                                                           cell_count(r->sum.messages[EFFECT_AFTER]),
                                                           cell_count(r->sum.failing[EFFECT_BEFORE]),
                                                           cell_count(r->sum.failing[EFFECT_AFTER]),
                                                           cell_count(effect_predicted(&r->sum)),
                                                           cell_count(r->sum.quarantined),
                                                           cell_count(r->sum.rejected),
                                                           cell_count(r->sum.overridden),
                                                           cell_count(r->sum.ignored),
                                                           cell_count(r->sum.unknown),
                                                           cell_count(r->own_lost),
                                                           cell_count(r->set_aside)};
    memcpy(cells + i * ARRAY_SIZE(REPORTER_COLUMNS), row, sizeof row);
  }
  return s->reporter_count;
}

static unsigned fill_senders(const struct effect_sender *list, unsigned count, struct cell *cells) {
  for (unsigned i = 0; i < count; i++) {
    const struct effect_sender *s = &list[i];
    const struct cell row[ARRAY_SIZE(SENDER_COLUMNS)] = {
        cell_text(effect_sender_name(s)),
        cell_text(s->largest->source.text),
        cell_text(s->largest->service ? s->largest->service->name : NULL),
        cell_text(stream_class_word(s->largest->class)),
        cell_count(s->messages[EFFECT_BEFORE]),
        cell_count(s->failing[EFFECT_BEFORE]),
        cell_count(s->messages[EFFECT_AFTER]),
        cell_count(s->failing[EFFECT_AFTER]),
        cell_count(s->lost)};
    memcpy(cells + i * ARRAY_SIZE(SENDER_COLUMNS), row, sizeof row);
  }
  return count;
}

static unsigned fill_lost(const struct effect_step *s, struct cell *cells) {
  return fill_senders(s->senders, s->sender_count, cells);
}
static unsigned fill_vanished(const struct effect_step *s, struct cell *cells) {
  return fill_senders(s->vanished, s->vanished_count, cells);
}

static unsigned fill_reasons(const struct effect_step *s, struct cell *cells) {
  for (unsigned i = 0; i < s->reason_count; i++) {
    cells[2 * i] = cell_text(s->reasons[i].type);
    cells[2 * i + 1] = cell_count(s->reasons[i].messages);
  }
  return s->reason_count;
}

static const struct {
  struct table table;
  unsigned (*fill)(const struct effect_step *s, struct cell *cells);
} LISTS[EFFECT_LISTS] = {
    [EFFECT_LIST_OF_CLASSES] = {NESTED_ROWS(CLASS_COLUMNS), fill_classes},
    [EFFECT_LIST_OF_REPORTERS] = {NESTED_ROWS(REPORTER_COLUMNS), fill_reporters},
    [EFFECT_LIST_OF_SENDERS] = {NESTED_ROWS(SENDER_COLUMNS), fill_lost},
    [EFFECT_LIST_OF_VANISHED] = {NESTED_ROWS(SENDER_COLUMNS), fill_vanished},
    [EFFECT_LIST_OF_REASONS] = {NESTED_ROWS(REASON_COLUMNS), fill_reasons},
};

static struct cell rows_of(const struct effect_step *s, enum effect_list list, struct arena *arena) {
  const size_t most = s->reporter_count + EFFECT_MOST_NAMED + CLASS_IGNORED + 1;
  struct cell *cells = arena_alloc(arena, most * LISTS[list].table.column_count * sizeof *cells);
  return (struct cell){.present = true, .rows = {cells, LISTS[list].fill(s, cells)}};
}

int effect_push(const struct effect_step *s, enum effect_list list, struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  const struct cell rows = rows_of(s, list, arena);
  int code = sink->begin(sink, &LISTS[list].table, e);
  for (unsigned i = 0; i < rows.rows.count && !code; i++)
    code = sink->row(sink, rows.rows.cells + (size_t)i * LISTS[list].table.column_count, e);
  return code < 0 ? code : sink->end(sink, e);
}

/* --- a row a step ------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  DOMAIN, DAY, BEFORE, AFTER, OUTCOME, DAYS, OWN, LOST, LOST_SHARE, PREDICTED, LOW, HIGH, UNDECIDED, QUARANTINED, REJECTED,
  ALL_PREDICTED, ALL_LOW, ALL_HIGH, OVERRIDDEN, IGNORED, UNKNOWN, SET_ASIDE, UNTIL, TAKEN_BACK, LIMIT, RECORD, TEXT,
  CLASSES, REPORTERS, SENDERS, VANISHED, REASONS, COLUMNS_OF_EFFECT
};
static const struct column COLUMNS[COLUMNS_OF_EFFECT] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [BEFORE] = {"policy_before", "from", COLUMN_TEXT, 0},
    [AFTER] = {"policy_after", "to", COLUMN_TEXT, 0},
    [OUTCOME] = {"outcome", NULL, COLUMN_TEXT, 0},
    [DAYS] = {"days", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [OWN] = {"own_messages", "own mail", COLUMN_COUNT, 0},
    [LOST] = {"own_lost", "lost", COLUMN_COUNT, 0},
    [LOST_SHARE] = {"own_lost_share", "of it", COLUMN_SHARE, COLUMN_DETAIL},
    [PREDICTED] = {"own_predicted", "expected", COLUMN_COUNT, 0},
    [LOW] = {"own_predicted_low", "at least", COLUMN_COUNT, COLUMN_DETAIL},
    [HIGH] = {"own_predicted_high", "at most", COLUMN_COUNT, COLUMN_DETAIL},
    [UNDECIDED] = {"undecided_lost", NULL, COLUMN_COUNT, COLUMN_DATA},
    [QUARANTINED] = {"quarantined", NULL, COLUMN_COUNT, COLUMN_DATA},
    [REJECTED] = {"rejected", NULL, COLUMN_COUNT, COLUMN_DATA},
    [ALL_PREDICTED] = {"predicted", NULL, COLUMN_COUNT, COLUMN_DATA},
    [ALL_LOW] = {"predicted_low", NULL, COLUMN_COUNT, COLUMN_DATA},
    [ALL_HIGH] = {"predicted_high", NULL, COLUMN_COUNT, COLUMN_DATA},
    [OVERRIDDEN] = {"overridden", NULL, COLUMN_COUNT, COLUMN_DATA},
    [IGNORED] = {"ignored", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNKNOWN] = {"unknown", NULL, COLUMN_COUNT, COLUMN_DATA},
    [SET_ASIDE] = {"set_aside_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNTIL] = {"until", NULL, COLUMN_DAY, COLUMN_DATA},
    [TAKEN_BACK] = {"taken_back", NULL, COLUMN_DAY, COLUMN_DATA},
    [LIMIT] = {"limit", NULL, COLUMN_SHARE, COLUMN_DATA},
    [RECORD] = {"former_record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [TEXT] = {"text", NULL, COLUMN_TEXT, COLUMN_DATA},
    [CLASSES] = {"classes", NULL, COLUMN_ROWS, COLUMN_DATA, &LISTS[EFFECT_LIST_OF_CLASSES].table},
    [REPORTERS] = {"reporters", NULL, COLUMN_ROWS, COLUMN_DATA, &LISTS[EFFECT_LIST_OF_REPORTERS].table},
    [SENDERS] = {"losing_senders", NULL, COLUMN_ROWS, COLUMN_DATA, &LISTS[EFFECT_LIST_OF_SENDERS].table},
    [VANISHED] = {"vanished_senders", NULL, COLUMN_ROWS, COLUMN_DATA, &LISTS[EFFECT_LIST_OF_VANISHED].table},
    [REASONS] = {"reasons", NULL, COLUMN_ROWS, COLUMN_DATA, &LISTS[EFFECT_LIST_OF_REASONS].table},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.effect", 1, NULL, "No domain has taken a step that the reports tell of.", COLUMNS, COLUMNS_OF_EFFECT};

static struct cell day_or_absent(int32_t day) { return day ? cell_day(day) : cell_absent(); }

static int push_step(const struct effect *x, const struct effect_step *s, struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT, text = STRBUF_INIT;
  policy_tell(s->before, &before);
  policy_tell(s->after, &after);
  effect_tell(s, &text);
  const int64_t lost = effect_acted(&s->own), own = s->own.messages[EFFECT_AFTER];
  const struct cell cells[COLUMNS_OF_EFFECT] = {
      [DOMAIN] = cell_text(x->judgement->domain),
      [DAY] = cell_day(s->day),
      [BEFORE] = cell_text(strbuf_text(&before)),
      [AFTER] = cell_text(strbuf_text(&after)),
      [OUTCOME] = cell_text(effect_outcome_word(s->outcome)),
      [DAYS] = cell_count(s->days),
      [OWN] = cell_count(own),
      [LOST] = cell_count(lost),
      [LOST_SHARE] = cell_share((double)lost, (double)own),
      [PREDICTED] = cell_count(effect_predicted(&s->own)),
      [LOW] = cell_count((int64_t)s->own.low),
      [HIGH] = cell_count((int64_t)s->own.high),
      [UNDECIDED] = cell_count(effect_acted(&s->by_class[CLASS_UNDECIDED])),
      [QUARANTINED] = cell_count(s->all.quarantined),
      [REJECTED] = cell_count(s->all.rejected),
      [ALL_PREDICTED] = cell_count(effect_predicted(&s->all)),
      [ALL_LOW] = cell_count((int64_t)s->all.low),
      [ALL_HIGH] = cell_count((int64_t)s->all.high),
      [OVERRIDDEN] = cell_count(s->all.overridden),
      [IGNORED] = cell_count(s->all.ignored),
      [UNKNOWN] = cell_count(s->all.unknown),
      [SET_ASIDE] = cell_count(s->set_aside),
      [UNTIL] = day_or_absent(s->until_day),
      [TAKEN_BACK] = day_or_absent(s->taken_back_day),
      [LIMIT] = cell_number(s->limit),
      [RECORD] = cell_text(s->former_record),
      [TEXT] = cell_text(strbuf_text(&text)),
      [CLASSES] = rows_of(s, EFFECT_LIST_OF_CLASSES, arena),
      [REPORTERS] = rows_of(s, EFFECT_LIST_OF_REPORTERS, arena),
      [SENDERS] = rows_of(s, EFFECT_LIST_OF_SENDERS, arena),
      [VANISHED] = rows_of(s, EFFECT_LIST_OF_VANISHED, arena),
      [REASONS] = rows_of(s, EFFECT_LIST_OF_REASONS, arena),
  };
  return sink->row(sink, cells, e);
}

static int push_domain(void *user, const struct effect *x, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  for (unsigned i = 0; i < x->step_count && !code; i++) code = push_step(x, &x->steps[i], t->sink, e);
  return code;
}

int question_effect(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  return late_table_end(&t, effect_each(&q->of, push_domain, &t, e), e);
}
