/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl trend: messages and pass rate over time. */
#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/verb.h"
#include "report/question.h"

struct trend_options {
  struct options shared;
  enum trend_by by;
};

static const struct option_word STEPS[] = {{.word = "day", .value = TREND_BY_DAY},
                                           {.word = "week", .value = TREND_BY_WEEK},
                                           {.word = "month", .value = TREND_BY_MONTH},
                                           {.word = "disposition", .value = TREND_BY_DISPOSITION},
                                           {0}};
static const struct option OWN[] = {
    {"by", 0, OPTION_KEYWORD, NULL,
     "a row per UTC day (default), per week from Monday, or per month; or days by what became of their mail",
     OPTION_AT(struct trend_options, by), .words = STEPS},
};

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct trend_options *own = (const struct trend_options *)o;
  return question_trend(&(struct question){.of = {db->store, &o->filter}, .trend_by = own->by}, sink, e);
}

/* The newest stand last, and are there whatever the limit. */
static int run(const struct options *o) {
  const struct trend_options *own = (const struct trend_options *)o;
  return ask_sums(o, own->by == TREND_BY_WEEK ? "+week" : own->by == TREND_BY_MONTH ? "+month" : "+day", question);
}

const struct verb VERB_TREND = {
    .name = "trend",
    .summary = "messages and pass rate over time",
    .examples =
        "  dmarcctl trend example.com --by week\n"
        "  dmarcctl trend example.com --by disposition --last 30d\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct trend_options),
    .run = run,
};
