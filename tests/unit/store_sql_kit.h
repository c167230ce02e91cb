/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the file itself: what SQL sees in it, older layouts, and lines of the ledger. */
#ifndef TESTS_STORE_SQL_KIT_H
#define TESTS_STORE_SQL_KIT_H

#include <sqlite3.h>

#include "local/ledger.h"
#include "sqlite/db.h"
#include "store_kit.h"

/* Behind the back of the store, as a person in the sqlite3 shell. */
static inline void run_sql(const char *path, const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
  sqlite3_close(db);
}

/* A trigger that an open handle obeys: it would refuse a file with one, and does not run any. */
static inline void run_trigger(struct fixture *f, const char *sql) {
  run_sql(f->path, sql);
  assert_int_equal(sqlite3_db_config(local_db(f->local)->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL), SQLITE_OK);
  sqlite3_limit(local_db(f->local)->handle, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
}

/* The result as text, '|' between columns, one line a row. Free it. */
static inline char *ask_sql(const char *path, const char *sql) {
  sqlite3 *db;
  sqlite3_stmt *q;
  struct strbuf text = STRBUF_INIT;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  while (sqlite3_step(q) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(q); i++) {
      const char *value = (const char *)sqlite3_column_text(q, i);
      strbuf_printf(&text, "%s%s", i ? "|" : "", value ? value : "");
    }
    strbuf_add_char(&text, '\n');
  }
  sqlite3_finalize(q);
  sqlite3_close(db);
  return text.data ? text.data : mem_strdup("");
}

#define assert_sql(f, sql, expected)                     \
  do {                                                   \
    _cleanup_free_ char *_got = ask_sql((f)->path, sql); \
    assert_string_equal(_got, expected);                 \
  } while (0)

/* --- the ledger -------------------------------------------------------------------------------------------------- */

static inline struct ledger_line document_of(const char *origin, enum document_outcome outcome, int64_t report) {
  return (struct ledger_line){.origin = origin,
                              .outcome = outcome,
                              .bytes = 1000,
                              .records = 2,
                              .report = report,
                              .seen_s = 1736000000,
                              .digest = {7}};
}

static inline void add_line(struct fixture *f, struct ledger_line document) {
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, ledger_add(f->local, &document, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
}

/* --- older layouts ------------------------------------------------------------------------------------------------ */

/* The tables of version 3 that today's differ from, as that version made them. */
static const char REPORT_3[] =
    "CREATE TABLE report (id INTEGER PRIMARY KEY, policy_domain_id INTEGER REFERENCES name, org_id "
    "INTEGER REFERENCES name, begin_s INTEGER, end_s INTEGER, first_record INTEGER NOT NULL, record_count "
    "INTEGER NOT NULL, adkim TEXT, aspf TEXT, message_count INTEGER NOT NULL, uncounted INTEGER NOT NULL, "
    "report_id TEXT, email_id INTEGER REFERENCES name, extra_contact_info_id INTEGER REFERENCES name, "
    "generator_id INTEGER REFERENCES name, schema_id INTEGER REFERENCES name, version TEXT, p TEXT, sp "
    "TEXT, np TEXT, pct TEXT, fo TEXT, testing TEXT, discovery_method TEXT, flags INTEGER NOT NULL, "
    "digest BLOB NOT NULL, imported_s INTEGER NOT NULL) STRICT; ";
static const char DOCUMENT_3[] =
    "CREATE TABLE document (id INTEGER PRIMARY KEY, origin TEXT NOT NULL, outcome TEXT NOT NULL, reason "
    "TEXT, bytes INTEGER NOT NULL, records INTEGER NOT NULL, report_id INTEGER REFERENCES report (id), "
    "seen_s INTEGER NOT NULL, digest BLOB NOT NULL) STRICT; ";

static const char LABEL_3[] =
    "CREATE TABLE label (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, source TEXT NOT NULL COLLATE NOCASE, verdict "
    "TEXT NOT NULL, domain TEXT, until_s INTEGER, note TEXT, made_s INTEGER NOT NULL) STRICT; "
    "CREATE UNIQUE INDEX label_identity ON label (source, ifnull(domain, ''));";

/* Version 3 found reports by five columns and lines of the ledger by their digest, which was never absent. */
static inline void make_version_3(struct fixture *f) {
  open_for(f, LOCAL_WRITE);
  store_one(f, "old", 2);
  close_store(f);
  _cleanup_free_ char *sql = mem_printf(
      "PRAGMA legacy_alter_table = ON; DROP TABLE report_word; DROP TABLE acknowledgement; DROP TABLE feed; DROP TABLE suspect;"
      "DROP TABLE dns_state; DROP TABLE mailbox_name; DROP TABLE taken_step; DROP TABLE notify_told; DROP TABLE notify_message; DROP TABLE notify_way;"
      "ALTER TABLE report RENAME TO report_4; %s; INSERT INTO report SELECT "
      "id, policy_domain_id, org_id, begin_s, end_s, first_record, record_count, adkim, aspf, "
      "message_count, uncounted, report_id, email_id, extra_contact_info_id, generator_id, schema_id, "
      "version, p, sp, np, pct, fo, testing, discovery_method, flags, digest, imported_s "
      "FROM report_4; DROP TABLE report_4;"
      "CREATE UNIQUE INDEX report_identity ON report (policy_domain_id, begin_s, end_s, org_id, report_id);"
      "DROP TABLE mailbox; CREATE TABLE mailbox (id INTEGER PRIMARY KEY, account TEXT NOT NULL, folder TEXT NOT NULL,"
      " uidvalidity INTEGER NOT NULL, next_uid INTEGER NOT NULL, read_s INTEGER NOT NULL, UNIQUE (account, folder)) STRICT;"
      "DROP VIEW report_view; DROP TABLE report_foreign; DROP TABLE document; %s;"
      "CREATE INDEX document_without_report ON document (digest) WHERE report_id IS NULL;"
      "CREATE INDEX document_by_report ON document (report_id) WHERE report_id IS NOT NULL;"
      "DROP TABLE label; %s;"
      "PRAGMA user_version = 3",
      REPORT_3, DOCUMENT_3, LABEL_3);
  run_sql(f->path, sql);
}

/* Version 2 knew neither mail servers nor the DNS. */
static inline void make_version_2(struct fixture *f) {
  make_version_3(f);
  run_sql(f->path, "DROP TABLE mailbox; DROP TABLE mailbox_task; DROP TABLE dns_answer; PRAGMA user_version = 2");
}

/* Version 1 had no labels. */
static inline void make_version_1(struct fixture *f) {
  make_version_2(f);
  run_sql(f->path, "DROP TABLE label; PRAGMA user_version = 1");
}

#endif
