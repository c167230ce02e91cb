/* SPDX-License-Identifier: Apache-2.0 */
/* What an import keeps: its sources, the folder of its database, and where it reads mailboxes, what its accounts name.
 */
#include "cmd/import_box.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shell.h"
#include "cmd/account_oauth.h"
#include "cmd/home.h"
#include "cmd/output.h"
#include "import/worker.h"

/* --- the nursery -------------------------------------------------------------------------------------------------- */

static struct nursery *nursery; /* of this process, from its first moment */

void import_box_first(void) { nursery = nursery_open(worker_prepare, worker_work); }

struct nursery *import_box_nursery(enum sandbox_mode mode) {
  return mode == SANDBOX_OFF ? NULL : nursery;
}

void import_box_clear(void) {
  nursery_close(nursery);
  nursery = NULL;
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

struct commands {
  const char **items;
  unsigned count, capacity;
};

static void add_command(struct commands *c, const char *command) {
  if (!command) return;
  MEM_GROW(c->items, c->capacity, c->count);
  c->items[c->count++] = command;
}

static const struct oauth_settings *oauth_of(const struct mail_account *a) {
  const struct oauth_client *client = account_oauth_client(a);
  return client ? oauth_client_settings(client) : NULL;
}

int import_box_leave_commands(enum sandbox_mode mode, const struct import_sources *s, struct err *e) {
  struct commands all = {0};
  for (unsigned i = 0; i < s->account_count; i++) {
    const struct mail_account *a = &s->accounts[i];
    const struct oauth_settings *oauth = oauth_of(a);
    add_command(&all, a->password_command);
    add_command(&all, a->token_command);
    add_command(&all, oauth ? oauth->secret_command : NULL);
    add_command(&all, oauth ? oauth->token_read_command : NULL);
    add_command(&all, oauth ? oauth->token_store_command : NULL);
  }
  int code = mode == SANDBOX_OFF ? 0 : shell_confine(all.items, all.count, e);
  free(all.items);
  return code;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* A link in a folder is followed to its file, wherever that is; so each is a source by itself. */
static void keep_links(struct sandbox_rules *r, const struct import_sources *s) {
  struct intake_walk *w = intake_walk_new(s->paths, s->path_count);
  struct intake_file file;
  int code;
  while ((code = intake_walk_next(w, &file, NULL))) {
    if (code < 0) continue; /* told by the import */
    if (file.maybe_link) sandbox_keep(r, file.path, SANDBOX_READ);
    free(file.path);
  }
  intake_walk_free(w);
}

void import_box_keep_files(struct sandbox_rules *r, const struct import_sources *s) {
  sandbox_keep_system(r);
  for (unsigned i = 0; i < s->path_count; i++) sandbox_keep(r, s->paths[i], SANDBOX_READ);
  keep_links(r, s);
}

/* A rule is about the file that is there now. A watch runs for weeks, and has to find the one that takes its place. */
static void keep_setting(struct sandbox_rules *r, const char *file, bool watch) {
  sandbox_keep(r, file, SANDBOX_READ);
  if (watch) sandbox_keep_folder_of(r, file, SANDBOX_READ);
}

/* A token file is replaced by another one of its folder. */
static void keep_account(struct sandbox_rules *r, const struct mail_account *a, bool watch) {
  const struct oauth_settings *oauth = oauth_of(a);
  keep_setting(r, a->ca_file, watch);
  keep_setting(r, a->password_file, watch);
  if (!oauth) return;
  keep_setting(r, oauth->secret_file, watch);
  keep_setting(r, oauth->certificate_file, watch);
  keep_setting(r, oauth->key_file, watch);
  keep_setting(r, oauth->ca_file, watch);
  sandbox_keep_folder_of(r, oauth->token_file, SANDBOX_WRITE);
}

/* libcurl looks there where no password is given. */
static void keep_netrc(struct sandbox_rules *r) {
  const char *home = home_folder();
  _cleanup_free_ char *path = home ? mem_printf("%s/.netrc", home) : NULL;
  sandbox_keep(r, path, SANDBOX_READ);
}

int import_box_enter(const struct import_verb_options *o, const struct import_sources *s, struct err *e) {
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = {.network = s->account_count > 0};
  if (o->shared.sandbox == SANDBOX_OFF) return 0;
  if (o->shared.sandbox == SANDBOX_REQUIRE && !nursery)
    return err_set(e, ERR_IO, "the sandbox is required, and no process can be started for it (see --sandbox)");
  import_box_keep_files(&rules, s);
  sandbox_keep_folder_of(&rules, o->shared.common.db, SANDBOX_WRITE);
  if (!output_is_stdout(&o->shared)) sandbox_keep_folder_of(&rules, o->shared.output.path, SANDBOX_WRITE);
  for (unsigned i = 0; i < s->account_count; i++) keep_account(&rules, &s->accounts[i], o->import.watch);
  if (s->account_count) keep_netrc(&rules);
  return sandbox_enter(o->shared.sandbox, &rules, e);
}
