/* SPDX-License-Identifier: Apache-2.0 */
/* What proves who we are: fetched anew for each login, wiped after it. Private to imap/. */
#ifndef IMAP_SECRET_H
#define IMAP_SECRET_H

#include "imap/imap.h"

#define SECRET_BYTES 16384 /* tokens of large providers have some 2 KiB */
#define SECRET_SECONDS 60  /* a command that asks a person (gpg's pinentry) needs its time */

enum secret_kind {
  SECRET_NONE, /* libcurl looks into ~/.netrc */
  SECRET_PASSWORD,
  SECRET_TOKEN,
};

struct secret {
  enum secret_kind kind;
  char text[SECRET_BYTES];
};

/* From the account's command or file, else from the environment. ERR_USAGE: it gives none, or others may read it. */
int secret_get(const struct imap_account *a, const struct imap_watch *watch, struct secret *ret, struct err *e);
void secret_wipe(struct secret *s);
/* Replaces the secret where a server repeats it: as it is, quoted, in base64, alone or in a line of SASL, also where
 * the text ends within it. */
void secret_hide(const struct secret *s, char *text);

#endif
