/* SPDX-License-Identifier: Apache-2.0 */
/* The password or access token of an account. It is fetched for each login and wiped after it. For the rooms of
 * protocols. */
#ifndef MAILBOX_SECRET_H
#define MAILBOX_SECRET_H

#include "base/secret_source.h"
#include "mailbox/account.h"
#include "mailbox/wait.h"

enum secret_kind {
  SECRET_NONE, /* none was given: libcurl reads ~/.netrc */
  SECRET_PASSWORD,
  SECRET_TOKEN,
};

struct secret {
  enum secret_kind kind;
  char text[SECRET_BYTES];
};

/* Fetches it from the account's tokens, command or file, else from $DMARCCTL_PASSWORD. 0, with SECRET_NONE if none is
 * set up. ERR_USAGE: the command or file gives no secret, or other users may read the file; ERR_INTERRUPTED; or what
 * the account's tokens return. The caller wipes `ret`, which holds nothing after a failure. */
int secret_get(const struct mail_account *a, const struct mail_watch *watch, struct secret *ret, struct err *e);
void secret_wipe(struct secret *s);

#endif
