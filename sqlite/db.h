/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as the rest of this room uses it: statements, steps, errors; and what a store consists of. Private to store/.
 */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <time.h>

#include "store/sqlite/intern.h"
#include "store/sqlite/statements.h"
#include "store/store.h"

struct store {
  sqlite3 *handle;
  char *path; /* as the user said it */
  enum store_mode mode;
  double busy_since_s; /* when the wait that is going on began */

  struct decoder *decoder; /* of the walks over flows that are going on; NULL: none, or its ids may be given out anew */

  /* What follows serves writing. */
  sqlite3_stmt *statements[SQL_STATEMENTS]; /* prepared on first use */
  struct interner interner;
  int64_t data_version;  /* of our last transaction: another one means that somebody else wrote since */
  double locked_since_s; /* when we took the write lock */
  bool writing;          /* between store_begin and its end */
  bool report_open, report_revocable;
  int64_t next_record;              /* id of the next record */
  int64_t next_pattern;             /* id of the next pattern; 0: to be asked */
  int64_t first_record;             /* of the open report */
  int64_t message_count, uncounted; /* of the open report */
};

/* Fills `e` with what SQLite said last about this store. ERR_BUSY where another process holds it, else ERR_STORE. */
int db_error(struct store *s, struct err *e);
/* Runs statements without results. */
int db_run(struct store *s, const char *sql, struct err *e);
/* For a walk; release with _cleanup_statement_. Statements for writing are in statements.h. */
int db_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *e);
/* 1 a row, 0 the end, or a code. */
int db_step(struct store *s, sqlite3_stmt *q, struct err *e);
/* A statement without results: runs it to the end and makes it ready for the next time. */
int db_finish(struct store *s, sqlite3_stmt *q, struct err *e);

/* Absent things are NULL in the database: a NULL text, id 0, an unknown time. */
static inline void db_bind_text(sqlite3_stmt *q, int i, const char *text) {
  sqlite3_bind_text(q, i, text, -1, SQLITE_STATIC);
}
static inline void db_bind_id(sqlite3_stmt *q, int i, int64_t id) {
  if (id)
    sqlite3_bind_int64(q, i, id);
  else
    sqlite3_bind_null(q, i);
}
static inline void db_bind_time(sqlite3_stmt *q, int i, int64_t s) {
  if (s != FEEDBACK_TIME_UNKNOWN)
    sqlite3_bind_int64(q, i, s);
  else
    sqlite3_bind_null(q, i);
}
static inline const char *db_text(sqlite3_stmt *q, int i) { return (const char *)sqlite3_column_text(q, i); }
static inline int64_t db_time(sqlite3_stmt *q, int i) {
  return sqlite3_column_type(q, i) == SQLITE_NULL ? FEEDBACK_TIME_UNKNOWN : sqlite3_column_int64(q, i);
}
/* 16 bytes, zeros where the column holds something else. */
void db_digest(sqlite3_stmt *q, int i, uint8_t ret[FEEDBACK_DIGEST_BYTES]);
/* Size 0 where the column holds no address. */
struct ip_addr db_ip(sqlite3_stmt *q, int i);

static inline void cleanup_statement(sqlite3_stmt **q) { sqlite3_finalize(*q); }
#define _cleanup_statement_ __attribute__((cleanup(cleanup_statement)))

/* Makes all reads of a scope see one state of the database. Inside a transaction it is that one's. */
struct snapshot {
  struct store *store; /* NULL where there is nothing to end */
};
int db_snapshot(struct store *s, struct snapshot *ret, struct err *e);
void cleanup_snapshot(struct snapshot *snapshot);
#define _cleanup_snapshot_ __attribute__((cleanup(cleanup_snapshot)))

#endif
