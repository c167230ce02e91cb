/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: each stands in a file of its own, with its options; they are listed here, and nowhere else. */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include "cmd/options.h"

/* What stands behind the options. */
enum verb_arguments {
  ARGUMENTS_NONE,
  ARGUMENTS_DOMAINS, /* policy domains; come normalised */
  ARGUMENTS_CHOICE,  /* of domains: as --domain has them */
  ARGUMENTS_FILES,
  ARGUMENTS_NAMES,
  ARGUMENTS_WORDS, /* one of `words` among them */
};
#define ANY_NUMBER_OF_ARGUMENTS 1000000

struct verb {
  const char *name;
  const char *summary;  /* one line, for the list of verbs */
  const char *details;  /* below it in its own help: lines; NULL: none */
  const char *examples; /* at the end of its help: lines, each a command; NULL: none */
  enum verb_arguments arguments;
  const char *usage; /* of the arguments: "[DOMAIN...]"; the words stand behind it. NULL: none */
  const struct option_word *words;
  const char *usage_behind; /* of what stands behind the words. NULL: nothing does */
  unsigned least_args, most_args;
  unsigned groups;                /* of shared options that it takes */
  const struct option_table *own; /* its own options; NULL: none */
  const char *whole;              /* why it takes no option of OPTIONS_NARROWING; NULL: nobody would expect one */
  size_t size;                    /* of the struct that they fill: it begins with a struct options. 0: that one alone */
  /* Its own part of that struct, where zeros and nothing are not enough. NULL: they are. */
  void (*init)(struct options *o);
  void (*clear)(struct options *o);
  /* Tells why the verb cannot be run, a wrong command line or configuration, and returns the exit code. NULL: on
   * standard error, EXIT_USAGE. */
  int (*unable)(const char *why);
  /* What comes before everything else, secrets of the environment among it: processes that are to know nothing are
   * forked here. NULL: nothing does. */
  void (*first)(void);
  /* Returns the exit code. */
  int (*run)(const struct options *o);
};

/* In the order of the help. */
#define EACH_VERB(VERB) \
  VERB(IMPORT)          \
  VERB(SHOW)            \
  VERB(SUMMARY)         \
  VERB(SOURCES)         \
  VERB(READINESS)       \
  VERB(PLAN)            \
  VERB(EFFECT)          \
  VERB(SELECTORS)       \
  VERB(DNS)             \
  VERB(COMPLIANCE)      \
  VERB(PARTNERS)        \
  VERB(WHATIF)          \
  VERB(REPORT)          \
  VERB(DIFF)            \
  VERB(FINDINGS)        \
  VERB(PORTFOLIO)       \
  VERB(CHECK)           \
  VERB(NOTIFY)          \
  VERB(LABEL)           \
  VERB(REPORTERS)       \
  VERB(TREND)           \
  VERB(REPORTS)         \
  VERB(ERRORS)          \
  VERB(STATUS)          \
  VERB(EXPORT)          \
  VERB(PRUNE)           \
  VERB(LOGIN)           \
  VERB(CONFIG)          \
  VERB(COMPLETION)
#define DECLARE_VERB(NAME) extern const struct verb VERB_##NAME;
EACH_VERB(DECLARE_VERB)
#undef DECLARE_VERB
/* What runs where no verb is given; its options are those of the configuration. */
extern const struct verb VERB_OVERVIEW;

/* The i-th of the list; NULL behind the last. */
const struct verb *verb_at(unsigned i);
/* Its options, in the order of the help. */
void verb_list_options(const struct verb *v, struct option_rows *ret);
/* Its arguments for people: "SOURCE legitimate|forwarder"; nothing where it takes none. Appends. */
void verb_add_usage(const struct verb *v, struct strbuf *out);

#endif
