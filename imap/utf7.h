/* SPDX-License-Identifier: Apache-2.0 */
/* Converts names of folders between UTF-8 and the modified UTF-7 of RFC 3501 5.1.3. Private to imap/. */
#ifndef IMAP_UTF7_H
#define IMAP_UTF7_H

#include <stdbool.h>

#include "base/mem.h"

/* Appends `name` in modified UTF-7, which is printable ASCII. False if it is not UTF-8; `out` is then unchanged. */
bool imap_utf7_encode(struct strbuf *out, const char *name);
/* Appends `name` in UTF-8. False if it is not modified UTF-7; `out` is then unchanged. */
bool imap_utf7_decode(struct strbuf *out, const char *name);

#endif
