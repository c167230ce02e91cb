/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the lines of the configuration file their meaning, and says all that is wrong with them. */
#include "cmd/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/hashmap.h"
#include "base/number.h"
#include "cmd/ini_file.h"

#define SYSTEM_FILE "/etc/dmarcctl/config"
#define ACCOUNT_NAME_BYTES 64 /* it stands in messages and on command lines */

/* The reading of a file. */
struct reading {
  struct config *config;
  struct config_section *section; /* of `config`; NULL: none yet, or one that makes no sense */
  struct config_section ignored;  /* takes the lines of such a one */
  struct options scratch;         /* where values are tried */
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

static bool is_account_name(const char *name) {
  static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";
  size_t length = strlen(name);
  return length && length <= ACCOUNT_NAME_BYTES && strspn(name, ALLOWED) == length;
}

/* "account NAME" and the like. */
static int read_header(const char *header, enum config_section_kind *ret_kind, const char **ret_name, struct err *e) {
  *ret_name = header;
  *ret_kind = !strcmp(header, "readiness") ? CONFIG_READINESS : CONFIG_DEFAULTS;
  if (*ret_kind == CONFIG_READINESS || !strcmp(header, "defaults")) return 0;
  size_t word = strcspn(header, " \t");
  if (word != strlen("account") || strncmp(header, "account", word) != 0)
    return err_set(e, ERR_USAGE, "there is no section [%s]; there are: [defaults], [readiness], [account NAME]",
                   header);
  *ret_kind = CONFIG_ACCOUNT;
  *ret_name = header + word + strspn(header + word, " \t");
  if (is_account_name(*ret_name)) return 0;
  return err_set(e, ERR_USAGE, "[account NAME]: a name has 1 to %d letters, digits or any of . _ @ -",
                 ACCOUNT_NAME_BYTES);
}

static const struct config_section *find_section(const struct config *c, enum config_section_kind kind,
                                                 const char *name) {
  for (unsigned i = 0; i < c->count; i++)
    if (c->sections[i].kind == kind && !strcmp(c->sections[i].name, name)) return &c->sections[i];
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

/* --- keys of accounts that are no options ------------------------------------------------------------------------- */

static int try_url(const char *text, struct err *e) {
  struct imap_account a;
  imap_account_init(&a);
  int code = imap_account_set_url(&a, text, e);
  imap_account_clear(&a);
  return code;
}

static int try_host(const char *text, struct err *e) {
  struct ip_addr address;
  if (ip_parse(text, &address) || domain_is_plausible(text)) return 0;
  return err_set(e, ERR_USAGE, "\"%s\" is no name of a host and no address", text);
}

static int try_user(const char *text, struct err *e) {
  (void)text, (void)e;
  return 0;
}

static int try_port(const char *text, struct err *e) {
  int64_t port;
  if (number_parse(text, 65535, &port) && port > 0) return 0;
  return err_set(e, ERR_USAGE, "\"%s\" is no number from 1 to 65535", text);
}

static int try_tls(const char *text, struct err *e) {
  if (!strcmp(text, "implicit") || !strcmp(text, "starttls")) return 0;
  return err_set(e, ERR_USAGE, "\"%s\" is none of implicit, starttls", text);
}

/* A secret in a file that many may read, and that ends in backups and repositories. */
static int refuse_secret(const char *text, struct err *e) {
  (void)text;
  return err_set(e, ERR_USAGE,
                 "has no place in this file: write password-command = COMMAND, password-file = FILE or "
                 "token-command = COMMAND");
}

static const struct account_key {
  const char *name;
  int (*try)(const char *text, struct err *e);
} ACCOUNT_KEYS[] = {{"url", try_url},   {"host", try_host}, {"port", try_port},
                    {"user", try_user}, {"tls", try_tls},   {"password", refuse_secret}};

static const struct account_key *find_account_key(const char *name) {
  for (unsigned i = 0; i < ARRAY_SIZE(ACCOUNT_KEYS); i++)
    if (!strcmp(ACCOUNT_KEYS[i].name, name)) return &ACCOUNT_KEYS[i];
  return NULL;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static int no_such_key(const char *key, enum config_section_kind kind, struct err *e) {
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  for (unsigned i = 0; kind == CONFIG_ACCOUNT && i < ARRAY_SIZE(ACCOUNT_KEYS); i++)
    if (ACCOUNT_KEYS[i].try != refuse_secret) strbuf_printf(&list, ", %s", ACCOUNT_KEYS[i].name);
  const struct option *option;
  unsigned group = kind == CONFIG_ACCOUNT ? OPTIONS_ACCOUNT : OPTIONS_DEFAULTS;
  for (unsigned i = 0; (option = options_at(group, i)); i++) strbuf_printf(&list, ", %s", option->name);
  return err_set(e, ERR_USAGE, "there is no key \"%s\" in [%s]; there are: %s", key,
                 kind == CONFIG_ACCOUNT ? "account NAME" : "defaults", strbuf_text(&list) + 2);
}

static bool may_repeat(const char *key) { return !strcmp(key, "folder"); }

/* Only commands have a use for quotes; elsewhere they would become part of a name. */
static int check_text(const struct config_section *s, const char *key, const char *value, const struct option *option,
                      struct err *e) {
  for (unsigned i = 0; i < s->count && !may_repeat(key); i++)
    if (!strcmp(s->entries[i].key, key))
      return err_set(e, ERR_USAGE, "%s: stands in line %u already", key, s->entries[i].line);
  if (!*value) return err_set(e, ERR_USAGE, "%s: has no value", key);
  bool is_command = option && option->value && !strcmp(option->value, "COMMAND");
  if (is_command || *value != '"' || value[strlen(value) - 1] != '"') return 0;
  return err_set(e, ERR_USAGE, "%s: quotes would belong to the value: leave them out", key);
}

/* "~/" is the user's home, and relative is relative to the file, wherever the program runs. */
static const char *resolve_path(const struct config *c, const char *path) {
  const char *home = getenv("HOME"), *slash = strrchr(c->path, '/');
  _cleanup_free_ char *resolved = NULL;
  if (!strncmp(path, "~/", 2) && home && *home)
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
  if (kind == CONFIG_READINESS) return threshold_set(&r->scratch.thresholds, entry->key, entry->value, e);
  if (entry->option) return options_set(&r->scratch, entry->option, entry->value, e);
  const struct account_key *key = kind == CONFIG_ACCOUNT ? find_account_key(entry->key) : NULL;
  if (!key) return no_such_key(entry->key, kind, e);
  int code = key->try(entry->value, e);
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
  unsigned group = s->kind == CONFIG_ACCOUNT ? OPTIONS_ACCOUNT : s->kind == CONFIG_DEFAULTS ? OPTIONS_DEFAULTS : 0;
  struct config_entry entry = {.line = line, .key = arena_strdup(c->texts, key), .option = options_find(group, key)};
  bool is_path = entry.option && entry.option->value && !strcmp(entry.option->value, "FILE");
  entry.value = is_path ? resolve_path(c, value) : arena_strdup(c->texts, value);
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

static const char *value_of(const struct config_section *s, const char *key) {
  for (unsigned i = 0; i < s->count; i++)
    if (!strcmp(s->entries[i].key, key)) return s->entries[i].value;
  return NULL;
}

/* By way of a URL, so that one function checks both ways to write it. */
static int set_place(struct imap_account *a, const struct config_section *s, struct err *e) {
  const char *url = value_of(s, "url"), *host = value_of(s, "host"), *user = value_of(s, "user");
  const char *port = value_of(s, "port"), *tls = value_of(s, "tls");
  if (url && (host || user || port || tls))
    return err_set(e, ERR_USAGE, "url says all that host, port, user and tls say: one or the other");
  if (url) return imap_account_set_url(a, url, e);
  if (!host || !user) return err_set(e, ERR_USAGE, "needs a url, or host and user");
  bool implicit = !tls || !strcmp(tls, "implicit");
  struct imap_account parts = {.host = (char *)host, .user = (char *)user, .implicit_tls = implicit};
  parts.port = port ? (unsigned)atoi(port) : implicit ? 993 : 143;
  _cleanup_free_ char *made = imap_account_url(&parts, "");
  return imap_account_set_url(a, made, e);
}

static void forget_folders(struct imap_account *a) {
  for (unsigned i = 0; i < a->folder_count; i++) free(a->folders[i]);
  a->folder_count = 0;
}

/* From below: the defaults, the account, the command line. */
static int fill_account(const struct config *c, const struct config_section *account, const struct options *o,
                        struct options *ret, struct err *e) {
  int code = 0;
  for (unsigned n = 0; n < c->count; n++) {
    const struct config_section *s = &c->sections[n];
    for (unsigned i = 0; s->kind == CONFIG_DEFAULTS && i < s->count && !code; i++)
      if (s->entries[i].option->groups & OPTIONS_ACCOUNT)
        code = options_set(ret, s->entries[i].option, s->entries[i].value, e);
  }
  if (!code) code = set_place(&ret->mailbox, account, e);
  for (unsigned i = 0; i < account->count && !code; i++)
    if (account->entries[i].option) code = options_set(ret, account->entries[i].option, account->entries[i].value, e);
  if (code < 0 || !o) return code;
  if (options_given(o, "folder")) forget_folders(&ret->mailbox);
  return options_set_given(ret, o, OPTIONS_ACCOUNT, e);
}

int config_make_account(const struct config *c, const struct config_section *account, const struct options *o,
                        struct imap_account *ret, struct err *e) {
  struct options scratch = {0};
  imap_account_init(&scratch.mailbox);
  int code = fill_account(c, account, o, &scratch, e);
  if (!code) code = imap_account_finish(&scratch.mailbox, e);
  if (code < 0) {
    imap_account_clear(&scratch.mailbox);
    return err_prefix(e, code, "[account %s]", account->name);
  }
  *ret = scratch.mailbox;
  return 0;
}

const struct config_section *config_account_at(const struct config *c, unsigned i) {
  for (unsigned n = 0; n < c->count; n++)
    if (c->sections[n].kind == CONFIG_ACCOUNT && !i--) return &c->sections[n];
  return NULL;
}

const struct config_section *config_account_find(const struct config *c, const char *name) {
  return find_section(c, CONFIG_ACCOUNT, name);
}

/* A folder that two accounts read would be locked by the first when the second comes. */
static void claim_folders(struct config *c, const struct config_section *s, const struct imap_account *a,
                          struct hashmap *lines) {
  _cleanup_free_ char *name = imap_account_name(a);
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
    struct imap_account account;
    struct err e;
    if (s->mistaken) continue;
    if (config_make_account(c, s, NULL, &account, &e) < 0) {
      add_mistake(c, s->line, e.text);
      continue;
    }
    claim_folders(c, s, &account, &lines);
    imap_account_clear(&account);
  }
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* The user's own file; NULL where there is no home. */
static char *user_file(void) {
  const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
  if (folder && *folder == '/') return mem_printf("%s/dmarcctl/config", folder);
  return home && *home ? mem_printf("%s/.config/dmarcctl/config", home) : NULL;
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
  options_init(&r.scratch);
  int code = ini_file_read(path, &events, e);
  options_clear(&r.scratch);
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
  return c->mistake_count ? err_set(e, ERR_USAGE, "%s", "") : 0;
}

void config_clear(struct config *c) {
  for (unsigned i = 0; i < c->count; i++) free(c->sections[i].entries);
  for (unsigned i = 0; i < c->mistake_count; i++) free(c->mistakes[i].text);
  free(c->sections);
  free(c->mistakes);
  free(c->path);
  arena_free(c->texts);
  *c = (struct config){0};
}

/* --- defaults ----------------------------------------------------------------------------------------------------- */

bool config_is_overruled(const char *key) {
  const char *name = !strcmp(key, "database") ? "DMARCCTL_DB" : !strcmp(key, "color") ? "NO_COLOR" : NULL;
  const char *value = name ? getenv(name) : NULL;
  return value && *value;
}

unsigned config_line_of(const struct config *c, enum config_section_kind kind, const char *key) {
  for (unsigned n = 0; n < c->count; n++)
    for (unsigned i = 0; c->sections[n].kind == kind && i < c->sections[n].count; i++)
      if (!strcmp(c->sections[n].entries[i].key, key)) return c->sections[n].entries[i].line;
  return 0;
}

void config_apply(const struct config *c, struct options *o) {
  struct err checked; /* when the file was read */
  for (unsigned n = 0; n < c->count; n++)
    for (unsigned i = 0; i < c->sections[n].count; i++) {
      const struct config_entry *entry = &c->sections[n].entries[i];
      if (c->sections[n].kind == CONFIG_READINESS)
        threshold_set(&o->thresholds, entry->key, entry->value, &checked);
      else if (c->sections[n].kind == CONFIG_DEFAULTS && !config_is_overruled(entry->key))
        options_set(o, entry->option, entry->value, &checked);
    }
}
