/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl diff: what changed between the last period and the one before, as the text of a mail or as a table. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/pages.h"

/* Reports on a day come on the day after: without --as-of the last period ends with the day before yesterday, so that
 * the next run does not find mail in it that this one has not seen. */
#define DAYS_UNDER_WAY 1
#define USUAL_DAYS 7

enum { BEFORE, NOW };

/* How long the last period is, or on which day it begins. */
struct diff_span {
  int64_t length_s; /* 0: not said */
  int64_t begin_s;
  bool begins;
};

struct diff_options {
  struct options shared;
  struct diff_span last;
  int64_t against_s; /* length of the one before; 0: as long */
  bool exit_code;
  uint32_t *changed; /* how many domains did, for the exit code */
};

static int parse_span(void *at, const char *text, struct err *e) {
  struct diff_span *span = at;
  span->begins = utc_parse_duration(text, &span->length_s, NULL) < 0;
  if (!span->begins || utc_parse(text, &span->begin_s, NULL) == 0) return 0;
  return err_set(e, ERR_USAGE, "\"%s\" is neither a length of time (7d, 2w) nor a date (2025-03-01)", text);
}

static const struct option_word LENGTHS[] = {{.word = "7d", .is_default = true}, {.word = "2w"}, {0}};
static const struct option_word LENGTHS_BEFORE[] = {{.word = "7d"}, {.word = "4w"}, {0}};

#define AT(field) OPTION_AT(struct diff_options, field)
static const struct option OWN[] = {
    {"since", 0, OPTION_CUSTOM, "TIME", "the last period is so long: %s; or begins on this DATE", AT(last),
     .words = LENGTHS, .parse = parse_span},
    {"last", 0, OPTION_CUSTOM, "TIME", "the same", AT(last), .parse = parse_span},
    {"against", 0, OPTION_DURATION, "TIME", "the period before it is so long: %s; default: as long as the last",
     AT(against_s), .words = LENGTHS_BEFORE},
    {"exit-code", 0, OPTION_FLAG, NULL, "exit with 4 when something changed", AT(exit_code)},
};

/* --- the periods -------------------------------------------------------------------------------------------------- */

static int whole_days(const char *option, int64_t length_s, int32_t otherwise, int32_t *ret, struct err *e) {
  if (length_s % UTC_DAY_S) return err_set(e, ERR_USAGE, "--%s: days are compared: write 7d or 2w", option);
  /* No report is older than the format; and days must not run out of their range. */
  if (length_s / UTC_DAY_S > 36500) return err_set(e, ERR_USAGE, "--%s: more than a hundred years", option);
  *ret = length_s ? (int32_t)(length_s / UTC_DAY_S) : otherwise;
  return 0;
}

static int find_periods(const struct options *o, struct diff_period periods[2], struct err *e) {
  const struct diff_options *own = (const struct diff_options *)o;
  int32_t end = o->judgement.as_of_s ? utc_day_of(o->judgement.as_of_s + 1) : utc_day_of(utc_now()) - DAYS_UNDER_WAY,
          days = 0, against = 0;
  int code = whole_days("since", own->last.length_s, USUAL_DAYS, &days, e);
  if (!code && own->last.begins) days = end - utc_day_of(own->last.begin_s);
  if (!code && days < 1) return err_set(e, ERR_USAGE, "--since: the last period would end before it begins");
  if (!code) code = whole_days("against", own->against_s, days, &against, e);
  if (code < 0) return code;
  periods[NOW] = (struct diff_period){end - days, end};
  periods[BEFORE] = (struct diff_period){end - days - against, end - days};
  return 0;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static uint32_t *changed_of(const struct options *o) { return ((const struct diff_options *)o)->changed; }

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  struct diff_period periods[2];
  int code = find_periods(o, periods, e);
  if (!code) code = basis_open(&b, o, db, e);
  return code < 0 ? code
                  : question_diff(&(struct question){.of = b.inquiry, .periods = periods, .changed = changed_of(o)},
                                  sink, e);
}

static int ask_letter(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                      struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  struct diff_period periods[2];
  int code = find_periods(o, periods, e);
  if (!code) code = basis_open(&b, o, db, e);
  const struct question q = {
      .of = b.inquiry, .periods = periods, .rows = rows, .changes_alone = o->common.quiet, .changed = changed_of(o)};
  return code < 0 ? code : diff_pages(&q, page, e);
}

static int run(const struct options *o) {
  struct diff_options counted = *(const struct diff_options *)o;
  uint32_t changed = 0;
  counted.changed = &changed;
  int exit_code = o->output.format == FORMAT_TEXT && !o->rows.sort ? ask_pages(&counted.shared, ask_letter)
                                                                   : ask(&counted.shared, NULL, ask_table);
  return exit_code == EXIT_DONE && counted.exit_code && changed ? EXIT_CHANGED : exit_code;
}

const struct verb VERB_DIFF = {
    .name = "diff",
    .summary = "what changed between the last period and the one before",
    .details =
        "Verdict, policy, pass rates, new and vanished sources and reporters: the text of a weekly mail, with the most\n"
        "important first. With --quiet nothing is printed where nothing changed. Without --as-of the last period ends\n"
        "with the day before yesterday, whose reports have come.\n",
    .examples =
        "  dmarcctl diff\n"
        "  dmarcctl diff example.com --since 7d --quiet\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "verdicts are compared, and each rests on all reports of a domain",
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct diff_options),
    .run = run,
};
