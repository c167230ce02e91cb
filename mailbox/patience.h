/* SPDX-License-Identifier: Apache-2.0 */
/* What to do after a failure: whether to try again, and how long to wait before that. For the rooms of protocols. */
#ifndef MAILBOX_PATIENCE_H
#define MAILBOX_PATIENCE_H

#include "mailbox/account.h"
#include "mailbox/wait.h"

struct patience {
  unsigned failures; /* in a row; the caller resets it to 0 after a success */
  double not_before; /* when the server wants to be asked again (seconds of clock_now_s); 0: it did not say */
};

/* Decides whether to try again after `code`, and waits before it returns. 0: try again; the pause was 1, 2, 4, ... 60
 * seconds, or `told_s` if the server asks for more. Otherwise `code`: it is not temporary, the account's retries are
 * used up, or `told_s` exceeds the account's max_wait_s; `e` then says when to come back. ERR_INTERRUPTED: during the
 * pause. ERR_IO, ERR_BUSY and ERR_FORMAT are temporary. */
int patience_try_again(struct patience *p, const struct mail_account *a, const struct mail_watch *watch, int code,
                       double told_s, struct err *e);

#endif
