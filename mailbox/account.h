/* SPDX-License-Identifier: Apache-2.0 */
/* An account on a mail server, as users describe it with a URL and options: whose mails are read, how to log in, and
 * what becomes of the mails afterwards. */
#ifndef MAILBOX_ACCOUNT_H
#define MAILBOX_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"
#include "base/text_list.h"

/* The protocol of the server. */
enum mail_kind { MAIL_IMAP, MAIL_POP3, MAIL_GRAPH };

/* How to authenticate: a SASL mechanism (RFC 4616, 7628; LOGIN and XOAUTH2 have no RFC), or any that both sides know.
 */
enum mail_auth { MAIL_AUTH_ANY, MAIL_AUTH_PLAIN, MAIL_AUTH_LOGIN, MAIL_AUTH_XOAUTH2, MAIL_AUTH_OAUTHBEARER };

/* What is done with a mail on the server once its reports are stored. */
enum mail_after { MAIL_AFTER_NOTHING, MAIL_AFTER_MOVE, MAIL_AFTER_FLAG, MAIL_AFTER_DELETE };

/* A source of OAuth 2.0 access tokens (RFC 6750), provided by whoever makes the account, for accounts without a token
 * command. Any thread may call it. */
struct mail_tokens {
  /* Writes a token for one login into `ret`, which has SECRET_BYTES (base/secret_source.h) and is wiped by the caller.
   * 0, or a code that is treated like a failure of the mail server (mail_folder.h). */
  int (*get)(struct mail_tokens *t, const struct stop *stop, char *ret, struct err *e);
  /* Reports that the mail server refused the last token. True: another one may be accepted, and is to be asked for. */
  bool (*refused)(struct mail_tokens *t);
  void (*free)(struct mail_tokens *t);
};

/* An account and the folders that are read from it, filled from a command line or a configuration file. It owns its
 * texts, which are NULL if not given. */
struct mail_account {
  enum mail_kind kind;
  char *host; /* lower case; an IPv6 address without its brackets. For MAIL_GRAPH the tenant: its domain or id */
  unsigned port;
  char *user;
  bool implicit_tls; /* imaps://, pop3s:// (RFC 8314 3). Else STARTTLS or STLS (RFC 2595) is required before login,
                        unless: */
  bool allow_plain;  /* a server that offers no TLS may be used without. Always allowed for a loopback address, unless
                        ca_file or pin is set */
  char *ca_file;     /* a file of PEM certificates, trusted instead of the system's authorities */
  char *pin;         /* "sha256//BASE64[;...]" of the server's public key (RFC 7469 2.4). With ca_file both must match.
                        Without it the key alone is checked, whatever the certificate says, so that self-signed
                        certificates can be used. A known key is stronger proof than an authority's signature. */
  char *graph_url;   /* base URL of the service for MAIL_GRAPH, with its version; NULL: MAIL_GRAPH_URL */
  enum mail_auth auth;
  char *password_command, *password_file; /* if neither is given, $DMARCCTL_PASSWORD, then ~/.netrc */
  char *token_command;                    /* prints an OAuth 2.0 access token (RFC 6750), used instead of a password */
  struct mail_tokens *tokens;             /* the same. mail_account_clear frees it; a copy has none */
  char **folders; /* UTF-8; "/" separates levels, whatever the server's delimiter. INBOX if empty */
  unsigned folder_count;
  struct text_list trusted_authservs; /* whose Authentication-Results count in its mails (intake/intake.h) */
  enum mail_after after;
  char *after_folder;  /* of MAIL_AFTER_MOVE */
  char *after_flag;    /* of MAIL_AFTER_FLAG: as on the wire: "\Seen", "$dmarcctl" */
  char *failed_folder; /* where mails without a report go, or with one that could not be stored; NULL: they stay */
  int64_t since_s; /* mails that arrived before this are not read (Unix time of a day); MAIL_SINCE_EVER: all are read */
  uint32_t most;   /* mails to read from a folder in one run; 0: all. The next run continues after them */
  uint64_t mail_bytes; /* larger mails are not read. Default: 64 MiB */
  uint32_t timeout_s;  /* longest silence of the server. Default: 60. Connecting may take twice as long, one command 20
                          times */
  uint32_t retries;    /* in a row without a new mail, after 1, 2, 4, 8, ... seconds. Default: 4 */
  uint32_t max_wait_s; /* longest pause that a server may ask for. Default: 300. Longer ones end with ERR_BUSY
                          (mail_folder.h) */
};

#define MAIL_SINCE_EVER INT64_MIN
#define MAIL_GRAPH_URL "https://graph.microsoft.com/v1.0"

/* The defaults named above. */
void mail_account_init(struct mail_account *a);
void mail_account_clear(struct mail_account *a);
void mail_account_copy(struct mail_account *ret, const struct mail_account *a); /* ret is overwritten */

/* Does it begin with one of imap://, imaps://, pop3://, pop3s:// and graph://? */
bool mail_url_is_one(const char *text);
/* Takes kind, host, port, user and folder from "imaps://user@host[:port][/FOLDER]" (RFC 5092; RFC 2384 for POP3), or
 * "graph://user@TENANT[/FOLDER]". ";AUTH=..." after the user sets `auth`. FOLDER is added to the account's folders.
 * ERR_USAGE: not such a URL, or one with a password, which every user of this machine could see in the process list;
 * the message does not repeat it. */
int mail_account_set_url(struct mail_account *a, const char *url, struct err *e);
/* Adds a folder, in UTF-8, unless it is there already. */
void mail_account_add_folder(struct mail_account *a, const char *folder);
/* "plain", "login", "xoauth2" or "oauthbearer". This one and the next return 0, or ERR_USAGE if the text is invalid. */
int mail_account_set_auth(struct mail_account *a, const char *word, struct err *e);
/* "move:FOLDER", "flag", "flag:NAME" or "delete". NAME is seen, flagged, answered, or a keyword (RFC 9051 2.3.2). */
int mail_account_set_after(struct mail_account *a, const char *text, struct err *e);
/* As `pin` has it. */
int mail_account_set_pin(struct mail_account *a, const char *text, struct err *e);
/* To be called once everything is set: checks what no single setter can see, that the settings go together. Adds INBOX
 * if no folder was named. 0 or ERR_USAGE. */
int mail_account_finish(struct mail_account *a, struct err *e);
/* "user@host:port": the name of the account in the database. The caller frees. */
char *mail_account_name(const struct mail_account *a);
/* The URL of a folder, as people may type it: blanks and delimiters are percent-encoded (RFC 3986 2.1), letters of any
 * script are not. The caller frees. */
char *mail_account_url(const struct mail_account *a, const char *folder);

#endif
