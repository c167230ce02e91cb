/* SPDX-License-Identifier: Apache-2.0 */
/* A folder, whatever happens to its connections: what its files share. mailbox.c connects, finds and acts; reading.c
 * reads mails. One thread at a time. Private to imap/. */
#ifndef IMAP_FOLDER_H
#define IMAP_FOLDER_H

#include "imap/imap.h"
#include "imap/session.h"
#include "mailbox/patience.h"

struct imap_mailbox {
  struct mail_folder base;
  struct session *session; /* NULL: there is no connection */
  bool open, writing;      /* the folder is selected, and with SELECT rather than EXAMINE */
  bool moves_not;          /* MOVE does not work, although the server lists it */
  struct patience patience;

  uint32_t uidvalidity;
  uint32_t next_uid;  /* see mail_folder_next_uid */
  uint32_t first_new; /* mails below it were asked for by an earlier run */
  uint32_t *uids;     /* to be handed out, ascending */
  uint32_t count;
  uint32_t asked; /* index in `uids`: those below it were requested, or handed out */
  uint64_t sizes[IMAP_SIZES];
  uint32_t sizes_begin, sizes_end; /* indexes in `uids`: whose sizes these are */
  bool sizing;                     /* they are being requested */
  bool sizes_not;                  /* the server does not give sizes */

  struct imap_batch *ready; /* being handed out */
  unsigned ready_at;
  struct imap_batch *under_way[2]; /* oldest first; NULL: none */
  int owed;                        /* the failure that follows the mails that are ready: a code, or 0 */
  struct err owed_err;

  /* the search for a mail at which the server closes the connection */
  unsigned most;       /* limit of mails to request at once */
  uint32_t narrow_end; /* index in `uids`: that mail is below it */
  unsigned hung_up;    /* how often in a row, when the first of the uids alone was requested */

  /* refused mails and those after them, held back until the server sends another one: only then is the mail at fault */
  struct remote_mail *held;
  uint32_t held_count, held_capacity, held_at;
  bool held_free;   /* they may be handed out */
  unsigned refused; /* how many of them, in a row */
  bool busy;        /* the server asks for patience over one of them */
  bool given;       /* the server has sent a mail since the folder was found */
};

/* Closes the connection, if there is one. */
void mailbox_drop_session(struct imap_mailbox *m);
/* Connects and selects the folder, unless it is. Errors as in mail_folder.h; ERR_NOT_FOUND also if the folder now has
 * another uidvalidity. Nothing is retried. */
int mailbox_reopen(struct imap_mailbox *m, bool writing, struct err *e);
/* To be called after a failure with `code`. 0: try again, on a new connection; the pause is over. Else the code to
 * return (mailbox/patience.h). */
int mailbox_recover(struct imap_mailbox *m, int code, struct err *e);

/* Drops all mails that are requested, ready or held. In reading.c. */
void reading_reset(struct imap_mailbox *m);
/* Functions of IMAP_PROTOCOL (mailbox/protocol.h). */
int reading_next(struct mail_folder *f, struct remote_mail *ret, struct err *e);
void reading_rest(struct mail_folder *f);

#endif
