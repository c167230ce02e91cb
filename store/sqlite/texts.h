/* SPDX-License-Identifier: Apache-2.0 */
/* From the id of a name back to its text, remembered. Private to store/. */
#ifndef STORE_SQLITE_TEXTS_H
#define STORE_SQLITE_TEXTS_H

#include "base/hashmap.h"
#include "base/mem.h"
#include "sqlite/db.h"

struct texts {
  struct db *db;
  sqlite3_stmt *query;
  struct hashmap known; /* id -> const char * */
  struct arena *arena;
};

int texts_init(struct texts *t, struct db *db, struct err *e);
void texts_clear(struct texts *t); /* accepts a zeroed one */
/* NULL for id 0 and for a name that is not there. Valid until texts_trim. */
int texts_get(struct texts *t, int64_t id, const char **ret, struct err *e);
/* Column `i` of `q` holds the id. */
int texts_column(struct texts *t, sqlite3_stmt *q, int i, const char **ret, struct err *e);
size_t texts_bytes(const struct texts *t);
/* Forgets everything where it has grown beyond `most_bytes`. */
void texts_trim(struct texts *t, size_t most_bytes);

static inline void cleanup_texts(struct texts *t) { texts_clear(t); }
#define _cleanup_texts_ __attribute__((cleanup(cleanup_texts)))

#endif
