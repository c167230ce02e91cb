/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the arguments are files and which are mailboxes, and which accounts of the configuration join them. */
#include "cmd/import_sources.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/config.h"

static int add_account(struct import_sources *s, const struct config_section *section,
                       const struct import_verb_options *o, struct err *e) {
  s->accounts = mem_realloc(s->accounts, (s->account_count + 1) * sizeof *s->accounts);
  int code = config_make_account(o->shared.config, section, o->shared.line, &s->accounts[s->account_count], e);
  if (!code) s->account_count++;
  return code;
}

/* Of the configuration: those that --account names; where nothing is named at all, every one. */
static int add_accounts(struct import_sources *s, const struct import_verb_options *o, struct err *e) {
  const struct config_section *section;
  int code = 0;
  for (unsigned n = 0; n < o->accounts.count && !code; n++) {
    section = config_account_find(o->shared.config, o->accounts.names[n]);
    if (!section)
      return err_set(e, ERR_USAGE, "--account: there is no [account %s] in the configuration", o->accounts.names[n]);
    code = add_account(s, section, o, e);
  }
  if (code < 0 || o->accounts.count || o->shared.arg_count) return code;
  for (unsigned n = 0; (section = config_account_at(o->shared.config, n)) && !code; n++)
    code = add_account(s, section, o, e);
  if (code < 0 || s->account_count) return code;
  return err_set(
      e, ERR_USAGE,
      "nothing to import: name a SOURCE (see 'dmarcctl import --help'), or mailboxes as [account NAME] in the "
      "configuration (man 5 dmarcctl-config)");
}

/* What looks like a URL, and is no file either, is told as a mailbox that cannot be. */
static bool is_mailbox(const char *arg) {
  return mail_url_is_one(arg) || (strstr(arg, "://") && access(arg, F_OK) < 0);
}

/* The URLs among the arguments are mailboxes, each with what the options say of all. */
int import_sources_collect(const struct import_verb_options *o, struct import_sources *s, struct err *e) {
  *s = (struct import_sources){0};
  s->paths = mem_alloc((o->shared.arg_count + 1) * sizeof *s->paths);
  s->trusted_authservs = o->mailbox.trusted_authservs;
  s->accounts = mem_zalloc((o->shared.arg_count + 1) * sizeof *s->accounts);
  for (unsigned n = 0; n < o->shared.arg_count; n++) {
    if (!is_mailbox(o->shared.args[n])) {
      s->paths[s->path_count++] = o->shared.args[n];
      continue;
    }
    struct mail_account *a = &s->accounts[s->account_count++];
    mail_account_copy(a, &o->mailbox);
    int code = mail_account_set_url(a, o->shared.args[n], e);
    if (!code) code = mail_account_finish(a, e);
    if (code < 0) return code;
  }
  int code = add_accounts(s, o, e);
  if (code < 0) return code;
  if (o->import.watch && (s->path_count || o->shared.output.path))
    return err_set(e, ERR_USAGE, "--watch goes with mailboxes alone, and not with --output");
  return 0;
}

void import_sources_clear(struct import_sources *s) {
  for (unsigned n = 0; n < s->account_count; n++) mail_account_clear(&s->accounts[n]);
  free(s->accounts);
  free(s->paths);
}
