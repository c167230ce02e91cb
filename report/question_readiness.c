/* SPDX-License-Identifier: Apache-2.0 */
/* Draws judgements as typed tables. */
#include "question_readiness.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "hashmap.h"
#include "utc.h"

/* --- what a judgement rests on -------------------------------------------------------------------------------------
 */

static int on_label(void *user, const struct store_label *label, struct err *e) {
  (void)e;
  struct labels *l = user;
  MEM_GROW(l->items, l->capacity, l->count);
  struct store_label *kept = &l->items[l->count++];
  *kept = *label;
  kept->source = arena_strdup(l->arena, label->source);
  kept->domain = arena_strdup(l->arena, label->domain);
  kept->note = arena_strdup(l->arena, label->note);
  return 0;
}

int labels_read(struct store *s, struct labels *ret, struct err *e) {
  *ret = (struct labels){.arena = arena_new(1024)};
  return store_each_label(s, on_label, ret, e);
}

void labels_clear(struct labels *l) {
  free(l->items);
  arena_free(l->arena);
  *l = (struct labels){0};
}

struct walk {
  const char *const *wanted;
  unsigned wanted_count;
  const struct readiness_basis *basis;
  readiness_fn *fn;
  void *user;
};

static bool is_wanted(const struct walk *w, const char *domain) {
  for (unsigned i = 0; i < w->wanted_count; i++)
    if (!strcmp(w->wanted[i], domain)) return true;
  return !w->wanted_count;
}

static int on_history(void *user, struct history *h, struct err *e) {
  struct walk *w = user;
  if (!is_wanted(w, h->domain)) return 0;
  struct judgement j;
  judge(h, w->basis->labels, w->basis->thresholds, w->basis->as_of_s, &j);
  return w->fn(w->user, h, &j, e);
}

static int on_first_report(void *user, const struct store_report *r, struct err *e) {
  (void)r, (void)e;
  *(bool *)user = true;
  return ERR_INTERRUPTED; /* one is enough */
}

/* Before anything is printed: half a document would be no answer. */
static int require_reports(struct store *s, const struct store_filter *filter, const char *const *domains,
                           unsigned count, struct err *e) {
  for (unsigned i = 0; i < count; i++) {
    struct store_filter narrowed = *filter;
    bool found = false;
    narrowed.policy_domain = domains[i];
    int code = store_each_report(s, &narrowed, on_first_report, &found, e);
    if (code < 0 && code != ERR_INTERRUPTED) return code;
    if (!found)
      return err_set(e, ERR_NOT_FOUND, "no report on %s is stored: 'dmarcctl summary' lists the domains there are",
                     domains[i]);
  }
  return 0;
}

/* A single named domain is walked alone; for several, one walk over all is cheaper than it looks. */
int readiness_each(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                   const struct readiness_basis *basis, readiness_fn *fn, void *user, struct err *e) {
  struct walk w = {domains, count, basis, fn, user};
  struct store_filter narrowed = *filter;
  int code = require_reports(s, filter, domains, count, e);
  if (code < 0) return code;
  if (count == 1) narrowed.policy_domain = domains[0];
  return history_each(s, &narrowed, basis->catalogue, basis->before_s, on_history, &w, e);
}

/* --- one row a domain ----------------------------------------------------------------------------------------------
 */

static const char *const STATES[] = {[GATE_PASS] = "pass", [GATE_WARN] = "warn", [GATE_FAIL] = "FAIL"};

/* clang-format off */
static const struct column GATE_ROWS[] = {
    {"name", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"figure", NULL, COLUMN_NUMBER, 0, NULL, 0},
    {"limit", NULL, COLUMN_NUMBER, 0, NULL, 0},
    {"unit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"ok", NULL, COLUMN_YES_NO, 0, NULL, 0},
};
static const struct column BLOCKER_ROWS[] = {
    {"source", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"service", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"class", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"repair", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"evidence", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"because", NULL, COLUMN_TEXT, 0, NULL, 0},
};
static const struct column WHATIF_ROWS[] = {
    {"class", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"messages_per_day", NULL, COLUMN_NUMBER, 0, NULL, 0},
};

enum {
  DOMAIN, VERDICT, POLICY, NEXT_POLICY, OWN_RATE, OWN_LOWER, RAW_RATE, OWN_MESSAGES, MESSAGES, NEWEST, RANK, POLICY_SINCE,
  WINDOW_BEGIN, REASON, NEXT_RECORD, PARKED, BEST, WORST, GATE_LIST, BLOCKER_COUNT, BLOCKERS, WHATIF, COLUMNS_OF_READINESS
};

static const struct column COLUMNS[COLUMNS_OF_READINESS] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [POLICY] = {"policy", NULL, COLUMN_TEXT, 0, NULL, 0},
    [NEXT_POLICY] = {"next_policy", "next", COLUMN_TEXT, 0, NULL, 0},
    [OWN_RATE] = {"own_pass_rate", "own mail", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [OWN_LOWER] = {"own_pass_lower", "at least", COLUMN_SHARE, COLUMN_DETAIL, NULL, 0},
    [RAW_RATE] = {"raw_pass_rate", "all mail", COLUMN_SHARE, 0, NULL, 0},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [NEWEST] = {"window_end", "newest", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [RANK] = {"rank", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [POLICY_SINCE] = {"policy_since", "policy since", COLUMN_DAY, COLUMN_DATA, NULL, 0},
    [WINDOW_BEGIN] = {"window_begin", NULL, COLUMN_DAY, COLUMN_DATA, NULL, 0},
    [REASON] = {"reason", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [NEXT_RECORD] = {"next_record", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [PARKED] = {"parked", NULL, COLUMN_YES_NO, COLUMN_DATA, NULL, 0},
    [BEST] = {"own_pass_rate_best", NULL, COLUMN_SHARE, COLUMN_DATA, NULL, 0},
    [WORST] = {"own_pass_rate_worst", NULL, COLUMN_SHARE, COLUMN_DATA, NULL, 0},
    [GATE_LIST] = {"gates", NULL, COLUMN_ROWS, COLUMN_DATA, GATE_ROWS, ARRAY_SIZE(GATE_ROWS)},
    [BLOCKER_COUNT] = {"blocker_count", "blockers", COLUMN_COUNT, 0, NULL, 0},
    [BLOCKERS] = {"blockers", NULL, COLUMN_ROWS, COLUMN_DATA, BLOCKER_ROWS, ARRAY_SIZE(BLOCKER_ROWS)},
    [WHATIF] = {"whatif", NULL, COLUMN_ROWS, COLUMN_DATA, WHATIF_ROWS, ARRAY_SIZE(WHATIF_ROWS)},
};
/* clang-format on */

static const struct table TABLE = {"dmarcctl.readiness",
                                   1,
                                   NULL,
                                   "No domain is stored that matches. 'dmarcctl import SOURCE...' brings reports in.",
                                   COLUMNS,
                                   COLUMNS_OF_READINESS};

/* Nearest to its next step first; what is at the target is done, what is stale says nothing. */
static int64_t rank_of(enum verdict v) {
  static const int RANKS[VERDICTS] = {
      [VERDICT_READY] = 0,     [VERDICT_INSUFFICIENT_DATA] = 1, [VERDICT_NEEDS_DECISION] = 2,
      [VERDICT_NOT_READY] = 3, [VERDICT_REGRESSION] = 4,        [VERDICT_STALE] = 5,
      [VERDICT_AT_TARGET] = 6};
  return RANKS[v];
}

static unsigned fill_gates(const struct judgement *j, struct cell *cells) {
  for (int i = 0; i < GATES; i++) {
    const struct gate *g = &j->gates[i];
    const struct cell row[] = {cell_text(g->name), cell_number(g->figure),      cell_number(g->limit),
                               cell_text(g->unit), cell_text(STATES[g->state]), cell_yes(g->state != GATE_FAIL)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(GATE_ROWS), row, sizeof row);
  }
  return GATES;
}

static unsigned fill_blockers(const struct judgement *j, struct cell *cells) {
  for (unsigned i = 0; i < j->blocker_count; i++) {
    const struct blocker *b = &j->blockers[i];
    const struct cell row[] = {cell_text(b->example),   cell_text(b->service), cell_text(stream_class_word(b->class)),
                               cell_count(b->messages), cell_text(b->repair),  cell_text(b->evidence),
                               cell_text(b->because)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(BLOCKER_ROWS), row, sizeof row);
  }
  return j->blocker_count;
}

static unsigned fill_whatif(const struct judgement *j, struct cell *cells) {
  unsigned n = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) {
    if (j->affected_per_day[c] <= 0) continue;
    cells[n * 2] = cell_text(stream_class_word((enum stream_class)c));
    cells[n++ * 2 + 1] = cell_number(j->affected_per_day[c]);
  }
  return n;
}

static int push_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h;
  struct table_sink *sink = user;
  struct cell gates[GATES * ARRAY_SIZE(GATE_ROWS)], blockers[MOST_BLOCKERS * ARRAY_SIZE(BLOCKER_ROWS)];
  struct cell whatif[(CLASS_IGNORED + 1) * ARRAY_SIZE(WHATIF_ROWS)];
  const struct cell cells[COLUMNS_OF_READINESS] = {
      [DOMAIN] = cell_text(j->domain),
      [VERDICT] = cell_text(verdict_word(j->verdict)),
      [POLICY] = cell_text(j->policy.p),
      [NEXT_POLICY] = cell_text(policy_word(j->next)),
      [OWN_RATE] = cell_share((double)j->own_passed, (double)j->own_messages),
      [OWN_LOWER] = j->own_messages ? cell_number(j->own_lower) : cell_absent(),
      [RAW_RATE] = cell_share((double)j->raw_passed, (double)j->raw_messages),
      [OWN_MESSAGES] = cell_count(j->own_messages),
      [MESSAGES] = cell_count(j->raw_messages),
      [NEWEST] = cell_time(j->window_end_s - UTC_DAY_S),
      [RANK] = cell_count(rank_of(j->verdict)),
      [POLICY_SINCE] = cell_time(j->policy_since_s),
      [WINDOW_BEGIN] = cell_time(j->window_begin_s),
      [REASON] = cell_text(j->reason),
      [NEXT_RECORD] = cell_text(j->next_record),
      [PARKED] = cell_yes(j->parked),
      [BEST] = cell_share((double)j->own_passed, (double)j->own_messages),
      [WORST] = cell_share((double)j->own_passed, (double)(j->own_messages + j->undecided)),
      [GATE_LIST] = {.present = true, .rows = {gates, fill_gates(j, gates)}},
      [BLOCKER_COUNT] = cell_count(j->blocker_count),
      [BLOCKERS] = {.present = true, .rows = {blockers, fill_blockers(j, blockers)}},
      [WHATIF] = {.present = true, .rows = {whatif, fill_whatif(j, whatif)}},
  };
  return sink->row(sink, cells, e);
}

int question_readiness(struct store *s, const struct store_filter *filter, const char *const *domains, unsigned count,
                       const struct readiness_basis *basis, struct table_sink *sink, struct err *e) {
  int code = require_reports(s, filter, domains, count, e);
  if (!code) code = sink->begin(sink, &TABLE, e);
  if (!code) code = readiness_each(s, filter, domains, count, basis, push_domain, sink, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

/* --- a domain's page -----------------------------------------------------------------------------------------------
 */

/* clang-format off */
static const struct column GATE_COLUMNS[] = {
    {"gate", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"figure", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"limit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", "", COLUMN_TEXT, 0, NULL, 0},
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

/* "21 days", "98.4 %". A figure that misses its limit is never rounded onto it. */
static void figure_text(char *buffer, size_t size, const struct gate *g, double figure) {
  int decimals = !strcmp(g->unit, "%") || !strcmp(g->unit, "points") ? 1 : 0;
  for (;; decimals++) {
    snprintf(buffer, size, "%.*f", decimals, figure);
    double shown = strtod(buffer, NULL);
    bool holds = g->at_most ? shown <= g->limit : shown >= g->limit;
    if (holds == (g->at_most ? figure <= g->limit : figure >= g->limit) || decimals >= 4) break;
  }
  size_t used = strlen(buffer);
  snprintf(buffer + used, size - used, " %s", g->unit);
}

int readiness_push_gates(const struct judgement *j, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &GATE_TABLE, e);
  for (int i = 0; i < GATES && !code; i++) {
    const struct gate *g = &j->gates[i];
    char figure[48], limit[48], bound[64];
    figure_text(figure, sizeof figure, g, g->figure);
    figure_text(limit, sizeof limit, g, g->limit);
    snprintf(bound, sizeof bound, "%s %s", g->at_most ? "at most" : "at least", limit);
    const struct cell cells[] = {cell_text(g->title), cell_text(figure), cell_text(bound), cell_text(STATES[g->state])};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

int readiness_push_classes(const struct history *h, struct table_sink *sink, struct err *e) {
  struct {
    int64_t messages, passed, streams;
  } sums[CLASS_IGNORED + 1] = {0};
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (s->dormant || !s->window_messages) continue;
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

/* --- streams -------------------------------------------------------------------------------------------------------
 */

/* clang-format off */
enum {
  S_SOURCE, S_MESSAGES, S_PASS_SHARE, S_CLASS, S_SERVICE, S_EVIDENCE, S_BECAUSE, S_PATTERN, S_FROM, S_DOMAIN, S_DORMANT,
  S_FIRST, S_LAST, COLUMNS_OF_STREAMS
};
static const struct column STREAM_COLUMNS[COLUMNS_OF_STREAMS] = {
    [S_SOURCE] = {"source_ip", "source", COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [S_MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [S_PASS_SHARE] = {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [S_CLASS] = {"class", NULL, COLUMN_TEXT, 0, NULL, 0},
    [S_SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [S_EVIDENCE] = {"evidence", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [S_BECAUSE] = {"because", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [S_PATTERN] = {"pattern", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [S_FROM] = {"header_from", "From:", COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [S_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [S_DORMANT] = {"dormant", NULL, COLUMN_YES_NO, COLUMN_DETAIL, NULL, 0},
    [S_FIRST] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [S_LAST] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
};
/* clang-format on */
static const struct table STREAMS = {
    "dmarcctl.streams", 1, NULL, "No mail matches. 'dmarcctl summary' shows what is stored.", STREAM_COLUMNS,
    COLUMNS_OF_STREAMS};

struct listing {
  struct table_sink *sink;
  const struct store_filter *filter;
};

static bool admits(const struct store_filter *f, const struct stream *s) {
  if (f->header_from && (!s->header_from || strcmp(f->header_from, s->header_from) != 0)) return false;
  return !f->source || ip_network_contains(f->source, &s->ip);
}

static int push_streams(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  static const char *const PATTERNS[] = {[STREAM_SIGNED] = "own signature passes",
                                         [STREAM_SPF] = "own SPF passes",
                                         [STREAM_BROKEN] = "own signature fails",
                                         [STREAM_NOTHING] = "nothing of yours"};
  struct listing *l = user;
  int code = 0;
  for (uint32_t i = 0; i < h->stream_count && !code; i++) {
    const struct stream *s = &h->streams[i];
    if (!admits(l->filter, s)) continue;
    const struct cell cells[COLUMNS_OF_STREAMS] = {
        [S_SOURCE] = cell_text(s->source),
        [S_MESSAGES] = cell_count(s->messages),
        [S_PASS_SHARE] = cell_share((double)s->passed, (double)s->messages),
        [S_CLASS] = cell_text(stream_class_word(s->class)),
        [S_SERVICE] = cell_text(s->service ? s->service->name : NULL),
        [S_EVIDENCE] = cell_text(s->evidence),
        [S_BECAUSE] = cell_text(s->because),
        [S_PATTERN] = cell_text(PATTERNS[s->kind]),
        [S_FROM] = cell_text(s->header_from),
        [S_DOMAIN] = cell_text(j->domain),
        [S_DORMANT] = cell_yes(s->dormant),
        [S_FIRST] = cell_time((int64_t)s->days[0].day * UTC_DAY_S),
        [S_LAST] = cell_time((int64_t)s->days[s->day_count - 1].day * UTC_DAY_S),
    };
    code = l->sink->row(l->sink, cells, e);
  }
  return code;
}

int question_streams(struct store *s, const struct store_filter *filter, const struct readiness_basis *basis,
                     struct table_sink *sink, struct err *e) {
  /* Whose a stream is rests on all its mail: what asks for a part of each cannot be answered. */
  if (filter->aligned >= 0 || filter->disposition)
    return err_set(e, ERR_USAGE, "--by stream does not go with --aligned or --disposition");
  struct listing listing = {sink, filter};
  int code = sink->begin(sink, &STREAMS, e);
  if (!code) code = readiness_each(s, filter, NULL, 0, basis, push_streams, &listing, e);
  if (!code) code = sink->end(sink, e);
  return code;
}
