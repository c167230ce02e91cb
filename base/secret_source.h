/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets: passwords and tokens from files and commands, never from a command line, and never into a message. */
#ifndef BASE_SECRET_SOURCE_H
#define BASE_SECRET_SOURCE_H

#include "base/stop.h"

#define SECRET_BYTES 16384 /* with its NUL; tokens of large providers have some 2 KiB */
#define SECRET_SECONDS 60  /* a command that asks a person (gpg's pinentry) needs its time */

/* Reads the first line into `ret` of SECRET_BYTES, without a byte order mark; `pass` and other programs keep notes
 * below it. `what` begins messages: "the password file". ERR_USAGE if the file has no secret, or one that is too long,
 * or others may read it; `ret` is then empty. The caller wipes `ret` (explicit_bzero). */
int secret_from_file(const char *path, const char *what, char *ret, struct err *e);
/* The same from the output of `/bin/sh -c command`, which is killed when `stop` says so (ERR_INTERRUPTED). */
int secret_from_command(const char *command, const char *what, const struct stop *stop, char *ret, struct err *e);

/* What the environment variable `name` held, which is taken out of the environment: children do not get it, and
 * /proc/PID/environ has it no longer. NULL where it never was there, ERR_USAGE where it is too long. For as long as the
 * process lives; to be asked once before there are threads. */
int secret_from_environment(const char *name, const char **ret, struct err *e);
#define SECRET_VARIABLE "DMARCCTL_PASSWORD"

/* From here on nobody but root may look into this process, and it leaves no core. All the above do so themselves. */
void secret_shield(void);

/* The other way: runs `/bin/sh -c command` with the secret as the one line of its input. ERR_USAGE if it does not end
 * with status 0 within SECRET_SECONDS. */
int secret_to_command(const char *secret, const char *command, const char *what, const struct stop *stop,
                      struct err *e);

/* Overwrites the secret in `text` with stars, wherever a server repeats it: plain, quoted, in base64, by itself or in a
 * line of SASL, and cut off at the end of the text. One of less than four bytes is hidden where it is a word, together
 * with the words that are as long: stars for it alone would tell which word of a sentence it is. */
void secret_mask(const char *secret, char *text);

#endif
