/* SPDX-License-Identifier: Apache-2.0 */
/* import --watch: stays with its mailboxes and imports what comes, until a signal ends it. */
#ifndef IMPORT_WATCH_H
#define IMPORT_WATCH_H

#include "import/mailbox.h"

/* Imports one mailbox and tells what came of it. */
typedef enum mailbox_end watch_import_fn(void *user, struct mailbox *m);

/* Imports each at once and whenever something came; each keeps its own connection. Returns when interrupted (0), or
 * what MAILBOX_STOP says (-1). */
int watch_mailboxes(struct mailbox *const *mailboxes, unsigned count, const volatile sig_atomic_t *interrupted,
                    watch_import_fn *import, void *user);

#endif
