/* SPDX-License-Identifier: Apache-2.0 */
/* Steps SQLite and turns what it says into sentences that name the file. */
#include "sqlite/db.h"

#include <errno.h>
#include <string.h>

/* "disk I/O error" alone helps nobody; the operating system knows more. SQLite keeps its errno for some failures; for
 * those of a commit it is still where the system left it, if it was 0 before. */
static int error_of_system(struct store *s, const char *what, struct err *e) {
  int number = errno;
  if (sqlite3_system_errno(s->handle)) number = sqlite3_system_errno(s->handle);
  if (!number) return err_set(e, ERR_STORE, "%s: %s", s->path, what);
  return err_set(e, ERR_STORE, "%s: %s: %s", s->path, what, strerror(number));
}

int db_error(struct store *s, struct err *e) {
  const char *said = sqlite3_errmsg(s->handle);
  switch (sqlite3_extended_errcode(s->handle) & 0xff) {
    case SQLITE_BUSY:
      return err_set(e, ERR_BUSY, "another process has been writing to %s for 5 minutes", s->path);
    case SQLITE_NOTADB:
      return err_set(e, ERR_STORE, "%s: is no dmarcctl database: %s", s->path, said);
    case SQLITE_CORRUPT:
      return err_set(e, ERR_STORE, "%s: the database is damaged: %s", s->path, said);
    case SQLITE_READONLY:
      return err_set(e, ERR_STORE, "%s: cannot be written to: %s", s->path, said);
    case SQLITE_FULL:
      return err_set(e, ERR_STORE, "%s: no space is left: %s", s->path, said);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return error_of_system(s, said, e);
    default:
      return err_set(e, ERR_STORE, "%s: %s", s->path, said);
  }
}

int db_run(struct store *s, const char *sql, struct err *e) {
  errno = 0;
  return sqlite3_exec(s->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_error(s, e);
}

int db_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *e) {
  return sqlite3_prepare_v2(s->handle, sql, -1, ret, NULL) == SQLITE_OK ? 0 : db_error(s, e);
}

int db_step(struct store *s, sqlite3_stmt *q, struct err *e) {
  errno = 0;
  switch (sqlite3_step(q)) {
    case SQLITE_ROW:
      return 1;
    case SQLITE_DONE:
      return 0;
    default:
      return db_error(s, e);
  }
}

int db_finish(struct store *s, sqlite3_stmt *q, struct err *e) {
  int r = db_step(s, q, e);
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

void db_digest(sqlite3_stmt *q, int i, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  const void *bytes = sqlite3_column_blob(q, i);
  memset(ret, 0, FEEDBACK_DIGEST_BYTES);
  if (bytes && sqlite3_column_bytes(q, i) == FEEDBACK_DIGEST_BYTES) memcpy(ret, bytes, FEEDBACK_DIGEST_BYTES);
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

int db_snapshot(struct store *s, struct snapshot *ret, struct err *e) {
  if (!sqlite3_get_autocommit(s->handle)) return 0;
  int r = db_run(s, "BEGIN", e);
  if (r < 0) return r;
  ret->store = s;
  return 0;
}

void cleanup_snapshot(struct snapshot *snapshot) {
  if (snapshot->store) sqlite3_exec(snapshot->store->handle, "COMMIT", NULL, NULL, NULL);
}
