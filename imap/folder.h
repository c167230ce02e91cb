/* SPDX-License-Identifier: Apache-2.0 */
/* A folder over connections that break: what its files share. mailbox.c has connections, finding and acting; reading.c
 * has the mails. Private to imap/. */
#ifndef IMAP_FOLDER_H
#define IMAP_FOLDER_H

#include "imap/imap.h"
#include "imap/session.h"
#include "mailbox/patience.h"

struct imap_mailbox {
  struct mail_folder base;
  struct session *session; /* NULL: to be made */
  bool open, writing;      /* the folder is, and how */
  bool moves_not;          /* whatever the server lists */
  struct patience patience;

  uint32_t uidvalidity;
  uint32_t next_uid; /* the server's, when the folder was found; 0: it was not */
  uint32_t *uids;    /* to be handed out */
  uint32_t count;
  uint32_t asked; /* uids below were asked for, or handed out */
  uint64_t sizes[IMAP_SIZES];
  uint32_t sizes_begin, sizes_end; /* of which uids */
  bool sizing;                     /* they are being asked for */
  bool sizes_not;                  /* the server does not tell them */

  struct imap_batch *ready; /* being handed out */
  unsigned ready_at;
  struct imap_batch *under_way[2]; /* oldest first; NULL: none */
  int owed;                        /* what stopped the server behind the mails that are ready: a code, or 0 */
  struct err owed_err;

  /* in search of a mail that makes the server hang up */
  unsigned most;       /* mails to ask for at once */
  uint32_t narrow_end; /* it is among the uids below */
  unsigned hung_up;    /* times in a row, over the first of the uids alone */

  /* mails that are not here, kept back until the server gives another one: else it is not the mails' fault */
  struct remote_mail *held;
  uint32_t held_count, held_capacity, held_at;
  bool held_free;   /* to be handed out */
  unsigned refused; /* of them, in a row */
  bool given;       /* any mail was, since it was found */
};

void mailbox_drop_session(struct imap_mailbox *m);
/* Opens the folder again where it is not open; ERR_NOT_FOUND where it has another uidvalidity by now. */
int mailbox_reopen(struct imap_mailbox *m, bool writing, struct err *e);
/* Whether to try again after `code`: 0 yes, after a pause and on a new connection; else the code. */
int mailbox_recover(struct imap_mailbox *m, int code, struct err *e);

/* Nothing is asked for, ready or held any more, in reading.c. */
void reading_reset(struct imap_mailbox *m);
/* Of the protocol (mailbox/protocol.h). */
int reading_next(struct mail_folder *f, struct remote_mail *ret, struct err *e);
void reading_rest(struct mail_folder *f);

#endif
