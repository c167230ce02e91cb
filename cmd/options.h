/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options: one table for all verbs, so that an option means the same everywhere and help never lies. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "imap/imap.h"
#include "intake/intake.h"
#include "parser/parser.h"
#include "report/question_whatif.h"
#include "store/store.h"
#include "table/table.h"
#include "verdict/thresholds.h"

/* Which options a verb takes: the groups of the table in options.c. */
enum option_group {
  OPTIONS_COMMON = 1 << 0,  /* --db --quiet --color --help: every verb */
  OPTIONS_OUTPUT = 1 << 1,  /* --format --output */
  OPTIONS_ROWS = 1 << 2,    /* --limit --sort */
  OPTIONS_RECORDS = 1 << 3, /* --source --aligned ...: which records */
  OPTIONS_IMPORT = 1 << 4,
  OPTIONS_SOURCES = 1 << 5,
  OPTIONS_TREND = 1 << 6,
  OPTIONS_READINESS = 1 << 7,
  OPTIONS_JUDGEMENT = 1 << 12, /* --as-of --sender-map: verbs that judge */
  OPTIONS_LABEL = 1 << 13,
  OPTIONS_WHATIF = 1 << 15,
  OPTIONS_REPORTS = 1 << 8, /* --domain --reporter --id: which reports */
  OPTIONS_PERIOD = 1 << 9,  /* --since --until --last */
  OPTIONS_CONFIG = 1 << 10,
  OPTIONS_DIFF = 1 << 18,
  OPTIONS_EXPORT = 1 << 16,
  OPTIONS_PAGE = 1 << 17, /* --format --output of a page */
  /* No verb's: what may stand in the configuration file (config.h), */
  OPTIONS_DEFAULTS = 1 << 20, /* in its [defaults], */
  OPTIONS_ACCOUNT = 1 << 21,  /* in its [account NAME] */
};

#define OPTIONS_LIMIT_UNSET UINT64_MAX

struct config;
struct options;

/* A row of the table. */
struct option {
  const char *name;
  char letter;
  unsigned groups;
  const char *value; /* a word for it: "FILE", "N"; NULL: takes none */
  const char *help;
  /* Sets the option; `text` is the value, NULL where it takes none. Texts must outlive the options. */
  int (*set)(struct options *o, const struct option *option, const char *text, struct err *e);
  size_t offset; /* for the general setters */
};

/* What stood on the command line. */
struct given_option {
  const struct option *option;
  const char *text;
};

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct options {
  char *db;                    /* owned; resolved: --db, DMARCCTL_DB, the configuration, or the user's data folder */
  const char *config_file;     /* --config */
  const struct config *config; /* not owned; what was read of it. NULL: nothing */
  bool quiet, help;
  enum colour_choice colour;

  enum table_format format;
  enum export_shape { EXPORT_TABLE, EXPORT_PARSEDMARC_CSV, EXPORT_PARSEDMARC_JSON, EXPORT_OPENMETRICS } shape;
  const char *output;
  bool no_pager;
  const char *sort;
  uint64_t limit; /* 0: all */

  struct report_filter filter;
  char *domain, *header_from; /* owned; what the filter points to, normalised */
  struct ip_network source;
  const char *last;
  bool since_given, until_given;

  bool dry_run;
  uint64_t jobs;
  struct intake_limits intake;
  struct parser_limits parser;
  struct imap_account mailbox; /* what holds for each mailbox; its URL names the rest */
  bool watch;
  const char **accounts; /* of the configuration; owned, its texts are not */
  unsigned account_count;
  bool check; /* config */

  enum source_rows { BY_STREAM, BY_ADDRESS, BY_NETWORK } by;
  unsigned classes;           /* bits 1 << enum stream_class; 0: all */
  int64_t new_since_length_s; /* 0: not asked for */
  bool by_week;
  const char *sender_map;
  bool dns;
  const char *dns_server; /* as written; NULL: the system's */
  uint64_t dns_timeout_s; /* 0: the default */
  const char *asn_db;

  int64_t diff_length_s, against_length_s; /* of the periods; 0: the usual */
  int64_t diff_begin_s;                    /* of the last one, in the place of its length */
  bool diff_begin_given;

  const char *p, *sp, *np, *adkim, *aspf; /* proposed: the RFC's words; NULL: as published */
  enum whatif_by whatif_by;

  const char *note;
  bool list, remove;
  bool exit_code, list_thresholds;
  struct thresholds thresholds;
  bool threshold_given;
  int64_t as_of_s; /* 0: now */

  const char **args; /* what is no option; points into argv */
  unsigned arg_count;
  struct given_option *given;
  unsigned given_count;
};

/* The defaults, of the program and of the environment. */
void options_init(struct options *o);
/* What the command line says, over what is set. 0, or ERR_USAGE with a sentence. */
int options_parse(struct options *o, unsigned groups, int argc, char **argv, struct err *e);
void options_clear(struct options *o);
/* Did it stand on the command line? */
bool options_given(const struct options *o, const char *name);

/* --- options by name, for the configuration file ------------------------------------------------------------------ */

/* NULL: none of these groups has this name. */
const struct option *options_find(unsigned groups, const char *name);
/* The i-th of these groups; NULL behind the last. Of two with one name the first stands for both: a verb's own. */
const struct option *options_at(unsigned groups, unsigned i);
/* A flag is set by "yes" or "no". The message begins with "--NAME". */
int options_set(struct options *o, const struct option *option, const char *text, struct err *e);
/* Sets in `to` what of these groups stood on the command line of `from`. */
int options_set_given(struct options *to, const struct options *from, unsigned groups, struct err *e);
/* The value of an option of OPTIONS_DEFAULTS, as options_set takes it; nothing where there is none. */
void options_show(const struct options *o, const struct option *option, struct strbuf *out);

/* The options of the groups, for people. */
void options_print_help(FILE *out, unsigned groups);

#endif
