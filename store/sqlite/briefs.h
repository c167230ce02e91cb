/* SPDX-License-Identifier: Apache-2.0 */
/* What counting and filtering need of a pattern, in 16 bytes, at hand for every row. Private to store/. */
#ifndef STORE_SQLITE_BRIEFS_H
#define STORE_SQLITE_BRIEFS_H

#include "base/filter.h"
#include "base/tally.h"
#include "store/sqlite/id_map.h"
#include "store/sqlite/texts.h"

struct brief {
  uint32_t header_from; /* numbered from 1 in the order of appearance; 0: none */
  struct tally_terms terms;
  bool admitted[REACHES_ALL + 1]; /* by what the filter asks of a pattern, in a report that it reaches so far */
  bool exists;
};

/* Pages of neighbouring patterns: those that are used together were mostly made together. */
struct briefs {
  struct db *db;
  const struct report_filter *filter;
  sqlite3_stmt *query;
  struct texts texts;
  struct id_map places; /* of a page in `pages`, from 1 */
  struct brief **pages;
  uint32_t page_count, page_capacity;
  struct id_map header_from_numbers; /* id of a name -> its number */
  int64_t *header_from_ids;          /* by number - 1 */
  uint32_t header_from_count, header_from_capacity;
};

int briefs_init(struct briefs *b, struct db *db, const struct report_filter *filter, struct err *e);
void briefs_clear(struct briefs *b); /* accepts a zeroed one */
/* `*ret` is valid until the next call. ERR_STORE where there is no such pattern. */
int briefs_get(struct briefs *b, int64_t pattern_id, const struct brief **ret, struct err *e);

static inline void cleanup_briefs(struct briefs *b) { briefs_clear(b); }
#define _cleanup_briefs_ __attribute__((cleanup(cleanup_briefs)))

#endif
