/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of one domain's page: its gates, its mail by class, its mail by From: domain. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "report/judgement_lists.h"
#include "report/sections.h"

/* clang-format off */
static const struct column GATE_COLUMNS[] = {
    {"gate", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"figure", NULL, COLUMN_TEXT, 0},
    {"limit", NULL, COLUMN_TEXT, 0},
    {"state", "", COLUMN_TEXT, COLUMN_STATE},
};
static const struct column CLASS_COLUMNS[] = {
    {"class", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"messages", NULL, COLUMN_COUNT, 0},
    {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD},
    {"streams", NULL, COLUMN_COUNT, 0},
};
/* clang-format on */
static const struct table GATE_TABLE = {"dmarcctl.gates", 1, NULL, NULL, GATE_COLUMNS, ARRAY_SIZE(GATE_COLUMNS)};
static const struct table CLASS_TABLE = {"dmarcctl.classes", 1, NULL, NULL, CLASS_COLUMNS, ARRAY_SIZE(CLASS_COLUMNS)};

#define GATE_DECIMALS_MOST 4

static bool gate_holds(const struct gate *g, double figure) {
  return g->at_most ? figure <= g->limit : figure >= g->limit;
}

/* "21 days", "1 day", "98.4 %". Cut off as every figure, but never onto the other side of its limit: then it gets the
 * digits that tell the two apart. */
static void add_measure(struct strbuf *out, const struct gate *g, double figure) {
  if (isnan(figure)) {
    strbuf_add_text(out, "-");
    return;
  }
  unsigned decimals = !strcmp(g->unit, "%") || !strcmp(g->unit, "points") ? 1 : 0;
  while (decimals < GATE_DECIMALS_MOST && gate_holds(g, figure_cut(figure, decimals)) != gate_holds(g, figure))
    decimals++;
  figure_decimal(out, figure, decimals);
  bool one = !decimals && figure_cut(figure, decimals) == 1;
  strbuf_printf(out, " %.*s", (int)strlen(g->unit) - one, g->unit);
}

void gate_tell(const struct gate *g, struct strbuf *figure, struct strbuf *limit) {
  add_measure(figure, g, g->figure);
  strbuf_add_text(limit, g->at_most ? "at most " : "at least ");
  add_measure(limit, g, g->limit);
}

static int push_gates(const struct judgement *j, unsigned states, struct table_sink *sink, struct err *e) {
  int code = 0;
  for (int i = 0; i < GATES && !code; i++) {
    const struct gate *g = &j->gates[i];
    if (!(states & 1u << g->state)) continue;
    _cleanup_strbuf_ struct strbuf figure = STRBUF_INIT, limit = STRBUF_INIT;
    gate_tell(g, &figure, &limit);
    const struct cell cells[] = {cell_text(g->title), cell_text(strbuf_text(&figure)), cell_text(strbuf_text(&limit)),
                                 cell_text(gate_state_word(g->state))};
    code = sink->row(sink, cells, e);
  }
  return code;
}

int readiness_push_gates(const struct judgement *j, bool worst_first, struct table_sink *sink, struct err *e) {
  static const enum gate_state ORDER[] = {GATE_FAIL, GATE_WARN, GATE_PASS, GATE_NOT_JUDGED};
  int code = sink->begin(sink, &GATE_TABLE, e);
  if (!code && !worst_first) code = push_gates(j, UINT_MAX, sink, e);
  for (unsigned i = 0; i < ARRAY_SIZE(ORDER) && worst_first && !code; i++)
    code = push_gates(j, 1u << ORDER[i], sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

int readiness_push_classes(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e) {
  struct {
    int64_t messages, evaluated, passed, streams;
  } sums[CLASS_IGNORED + 1] = {0};
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (s->dormant || !s->window_messages || !judgement_covers(j, s)) continue;
    sums[s->class].messages += s->window_messages;
    sums[s->class].evaluated += s->window_messages - s->window_unevaluated;
    sums[s->class].passed += s->window_passed;
    sums[s->class].streams++;
  }
  int code = sink->begin(sink, &CLASS_TABLE, e);
  for (int c = CLASS_OWN; c <= CLASS_IGNORED && !code; c++) {
    if (!sums[c].streams) continue;
    const struct cell cells[] = {cell_text(stream_class_word((enum stream_class)c)), cell_count(sums[c].messages),
                                 cell_share((double)sums[c].passed, (double)sums[c].evaluated),
                                 cell_count(sums[c].streams)};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

int readiness_push_affected(const struct judgement *j, struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  const struct cell rows = judgement_list_cell(&LIST_OF_AFFECTED, NULL, j, arena);
  int code = sink->begin(sink, &LIST_OF_AFFECTED.table, e);
  for (unsigned i = 0; i < rows.rows.count && !code; i++) {
    const struct cell *row = rows.rows.cells + (size_t)i * LIST_OF_AFFECTED.table.column_count;
    code = sink->row(sink, (const struct cell[]){row[0], cell_number(figure_per_day(row[1].number, 1))}, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}
