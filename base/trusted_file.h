/* SPDX-License-Identifier: Apache-2.0 */
/* Whose word is a file? One that names commands or holds a secret is believed only where nobody else could write it. */
#ifndef BASE_TRUSTED_FILE_H
#define BASE_TRUSTED_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

/* Belongs it to us or to root? */
bool trusted_owner(const struct stat *st);
/* ERR_USAGE where the file behind `st` belongs to somebody else, or its group or others may write it; `name` begins the
 * message, `path` stands in the advice. */
int trusted_file_check(const struct stat *st, const char *name, const char *path, struct err *e);
/* The same for a secret, which must be a file, and which others may not read either: its group may, so that root can
 * own it for a service. */
int trusted_secret_check(const struct stat *st, const char *name, const char *path, struct err *e);
/* Where a chain of symbolic links that begins at `path` ends, whether there is anything or not: the name itself where
 * it is no link. Free it. NULL, with ERR_USAGE in `e`, where one of them belongs to somebody else: a folder like /tmp,
 * in which all may make files, is no place in which a link of any of them says what is written to. */
char *trusted_link_end(const char *path, struct err *e);

#endif
