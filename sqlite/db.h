/* SPDX-License-Identifier: Apache-2.0 */
/* One SQLite file in the layout of schema.sql: opened, created or migrated; its statements, errors and transactions.
 *
 * Both store/ (reports) and local/ (what belongs to this machine) use it, each with its own tables and statements, so
 * that they share one file and one transaction. Whoever opened it closes it, after all others are done. A handle
 * belongs to one thread. Writers of several processes take turns (WAL, BEGIN IMMEDIATE); readers never wait. */
#ifndef SQLITE_DB_H
#define SQLITE_DB_H

#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/feedback.h"
#include "base/ip.h"
#include "base/number.h"

/* Of guard.c: what the walks that are going on have cost. */
struct guard {
  uint64_t ticks;  /* since SQLite was called */
  uint64_t ticked; /* in all */
  struct guarded_run {
    sqlite3_stmt *statement; /* NULL: a free place */
    uint32_t counted;        /* by SQLite, when it was looked at last */
    uint64_t operations, ticked;
  } runs[8];
};

#define IDLE_STATEMENTS_MOST 32

struct db {
  sqlite3 *handle;
  char *path; /* as the user said it */
  bool writes;
  double busy_since_s; /* when the wait that is going on began */
  bool busy_told;      /* it was told */
  /* What local_while_waiting set. */
  const volatile sig_atomic_t *interrupted;
  void (*tell)(void *user, const char *sentence);
  void *user;
  bool rehearses;
  bool is_scratch; /* nobody else can have written to it */
  bool tidies;     /* the files beside the database were made by us, who read it */
  struct guard guard;
  sqlite3_stmt *idle[IDLE_STATEMENTS_MOST]; /* lent out before, and kept for the next borrower */
  unsigned idle_count;
  double locked_since_s; /* when we took the write lock */
  bool in_transaction;   /* of ours, for writing */
  /* Counted, so that whoever remembers rows it made can see that they may be gone, or that another process may have
   * written since. */
  uint64_t transactions, rollbacks;
};

enum db_mode {
  DB_READ,     /* the file must exist; nothing is changed */
  DB_WRITE,    /* created with its folder where missing, migrated where older */
  DB_REHEARSE, /* as DB_READ; an older file is read through a migrated copy, which goes with the handle and is in
                * $TMPDIR if it is large. ERR_NOT_FOUND also if the file holds nothing yet */
  DB_SCRATCH,  /* a new one that nobody else can find, in memory or, if it is large, in $TMPDIR; it is gone when it is
                * closed. The path is for messages */
};

/* Opens a database. ERR_NOT_FOUND: DB_READ and no such file. ERR_STORE with a clear sentence: not an SQLite file,
 * another program's (application_id), or made by a newer dmarcctl (user_version). An older one is migrated when opened
 * for writing; for reading it is refused with the advice to run an import. */
int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *e);
void db_close(struct db *db); /* accepts NULL; rolls back what was not committed. All statements are finalised before */

/* No file of its size, holes left out, holds more records. */
int64_t db_rows_most(const struct db *db);

/* --- transactions ------------------------------------------------------------------------------------------------- */

/* Takes the write lock, waiting for other processes (ERR_BUSY after 5 minutes). */
int db_begin(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);                 /* on failure everything since db_begin is gone */
void db_abort(struct db *db);                                /* accepts that none is open */
int db_need_transaction(const struct db *db, struct err *e); /* ERR_STORE where none is open */

/* Returns `written`, the result of a write. If that failed, aborts the transaction: what is half written can then not
 * be committed by mistake. */
int db_settled(struct db *db, int written);
/* For a write that joins the open transaction, or is a transaction of its own if none is open. */
int db_begin_own(struct db *db, bool *ret_own, struct err *e);
int db_end_own(struct db *db, bool own, int written, struct err *e);

/* Makes all reads of a scope see one state of the database; within a transaction, that of the transaction. */
struct snapshot {
  struct db *db; /* NULL where there is nothing to end */
};
int db_snapshot(struct db *db, struct snapshot *ret, struct err *e);
void cleanup_snapshot(struct snapshot *snapshot);
#define _cleanup_snapshot_ __attribute__((cleanup(cleanup_snapshot)))

/* Gives the pages that nothing fills any more back to the file system: a few at a time, each time a transaction, so
 * that other writers get their turn. A file that an older program made has no way to do so, and is written anew once,
 * which other writers wait for. Readers that look at an older state keep the log beside the file as long as they do. */
int db_give_back(struct db *db, struct err *e);
/* Writes the file anew, for whoever was asked to forget: overwriting what is deleted does not reach the bytes that
 * SQLite left where it split a page. Other writers wait, and the file takes its space twice. 1; 0 where somebody reads
 * an older state, which keeps what was deleted in the log: until he is gone and db_give_back is called. */
int db_write_anew(struct db *db, struct err *e);

/* --- statements --------------------------------------------------------------------------------------------------- */

/* Fills `e` with what SQLite said last about this file. ERR_BUSY where another process holds it, ERR_INTERRUPTED where
 * the wait for it was ended, else ERR_STORE. */
int db_error(struct db *db, struct err *e);
/* Runs statements without results. */
int db_run(struct db *db, const char *sql, struct err *e);
/* For a walk; release with _cleanup_statement_. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *e);
/* For a walk that is gone again and again, once a domain of a fleet: what was lent before is lent out once more, and
 * prepared only where it is in use. Whoever borrows gives it back, before the database is closed; NULL is accepted. */
int db_borrow(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *e);
void db_return(struct db *db, sqlite3_stmt *q);
/* For a statement that is run again and again: prepared on first use and kept in `*slot`, ready to bind. Whoever steps
 * it resets it; whoever owns the slots finalises them. */
int db_keep(struct db *db, const char *sql, sqlite3_stmt **slot, struct err *e);
void db_finalise(sqlite3_stmt **slots, unsigned count);
/* 1 a row, 0 the end, or a code. */
int db_step(struct db *db, sqlite3_stmt *q, struct err *e);
/* A statement without results: runs it to the end and makes it ready for the next time. */
int db_finish(struct db *db, sqlite3_stmt *q, struct err *e);
/* The one number that this SQL answers with; 0 where it has no row, or NULL. */
int db_ask_number(struct db *db, const char *sql, int64_t *ret, struct err *e);

/* What is absent is NULL in the database: a NULL text, id 0, an unknown time. */
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

/* Each value that is read is what its column may hold, whatever the file holds: it may come from a stranger, and
 * NOT NULL and STRICT bind whoever writes alone. Ids are any number: whoever looks one up is told that it is not there.
 */
static inline const char *db_text(sqlite3_stmt *q, int i) { return (const char *)sqlite3_column_text(q, i); }
/* Of a column that is NOT NULL. */
static inline const char *db_text_there(sqlite3_stmt *q, int i) {
  const char *text = db_text(q, i);
  return text ? text : "";
}
/* Unknown where there is none, and where there is one that cannot be written with four digits of a year. */
static inline int64_t db_time(sqlite3_stmt *q, int i) {
  int64_t s = sqlite3_column_int64(q, i);
  return s >= 0 && s <= NUMBER_LAST_SECOND && sqlite3_column_type(q, i) != SQLITE_NULL ? s : FEEDBACK_TIME_UNKNOWN;
}
/* Of a column that is NOT NULL: 0 where it is unknown. */
static inline int64_t db_time_there(sqlite3_stmt *q, int i) {
  int64_t s = db_time(q, i);
  return s == FEEDBACK_TIME_UNKNOWN ? 0 : s;
}
/* How many of something: 0 where it is negative. Sums of them stop at the largest number (base/tally.h). */
static inline int64_t db_count(sqlite3_stmt *q, int i) {
  int64_t n = sqlite3_column_int64(q, i);
  return n < 0 ? 0 : n;
}
/* 16 bytes, zeros where the column holds something else. */
void db_digest(sqlite3_stmt *q, int i, uint8_t ret[FEEDBACK_DIGEST_BYTES]);
/* Not judged where the column holds none that is known. */
enum provenance db_provenance(sqlite3_stmt *q, int i);
/* Size 0 where the column holds no address. */
struct ip_addr db_ip(sqlite3_stmt *q, int i);

static inline void cleanup_statement(sqlite3_stmt **q) { sqlite3_finalize(*q); }
#define _cleanup_statement_ __attribute__((cleanup(cleanup_statement)))

#endif
