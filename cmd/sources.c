/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl sources: who sends, whose mail it is, and why own mail fails. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"

enum source_rows { BY_STREAM, BY_ADDRESS, BY_NETWORK, BY_CAUSE };

struct sources_options {
  struct options shared;
  enum source_rows by;
  unsigned classes;    /* bits 1 << enum stream_class; 0: all */
  int64_t new_since_s; /* so long before the day that is asked about; 0: not asked for */
  bool unowned, unfold;
};

static const struct option_word ROWS[] = {{.word = "stream", .value = BY_STREAM},
                                          {.word = "address", .value = BY_ADDRESS},
                                          {.word = "network", .value = BY_NETWORK},
                                          {.word = "cause", .value = BY_CAUSE},
                                          {0}};
#define CLASS_OPTION(CLASS, WORD) {.word = WORD, .value = CLASS},
static const struct option_word CLASSES[] = {EACH_STREAM_CLASS(CLASS_OPTION){0}};
static const struct option_word LENGTHS[] = {{.word = "7d"}, {.word = "2w"}, {0}};

#define AT(field) OPTION_AT(struct sources_options, field)
static const struct option OWN[] = {
    {"by", 0, OPTION_KEYWORD, NULL,
     "a row per stream with its class (default), per address, per /24 and /64, or per cause of own mail that fails",
     AT(by), .words = ROWS},
    {"class", 0, OPTION_KEYWORD_BITS, "CLASS,...", "streams of these classes: own, own_broken, undecided, ...",
     AT(classes), .words = CLASSES},
    {"new-since", 0, OPTION_DURATION, "TIME", "sources that were not met before: %s", AT(new_since_s),
     .words = LENGTHS},
    {"unfold", 0, OPTION_FLAG, NULL, "text has a row for each forger too, not one for all of them", AT(unfold)},
    {"unowned", 0, OPTION_FLAG, NULL, "own and undecided mail for which no label names an owner", AT(unowned)},
};

static int ask_streams(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct sources_options *own = (const struct sources_options *)o;
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  if (code < 0) return code;
  b.judgement.counted = &o->filter;
  /* Whoever chooses classes or what is new wants to see it. */
  const bool folds = o->output.format == FORMAT_TEXT && !own->unfold && !own->classes && !own->new_since_s;
  const struct question q = {
      .of = b.inquiry,
      .streams = {own->classes, own->new_since_s ? b.judgement.as_of_s - own->new_since_s : FILTER_OPEN_BEGIN,
                  own->unowned, folds}};
  return question_streams(&q, sink, e);
}

static int ask_causes(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, db, e);
  if (code < 0) return code;
  const struct question q = {.of = b.inquiry};
  return question_causes(&q, sink, e);
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct sources_options *own = (const struct sources_options *)o;
  if (own->by == BY_STREAM) return ask_streams(db, o, sink, e);
  if (own->by == BY_CAUSE) return ask_causes(db, o, sink, e);
  const struct question q = {.of = {db->store, &o->filter}, .by_network = own->by == BY_NETWORK};
  return question_sources(&q, sink, e);
}

/* On the command line: what the configuration says of judging is no question. */
static bool asks_of_streams(const struct options *o) {
  static const char *const NAMES[] = {"as-of",     "asn-db",     "class",     "dns",    "dns-server", "dns-timeout",
                                      "new-since", "sender-map", "threshold", "unfold", "unowned"};
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++)
    if (options_given(o, NAMES[i])) return true;
  return false;
}

/* The window that readiness judges is one, and holds all mail of the domain. */
static int refuse_narrowing(const struct options *o) {
  const char *narrower = options_given_of(o, OPTIONS_NARROWING);
  if (!narrower && options_given(o, "class")) narrower = "class";
  if (!narrower && options_given(o, "new-since")) narrower = "new-since";
  if (!narrower && options_given(o, "unowned")) narrower = "unowned";
  if (!narrower && options_given(o, "unfold")) narrower = "unfold";
  if (!narrower) return 0;
  return talk_failure(EXIT_USAGE,
                      "sources: --by cause is about all own mail in the window that readiness judges: it "
                      "does not go with --%s",
                      narrower);
}

static int run(const struct options *o) {
  const struct sources_options *own = (const struct sources_options *)o;
  if (own->by == BY_CAUSE) {
    const int refused = refuse_narrowing(o);
    return refused ? refused : ask_sums(o, QUESTION_SORT_MESSAGES, question);
  }
  if (own->by != BY_STREAM && asks_of_streams(o))
    return talk_failure(EXIT_USAGE,
                        "sources: --as-of, --asn-db, --class, --dns, --new-since, --sender-map, --threshold, --unfold"
                        " and --unowned judge streams: they do not go with --by address or --by network");
  return ask_sums(o, QUESTION_SORT_MESSAGES, question);
}

const struct verb VERB_SOURCES = {
    .name = "sources",
    .summary = "who sends, and whose mail it is",
    .examples =
        "  dmarcctl sources example.com --class undecided,own_broken\n"
        "  dmarcctl sources example.com --by network --aligned no --last 30d\n"
        "  dmarcctl sources example.com --by cause\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct sources_options),
    .run = run,
};
