/* SPDX-License-Identifier: Apache-2.0 */
/* dns keys: the keys of selectors, one row each. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/dns_tables.h"

/* clang-format off */
static const struct column FAULT_COLUMNS[] = {
    {"fault", NULL, COLUMN_TEXT, 0},
    {"detail", NULL, COLUMN_TEXT, 0},
    {"section", NULL, COLUMN_TEXT, 0},
};
static const struct table FAULT_ROWS = NESTED_ROWS(FAULT_COLUMNS);

enum {
  SELECTOR, DOMAIN, STATE, ALGORITHM, BITS, PASSED, LAST_PASSED, WRONG, ADVICE, ALIAS, SINCE, SAME_AS, MESSAGES,
  LAST_SEEN, WITHDRAW, TESTING, POLICY_DOMAIN, RECORD, FAULTS, COLUMNS_OF_KEYS
};
static const struct column COLUMNS[COLUMNS_OF_KEYS] = {
    [SELECTOR] = {"selector", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    [DOMAIN] = {"domain", "d=", COLUMN_TEXT, 0},
    [STATE] = {"state", NULL, COLUMN_TEXT, COLUMN_KEY},
    [ALGORITHM] = {"algorithm", "key", COLUMN_TEXT, 0},
    [BITS] = {"bits", NULL, COLUMN_COUNT, 0},
    [PASSED] = {"passed", NULL, COLUMN_COUNT, 0},
    [LAST_PASSED] = {"last_passed", "last passed", COLUMN_DAY, 0},
    [WRONG] = {"wrong", NULL, COLUMN_WORDS, COLUMN_WRAP},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [ALIAS] = {"alias", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [SINCE] = {"found_since", "found since", COLUMN_TIME, COLUMN_DETAIL},
    [SAME_AS] = {"same_as", NULL, COLUMN_TEXT, COLUMN_DATA},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [LAST_SEEN] = {"last_seen", NULL, COLUMN_DAY, COLUMN_DATA},
    [WITHDRAW] = {"withdraw_from", NULL, COLUMN_DAY, COLUMN_DATA},
    [TESTING] = {"testing", NULL, COLUMN_YES_NO, COLUMN_DATA},
    [POLICY_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA},
    [RECORD] = {"record", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FAULTS] = {"faults", NULL, COLUMN_ROWS, COLUMN_DATA, &FAULT_ROWS},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.dns-keys",
                                   1,
                                   NULL,
                                   "No key is known of the domains that match. 'dmarcctl dns snapshot' looks for them.",
                                   COLUMNS,
                                   COLUMNS_OF_KEYS};

static void spell_advice(const struct dns_key *k, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  switch (k->state) {
    case KEY_MISSING:
      strbuf_add_text(out, k->key.key ? "is revoked while mail is signed with it, which fails: publish it again"
                                      : "is not there while mail is signed with it, which fails: publish it again");
      break;
    case KEY_UNUSABLE:
      strbuf_add_text(out, "nobody can verify with it: correct the record");
      break;
    case KEY_UNKNOWN:
      strbuf_add_text(out, "not looked at yet: 'dmarcctl dns snapshot' does");
      break;
    case KEY_UNVERIFIED:
      strbuf_add_text(out, "never there: forged, or signed by somebody whose key is not published");
      break;
    case KEY_NEVER_SEEN:
      strbuf_printf(out, "no mail had it in %d days: can be withdrawn", DNS_USE_DAYS);
      break;
    case KEY_UNUSED:
      strbuf_printf(out, "can be withdrawn since %s", utc_format_day(k->withdraw_s, day));
      break;
    case KEY_GONE:
    case KEY_IN_USE:
      break;
  }
  if (k->same_as) strbuf_printf(out, "%sthe same key as %s", out->length ? "; " : "", k->same_as);
}

static unsigned fill_faults(const struct dns_faults *f, struct cell *cells, const char **words) {
  for (unsigned i = 0; i < f->count; i++) {
    cells[3 * i] = cell_text(f->items[i].fault);
    cells[3 * i + 1] = cell_text(f->items[i].detail);
    cells[3 * i + 2] = cell_text(f->items[i].section);
    words[i] = f->items[i].fault;
  }
  return f->count;
}

static int push(const struct dns_keys *keys, const struct dns_key *k, struct table_sink *sink, struct err *e) {
  struct cell faults[MOST_FAULTS * ARRAY_SIZE(FAULT_COLUMNS)];
  const char *words[MOST_FAULTS];
  _cleanup_strbuf_ struct strbuf advice = STRBUF_INIT;
  const struct dns_use *use = k->use;
  const unsigned count = fill_faults(&k->faults, faults, words);
  spell_advice(k, &advice);
  const struct cell cells[COLUMNS_OF_KEYS] = {
      [SELECTOR] = cell_text(k->selector),
      [DOMAIN] = cell_text(k->domain),
      [STATE] = cell_text(key_state_word(k->state)),
      [ALGORITHM] = cell_text(k->key.key && *k->key.key ? k->key.algorithm : NULL),
      [BITS] = k->key.bits ? cell_count(k->key.bits) : cell_absent(),
      [PASSED] = cell_count(use ? use->passed : 0),
      [LAST_PASSED] = cell_time(use ? use->last_passed_s : FEEDBACK_TIME_UNKNOWN),
      [WRONG] = {.present = count > 0, .words = {words, count}},
      [ADVICE] = cell_text(advice.data),
      [ALIAS] = cell_text(k->alias),
      [SINCE] = cell_time(k->since_s),
      [SAME_AS] = cell_text(k->same_as),
      [MESSAGES] = cell_count(use ? use->messages : 0),
      [LAST_SEEN] = cell_time(use ? use->last_s : FEEDBACK_TIME_UNKNOWN),
      [WITHDRAW] = cell_time(k->withdraw_s),
      [TESTING] = k->key.text ? cell_yes(k->key.testing) : cell_absent(),
      [POLICY_DOMAIN] = cell_text(keys->policy_domain),
      [RECORD] = cell_text(k->key.text),
      [FAULTS] = {.present = true, .rows = {faults, count}},
  };
  return sink->row(sink, cells, e);
}

int dns_keys_begin(struct table_sink *sink, struct err *e) { return sink->begin(sink, &TABLE, e); }

int dns_keys_push(const struct dns_keys *keys, struct table_sink *sink, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < keys->count && !code; i++) code = push(keys, &keys->items[i], sink, e);
  return code;
}
