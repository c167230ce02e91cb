/* SPDX-License-Identifier: Apache-2.0 */
/* sources --by cause: why own mail of the judged window does not pass, a row a domain and cause. The figures are
 * readiness's. */
#include "base/utc.h"
#include "report/question.h"

/* clang-format off */
enum {
  DOMAIN, POLICY_TAG, CAUSE, MESSAGES, OWN_SHARE, FAILS, SOURCES, LARGEST, FIRST_SEEN, LAST_SEEN, REPAIR,
  COLUMNS_OF_CAUSES
};
static const struct column COLUMNS[COLUMNS_OF_CAUSES] = {
    [DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, COLUMN_KEY},
    [POLICY_TAG] = {"policy_tag", "policy", COLUMN_TEXT, COLUMN_DETAIL},
    [CAUSE] = {"cause", NULL, COLUMN_TEXT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [OWN_SHARE] = {"own_share", "of own mail", COLUMN_SHARE, 0},
    [FAILS] = {"fails", NULL, COLUMN_YES_NO, 0},
    [SOURCES] = {"sources", NULL, COLUMN_COUNT, 0},
    [LARGEST] = {"largest_source", "largest", COLUMN_TEXT, COLUMN_WRAP},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL},
    [REPAIR] = {"repair", NULL, COLUMN_TEXT, COLUMN_WRAP},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.causes", 1, NULL, "No mail of yours fails. 'dmarcctl readiness' says what is known of it.", COLUMNS,
    COLUMNS_OF_CAUSES};

static struct cell seen_day(const struct cause_sum *sum, int32_t day) {
  return sum->last_day ? cell_time(utc_from_day(day)) : cell_absent();
}

/* Of own mail that was judged, as the pass rate is; of what was not, of both. */
static struct cell share_of(const struct judgement *j, enum failure_cause c, int64_t messages) {
  const int64_t all = j->own_messages + (c == CAUSE_RECEIVER_DNS ? j->own_unchecked : 0);
  return cell_share((double)messages, (double)all);
}

static int push_cause(struct table_sink *sink, const struct judgement *j, enum failure_cause c, struct err *e) {
  const struct cause_sum *sum = &j->causes[c];
  const bool is_unchecked = c == CAUSE_RECEIVER_DNS;
  const struct cell cells[COLUMNS_OF_CAUSES] = {
      [DOMAIN] = cell_text(j->domain),
      [POLICY_TAG] = cell_text(j->scope == SCOPE_BELOW ? "sp" : "p"),
      [CAUSE] = cell_text(failure_cause_word(c)),
      [MESSAGES] = cell_count(sum->messages),
      [OWN_SHARE] = share_of(j, c, sum->messages),
      [FAILS] = cell_yes(!is_unchecked),
      [SOURCES] = cell_count(sum->sources),
      [LARGEST] = cell_text(sum->largest),
      [FIRST_SEEN] = seen_day(sum, sum->first_day),
      [LAST_SEEN] = seen_day(sum, sum->last_day),
      [REPAIR] = cell_text(is_unchecked && j->unchecked_repair ? j->unchecked_repair : failure_cause_repair(c)),
  };
  return sink->row(sink, cells, e);
}

static int push_judgement(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  int code = 0;
  for (enum failure_cause c = CAUSE_NONE + 1; c < FAILURE_CAUSES && !code; c++)
    if (j->causes[c].messages) code = push_cause(user, j, c, e);
  return !code && j->below ? push_judgement(user, h, j->below, e) : code;
}

int question_causes(const struct question *q, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = judge_each(&q->of, push_judgement, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}
