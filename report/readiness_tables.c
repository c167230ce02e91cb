/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of one domain's page: its gates, its mail by class, its mail by From: domain. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "report/sections.h"

/* clang-format off */
static const struct column GATE_COLUMNS[] = {
    {"gate", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"figure", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"limit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", "", COLUMN_TEXT, COLUMN_STATE, NULL, 0},
};
static const struct column CLASS_COLUMNS[] = {
    {"class", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    {"streams", NULL, COLUMN_COUNT, 0, NULL, 0},
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

int readiness_push_gates(const struct judgement *j, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &GATE_TABLE, e);
  for (int i = 0; i < GATES && !code; i++) {
    const struct gate *g = &j->gates[i];
    _cleanup_strbuf_ struct strbuf figure = STRBUF_INIT, limit = STRBUF_INIT;
    add_measure(&figure, g, g->figure);
    strbuf_add_text(&limit, g->at_most ? "at most " : "at least ");
    add_measure(&limit, g, g->limit);
    const struct cell cells[] = {cell_text(g->title), cell_text(strbuf_text(&figure)), cell_text(strbuf_text(&limit)),
                                 cell_text(gate_state_word(g->state))};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

int readiness_push_classes(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e) {
  struct {
    int64_t messages, passed, streams;
  } sums[CLASS_IGNORED + 1] = {0};
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (s->dormant || !s->window_messages || !judgement_covers(j, s)) continue;
    sums[s->class].messages += s->window_messages;
    sums[s->class].passed += s->window_passed;
    sums[s->class].streams++;
  }
  int code = sink->begin(sink, &CLASS_TABLE, e);
  for (int c = CLASS_OWN; c <= CLASS_IGNORED && !code; c++) {
    if (!sums[c].streams) continue;
    const struct cell cells[] = {cell_text(stream_class_word((enum stream_class)c)), cell_count(sums[c].messages),
                                 cell_share((double)sums[c].passed, (double)sums[c].messages),
                                 cell_count(sums[c].streams)};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

/* clang-format off */
const struct column READINESS_AFFECTED_ROWS[READINESS_AFFECTED_COLUMNS] = {
    {"class", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"messages_per_day", "messages a day", COLUMN_NUMBER, 0, NULL, 0},
};
/* clang-format on */

unsigned readiness_fill_affected(const struct judgement *j, struct cell cells[READINESS_AFFECTED_CELLS]) {
  unsigned rows = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) {
    if (j->affected_per_day[c] <= 0) continue;
    struct cell *row = cells + (size_t)rows++ * READINESS_AFFECTED_COLUMNS;
    row[0] = cell_text(stream_class_word((enum stream_class)c));
    row[1] = cell_number(j->affected_per_day[c]);
  }
  return rows;
}

int readiness_push_affected(const struct judgement *j, struct table_sink *sink, struct err *e) {
  static const struct table TABLE = {"dmarcctl.affected",       1, NULL, "No mail.", READINESS_AFFECTED_ROWS,
                                     READINESS_AFFECTED_COLUMNS};
  struct cell cells[READINESS_AFFECTED_CELLS];
  unsigned rows = readiness_fill_affected(j, cells);
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < rows && !code; i++) {
    struct cell *row = cells + (size_t)i * READINESS_AFFECTED_COLUMNS;
    row[1].number = figure_per_day(row[1].number, 1);
    code = sink->row(sink, row, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

/* --- From: domains ------------------------------------------------------------------------------------------------ */

struct from {
  const char *name;
  int64_t messages, own, own_passed, undecided;
};

/* Of the streams inside the window. */
static void add_up_froms(const struct history *h, struct hashmap *froms) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (s->dormant || !s->window_messages) continue;
    struct from *f = hashmap_put(froms, &s->header_from, sizeof s->header_from, NULL);
    f->name = s->header_from.text;
    f->messages += s->window_messages;
    if (stream_is_own(s)) {
      f->own += s->window_messages;
      f->own_passed += s->window_passed;
    }
    if (s->class == CLASS_UNDECIDED) f->undecided += s->window_messages - s->window_passed;
  }
}

static int by_own_mail(const void *a, const void *b) {
  const struct from *x = a, *y = b;
  if (x->own != y->own) return x->own < y->own ? 1 : -1;
  if (x->undecided != y->undecided) return x->undecided < y->undecided ? 1 : -1;
  return x->name && y->name ? strcmp(x->name, y->name) : !x->name - !y->name;
}

unsigned readiness_fill_froms(const struct history *h, const struct judgement *j,
                              struct cell cells[READINESS_FROM_CELLS]) {
  struct hashmap froms;
  hashmap_init(&froms, sizeof(struct from));
  add_up_froms(h, &froms);
  struct from *sorted = mem_alloc((froms.count + 1) * sizeof *sorted);
  for (uint32_t i = 0; i < froms.count; i++) sorted[i] = *(const struct from *)hashmap_value_at(&froms, i);
  qsort(sorted, froms.count, sizeof *sorted, by_own_mail);
  unsigned count = 0;
  for (; count < froms.count && count < READINESS_MOST_FROMS; count++) {
    const struct from *f = &sorted[count];
    if (!f->own && !f->undecided) break;
    bool below = f->name && strcmp(f->name, j->domain) != 0;
    const struct cell row[READINESS_FROM_COLUMNS] = {
        cell_text(f->name),       cell_text(j->below && below ? "sp" : "p"),
        cell_count(f->own),       cell_share((double)f->own_passed, (double)f->own),
        cell_count(f->undecided), cell_count(f->messages),
    };
    memcpy(cells + (size_t)count * READINESS_FROM_COLUMNS, row, sizeof row);
  }
  free(sorted);
  hashmap_clear(&froms);
  return count;
}

/* clang-format off */
const struct column READINESS_FROM_ROWS[READINESS_FROM_COLUMNS] = {
    {"header_from", "From:", COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"policy_tag", "under", COLUMN_TEXT, 0, NULL, 0},
    {"own_messages", "own mail", COLUMN_COUNT, 0, NULL, 0},
    {"own_pass_rate", "passes", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    {"undecided", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"messages", "all mail", COLUMN_COUNT, 0, NULL, 0},
};
/* clang-format on */

int readiness_push_froms(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e) {
  static const struct table TABLE = {"dmarcctl.froms", 1, NULL, NULL, READINESS_FROM_ROWS, READINESS_FROM_COLUMNS};
  struct cell cells[READINESS_FROM_CELLS];
  unsigned count = readiness_fill_froms(h, j, cells);
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < count && !code; i++) code = sink->row(sink, cells + (size_t)i * READINESS_FROM_COLUMNS, e);
  return code < 0 ? code : sink->end(sink, e);
}
