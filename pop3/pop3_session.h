/* SPDX-License-Identifier: Apache-2.0 */
/* One session with a POP3 server and the commands in it (RFC 1939). Numbers of mails are those of the session. What to
 * do when it breaks is the folder's. Private to pop3/. */
#ifndef POP3_POP3_SESSION_H
#define POP3_POP3_SESSION_H

#include "base/hashmap.h"
#include "mailbox/mail_folder.h"
#include "mailbox/transport.h"

#define POP3_LINE_BYTES 1024 /* a line of the server's, but for those of mails. RFC 2449 4: 512 */
#define POP3_BUFFER_BYTES 16384

/* A mail as the session lists it. */
struct pop3_mail {
  uint32_t number;
  uint64_t size; /* 0: not known */
  bool twice;    /* another one has the same unique-id: nobody can tell which is meant */
};

struct pop3_session {
  const struct mail_account *account;
  struct transport *transport;
  struct byte_stream *in;
  unsigned char buffer[POP3_BUFFER_BYTES];
  size_t at, end;
  double spoken;        /* when we last sent something */
  struct hashmap mails; /* unique-id -> struct pop3_mail, in the order of the list */
};

/* Connects, logs in and lists. ERR_USAGE: a server that knows no unique-ids. */
int pop3_session_open(const struct mail_account *a, const struct mail_watch *watch, struct pop3_session **ret,
                      struct err *e);
void pop3_session_close(struct pop3_session *s); /* accepts NULL */

/* Behind a code other than these the dialogue is broken: 0, ERR_BUSY and ERR_USAGE, with which the server refuses. */
/* The mail's bytes into `ret`: REMOTE_MAIL_HERE; REMOTE_MAIL_TOO_LARGE where it turns out larger than the account
 * allows. `*ret_disk`: it was this machine's disk that failed. */
int pop3_session_retrieve(struct pop3_session *s, const struct pop3_mail *mail, struct remote_mail *ret, bool *ret_disk,
                          struct err *e);
int pop3_session_delete(struct pop3_session *s, const struct pop3_mail *mail, struct err *e);
int pop3_session_noop(struct pop3_session *s, struct err *e);
/* Ends it: what was deleted is gone once this returns 0 (RFC 1939 6). */
int pop3_session_quit(struct pop3_session *s, struct err *e);

#endif
