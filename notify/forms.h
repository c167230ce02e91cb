/* SPDX-License-Identifier: Apache-2.0 */
/* The ways, each with its one try. Private to notify/. */
#ifndef NOTIFY_FORMS_H
#define NOTIFY_FORMS_H

#include "notify/send.h"

/* The mail (RFC 5322, 2045 to 2047): multipart/alternative of plain text and HTML, both quoted-printable. `crlf`: lines
 * end as in SMTP; else as programs take them. */
void letter_write(const struct way *w, const struct notice_parcel *p, bool crlf, struct strbuf *out);

/* `ret_wait_s`: how long the other side asks to wait; 0: it does not say. ERR_IO may pass, any other code does not. */
int smtp_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, struct err *e);
int web_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, double *ret_wait_s,
             struct err *e);
int command_send(const char *command, const char *input, size_t size, unsigned seconds, const struct stop *stop,
                 struct err *e);

/* Appends what the other side said, for people: the first line, printable ASCII, without the secrets. */
#define WAY_SAID_MOST 200
void way_add_said(struct strbuf *out, const char *said, const char *const *secrets, unsigned count);

/* From the command or the file, whichever is set: 1; 0: neither is. `ret` has SECRET_BYTES and is wiped by the caller.
 */
int way_secret(const char *command, const char *file, const char *what, const struct stop *stop, char *ret,
               struct err *e);

#endif
