/* SPDX-License-Identifier: Apache-2.0 */
/* readiness: one row a judged domain, with gates, blockers and what-if nested. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "report/late_table.h"
#include "report/published_faults.h"
#include "report/question.h"
#include "report/sections.h"

/* clang-format off */
static const struct column GATE_ROWS[] = {
    {"name", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"figure", NULL, COLUMN_NUMBER, 0, NULL, 0},
    {"limit", NULL, COLUMN_NUMBER, 0, NULL, 0},
    {"unit", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"state", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"ok", NULL, COLUMN_YES_NO, 0, NULL, 0},
};
static const struct column FINDING_ROWS[] = {
    {"source", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"service", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"class", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"repair", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"evidence", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"because", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"cause", NULL, COLUMN_TEXT, 0, NULL, 0},
};
static const struct column SUSPECT_ROWS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"day", NULL, COLUMN_DAY, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"times", NULL, COLUMN_NUMBER, 0, NULL, 0},
};

static const struct column BELOW_ROWS[] = {
    {"verdict", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"policy", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"next_policy", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"next_record", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"reason", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"own_messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"own_pass_rate", NULL, COLUMN_SHARE, 0, NULL, 0},
    {"own_pass_lower", NULL, COLUMN_SHARE, 0, NULL, 0},
    {"raw_pass_rate", NULL, COLUMN_SHARE, 0, NULL, 0},
};

static const struct column SILENT_ROWS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"last_end", NULL, COLUMN_TIME, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
};

static const struct column CONTRADICTING_ROWS[] = {
    {"reporter", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"contradicted_messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
};

enum {
  DOMAIN, VERDICT, POLICY, NEXT_POLICY, OWN_RATE, OWN_LOWER, RAW_RATE, OWN_MESSAGES, MESSAGES, NEWEST, RANK, POLICY_SINCE,
  WINDOW_BEGIN, REASON, NEXT_RECORD, PARKED, BEST, WORST, GATE_LIST, BLOCKER_COUNT, BLOCKERS, QUESTIONS, FORWARDERS, WHATIF, FROMS, BELOW, BELOW_GATES, BELOW_BLOCKERS,
  PUBLISHED_AT, PUBLISHED_RECORD, PUBLISHED_FAULTS, SPF_RECORD, SPF_LOOKUPS, SPF_FAULTS, DAYS_TO_GO, SILENT, UNDATED_REPORTS, UNDATED_MESSAGES, AHEAD_REPORTS,
  AHEAD_MESSAGES, UNCHECKED, CONTRADICTED, CONTRADICTING,
  RESTS_ON, SUSPECTS, FAILING_BELOW, ALONE, COLUMNS_OF_READINESS
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
    [BLOCKERS] = {"blockers", NULL, COLUMN_ROWS, COLUMN_DATA, FINDING_ROWS, ARRAY_SIZE(FINDING_ROWS)},
    [QUESTIONS] = {"undecided", NULL, COLUMN_ROWS, COLUMN_DATA, FINDING_ROWS, ARRAY_SIZE(FINDING_ROWS)},
    [FORWARDERS] = {"forwarders", NULL, COLUMN_ROWS, COLUMN_DATA, FINDING_ROWS, ARRAY_SIZE(FINDING_ROWS)},
    [FROMS] = {"from_domains", NULL, COLUMN_ROWS, COLUMN_DATA, READINESS_FROM_ROWS, READINESS_FROM_COLUMNS},
    [BELOW] = {"subdomains", NULL, COLUMN_ROWS, COLUMN_DATA, BELOW_ROWS, ARRAY_SIZE(BELOW_ROWS)},
    [BELOW_GATES] = {"subdomain_gates", NULL, COLUMN_ROWS, COLUMN_DATA, GATE_ROWS, ARRAY_SIZE(GATE_ROWS)},
    [BELOW_BLOCKERS] = {"subdomain_blockers", NULL, COLUMN_ROWS, COLUMN_DATA, FINDING_ROWS, ARRAY_SIZE(FINDING_ROWS)},
    [WHATIF] = {"whatif", NULL, COLUMN_ROWS, COLUMN_DATA, READINESS_AFFECTED_ROWS, READINESS_AFFECTED_COLUMNS},
    [DAYS_TO_GO] = {"days_to_go", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [SILENT] = {"silent_reporters", NULL, COLUMN_ROWS, COLUMN_DATA, SILENT_ROWS, ARRAY_SIZE(SILENT_ROWS)},
    [UNDATED_REPORTS] = {"undated_reports", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [UNDATED_MESSAGES] = {"undated_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [AHEAD_REPORTS] = {"clock_ahead_reports", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [AHEAD_MESSAGES] = {"clock_ahead_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [UNCHECKED] = {"own_unchecked_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [CONTRADICTED] = {"own_contradicted_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [CONTRADICTING] = {"contradicting_reporters", NULL, COLUMN_ROWS, COLUMN_DATA, CONTRADICTING_ROWS, ARRAY_SIZE(CONTRADICTING_ROWS)},
    [PUBLISHED_AT] = {"published_at", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [PUBLISHED_RECORD] = {"published_record", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [PUBLISHED_FAULTS] = {"published_faults", NULL, COLUMN_ROWS, COLUMN_DATA, PUBLISHED_FAULT_ROWS, PUBLISHED_FAULT_COLUMNS},
    [SPF_RECORD] = {"spf_record", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [SPF_LOOKUPS] = {"spf_lookups", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [SPF_FAULTS] = {"spf_faults", NULL, COLUMN_ROWS, COLUMN_DATA, PUBLISHED_FAULT_ROWS, PUBLISHED_FAULT_COLUMNS},
    [FAILING_BELOW] = {"failing_subdomains", NULL, COLUMN_ROWS, COLUMN_DATA, READINESS_FAILING_ROWS, READINESS_FAILING_COLUMNS},
    [ALONE] = {"domain_alone", NULL, COLUMN_ROWS, COLUMN_DATA, READINESS_ALONE_ROWS, READINESS_ALONE_COLUMNS},
    [RESTS_ON] = {"rests_on", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [SUSPECTS] = {"suspect_reports", NULL, COLUMN_ROWS, COLUMN_DATA, SUSPECT_ROWS, ARRAY_SIZE(SUSPECT_ROWS)},
};
/* clang-format on */

const struct table READINESS_TABLE = {"dmarcctl.readiness", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, COLUMNS_OF_READINESS};

/* Nearest to its next step first; what is at the target is done, what is stale says nothing. */
static int64_t rank_of(enum verdict v) {
  static const int RANKS[VERDICTS] = {
      [VERDICT_READY] = 0,     [VERDICT_INSUFFICIENT_DATA] = 1, [VERDICT_NEEDS_DECISION] = 2,
      [VERDICT_NOT_READY] = 3, [VERDICT_REGRESSION] = 4,        [VERDICT_STALE] = 5,
      [VERDICT_AT_TARGET] = 6};
  return RANKS[v];
}

static struct cell cell_rows(const struct cell *cells, unsigned count) {
  return (struct cell){.present = true, .rows = {cells, count}};
}

/* Where cells of nested rows lie while their row is drawn. */
struct nested {
  struct cell gates[GATES * ARRAY_SIZE(GATE_ROWS)], gates_below[GATES * ARRAY_SIZE(GATE_ROWS)];
  struct cell findings[4][MOST_FINDINGS * ARRAY_SIZE(FINDING_ROWS)];
  struct cell whatif[READINESS_AFFECTED_CELLS];
  struct cell froms[READINESS_FROM_CELLS];
  struct cell below[ARRAY_SIZE(BELOW_ROWS)];
  struct cell silent[MOST_SILENT * ARRAY_SIZE(SILENT_ROWS)];
  struct cell contradicting[MOST_CONTRADICTING * ARRAY_SIZE(CONTRADICTING_ROWS)];
  struct cell faults[2][PUBLISHED_FAULT_CELLS];
  struct cell failing[READINESS_FAILING_CELLS], alone[READINESS_ALONE_COLUMNS];
  struct cell suspects[MOST_SUSPECTS * ARRAY_SIZE(SUSPECT_ROWS)];
};

static struct cell gate_rows(const struct judgement *j, struct cell *cells) {
  for (int i = 0; j && i < GATES; i++) {
    const struct gate *g = &j->gates[i];
    const struct cell row[] = {cell_text(g->name),
                               isnan(g->figure) ? cell_absent() : cell_number(g->figure),
                               cell_number(g->limit),
                               cell_text(g->unit),
                               cell_text(gate_state_word(g->state)),
                               g->state == GATE_NOT_JUDGED ? cell_absent() : cell_yes(g->state != GATE_FAIL)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(GATE_ROWS), row, sizeof row);
  }
  return cell_rows(cells, j ? GATES : 0);
}

static struct cell finding_rows(const struct findings *list, struct cell *cells) {
  for (unsigned i = 0; list && i < list->count; i++) {
    const struct finding *f = &list->items[i];
    const struct cell row[] = {cell_text(f->example),
                               cell_text(f->service),
                               cell_text(stream_class_word(f->class)),
                               cell_count(f->messages),
                               cell_text(f->repair),
                               cell_text(f->evidence),
                               cell_text(f->because),
                               cell_text(failure_cause_word(f->cause))};
    memcpy(cells + (size_t)i * ARRAY_SIZE(FINDING_ROWS), row, sizeof row);
  }
  return cell_rows(cells, list ? list->count : 0);
}

static struct cell suspect_rows(const struct judgement *j, struct cell *cells) {
  for (unsigned i = 0; i < j->suspect_count; i++) {
    const struct suspect *s = &j->suspects[i];
    const struct cell row[] = {cell_text(s->reporter), cell_time(s->day_s), cell_count(s->messages),
                               cell_number(s->times)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(SUSPECT_ROWS), row, sizeof row);
  }
  return cell_rows(cells, j->suspect_count);
}

static struct cell own_lower(const struct judgement *j) {
  return j->own_messages ? cell_number(j->own_lower) : cell_absent();
}

static struct cell below_rows(const struct judgement *j, struct cell *cells) {
  if (!j) return cell_rows(cells, 0);
  const struct cell row[] = {cell_text(verdict_word(j->verdict)),
                             cell_text(policy_word(j->current)),
                             cell_text(policy_word(j->next)),
                             cell_text(j->next_record),
                             cell_text(j->reason),
                             cell_count(j->own_messages),
                             cell_share((double)j->own_passed, (double)j->own_messages),
                             own_lower(j),
                             cell_share((double)j->raw_passed, (double)j->raw_messages)};
  memcpy(cells, row, sizeof row);
  return cell_rows(cells, 1);
}

static struct cell silent_rows(const struct silent_reporters *silent, struct cell *cells) {
  for (unsigned i = 0; i < silent->count; i++) {
    const struct cell row[] = {cell_text(silent->items[i].name), cell_time(silent->items[i].last_s),
                               cell_count(silent->items[i].messages)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(SILENT_ROWS), row, sizeof row);
  }
  return cell_rows(cells, silent->count);
}

static struct cell contradicting_rows(const struct contradicting_reporters *list, struct cell *cells) {
  for (unsigned i = 0; i < list->count; i++) {
    const struct cell row[] = {cell_text(list->items[i].name), cell_count(list->items[i].contradicted),
                               cell_count(list->items[i].messages)};
    memcpy(cells + (size_t)i * ARRAY_SIZE(CONTRADICTING_ROWS), row, sizeof row);
  }
  return cell_rows(cells, list->count);
}

int readiness_push_row(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct table_sink *sink = user;
  struct nested nested;
  const struct published *p = j->published;
  const struct cell cells[COLUMNS_OF_READINESS] = {
      [DOMAIN] = cell_text(j->domain),
      [VERDICT] = cell_text(verdict_word(j->verdict)),
      [POLICY] = cell_text(j->policy.p),
      [NEXT_POLICY] = cell_text(policy_word(j->next)),
      [OWN_RATE] = cell_share((double)j->own_passed, (double)j->own_messages),
      [OWN_LOWER] = own_lower(j),
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
      [GATE_LIST] = gate_rows(j, nested.gates),
      [BLOCKER_COUNT] = cell_count(j->blockers.count),
      [BLOCKERS] = finding_rows(&j->blockers, nested.findings[0]),
      [QUESTIONS] = finding_rows(&j->questions, nested.findings[1]),
      [FORWARDERS] = finding_rows(&j->forwarders, nested.findings[2]),
      [WHATIF] = cell_rows(nested.whatif, readiness_fill_affected(j, nested.whatif)),
      [FROMS] = cell_rows(nested.froms, readiness_fill_froms(h, j, nested.froms)),
      [BELOW] = below_rows(j->below, nested.below),
      [BELOW_GATES] = gate_rows(j->below, nested.gates_below),
      [BELOW_BLOCKERS] = finding_rows(j->below ? &j->below->blockers : NULL, nested.findings[3]),
      [DAYS_TO_GO] = j->days_to_go ? cell_count(j->days_to_go) : cell_absent(),
      [SILENT] = silent_rows(&j->silent, nested.silent),
      [UNDATED_REPORTS] = cell_count(j->undated.reports),
      [UNDATED_MESSAGES] = cell_count(j->undated.messages),
      [AHEAD_REPORTS] = cell_count(j->ahead.reports),
      [AHEAD_MESSAGES] = cell_count(j->ahead.messages),
      [UNCHECKED] = cell_count(j->own_unchecked),
      [CONTRADICTED] = cell_count(j->own_contradicted),
      [CONTRADICTING] = contradicting_rows(&j->contradicting, nested.contradicting),
      [PUBLISHED_AT] = cell_text(p ? p->record_domain : NULL),
      [PUBLISHED_RECORD] = cell_text(p ? p->record : NULL),
      [PUBLISHED_FAULTS] = published_dmarc_faults(p, nested.faults[0]),
      [SPF_RECORD] = cell_text(p ? p->spf.record : NULL),
      [SPF_LOOKUPS] = p && p->spf.record ? cell_count(p->spf.lookups) : cell_absent(),
      [SPF_FAULTS] = published_spf_faults(p, nested.faults[1]),
      [FAILING_BELOW] = cell_rows(nested.failing, readiness_fill_failing(j, nested.failing)),
      [ALONE] = cell_rows(nested.alone, readiness_fill_alone(j, nested.alone)),
      [RESTS_ON] = cell_text(j->rests_on),
      [SUSPECTS] = suspect_rows(j, nested.suspects),
  };
  return sink->row(sink, cells, e);
}

struct rows {
  struct late_table table;
  unsigned *verdicts;
};

static int push_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct rows *r = user;
  if (r->verdicts) r->verdicts[j->verdict]++;
  int code = late_table_begin(&r->table, e);
  return code < 0 ? code : readiness_push_row(r->table.sink, h, j, e);
}

int question_readiness(const struct question *q, struct table_sink *sink, struct err *e) {
  struct rows r = {{sink, &READINESS_TABLE, false}, q->verdicts};
  return late_table_end(&r.table, judge_each(&q->of, push_domain, &r, e), e);
}
