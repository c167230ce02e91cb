/* SPDX-License-Identifier: Apache-2.0 */
/* Mailboxes: how far each folder of a mail server was read, and what is still to be done to its mails. Nothing here
 * talks to a server.
 *
 * UIDs keep their meaning as long as uidvalidity does not change (RFC 9051 2.3.1.1). Functions that write open a
 * transaction of their own if none is open. */
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
/* `account` is "user@host:port". Created if missing, unless the handle only reads. */
int cursor_get(struct local *l, const char *account, const char *folder, struct mailbox_cursor *ret, struct err *e);
/* Locks the folder for this process, until `*ret_fd` is closed or the process ends: 1, or 0 if another process has the
 * lock. The lock is a byte of a file beside the database ("FILE-mailboxes"), which stays there, empty. */
int cursor_lock(struct local *l, int64_t mailbox, int *ret_fd, struct err *e);
/* The server has renumbered its mails: reading starts again with the first, and tasks are forgotten. */
int cursor_renumber(struct local *l, int64_t mailbox, uint32_t uidvalidity, struct err *e);
/* Mails below `next_uid` have been read. The cursor never goes back. */
int cursor_advance(struct local *l, int64_t mailbox, uint32_t next_uid, struct err *e);
/* The same, and the folder has been read to its end. */
int cursor_finish(struct local *l, int64_t mailbox, uint32_t next_uid, int64_t now_s, struct err *e);

/* The marks that identified the last mails when the folder was read to its end, or the link at which the server's list
 * of changes continues; what they mean is up to another room. The caller frees `*ret`; NULL: not known, as after
 * cursor_renumber. */
int cursor_get_marks(struct local *l, int64_t mailbox, char **ret, struct err *e);
int cursor_put_marks(struct local *l, int64_t mailbox, const char *marks, struct err *e);

/* Records how an attempt to read the folder ended: `error` says what went wrong; NULL: nothing did. `url` is how the
 * origins of its documents begin. `server_next_uid` is the server's UIDNEXT; 0: the server did not say. */
int cursor_note(struct local *l, int64_t mailbox, const char *url, uint32_t server_next_uid, int64_t now_s,
                const char *error, struct err *e);

/* A folder as it was last seen. What is not known is FEEDBACK_TIME_UNKNOWN or NULL. */
struct mailbox_state {
  const char *account, *folder, *url;
  int64_t read_s;           /* last read to its end */
  int64_t tried_s, error_s; /* equal: the last try failed */
  const char *error;        /* the last one, however long ago */
  int64_t pending_uids;     /* given out by the server and not read, some perhaps not in use any more; -1: not known */
  int64_t pending_tasks;    /* mails that are still to be moved, flagged or deleted */
};
typedef int mailbox_state_fn(void *user, const struct mailbox_state *state, struct err *e);
/* In the order in which they were first met. Texts are valid until `fn` returns; a negative code of it ends the walk.
 */
int mailbox_state_each(struct local *l, mailbox_state_fn *fn, void *user, struct err *e);

/* Numbers for mails whose server gives them names instead (mailbox/mail_names.h). A name keeps its number until it is
 * removed, and a number is never used again. `came_s`: when the mail arrived, according to the server; INT64_MAX: it
 * does not say. */
int name_add(struct local *l, int64_t mailbox, uint32_t uid, const char *name, int64_t came_s, struct err *e);
int name_remove(struct local *l, int64_t mailbox, uint32_t uid, struct err *e);
typedef int name_fn(void *user, uint32_t uid, const char *name, int64_t came_s, struct err *e);
/* Ascending by number. A negative code of `fn` stops the walk. */
int name_each(struct local *l, int64_t mailbox, name_fn *fn, void *user, struct err *e);

enum mailbox_task {
  TASK_STORED, /* the reports of the mail are here: to be moved, flagged or deleted */
  TASK_FAILED, /* it held none, or one that could not be stored: to be moved away */
  TASK_COPIED, /* it has been copied to its destination: to be deleted */
};
int task_add(struct local *l, int64_t mailbox, uint32_t uid, enum mailbox_task task, struct err *e);
/* The lowest `most` UIDs from `from_uid` on with this task, ascending: their number, or a code. */
int task_list(struct local *l, int64_t mailbox, enum mailbox_task task, uint32_t from_uid, uint32_t *ret_uids,
              uint32_t most, struct err *e);
/* The server refuses to do it to this mail. Returns 1 if it first did so at `before_s` (Unix time) or earlier, else 0,
 * or a code. If this is the first time, `now_s` is kept as such. */
int task_refuse(struct local *l, int64_t mailbox, uint32_t uid, int64_t now_s, int64_t before_s, struct err *e);
/* Was it refused at `before_s` or earlier? 1, 0, or a code. */
int task_was_refused(struct local *l, int64_t mailbox, uint32_t uid, int64_t before_s, struct err *e);
int task_mark(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, enum mailbox_task task,
              struct err *e);
/* `left`: the mails have left the folder, so their names are removed too: a mail that is brought back is new. */
int task_remove(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, bool left, struct err *e);

#endif
