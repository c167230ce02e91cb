/* SPDX-License-Identifier: Apache-2.0 */
/* Gives space back to the file system. */
#include "base/stop.h"
#include "sqlite/db.h"

/* 16 MiB at a time: a tenth of a second. */
#define PAGES_AT_ONCE "4096"

/* A number of free pages at the end, which others may have filled again: then there is nothing to cut off. */
static int cut_some(struct db *db, int64_t *pages, struct err *e) {
  int r = db_begin(db, e);
  if (r < 0) return r;
  r = db_run(db, "PRAGMA incremental_vacuum(" PAGES_AT_ONCE ")", e);
  if (r == 0) r = db_ask_number(db, "PRAGMA freelist_count", pages, e);
  if (r == 0) return db_commit(db, e);
  db_abort(db);
  return r;
}

static int cut_off(struct db *db, struct err *e) {
  int64_t before, after;
  int r = db_ask_number(db, "PRAGMA freelist_count", &before, e);
  while (r == 0 && before > 0) {
    if (stop_flag_is_set(db->interrupted)) return err_set(e, ERR_INTERRUPTED, "interrupted");
    if ((r = cut_some(db, &after, e)) < 0 || after >= before) return r;
    before = after;
  }
  return r;
}

/* What was cut off leaves the file when the log is copied into it. Whoever reads an older state keeps that from being
 * done; nobody waits for him, and a later writer does it. */
static bool copy_log(struct db *db) {
  static const volatile sig_atomic_t AT_ONCE = 1;
  const volatile sig_atomic_t *interrupted = db->interrupted;
  db->interrupted = &AT_ONCE;
  const int r = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  db->interrupted = interrupted;
  return r == SQLITE_OK;
}

static int write_anew(struct db *db, struct err *e) {
  return db_run(db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", e);
}

int db_give_back(struct db *db, struct err *e) {
  int64_t mode;
  int r = db_ask_number(db, "PRAGMA auto_vacuum", &mode, e);
  if (r < 0) return r;
  copy_log(db);
  r = mode ? cut_off(db, e) : write_anew(db, e);
  if (r == 0) copy_log(db);
  return r;
}

int db_write_anew(struct db *db, struct err *e) {
  copy_log(db);
  int r = write_anew(db, e);
  return r < 0 ? r : copy_log(db);
}
