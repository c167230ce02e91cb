/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the file: creating it, bringing an older one up to date, and telling a file that has it from one that
 * only says so. Private to sqlite/. All run inside a transaction of the caller's. */
#ifndef SQLITE_LAYOUT_H
#define SQLITE_LAYOUT_H

#include "sqlite/db.h"

#define LAYOUT_VERSION 5 /* user_version */

/* In an empty file. */
int layout_create(struct db *db, struct err *e);
/* From what the file's user_version says. */
int layout_migrate(struct db *db, struct err *e);
/* Is each table, index and view as schema.sql and views.sql write it, and is there nothing else? A file may come from a
 * stranger, who may write anything behind our application_id: a column of another type, a trigger, a view in the place
 * of a table. ERR_STORE with the name of what is not ours. */
int layout_check(struct db *db, struct err *e);

#endif
