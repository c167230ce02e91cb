/* SPDX-License-Identifier: Apache-2.0 */
/* What proves who we are: fetched anew for each login, wiped after it. For the rooms of protocols. */
#ifndef MAILBOX_SECRET_H
#define MAILBOX_SECRET_H

#include "base/secret_source.h"
#include "mailbox/account.h"
#include "mailbox/wait.h"

enum secret_kind {
  SECRET_NONE, /* libcurl looks into ~/.netrc */
  SECRET_PASSWORD,
  SECRET_TOKEN,
};

struct secret {
  enum secret_kind kind;
  char text[SECRET_BYTES];
};

/* From the account's tokens, command or file, else from the environment. ERR_USAGE: it gives none, or others may read
 * it. */
int secret_get(const struct mail_account *a, const struct mail_watch *watch, struct secret *ret, struct err *e);
void secret_wipe(struct secret *s);

#endif
