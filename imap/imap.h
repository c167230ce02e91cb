/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a folder on an IMAP server (RFC 9051, RFC 3501), and what is to be done with them there afterwards.
 *
 * libcurl connects, secures the connection and logs in; the dialogue on top is this room's own. To it a mail is bytes
 * with a UID. Reports and the database are the caller's, who also says which mails are new and which may be moved.
 *
 * Only imap_mailbox_act changes anything on the server: reading uses EXAMINE and BODY.PEEK. */
#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/err.h"
#include "base/stop.h"
#include "base/text_list.h"

/* Errors of this room, besides their general meaning:
 *   ERR_IO           the connection failed, or the disk here; ERR_BUSY: the server asks to come back later. Both were
 *                    retried as often as the account says.
 *   ERR_DENIED       the password or token was refused: the same one will be again
 *   ERR_USAGE        refused: the certificate, the folder, a command; or the account makes no sense
 *   ERR_NOT_FOUND    the folder does not exist
 *   ERR_FORMAT, ERR_LIMIT  the server does not speak intelligible IMAP, or more of it than a limit allows
 *   ERR_INTERRUPTED  the caller's watch says stop
 * Messages quote the server's own words, and never a secret. */

/* Call once before the first thread, and once at the end. */
void imap_library_init(void);
void imap_library_clear(void);

/* --- whose mails -------------------------------------------------------------------------------------------------- */

enum imap_auth { IMAP_AUTH_ANY, IMAP_AUTH_PLAIN, IMAP_AUTH_LOGIN, IMAP_AUTH_XOAUTH2, IMAP_AUTH_OAUTHBEARER };

/* What becomes of a mail whose reports are stored. */
enum imap_after { IMAP_AFTER_NOTHING, IMAP_AFTER_MOVE, IMAP_AFTER_FLAG, IMAP_AFTER_DELETE };

/* OAuth 2.0 access tokens (RFC 6750) from whoever makes the account, where no command gives them. Any thread may ask.
 */
struct imap_tokens {
  /* One for a login into `ret` of SECRET_BYTES (base/secret_source.h), which the caller wipes. Its failures are treated
   * as those of the mail server: see above. */
  int (*get)(struct imap_tokens *t, const struct stop *stop, char *ret, struct err *e);
  /* The mail server refused it. True: another one may help, and is asked for at once. */
  bool (*refused)(struct imap_tokens *t);
  void (*free)(struct imap_tokens *t);
};

/* An account and those of its folders that are read: filled from a URL and options, or from a configuration file. Texts
 * are owned; NULL if not given. */
struct imap_account {
  char *host; /* lower case; an IPv6 address without its brackets */
  unsigned port;
  char *user;
  bool implicit_tls; /* imaps://. Else STARTTLS, without which nobody logs in, but: */
  bool allow_plain;  /* without TLS where the server offers none. On a loopback address always so, unless ca_file or pin
                        is set */
  char *ca_file;     /* PEM: trusted instead of the system's authorities */
  char *pin;         /* "sha256//BASE64[;...]" of the server's public key (RFC 7469 2.4). With ca_file both must hold.
                        Without it the key alone is the proof, whatever its certificate says: made for self-signed ones.
                        A key that is known is stronger than any authority's word for a name. */
  enum imap_auth auth;
  char *password_command, *password_file; /* else $DMARCCTL_PASSWORD, else ~/.netrc */
  char *token_command;                    /* OAuth 2.0 access token (RFC 6750) instead of a password */
  struct imap_tokens *tokens;             /* the same. A copy of the account has none */
  char **folders;                         /* UTF-8; "/" parts levels whatever the server's sign is. INBOX where empty */
  unsigned folder_count;
  struct text_list trusted_authservs; /* whose Authentication-Results count in its mails (intake/intake.h) */
  enum imap_after after;
  char *after_folder;  /* of IMAP_AFTER_MOVE */
  char *after_flag;    /* of IMAP_AFTER_FLAG: as on the wire: "\Seen", "$dmarcctl" */
  char *failed_folder; /* where mails go that hold no report, or one that could not be stored; NULL: they stay */
  int64_t since_s;     /* mails that came before this day stay unread; IMAP_SINCE_EVER: all are read */
  uint32_t most;       /* mails to read from a folder at once; 0: all. The next time goes on behind them */
  uint64_t mail_bytes; /* larger mails stay unread: 64 MiB */
  uint32_t timeout_s;  /* silence of the server: 60. Connecting may take twice, one command 20 times this */
  uint32_t retries;    /* in a row without a new mail: 4, after 1, 2, 4, 8, ... seconds */
  uint32_t max_wait_s; /* longest pause that a server may ask for: 300. Beyond it ERR_BUSY says when to come back */
};

#define IMAP_SINCE_EVER INT64_MIN

void imap_account_init(struct imap_account *a);
void imap_account_clear(struct imap_account *a);
void imap_account_copy(struct imap_account *ret, const struct imap_account *a); /* ret is overwritten */

/* Does it begin with imap:// or imaps://? */
bool imap_url_is_one(const char *text);
/* "imaps://user@host[:port][/FOLDER]" (RFC 5092), percent-encoded where needed; ";AUTH=..." behind the user is heeded.
 * FOLDER is added to the account's. ERR_USAGE: no such URL, or one with a password, which others could read off the
 * process list; the message does not repeat it. */
int imap_account_set_url(struct imap_account *a, const char *url, struct err *e);
void imap_account_add_folder(struct imap_account *a, const char *folder);
/* "plain", "login", "xoauth2", "oauthbearer". */
int imap_account_set_auth(struct imap_account *a, const char *word, struct err *e);
/* "move:FOLDER", "flag", "flag:NAME", "delete". NAME: seen, flagged, answered, or a keyword. */
int imap_account_set_after(struct imap_account *a, const char *text, struct err *e);
int imap_account_set_pin(struct imap_account *a, const char *text, struct err *e);
/* What no setter can see: contradictions between them. Adds INBOX if no folder was named. */
int imap_account_finish(struct imap_account *a, struct err *e);
/* "user@host:port": the name of the account in the database. The caller frees. */
char *imap_account_name(const struct imap_account *a);
/* The URL of a folder, as people write it back: blanks and signs of URLs are percent-encoded, letters are not. */
char *imap_account_url(const struct imap_account *a, const char *folder);

/* --- a mail ------------------------------------------------------------------------------------------------------- */

enum imap_mail_state {
  IMAP_MAIL_MISSING,   /* not (yet) here; gone meanwhile */
  IMAP_MAIL_HERE,      /* its bytes are in memory or in `fd` */
  IMAP_MAIL_TOO_LARGE, /* larger than mail_bytes; only `size` is known */
  IMAP_MAIL_REFUSED,   /* the server does not hand it out; `reason` is what it says */
};

struct imap_mail {
  uint32_t uid;
  enum imap_mail_state state;
  uint64_t size;
  unsigned char *memory; /* small mails */
  int fd;                /* others: a file without a name in $TMPDIR; -1 */
  char *reason;
};
#define IMAP_MAIL_NONE \
  { .fd = -1 }
void imap_mail_clear(struct imap_mail *m);

/* The bytes of a mail, which must outlive it. */
struct imap_mail_stream {
  struct byte_stream stream;
  const struct imap_mail *mail;
  uint64_t at;
};
void imap_mail_stream_init(struct imap_mail_stream *s, const struct imap_mail *mail);

/* --- a folder ----------------------------------------------------------------------------------------------------- */

/* What other threads and signals tell a call in progress. All may be NULL. */
struct imap_watch {
  const volatile sig_atomic_t *interrupted; /* true: every call ends with ERR_INTERRUPTED within half a second */
  const bool *stopped;                      /* the same, read atomically */
  /* A sentence for people: what the server wants them to see (RFC 9051 7.1, ALERT), a long pause that it asks for. */
  void (*tell)(void *user, const char *sentence);
  void *user;
};

/* A folder and the connection to it, which is re-established as often as it breaks. One thread at a time. */
struct imap_mailbox;
/* Keeps `account`, `folder` and `watch`. Connects when first needed. */
struct imap_mailbox *imap_mailbox_new(const struct imap_account *account, const char *folder,
                                      const struct imap_watch *watch);
void imap_mailbox_free(struct imap_mailbox *m); /* accepts NULL; logs out */
/* The connection of `from`, a folder of the same account that is done with. */
void imap_mailbox_inherit(struct imap_mailbox *m, struct imap_mailbox *from);

/* Opens the folder for reading and lists the mails from `from_uid` on if the folder still has `uidvalidity`; if it has
 * another (or 0 is given), all of them. So it does where the server is about to give UIDs below `from_uid` once more,
 * because the folder was restored from a backup: `*ret_next_uid` then is below it, and only then. `*ret_uidvalidity` is
 * the folder's; mails below `*ret_next_uid` are those listed and older ones. `*ret_count` mails will be handed out at
 * most: no more than the account wants at once; those that came before its day are as good as read. */
int imap_mailbox_find(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, uint32_t *ret_uidvalidity,
                      uint32_t *ret_next_uid, uint32_t *ret_count, struct err *e);
/* Behind it: hands out these too, which are ascending and below what was listed. Returns how many mails that makes. */
uint32_t imap_mailbox_find_again(struct imap_mailbox *m, const uint32_t *uids, uint32_t count);
/* The next of the listed mails, by ascending UID: 1 and a mail to clear, 0 at the end, or a code. A mail that vanished
 * meanwhile is skipped. One that the server refuses, or over which it hangs up, is IMAP_MAIL_REFUSED; many of them are
 * ERR_BUSY instead, and so is a refusal with words of patience: nobody knows what they hold. Requests run ahead of what
 * is handed out: IMAP_BATCH mails or IMAP_BATCH_BYTES, twice. */
int imap_mailbox_next(struct imap_mailbox *m, struct imap_mail *ret, struct err *e);
/* For a caller that cannot take the next mail yet: reads what was requested, and shows the server once a minute that
 * somebody is there. Errors surface in the next call of another function. */
void imap_mailbox_rest(struct imap_mailbox *m);

enum imap_act { IMAP_ACT_MOVE, IMAP_ACT_COPY, IMAP_ACT_FLAG, IMAP_ACT_DELETE };
#define IMAP_ACT_MOST 200 /* mails of one call: a command line stays below 8000 bytes */
/* Opens the folder for writing, for the acts to come. `*ret_moves`: IMAP_ACT_MOVE is one step here; else it has to be
 * made of IMAP_ACT_COPY and IMAP_ACT_DELETE, so that the caller can record between them that the copy is there.
 * `*ret_expunges`: IMAP_ACT_DELETE takes mails away (UIDPLUS); else it only flags them as deleted. ERR_NOT_FOUND: the
 * folder has another uidvalidity now, so UIDs of before mean nothing. */
int imap_mailbox_prepare(struct imap_mailbox *m, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                         struct err *e);
/* Does it to all mails of `uids` that are still there. `text`: the folder to move or copy to, which is created where it
 * does not exist, or the flag. On failure it may have been done to some, but for IMAP_ACT_COPY, which is all or nothing
 * (RFC 9051 6.4.7). 1: the server turns out not to know IMAP_ACT_MOVE; imap_mailbox_prepare says so from now on. */
int imap_mailbox_act(struct imap_mailbox *m, enum imap_act act, const uint32_t *uids, uint32_t count, const char *text,
                     struct err *e);

/* What the server said of the next UID when the folder was last found; 0: it was not. */
uint32_t imap_mailbox_next_uid(const struct imap_mailbox *m);

/* Behind ERR_BUSY: when the server wants to be asked again (clock_now_s), or 0 where it did not say. */
double imap_mailbox_not_before(const struct imap_mailbox *m);

/* --- waiting for news --------------------------------------------------------------------------------------------- */

/* Begins to wait for new mail (IDLE, RFC 2177). 1: the server will notify us; 0: look again now and then. */
int imap_mailbox_idle_begin(struct imap_mailbox *m, struct err *e);
/* The socket to poll for reading while waiting. */
int imap_mailbox_idle_fd(const struct imap_mailbox *m);
/* What came: 1 if there may be new mail, else 0. Does not wait. */
int imap_mailbox_idle_look(struct imap_mailbox *m, struct err *e);
int imap_mailbox_idle_end(struct imap_mailbox *m, struct err *e);

#endif
