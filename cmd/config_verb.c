/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl config: what holds, and where it is said; or what is wrong with a file. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/config.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

enum { SECTION, NAME, VALUE, ORIGIN, COLUMNS_COUNT };
static const struct column COLUMNS[COLUMNS_COUNT] = {
    [SECTION] = {"section", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [NAME] = {"name", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [VALUE] = {"value", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [ORIGIN] = {"origin", NULL, COLUMN_TEXT, 0, NULL, 0},
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

/* From above: the command line, the environment, the file, the program. */
static void add_origin(struct strbuf *out, const struct options *o, const char *key) {
  const char *option = !strcmp(key, "database") ? "db" : key;
  _cleanup_free_ char *negated = mem_printf("no-%s", option);
  unsigned line = config_line_of(o->config, CONFIG_DEFAULTS, key);
  strbuf_reset(out);
  if (options_given(o, option) || options_given(o, negated))
    strbuf_add_text(out, "command line");
  else if (config_is_overruled(key))
    strbuf_add_text(out, "environment");
  else if (line)
    add_place(out, o->config, line);
  else
    strbuf_add_text(out, "default");
}

static int push_defaults(const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT, origin = STRBUF_INIT;
  const struct option *option;
  int code = 0;
  for (unsigned i = 0; (option = options_at(OPTIONS_DEFAULTS, i)) && !code; i++) {
    strbuf_reset(&value);
    options_show(o, option, &value);
    add_origin(&origin, o, option->name);
    code = push(sink, "defaults", option->name, value.length ? value.data : NULL, origin.data, e);
  }
  return code;
}

/* A command can hold a secret, though it should not. */
static const char *shown(const struct config_entry *entry) {
  const char *word = entry->option ? entry->option->value : NULL;
  return word && !strcmp(word, "COMMAND") ? "(not shown)" : entry->value;
}

/* Thresholds and accounts: what the file says. --list-thresholds has them all. */
static int push_section(const struct config *c, const struct config_section *s, struct table_sink *sink,
                        struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT, origin = STRBUF_INIT;
  int code = 0;
  strbuf_printf(&name, "%s%s", s->kind == CONFIG_ACCOUNT ? "account " : "", s->name);
  for (unsigned i = 0; i < s->count && !code; i++) {
    add_place(&origin, c, s->entries[i].line);
    code = push(sink, name.data, s->entries[i].key, shown(&s->entries[i]), origin.data, e);
  }
  return code;
}

static int show(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)store;
  const struct config *c = o->config;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = push_defaults(o, sink, e);
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

/* It was read without a mistake, else we were not here. */
static int tell_good(const struct options *o) {
  const struct config *c = o->config;
  unsigned accounts = 0, thresholds = thresholds_of(c);
  while (config_account_at(c, accounts)) accounts++;
  _cleanup_free_ char *line = mem_printf("%s: ok: database %s, %u account%s, %u threshold%s", c->path, o->db, accounts,
                                         accounts == 1 ? "" : "s", thresholds, thresholds == 1 ? "" : "s");
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  talk_escape(&text, line);
  puts(strbuf_text(&text));
  return EXIT_DONE;
}

static int check(const struct options *o) {
  if (o->format != FORMAT_TEXT || o->output)
    return talk_failure(EXIT_USAGE, "config: --check answers with one line: it does not go with --format or --output");
  if (o->config->path) return tell_good(o);
  _cleanup_free_ char *places = config_places();
  return talk_failure(EXIT_USAGE, "there is no configuration file to check (looked for: %s)", places);
}

int verb_config(struct options *o) { return o->check ? check(o) : ask_without_store(o, NULL, show); }
