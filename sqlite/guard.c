/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of SQLite against hostile files, and the end of walks that have none.
 *
 * Pages of a tree may point to each other in such a way that a table of twenty pages has more rows than there are
 * atoms. SQLite finds circles, but not that; so we count. */
#include "sqlite/guard.h"

#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/mem.h"

/* Our largest value is what is kept of a pruned report of 10,000,000 records; its texts have 4 MB together. */
#define VALUE_BYTES_MOST (128 << 20)
#define SQL_BYTES_MOST 100000 /* our largest statement, a migration, has some 6,000 */
#define COLUMNS_MOST 100      /* our widest table has 34 */

#define OPERATIONS_A_TICK (1 << 20) /* some 20 ms */
/* What one statement may cost: reading a row takes some 10 operations and a row at least 8 bytes, so no walk over a
 * whole file comes near it. Small files have a minimum, a second or two. */
#define TICKS_LEAST 64
#define OPERATIONS_A_BYTE 64
#define RECORD_BYTES_LEAST 3 /* of a pruned report, where the numbers are small; a row has some 12 */

/* Holes in a file make it large for nothing, and its pages can be anywhere in it; so a size counts as far as the disk
 * knows of it. A file system that compresses stores a fraction, and one that writes later tells of it later. */
#define TIMES_COMPRESSED_MOST 16
#define BYTES_NOT_YET_TOLD (UINT64_C(64) << 20)
#define BLOCK_BYTES 512 /* st_blocks of Linux */

static uint64_t size_of(const char *path, const char *suffix) {
  _cleanup_free_ char *name = mem_printf("%s%s", path, suffix);
  struct stat st;
  if (stat(name, &st) < 0 || st.st_size <= 0) return 0;
  const uint64_t size = (uint64_t)st.st_size, stored = (uint64_t)st.st_blocks * BLOCK_BYTES;
  const uint64_t most = stored * TIMES_COMPRESSED_MOST + BYTES_NOT_YET_TOLD;
  return stored && size > most ? most : size; /* some file systems count no blocks */
}

static uint64_t size_of_file(const struct db *db) { return size_of(db->path, "") + size_of(db->path, "-wal"); }

static bool is_too_long(const struct db *db, uint64_t ticks) {
  return !db->is_scratch && ticks > TICKS_LEAST &&
         ticks > size_of_file(db) / OPERATIONS_A_TICK * OPERATIONS_A_BYTE + TICKS_LEAST;
}

int64_t db_rows_most(const struct db *db) {
  return db->is_scratch ? INT64_MAX : (int64_t)(size_of_file(db) / RECORD_BYTES_LEAST);
}

/* What this run of the statement has cost so far. That SQLite counted no run since we looked last tells it from another
 * run, and from another statement that was made in the same place. Those for which there is no place wait for one:
 * walks stand inside each other five deep at most. */
static uint64_t cost_of(struct guard *g, sqlite3_stmt *q) {
  const bool is_new = sqlite3_stmt_status(q, SQLITE_STMTSTATUS_RUN, 1) > 0;
  const uint32_t counted = (uint32_t)sqlite3_stmt_status(q, SQLITE_STMTSTATUS_VM_STEP, 0);
  struct guarded_run *run = NULL;
  for (size_t i = 0; i < ARRAY_SIZE(g->runs) && (!run || run->statement != q); i++)
    if (!g->runs[i].statement || g->runs[i].statement == q) run = &g->runs[i];
  if (!run) return 0;
  /* It counts in 32 bits, and does not get round between two ticks. */
  if (!is_new && run->statement == q)
    run->operations += counted - run->counted;
  else
    run->operations = 0;
  run->statement = q;
  run->counted = counted;
  run->ticked = g->ticked;
  return run->operations;
}

static void forget_ended(struct guard *g) {
  for (size_t i = 0; i < ARRAY_SIZE(g->runs); i++)
    if (g->runs[i].ticked != g->ticked) g->runs[i].statement = NULL;
}

/* One step without an end, or a walk of many steps. */
static int tick(void *user) {
  struct db *db = user;
  struct guard *g = &db->guard;
  if (is_too_long(db, ++g->ticks)) return 1;
  g->ticked++;
  for (sqlite3_stmt *q = sqlite3_next_stmt(db->handle, NULL); q; q = sqlite3_next_stmt(db->handle, q))
    if (sqlite3_stmt_busy(q) && is_too_long(db, cost_of(g, q) / OPERATIONS_A_TICK)) return 1;
  forget_ended(g);
  return 0;
}

int guard_handle(struct db *db, struct err *e) {
  static const struct {
    int setting, value;
  } SETTINGS[] =
      {
          {SQLITE_DBCONFIG_DEFENSIVE, 1},      /* nothing writes to the schema or to shadow tables */
          {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, /* nothing in it calls what has effects */
          {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, /* we have none, and read no view */
          {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
      },
    LIMITS[] = {
        {SQLITE_LIMIT_LENGTH, VALUE_BYTES_MOST}, {SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MOST},
        {SQLITE_LIMIT_COLUMN, COLUMNS_MOST},     {SQLITE_LIMIT_ATTACHED, 1}, /* VACUUM takes one */
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    };
  sqlite3_extended_result_codes(db->handle, 1);
  for (size_t i = 0; i < ARRAY_SIZE(SETTINGS); i++)
    sqlite3_db_config(db->handle, SETTINGS[i].setting, SETTINGS[i].value, NULL);
  for (size_t i = 0; i < ARRAY_SIZE(LIMITS); i++) sqlite3_limit(db->handle, LIMITS[i].setting, LIMITS[i].value);
  sqlite3_progress_handler(db->handle, OPERATIONS_A_TICK, tick, db);
  return db_run(db, "PRAGMA cell_size_check = ON", e);
}
