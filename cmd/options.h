/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options: one table for all verbs, so that an option means the same everywhere and help never lies. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "imap.h"
#include "intake.h"
#include "parser.h"
#include "question_whatif.h"
#include "store.h"
#include "table.h"
#include "thresholds.h"

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
};

#define OPTIONS_LIMIT_UNSET UINT64_MAX

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct options {
  char *db; /* owned; resolved: --db, DMARCCTL_DB, or the user's data folder */
  bool quiet, help;
  enum colour_choice colour;

  enum table_format format;
  const char *output;
  const char *sort;
  uint64_t limit; /* 0: all */

  struct store_filter filter;
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

  enum source_rows { BY_STREAM, BY_ADDRESS, BY_NETWORK } by;
  unsigned classes;          /* bits 1 << enum stream_class; 0: all */
  int64_t new_since_length_s; /* 0: not asked for */
  bool by_week;
  const char *sender_map;
  bool dns;
  const char *dns_server; /* as written; NULL: the system's */
  uint64_t dns_timeout_s; /* 0: the default */
  const char *asn_db;

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
};

/* 0, or ERR_USAGE with a sentence. */
int options_parse(struct options *o, unsigned groups, int argc, char **argv, struct err *e);
void options_clear(struct options *o);
/* The options of the groups, for people. */
void options_print_help(FILE *out, unsigned groups);

#endif
