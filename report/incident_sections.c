/* SPDX-License-Identifier: Apache-2.0 */
/* Lists incidents: each with its figures, its sentence and what to do about it. */
#include "report/incident_sections.h"

#include <string.h>

#include "base/cleanup.h"
#include "report/words.h"

/* clang-format off */
static const struct column COLUMNS[] = {
    {"kind", NULL, COLUMN_TEXT, 0},
    {"about", NULL, COLUMN_TEXT, 0},
    {"subject", NULL, COLUMN_TEXT, 0},
    {"since", NULL, COLUMN_DAY, 0},
    {"last_seen", NULL, COLUMN_DAY, 0},
    {"found", NULL, COLUMN_DAY, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
    {"usual_per_day", NULL, COLUMN_NUMBER, 0},
    {"times", NULL, COLUMN_NUMBER, 0},
    {"networks", NULL, COLUMN_COUNT, 0},
    {"source_ip", NULL, COLUMN_TEXT, 0},
    {"advice", NULL, COLUMN_TEXT, 0},
};
/* clang-format on */
const struct table INCIDENT_TABLE = NESTED_ROWS(COLUMNS);

static const char *advice_of(struct arena *arena, const struct incident *i) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  incident_advise(i, &text);
  return arena_strdup(arena, strbuf_text(&text));
}

struct cell incident_rows(const struct incidents *list, struct arena *arena) {
  struct cell *cells = arena_alloc(arena, MOST_INCIDENTS * ARRAY_SIZE(COLUMNS) * sizeof *cells), *next = cells;
  for (unsigned n = 0; n < list->count; n++) {
    const struct incident *i = &list->items[n];
    const struct cell row[ARRAY_SIZE(COLUMNS)] = {cell_text(incident_kind_word(i->kind)),
                                                  cell_text(incident_subject_word(i->about)),
                                                  cell_text(i->subject),
                                                  cell_day(i->begin_day),
                                                  cell_day(i->last_day),
                                                  cell_day(i->found_day),
                                                  cell_count(i->messages),
                                                  cell_number(i->usual),
                                                  i->times > 0 ? cell_number(i->times) : cell_absent(),
                                                  i->networks ? cell_count(i->networks) : cell_absent(),
                                                  cell_text(*i->source ? i->source : NULL),
                                                  cell_text(advice_of(arena, i))};
    next = mempcpy(next, row, sizeof row);
  }
  return (struct cell){.present = true, .rows = {cells, list->count}};
}

static struct document_finding finding_of(struct arena *arena, const struct incident *i) {
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, text = STRBUF_INIT;
  strbuf_printf(&title, "%s: %s", incident_kind_word(i->kind), i->subject);
  incident_tell(i, &text);
  return (struct document_finding){.title = arena_strdup(arena, strbuf_text(&title)),
                                   .facts = *i->source ? i->source : NULL,
                                   .text = arena_strdup(arena, strbuf_text(&text)),
                                   .word = i->kind == INCIDENT_REPLAY ? "Repair" : "To do",
                                   .advice = advice_of(arena, i)};
}

static void write_incidents(struct document *d, const struct incidents *list, bool replays) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding shown[MOST_INCIDENTS];
  unsigned count = 0;
  for (unsigned n = 0; n < list->count; n++)
    if ((list->items[n].kind == INCIDENT_REPLAY) == replays) shown[count++] = finding_of(arena, &list->items[n]);
  d->findings(d, shown, count);
  if (replays || !list->left_out) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "and %u more", list->left_out);
  d->rest(d, strbuf_text(&text));
}

void section_replays(struct document *d, const struct incidents *list) {
  if (!list->count || list->items[0].kind != INCIDENT_REPLAY) return; /* the gravest is first */
  d->heading(d, 2, NULL, "Before anything else:");
  write_incidents(d, list, true);
  d->heading(d, 2, NULL, NULL);
}

bool has_other_incidents(const struct incidents *list) {
  return list->count && list->items[list->count - 1].kind != INCIDENT_REPLAY;
}

void section_other_incidents(struct document *d, const struct incidents *list) { write_incidents(d, list, false); }
