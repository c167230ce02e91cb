/* SPDX-License-Identifier: Apache-2.0 */
/* One folder on a mail server, imported: what is new there into the store, and only then what the user wants done to
 * the mails. Whatever ends a run, kill -9 included, the next one goes on: each report once, each action done. Private
 * to import/.
 *
 * How: the cursor (the next UID) and the tasks (what is to be done to which mail) are written in the transaction of the
 * reports they belong to. Tasks are done behind the commit and taken back one by one when the server has done them;
 * each can be done twice without harm. */
#ifndef IMPORT_MAILBOX_H
#define IMPORT_MAILBOX_H

#include "import/feed.h"

/* Owns its connection, and the lock that keeps other processes from the folder, from its first import on. One thread,
 * but for the fetcher's while it imports. */
struct mailbox;
/* Keeps all three. The feed's settler is asked for with each import: it may be another one each time. */
struct mailbox *mailbox_new(const struct mail_account *account, const char *folder, struct feed *feed);
void mailbox_free(struct mailbox *m); /* accepts NULL; lets go of the lock */
const char *mailbox_url(const struct mailbox *m);
bool mailbox_is_of_same_account(const struct mailbox *a, const struct mailbox *b);
/* Takes over the connection of one that is done with; of another account it is of no use, and stays there. */
void mailbox_inherit(struct mailbox *m, struct mailbox *from);

/* Once, or again and again. What is complete is committed, however it ends. With MAILBOX_FAILED and MAILBOX_STOP
 * `*ret_code` is what went wrong, and `e` says it. */
enum mailbox_end mailbox_import(struct mailbox *m, int *ret_code, struct err *e);

/* It is not to be tried, for the reason given: noted and told as if it had failed, with ERR_DENIED. */
enum mailbox_end mailbox_pass_over(struct mailbox *m, int *ret_code, const char *why, struct err *e);

/* The folder's connection, for waiting between two imports (mail_folder.h). The mailbox's. */
struct mail_folder *mailbox_connection(struct mailbox *m);

#endif
