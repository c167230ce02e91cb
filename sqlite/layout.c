/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that make the layout, and what of them SQLite remembers: the text of each, letter by letter. */
#include "sqlite/layout.h"

#include <string.h>

#include "base/cleanup.h"
#include "sqlite/identities.h"

/* A string literal of C promises no more than 4095 characters; gcc and clang have no such limit. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char SCHEMA[] =
#include "sqlite/schema.inc"
    ;
static const char VIEWS[] =
#include "sqlite/views.inc"
    ;

/* MIGRATIONS[N] turns the tables of version N into those of N + 1. The views are rebuilt behind the last step, so that
 * no step needs to care for them. */
static const char *const MIGRATIONS[LAYOUT_VERSION] = {
    /* 0, the preview: without the index from a report to the documents it came from. */
    "CREATE INDEX document_by_report ON document (report_id) WHERE report_id IS NOT NULL;",
/* 1: without labels. */
#include "sqlite/migrate-1.inc"
    ,
/* 2: without mailboxes and answers of the DNS. */
#include "sqlite/migrate-2.inc"
    ,
/* 3: without identities. */
#include "sqlite/migrate-3.inc"
    ,
/* 4: a reporter was its name alone, letter by letter. */
#include "sqlite/migrate-4.inc"
    ,
};
#pragma GCC diagnostic pop

int layout_create(struct db *db, struct err *e) {
  int r = db_run(db, SCHEMA, e);
  return r < 0 ? r : db_run(db, VIEWS, e);
}

int layout_migrate(struct db *db, struct err *e) {
  int64_t version;
  int r = db_ask_number(db, "PRAGMA user_version", &version, e);
  if (r == 0) r = identities_register(db, e);
  for (; r == 0 && version < LAYOUT_VERSION; version++) r = db_run(db, MIGRATIONS[version], e);
  return r < 0 ? r : db_run(db, VIEWS, e);
}

/* --- is it ours? -------------------------------------------------------------------------------------------------- */

/* A statement of the file begins a line and ends with a semicolon, and no other line begins with this word. */
#define STATEMENT "CREATE "

static unsigned count_statements(const char *text) {
  unsigned count = !strncmp(text, STATEMENT, strlen(STATEMENT));
  while ((text = strstr(text, "\n" STATEMENT))) {
    count++;
    text++;
  }
  return count;
}

/* SQLite keeps the text of a statement from its first word to its last. */
static bool is_statement_of(const char *text, const char *sql) {
  const size_t size = strlen(sql);
  for (const char *at = text; size && (at = strstr(at, sql)); at++)
    if ((at == text || at[-1] == '\n') && at[size] == ';') return true;
  return false;
}

int layout_check(struct db *db, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  const unsigned expected = count_statements(SCHEMA) + count_statements(VIEWS);
  unsigned found = 0;
  /* Those without a text are the indexes that SQLite makes for UNIQUE and PRIMARY KEY; the table is for AUTOINCREMENT.
   */
  int r = db_prepare(db,
                     "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
                     " AND sql <> 'CREATE TABLE sqlite_sequence(name,seq)'",
                     &q, e);
  if (r < 0) return r;
  for (; (r = db_step(db, q, e)) == 1; found++) {
    const char *type = db_text(q, 0), *name = db_text(q, 1), *sql = db_text(q, 2);
    if (!sql || (!is_statement_of(SCHEMA, sql) && !is_statement_of(VIEWS, sql)))
      return err_set(e, ERR_STORE,
                     "%s: the %s \"%s\" is not of this dmarcctl: the database was changed by somebody else"
                     " or made by an unreleased version",
                     db->path, type ? type : "object", name ? name : "");
  }
  if (r == 0 && found != expected)
    return err_set(e, ERR_STORE, "%s: %u of the %u tables, indexes and views of a dmarcctl database are missing",
                   db->path, expected - found, expected);
  return r;
}
