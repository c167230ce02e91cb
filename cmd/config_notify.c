/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of [notify NAME]. */
#include "cmd/config_notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/hex.h"
#include "mailbox/account.h"

#define AT(field) OPTION_AT(struct notify_section, field)

/* --- values ------------------------------------------------------------------------------------------------------- */

static int parse_to(void *at, const char *text, struct err *e) { return way_set_to(at, text, e); }
static int parse_from(void *at, const char *text, struct err *e) { return way_set_from(at, text, e); }
static int parse_smtp(void *at, const char *text, struct err *e) { return way_set_smtp(at, text, e); }

/* One function says what a pin is. */
static int parse_pin(void *at, const char *text, struct err *e) {
  struct mail_account a;
  mail_account_init(&a);
  int code = mail_account_set_pin(&a, text, e);
  mail_account_clear(&a);
  if (code < 0) return code;
  char **pin = at;
  free(*pin);
  *pin = mem_strdup(text);
  return 0;
}

/* A secret in a file that many may read, and that ends in backups and repositories. */
static int refuse_password(void *at, const char *text, struct err *e) {
  (void)at, (void)text;
  return err_set(e, ERR_USAGE, "has no place in this file: write password-command = COMMAND or password-file = FILE");
}
static int refuse_secret(void *at, const char *text, struct err *e) {
  (void)at, (void)text;
  return err_set(e, ERR_USAGE, "has no place in this file: write secret-command = COMMAND or secret-file = FILE");
}

static const struct option_word EVERY[] = {{.word = "event", .value = NOTICE_EVENT},
                                           {.word = "day", .value = NOTICE_DAY},
                                           {.word = "week", .value = NOTICE_WEEK},
                                           {0}};
static const struct option_word SEVERITIES[] = {{.word = "critical", .value = CONCERN_CRITICAL},
                                                {.word = "warning", .value = CONCERN_WARNING},
                                                {.word = "notice", .value = CONCERN_NOTICE},
                                                {0}};
#define KIND_WORD(NAME, WORD, TITLE, SEVERITY, CLASS, IS_MOMENT) {.word = WORD, .value = CONCERN_##NAME},
static const struct option_word KINDS[] = {EACH_CONCERN_KIND(KIND_WORD){0}};

static const struct option ROWS[] = {
    {"to", .kind = OPTION_CUSTOM, AT(way), .parse = parse_to, .places = OPTION_IN_NOTIFY},
    {"every", .kind = OPTION_KEYWORD, AT(wish.every), .words = EVERY, .places = OPTION_IN_NOTIFY},
    {"kinds", .kind = OPTION_KEYWORD_BITS, AT(wish.kinds), .words = KINDS, .places = OPTION_IN_NOTIFY},
    {"severity", .kind = OPTION_KEYWORD, AT(wish.severity), .words = SEVERITIES, .places = OPTION_IN_NOTIFY},
    {"domain", .kind = OPTION_TEXTS, AT(domains), .repeats = true, .places = OPTION_IN_NOTIFY},
    {"group", .kind = OPTION_TEXTS, AT(groups), .repeats = true, .places = OPTION_IN_NOTIFY},
    {"from", .kind = OPTION_CUSTOM, AT(way), .parse = parse_from, .places = OPTION_IN_NOTIFY},
    {"smtp", .kind = OPTION_CUSTOM, AT(way), .parse = parse_smtp, .places = OPTION_IN_NOTIFY},
    {"sendmail", .kind = OPTION_COMMAND, AT(way.sendmail), .owned = true, .places = OPTION_IN_NOTIFY},
    {"password-command", .kind = OPTION_COMMAND, AT(way.password_command), .owned = true, .places = OPTION_IN_NOTIFY},
    {"password-file", .kind = OPTION_FILE, AT(way.password_file), .owned = true, .places = OPTION_IN_NOTIFY},
    {"token-command", .kind = OPTION_COMMAND, AT(way.token_command), .owned = true, .places = OPTION_IN_NOTIFY},
    {"secret-command", .kind = OPTION_COMMAND, AT(way.secret_command), .owned = true, .places = OPTION_IN_NOTIFY},
    {"secret-file", .kind = OPTION_FILE, AT(way.secret_file), .owned = true, .places = OPTION_IN_NOTIFY},
    {"ca-file", .kind = OPTION_FILE, AT(way.ca_file), .owned = true, .places = OPTION_IN_NOTIFY},
    {"pin", .kind = OPTION_CUSTOM, AT(way.pin), .parse = parse_pin, .places = OPTION_IN_NOTIFY},
    {"allow-plain", .kind = OPTION_FLAG, AT(way.allow_plain), .places = OPTION_IN_NOTIFY},
    {"timeout", .kind = OPTION_NUMBER, AT(way.timeout_s), .least = 1, .most = 3600, .unit = "seconds",
     .places = OPTION_IN_NOTIFY},
    {"retries", .kind = OPTION_NUMBER, AT(way.retries), .least = 0, .most = 20, .places = OPTION_IN_NOTIFY},
    {"max-wait", .kind = OPTION_NUMBER, AT(way.wait_most_s), .least = 0, .most = 3600, .unit = "seconds",
     .places = OPTION_IN_NOTIFY},
    {"password", .kind = OPTION_CUSTOM, AT(way), .parse = refuse_password, .places = OPTION_IN_NOTIFY},
    {"secret", .kind = OPTION_CUSTOM, AT(way), .parse = refuse_secret, .places = OPTION_IN_NOTIFY},
};
const struct option_table NOTIFY_OPTIONS = {ROWS, ARRAY_SIZE(ROWS)};

int notify_try(const struct option *key, const char *value, struct err *e) {
  struct notify_section s;
  notify_section_init(&s);
  int code = option_set(key, &s, value, e);
  notify_section_clear(&s);
  return code;
}

bool notify_key_names_domains(const struct option *key) { return key->at == offsetof(struct notify_section, domains); }

bool notify_key_is_refused(const struct option *key) {
  return key->parse == refuse_password || key->parse == refuse_secret;
}

char *notify_shown(const struct option *key, const char *value) {
  struct way w;
  if (key->parse != parse_to) return NULL;
  way_init(&w);
  char *shown = way_set_to(&w, value, NULL) < 0 ? NULL : way_shown(&w);
  way_clear(&w);
  return shown;
}

/* --- the section -------------------------------------------------------------------------------------------------- */

void notify_section_init(struct notify_section *s) {
  *s = (struct notify_section){.wish = {.every = NOTICE_EVENT, .severity = CONCERN_NOTICE}};
  way_init(&s->way);
}

void notify_section_clear(struct notify_section *s) {
  way_clear(&s->way);
  free(s->addressees);
  text_list_clear(&s->domains);
  text_list_clear(&s->groups);
}

/* A group that is not there would be one of which nothing is told, for years. */
static int find_groups(const struct config *c, const struct notify_section *s, struct err *e) {
  for (unsigned i = 0; i < s->groups.count; i++)
    if (!config_group_find(c, s->groups.items[i]))
      return err_set(e, ERR_USAGE, "there is no [group %s]", s->groups.items[i]);
  return 0;
}

/* Where it goes to, to be known again: what is no address may hold a secret, and is kept as a hash. */
static char *addressees_of(const struct way *w) {
  char text[HEX_TEXT_BYTES(IDENTITY_BYTES)];
  uint8_t hash[IDENTITY_BYTES];
  struct digest d;
  if (w->kind == WAY_MAIL) return way_addresses(&w->recipients);
  digest_init(&d);
  digest_text(&d, w->url);
  digest_text(&d, w->command);
  digest_finish(&d, hash);
  return mem_strdup(hex_text(hash, sizeof hash, text));
}

/* Each value was tried when the file was read. */
int config_make_notify(const struct config *c, const struct config_section *section, struct notify_section *ret,
                       struct err *e) {
  notify_section_init(ret);
  ret->wish.section = section->name;
  ret->named = &section->group;
  for (unsigned i = 0; i < section->count; i++)
    option_set(section->entries[i].option, ret, section->entries[i].value, NULL);
  ret->wish.addressees = ret->addressees = addressees_of(&ret->way);
  int code = way_finish(&ret->way, e);
  if (!code) code = find_groups(c, ret, e);
  return code < 0 ? err_prefix(e, code, "[notify %s]", section->name) : 0;
}
