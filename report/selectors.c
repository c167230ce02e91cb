/* SPDX-License-Identifier: Apache-2.0 */
/* selectors: one row a policy domain, signing domain and selector, as far as they are the owner's. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/late_table.h"
#include "report/question.h"
#include "report/sections.h"

/* clang-format off */
static const struct column RESULT_COLUMNS[] = {
    {"result", NULL, COLUMN_TEXT, 0},
    {"messages", NULL, COLUMN_COUNT, 0},
};
static const struct table RESULT_ROWS = NESTED_ROWS(RESULT_COLUMNS);

enum {
  SELECTOR, DOMAIN, MESSAGES, OWN_SHARE, PASS_SHARE, STATE, HOME, LAST_SEEN, FIRST_SEEN, BROKEN_SINCE, NOT_PASSED,
  SERVICE, HOMES, HOME_SHARE, ADDRESSES, OWN_MESSAGES, POLICY_DOMAIN, ADVICE, RESULT_LIST, COLUMNS_OF_SELECTORS
};

static const struct column COLUMNS[COLUMNS_OF_SELECTORS] = {
    [SELECTOR] = {"selector", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    [DOMAIN] = {"domain", "d=", COLUMN_TEXT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [OWN_SHARE] = {"own_pass_share", "own mail", COLUMN_SHARE, COLUMN_GOOD},
    [PASS_SHARE] = {"pass_share", "all mail", COLUMN_SHARE, COLUMN_DETAIL},
    [STATE] = {"state", NULL, COLUMN_TEXT, COLUMN_KEY},
    [HOME] = {"home", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL},
    [BROKEN_SINCE] = {"broken_since", "broken since", COLUMN_DAY, COLUMN_DETAIL},
    [NOT_PASSED] = {"not_passed", "not passed", COLUMN_TEXT, COLUMN_DETAIL},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_DATA},
    [HOMES] = {"homes", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [HOME_SHARE] = {"home_share", NULL, COLUMN_SHARE, COLUMN_DATA},
    [ADDRESSES] = {"addresses", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [POLICY_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [RESULT_LIST] = {"results", NULL, COLUMN_ROWS, COLUMN_DATA, &RESULT_ROWS},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.selectors",
    1,
    NULL,
    "No signature of the domain's own is in the reports that match. 'dmarcctl summary' shows what is stored.",
    COLUMNS,
    COLUMNS_OF_SELECTORS};

/* "fail 12, permerror 3" */
static void spell_not_passed(const struct selector *s, struct strbuf *out) {
  for (int i = SIGNATURE_FAIL; i < SIGNATURE_RESULTS; i++)
    if (s->results[i])
      strbuf_printf(out, "%s%s %lld", out->length ? ", " : "", signature_result_word((enum signature_result)i),
                    (long long)s->results[i]);
}

static unsigned fill_results(const struct selector *s, struct cell *cells) {
  unsigned n = 0;
  for (int i = 0; i < SIGNATURE_RESULTS; i++) {
    if (!s->results[i]) continue;
    cells[n * 2] = cell_text(signature_result_word((enum signature_result)i));
    cells[n++ * 2 + 1] = cell_count(s->results[i]);
  }
  return n;
}

static void spell_advice(const struct selector *s, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  switch (s->state) {
    case SELECTOR_UNNAMED:
      strbuf_add_text(out, "its reporters name no selector");
      break;
    case SELECTOR_NEVER_PASSED:
      strbuf_add_text(out, s->own_messages > 0
                               ? "signs your mail and was never verified: publish its key, or sign with one that is"
                               : "never verified, and none of your mail has it: forged, nothing to do");
      break;
    case SELECTOR_RETIRED:
      strbuf_printf(out, "silent for %d days: its key can be withdrawn", s->silence_days);
      break;
    case SELECTOR_BROKEN:
      utc_format_day(utc_from_day(s->broken_since_day), day);
      strbuf_printf(out, "fails since %s: compare the published key with the one that signs", day);
      break;
    case SELECTOR_SILENT:
      strbuf_printf(out, "silent for %d days, which may be its rhythm: keep its key", s->silence_days);
      break;
    case SELECTOR_NEW:
      strbuf_add_text(out, "make sure that you know who signs with it");
      break;
    case SELECTOR_ACTIVE:
      break;
  }
}

static int push_selector(const struct history *h, const struct selector *s, struct table_sink *sink, struct err *e) {
  struct cell results[SIGNATURE_RESULTS * ARRAY_SIZE(RESULT_COLUMNS)];
  _cleanup_strbuf_ struct strbuf not_passed = STRBUF_INIT, advice = STRBUF_INIT;
  spell_not_passed(s, &not_passed);
  spell_advice(s, &advice);
  const struct cell cells[COLUMNS_OF_SELECTORS] = {
      [SELECTOR] = cell_text(s->name),
      [DOMAIN] = cell_text(s->domain),
      [MESSAGES] = cell_count(s->messages),
      [OWN_SHARE] = cell_share((double)s->own_passed, (double)s->own_messages),
      [PASS_SHARE] = cell_share((double)s->results[SIGNATURE_PASS], (double)s->messages),
      [STATE] = cell_text(selector_state_word(s->state)),
      [HOME] = cell_text(s->home),
      [LAST_SEEN] = cell_day(s->last_day),
      [FIRST_SEEN] = cell_day(s->first_day),
      [BROKEN_SINCE] = s->fails ? cell_day(s->broken_since_day) : cell_absent(),
      [NOT_PASSED] = cell_text(not_passed.data),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [HOMES] = cell_count(s->homes),
      [HOME_SHARE] = s->home ? cell_share((double)s->home_messages, (double)s->own_messages) : cell_absent(),
      [ADDRESSES] = cell_count(s->addresses),
      [OWN_MESSAGES] = cell_count(s->own_messages),
      [POLICY_DOMAIN] = cell_text(h->domain),
      [ADVICE] = cell_text(advice.data),
      [RESULT_LIST] = {.present = true, .rows = {results, fill_results(s, results)}},
  };
  return sink->row(sink, cells, e);
}

static int push_rows(const struct selectors *s, struct table_sink *sink, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < s->count && !code; i++) code = push_selector(s->history, &s->items[i], sink, e);
  return code;
}

int selectors_push(const struct selectors *s, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = push_rows(s, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

static int push_domain(void *user, const struct selectors *s, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  return code < 0 ? code : push_rows(s, t->sink, e);
}

int question_selectors(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  return late_table_end(&t, selectors_each(&q->of, push_domain, &t, e), e);
}
