/* SPDX-License-Identifier: Apache-2.0 */
/* What to do behind a failure: how often to try again, and how long to wait before. For the rooms of protocols. */
#ifndef MAILBOX_PATIENCE_H
#define MAILBOX_PATIENCE_H

#include "mailbox/account.h"
#include "mailbox/wait.h"

struct patience {
  unsigned failures; /* in a row; back to 0 where something went well */
  double not_before; /* clock_now_s: the server asked for so much patience; 0: for none */
};

/* Whether to try again after `code`: 0 yes, after a pause (1, 2, 4, ... seconds, or `told_s` where the server asks for
 * more); else the code, where it is none that passes, or has come too often, or asks for more than the account waits:
 * `e` then says when to come back. */
int patience_try_again(struct patience *p, const struct mail_account *a, const struct mail_watch *watch, int code,
                       double told_s, struct err *e);

#endif
