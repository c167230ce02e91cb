/* SPDX-License-Identifier: Apache-2.0 */
/* An account, tried: does its server let us in, and are its folders there? Nothing is read and nothing changes. */
#ifndef IMPORT_TRIAL_H
#define IMPORT_TRIAL_H

#include "mailbox/mail_folder.h"

/* How a folder opened: 0 and the number of its mails, or a code and `e`. */
typedef void trial_fn(void *user, const char *folder, int code, uint32_t mails, const struct err *e);
/* Opens each folder of the account, once, by one connection as long as that lasts, and tells `fn`. Returns a code where
 * the server does not let us in: then nobody knows of the folders. mail_library_init before. */
int trial_run(const struct mail_account *a, const struct mail_watch *watch, trial_fn *fn, void *user, struct err *e);

#endif
