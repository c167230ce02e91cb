/* SPDX-License-Identifier: Apache-2.0 */
/* Owners, modes and links of files. */
#include "base/trusted_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define LINKS_MOST 40 /* as the kernel follows */

bool trusted_owner(const struct stat *st) { return st->st_uid == geteuid() || st->st_uid == 0; }

int trusted_file_check(const struct stat *st, const char *name, const char *path, struct err *e) {
  if (!trusted_owner(st)) return err_set(e, ERR_USAGE, "%s: belongs to another user, who may write it", name);
  if (!(st->st_mode & (S_IWGRP | S_IWOTH))) return 0;
  return err_set(e, ERR_USAGE, "%s: %s may write it: chmod go-w %s", name,
                 st->st_mode & S_IWOTH ? "everybody" : "its group", path);
}

int trusted_secret_check(const struct stat *st, const char *name, const char *path, struct err *e) {
  if (!S_ISREG(st->st_mode)) return err_set(e, ERR_USAGE, "%s: is no file", name);
  if (st->st_mode & (S_IROTH | S_IWOTH))
    return err_set(e, ERR_USAGE, "%s: others may read it: chmod 600 %s", name, path);
  return trusted_file_check(st, name, path, e);
}

/* What the link says, seen from its folder. */
static char *follow(const char *link) {
  char to[PATH_MAX];
  const ssize_t size = readlink(link, to, sizeof to - 1);
  if (size < 0) return NULL;
  to[size] = '\0';
  const char *slash = strrchr(link, '/');
  return *to == '/' || !slash ? mem_strdup(to) : mem_printf("%.*s%s", (int)(slash - link) + 1, link, to);
}

char *trusted_link_end(const char *path, struct err *e) {
  char *at = mem_strdup(path);
  struct stat st;
  for (int i = 0; i < LINKS_MOST; i++) {
    if (lstat(at, &st) < 0 || !S_ISLNK(st.st_mode)) return at;
    char *next = trusted_owner(&st) ? follow(at) : NULL;
    if (!next) {
      err_set(e, ERR_USAGE, "%s: is a link that another user made", at);
      free(at);
      return NULL;
    }
    free(at);
    at = next;
  }
  err_set(e, ERR_USAGE, "%s: links in a circle", path);
  free(at);
  return NULL;
}
