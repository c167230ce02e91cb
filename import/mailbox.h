/* SPDX-License-Identifier: Apache-2.0 */
/* One folder on a mail server, imported: what is new there into the store, and only then what the user wants done to
 * the mails. Whatever ends a run, kill -9 included, the next one goes on: each report once, each action done.
 *
 * How: the cursor (the next UID) and the tasks (what is to be done to which mail) are written in the transaction of the
 * reports they belong to. Tasks are done behind the commit and taken back one by one when the server has done them;
 * each can be done twice without harm. */
#ifndef IMPORT_MAILBOX_H
#define IMPORT_MAILBOX_H

#include "imap/imap.h"
#include "import/pipeline.h"
#include "import/settle.h"
#include "store/store.h"

/* What all mailboxes of an import share; outlives them. */
struct mailbox_context {
  struct store *store; /* NULL: a dry run over no database */
  struct settler *settler;
  bool dry_run;
  struct pipeline_options pipeline; /* without its source */
  pipeline_take_fn *take;
  pipeline_idle_fn *idle;
  void (*found)(void *user, uint64_t mails);    /* so many are going to be read */
  void (*tell)(void *user, const char *remark); /* for people: a sentence that names the folder; a stranger's words */
  void *user;                                   /* of the four above */
};

struct mailbox;
/* Keeps all three. */
struct mailbox *mailbox_new(const struct imap_account *account, const char *folder, const struct mailbox_context *c);
void mailbox_free(struct mailbox *m); /* accepts NULL; lets go of the lock */
const char *mailbox_url(const struct mailbox *m);
/* The connection of a mailbox of the same account that is done with. */
void mailbox_inherit(struct mailbox *m, struct mailbox *from);

enum mailbox_end {
  MAILBOX_DONE,
  MAILBOX_TAKEN,  /* another process reads this folder into this database: nothing was done */
  MAILBOX_FAILED, /* `e` says why, beginning with the URL; others may go well */
  MAILBOX_STOP,   /* interrupted, or the store failed (`*ret_code`, `e`): others make no sense */
};
/* Once, or again and again. What is complete is committed, however it ends. */
enum mailbox_end mailbox_import(struct mailbox *m, int *ret_code, struct err *e);

/* The folder's connection, for waiting between two imports (imap.h, IDLE). */
struct imap_mailbox *mailbox_connection(struct mailbox *m);

#endif
