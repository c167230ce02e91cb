/* SPDX-License-Identifier: Apache-2.0 */
/* Steps SQLite, turns what it says into sentences that name the file, and takes turns with other processes. */
#include "sqlite/db.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "sqlite/guard.h"

/* "disk I/O error" alone helps nobody; the operating system knows more. SQLite keeps its errno for some failures; for
 * those of a commit it is still where the system left it, if it was 0 before. */
static int error_of_system(struct db *db, const char *what, struct err *e) {
  int number = errno;
  if (sqlite3_system_errno(db->handle)) number = sqlite3_system_errno(db->handle);
  if (!number) return err_set(e, ERR_STORE, "%s: %s", db->path, what);
  return err_set(e, ERR_STORE, "%s: %s: %s", db->path, what, strerror(number));
}

/* Where the file is there it was one beside it that could not be made; then SQLite looks for that, and all it knows in
 * the end is that there is none. */
static int error_of_opening(struct db *db, const char *said, struct err *e) {
  _cleanup_free_ char *folder = mem_strdup(db->path);
  char *slash = strrchr(folder, '/');
  if (slash) slash[slash == folder] = '\0';
  if (access(db->path, F_OK) < 0 || access(slash ? folder : ".", W_OK) == 0) return error_of_system(db, said, e);
  return err_set(e, ERR_STORE, "%s: cannot be written to: its folder takes no file: %s", db->path, strerror(errno));
}

int db_error(struct db *db, struct err *e) {
  const char *said = sqlite3_errmsg(db->handle);
  switch (sqlite3_extended_errcode(db->handle) & 0xff) {
    case SQLITE_BUSY:
      if (stop_flag_is_set(db->interrupted)) return err_set(e, ERR_INTERRUPTED, "interrupted");
      return err_set(e, ERR_BUSY, "another process has been writing to %s for 5 minutes", db->path);
    case SQLITE_NOTADB:
      return err_set(e, ERR_STORE, "%s: is no dmarcctl database: %s", db->path, said);
    case SQLITE_CORRUPT:
      return err_set(e, ERR_STORE, "%s: the database is damaged: %s", db->path, said);
    case SQLITE_INTERRUPT: /* guard.c */
      return err_set(e, ERR_STORE, "%s: the database is damaged: reading it comes to no end", db->path);
    case SQLITE_TOOBIG:
      return err_set(e, ERR_STORE, "%s: the database is damaged: it holds a text that is too long", db->path);
    case SQLITE_READONLY:
      return err_set(e, ERR_STORE, "%s: cannot be written to: %s", db->path, said);
    case SQLITE_FULL:
      return err_set(e, ERR_STORE, "%s: no space is left: %s", db->path, said);
    case SQLITE_CANTOPEN:
      return error_of_opening(db, said, e);
    case SQLITE_IOERR:
      return error_of_system(db, said, e);
    default:
      return err_set(e, ERR_STORE, "%s: %s", db->path, said);
  }
}

int db_run(struct db *db, const char *sql, struct err *e) {
  errno = 0;
  guard_begin(db);
  return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_error(db, e);
}

int db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *e) {
  return sqlite3_prepare_v2(db->handle, sql, -1, ret, NULL) == SQLITE_OK ? 0 : db_error(db, e);
}

int db_keep(struct db *db, const char *sql, sqlite3_stmt **slot, struct err *e) {
  if (*slot) return 0;
  return sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) == SQLITE_OK ? 0
                                                                                                     : db_error(db, e);
}

int db_borrow(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *e) {
  for (unsigned i = 0; i < db->idle_count; i++) {
    if (strcmp(sqlite3_sql(db->idle[i]), sql) != 0) continue;
    *ret = db->idle[i];
    db->idle[i] = db->idle[--db->idle_count];
    return 0;
  }
  *ret = NULL;
  return db_keep(db, sql, ret, e);
}

void db_return(struct db *db, sqlite3_stmt *q) {
  if (!q) return;
  if (db->idle_count == IDLE_STATEMENTS_MOST) {
    sqlite3_finalize(q);
    return;
  }
  sqlite3_reset(q);
  sqlite3_clear_bindings(q); /* which may point to what goes with the borrower */
  db->idle[db->idle_count++] = q;
}

void db_finalise(sqlite3_stmt **slots, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    sqlite3_finalize(slots[i]);
    slots[i] = NULL;
  }
}

int db_step(struct db *db, sqlite3_stmt *q, struct err *e) {
  errno = 0;
  guard_begin(db);
  switch (sqlite3_step(q)) {
    case SQLITE_ROW:
      return 1;
    case SQLITE_DONE:
      return 0;
    default:
      return db_error(db, e);
  }
}

int db_finish(struct db *db, sqlite3_stmt *q, struct err *e) {
  int r = db_step(db, q, e);
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

int db_ask_number(struct db *db, const char *sql, int64_t *ret, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_prepare(db, sql, &q, e);
  if (r < 0 || (r = db_step(db, q, e)) < 0) return r;
  *ret = r ? sqlite3_column_int64(q, 0) : 0;
  return 0;
}

void db_digest(sqlite3_stmt *q, int i, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  const void *bytes = sqlite3_column_blob(q, i);
  memset(ret, 0, FEEDBACK_DIGEST_BYTES);
  if (bytes && sqlite3_column_bytes(q, i) == FEEDBACK_DIGEST_BYTES) memcpy(ret, bytes, FEEDBACK_DIGEST_BYTES);
}

enum provenance db_provenance(sqlite3_stmt *q, int i) {
  int64_t stored = sqlite3_column_int64(q, i);
  bool is_known = stored >= PROVENANCE_NOT_JUDGED && stored <= PROVENANCE_CONTRADICTED;
  return is_known ? (enum provenance)stored : PROVENANCE_NOT_JUDGED;
}

struct ip_addr db_ip(sqlite3_stmt *q, int i) {
  struct ip_addr ip = {0};
  const void *bytes = sqlite3_column_blob(q, i);
  int size = sqlite3_column_bytes(q, i);
  if (!bytes || (size != 4 && size != 16)) return ip;
  ip.size = (uint8_t)size;
  memcpy(ip.bytes, bytes, (size_t)size);
  return ip;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

int db_begin(struct db *db, struct err *e) {
  if (!db->writes) return err_set(e, ERR_STORE, "%s: was opened for reading", db->path);
  int r = db_run(db, "BEGIN IMMEDIATE", e);
  if (r < 0) return r;
  db->locked_since_s = clock_now_s();
  db->in_transaction = true;
  db->transactions++;
  return 0;
}

void db_abort(struct db *db) {
  if (!db->in_transaction) return;
  /* SQLite has rolled back by itself where the disk is full; that ROLLBACK then fails is no news. */
  sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
  db->in_transaction = false;
  db->rollbacks++;
}

/* Whoever waits for the lock polls for it. An importer that took it again at once would starve all others for as long
 * as it runs; after a transaction that was worth waiting for it steps back for longer than one poll takes. */
static void let_others_in(const struct db *db) {
  if (clock_now_s() - db->locked_since_s > 0.1) usleep(2000);
}

int db_need_transaction(const struct db *db, struct err *e) {
  return db->in_transaction ? 0 : err_set(e, ERR_STORE, "%s: no transaction is open", db->path);
}

int db_commit(struct db *db, struct err *e) {
  int r = db_need_transaction(db, e);
  if (r == 0) r = db_run(db, "COMMIT", e);
  if (r < 0) {
    db_abort(db);
    return r;
  }
  db->in_transaction = false;
  let_others_in(db);
  return 0;
}

int db_settled(struct db *db, int written) {
  if (written < 0) db_abort(db);
  return written;
}

int db_begin_own(struct db *db, bool *ret_own, struct err *e) {
  *ret_own = !db->in_transaction;
  return *ret_own ? db_begin(db, e) : 0;
}

int db_end_own(struct db *db, bool own, int written, struct err *e) {
  int ended = written < 0 || !own ? 0 : db_commit(db, e);
  return ended < 0 ? ended : db_settled(db, written);
}

int db_snapshot(struct db *db, struct snapshot *ret, struct err *e) {
  if (!sqlite3_get_autocommit(db->handle)) return 0;
  int r = db_run(db, "BEGIN", e);
  if (r < 0) return r;
  ret->db = db;
  return 0;
}

void cleanup_snapshot(struct snapshot *snapshot) {
  if (snapshot->db) sqlite3_exec(snapshot->db->handle, "COMMIT", NULL, NULL, NULL);
}
