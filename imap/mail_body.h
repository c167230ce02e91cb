/* SPDX-License-Identifier: Apache-2.0 */
/* How a mail is filled while it comes in. Private to imap/. */
#ifndef IMAP_MAIL_BODY_H
#define IMAP_MAIL_BODY_H

#include "imap/imap.h"

#define MAIL_MEMORY_BYTES (256U << 10) /* a larger mail goes to a file: reports have some 5 KiB */

/* Room for `size_bytes`; ERR_IO if the file cannot be created. */
int mail_reserve(struct imap_mail *m, uint64_t size_bytes, struct err *e);
/* Never more in total than was reserved. ERR_IO: the disk is full. */
int mail_add(struct imap_mail *m, const unsigned char *bytes, size_t size, struct err *e);

#endif
