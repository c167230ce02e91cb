/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said of findings. */
#include "local/acknowledgements.h"

#include "base/cleanup.h"
#include "local/local_state.h"

static int put(struct local *l, const struct identity *finding, const struct acknowledgement *a, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_ACKNOWLEDGEMENT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, finding->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  db_bind_time(q, 2, a->until_s);
  db_bind_text(q, 3, a->note && *a->note ? a->note : NULL);
  sqlite3_bind_int64(q, 4, a->made_s);
  sqlite3_bind_int(q, 5, a->severity);
  return db_finish(l->db, q, e);
}

static int take_back(struct local *l, const struct identity *finding, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_REMOVE_ACKNOWLEDGEMENT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, finding->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  r = db_finish(l->db, q, e);
  return r < 0 ? r : sqlite3_changes(l->db->handle) > 0;
}

int acknowledgement_put(struct local *l, const struct identity *finding, const struct acknowledgement *a,
                        struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put(l, finding, a, e), e);
}

int acknowledgement_remove(struct local *l, const struct identity *finding, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, take_back(l, finding, e), e);
}

int acknowledgements_read(struct local *l, struct acknowledgements *ret, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  ret->arena = arena_new(1024);
  hashmap_init(&ret->of, sizeof(struct acknowledgement));
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 ||
      (r = db_prepare(l->db, "SELECT finding, until_s, note, made_s, severity FROM acknowledgement", &q, e)) < 0)
    return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    struct identity finding;
    db_digest(q, 0, finding.bytes);
    *(struct acknowledgement *)hashmap_put(&ret->of, finding.bytes, IDENTITY_BYTES, NULL) =
        (struct acknowledgement){.severity = sqlite3_column_int(q, 4),
                                 .until_s = db_time(q, 1),
                                 .note = arena_strdup(ret->arena, db_text(q, 2)),
                                 .made_s = db_time_there(q, 3)};
  }
  return r;
}

void acknowledgements_clear(struct acknowledgements *a) {
  if (a->of.value_size) hashmap_clear(&a->of);
  arena_free(a->arena);
  *a = (struct acknowledgements){0};
}

const struct acknowledgement *acknowledgement_of(const struct acknowledgements *a, const struct identity *finding) {
  return a && a->of.count ? hashmap_get(&a->of, finding->bytes, IDENTITY_BYTES) : NULL;
}
