/* SPDX-License-Identifier: Apache-2.0 */
/* A mail on a server, with its bytes where they are here. */
#ifndef MAILBOX_REMOTE_MAIL_H
#define MAILBOX_REMOTE_MAIL_H

#include <stdint.h>

#include "base/byte_stream.h"
#include "base/err.h"

enum remote_mail_state {
  REMOTE_MAIL_MISSING,   /* not (yet) here; gone meanwhile */
  REMOTE_MAIL_HERE,      /* its bytes are in memory or in `fd` */
  REMOTE_MAIL_TOO_LARGE, /* larger than mail_bytes; only `size` is known */
  REMOTE_MAIL_REFUSED,   /* the server does not hand it out; `reason` is what it says */
};

struct remote_mail {
  uint32_t uid;
  enum remote_mail_state state;
  uint64_t size;
  unsigned char *memory; /* small mails */
  int fd;                /* others: a file without a name in $TMPDIR; -1 */
  char *reason;
};
#define REMOTE_MAIL_NONE \
  { .fd = -1 }
void remote_mail_clear(struct remote_mail *m);

/* The bytes of a mail, which must outlive it. */
struct remote_mail_stream {
  struct byte_stream stream;
  const struct remote_mail *mail;
  uint64_t at;
};
void remote_mail_stream_init(struct remote_mail_stream *s, const struct remote_mail *mail);

/* How one is filled while it comes in: for the rooms of protocols. */

#define MAIL_MEMORY_BYTES (256U << 10) /* a larger mail goes to a file: reports have some 5 KiB */

/* Room for `size_bytes`; ERR_IO if the file cannot be created. */
int remote_mail_reserve(struct remote_mail *m, uint64_t size_bytes, struct err *e);
/* Never more in total than was reserved. ERR_IO: the disk is full. */
int remote_mail_add(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e);
/* The same for one whose size is not known: nothing is reserved, and remote_mail_end follows behind the last. */
int remote_mail_append(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e);
void remote_mail_end(struct remote_mail *m);

#endif
