/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a check to monitoring systems. Their line has three signs of its own: "|" parts the text from the performance
 * data, whose labels stand in quotes and hold no "=". */
#include "report/check_answer.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/policy.h"
#include "base/utc.h"
#include "table/escape.h"

#define MOST_TOLD 3     /* domains in the text: it is read on a telephone */
#define MOST_MEASURED 8 /* domains with performance data: Nagios takes 8 KiB of a plugin */

/* clang-format off */
enum {
  DOMAIN, STATE, BY_VERDICT, BY_PASS, BY_AGE, VERDICT, NEXT, OWN_MESSAGES, OWN_PASS, AGE, MESSAGE, COLUMNS_OF_CHECK
};
static const struct column COLUMNS[COLUMNS_OF_CHECK] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [STATE] = {"state", NULL, COLUMN_TEXT, 0},
    [BY_VERDICT] = {"state_verdict", NULL, COLUMN_TEXT, 0},
    [BY_PASS] = {"state_pass", NULL, COLUMN_TEXT, 0},
    [BY_AGE] = {"state_age", NULL, COLUMN_TEXT, 0},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, 0},
    [NEXT] = {"next", NULL, COLUMN_TEXT, 0},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, 0},
    [OWN_PASS] = {"own_pass_share", NULL, COLUMN_SHARE, 0},
    [AGE] = {"report_age_days", NULL, COLUMN_NUMBER, 0},
    [MESSAGE] = {"message", NULL, COLUMN_TEXT, COLUMN_WRAP},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.check", 1, NULL, "No domain is known.", COLUMNS, COLUMNS_OF_CHECK};

const char *check_state_word(enum check_state s) {
  static const char *const WORDS[CHECK_STATES] = {
      [CHECK_OK] = "OK", [CHECK_WARNING] = "WARNING", [CHECK_CRITICAL] = "CRITICAL", [CHECK_UNKNOWN] = "UNKNOWN"};
  return WORDS[s];
}

/* --- one domain in words ------------------------------------------------------------------------------------------ */

/* Reports name domains that are none. */
static void add_name(struct strbuf *out, const char *name) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  escape_ascii(&safe, name);
  for (const char *s = strbuf_text(&safe); *s; s++) strbuf_add_char(out, *s == '|' ? '/' : *s);
}

/* Behind what is not as it should be. */
static void add_mark(struct strbuf *out, enum check_state s) {
  if (s != CHECK_OK) strbuf_printf(out, " (%s)", check_state_word(s));
}

static void tell_domain(const struct checked *c, struct strbuf *out) {
  if (!c->is_known) {
    strbuf_add_text(out, "no report on it is stored");
    return;
  }
  strbuf_add_text(out, verdict_word(c->verdict));
  if (c->next != POLICY_UNKNOWN) strbuf_printf(out, " for p=%s", policy_word(c->next));
  add_mark(out, c->by_verdict);
  if (isnan(c->own_pass)) {
    strbuf_add_text(out, c->sends_nothing ? ", sends no mail" : ", no own mail");
  } else {
    strbuf_add_text(out, ", own mail passes: ");
    figure_share(out, c->own_pass);
  }
  add_mark(out, c->by_pass);
  if (isnan(c->age_days)) {
    strbuf_add_text(out, ", age of the newest report unknown");
  } else {
    strbuf_add_text(out, ", newest report: ");
    figure_decimal(out, c->age_days, 0);
    strbuf_printf(out, " day%s old", c->age_days == 1 ? "" : "s");
  }
  add_mark(out, c->by_age);
}

/* --- performance data --------------------------------------------------------------------------------------------- */

/* Plain numbers in any locale. */
static void add_number(struct strbuf *out, double n) { strbuf_printf(out, "%.10g", figure_cut(n, 4)); }

static void begin_value(struct strbuf *out, const char *domain, const char *what) {
  strbuf_add_text(out, " '");
  for (const char *s = domain; s && *s; s++)
    strbuf_add_char(out, strchr("'=|", *s) || (unsigned char)*s <= ' ' ? '_' : *s);
  strbuf_printf(out, "%s%s'=", domain ? " " : "", what);
}

static void add_pass(struct strbuf *out, const struct checked *c, const char *domain, const struct check_limits *l) {
  begin_value(out, domain, "own_pass");
  add_number(out, c->own_pass * 100);
  strbuf_add_text(out, "%;");
  add_number(out, l->pass_warning * 100); /* a range that ends nowhere: below it it is so */
  strbuf_add_text(out, ":;");
  add_number(out, l->pass_critical * 100);
  strbuf_add_text(out, ":;0;100");
}

static void add_age(struct strbuf *out, const struct checked *c, const char *domain) {
  begin_value(out, domain, "report_age");
  strbuf_printf(out, "%.0fs;%.0f;%.0f;0", c->age_days * UTC_DAY_S, c->age_warning_days * UTC_DAY_S,
                c->age_critical_days * UTC_DAY_S);
}

/* A value that is not known is left out: 0 would be one. */
static void add_values(struct strbuf *out, const struct checked *c, const char *domain, const struct check_limits *l) {
  if (!c->is_known) return;
  if (!isnan(c->own_pass)) add_pass(out, c, domain, l);
  if (!isnan(c->age_days)) add_age(out, c, domain);
  begin_value(out, domain, "own_messages");
  strbuf_printf(out, "%lld;;;0", (long long)c->own_messages);
}

static void add_counts(struct strbuf *out, const struct check *c) {
  static const char *const NAMES[CHECK_STATES] = {"ok", "warning", "critical", "unknown"};
  strbuf_printf(out, " 'domains'=%u;;;0", c->count);
  for (unsigned s = 0; s < CHECK_STATES; s++) strbuf_printf(out, " '%s'=%u;;;0;%u", NAMES[s], c->states[s], c->count);
}

/* --- the line of a plugin ----------------------------------------------------------------------------------------- */

static void begin_line(struct strbuf *out, enum check_state s) {
  strbuf_printf(out, "DMARC %s: ", check_state_word(s));
}

void check_tell_unknown(const char *why, struct strbuf *out) {
  begin_line(out, CHECK_UNKNOWN);
  add_name(out, why);
}

/* The graver ones first. */
static void tell_worst(const struct check *c, struct strbuf *out) {
  static const enum check_state ORDER[] = {CHECK_CRITICAL, CHECK_WARNING, CHECK_UNKNOWN};
  unsigned told = 0;
  for (unsigned o = 0; o < ARRAY_SIZE(ORDER); o++)
    for (unsigned i = 0; i < c->count && told < MOST_TOLD; i++) {
      if (c->domains[i].state != ORDER[o]) continue;
      strbuf_add_text(out, told++ ? "; " : ": ");
      add_name(out, c->domains[i].domain);
      strbuf_add_text(out, ": ");
      tell_domain(&c->domains[i], out);
    }
  const unsigned bad = c->count - c->states[CHECK_OK];
  if (bad > told) strbuf_printf(out, "; %u more", bad - told);
}

static void tell_many(const struct check *c, struct strbuf *out) {
  for (unsigned o = 0; o < CHECK_STATES; o++) {
    static const enum check_state ORDER[] = {CHECK_CRITICAL, CHECK_WARNING, CHECK_UNKNOWN, CHECK_OK};
    if (c->states[ORDER[o]]) strbuf_printf(out, "%u %s, ", c->states[ORDER[o]], check_state_word(ORDER[o]));
  }
  strbuf_printf(out, "of %u domains", c->count);
  tell_worst(c, out);
}

void check_tell(const struct check *c, const struct check_limits *limits, struct strbuf *out) {
  if (!c->count) {
    check_tell_unknown("no report on any domain is stored", out);
    return;
  }
  begin_line(out, c->state);
  if (c->count == 1) {
    add_name(out, c->domains[0].domain);
    strbuf_add_text(out, ": ");
    tell_domain(&c->domains[0], out);
  } else {
    tell_many(c, out);
  }
  if (c->count == 1 && !c->domains[0].is_known) return;
  strbuf_add_text(out, " |");
  if (c->count > 1) add_counts(out, c);
  for (unsigned i = 0; i < c->count && c->count <= MOST_MEASURED; i++)
    add_values(out, &c->domains[i], c->count > 1 ? c->domains[i].domain : NULL, limits);
}

/* --- rows, and Zabbix --------------------------------------------------------------------------------------------- */

int check_rows(const struct check *c, struct table_sink *sink, struct err *e) {
  _cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < c->count && !code; i++) {
    const struct checked *d = &c->domains[i];
    strbuf_reset(&message);
    tell_domain(d, &message);
    const struct cell cells[COLUMNS_OF_CHECK] = {
        [DOMAIN] = cell_text(d->domain),
        [STATE] = cell_text(check_state_word(d->state)),
        [BY_VERDICT] = cell_text(d->is_known ? check_state_word(d->by_verdict) : NULL),
        [BY_PASS] = cell_text(d->is_known ? check_state_word(d->by_pass) : NULL),
        [BY_AGE] = cell_text(d->is_known ? check_state_word(d->by_age) : NULL),
        [VERDICT] = cell_text(d->is_known ? verdict_word(d->verdict) : NULL),
        [NEXT] = cell_text(d->is_known ? policy_word(d->next) : NULL),
        [OWN_MESSAGES] = d->is_known ? cell_count(d->own_messages) : cell_absent(),
        [OWN_PASS] = d->is_known ? cell_number(d->own_pass) : cell_absent(),
        [AGE] = d->is_known ? cell_number(d->age_days) : cell_absent(),
        [MESSAGE] = cell_text(strbuf_text(&message)),
    };
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

static void add_text_value(struct strbuf *out, const char *key, const char *text) {
  strbuf_printf(out, ",\"%s\":", key);
  escape_json(out, text);
}

static void add_zabbix_domain(struct strbuf *out, const struct checked *d) {
  _cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
  tell_domain(d, &message);
  strbuf_add_text(out, "{\"{#DOMAIN}\":");
  escape_json(out, d->domain);
  add_text_value(out, "domain", d->domain); /* Zabbix replaces the macro in paths, its key too */
  strbuf_printf(out, ",\"state\":%d", (int)d->state);
  add_text_value(out, "message", strbuf_text(&message));
  if (d->is_known) {
    add_text_value(out, "verdict", verdict_word(d->verdict));
    strbuf_printf(out, ",\"own_messages\":%lld", (long long)d->own_messages);
  }
  if (d->is_known && !isnan(d->own_pass)) {
    strbuf_add_text(out, ",\"own_pass\":");
    add_number(out, d->own_pass * 100);
  }
  if (d->is_known && !isnan(d->age_days)) strbuf_printf(out, ",\"report_age\":%.0f", d->age_days * UTC_DAY_S);
  strbuf_add_char(out, '}');
}

void check_zabbix(const struct check *c, struct strbuf *out) {
  strbuf_add_text(out, "[");
  for (unsigned i = 0; i < c->count; i++) {
    strbuf_add_text(out, i ? ",\n" : "\n");
    add_zabbix_domain(out, &c->domains[i]);
  }
  strbuf_add_text(out, c->count ? "\n]" : "]");
}
