/* SPDX-License-Identifier: Apache-2.0 */
/* TXT records out of a zone file (RFC 1035 5.1), as far as a change of one needs it: names, quotes, escapes,
 * parentheses, comments and $ORIGIN. Other records are passed over. */
#ifndef DNS_ZONE_FILE_H
#define DNS_ZONE_FILE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

/* A zone with more is no change that somebody reads. */
#define ZONE_FILE_MOST_BYTES (4 * 1024 * 1024)
#define ZONE_FILE_MOST_TEXTS 10000

struct zone_text {
  const char *name; /* in lower case, without the dot at the end */
  bool relative;    /* the name is as it stands: no $ORIGIN says to what it is relative */
  const char *text; /* its strings, one behind the other */
  unsigned line;    /* on which it begins, from 1 */
  bool is_cut;      /* a ";" outside of quotes, which begins a comment, stands behind words without them */
};

struct zone_texts {
  struct zone_text *items;
  unsigned count, capacity;
};

/* All TXT records of a text, which may hold any byte but NUL. Texts are in the arena; `ret` is to be cleared in any
 * case. ERR_FORMAT: "line 3: a quote is not closed", and the like. */
int zone_file_read(const char *text, struct arena *arena, struct zone_texts *ret, struct err *e);
void zone_texts_clear(struct zone_texts *t);

#endif
