/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mails on which server are to be read, and what becomes of them there: an account as users write it, by a URL
 * and some words beside it. */
#ifndef MAILBOX_ACCOUNT_H
#define MAILBOX_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"
#include "base/text_list.h"

/* What the server speaks. */
enum mail_kind { MAIL_IMAP, MAIL_POP3, MAIL_GRAPH };

enum mail_auth { MAIL_AUTH_ANY, MAIL_AUTH_PLAIN, MAIL_AUTH_LOGIN, MAIL_AUTH_XOAUTH2, MAIL_AUTH_OAUTHBEARER };

/* What becomes of a mail whose reports are stored. */
enum mail_after { MAIL_AFTER_NOTHING, MAIL_AFTER_MOVE, MAIL_AFTER_FLAG, MAIL_AFTER_DELETE };

/* OAuth 2.0 access tokens (RFC 6750) from whoever makes the account, where no command gives them. Any thread may ask.
 */
struct mail_tokens {
  /* One for a login into `ret` of SECRET_BYTES (base/secret_source.h), which the caller wipes. Its failures are treated
   * as those of the mail server (mail_folder.h). */
  int (*get)(struct mail_tokens *t, const struct stop *stop, char *ret, struct err *e);
  /* The mail server refused it. True: another one may help, and is asked for at once. */
  bool (*refused)(struct mail_tokens *t);
  void (*free)(struct mail_tokens *t);
};

/* An account and those of its folders that are read: filled from a URL and options, or from a configuration file. Texts
 * are owned; NULL if not given. */
struct mail_account {
  enum mail_kind kind;
  char *host; /* lower case; an IPv6 address without its brackets. Of Graph the tenant: its domain or id */
  unsigned port;
  char *user;
  bool implicit_tls; /* imaps://, pop3s://. Else STARTTLS (STLS), without which nobody logs in, but: */
  bool allow_plain;  /* without TLS where the server offers none. On a loopback address always so, unless ca_file or pin
                        is set */
  char *ca_file;     /* PEM: trusted instead of the system's authorities */
  char *pin;         /* "sha256//BASE64[;...]" of the server's public key (RFC 7469 2.4). With ca_file both must hold.
                        Without it the key alone is the proof, whatever its certificate says: made for self-signed ones.
                        A key that is known is stronger than any authority's word for a name. */
  char *graph_url;   /* the service of MAIL_GRAPH, with its version; MAIL_GRAPH_URL */
  enum mail_auth auth;
  char *password_command, *password_file; /* else $DMARCCTL_PASSWORD, else ~/.netrc */
  char *token_command;                    /* OAuth 2.0 access token (RFC 6750) instead of a password */
  struct mail_tokens *tokens;             /* the same. A copy of the account has none */
  char **folders;                         /* UTF-8; "/" parts levels whatever the server's sign is. INBOX where empty */
  unsigned folder_count;
  struct text_list trusted_authservs; /* whose Authentication-Results count in its mails (intake/intake.h) */
  enum mail_after after;
  char *after_folder;  /* of MAIL_AFTER_MOVE */
  char *after_flag;    /* of MAIL_AFTER_FLAG: as on the wire: "\Seen", "$dmarcctl" */
  char *failed_folder; /* where mails go that hold no report, or one that could not be stored; NULL: they stay */
  int64_t since_s;     /* mails that came before this day stay unread; MAIL_SINCE_EVER: all are read */
  uint32_t most;       /* mails to read from a folder at once; 0: all. The next time goes on behind them */
  uint64_t mail_bytes; /* larger mails stay unread: 64 MiB */
  uint32_t timeout_s;  /* silence of the server: 60. Connecting may take twice, one command 20 times this */
  uint32_t retries;    /* in a row without a new mail: 4, after 1, 2, 4, 8, ... seconds */
  uint32_t max_wait_s; /* longest pause that a server may ask for: 300. Beyond it ERR_BUSY says when to come back */
};

#define MAIL_SINCE_EVER INT64_MIN
#define MAIL_GRAPH_URL "https://graph.microsoft.com/v1.0"

void mail_account_init(struct mail_account *a);
void mail_account_clear(struct mail_account *a);
void mail_account_copy(struct mail_account *ret, const struct mail_account *a); /* ret is overwritten */

/* Does it begin with imap:// or imaps://? */
bool mail_url_is_one(const char *text);
/* "imaps://user@host[:port][/FOLDER]" (RFC 5092), percent-encoded where needed; ";AUTH=..." behind the user is heeded.
 * FOLDER is added to the account's. ERR_USAGE: no such URL, or one with a password, which others could read off the
 * process list; the message does not repeat it. */
int mail_account_set_url(struct mail_account *a, const char *url, struct err *e);
void mail_account_add_folder(struct mail_account *a, const char *folder);
/* "plain", "login", "xoauth2", "oauthbearer". */
int mail_account_set_auth(struct mail_account *a, const char *word, struct err *e);
/* "move:FOLDER", "flag", "flag:NAME", "delete". NAME: seen, flagged, answered, or a keyword. */
int mail_account_set_after(struct mail_account *a, const char *text, struct err *e);
int mail_account_set_pin(struct mail_account *a, const char *text, struct err *e);
/* What no setter can see: contradictions between them. Adds INBOX if no folder was named. */
int mail_account_finish(struct mail_account *a, struct err *e);
/* "user@host:port": the name of the account in the database. The caller frees. */
char *mail_account_name(const struct mail_account *a);
/* The URL of a folder, as people write it back: blanks and signs of URLs are percent-encoded, letters are not. */
char *mail_account_url(const struct mail_account *a, const char *folder);

#endif
