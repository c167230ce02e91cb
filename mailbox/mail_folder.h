/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of mails on a server, whatever the protocol: new mails out of it, and what is to be done with them there
 * afterwards. What a protocol has to do for that is in protocol.h.
 *
 * To these rooms a mail is bytes with a UID. Reports and the database are the caller's, who also says which mails are
 * new and which may be moved. Only mail_folder_act changes anything on the server. */
#ifndef MAILBOX_MAIL_FOLDER_H
#define MAILBOX_MAIL_FOLDER_H

#include "mailbox/account.h"
#include "mailbox/mail_names.h"
#include "mailbox/remote_mail.h"
#include "mailbox/wait.h"

/* Errors, besides their general meaning:
 *   ERR_IO           the connection failed, or the disk here; ERR_BUSY: the server asks to come back later. Both were
 *                    retried as often as the account says.
 *   ERR_DENIED       the password or token was refused: the same one will be again
 *   ERR_USAGE        refused: the certificate, the folder, a command; or the account makes no sense
 *   ERR_NOT_FOUND    the folder does not exist
 *   ERR_FORMAT, ERR_LIMIT  the server does not speak its protocol intelligibly, or more of it than a limit allows
 *   ERR_INTERRUPTED  the caller's watch says stop
 * Messages quote the server's own words, and never a secret. */

/* Call once before the first thread, and once at the end. */
void mail_library_init(void);
void mail_library_clear(void);

/* A folder and the connection to it, which is re-established as often as it breaks. One thread at a time. */
struct mail_folder;
struct mail_protocol;
/* Keeps all of them. Connects when first needed. */
struct mail_folder *mail_folder_new(const struct mail_protocol *protocol, const struct mail_account *account,
                                    const char *folder, const struct mail_watch *watch);
void mail_folder_free(struct mail_folder *f); /* accepts NULL; logs out */
/* The connection of `from`, a folder of the same account that is done with. */
void mail_folder_inherit(struct mail_folder *f, struct mail_folder *from);

/* Connects, logs in and opens the folder for reading, once and without a retry: no mail is looked at, and nothing
 * changes.
 * `*ret_mails` lie there. On failure `*ret_let_in` says whether it is the folder's alone; else those of the same
 * account fare no better. */
int mail_folder_try(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e);

/* Where the server gives its mails names, not UIDs: their numbers (mail_names.h). Before the folder is found the caller
 * puts in what is kept of them, behind it he keeps what changed; then mails can be told apart by UIDs as anywhere. NULL
 * where the server gives UIDs. */
struct mail_names *mail_folder_names(struct mail_folder *f);

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What a folder has for us. */
struct mail_listing {
  uint32_t uidvalidity;
  uint32_t next_uid; /* mails below it are those listed and older ones */
  uint32_t count;    /* mails that will be handed out at most: no more than the account wants at once */
  bool restored;     /* from a backup: the server gives, or has given, UIDs below `from_uid` once more */
};
/* Opens the folder for reading and lists the mails from `from_uid` on if the folder still has `uidvalidity`; if it has
 * another (or 0 is given), or was restored, all of them. `marks` are those of mail_folder_mark, or NULL. Mails that
 * came before the account's day are as good as read. */
int mail_folder_find(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                     struct mail_listing *ret, struct err *e);
/* What tells the mails right below `below_uid` from others that might get their UIDs one day: a line of ASCII for the
 * next mail_folder_find, to be freed. NULL: the server does not say, or the protocol needs none. */
int mail_folder_mark(struct mail_folder *f, uint32_t below_uid, char **ret, struct err *e);
/* Behind it: hands out these too, which are ascending and below what was listed. Returns how many mails that makes. */
uint32_t mail_folder_find_again(struct mail_folder *f, const uint32_t *uids, uint32_t count);
/* The next of the listed mails, by ascending UID: 1 and a mail to clear, 0 at the end, or a code. A mail that vanished
 * meanwhile is skipped. One that the server refuses, or over which it hangs up, is REMOTE_MAIL_REFUSED; many of them
 * are ERR_BUSY instead, and so is a refusal with words of patience: nobody knows what they hold. */
int mail_folder_next(struct mail_folder *f, struct remote_mail *ret, struct err *e);
/* For a caller that cannot take the next mail yet: reads what was requested, and shows the server once a minute that
 * somebody is there. Errors surface in the next call of another function. */
void mail_folder_rest(struct mail_folder *f);

/* --- acting ------------------------------------------------------------------------------------------------------- */

enum mail_act { MAIL_ACT_MOVE, MAIL_ACT_COPY, MAIL_ACT_FLAG, MAIL_ACT_DELETE };
#define MAIL_ACT_MOST 200 /* mails of one call: a command line of IMAP stays below 8000 bytes */
/* Opens the folder for writing, for the acts to come. `*ret_moves`: MAIL_ACT_MOVE is one step here; else it has to be
 * made of MAIL_ACT_COPY and MAIL_ACT_DELETE, so that the caller can record between them that the copy is there.
 * `*ret_expunges`: MAIL_ACT_DELETE takes mails away; else it only flags them as deleted. ERR_NOT_FOUND: the folder has
 * another uidvalidity now, so UIDs of before mean nothing. */
int mail_folder_prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                        struct err *e);
/* Does it to all mails of `uids` that are still there. `text`: the folder to move or copy to, which is created where it
 * does not exist, or the flag. On failure it may have been done to some, but for MAIL_ACT_COPY, which is all or
 * nothing. 1: the server turns out not to know MAIL_ACT_MOVE; mail_folder_prepare says so from now on. */
int mail_folder_act(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                    struct err *e);

/* --- how it stands ------------------------------------------------------------------------------------------------ */

/* What the server said of the next UID when the folder was last found; 0: it was not. */
uint32_t mail_folder_next_uid(const struct mail_folder *f);
/* Behind ERR_BUSY: when the server wants to be asked again (clock_now_s), or 0 where it did not say. */
double mail_folder_not_before(const struct mail_folder *f);

/* --- waiting for news --------------------------------------------------------------------------------------------- */

/* Begins to wait for new mail. 1: the server will notify us; 0: look again now and then. */
int mail_folder_idle_begin(struct mail_folder *f, struct err *e);
/* The socket to poll for reading while waiting. */
int mail_folder_idle_fd(const struct mail_folder *f);
/* What came: 1 if there may be new mail, else 0. Does not wait. */
int mail_folder_idle_look(struct mail_folder *f, struct err *e);
int mail_folder_idle_end(struct mail_folder *f, struct err *e);

#endif
