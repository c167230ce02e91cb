/* SPDX-License-Identifier: Apache-2.0 */
/* One session with a POP3 server, and the commands sent in it (RFC 1939). Message numbers hold within a session only.
 * Nothing is retried here: pop3.c decides what to do when a session breaks. One thread at a time. Private to pop3/. */
#ifndef POP3_POP3_SESSION_H
#define POP3_POP3_SESSION_H

#include "base/hashmap.h"
#include "mailbox/mail_folder.h"
#include "mailbox/transport.h"

#define POP3_LINE_BYTES 1024 /* limit of a line outside of mails; RFC 2449 4 allows 512 */
#define POP3_BUFFER_BYTES 16384

/* A mail as the session lists it. */
struct pop3_mail {
  uint32_t number;
  uint64_t size; /* in bytes, as LIST says (RFC 1939 5); 0: not known */
  uint32_t same; /* mails that have this unique-id: of more than 1 nobody can tell which one is meant */
};

struct pop3_session {
  const struct mail_account *account;
  struct transport *transport;
  struct byte_stream *in;
  unsigned char buffer[POP3_BUFFER_BYTES];
  size_t at, end;       /* the part of `buffer` not read yet */
  double spoken;        /* when we last sent a command (clock_now_s) */
  struct hashmap mails; /* unique-id -> struct pop3_mail, in the order of the list */
  uint32_t listed;      /* mails with a unique-id */
};

/* Connects, logs in, and lists the mails with their unique-ids and sizes. `a` and `watch` outlive the session. Errors
 * as in mail_folder.h; ERR_USAGE also where the server does not know UIDL, ERR_FORMAT where it names fewer mails than
 * it has: the others would count as gone. */
int pop3_session_open(const struct mail_account *a, const struct mail_watch *watch, struct pop3_session **ret,
                      struct err *e);
/* Closes the connection without QUIT: nothing is deleted. */
void pop3_session_close(struct pop3_session *s); /* accepts NULL */

/* The commands below return 0, or ERR_BUSY or ERR_USAGE if the server refuses (-ERR): the session can still be used.
 * After any other code it cannot, and must be closed. */

/* RETR: reads the mail into `ret`, which is REMOTE_MAIL_HERE then, or REMOTE_MAIL_TOO_LARGE if it turns out larger than
 * the account allows. The caller clears `ret`. `*ret_disk`: the failure was that of a temporary file here, not the
 * server's. */
int pop3_session_retrieve(struct pop3_session *s, const struct pop3_mail *mail, struct remote_mail *ret, bool *ret_disk,
                          struct err *e);
/* DELE: marks the mail as deleted until pop3_session_quit. */
int pop3_session_delete(struct pop3_session *s, const struct pop3_mail *mail, struct err *e);
/* NOOP: keeps the server from ending an idle session. */
int pop3_session_noop(struct pop3_session *s, struct err *e);
/* QUIT: the server now removes the mails marked as deleted. They are gone if this returns 0 (RFC 1939 6). The session
 * is still to be closed. */
int pop3_session_quit(struct pop3_session *s, struct err *e);

#endif
