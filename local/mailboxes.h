/* SPDX-License-Identifier: Apache-2.0 */
/* Mailboxes: how far a folder of a mail server was read, and what is still to be done to its mails. Servers are not
 * known here.
 *
 * A UID means something as long as uidvalidity stays (RFC 9051 2.3.1.1). What writes opens a transaction of its own
 * where none is open. */
#ifndef LOCAL_MAILBOXES_H
#define LOCAL_MAILBOXES_H

#include <stdint.h>

#include "local/local.h"

struct mailbox_cursor {
  int64_t id;           /* of the folder; 0: not known, and not to be written to */
  uint32_t uidvalidity; /* 0: never read */
  uint32_t next_uid;    /* mails below were read */
  int64_t read_s;       /* when it was last read to its end; 0: never */
};
/* `account` is "user@host:port". Made where it is not there, but for a handle that only reads. */
int cursor_get(struct local *l, const char *account, const char *folder, struct mailbox_cursor *ret, struct err *e);
/* For this process alone, until `*ret_fd` is closed or the process ends: 1, or 0 where another one has it. The lock is
 * a byte of a file beside the database ("FILE-mailboxes"), which stays there, empty. */
int cursor_lock(struct local *l, int64_t mailbox, int *ret_fd, struct err *e);
/* The server has numbered its mails anew: reading begins at the first, and tasks are forgotten. */
int cursor_renumber(struct local *l, int64_t mailbox, uint32_t uidvalidity, struct err *e);
/* Mails below are read; never fewer than before. */
int cursor_advance(struct local *l, int64_t mailbox, uint32_t next_uid, struct err *e);
/* The same, and the folder was read to its end. */
int cursor_finish(struct local *l, int64_t mailbox, uint32_t next_uid, int64_t now_s, struct err *e);

enum mailbox_task {
  TASK_STORED, /* the reports of the mail are here: to be moved, flagged or deleted */
  TASK_FAILED, /* it held none, or one that could not be stored: to be moved away */
  TASK_COPIED, /* it was copied to where it is to be: to be deleted */
};
int task_add(struct local *l, int64_t mailbox, uint32_t uid, enum mailbox_task task, struct err *e);
/* The lowest `most` UIDs with this task, ascending: their number, or a code. */
int task_list(struct local *l, int64_t mailbox, enum mailbox_task task, uint32_t *ret_uids, uint32_t most,
              struct err *e);
int task_mark(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, enum mailbox_task task,
              struct err *e);
int task_remove(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, struct err *e);

#endif
