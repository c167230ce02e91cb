/* SPDX-License-Identifier: Apache-2.0 */
/* The ways, each with its one try. Private to notify/. */
#ifndef NOTIFY_FORMS_H
#define NOTIFY_FORMS_H

#include "notify/mask.h"
#include "notify/send.h"

/* The mail (RFC 5322, 2045 to 2047): multipart/alternative of plain text and HTML, both quoted-printable. `to`: whom it
 * names. `crlf`: lines end as in SMTP; else as programs take them. */
void letter_write(const struct way *w, const struct text_list *to, const struct notice_parcel *p, bool crlf,
                  struct strbuf *out);

/* One of those whom a mail is to reach. */
struct addressee {
  const char *address;      /* of the way */
  bool is_accepted, has_it; /* as a recipient; with the whole mail */
  int code;                 /* why not: ERR_IO, which may pass, or ERR_DENIED; 0: nothing was said of this one */
  char *reason;             /* what the server said of this one, for people: owned */
};

/* Sends it to those who do not have it and were not refused for good, and says of each what became of it. 0: all of
 * these have it. ERR_IO may pass, any other code does not, `e` says why unless all of it is said of addressees. */
int smtp_send(const struct way *w, const struct notice_parcel *p, struct addressee *to, unsigned count,
              const struct stop *stop, struct err *e);
/* `ret_wait_s`: how long the other side asks to wait; 0: it does not say. */
int web_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, double *ret_wait_s,
             struct err *e);
/* Its output, and what it says on standard error, goes to `listener` line by line. */
int command_send(const char *command, const char *input, size_t size, unsigned seconds,
                 const struct way_listener *listener, struct err *e);

/* From the command or the file, whichever is set: 1; 0: neither is. `ret` has SECRET_BYTES and is wiped by the caller.
 */
int way_secret(const char *command, const char *file, const char *what, const struct stop *stop, char *ret,
               struct err *e);

#endif
