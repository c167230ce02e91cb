/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl check: a plugin for Nagios, Icinga and their kin, and the discovery of Zabbix. Whatever happens, it answers
 * on standard output with a state, which its exit status is. */
#include "analysis/check.h"

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/check_answer.h"

/* What it knows beside tables; behind enum table_format. */
#define SHAPE_ZABBIX TABLE_FORMATS

struct check_options {
  struct options shared;
  unsigned shape; /* or an enum table_format */
  struct check_limits limits;
  unsigned ok, warning, critical; /* bits 1 << enum verdict: what the user makes of them */
};

static int parse_percent(void *at, const char *text, struct err *e) {
  char *end;
  const double percent = strtod(text, &end);
  if (end == text || *end || !(percent >= 0 && percent <= 100))
    return err_set(e, ERR_USAGE, "\"%s\" is no percentage from 0 to 100", text);
  *(double *)at = percent / 100;
  return 0;
}

static const struct option_word FORMATS[] = {OPTIONS_TABLE_FORMATS, {.word = "zabbix", .value = SHAPE_ZABBIX}, {0}};
static const struct option_word DAYS[] = {{.word = "3d"}, {.word = "1w"}, {0}};
static const struct option_word VERDICT_WORDS[] = {{.word = "STALE", .value = VERDICT_STALE},
                                                   {.word = "REGRESSION", .value = VERDICT_REGRESSION},
                                                   {.word = "NOT_READY", .value = VERDICT_NOT_READY},
                                                   {.word = "NEEDS_DECISION", .value = VERDICT_NEEDS_DECISION},
                                                   {.word = "INSUFFICIENT_DATA", .value = VERDICT_INSUFFICIENT_DATA},
                                                   {.word = "READY", .value = VERDICT_READY},
                                                   {.word = "AT_TARGET", .value = VERDICT_AT_TARGET},
                                                   {0}};

#define AT(field) OPTION_AT(struct check_options, field)
static const struct option OWN[] = {
    {"pass-warning", 0, OPTION_CUSTOM, "PERCENT", "WARNING where less of own mail passes; default 98",
     AT(limits.pass_warning), .parse = parse_percent},
    {"pass-critical", 0, OPTION_CUSTOM, "PERCENT", "CRITICAL where less of own mail passes; default 95",
     AT(limits.pass_critical), .parse = parse_percent},
    {"age-warning", 0, OPTION_DURATION, "TIME", "WARNING where the newest report is older: %s; default: as readiness",
     AT(limits.age_warning_s), .words = DAYS},
    {"age-critical", 0, OPTION_DURATION, "TIME", "CRITICAL where it is older: %s; default: as readiness",
     AT(limits.age_critical_s), .words = DAYS},
    {"critical", 0, OPTION_KEYWORD_BITS, "VERDICT,...", "these verdicts are CRITICAL; default REGRESSION", AT(critical),
     .words = VERDICT_WORDS},
    {"warning", 0, OPTION_KEYWORD_BITS, "VERDICT,...", "these are WARNING; default NOT_READY,NEEDS_DECISION",
     AT(warning), .words = VERDICT_WORDS},
    {"ok", 0, OPTION_KEYWORD_BITS, "VERDICT,...", "these are OK; default READY,AT_TARGET; the others are UNKNOWN",
     AT(ok), .words = VERDICT_WORDS},
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", AT(shape), .words = FORMATS},
};

/* --- the states --------------------------------------------------------------------------------------------------- */

static void set_states(const struct check_options *own, struct check_limits *ret) {
  *ret = own->limits;
  for (unsigned v = 0; v < VERDICTS; v++) {
    if (own->ok & 1u << v) ret->of_verdict[v] = CHECK_OK;
    if (own->warning & 1u << v) ret->of_verdict[v] = CHECK_WARNING;
    if (own->critical & 1u << v) ret->of_verdict[v] = CHECK_CRITICAL;
  }
}

static int judge_all(const struct database *db, const struct options *o, const struct check_limits *limits,
                     struct check *ret, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  int code = basis_open(&b, o, db, e);
  return code < 0 ? code : check_collect(&b.inquiry, limits, ret, e);
}

static int collect(const struct options *o, const struct check_limits *limits, struct check *ret, struct err *e) {
  struct database db = {0};
  int code = ask_open(o, &db, e);
  if (!code) code = judge_all(&db, o, limits, ret, e);
  database_close(&db);
  return code;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static int fill_rows(void *user, struct table_sink *sink, struct err *e) { return check_rows(user, sink, e); }

static int print_answer(struct check *c, const struct check_limits *limits, const struct options *o, unsigned shape,
                        struct err *e) {
  _cleanup_(output_close) struct output out = {0};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  if (shape == SHAPE_ZABBIX)
    check_zabbix(c, &text);
  else if (shape == FORMAT_TEXT)
    check_tell(c, limits, &text);
  else
    code = output_table(&out, o, fill_rows, c, e);
  if (text.length) fprintf(out.file, "%s\n", text.data);
  return code < 0 ? code : output_commit(&out, e);
}

/* Also where the command line or the configuration is wrong: a status of 1 or 2 would be WARNING or CRITICAL. */
static int unable(const char *why) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  check_tell_unknown(why, &text);
  puts(strbuf_text(&text));
  fflush(stdout);
  return CHECK_UNKNOWN;
}

static int run(const struct options *o) {
  const struct check_options *own = (const struct check_options *)o;
  _cleanup_(check_clear) struct check found = {0};
  struct options drawn = *o; /* with the renderer that draws it */
  struct check_limits limits;
  struct err e;
  set_states(own, &limits);
  if (own->shape != SHAPE_ZABBIX) drawn.output.format = (enum table_format)own->shape;
  int code = collect(o, &limits, &found, &e);
  if (!code) code = print_answer(&found, &limits, &drawn, own->shape, &e);
  if (code < 0) return unable(e.text);
  /* Zabbix takes any other status for an item that does not work; the states are in the answer. */
  return own->shape == SHAPE_ZABBIX ? EXIT_DONE : (int)found.state;
}

static void init(struct options *o) { ((struct check_options *)o)->limits = CHECK_LIMITS_DEFAULT; }

const struct verb VERB_CHECK = {
    .name = "check",
    .summary = "a plugin for Nagios, Icinga and Zabbix: OK, WARNING, CRITICAL or UNKNOWN",
    .details =
        "One line with performance data, and the state as exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. It is the\n"
        "gravest of what the verdict, the share of own mail that passes and the age of the newest report say.\n",
    .examples =
        "  dmarcctl check example.com\n"
        "  dmarcctl check --format zabbix\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "a verdict rests on all reports of a domain",
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct check_options),
    .init = init,
    .unable = unable,
    .run = run,
};
