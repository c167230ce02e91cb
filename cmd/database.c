/* SPDX-License-Identifier: Apache-2.0 */
/* Opens both halves of a database, today in one file. */
#include "cmd/database.h"

int database_open(struct database *ret, const char *path, enum local_mode mode, struct err *e) {
  *ret = (struct database){0};
  if (!*path) return err_set(e, ERR_IO, "no database is named, and there is no home folder for one: say --db FILE");
  int code = local_open(path, mode, &ret->local, e);
  if (!code) ret->store = store_open_in(local_db(ret->local));
  return code;
}

void database_close(struct database *d) {
  store_close(d->store);
  local_close(d->local);
  *d = (struct database){0};
}
