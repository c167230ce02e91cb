/* SPDX-License-Identifier: Apache-2.0 */
/* How far feeds have come. */
#include "local/feeds.h"

#include "base/utc.h"
#include "local/local_state.h"

int feed_read(struct local *l, const char *name, int64_t *ret_report, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_GET_FEED, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, name);
  r = db_step(l->db, q, e);
  if (r >= 0) *ret_report = r ? sqlite3_column_int64(q, 0) : 0;
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

static int move(struct local *l, const char *name, int64_t report, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_MOVE_FEED, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, name);
  sqlite3_bind_int64(q, 2, report);
  sqlite3_bind_int64(q, 3, utc_now());
  return db_finish(l->db, q, e);
}

int feed_move(struct local *l, const char *name, int64_t report, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, move(l, name, report, e), e);
}

int feed_each(struct local *l, feed_fn *fn, void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db, "SELECT name, report_id, moved_s FROM feed ORDER BY name", &q, e)) < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    const struct feed feed = {db_text_there(q, 0), sqlite3_column_int64(q, 1), db_time_there(q, 2)};
    if ((r = fn(user, &feed, e)) < 0) return r;
  }
  return r;
}
