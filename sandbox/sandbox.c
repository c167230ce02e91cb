/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, and what of them this kernel can be had for. */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sandbox/calls.h"
#include "sandbox/landlock.h"

void sandbox_keep(struct sandbox_rules *r, const char *path, enum sandbox_access access) {
  if (!path || !*path) return;
  MEM_GROW(r->paths, r->capacity, r->count);
  r->paths[r->count++] = (struct sandbox_path){mem_strdup(path), access};
}

void sandbox_keep_folder_of(struct sandbox_rules *r, const char *path, enum sandbox_access access) {
  if (!path || !*path) return;
  _cleanup_free_ char *resolved = realpath(path, NULL);
  const char *file = resolved ? resolved : path, *slash = strrchr(file, '/');
  _cleanup_free_ char *folder = slash > file ? mem_printf("%.*s", (int)(slash - file), file) : NULL;
  sandbox_keep(r, folder ? folder : slash ? "/" : ".", access);
}

static void keep_all(struct sandbox_rules *r, const char *const *paths, size_t count, enum sandbox_access access) {
  for (size_t i = 0; i < count; i++) sandbox_keep(r, paths[i], access);
}

/* SQLite looks for a folder in this order, and takes the first that the user may write. */
static void keep_temporary_folders(struct sandbox_rules *r) {
  static const char *const USUAL[] = {"/tmp", "/var/tmp"};
  const char *own = secure_getenv("TMPDIR"), *of_sqlite = secure_getenv("SQLITE_TMPDIR");
  sandbox_keep(r, own, SANDBOX_WRITE);
  sandbox_keep(r, of_sqlite, SANDBOX_WRITE);
  if (!own || !*own) keep_all(r, USUAL, ARRAY_SIZE(USUAL), SANDBOX_WRITE);
}

/* /etc as a whole: its files are replaced while a watch runs for weeks, and a rule is about the file that was there. */
static void keep_network(struct sandbox_rules *r) {
  static const char *const PLACES[] = {"/etc", "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf",
                                       "/var/lib/ca-certificates"};
  static const char *const VARIABLES[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "NETRC"};
  keep_all(r, PLACES, ARRAY_SIZE(PLACES), SANDBOX_READ);
  sandbox_keep_folder_of(r, "/etc/resolv.conf", SANDBOX_READ);
  for (size_t i = 0; i < ARRAY_SIZE(VARIABLES); i++) sandbox_keep(r, secure_getenv(VARIABLES[i]), SANDBOX_READ);
}

void sandbox_keep_system(struct sandbox_rules *r) {
  static const char *const LIBRARIES[] = {
      "/usr", "/lib", "/lib64", "/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/localtime"};
  static const char *const DEVICES[] = {"/dev/null", "/dev/urandom", "/dev/random"};
  keep_all(r, LIBRARIES, ARRAY_SIZE(LIBRARIES), SANDBOX_READ);
  keep_all(r, DEVICES, ARRAY_SIZE(DEVICES), SANDBOX_READ);
  sandbox_keep(r, "/dev/null", SANDBOX_WRITE);
  if (calls_are_wide()) sandbox_keep(r, "/proc", SANDBOX_READ); /* how sanitizers find memory */
  keep_temporary_folders(r);
  if (r->network) keep_network(r);
}

void sandbox_rules_clear(struct sandbox_rules *r) {
  for (unsigned i = 0; i < r->count; i++) free(r->paths[i].path);
  free(r->paths);
  *r = (struct sandbox_rules){0};
}

/* --- entering ----------------------------------------------------------------------------------------------------- */

static int check_required(struct err *e) {
  if (!landlock_version())
    return err_set(e, ERR_IO, "the sandbox is required, and there is no Landlock (see --sandbox)");
  if (!calls_can_be_filtered())
    return err_set(e, ERR_IO, "the sandbox is required, and there is no seccomp (see --sandbox)");
  return 0;
}

/* Landlock first: the filter does not let it through. */
int sandbox_enter(enum sandbox_mode mode, const struct sandbox_rules *rules, struct err *e) {
  if (mode == SANDBOX_OFF) return 0;
  int code = mode == SANDBOX_REQUIRE ? check_required(e) : 0;
  if (!code && landlock_version()) code = landlock_confine(rules, e);
  if (!code && calls_can_be_filtered()) code = calls_confine(rules, e);
  return code < 0 ? err_prefix(e, code, "the sandbox (see --sandbox)") : 0;
}

int sandbox_enter_worker(enum sandbox_mode mode, struct err *e) {
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules none = {0};
  if (mode == SANDBOX_OFF) return 0;
  if (calls_are_wide()) sandbox_keep(&none, "/proc", SANDBOX_READ);
  int code = mode == SANDBOX_REQUIRE ? check_required(e) : 0;
  if (!code && landlock_version()) code = landlock_confine(&none, e);
  if (!code && calls_can_be_filtered()) code = calls_confine_worker(e);
  return code;
}

void sandbox_describe(enum sandbox_mode mode, struct strbuf *out) {
  int version = landlock_version();
  bool filter = calls_can_be_filtered();
  if (mode == SANDBOX_OFF || (!version && !filter)) {
    strbuf_add_text(out, mode == SANDBOX_REQUIRE ? "not to be had" : "none");
    return;
  }
  if (mode == SANDBOX_REQUIRE && !(version && filter)) strbuf_add_text(out, "not to be had: this machine has ");
  if (version) strbuf_printf(out, "Landlock %d", version);
  if (filter)
    strbuf_printf(out, "%sseccomp%s", version ? ", " : "", calls_are_wide() ? " (wide: built with sanitizers)" : "");
}
