/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of names by id, in an arena; when it may forget is the caller's to say. */
#include "store/sqlite/texts.h"

#define CHUNK_BYTES (64u << 10)

int texts_init(struct texts *t, struct db *db, struct err *e) {
  *t = (struct texts){.db = db, .arena = arena_new(CHUNK_BYTES)};
  hashmap_init(&t->known, sizeof(const char *));
  return db_borrow(db, "SELECT text FROM name WHERE id = ?", &t->query, e);
}

void texts_clear(struct texts *t) {
  if (!t->db) return;
  db_return(t->db, t->query);
  hashmap_clear(&t->known);
  arena_free(t->arena);
  *t = (struct texts){0};
}

int texts_get(struct texts *t, int64_t id, const char **ret, struct err *e) {
  *ret = NULL;
  if (!id) return 0;
  const char **known = hashmap_get(&t->known, &id, sizeof id);
  if (known) {
    *ret = *known;
    return 0;
  }
  sqlite3_bind_int64(t->query, 1, id);
  int r = db_step(t->db, t->query, e);
  if (r == 1) *ret = arena_strdup(t->arena, db_text(t->query, 0));
  sqlite3_reset(t->query);
  if (r < 0) return r;
  *(const char **)hashmap_put(&t->known, &id, sizeof id, NULL) = *ret;
  return 0;
}

int texts_column(struct texts *t, sqlite3_stmt *q, int i, const char **ret, struct err *e) {
  return texts_get(t, sqlite3_column_int64(q, i), ret, e);
}

size_t texts_bytes(const struct texts *t) { return arena_used(t->arena) + hashmap_bytes(&t->known); }

void texts_trim(struct texts *t, size_t most_bytes) {
  if (texts_bytes(t) <= most_bytes) return;
  hashmap_clear(&t->known);
  arena_reset(t->arena);
}
