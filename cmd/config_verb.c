/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl config: what holds, and where it is said; or what is wrong with a file. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "cmd/ask.h"
#include "cmd/config.h"
#include "cmd/config_connect.h"
#include "cmd/config_notify.h"
#include "cmd/import_options.h"
#include "cmd/shared_domains.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

enum { SECTION, NAME, VALUE, ORIGIN, COLUMNS_COUNT };
static const struct column COLUMNS[COLUMNS_COUNT] = {
    [SECTION] = {"section", NULL, COLUMN_TEXT, COLUMN_KEY},
    [NAME] = {"name", NULL, COLUMN_TEXT, COLUMN_KEY},
    [VALUE] = {"value", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [ORIGIN] = {"origin", NULL, COLUMN_TEXT, 0},
};
static const struct table TABLE = {"dmarcctl.config", 1, NULL, NULL, COLUMNS, COLUMNS_COUNT};

static int push(struct table_sink *sink, const char *section, const char *name, const char *value, const char *origin,
                struct err *e) {
  const struct cell cells[COLUMNS_COUNT] = {cell_text(section), cell_text(name), cell_text(value), cell_text(origin)};
  return sink->row(sink, cells, e);
}

static void add_place(struct strbuf *out, const struct config *c, unsigned line) {
  strbuf_reset(out);
  strbuf_printf(out, "%s:%u", c->path, line);
}

/* From above: the command line (`line`; NULL: it cannot say this), the environment, the file, the program. */
static void add_origin(struct strbuf *out, const struct config *c, const struct option_line *line,
                       const struct option *option) {
  unsigned number = config_line_of(c, CONFIG_DEFAULTS, option->name);
  strbuf_reset(out);
  if (line && option_line_sets(line, option))
    strbuf_add_text(out, "command line");
  else if (config_is_overruled(option))
    strbuf_add_text(out, "environment");
  else if (number)
    add_place(out, c, number);
  else
    strbuf_add_text(out, "default");
}

/* Those of a table that have a default in the file; `values` is the struct that its rows fill. */
static int push_defaults(const struct config *c, const struct option_table *table, const struct options *values,
                         struct table_sink *sink, struct err *e) {
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT, origin = STRBUF_INIT;
  int code = 0;
  for (unsigned i = 0; i < table->count && !code; i++) {
    const struct option *option = &table->rows[i];
    if (!(option->places & OPTION_IN_DEFAULTS)) continue;
    strbuf_reset(&value);
    option_show(option, values, &value);
    add_origin(&origin, c, values->line, option);
    code = push(sink, "defaults", option->name, value.length ? value.data : NULL, origin.data, e);
  }
  return code;
}

/* What an import's sandbox comes to on this machine. */
static int push_sandbox(const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  sandbox_describe(o->sandbox, &text);
  return push(sink, "system", "sandbox", text.data, "kernel", e);
}

/* Import's own, which no option of this verb says. */
static int push_import_defaults(const struct config *c, struct table_sink *sink, struct err *e) {
  struct import_verb_options values = {0};
  options_init(&values.shared);
  import_options_init(&values.shared);
  config_apply(c, &IMPORT_OPTIONS, &values.shared);
  int code = push_defaults(c, &IMPORT_OPTIONS, &values.shared, sink, e);
  import_options_clear(&values.shared);
  options_clear(&values.shared);
  return code;
}

/* A command can hold a secret, though it should not. */
static const char *shown(const struct config_entry *entry) {
  return entry->option && entry->option->kind == OPTION_COMMAND ? "(not shown)" : entry->value;
}

/* Thresholds, accounts and groups: what the file says. --list-thresholds has them all. */
static int push_section(const struct config *c, const struct config_section *s, struct table_sink *sink,
                        struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT, origin = STRBUF_INIT;
  int code = 0;
  const char *word = config_section_word(s->kind);
  strbuf_printf(&name, "%s%s%s", word ? word : "", word ? " " : "", s->name);
  for (unsigned i = 0; i < s->count && !code; i++) {
    add_place(&origin, c, s->entries[i].line);
    _cleanup_free_ char *to = s->kind == CONFIG_NOTIFY ? notify_shown(s->entries[i].option, s->entries[i].value) : NULL;
    code = push(sink, name.data, s->entries[i].key, to ? to : shown(&s->entries[i]), origin.data, e);
  }
  return code;
}

static int show(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)db;
  const struct config *c = o->config;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = push_import_defaults(c, sink, e);
  if (!code) code = push_defaults(c, &OPTIONS_SHARED, o, sink, e);
  if (!code) code = push_sandbox(o, sink, e);
  for (unsigned i = 0; i < c->count && !code; i++)
    if (c->sections[i].kind != CONFIG_DEFAULTS) code = push_section(c, &c->sections[i], sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

/* --- the check ---------------------------------------------------------------------------------------------------- */

static unsigned thresholds_of(const struct config *c) {
  unsigned count = 0;
  for (unsigned i = 0; i < c->count; i++) count += c->sections[i].kind == CONFIG_READINESS ? c->sections[i].count : 0;
  return count;
}

/* --- the check itself --------------------------------------------------------------------------------------------- */

struct config_options {
  struct options shared;
  bool check, connect;
};

/* It was read without a mistake, else we were not here. */
static void tell_good(const struct options *o) {
  const struct config *c = o->config;
  unsigned accounts = 0, groups = 0, notices = 0, thresholds = thresholds_of(c);
  while (config_account_at(c, accounts)) accounts++;
  while (config_group_at(c, groups)) groups++;
  while (config_notify_at(c, notices)) notices++;
  _cleanup_free_ char *line =
      mem_printf("%s: ok: database %s, %u account%s, %u threshold%s, %u group%s, %u notice%s", c->path, o->common.db,
                 accounts, figure_plural(accounts), thresholds, figure_plural(thresholds), groups,
                 figure_plural(groups), notices, figure_plural(notices));
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  talk_escape(&text, line);
  puts(strbuf_text(&text));
  fflush(stdout); /* servers may take their time */
}

static int check(const struct config_options *own) {
  const struct options *o = &own->shared;
  if (o->output.format != FORMAT_TEXT || o->output.path)
    return talk_failure(EXIT_USAGE, "config: --check answers with lines: it does not go with --format or --output");
  if (!o->config->path) {
    _cleanup_free_ char *places = config_places();
    return talk_failure(EXIT_USAGE, "there is no configuration file to check (looked for: %s)", places);
  }
  if (own->connect && !config_account_at(o->config, 0))
    return talk_failure(EXIT_USAGE, "%s: there is no [account NAME] to connect to", o->config->path);
  tell_good(o);
  shared_domains_tell(o);
  return own->connect ? config_connect(o->config) : EXIT_DONE;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static const struct option OWN[] = {
    {"check", 0, OPTION_FLAG, NULL, "say whether the file is right, or every mistake in it",
     OPTION_AT(struct config_options, check)},
    {"connect", 0, OPTION_FLAG, NULL, "with --check: log in to each account and open its folders, too",
     OPTION_AT(struct config_options, connect)},
};

static int run(const struct options *o) {
  const struct config_options *own = (const struct config_options *)o;
  if (own->connect && !own->check) return talk_failure(EXIT_USAGE, "config: --connect goes with --check");
  return own->check ? check(own) : ask_without_database(o, NULL, show);
}

const struct verb VERB_CONFIG = {
    .name = "config",
    .summary = "what holds, and where it is said; or what is wrong with a configuration",
    .details = "FILE is read instead of the one that --config and the defaults name (man 5 dmarcctl-config).\n",
    .examples =
        "  dmarcctl config\n"
        "  dmarcctl config --check\n",
    .arguments = ARGUMENTS_FILES,
    .usage = "[FILE]",
    .most_args = 1,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct config_options),
    .run = run,
};
