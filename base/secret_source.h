/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets: passwords and tokens from files and commands, never from a command line, and never into a message. */
#ifndef BASE_SECRET_SOURCE_H
#define BASE_SECRET_SOURCE_H

#include "base/stop.h"

#define SECRET_BYTES 16384 /* with its NUL; tokens of large providers have some 2 KiB */
#define SECRET_SECONDS 60  /* a command that asks a person (gpg's pinentry) needs its time */

/* The first line into `ret` of SECRET_BYTES; `pass` and others keep notes behind it. `what` begins messages: "the
 * password file". ERR_USAGE: it gives none, or others may read it; `ret` is then empty. The caller wipes what he was
 * given (explicit_bzero). */
int secret_from_file(const char *path, const char *what, char *ret, struct err *e);
/* The same of the output of `/bin/sh -c command`, which is ended where `stop` says so. */
int secret_from_command(const char *command, const char *what, const struct stop *stop, char *ret, struct err *e);

/* Puts stars in the place of the secret where a server repeats it: as it is, quoted, in base64, alone or in a line of
 * SASL, also where the text ends within it. */
void secret_mask(const char *secret, char *text);

#endif
