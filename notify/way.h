/* SPDX-License-Identifier: Apache-2.0 */
/* A way by which a message reaches somebody, as users describe it: mail, a web service, a command. */
#ifndef NOTIFY_WAY_H
#define NOTIFY_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text_list.h"

enum way_kind { WAY_UNSAID, WAY_MAIL, WAY_WEB, WAY_COMMAND };

#define WAY_RECIPIENTS_MOST 50 /* RFC 5321 4.5.3.1.8 lets a server take no more than 100 */

/* Texts are owned. */
struct way {
  enum way_kind kind;
  struct text_list recipients; /* WAY_MAIL: addresses */
  char *url;                   /* WAY_WEB */
  char *command;               /* WAY_COMMAND: a line for /bin/sh */

  char *from;                  /* the sender's address; NULL: the sendmail command knows it */
  char *sendmail;              /* a command that takes a mail and finds its recipients in it; NULL: the usual one */
  char *smtp_host, *smtp_user; /* a server in its place; user NULL: it asks for none */
  uint32_t smtp_port;
  bool smtp_is_tls;                       /* TLS from the first byte; else STARTTLS */
  char *password_command, *password_file; /* for `smtp_user` */
  char *token_command;                    /* an OAuth 2.0 access token: for `smtp_user`, or for the web service */
  char *secret_command, *secret_file;     /* what requests are signed with */

  char *ca_file, *pin;  /* as in http/trust.h */
  bool allow_plain;     /* mail may go without TLS where the server offers none */
  uint32_t timeout_s;   /* longest silence of the other side */
  uint32_t retries;     /* tries after a failure, 1, 2, 4, ... seconds apart */
  uint32_t wait_most_s; /* longest time to wait for an other side that says how long */
};

void way_init(struct way *w);
void way_clear(struct way *w); /* accepts an initialised one */

/* "mailto:ADDRESS[,ADDRESS...]", "https://...", "exec:COMMAND". Messages quote no secret. ERR_USAGE. */
int way_set_to(struct way *w, const char *text, struct err *e);
/* An address: "user@example.com". */
int way_set_from(struct way *w, const char *text, struct err *e);
/* "smtps://[user@]host[:port]" (TLS, port 465) or "smtp://[user@]host[:port]" (STARTTLS, port 587). */
int way_set_smtp(struct way *w, const char *url, struct err *e);
/* Says what is missing, or does not go together. */
int way_finish(struct way *w, struct err *e);

/* Where it leads to, for people: without what may be a secret, as the path of a web hook is. To be freed. */
char *way_shown(const struct way *w);
/* The same of some of the recipients of a mail, from this one on. To be freed. */
char *way_shown_to(const struct text_list *recipients, unsigned from);
/* Where it leads to, but for these. To be freed. */
char *way_shown_without(const struct way *w, const struct text_list *have);

/* Do all recipients of its mails stand in the list? By another way there are none, and nobody is missing. */
bool way_has_all(const struct way *w, const struct text_list *list);
/* Addresses as one text, with commas between, to be freed; and out of one (NULL: none) into a list, a few at most. */
char *way_addresses(const struct text_list *list);
void way_add_addresses(struct text_list *list, const char *text);

#endif
