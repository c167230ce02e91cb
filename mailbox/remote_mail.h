/* SPDX-License-Identifier: Apache-2.0 */
/* A mail on a server, and its bytes once they have been fetched. One thread at a time. */
#ifndef MAILBOX_REMOTE_MAIL_H
#define MAILBOX_REMOTE_MAIL_H

#include <stdint.h>

#include "base/byte_stream.h"
#include "base/err.h"

enum remote_mail_state {
  REMOTE_MAIL_MISSING,   /* not fetched yet, or no longer on the server */
  REMOTE_MAIL_HERE,      /* its bytes are in memory or in `fd` */
  REMOTE_MAIL_TOO_LARGE, /* larger than the account's mail_bytes; only `size` is known */
  REMOTE_MAIL_REFUSED,   /* the server does not send it; `reason` is what it says */
};

struct remote_mail {
  uint32_t uid;
  enum remote_mail_state state;
  uint64_t size;         /* bytes */
  unsigned char *memory; /* of a small mail; else NULL */
  int fd;                /* of a larger one: an unnamed file in $TMPDIR; else -1 */
  char *reason;          /* of REMOTE_MAIL_REFUSED; may be NULL */
};
#define REMOTE_MAIL_NONE \
  { .fd = -1 }
/* Frees what the mail holds; afterwards it is REMOTE_MAIL_NONE. */
void remote_mail_clear(struct remote_mail *m);

/* Reads the bytes of a mail that is REMOTE_MAIL_HERE. The mail must outlive the stream, which needs no clearing. */
struct remote_mail_stream {
  struct byte_stream stream;
  const struct remote_mail *mail;
  uint64_t at;
};
void remote_mail_stream_init(struct remote_mail_stream *s, const struct remote_mail *mail);

/* How a mail is filled while it arrives: for the rooms of protocols. `state` is theirs to set. */

#define MAIL_MEMORY_BYTES (256U << 10) /* larger mails go to a file; mails with reports have some 5 KiB */

/* Makes room for `size_bytes`; ERR_IO if the file cannot be created. */
int remote_mail_reserve(struct remote_mail *m, uint64_t size_bytes, struct err *e);
/* Adds bytes, no more in total than were reserved. ERR_IO: the file cannot be written. */
int remote_mail_add(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e);
/* The same for a mail of unknown size: nothing is reserved, and remote_mail_end is called after the last bytes. */
int remote_mail_append(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e);
void remote_mail_end(struct remote_mail *m);

#endif
