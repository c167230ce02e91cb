/* SPDX-License-Identifier: Apache-2.0 */
/* What holds a file in check that may come from a stranger: what its schema may do, how long a value may be, and how
 * long a walk. Private to sqlite/. */
#ifndef SQLITE_GUARD_H
#define SQLITE_GUARD_H

#include "sqlite/db.h"

/* For a handle that was just opened, before anything is read. */
int guard_handle(struct db *db, struct err *e);
/* A call of SQLite begins: how long it takes is counted from here. */
static inline void guard_begin(struct db *db) { db->guard.ticks = 0; }

#endif
