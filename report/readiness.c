/* SPDX-License-Identifier: Apache-2.0 */
/* readiness: one row a judged domain, with gates, blockers and what-if nested. */
#include "base/utc.h"
#include "dns/published.h"
#include "report/incident_sections.h"
#include "report/judgement_lists.h"
#include "report/late_table.h"
#include "report/question.h"
#include "report/sections.h"

/* clang-format off */
enum {
  DOMAIN, VERDICT, POLICY, TARGET, NEXT_POLICY, OWN_RATE, OWN_LOWER, RAW_RATE, OWN_MESSAGES, MESSAGES, NEWEST, RANK, POLICY_SINCE,
  WINDOW_BEGIN, REASON, NEXT_RECORD, PARKED, BEST, WORST, GATE_LIST, BLOCKER_COUNT, BLOCKERS, QUESTIONS, FORWARDERS, WHATIF, FROMS, BELOW, BELOW_GATES, BELOW_BLOCKERS,
  PUBLISHED_AT, PUBLISHED_RECORD, PUBLISHED_FAULTS, SPF_RECORD, SPF_LOOKUPS, SPF_FAULTS, DAYS_TO_GO, SILENT, UNDATED_REPORTS, UNDATED_MESSAGES, AHEAD_REPORTS,
  AHEAD_MESSAGES, UNCHECKED, CONTRADICTED, UNEVALUATED, CONTRADICTING, DISSENTING,
  RESTS_ON, SUSPECTS, FAILING_BELOW, ALONE, STRANGERS, BY_RECEIVER, INCIDENT, INCIDENTS, PROVEN_REPORTS, UNPROVEN_REPORTS, UNPROVEN_MESSAGES, OWN_FAILING, DOUBTED_REPORTS, DOUBTED_MESSAGES, COLUMNS_OF_READINESS
};

static const struct column COLUMNS[COLUMNS_OF_READINESS] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_STATE},
    [POLICY] = {"policy", NULL, COLUMN_TEXT, 0},
    [TARGET] = {"target", NULL, COLUMN_TEXT, COLUMN_DATA},
    [NEXT_POLICY] = {"next_policy", "next", COLUMN_TEXT, 0},
    [OWN_RATE] = {"own_pass_rate", "own mail", COLUMN_SHARE, COLUMN_GOOD},
    [OWN_LOWER] = {"own_pass_lower", "at least", COLUMN_SHARE, COLUMN_DETAIL},
    [RAW_RATE] = {"raw_pass_rate", "all mail", COLUMN_SHARE, COLUMN_DETAIL},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [NEWEST] = {"window_end", "newest", COLUMN_DAY, COLUMN_DETAIL},
    [RANK] = {"rank", NULL, COLUMN_COUNT, COLUMN_DATA},
    [POLICY_SINCE] = {"policy_since", "policy since", COLUMN_DAY, COLUMN_DATA},
    [WINDOW_BEGIN] = {"window_begin", NULL, COLUMN_DAY, COLUMN_DATA},
    [REASON] = {"reason", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [NEXT_RECORD] = {"next_record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [PARKED] = {"parked", NULL, COLUMN_YES_NO, COLUMN_DATA},
    [BEST] = {"own_pass_rate_best", NULL, COLUMN_SHARE, COLUMN_DATA},
    [WORST] = {"own_pass_rate_worst", NULL, COLUMN_SHARE, COLUMN_DATA},
    [GATE_LIST] = {"gates", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_GATES.table},
    [BLOCKER_COUNT] = {"blocker_count", "blockers", COLUMN_COUNT, 0},
    [BLOCKERS] = {"blockers", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_BLOCKERS.table},
    [QUESTIONS] = {"undecided", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_QUESTIONS.table},
    [FORWARDERS] = {"forwarders", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_FORWARDERS.table},
    [FROMS] = {"from_domains", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_FROMS.table},
    [BELOW] = {"subdomains", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_BELOW.table},
    [BELOW_GATES] = {"subdomain_gates", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_GATES.table},
    [BELOW_BLOCKERS] = {"subdomain_blockers", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_BLOCKERS.table},
    [WHATIF] = {"whatif", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_AFFECTED.table},
    [DAYS_TO_GO] = {"days_to_go", NULL, COLUMN_COUNT, COLUMN_DATA},
    [SILENT] = {"silent_reporters", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_SILENT.table},
    [UNDATED_REPORTS] = {"undated_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNDATED_MESSAGES] = {"undated_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [AHEAD_REPORTS] = {"clock_ahead_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [AHEAD_MESSAGES] = {"clock_ahead_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNCHECKED] = {"own_unchecked_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [CONTRADICTED] = {"own_contradicted_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNEVALUATED] = {"own_unevaluated_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [BY_RECEIVER] = {"own_one_receiver_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [CONTRADICTING] = {"contradicting_reporters", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_CONTRADICTING.table},
    [DISSENTING] = {"dissenting_reporters", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_DISSENTING.table},
    [PUBLISHED_AT] = {"published_at", NULL, COLUMN_TEXT, COLUMN_DATA},
    [PUBLISHED_RECORD] = {"published_record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [PUBLISHED_FAULTS] = {"published_faults", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_DMARC_FAULTS.table},
    [SPF_RECORD] = {"spf_record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [SPF_LOOKUPS] = {"spf_lookups", NULL, COLUMN_COUNT, COLUMN_DATA},
    [SPF_FAULTS] = {"spf_faults", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_SPF_FAULTS.table},
    [FAILING_BELOW] = {"failing_subdomains", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_FAILING_BELOW.table},
    [ALONE] = {"domain_alone", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_ALONE.table},
    [STRANGERS] = {"strangers", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_STRANGERS.table},
    [RESTS_ON] = {"rests_on", NULL, COLUMN_TEXT, COLUMN_DATA},
    [SUSPECTS] = {"suspect_reports", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_SUSPECTS.table},
    [INCIDENT] = {"incident", "look at", COLUMN_TEXT, 0},
    [INCIDENTS] = {"incidents", NULL, COLUMN_ROWS, COLUMN_DATA, &INCIDENT_TABLE},
    [PROVEN_REPORTS] = {"proven_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNPROVEN_REPORTS] = {"unproven_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNPROVEN_MESSAGES] = {"unproven_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [OWN_FAILING] = {"own_failing", NULL, COLUMN_ROWS, COLUMN_DATA, &LIST_OF_OWN_FAILING.table},
    [DOUBTED_REPORTS] = {"doubted_reports", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DOUBTED_MESSAGES] = {"doubted_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
};
/* clang-format on */

static const struct table TABLE = {"dmarcctl.readiness", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, COLUMNS_OF_READINESS};

/* Nearest to its next step first; what is at the target is done, what is stale says nothing. */
static int64_t rank_of(enum verdict v) {
  static const int RANKS[VERDICTS] = {
      [VERDICT_READY] = 0,     [VERDICT_INSUFFICIENT_DATA] = 1, [VERDICT_NEEDS_DECISION] = 2,
      [VERDICT_NOT_READY] = 3, [VERDICT_REGRESSION] = 4,        [VERDICT_STALE] = 5,
      [VERDICT_AT_TARGET] = 6};
  return RANKS[v];
}

static void add_lists(struct cell *cells, const struct history *h, const struct judgement *j, struct arena *arena) {
  cells[GATE_LIST] = judgement_list_cell(&LIST_OF_GATES, h, j, arena);
  cells[BLOCKERS] = judgement_list_cell(&LIST_OF_BLOCKERS, h, j, arena);
  cells[QUESTIONS] = judgement_list_cell(&LIST_OF_QUESTIONS, h, j, arena);
  cells[FORWARDERS] = judgement_list_cell(&LIST_OF_FORWARDERS, h, j, arena);
  cells[WHATIF] = judgement_list_cell(&LIST_OF_AFFECTED, h, j, arena);
  cells[FROMS] = judgement_list_cell(&LIST_OF_FROMS, h, j, arena);
  cells[BELOW] = judgement_list_cell(&LIST_OF_BELOW, h, j, arena);
  cells[BELOW_GATES] = judgement_list_cell(&LIST_OF_GATES, h, j->below, arena);
  cells[BELOW_BLOCKERS] = judgement_list_cell(&LIST_OF_BLOCKERS, h, j->below, arena);
  cells[SILENT] = judgement_list_cell(&LIST_OF_SILENT, h, j, arena);
  cells[CONTRADICTING] = judgement_list_cell(&LIST_OF_CONTRADICTING, h, j, arena);
  cells[DISSENTING] = judgement_list_cell(&LIST_OF_DISSENTING, h, j, arena);
  cells[FAILING_BELOW] = judgement_list_cell(&LIST_OF_FAILING_BELOW, h, j, arena);
  cells[ALONE] = judgement_list_cell(&LIST_OF_ALONE, h, j, arena);
  cells[STRANGERS] = judgement_list_cell(&LIST_OF_STRANGERS, h, j, arena);
  cells[SUSPECTS] = judgement_list_cell(&LIST_OF_SUSPECTS, h, j, arena);
  cells[OWN_FAILING] = judgement_list_cell(&LIST_OF_OWN_FAILING, h, j, arena);
}

static void add_left_out(struct cell *cells, const struct judgement *j) {
  cells[UNDATED_REPORTS] = cell_count(j->undated.reports);
  cells[UNDATED_MESSAGES] = cell_count(j->undated.messages);
  cells[AHEAD_REPORTS] = cell_count(j->ahead.reports);
  cells[AHEAD_MESSAGES] = cell_count(j->ahead.messages);
  cells[UNPROVEN_REPORTS] = cell_count(j->unproven.reports);
  cells[UNPROVEN_MESSAGES] = cell_count(j->unproven.messages);
  cells[DOUBTED_REPORTS] = cell_count(j->doubted.reports);
  cells[DOUBTED_MESSAGES] = cell_count(j->doubted.messages);
}

/* What the DNS says; absent where it was not asked. */
static void add_published(struct cell *cells, const struct history *h, const struct judgement *j, struct arena *arena) {
  const struct published *p = j->published;
  cells[PUBLISHED_AT] = cell_text(p ? p->record_domain : NULL);
  cells[PUBLISHED_RECORD] = cell_text(p ? p->record : NULL);
  cells[PUBLISHED_FAULTS] = judgement_list_cell(&LIST_OF_DMARC_FAULTS, h, j, arena);
  cells[SPF_RECORD] = cell_text(p ? p->spf.record : NULL);
  cells[SPF_LOOKUPS] = p && p->spf.record ? cell_count(p->spf.lookups) : cell_absent();
  cells[SPF_FAULTS] = judgement_list_cell(&LIST_OF_SPF_FAULTS, h, j, arena);
}

static int push_row(struct table_sink *sink, const struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct incidents incidents;
  incidents_of(h, j, &incidents);
  struct cell cells[COLUMNS_OF_READINESS] = {
      [DOMAIN] = cell_text(j->domain),
      [VERDICT] = cell_text(verdict_word(j->verdict)),
      [POLICY] = cell_text(j->policy.p),
      [TARGET] = cell_text(policy_word(j->target == POLICY_UNKNOWN ? POLICY_REJECT : j->target)),
      [NEXT_POLICY] = cell_text(policy_word(j->next)),
      [OWN_RATE] = cell_share((double)j->own_passed, (double)j->own_messages),
      [OWN_LOWER] = judgement_own_lower(j),
      [RAW_RATE] = cell_share((double)j->raw_passed, (double)j->raw_evaluated),
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
      [BLOCKER_COUNT] = cell_count(j->blockers.count),
      [DAYS_TO_GO] = j->days_to_go ? cell_count(j->days_to_go) : cell_absent(),
      [UNCHECKED] = cell_count(j->own_unchecked),
      [CONTRADICTED] = cell_count(j->own_contradicted),
      [UNEVALUATED] = cell_count(j->own_unevaluated),
      [BY_RECEIVER] = cell_count(j->own_by_receiver),
      [RESTS_ON] = cell_text(j->rests_on),
      [INCIDENT] = cell_text(incidents.count ? incident_kind_word(incidents.items[0].kind) : NULL),
      [INCIDENTS] = incident_rows(&incidents, arena),
      [PROVEN_REPORTS] = cell_count(j->proven_reports),
  };
  add_lists(cells, h, j, arena);
  add_left_out(cells, j);
  add_published(cells, h, j, arena);
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
  return code < 0 ? code : push_row(r->table.sink, h, j, e);
}

int question_readiness(const struct question *q, struct table_sink *sink, struct err *e) {
  struct rows r = {{sink, &TABLE, false}, q->verdicts};
  return late_table_end(&r.table, judge_each(&q->of, push_domain, &r, e), e);
}
