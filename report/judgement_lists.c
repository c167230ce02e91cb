/* SPDX-License-Identifier: Apache-2.0 */
/* What each list of a judged domain holds. */
#include "report/judgement_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "dns/published.h"
#include "report/words.h"

struct cell judgement_list_cell(const struct judgement_list *list, const struct history *h, const struct judgement *j,
                                struct arena *arena) {
  if (j && list->is_known && !list->is_known(j)) return cell_absent();
  const size_t most = j ? (size_t)list->most * list->table.column_count : 0;
  struct cell *cells = arena_alloc(arena, (most + 1) * sizeof *cells);
  return (struct cell){.present = true, .rows = {cells, j ? list->fill(h, j, cells) : 0}};
}

int judgement_list_push(const struct judgement_list *list, const struct history *h, const struct judgement *j,
                        struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  const struct cell rows = judgement_list_cell(list, h, j, arena);
  int code = sink->begin(sink, &list->table, e);
  for (unsigned i = 0; rows.present && i < rows.rows.count && !code; i++)
    code = sink->row(sink, rows.rows.cells + (size_t)i * list->table.column_count, e);
  return code < 0 ? code : sink->end(sink, e);
}

/* The cells of one row, for mempcpy. */
#define ROW(...) (const struct cell[]){__VA_ARGS__}, sizeof((const struct cell[]){__VA_ARGS__})

/* --- gates and what keeps them from holding ----------------------------------------------------------------------- */

/* clang-format off */
static const struct column GATE_COLUMNS[] = {
    {"name", NULL, COLUMN_TEXT, 0},
    {"figure", NULL, COLUMN_NUMBER, 0},
    {"limit", NULL, COLUMN_NUMBER, 0},
    {"unit", NULL, COLUMN_TEXT, 0},
    {"state", NULL, COLUMN_TEXT, 0},
    {"ok", NULL, COLUMN_YES_NO, 0},
};
static const struct column FINDING_COLUMNS[] = {
    {"source", NULL, COLUMN_TEXT, 0},
    {"service", NULL, COLUMN_TEXT, 0},
    {"class", NULL, COLUMN_TEXT, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
    {"repair", NULL, COLUMN_TEXT, 0},
    {"evidence", NULL, COLUMN_TEXT, 0},
    {"because", NULL, COLUMN_TEXT, 0},
    {"cause", NULL, COLUMN_TEXT, 0},
    {"first_seen", NULL, COLUMN_DAY, 0},
    {"last_seen", NULL, COLUMN_DAY, 0},
    {"label", NULL, COLUMN_TEXT, 0},
    {"label_touches", NULL, COLUMN_COUNT, 0},
    {"label_leaves", NULL, COLUMN_COUNT, 0},
    {"header_from", NULL, COLUMN_TEXT, 0},
    {"selector", NULL, COLUMN_TEXT, 0},
    {"report", NULL, COLUMN_TEXT, 0},
    {"site", NULL, COLUMN_TEXT, 0},
    {"partner", NULL, COLUMN_TEXT, 0},
    {"partner_messages", NULL, COLUMN_COUNT, 0},
    {"fails_since", NULL, COLUMN_DAY, 0},
    {"fall", NULL, COLUMN_TEXT, 0},
};
static const struct column STRANGER_COLUMNS[] = {
    {"source", NULL, COLUMN_TEXT, 0},
    {"service", NULL, COLUMN_TEXT, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
    {"days", NULL, COLUMN_COUNT, 0},
    {"first_seen", NULL, COLUMN_DAY, 0},
    {"last_seen", NULL, COLUMN_DAY, 0},
    {"evidence", NULL, COLUMN_TEXT, 0},
    {"because", NULL, COLUMN_TEXT, 0},
};
/* clang-format on */

static unsigned fill_gates(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (int i = 0; i < GATES; i++) {
    const struct gate *g = &j->gates[i];
    cells = mempcpy(cells, ROW(cell_text(g->name), isnan(g->figure) ? cell_absent() : cell_number(g->figure),
                               cell_number(g->limit), cell_text(g->unit), cell_text(gate_state_word(g->state)),
                               g->state == GATE_NOT_JUDGED ? cell_absent() : cell_yes(g->state != GATE_FAIL)));
  }
  return GATES;
}

static struct cell seen_day(const struct finding *f, int32_t day) {
  return f->last_day == INT32_MIN ? cell_absent() : cell_time(utc_from_day(day));
}

static struct cell fall_cell(const struct history *h, const struct fall *fall) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (fall) fall_tell(fall, &text);
  return cell_text(fall ? arena_strdup(h->arena, strbuf_text(&text)) : NULL);
}

static unsigned fill_findings(const struct history *h, const struct findings *list, struct cell *cells) {
  for (unsigned i = 0; i < list->count; i++) {
    const struct finding *f = &list->items[i];
    cells = mempcpy(cells,
                    ROW(cell_text(f->example), cell_text(f->service), cell_text(stream_class_word(f->class)),
                        cell_count(f->messages), cell_text(f->repair), cell_text(f->evidence), cell_text(f->because),
                        cell_text(failure_cause_word(f->cause)), seen_day(f, f->first_day), seen_day(f, f->last_day),
                        cell_text(f->label), f->label ? cell_count(f->label_touches) : cell_absent(),
                        f->label ? cell_count(f->label_leaves) : cell_absent(), cell_text(f->header_from),
                        cell_text(f->selector), cell_text(f->report), cell_text(f->source), cell_text(f->partner),
                        f->partner ? cell_count(f->partner_messages) : cell_absent(),
                        f->fall ? cell_time(utc_from_day(f->fall->since_day)) : cell_absent(), fall_cell(h, f->fall)));
  }
  return list->count;
}

static unsigned fill_blockers(const struct history *h, const struct judgement *j, struct cell *cells) {
  return fill_findings(h, &j->blockers, cells);
}

static unsigned fill_questions(const struct history *h, const struct judgement *j, struct cell *cells) {
  return fill_findings(h, &j->questions, cells);
}

static unsigned fill_own_failing(const struct history *h, const struct judgement *j, struct cell *cells) {
  return fill_findings(h, &j->own_failing, cells);
}

static unsigned fill_forwarders(const struct history *h, const struct judgement *j, struct cell *cells) {
  return fill_findings(h, &j->forwarders, cells);
}

static unsigned fill_strangers(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->strangers.count; i++) {
    const struct stranger *x = &j->strangers.items[i];
    cells = mempcpy(cells, ROW(cell_text(x->source), cell_text(x->service), cell_count(x->messages),
                               cell_count(x->days), cell_time(utc_from_day(x->first_day)),
                               cell_time(utc_from_day(x->last_day)), cell_text(x->evidence), cell_text(x->because)));
  }
  return j->strangers.count;
}

/* --- reporters ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column SUSPECT_COLUMNS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0},
    {"day", NULL, COLUMN_DAY, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
    {"times", NULL, COLUMN_NUMBER, 0},
    {"report", NULL, COLUMN_TEXT, 0},
};
static const struct column SILENT_COLUMNS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0},
    {"last_end", NULL, COLUMN_TIME, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
};
static const struct column CONTRADICTING_COLUMNS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0},
    {"contradicted_messages", NULL, COLUMN_COUNT, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
};
static const struct column DISSENTING_COLUMNS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0},
    {"policy", NULL, COLUMN_TEXT, 0},
    {"days", NULL, COLUMN_COUNT, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
};
/* clang-format on */

static unsigned fill_suspects(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->suspect_count; i++) {
    const struct suspect *s = &j->suspects[i];
    cells = mempcpy(cells, ROW(cell_text(s->reporter), cell_time(s->day_s), cell_count(s->messages),
                               cell_number(s->times), cell_text(s->report)));
  }
  return j->suspect_count;
}

static unsigned fill_silent(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->silent.count; i++)
    cells = mempcpy(cells, ROW(cell_text(j->silent.items[i].name), cell_time(j->silent.items[i].last_s),
                               cell_count(j->silent.items[i].messages)));
  return j->silent.count;
}

static unsigned fill_contradicting(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->contradicting.count; i++)
    cells = mempcpy(cells,
                    ROW(cell_text(j->contradicting.items[i].name), cell_count(j->contradicting.items[i].contradicted),
                        cell_count(j->contradicting.items[i].messages)));
  return j->contradicting.count;
}

static unsigned fill_dissenting(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->dissenting.count; i++)
    cells = mempcpy(cells, ROW(cell_text(j->dissenting.items[i].name), cell_text(policy_word(j->dissenting.items[i].p)),
                               cell_count(j->dissenting.items[i].days), cell_count(j->dissenting.items[i].messages)));
  return j->dissenting.count;
}

/* --- the subdomains ----------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column BELOW_COLUMNS[] = {
    {"verdict", NULL, COLUMN_TEXT, 0},
    {"policy", NULL, COLUMN_TEXT, 0},
    {"next_policy", NULL, COLUMN_TEXT, 0},
    {"next_record", NULL, COLUMN_TEXT, 0},
    {"reason", NULL, COLUMN_TEXT, 0},
    {"own_messages", NULL, COLUMN_COUNT, 0},
    {"own_pass_rate", NULL, COLUMN_SHARE, 0},
    {"own_pass_lower", NULL, COLUMN_SHARE, 0},
    {"raw_pass_rate", NULL, COLUMN_SHARE, 0},
};
/* clang-format on */

static unsigned fill_below(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  const struct judgement *b = j->below;
  if (!b) return 0;
  mempcpy(cells, ROW(cell_text(verdict_word(b->verdict)), cell_text(policy_word(b->current)),
                     cell_text(policy_word(b->next)), cell_text(b->next_record), cell_text(b->reason),
                     cell_count(b->own_messages), cell_share((double)b->own_passed, (double)b->own_messages),
                     judgement_own_lower(b), cell_share((double)b->raw_passed, (double)b->raw_evaluated)));
  return 1;
}

/* clang-format off */
static const struct column FAILING_COLUMNS[] = {
    {"header_from", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"own_messages", NULL, COLUMN_COUNT, 0},
    {"undecided", NULL, COLUMN_COUNT, 0},
};
static const struct column ALONE_COLUMNS[] = {
    {"verdict", NULL, COLUMN_TEXT, 0},
    {"next_policy", NULL, COLUMN_TEXT, 0},
    {"next_record", NULL, COLUMN_TEXT, 0},
    {"own_messages", NULL, COLUMN_COUNT, 0},
    {"own_pass_rate", NULL, COLUMN_SHARE, 0},
};
/* clang-format on */

static unsigned fill_failing_below(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  for (unsigned i = 0; i < j->failing_below.count; i++) {
    const struct failing_below *x = &j->failing_below.items[i];
    cells = mempcpy(cells, ROW(cell_text(x->name), cell_count(x->own), cell_count(x->undecided)));
  }
  return j->failing_below.count;
}

static unsigned fill_alone(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  const struct judgement *a = j->alone;
  if (!a) return 0;
  mempcpy(cells, ROW(cell_text(verdict_word(a->verdict)), cell_text(policy_word(a->next)), cell_text(a->next_record),
                     cell_count(a->own_messages), cell_share((double)a->own_passed, (double)a->own_messages)));
  return 1;
}

/* --- what the DNS publishes --------------------------------------------------------------------------------------- */

static const struct column FAULT_COLUMNS[] = {
    {"fault", NULL, COLUMN_TEXT, 0},
    {"detail", NULL, COLUMN_TEXT, 0},
    {"section", NULL, COLUMN_TEXT, 0},
};

static unsigned fill_faults(const struct dns_faults *faults, struct cell *cells) {
  for (unsigned i = 0; i < faults->count; i++)
    cells = mempcpy(cells, ROW(cell_text(faults->items[i].fault), cell_text(faults->items[i].detail),
                               cell_text(faults->items[i].section)));
  return faults->count;
}

static bool knows_dmarc(const struct judgement *j) { return j->published && !j->published->unknown; }

static unsigned fill_dmarc_faults(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  return fill_faults(&j->published->faults, cells);
}

static bool knows_spf(const struct judgement *j) { return j->published && !j->published->spf.unknown; }

static unsigned fill_spf_faults(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  return fill_faults(&j->published->spf_faults, cells);
}

/* --- what the next policy acts on --------------------------------------------------------------------------------- */

static const struct column AFFECTED_COLUMNS[] = {
    {"class", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"messages_per_day", "messages a day", COLUMN_NUMBER, 0},
};

static unsigned fill_affected(const struct history *h, const struct judgement *j, struct cell *cells) {
  (void)h;
  unsigned rows = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) {
    if (j->affected_per_day[c] <= 0) continue;
    cells =
        mempcpy(cells, ROW(cell_text(stream_class_word((enum stream_class)c)), cell_number(j->affected_per_day[c])));
    rows++;
  }
  return rows;
}

/* --- From: domains ------------------------------------------------------------------------------------------------ */

#define MOST_FROMS 50

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

static unsigned fill_froms(const struct history *h, const struct judgement *j, struct cell *cells) {
  struct hashmap froms;
  hashmap_init(&froms, sizeof(struct from));
  add_up_froms(h, &froms);
  _cleanup_free_ struct from *sorted = mem_alloc((froms.count + 1) * sizeof *sorted);
  for (uint32_t i = 0; i < froms.count; i++) sorted[i] = *(const struct from *)hashmap_value_at(&froms, i);
  qsort(sorted, froms.count, sizeof *sorted, by_own_mail);
  unsigned count = 0;
  for (; count < froms.count && count < MOST_FROMS; count++) {
    const struct from *f = &sorted[count];
    if (!f->own && !f->undecided) break;
    bool below = f->name && strcmp(f->name, j->domain) != 0;
    cells = mempcpy(cells, ROW(cell_text(f->name), cell_text(j->below && below ? "sp" : "p"), cell_count(f->own),
                               cell_share((double)f->own_passed, (double)f->own), cell_count(f->undecided),
                               cell_count(f->messages)));
  }
  hashmap_clear(&froms);
  return count;
}

/* clang-format off */
static const struct column FROM_COLUMNS[] = {
    {"header_from", "From:", COLUMN_TEXT, COLUMN_KEY},
    {"policy_tag", "under", COLUMN_TEXT, 0},
    {"own_messages", "own mail", COLUMN_COUNT, 0},
    {"own_pass_rate", "passes", COLUMN_SHARE, COLUMN_GOOD},
    {"undecided", NULL, COLUMN_COUNT, 0},
    {"messages", "all mail", COLUMN_COUNT, 0},
};

const struct judgement_list
    LIST_OF_GATES = {NESTED_ROWS(GATE_COLUMNS), GATES, NULL, fill_gates},
    LIST_OF_BLOCKERS = {NESTED_ROWS(FINDING_COLUMNS), MOST_FINDINGS, NULL, fill_blockers},
    LIST_OF_QUESTIONS = {NESTED_ROWS(FINDING_COLUMNS), MOST_FINDINGS, NULL, fill_questions},
    LIST_OF_OWN_FAILING = {NESTED_ROWS(FINDING_COLUMNS), MOST_FINDINGS, NULL, fill_own_failing},
    LIST_OF_FORWARDERS = {NESTED_ROWS(FINDING_COLUMNS), MOST_FINDINGS, NULL, fill_forwarders},
    LIST_OF_STRANGERS = {NESTED_ROWS(STRANGER_COLUMNS), MOST_STRANGERS, NULL, fill_strangers},
    LIST_OF_SUSPECTS = {NESTED_ROWS(SUSPECT_COLUMNS), MOST_SUSPECTS, NULL, fill_suspects},
    LIST_OF_SILENT = {NESTED_ROWS(SILENT_COLUMNS), MOST_SILENT, NULL, fill_silent},
    LIST_OF_CONTRADICTING = {NESTED_ROWS(CONTRADICTING_COLUMNS), MOST_CONTRADICTING, NULL, fill_contradicting},
    LIST_OF_DISSENTING = {NESTED_ROWS(DISSENTING_COLUMNS), MOST_DISSENTING, NULL, fill_dissenting},
    LIST_OF_BELOW = {NESTED_ROWS(BELOW_COLUMNS), 1, NULL, fill_below},
    LIST_OF_FAILING_BELOW = {NESTED_ROWS(FAILING_COLUMNS), MOST_FAILING_BELOW, NULL, fill_failing_below},
    LIST_OF_ALONE = {NESTED_ROWS(ALONE_COLUMNS), 1, NULL, fill_alone},
    LIST_OF_DMARC_FAULTS = {NESTED_ROWS(FAULT_COLUMNS), MOST_FAULTS, knows_dmarc, fill_dmarc_faults},
    LIST_OF_SPF_FAULTS = {NESTED_ROWS(FAULT_COLUMNS), MOST_FAULTS, knows_spf, fill_spf_faults},
    LIST_OF_AFFECTED = {{"dmarcctl.affected", 1, NULL, "No mail.", AFFECTED_COLUMNS, ARRAY_SIZE(AFFECTED_COLUMNS)},
                        CLASS_IGNORED + 1, NULL, fill_affected},
    LIST_OF_FROMS = {{"dmarcctl.froms", 1, NULL, NULL, FROM_COLUMNS, ARRAY_SIZE(FROM_COLUMNS)},
                     MOST_FROMS, NULL, fill_froms};
/* clang-format on */
