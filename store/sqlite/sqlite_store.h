/* SPDX-License-Identifier: Apache-2.0 */
/* What a store in an SQLite file consists of. Private to store/. */
#ifndef STORE_SQLITE_STORE_H
#define STORE_SQLITE_STORE_H

#include "sqlite/db.h"
#include "store/sqlite/intern.h"
#include "store/sqlite/statements.h"
#include "store/store.h"

struct store {
  struct db *db;      /* borrowed */
  uint64_t rollbacks; /* of the file's, those that were noticed: sqlite_store_notice */

  struct decoder *decoder; /* of the walks over flows that are going on; NULL: none, or its ids may be given out anew */

  /* What follows serves writing. */
  sqlite3_stmt *statements[SQL_STATEMENTS]; /* prepared on first use */
  struct interner interner;
  uint64_t transaction; /* the file's that was joined last */
  int64_t data_version; /* of our last transaction: another one means that somebody else wrote since */
  bool report_open, report_revocable;
  int64_t next_record;              /* id of the next record */
  int64_t next_pattern;             /* id of the next pattern; 0: to be asked */
  int64_t first_record;             /* of the open report */
  int64_t message_count, uncounted; /* of the open report */
};

/* Before anything that is remembered of rows is used: a transaction may have been rolled back, by whoever else stands
 * on the file, and ids that were taken back are given out again. */
void sqlite_store_notice(struct store *s);

#endif
