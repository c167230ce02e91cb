/* SPDX-License-Identifier: Apache-2.0 */
/* What counting and filtering need of a pattern, in 16 bytes, at hand for every row. Private to store/. */
#ifndef STORE_SQLITE_BRIEFS_H
#define STORE_SQLITE_BRIEFS_H

#include "store/sqlite/texts.h"

enum brief_disposition { BRIEF_OTHER, BRIEF_NONE, BRIEF_QUARANTINE, BRIEF_REJECT, BRIEF_PASS };

struct brief {
  int64_t header_from_id;
  uint8_t disposition; /* enum brief_disposition */
  int8_t dkim, spf;    /* evaluated: 1 pass, 0 fail, -1 not */
  uint8_t dkim_alignment, spf_alignment;
  bool admitted[REACHES_ALL + 1]; /* by what the filter asks of a pattern, in a report that it reaches so far */
};

/* Pages of neighbouring patterns: those that are used together were mostly made together. */
struct briefs {
  struct store *store;
  const struct report_filter *filter;
  sqlite3_stmt *query;
  struct texts texts;
  int64_t last_pattern;
  struct brief **pages;
  uint32_t pages_held;
};

int briefs_init(struct briefs *b, struct store *s, const struct report_filter *filter, struct err *e);
void briefs_clear(struct briefs *b); /* accepts a zeroed one */
/* `*ret` is valid until the next call. */
int briefs_get(struct briefs *b, int64_t pattern_id, const struct brief **ret, struct err *e);

static inline void cleanup_briefs(struct briefs *b) { briefs_clear(b); }
#define _cleanup_briefs_ __attribute__((cleanup(cleanup_briefs)))

#endif
