/* SPDX-License-Identifier: Apache-2.0 */
/* The database that the user names with --db: the reports, and beside them what belongs to this machine. */
#ifndef CMD_DATABASE_H
#define CMD_DATABASE_H

#include "local/local.h"
#include "store/store.h"

struct database {
  struct local *local;
  struct store *store;
};

/* As local_open; ERR_IO for the empty path, which names none. `ret` is zeroed on failure. */
int database_open(struct database *ret, const char *path, enum local_mode mode, struct err *e);
void database_close(struct database *d); /* accepts a zeroed one; rolls back what was not committed */

#endif
