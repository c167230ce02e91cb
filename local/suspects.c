/* SPDX-License-Identifier: Apache-2.0 */
/* Weighs the ends of imports by what they were at work on. */
#include "local/suspects.h"

#include "local/local_state.h"

static int add(struct local *l, const char *key, const char *name, unsigned weight, int64_t now_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_ADD_SUSPECT, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, key);
  db_bind_text(q, 2, name);
  sqlite3_bind_int64(q, 3, weight);
  sqlite3_bind_int64(q, 4, now_s);
  return db_finish(l->db, q, e);
}

int suspect_add(struct local *l, const char *key, const char *name, unsigned weight, int64_t now_s, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, add(l, key, name, weight, now_s, e), e);
}

static int forget(struct local *l, const char *key, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_FORGET_SUSPECT, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, key);
  return db_finish(l->db, q, e);
}

int suspect_forget(struct local *l, const char *key, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, forget(l, key, e), e);
}

static int expire(struct local *l, int64_t before_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EXPIRE_SUSPECTS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, SUSPECT_WEIGHT_MOST);
  sqlite3_bind_int64(q, 2, before_s);
  return db_finish(l->db, q, e);
}

int suspect_expire(struct local *l, int64_t before_s, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, expire(l, before_s, e), e);
}

int suspect_each(struct local *l, suspect_fn *fn, void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db, "SELECT key, weight FROM suspect ORDER BY key", &q, e)) < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    const int64_t weight = db_count(q, 1);
    if ((r = fn(user, db_text_there(q, 0), weight > UINT32_MAX ? UINT32_MAX : (uint32_t)weight, e)) < 0) return r;
  }
  return r;
}
