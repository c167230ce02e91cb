/* SPDX-License-Identifier: Apache-2.0 */
/* The options that verbs share: one table, so that an option means the same everywhere, and a struct for each group of
 * them. A verb says which groups it takes, and has its own options in its own file (verb.h). */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "base/filter.h"
#include "base/ip.h"
#include "cmd/option.h"
#include "sandbox/sandbox.h"
#include "table/table.h"
#include "verdict/thresholds.h"

/* The groups: which of the shared options a verb takes. */
enum option_group {
  OPTIONS_COMMON = 1 << 0,    /* --db --quiet --color --help: every verb */
  OPTIONS_OUTPUT = 1 << 1,    /* --format --output */
  OPTIONS_ROWS = 1 << 2,      /* --limit --sort */
  OPTIONS_RECORDS = 1 << 3,   /* --source --aligned ...: which records */
  OPTIONS_REPORTS = 1 << 4,   /* --reporter --id: which reports of these domains */
  OPTIONS_PERIOD = 1 << 5,    /* --since --until --last */
  OPTIONS_JUDGEMENT = 1 << 6, /* --as-of --sender-map ...: verbs that judge */
  OPTIONS_FILE = 1 << 7,      /* of the configuration file alone */
  OPTIONS_DOMAINS = 1 << 8,   /* --domain --group: which domains */
  OPTIONS_SANDBOX = 1 << 9,   /* --sandbox: verbs that read strangers' files */
};
/* What chooses among the mail of a domain. */
#define OPTIONS_NARROWING (OPTIONS_PERIOD | OPTIONS_REPORTS | OPTIONS_RECORDS)
#define OPTIONS_ASKING_REPORTS (OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_PERIOD | OPTIONS_DOMAINS | OPTIONS_REPORTS)
#define OPTIONS_ASKING (OPTIONS_ASKING_REPORTS | OPTIONS_RECORDS)

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct common_options {
  const char *db;          /* --db, DMARCCTL_DB, the configuration, or the user's data folder */
  const char *config_file; /* --config */
  bool quiet, help;
  int64_t keep_s; /* how long prune leaves reports as they are; 0: not said */
  enum colour_choice colour;
};

struct output_options {
  enum table_format format;
  const char *path; /* NULL, "-": standard output */
  bool bom;         /* csv */
  bool wide;        /* text: as wide as it gets, whatever the terminal */
};

#define OPTIONS_LIMIT_UNSET UINT64_MAX
struct rows_options {
  const char *sort;
  uint64_t limit; /* 0: all */
  bool no_pager;
};

struct reports_options {
  struct text_list domains; /* normalised */
  struct text_list groups;  /* of the configuration */
  const char *reporter, *id;
};

struct records_options {
  char *header_from;        /* owned, normalised */
  struct ip_network source; /* of size 0: any */
  int aligned;              /* 1, 0; -1: either */
  const char *disposition;
};

struct period_options {
  int64_t since_s, until_s;
  int64_t last_s; /* this long, up to now; 0: not said */
};

struct judgement_options {
  int64_t as_of_s; /* 0: now */
  const char *sender_map, *asn_db;
  bool dns;
  const char *dns_server; /* as written; NULL: the system's */
  uint64_t dns_timeout_s; /* 0: the default */
  struct thresholds thresholds;
};

struct config;

/* What a verb was asked: the shared options, and what stood beside them. A verb with options of its own has a struct
 * that begins with this one. */
struct options {
  struct common_options common;
  struct output_options output;
  struct rows_options rows;
  struct reports_options reports;
  struct records_options records;
  struct period_options period;
  struct judgement_options judgement;
  enum sandbox_mode sandbox;
  struct report_filter filter; /* what reports, records and period say together */
  struct domain_set chosen;    /* the domains of the filter */
  const char **args;           /* what is no option; owned */
  unsigned arg_count;
  const struct option_line *line; /* what stood on the command line; NULL: nothing. Not owned */
  const struct config *config;    /* what was read of it; not owned */
  struct arena *texts;
};

/* All shared options, in the order of the help. */
extern const struct option_table OPTIONS_SHARED;

/* The defaults, of the program and of the environment. */
void options_init(struct options *o);
void options_clear(struct options *o);
/* Works out what follows from the line that was set: filter and arguments. `domains`: these are domains, and come as
 * normalised copies. 0, or ERR_USAGE where options do not go together. */
int options_finish(struct options *o, const struct option_line *line, bool domains, struct err *e);

/* Did it stand on the command line? */
bool options_given(const struct options *o, const char *name);
/* The first of these groups there; NULL: none. */
const char *options_given_of(const struct options *o, unsigned groups);

/* The options of a verb in the order of the help: its own, then the shared ones of `groups`. Its own takes the place of
 * a shared one of the same name. `own` NULL: none. */
void options_list(unsigned groups, const struct option_table *own, struct option_rows *ret);

/* The words of --format that every table knows, for verbs that know more. */
#define OPTIONS_TABLE_FORMATS                                                                                         \
  {"text", FORMAT_TEXT, true, NULL}, {"csv", FORMAT_CSV, false, NULL}, {"json", FORMAT_JSON, false, NULL},            \
      {"ndjson", FORMAT_NDJSON, false, NULL}, {"xlsx", FORMAT_XLSX, false, NULL}, {"html", FORMAT_HTML, false, NULL}, \
  {                                                                                                                   \
    "markdown", FORMAT_MARKDOWN, false, NULL                                                                          \
  }

#endif
