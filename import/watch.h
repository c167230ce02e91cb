/* SPDX-License-Identifier: Apache-2.0 */
/* import --watch: stays with its mailboxes and gives each its turn when something may have come. Private to import/. */
#ifndef IMPORT_WATCH_H
#define IMPORT_WATCH_H

#include <signal.h>

#include "import/mailbox.h"

/* The turn of one mailbox: imports it. MAILBOX_STOP ends the watch with `*ret_code` and `e`. */
typedef enum mailbox_end watch_turn_fn(void *user, struct mailbox *m, int *ret_code, struct err *e);

/* Each mailbox has its turn at once, then whenever its server tells of something, and at the latest when it has been
 * silent for ten minutes (five where it cannot tell, or where the last turn failed). One turn at a time, so that they
 * are those of one account: each keeps its own connection. An account whose login was refused has no more turns.
 * Returns 0 when interrupted, what MAILBOX_STOP came with, or ERR_DENIED where no account is left. */
int watch_mailboxes(struct mailbox *const *mailboxes, unsigned count, const volatile sig_atomic_t *interrupted,
                    watch_turn_fn *turn, void *user, struct err *e);

#endif
