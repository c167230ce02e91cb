/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary files that nobody can find and no crash leaves behind. */
#ifndef BASE_NAMELESS_H
#define BASE_NAMELESS_H

#include <stddef.h>

#include "base/err.h"

/* A file for reading and writing in $TMPDIR, else /tmp: the caller's to close. Negative: ERR_IO. */
int nameless_open(struct err *e);
/* All of `bytes`: 0 or ERR_IO. */
int nameless_write(int fd, const unsigned char *bytes, size_t size, struct err *e);

#endif
