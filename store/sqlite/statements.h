/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement that writing reports needs, prepared once a store. Private to store/. */
#ifndef STORE_SQLITE_STATEMENTS_H
#define STORE_SQLITE_STATEMENTS_H

#include <sqlite3.h>

#include "base/err.h"

struct sqlite_store;

enum statement {
  SQL_DATA_VERSION,
  SQL_NEXT_RECORD,
  SQL_SAVEPOINT,
  SQL_ROLLBACK_TO,
  SQL_RELEASE,
  SQL_FIND_NAME,
  SQL_ADD_NAME,
  SQL_FIND_IP,
  SQL_FIND_UNREADABLE,
  SQL_ADD_ADDRESS,
  SQL_FIND_PATTERN,
  SQL_ADD_PATTERN,
  SQL_NEXT_PATTERN,
  SQL_ADD_PATTERN_KEY,
  SQL_ADD_RESULT, /* and two, and three at once */
  SQL_ADD_RESULTS_2,
  SQL_ADD_RESULTS_3,
  SQL_ADD_REASON,
  SQL_ADD_RECORD,
  SQL_FIND_REPORT,
  SQL_SAME_CONTENT,
  SQL_ADD_REPORT,
  SQL_SET_PROVENANCE,
  SQL_ADD_ERROR,
  SQL_ADD_FOREIGN,
  SQL_RANGE_OF_REPORT,
  SQL_DELETE_RECORDS,
  SQL_DELETE_ERRORS,
  SQL_DELETE_FOREIGN,
  SQL_DELETE_REPORT,
  SQL_IS_WHOLE,
  SQL_RECORDS_OF_REPORT,
  SQL_PACK_REPORT,
  SQL_STATEMENTS, /* how many there are */
};

/* Ready to bind. The store keeps it; whoever steps it resets it. */
int statement_get(struct sqlite_store *s, enum statement which, sqlite3_stmt **ret, struct err *e);

#endif
