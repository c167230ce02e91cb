/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the lines of the configuration file their meaning, and says all that is wrong with them. */
#include "cmd/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/hashmap.h"
#include "cmd/account_oauth.h"
#include "cmd/config_notify.h"
#include "cmd/home.h"
#include "cmd/ini_file.h"
#include "cmd/own_domains.h"

#define SYSTEM_FILE "/etc/dmarcctl/config"
#define NAME_BYTES 64 /* it stands in messages and on command lines, and a group's is the name of a folder */

/* What a file can set: the defaults, which are import's options and the shared ones; and what it says of an account,
 * which are import's options again and the account's place. */
struct values {
  struct import_verb_options import;
  const char *url, *host, *user;
  const char *domains; /* of a group */
  enum policy target;  /* likewise */
  uint32_t port;       /* 0: not said */
  enum { TLS_UNSAID, TLS_IMPLICIT, TLS_STARTTLS } tls;
};

/* The reading of a file. */
struct reading {
  struct config *config;
  struct config_section *section; /* of `config`; NULL: none yet, or one that makes no sense */
  struct config_section ignored;  /* takes the lines of such a one */
  struct values scratch;          /* where values are tried */
};

/* --- mistakes ----------------------------------------------------------------------------------------------------- */

/* Kept by line: what is wrong with an account as a whole is known at the end only. */
static void add_mistake(struct config *c, unsigned line, const char *text) {
  if (c->mistake_count == CONFIG_MISTAKES) {
    c->mistakes_left_out++;
    return;
  }
  if (!strncmp(text, "--", 2)) text += 2; /* an option's own words */
  MEM_GROW(c->mistakes, c->mistake_capacity, c->mistake_count);
  unsigned at = c->mistake_count++;
  for (; at && c->mistakes[at - 1].line > line; at--) c->mistakes[at] = c->mistakes[at - 1];
  c->mistakes[at] = (struct config_mistake){line, mem_strdup(text)};
}

static void on_mistake(void *user, unsigned line, const char *text) {
  struct reading *r = user;
  add_mistake(r->config, line, text);
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

static const struct {
  const char *word;   /* in front of a name; NULL: the section has none */
  const char *header; /* as it is written, with NAME for a name */
} KINDS[] = {[CONFIG_DEFAULTS] = {NULL, "defaults"},
             [CONFIG_READINESS] = {NULL, "readiness"},
             [CONFIG_ACCOUNT] = {"account", "account NAME"},
             [CONFIG_GROUP] = {"group", "group NAME"},
             [CONFIG_NOTIFY] = {"notify", "notify NAME"}};

const char *config_section_word(enum config_section_kind kind) { return KINDS[kind].word; }

static bool is_name(const char *name) {
  static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";
  size_t length = strlen(name);
  return length && length <= NAME_BYTES && strspn(name, ALLOWED) == length;
}

/* The length of the word in front of a name. */
static size_t word_length(const char *header) { return strcspn(header, " \t"); }

static int no_such_section(const char *header, struct err *e) {
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  for (unsigned i = 0; i < ARRAY_SIZE(KINDS); i++) strbuf_printf(&list, "%s[%s]", i ? ", " : "", KINDS[i].header);
  return err_set(e, ERR_USAGE, "there is no section [%s]; there are: %s", header, strbuf_text(&list));
}

static int find_kind(const char *header, enum config_section_kind *ret, struct err *e) {
  const size_t length = word_length(header);
  for (unsigned i = 0; i < ARRAY_SIZE(KINDS); i++) {
    const char *word = KINDS[i].word;
    *ret = (enum config_section_kind)i;
    if (word ? strlen(word) == length && !strncmp(word, header, length) : !strcmp(KINDS[i].header, header)) return 0;
  }
  return no_such_section(header, e);
}

/* "account NAME" and the like. */
static int read_header(const char *header, enum config_section_kind *ret_kind, const char **ret_name, struct err *e) {
  *ret_name = header;
  int code = find_kind(header, ret_kind, e);
  if (code < 0 || !KINDS[*ret_kind].word) return code;
  const size_t length = word_length(header);
  *ret_name = header + length + strspn(header + length, " \t");
  const bool is_folder = *ret_kind == CONFIG_GROUP; /* not "..", nor one that looks like an option */
  if (is_folder && (**ret_name == '.' || **ret_name == '-'))
    return err_set(e, ERR_USAGE, "[%s]: a name begins with a letter, a digit, _ or @", KINDS[*ret_kind].header);
  if (is_name(*ret_name)) return 0;
  return err_set(e, ERR_USAGE, "[%s]: a name has 1 to %d letters, digits or any of . _ @ -", KINDS[*ret_kind].header,
                 NAME_BYTES);
}

/* Names of groups are compared without case. */
static bool is_named(const struct config_section *s, const char *name) {
  return s->kind == CONFIG_GROUP ? ascii_same(s->name, name) : !strcmp(s->name, name);
}

static const struct config_section *find_section(const struct config *c, enum config_section_kind kind,
                                                 const char *name) {
  for (unsigned i = 0; i < c->count; i++)
    if (c->sections[i].kind == kind && is_named(&c->sections[i], name)) return &c->sections[i];
  return NULL;
}

static void on_section(void *user, unsigned line, const char *header) {
  struct reading *r = user;
  struct config *c = r->config;
  enum config_section_kind kind;
  const char *name;
  struct err e;
  r->section = &r->ignored;
  if (!header) return;
  int code = read_header(header, &kind, &name, &e);
  const struct config_section *before = code < 0 ? NULL : find_section(c, kind, name);
  if (before) code = err_set(&e, ERR_USAGE, "[%s] begins in line %u already", header, before->line);
  if (code < 0) {
    add_mistake(c, line, e.text);
    return;
  }
  MEM_GROW(c->sections, c->capacity, c->count);
  r->section = &c->sections[c->count++];
  *r->section = (struct config_section){.kind = kind, .name = arena_strdup(c->texts, name), .line = line};
}

/* --- where an account is ------------------------------------------------------------------------------------------ */

static int parse_url(void *at, const char *text, struct err *e) {
  struct mail_account a;
  mail_account_init(&a);
  int code = mail_account_set_url(&a, text, e);
  mail_account_clear(&a);
  if (!code) *(const char **)at = text;
  return code;
}

static int parse_host(void *at, const char *text, struct err *e) {
  struct ip_addr address;
  if (!ip_parse(text, &address) && !domain_is_plausible(text))
    return err_set(e, ERR_USAGE, "\"%s\" is no name of a host and no address", text);
  *(const char **)at = text;
  return 0;
}

/* A secret in a file that many may read, and that ends in backups and repositories. */
static int refuse_secret(void *at, const char *text, struct err *e) {
  (void)at, (void)text;
  return err_set(e, ERR_USAGE,
                 "has no place in this file: write password-command = COMMAND, password-file = FILE or "
                 "token-command = COMMAND");
}

static int refuse_client_secret(void *at, const char *text, struct err *e) {
  (void)at, (void)text;
  return err_set(e, ERR_USAGE,
                 "has no place in this file: write client-secret-command = COMMAND or client-secret-file = FILE");
}

static bool is_refused(const struct option *row) {
  return row->parse == refuse_secret || row->parse == refuse_client_secret || notify_key_is_refused(row);
}

static const struct option_word TLS_WORDS[] = {
    {.word = "implicit", .value = TLS_IMPLICIT}, {.word = "starttls", .value = TLS_STARTTLS}, {0}};

#define AT(field) OPTION_AT(struct values, field)

/* Keys of an account that are no options of the command line. */
static const struct option PLACE_ROWS[] = {
    {"url", .kind = OPTION_CUSTOM, AT(url), .parse = parse_url, .places = OPTION_IN_ACCOUNT},
    {"host", .kind = OPTION_CUSTOM, AT(host), .parse = parse_host, .places = OPTION_IN_ACCOUNT},
    {"port", .kind = OPTION_NUMBER, AT(port), .least = 1, .most = 65535, .places = OPTION_IN_ACCOUNT},
    {"user", .kind = OPTION_TEXT, AT(user), .places = OPTION_IN_ACCOUNT},
    {"tls", .kind = OPTION_KEYWORD, AT(tls), .words = TLS_WORDS, .places = OPTION_IN_ACCOUNT},
    {"password", .kind = OPTION_CUSTOM, AT(url), .parse = refuse_secret, .places = OPTION_IN_ACCOUNT},
    {"client-secret", .kind = OPTION_CUSTOM, AT(url), .parse = refuse_client_secret, .places = OPTION_IN_ACCOUNT},
};
static const struct option_table PLACE = {PLACE_ROWS, ARRAY_SIZE(PLACE_ROWS)};

static const struct option_word TARGET_WORDS[] = {{.word = "none", .value = POLICY_NONE},
                                                  {.word = "quarantine", .value = POLICY_QUARANTINE},
                                                  {.word = "reject", .value = POLICY_REJECT},
                                                  {0}};

enum { GROUP_DOMAINS, GROUP_TARGET };
/* A group's. It may have many domains, in several lines. */
static const struct option GROUP_ROWS[] = {
    [GROUP_DOMAINS] = {"domains", .kind = OPTION_TEXT, AT(domains), .repeats = true, .places = OPTION_IN_GROUP},
    [GROUP_TARGET] = {"target", .kind = OPTION_KEYWORD, AT(target), .words = TARGET_WORDS, .places = OPTION_IN_GROUP},
};
static const struct option_table GROUP = {GROUP_ROWS, ARRAY_SIZE(GROUP_ROWS)};

static void values_init(struct values *v) {
  *v = (struct values){0};
  options_init(&v->import.shared);
  import_options_init(&v->import.shared);
}

static void values_clear(struct values *v) {
  import_options_clear(&v->import.shared);
  options_clear(&v->import.shared);
}
#define _cleanup_values_ _cleanup_(values_clear)

static bool is_in(const struct option_table *table, const struct option *row) {
  for (unsigned i = 0; table && i < table->count; i++)
    if (&table->rows[i] == row) return true;
  return false;
}

/* The keys of a kind of section, in the order in which they are told. */
static void list_keys(enum config_section_kind kind, struct option_rows *ret) {
  static const struct option_table *const TABLES[] = {&PLACE,         &GROUP,          &IMPORT_OPTIONS,
                                                      &ACCOUNT_OAUTH, &OPTIONS_SHARED, &NOTIFY_OPTIONS};
  static const unsigned PLACES[] = {[CONFIG_DEFAULTS] = OPTION_IN_DEFAULTS,
                                    [CONFIG_READINESS] = 0,
                                    [CONFIG_ACCOUNT] = OPTION_IN_ACCOUNT,
                                    [CONFIG_GROUP] = OPTION_IN_GROUP,
                                    [CONFIG_NOTIFY] = OPTION_IN_NOTIFY};
  ret->count = 0;
  for (unsigned n = 0; n < ARRAY_SIZE(TABLES); n++)
    for (unsigned i = 0; i < TABLES[n]->count; i++)
      if (TABLES[n]->rows[i].places & PLACES[kind]) option_rows_add(ret, &TABLES[n]->rows[i]);
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static int no_such_key(const char *key, enum config_section_kind kind, struct err *e) {
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  struct option_rows keys;
  list_keys(kind, &keys);
  for (unsigned i = 0; i < keys.count; i++)
    if (!is_refused(keys.rows[i])) strbuf_printf(&list, ", %s", keys.rows[i]->name);
  return err_set(e, ERR_USAGE, "there is no key \"%s\" in [%s]; there are: %s", key, KINDS[kind].header,
                 strbuf_text(&list) + 2);
}

/* Only commands have a use for quotes; elsewhere they would become part of a name. */
static int check_text(const struct config_section *s, const char *key, const char *value, const struct option *option,
                      struct err *e) {
  for (unsigned i = 0; i < s->count && !(option && option->repeats); i++)
    if (!strcmp(s->entries[i].key, key))
      return err_set(e, ERR_USAGE, "%s: stands in line %u already", key, s->entries[i].line);
  if (!*value) return err_set(e, ERR_USAGE, "%s: has no value", key);
  bool is_command = option && option->kind == OPTION_COMMAND;
  if (is_command || *value != '"' || value[strlen(value) - 1] != '"') return 0;
  return err_set(e, ERR_USAGE, "%s: quotes would belong to the value: leave them out", key);
}

const char *config_resolve_path(const struct config *c, const char *path) {
  const char *home = home_folder(), *slash = strrchr(c->path, '/');
  _cleanup_free_ char *resolved = NULL;
  if (!strncmp(path, "~/", 2) && home)
    resolved = mem_printf("%s/%s", home, path + 2);
  else if (*path != '/' && slash)
    resolved = mem_printf("%.*s/%s", (int)(slash - c->path), c->path, path);
  else
    resolved = mem_strdup(path);
  return arena_strdup(c->texts, resolved);
}

/* What the key means is tried out at once. */
static int try_value(struct reading *r, const struct config_entry *entry, enum config_section_kind kind,
                     struct err *e) {
  if (kind == CONFIG_READINESS)
    return threshold_set(&r->scratch.import.shared.judgement.thresholds, entry->key, entry->value, e);
  if (!entry->option) return no_such_key(entry->key, kind, e);
  const bool is_notify = kind == CONFIG_NOTIFY;
  int code =
      is_notify ? notify_try(entry->option, entry->value, e) : option_set(entry->option, &r->scratch, entry->value, e);
  if (!code && kind == CONFIG_DEFAULTS && !strcmp(entry->key, "domains")) {
    code = own_domains_check(r->config, entry->value, e);
    return code < 0 ? err_prefix(e, code, "%s", entry->key) : 0;
  }
  if (!code && entry->option == &GROUP_ROWS[GROUP_TARGET]) r->section->group.target = r->scratch.target;
  if (code < 0) return code;
  if (is_notify ? !notify_key_names_domains(entry->option) : entry->option != &GROUP_ROWS[GROUP_DOMAINS]) return 0;
  code = group_take(&r->section->group, r->config, entry->value, e);
  return code < 0 ? err_prefix(e, code, "%s", entry->key) : 0;
}

static void on_entry(void *user, unsigned line, const char *key, const char *value) {
  struct reading *r = user;
  struct config *c = r->config;
  struct config_section *s = r->section;
  struct err e;
  if (s == &r->ignored) return;
  if (!s) {
    err_set(&e, ERR_USAGE, "%s: stands before the first section: [defaults] belongs above it", key);
    add_mistake(c, line, e.text);
    return;
  }
  struct option_rows keys;
  list_keys(s->kind, &keys);
  struct config_entry entry = {.line = line, .key = arena_strdup(c->texts, key), .option = option_find(&keys, key)};
  bool is_path = entry.option && entry.option->kind == OPTION_FILE;
  entry.value = is_path ? config_resolve_path(c, value) : arena_strdup(c->texts, value);
  int code = check_text(s, key, value, entry.option, &e);
  if (!code) code = try_value(r, &entry, s->kind, &e);
  if (code < 0) {
    add_mistake(c, line, e.text);
    s->mistaken = true;
    return;
  }
  MEM_GROW(s->entries, s->capacity, s->count);
  s->entries[s->count++] = entry;
}

/* --- accounts ----------------------------------------------------------------------------------------------------- */

/* By way of a URL, so that one function checks both ways to write it. */
static int set_place(struct values *v, struct err *e) {
  struct mail_account *a = &v->import.mailbox;
  if (v->url && (v->host || v->user || v->port || v->tls))
    return err_set(e, ERR_USAGE, "url says all that host, port, user and tls say: one or the other");
  if (v->url) return mail_account_set_url(a, v->url, e);
  if (!v->host || !v->user) return err_set(e, ERR_USAGE, "needs a url, or host and user");
  bool implicit = v->tls != TLS_STARTTLS;
  const struct mail_account parts = {.host = (char *)v->host,
                                     .user = (char *)v->user,
                                     .implicit_tls = implicit,
                                     .port = v->port    ? v->port
                                             : implicit ? 993
                                                        : 143};
  _cleanup_free_ char *made = mail_account_url(&parts, "");
  return mail_account_set_url(a, made, e);
}

static void forget_folders(struct mail_account *a) {
  for (unsigned i = 0; i < a->folder_count; i++) free(a->folders[i]);
  a->folder_count = 0;
}

/* Sets what a section says by the rows of a table. Each value was tried before. */
static void set_entries(struct values *v, const struct config_section *s, const struct option_table *table) {
  for (unsigned i = 0; i < s->count; i++)
    if (is_in(table, s->entries[i].option)) option_set(s->entries[i].option, v, s->entries[i].value, NULL);
}

/* A list that an account has takes the place of that of the defaults. */
static void forget_defaults(struct values *v, const struct config_section *account) {
  for (unsigned i = 0; i < account->count; i++) option_forget(account->entries[i].option, v);
}

/* Folders of the command line take the place of others, instead of standing beside them. */
static void set_given(struct values *v, const struct option_line *line) {
  for (unsigned i = 0; i < line->given_count; i++)
    if (line->given[i].row->repeats && line->given[i].row->kind != OPTION_TEXTS) forget_folders(&v->import.mailbox);
  for (unsigned i = 0; i < line->given_count; i++)
    if (line->given[i].row->places & OPTION_IN_ACCOUNT) option_set(line->given[i].row, v, line->given[i].text, NULL);
}

/* From below: the defaults, the account (the folder of its URL first), the command line. */
static int fill_account(const struct config *c, const struct config_section *account, const struct option_line *line,
                        struct values *v, struct err *e) {
  for (unsigned n = 0; n < c->count; n++)
    if (c->sections[n].kind == CONFIG_DEFAULTS) set_entries(v, &c->sections[n], &IMPORT_OPTIONS);
  set_entries(v, account, &PLACE);
  int code = set_place(v, e);
  if (code < 0) return code;
  forget_defaults(v, account);
  set_entries(v, account, &IMPORT_OPTIONS);
  set_entries(v, account, &ACCOUNT_OAUTH);
  if (line) set_given(v, line);
  code = account_oauth_attach(&v->import, account->name, e);
  if (code < 0) return code;
  return mail_account_finish(&v->import.mailbox, e);
}

int config_make_account(const struct config *c, const struct config_section *account, const struct option_line *line,
                        struct mail_account *ret, struct err *e) {
  _cleanup_values_ struct values v;
  values_init(&v);
  int code = fill_account(c, account, line, &v, e);
  if (code < 0) return err_prefix(e, code, "[account %s]", account->name);
  *ret = v.import.mailbox;
  mail_account_init(&v.import.mailbox);
  return 0;
}

static const struct config_section *section_at(const struct config *c, enum config_section_kind kind, unsigned i) {
  for (unsigned n = 0; n < c->count; n++)
    if (c->sections[n].kind == kind && !i--) return &c->sections[n];
  return NULL;
}

const struct config_section *config_account_at(const struct config *c, unsigned i) {
  return section_at(c, CONFIG_ACCOUNT, i);
}

const struct config_section *config_account_find(const struct config *c, const char *name) {
  return find_section(c, CONFIG_ACCOUNT, name);
}

/* A folder that two accounts read would be locked by the first when the second comes. */
static void claim_folders(struct config *c, const struct config_section *s, const struct mail_account *a,
                          struct hashmap *lines) {
  _cleanup_free_ char *name = mail_account_name(a);
  for (unsigned i = 0; i < a->folder_count; i++) {
    _cleanup_free_ char *key = mem_printf("%s %s", name, a->folders[i]);
    bool is_new;
    unsigned *line = hashmap_put(lines, key, strlen(key), &is_new);
    struct err e;
    if (is_new) {
      *line = s->line;
      continue;
    }
    err_set(&e, ERR_USAGE, "[account %s]: the account of line %u reads the folder \"%s\" of %s already", s->name, *line,
            a->folders[i], name);
    add_mistake(c, s->line, e.text);
  }
}

/* What can only be said of an account as a whole, and of all of them. */
static void check_accounts(struct config *c) {
  _cleanup_hashmap_ struct hashmap lines;
  hashmap_init(&lines, sizeof(unsigned));
  const struct config_section *s;
  for (unsigned i = 0; (s = config_account_at(c, i)); i++) {
    struct mail_account account;
    struct err e;
    if (s->mistaken) continue;
    if (config_make_account(c, s, NULL, &account, &e) < 0) {
      add_mistake(c, s->line, e.text);
      continue;
    }
    claim_folders(c, s, &account, &lines);
    mail_account_clear(&account);
  }
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

const struct config_section *config_group_at(const struct config *c, unsigned i) {
  return section_at(c, CONFIG_GROUP, i);
}

const struct config_section *config_group_find(const struct config *c, const char *name) {
  return find_section(c, CONFIG_GROUP, name);
}

/* One without a domain would be asked for, and answered with nothing, for years. */
static void check_groups(struct config *c) {
  for (unsigned i = 0; i < c->count; i++) {
    const struct config_section *s = &c->sections[i];
    struct err e;
    if (s->kind != CONFIG_GROUP || s->mistaken || s->group.name_count || s->group.glob_count) continue;
    err_set(&e, ERR_USAGE, "[group %s]: has no domain: domains = NAME, a glob, or @FILE with some", s->name);
    add_mistake(c, s->line, e.text);
  }
}

/* --- notices ------------------------------------------------------------------------------------------------------ */

const struct config_section *config_notify_at(const struct config *c, unsigned i) {
  return section_at(c, CONFIG_NOTIFY, i);
}

const struct config_section *config_notify_find(const struct config *c, const char *name) {
  return find_section(c, CONFIG_NOTIFY, name);
}

static void check_notices(struct config *c) {
  const struct config_section *s;
  for (unsigned i = 0; (s = config_notify_at(c, i)); i++) {
    struct notify_section notify;
    struct err e;
    if (s->mistaken) continue;
    if (config_make_notify(c, s, &notify, &e) < 0) add_mistake(c, s->line, e.text);
    notify_section_clear(&notify);
  }
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* The user's own file; NULL where there is no home. */
static char *user_file(void) {
  const char *folder = getenv("XDG_CONFIG_HOME"), *home = home_folder();
  if (folder && *folder == '/') return mem_printf("%s/dmarcctl/config", folder);
  return home ? mem_printf("%s/.config/dmarcctl/config", home) : NULL;
}

char *config_places(void) {
  _cleanup_free_ char *own = user_file();
  return own ? mem_printf("%s, %s", own, SYSTEM_FILE) : mem_strdup(SYSTEM_FILE);
}

static int read_file(struct config *c, const char *path, struct err *e) {
  struct reading r = {.config = c};
  const struct ini_events events = {on_section, on_entry, on_mistake, &r};
  free(c->path);
  c->path = mem_strdup(path);
  values_init(&r.scratch);
  int code = ini_file_read(path, &events, e);
  values_clear(&r.scratch);
  return code;
}

/* The first of the places where nobody needs to have put one. */
static int read_default(struct config *c, struct err *e) {
  _cleanup_free_ char *own = user_file();
  int code = own ? read_file(c, own, e) : ERR_NOT_FOUND;
  if (code == ERR_NOT_FOUND) code = read_file(c, SYSTEM_FILE, e);
  if (code != ERR_NOT_FOUND) return code;
  free(c->path);
  c->path = NULL;
  return 0;
}

int config_read(struct config *c, const char *path, struct err *e) {
  *c = (struct config){.texts = arena_new(4096)};
  const char *named = path ? path : getenv("DMARCCTL_CONFIG");
  int code = named && (path || *named) ? read_file(c, named, e) : read_default(c, e);
  if (code < 0) return err_prefix(e, code, "the configuration");
  check_accounts(c);
  check_groups(c);
  check_notices(c);
  return c->mistake_count ? err_set(e, ERR_USAGE, "%s", "") : 0;
}

void config_clear(struct config *c) {
  for (unsigned i = 0; i < c->count; i++) {
    free(c->sections[i].entries);
    group_clear(&c->sections[i].group);
  }
  for (unsigned i = 0; i < c->mistake_count; i++) free(c->mistakes[i].text);
  free(c->sections);
  free(c->mistakes);
  free(c->path);
  arena_free(c->texts);
  *c = (struct config){0};
}

/* --- defaults ----------------------------------------------------------------------------------------------------- */

bool config_is_overruled(const struct option *option) {
  const char *value = option->environment ? getenv(option->environment) : NULL;
  return value && *value;
}

unsigned config_line_of(const struct config *c, enum config_section_kind kind, const char *key) {
  for (unsigned n = 0; n < c->count; n++)
    for (unsigned i = 0; c->sections[n].kind == kind && i < c->sections[n].count; i++)
      if (!strcmp(c->sections[n].entries[i].key, key)) return c->sections[n].entries[i].line;
  return 0;
}

/* Each value was tried when the file was read. */
void config_apply(const struct config *c, const struct option_table *own, struct options *o) {
  for (unsigned n = 0; n < c->count; n++)
    for (unsigned i = 0; i < c->sections[n].count; i++) {
      const struct config_entry *entry = &c->sections[n].entries[i];
      if (c->sections[n].kind == CONFIG_READINESS)
        threshold_set(&o->judgement.thresholds, entry->key, entry->value, NULL);
      else if (c->sections[n].kind == CONFIG_DEFAULTS && !config_is_overruled(entry->option) &&
               (is_in(&OPTIONS_SHARED, entry->option) || is_in(own, entry->option)))
        option_set(entry->option, o, entry->value, NULL);
    }
}
