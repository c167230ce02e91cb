/* SPDX-License-Identifier: Apache-2.0 */
/* Names of folders between UTF-8 and the "modified UTF-7" of RFC 3501 5.1.3. Private to imap/. */
#ifndef IMAP_UTF7_H
#define IMAP_UTF7_H

#include <stdbool.h>

#include "base/mem.h"

/* Appends `name` as the wire has it: printable ASCII alone. False where it is no UTF-8; `out` is then as it was. */
bool imap_utf7_encode(struct strbuf *out, const char *name);
/* Appends `name` as people read it. False where it is no modified UTF-7; `out` is then as it was. */
bool imap_utf7_decode(struct strbuf *out, const char *name);

#endif
