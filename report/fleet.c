/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts domains by how much they need somebody. */
#include "report/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/judgement_sections.h"

#define CHUNK_ROWS 250 /* a browser lays out so many rows at once */
#define CARD_ROWS 1000 /* of more rows none is a card: each cell would take a label */
#define TASKS_NAMED 2

struct fleet_row {
  const char *domain, *step, *task;
  enum verdict verdict;
  int64_t own_messages, own_passed, newest_s;
};

/* In the order in which they need somebody. */
static const struct {
  enum verdict verdict;
  const char *meaning;
} ORDER[VERDICTS] = {
    {VERDICT_REGRESSION, "Their policy is in force and their own mail passes less than it did."},
    {VERDICT_NOT_READY, "Their own mail fails: it has to be repaired before the policy moves."},
    {VERDICT_NEEDS_DECISION, "There is mail that may be theirs: only their owner can say."},
    {VERDICT_READY, "Every gate holds: the next record can be published."},
    {VERDICT_STALE, "Nobody reports on them any more."},
    {VERDICT_INSUFFICIENT_DATA, "What was seen is good, and there is too little of it: time does the rest."},
    {VERDICT_AT_TARGET, "The policy is where it is to be."},
};

void fleet_init(struct fleet *f) { *f = (struct fleet){.arena = arena_new(16 * 1024)}; }

void fleet_clear(struct fleet *f) {
  free(f->rows);
  arena_free(f->arena);
  *f = (struct fleet){0};
}

/* --- a domain ----------------------------------------------------------------------------------------------------- */

static const char *step_of(struct arena *arena, const struct judgement *j) {
  const char *now = policy_word(j->current), *next = policy_word(j->next);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, now ? now : "unknown");
  if (!j->in_force && j->current > POLICY_NONE) strbuf_add_text(&text, " in part");
  if (next) strbuf_printf(&text, " -> %s", next);
  return arena_strdup(arena, strbuf_text(&text));
}

/* Whom to look after, the record to publish, or why there is nothing to be done. */
static const char *task_of(struct arena *arena, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (j->verdict == VERDICT_READY && j->next_record) return arena_strdup(arena, j->next_record);
  if (!j->blockers.count) return arena_strdup(arena, j->reason);
  const uint64_t all = j->blockers.count + j->blockers.left_out;
  unsigned named = 0;
  for (; named < j->blockers.count && named < TASKS_NAMED; named++) {
    strbuf_printf(&text, "%s%s", named ? ", " : "", finding_name(&j->blockers.items[named]));
  }
  if (all > named) strbuf_printf(&text, " and %llu more", (unsigned long long)(all - named));
  return arena_strdup(arena, strbuf_text(&text));
}

void fleet_add(struct fleet *f, const struct judgement *j) {
  f->by_verdict[j->verdict]++;
  MEM_GROW(f->rows, f->capacity, f->count);
  f->rows[f->count++] = (struct fleet_row){.domain = arena_strdup(f->arena, j->domain),
                                           .step = step_of(f->arena, j),
                                           .task = task_of(f->arena, j),
                                           .verdict = j->verdict,
                                           .own_messages = j->own_messages,
                                           .own_passed = j->own_passed,
                                           .newest_s = j->window_end_s - 1};
}

/* --- a verdict ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum { DOMAIN, STEP, PASSES, OWN_MESSAGES, TASK, NEWEST, COLUMNS_OF_FLEET };
static const struct column COLUMNS[COLUMNS_OF_FLEET] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [STEP] = {"step", "policy", COLUMN_TEXT, 0},
    [PASSES] = {"own_pass_rate", "own mail passes", COLUMN_SHARE, COLUMN_GOOD},
    [OWN_MESSAGES] = {"own_messages", "own messages", COLUMN_COUNT, 0},
    [TASK] = {"task", "what to do", COLUMN_TEXT, COLUMN_WRAP},
    [NEWEST] = {"newest", "newest report", COLUMN_DAY, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.fleet", 1, NULL, NULL, COLUMNS, COLUMNS_OF_FLEET};

/* Those with most mail first. */
static int in_order(const void *a, const void *b) {
  const struct fleet_row *x = a, *y = b;
  if (x->own_messages != y->own_messages) return x->own_messages < y->own_messages ? 1 : -1;
  return strcmp(x->domain, y->domain);
}

static int push_verdict(const struct fleet *f, enum verdict verdict, unsigned most, struct table_sink *sink,
                        struct err *e) {
  unsigned rows = 0;
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < f->count && rows < most && !code; i++) {
    const struct fleet_row *r = &f->rows[i];
    if (r->verdict != verdict) continue;
    const struct cell cells[COLUMNS_OF_FLEET] = {
        [DOMAIN] = cell_text(*r->domain ? r->domain : NULL),
        [STEP] = cell_text(r->step),
        [PASSES] = cell_share((double)r->own_passed, (double)r->own_messages),
        [OWN_MESSAGES] = cell_count(r->own_messages),
        [TASK] = cell_text(r->task),
        [NEWEST] = cell_time(r->newest_s),
    };
    rows++;
    code = sink->row(sink, cells, e);
  }
  if (!code && rows < f->by_verdict[verdict] && sink->left_out) sink->left_out(sink, f->by_verdict[verdict] - rows);
  return code < 0 ? code : sink->end(sink, e);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void write_choice(const struct fleet *f, struct document *d) {
  struct document_choice choices[VERDICTS + 1];
  char values[VERDICTS + 1][16];
  unsigned count = 1;
  snprintf(values[0], sizeof values[0], "%u", f->count);
  choices[0] = (struct document_choice){0, TONE_PLAIN, "All domains", values[0]};
  for (unsigned i = 0; i < VERDICTS; i++) {
    const enum verdict v = ORDER[i].verdict;
    if (!f->by_verdict[v]) continue;
    snprintf(values[count], sizeof values[count], "%u", f->by_verdict[v]);
    choices[count] = (struct document_choice){i + 1, verdict_tone(v), verdict_words(v), values[count]};
    count++;
  }
  d->choice(d, choices, count);
}

int fleet_write(const struct fleet *f, struct document *d, unsigned most, const char *rest,
                bool (*link)(void *user, const char *domain, struct strbuf *out), void *user, struct err *e) {
  int code = 0;
  if (f->count) qsort(f->rows, f->count, sizeof *f->rows, in_order);
  write_choice(f, d);
  for (unsigned i = 0; i < VERDICTS && !code; i++) {
    const enum verdict v = ORDER[i].verdict;
    _cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
    if (!f->by_verdict[v]) continue;
    strbuf_printf(&title, "%s (%s): %u", verdict_words(v), verdict_word(v), f->by_verdict[v]);
    const struct page_table options = {.caption = ORDER[i].meaning,
                                       .rest = rest,
                                       .link = link,
                                       .user = user,
                                       .is_dense = f->count > CARD_ROWS,
                                       .chunk_rows = CHUNK_ROWS};
    d->option(d, i + 1, true);
    d->heading(d, 2, NULL, strbuf_text(&title));
    struct table_sink *sink = d->table(d, &options);
    code = push_verdict(f, v, most, sink, e);
    table_sink_free(sink);
    d->option(d, i + 1, false);
    most -= most < f->by_verdict[v] ? most : f->by_verdict[v];
  }
  return code;
}
