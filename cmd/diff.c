/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl diff: what changed between the last period and the one before, as the text of a mail or as a table. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/page.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"
#include "report/words.h"
#include "table/render.h"

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

static void add_period(struct strbuf *text, const struct diff_period *p) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  utc_format_day(utc_from_day(p->begin_day), begin);
  utc_format_day(utc_from_day(p->end_day - 1), end);
  strbuf_printf(text, p->end_day - p->begin_day > 1 ? "%s to %s" : "%s", begin, end);
}

static void add_periods(struct strbuf *text, const struct diff_period periods[2]) {
  add_period(text, &periods[NOW]);
  strbuf_add_text(text, " against ");
  add_period(text, &periods[BEFORE]);
  strbuf_add_text(text, " (UTC)");
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

struct letter {
  const struct output *out;
  const struct diff_period *periods;
  uint64_t limit, told, left_out; /* changes; limit 0: all */
  bool begun;
};

static void print_change(struct letter *l, const struct diff_change *c) {
  static const char *const COLOURS[] = {[DIFF_WORSE] = "\033[31m", [DIFF_NEUTRAL] = "", [DIFF_BETTER] = "\033[32m"};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const char *colour = l->out->render.colour ? COLOURS[c->effect] : "";
  strbuf_add_text(&text, "- ");
  diff_tell(c, &text);
  fputs(colour, l->out->file);
  page_print_wrapped(l->out, strbuf_text(&text), 2);
  if (*colour) fputs("\033[0m", l->out->file);
}

static void print_head(struct letter *l) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (l->begun) return;
  l->begun = true;
  strbuf_add_text(&text, "What changed: ");
  add_periods(&text, l->periods);
  page_print_wrapped(l->out, strbuf_text(&text), 0);
}

static int print_domain(void *user, const struct diff_domain *d, struct err *e) {
  (void)e;
  struct letter *l = user;
  uint32_t room = l->limit && l->limit - l->told < d->count ? (uint32_t)(l->limit - l->told) : d->count;
  l->told += room;
  l->left_out += d->count - room;
  if (!room) return 0;
  print_head(l);
  fputc('\n', l->out->file);
  page_print_headline(l->out, d->domain);
  for (uint32_t i = 0; i < room; i++) print_change(l, &d->changes[i]);
  if (d->left_out) fprintf(l->out->file, "- and %u changes of less importance\n", d->left_out);
  return 0;
}

/* Silence of the reporters must not read like peace. */
static void print_nothing(const struct letter *l, const struct diff_total *total) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char newest[UTC_TEXT_BYTES];
  if (!total->domains) {
    strbuf_add_text(&text, "No report had begun by then. 'dmarcctl summary' shows what is stored.");
  } else if (!total->reports[NOW]) {
    utc_format_day(utc_from_day(total->newest_day), newest);
    strbuf_add_text(&text, "No report came: none begins in ");
    add_period(&text, &l->periods[NOW]);
    strbuf_printf(&text, " (UTC), the newest before is of %s. --as-of %s asks about that day.", newest, newest);
  } else {
    strbuf_add_text(&text, "Nothing changed: ");
    add_periods(&text, l->periods);
    strbuf_add_text(&text, ", ");
    figure_count(&text, total->domains, "domain");
    strbuf_add_text(&text, ", ");
    figure_count(&text, (int64_t)total->reports[NOW], "report");
    strbuf_add_char(&text, '.');
  }
  page_print_wrapped(l->out, strbuf_text(&text), 0);
}

static void print_end(const struct letter *l, const struct diff_total *total) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (l->left_out) {
    fputc('\n', l->out->file);
    figure_count(&text, (int64_t)l->left_out, "more change");
    strbuf_add_text(&text, "; --limit 0 shows all");
    page_print_wrapped(l->out, strbuf_text(&text), 0);
    return;
  }
  if (total->domains == total->changed) return;
  fputc('\n', l->out->file);
  strbuf_add_text(&text, "Nothing changed at ");
  figure_count(&text, total->domains - total->changed, "other domain");
  strbuf_add_char(&text, '.');
  page_print_wrapped(l->out, strbuf_text(&text), 0);
}

static int print_letter(const struct options *o, struct store *store, const struct diff_period periods[2],
                        struct err *e) {
  _cleanup_(output_close) struct output out;
  _cleanup_(basis_clear) struct basis b = {0};
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  struct letter letter = {.out = &out, .periods = periods, .limit = ask_limit(o, &out)};
  struct diff_total total;
  code = basis_open(&b, o, store, e);
  if (!code) code = diff_each(&b.inquiry, periods, print_domain, &letter, &total, e);
  if (code < 0) return code;
  if (letter.begun)
    print_end(&letter, &total);
  else if (!o->common.quiet)
    print_nothing(&letter, &total);
  return output_commit(&out, e);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  struct diff_period periods[2];
  int code = find_periods(o, periods, e);
  if (!code) code = basis_open(&b, o, store, e);
  return code < 0 ? code : question_diff(&(struct question){.of = b.inquiry, .periods = periods}, sink, e);
}

static int ask_letter(const struct options *o) {
  struct store *store = NULL;
  struct diff_period periods[2];
  struct err e;
  int code = find_periods(o, periods, &e);
  if (!code) code = ask_open_store(o, &store, &e);
  if (!code) code = print_letter(o, store, periods, &e);
  store_close(store);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

static int run(const struct options *o) {
  return o->output.format == FORMAT_TEXT && !o->rows.sort ? ask_letter(o) : ask(o, NULL, ask_table);
}

const struct verb VERB_DIFF = {
    .name = "diff",
    .summary = "what changed between the last period and the one before",
    .details =
        "Verdict, policy, pass rates, new and vanished sources and reporters: the text of a weekly mail, with the most\n"
        "important first. With --quiet nothing is printed where nothing changed. Without --as-of the last period ends\n"
        "with the day before yesterday, whose reports have come.\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct diff_options),
    .run = run,
};
