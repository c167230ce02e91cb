/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to this machine and its owner, wherever the reports are kept: the ledger of documents (ledger.h), labels
 * (labels.h), words on single reports (report_words.h), acknowledged findings (acknowledgements.h), steps that were
 * taken (taken_steps.h), how far mailboxes were read (mailboxes.h), what was told and is to be sent (notices.h), how
 * far feeds have come (feeds.h), what ended imports (suspects.h), cached answers of the DNS (answers.h), and what it
 * said over time (dns_states.h). All of it is in one file.
 *
 * Reports may be kept in the same file (store_open_in). The reports, what the ledger says of them, and the cursor of
 * the mailbox that they came from are then written in one transaction. If the reports are kept elsewhere, they are
 * flushed before the transaction is committed, so that nothing here ever refers to a report that is not stored.
 *
 * A handle belongs to one thread. Writers of several processes take turns; readers never wait. A write that fails takes
 * the transaction with it. */
#ifndef LOCAL_LOCAL_H
#define LOCAL_LOCAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct local;

enum local_mode {
  LOCAL_READ,     /* the file must exist; nothing is changed */
  LOCAL_WRITE,    /* created, with its folder, if missing; migrated if older */
  LOCAL_SCRATCH,  /* a new one that is gone when it is closed (DB_SCRATCH) */
  LOCAL_REHEARSE, /* as LOCAL_READ; what LOCAL_WRITE would migrate is migrated in a copy (DB_REHEARSE) */
};

/* ERR_NOT_FOUND: LOCAL_READ and no such file. ERR_STORE with a clear sentence: no database, another program's, or made
 * by a newer dmarcctl. An older one is migrated when opened for writing; for reading it is refused with the advice to
 * run an import. On failure `*ret` is untouched. */
int local_open(const char *path, enum local_mode mode, struct local **ret, struct err *e);
void local_close(struct local *l); /* accepts NULL; rolls back what was not committed */

/* The file itself, for a store of reports in it. Borrowed: such a store is closed first. */
struct db *local_db(struct local *l);

/* Takes the write lock, waiting for other processes (ERR_BUSY after 5 minutes). */
int local_begin(struct local *l, struct err *e);
int local_commit(struct local *l, struct err *e); /* on failure everything since local_begin is gone */
void local_abort(struct local *l);                /* accepts that none is open */
bool local_in_transaction(const struct local *l);
/* What is deleted from now on is overwritten: for a caller that was asked to forget. */
int local_be_thorough(struct local *l, struct err *e);
/* Gives space that nothing fills any more back to the file system, in transactions of its own. */
int local_give_back(struct local *l, struct err *e);
/* The same, and no byte of what was deleted stays in the file. 1; 0 where somebody reads an older state: then it stays
 * beside the file until local_give_back finds nobody. */
int local_write_anew(struct local *l, struct err *e);
/* From now on a commit survives a power failure: for a caller that deletes the original afterwards. */
int local_be_durable(struct local *l, struct err *e);
/* A wait for another process ends with ERR_INTERRUPTED when `interrupted` becomes true; `tell` is called once per wait
 * that takes more than a moment. Either may be NULL. The handle keeps both. */
void local_while_waiting(struct local *l, const volatile sig_atomic_t *interrupted,
                         void (*tell)(void *user, const char *sentence), void *user);

/* Locks a number for this process, until `*ret_fd` is closed or the process ends: 1, or 0 if another process has the
 * lock. It is a byte of a file beside the database ("FILE-WHAT"), which stays there, empty. */
int local_lock(struct local *l, const char *what, int64_t number, int *ret_fd, struct err *e);
/* Takes that file away. Whoever has a lock of it has none that others see. */
void local_lock_remove(struct local *l, const char *what);

#endif
