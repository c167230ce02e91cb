/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary files without a name: nobody can open them, and a crash leaves none behind. */
#ifndef BASE_NAMELESS_H
#define BASE_NAMELESS_H

#include <stddef.h>

#include "base/err.h"

/* A descriptor for reading and writing, of a file in $TMPDIR or else /tmp, for the caller to close; or ERR_IO. */
int nameless_open(struct err *e);
/* From here on files come from `open`, which returns what nameless_open does: for a process that may open none. */
typedef int nameless_open_fn(void *user, struct err *e);
void nameless_open_by(nameless_open_fn *open, void *user);
/* Writes all of `bytes`: 0 or ERR_IO. */
int nameless_write(int fd, const unsigned char *bytes, size_t size, struct err *e);

#endif
