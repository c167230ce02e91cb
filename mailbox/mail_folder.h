/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of mails on a server, whatever the protocol: reads new mails, and acts on them there afterwards. What a
 * protocol has to provide for that is in protocol.h.
 *
 * A mail here is bytes with a UID (RFC 9051 2.3.1.1). Reports and the database are the caller's business, and so is the
 * decision which mails are new and which may be moved. Only mail_folder_act changes anything on the server. */
#ifndef MAILBOX_MAIL_FOLDER_H
#define MAILBOX_MAIL_FOLDER_H

#include "mailbox/account.h"
#include "mailbox/mail_names.h"
#include "mailbox/remote_mail.h"
#include "mailbox/wait.h"

/* Errors, besides their general meaning:
 *   ERR_IO           the connection failed, or a temporary file could not be written
 *   ERR_BUSY         the server asks to come back later. Like ERR_IO this is returned only after the account's retries
 *   ERR_DENIED       the password or token was refused, and would be refused again
 *   ERR_USAGE        the certificate was not accepted, or the server refused the folder or a command; or the account's
 *                    settings are wrong
 *   ERR_NOT_FOUND    the folder does not exist
 *   ERR_FORMAT       the server violates its protocol
 *   ERR_LIMIT        the server sends more than a limit allows
 *   ERR_INTERRUPTED  the caller's watch asked to stop
 * Messages quote the server's own words, and never a secret. */

/* Initialises libcurl for the process, and releases it. Call the first before any thread starts, the second at the
 * end. */
void mail_library_init(void);
void mail_library_clear(void);

/* A folder and the connection to it, which is re-established when it breaks. One thread at a time. */
struct mail_folder;
struct mail_protocol;
/* All arguments are borrowed and must outlive the folder. Connects when first needed. */
struct mail_folder *mail_folder_new(const struct mail_protocol *protocol, const struct mail_account *account,
                                    const char *folder, const struct mail_watch *watch);
void mail_folder_free(struct mail_folder *f); /* accepts NULL; logs out */
/* Takes over the connection of `from`, a folder of the same account that is no longer needed. */
void mail_folder_inherit(struct mail_folder *f, struct mail_folder *from);

/* Connects, logs in and opens the folder for reading, once and without retries. No mail is read, and nothing changes.
 * `*ret_mails` is the number of mails in it. On failure `*ret_let_in` says whether the login succeeded: if so, only
 * this folder is affected; if not, the account's other folders would fail as well. */
int mail_folder_try(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e);

/* For servers that identify mails by names instead of UIDs: the numbers of these names (mail_names.h), which serve as
 * UIDs. The caller puts in the stored ones before mail_folder_find, and stores what has changed after it. They belong
 * to the folder. NULL if the server has UIDs. */
struct mail_names *mail_folder_names(struct mail_folder *f);

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What a folder has to be read. */
struct mail_listing {
  uint32_t uidvalidity;
  uint32_t next_uid; /* all mails below it are listed, or older than the listed ones */
  uint32_t count;    /* upper limit of the mails that will be handed out; no more than `most` of the account */
  bool restored;     /* from a backup: UIDs below `from_uid` are, or may have been, assigned a second time */
};
/* Opens the folder for reading. If it still has `uidvalidity`, lists the mails from `from_uid` on; if it has another (0
 * matches none), or was restored, lists all of them. `marks` is what mail_folder_mark returned, or the link of
 * mail_folder_names; NULL if there is neither. Mails that arrived before the account's `since_s` are left out. */
int mail_folder_find(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                     struct mail_listing *ret, struct err *e);
/* By what the mails right below `below_uid` can be recognised, should their UIDs be assigned to others one day: a line
 * of ASCII for the next mail_folder_find. The caller frees. NULL: the server does not say, or the protocol needs none.
 */
int mail_folder_mark(struct mail_folder *f, uint32_t below_uid, char **ret, struct err *e);
/* After mail_folder_find: adds these UIDs, ascending and below the listed ones, to what is handed out. Those that are
 * listed already are not added. Returns how many mails will be handed out in all. */
uint32_t mail_folder_find_again(struct mail_folder *f, const uint32_t *uids, uint32_t count);
/* The next listed mail, by ascending UID: 1 with a mail that the caller clears, 0 at the end, or a code. A mail that is
 * gone by now is skipped. One that the server refuses to send, or at which it closes the connection, is
 * REMOTE_MAIL_REFUSED. If it does so with several in a row, or asks for patience, the result is ERR_BUSY instead, and
 * none of them counts as read: they may hold reports. */
int mail_folder_next(struct mail_folder *f, struct remote_mail *ret, struct err *e);
/* To be called now and then by a caller that cannot take the next mail yet: reads what was already requested, and keeps
 * the server from closing an idle connection. Errors are returned by the next call of another function. */
void mail_folder_rest(struct mail_folder *f);

/* --- acting ------------------------------------------------------------------------------------------------------- */

enum mail_act { MAIL_ACT_MOVE, MAIL_ACT_COPY, MAIL_ACT_FLAG, MAIL_ACT_DELETE };
#define MAIL_ACT_MOST 200 /* limit of mails per call: a command line of IMAP stays below 8000 bytes */
/* Opens the folder for writing, before mail_folder_act. `*ret_moves`: MAIL_ACT_MOVE is a single step on this server;
 * otherwise the caller has to use MAIL_ACT_COPY and MAIL_ACT_DELETE, and can record in between that the copy exists.
 * `*ret_expunges`: MAIL_ACT_DELETE removes mails; otherwise it only flags them as deleted. ERR_NOT_FOUND also if the
 * folder now has another uidvalidity, so that earlier UIDs mean nothing. */
int mail_folder_prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                        struct err *e);
/* Does `act` to all mails of `uids` that still exist; the UIDs ascend. `text` is the folder to move or copy to, which
 * is created if it does not exist, or the flag; NULL for MAIL_ACT_DELETE. On failure some mails may have been acted on,
 * except with MAIL_ACT_COPY, which is all or nothing. 1: the server turns out not to support MAIL_ACT_MOVE, and
 * mail_folder_prepare says so from now on. */
int mail_folder_act(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                    struct err *e);

/* --- how it stands ------------------------------------------------------------------------------------------------ */

/* The next UID that the server would assign, as of the last mail_folder_find; 0: none succeeded. */
uint32_t mail_folder_next_uid(const struct mail_folder *f);
/* After ERR_BUSY: when the server wants to be asked again (seconds of clock_now_s); 0: it did not say. */
double mail_folder_not_before(const struct mail_folder *f);

/* --- waiting for news --------------------------------------------------------------------------------------------- */

/* Starts waiting for new mail. 1: the server will announce it, until mail_folder_idle_end. 0: it cannot; the other
 * three functions must not be called then, and the caller has to look again now and then. */
int mail_folder_idle_begin(struct mail_folder *f, struct err *e);
/* The socket to poll for reading while waiting. */
int mail_folder_idle_fd(const struct mail_folder *f);
/* Reads what the server has announced, without waiting: 1 if there may be new mail, else 0. */
int mail_folder_idle_look(struct mail_folder *f, struct err *e);
/* Stops waiting. The folder can then be used as before. */
int mail_folder_idle_end(struct mail_folder *f, struct err *e);

#endif
