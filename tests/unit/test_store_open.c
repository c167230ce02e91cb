/* SPDX-License-Identifier: Apache-2.0 */
/* Whose file it is, which layout it has, and how an older one is brought up to date. */
#include "store_sql_kit.h"

#include "sqlite/db.h"

/* --- whose file is it --------------------------------------------------------------------------------------------- */

static void assert_refused(struct fixture *f, enum local_mode mode, int code, const char *says) {
  struct local *l = NULL;
  assert_int_equal(local_open(f->path, mode, &l, &f->e), code);
  assert_null(l);
  assert_says(f, f->path);
  assert_says(f, says);
}

static void write_file(const char *path, const char *text) {
  _cleanup_fclose_ FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
}

static void a_database_that_is_not_there_is_not_found(void **state) {
  assert_refused(*state, LOCAL_READ, ERR_NOT_FOUND, "no such database");
}

static void a_database_is_created_with_its_folders(void **state) {
  struct fixture *f = *state;
  snprintf(f->path, sizeof f->path, "%s/a/b/dmarc.db", f->folder);
  open_for(f, LOCAL_WRITE);
  assert_sql(f, "PRAGMA application_id", "1145918019\n"); /* "DMRC" */
  assert_sql(f, "PRAGMA user_version", "5\n");
  assert_sql(f, "PRAGMA journal_mode", "wal\n");
  open_for(f, LOCAL_READ);
  assert_int_equal(count_reports(f), 0);
}

static void a_relative_name_is_a_file_whatever_it_looks_like(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *before = getcwd(NULL, 0);
  assert_int_equal(chdir(f->folder), 0);
  static const char *const NAMES[] = {":memory:", "file:x?mode=memory", "plain.db"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    struct local *l;
    assert_ok(f, local_open(NAMES[i], LOCAL_WRITE, &l, &f->e));
    local_close(l);
    assert_int_equal(access(NAMES[i], F_OK), 0);
  }
  assert_int_equal(chdir(before), 0);
}

static void a_scratch_database_is_nobody_elses_and_leaves_nothing(void **state) {
  struct fixture *f = *state;
  struct local *one = NULL, *other = NULL;
  assert_ok(f, local_open(f->path, LOCAL_SCRATCH, &one, &f->e));
  assert_ok(f, local_open(f->path, LOCAL_SCRATCH, &other, &f->e));
  assert_ok(f, db_run(local_db(one), "INSERT INTO name (text) VALUES ('a')", &f->e));
  int64_t names = -1;
  sqlite3_stmt *s;
  assert_int_equal(sqlite3_prepare_v2(local_db(other)->handle, "SELECT count(*) FROM name", -1, &s, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(s), SQLITE_ROW);
  names = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  assert_int_equal(names, 0);
  local_close(one);
  local_close(other);
  assert_int_not_equal(access(f->path, F_OK), 0);
}

static void a_file_that_is_no_database_is_refused(void **state) {
  struct fixture *f = *state;
  write_file(f->path,
             "From: someone@example.com\n\nThis is a mail and long enough to be taken for a header of a file.\n"
             "This is a mail and long enough to be taken for a header of a file.\n");
  assert_refused(f, LOCAL_READ, ERR_STORE, "no dmarcctl database");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "no dmarcctl database");
}

static void a_directory_is_refused(void **state) {
  struct fixture *f = *state;
  assert_int_equal(mkdir(f->path, 0700), 0);
  assert_refused(f, LOCAL_READ, ERR_STORE, "is a directory");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "is a directory");
}

static void a_folder_that_cannot_be_made_is_told(void **state) {
  struct fixture *f = *state;
  struct local *l;
  _cleanup_free_ char *file = mem_printf("%s/file", f->folder);
  write_file(file, "x");
  snprintf(f->path, sizeof f->path, "%s/file/dmarc.db", f->folder);
  assert_int_equal(local_open(f->path, LOCAL_WRITE, &l, &f->e), ERR_IO);
  assert_says(f, file);
}

static void an_empty_file_is_filled_by_an_import_alone(void **state) {
  struct fixture *f = *state;
  write_file(f->path, "");
  assert_refused(f, LOCAL_READ, ERR_STORE, "run an import");
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
}

static void another_programs_database_is_refused_and_left_alone(void **state) {
  struct fixture *f = *state;
  run_sql(f->path, "CREATE TABLE cookies (a)");
  assert_refused(f, LOCAL_READ, ERR_STORE, "another program");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "another program");
  run_sql(f->path, "PRAGMA application_id = 1196444487");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "another program");
  assert_sql(f, "SELECT name FROM sqlite_schema", "cookies\n");
  assert_sql(f, "PRAGMA journal_mode", "delete\n");
}

static void a_newer_database_is_refused(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  run_sql(f->path, "PRAGMA user_version = 6");
  assert_refused(f, LOCAL_READ, ERR_STORE, "newer dmarcctl");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "newer dmarcctl");
}

/* Version 0 had no index from reports to documents; its views were others. */
static void make_preview(struct fixture *f) {
  make_version_1(f);
  run_sql(f->path,
          "DROP INDEX document_by_report; DROP VIEW document_view; DROP VIEW record_view;"
          " CREATE VIEW record_view AS SELECT * FROM record; PRAGMA user_version = 0");
}

static void check_migration(struct fixture *f, void (*make_older)(struct fixture *f), const char *version) {
  static const char LAYOUT[] = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
  open_for(f, LOCAL_WRITE);
  _cleanup_free_ char *fresh = ask_sql(f->path, LAYOUT);
  make_older(f);
  assert_refused(f, LOCAL_READ, ERR_STORE, "run an import once");
  assert_sql(f, "PRAGMA user_version", version);
  open_for(f, LOCAL_REHEARSE); /* in a copy, which is gone with it */
  assert_int_equal(total_of(f).mail.records, 2);
  close_store(f);
  assert_sql(f, "PRAGMA user_version", version);
  open_for(f, LOCAL_WRITE);
  assert_sql(f, "PRAGMA user_version", "5\n");
  assert_sql(f, LAYOUT, fresh);
  assert_int_equal(total_of(f).mail.records, 2);
  open_for(f, LOCAL_READ);
  assert_int_equal(count_reports(f), 1);
}

static void an_older_database_is_migrated_by_a_writer_alone(void **state) {
  check_migration(*state, make_preview, "0\n");
}

static void a_database_without_labels_is_migrated_too(void **state) { check_migration(*state, make_version_1, "1\n"); }

static void a_database_without_mailboxes_is_migrated_too(void **state) {
  check_migration(*state, make_version_2, "2\n");
}

static void a_database_without_identities_is_migrated_too(void **state) {
  check_migration(*state, make_version_3, "3\n");
}

/* With the lines of the ledger as version 3 wrote them: the digest of the reason stood in where there was no content.
 */
static void documents_and_reports_of_an_older_database_are_known_again(void **state) {
  struct fixture *f = *state;
  struct feedback_header nameless = plain_header(NULL), old = plain_header("old");
  make_version_3(f);
  run_sql(
      f->path,
      "INSERT INTO report (org_id, email_id, policy_domain_id, begin_s, end_s, first_record, record_count, message_count,"
      " uncounted, flags, digest, imported_s) SELECT org_id, email_id, policy_domain_id, begin_s, end_s, 3, 0, 0, 0, 1,"
      " digest, 0 FROM report;"
      "INSERT INTO document VALUES (1, 'old.xml', 'new', NULL, 1000, 2, 1, 1736000000,"
      " x'07000000000000000000000000000000'), (2, 'gone.gz', 'rejected', 'broken', 0, 0, NULL, 1736000000,"
      " x'472cb4db85dafae358bb6680b0fe3098'), (3, 'odd.xml', 'rejected', 'line 3', 9, 0, NULL, 1736000000,"
      " x'07000000000000000000000000000000')");
  open_for(f, LOCAL_WRITE);
  assert_sql(f, "SELECT origin, outcome, report_id, kind, hex(digest) FROM document ORDER BY id",
             "old.xml|new|1|1|07000000000000000000000000000000\ngone.gz|rejected|||\n"
             "odd.xml|rejected|||07000000000000000000000000000000\n");
  struct store_known known;
  assert_int_equal(find_report(f, f->store, &old, NULL, &known), 1);
  assert_int_equal(known.report, 1);
  assert_int_equal(find_report(f, f->store, &nameless, DIGEST, &known), 1);
  assert_int_equal(known.report, 2);
  assert_true(known.damaged);
  struct ledger_line again[] = {document_of("old.xml", DOCUMENT_DUPLICATE, 1),
                                document_of("gone.gz", DOCUMENT_REJECTED, 0),
                                document_of("odd.xml", DOCUMENT_REJECTED, 0)};
  memset(again[1].digest, 0, sizeof again[1].digest);
  again[1].reason = "broken, in other words";
  assert_ok(f, local_begin(f->local, &f->e));
  for (size_t i = 0; i < ARRAY_SIZE(again); i++) assert_ok(f, ledger_add(f->local, &again[i], &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_sql(f, "SELECT count(*) FROM document", "3\n");
}

/* Stored as two when a reporter was its name letter by letter: neither is lost, and the first is found again. */
static void reports_that_differ_in_case_alone_stay_two(void **state) {
  struct fixture *f = *state;
  struct feedback_header old = plain_header("old");
  make_version_3(f);
  run_sql(
      f->path,
      "INSERT INTO name (text) SELECT upper(text) FROM name JOIN report ON name.id = org_id;"
      "INSERT INTO report (org_id, email_id, policy_domain_id, begin_s, end_s, first_record, record_count, message_count,"
      " uncounted, flags, digest, imported_s, report_id) SELECT (SELECT max(id) FROM name), email_id,"
      " policy_domain_id, begin_s, end_s, 3, 0, 0, 0, 1, digest, 0, report_id FROM report");
  open_for(f, LOCAL_WRITE);
  struct store_known known;
  assert_sql(f, "SELECT count(*), count(DISTINCT identity) FROM report", "2|2\n");
  assert_int_equal(find_report(f, f->store, &old, NULL, &known), 1);
  assert_int_equal(known.report, 1);
}

/* In U-labels, by a program that took them for another domain than their A-labels. */
static void domains_of_an_older_database_get_their_one_spelling(void **state) {
  struct fixture *f = *state;
  make_version_3(f);
  run_sql(
      f->path,
      "INSERT INTO name (id, text) VALUES (100, 'b\u00fccher.example'), (101, 'xn--bcher-kva.example'),"
      " (102, 'mail.b\u00fccher.example'), (103, 'B\u00fccher AG');"
      "UPDATE report SET policy_domain_id = 100, org_id = 103;"
      "INSERT INTO auth_result (id, method, domain_id, scope, result) VALUES (100, 'dkim', 101, NULL, 'pass'),"
      " (101, 'spf', 102, 'mfrom', 'pass'), (102, 'dkim', 100, NULL, 'fail'), (103, 'spf', 101, 'helo', 'pass');"
      "INSERT INTO pattern (id, header_from_id, envelope_from_id, dkim_alignment, spf_alignment, first_result,"
      " result_count, reason_count, flags) VALUES (100, 100, 102, 1, 1, 100, 2, 0, 0),"
      " (101, 100, NULL, 1, 1, 102, 2, 0, 0), (102, 100, 102, 1, 1, 103, 1, 0, 0), (103, 100, NULL, 0, 0, 102, 2, 0, 0);"
      "UPDATE record SET pattern_id = 100, envelope_to_id = 102;"
      "INSERT INTO label (subject, source, verdict, domain, made_s) VALUES ('domain', 'b\u00fccher.example',"
      " 'legitimate', 'b\u00fccher.example', 0), ('domain', 'x\u00e9.example', 'ignore', NULL, 0),"
      " ('domain', 'xn--x-bga.example', 'legitimate', NULL, 0)");
  open_for(f, LOCAL_WRITE);
#define BOOKS "xn--bcher-kva.example"
  assert_sql(f,
             "SELECT domain.text, org.text FROM report JOIN name AS domain ON domain.id = policy_domain_id JOIN name AS"
             " org ON org.id = org_id",
             BOOKS "|B\u00fccher AG\n");
  assert_sql(
      f,
      "SELECT header_from.text, mfrom.text, dkim_alignment, spf_alignment FROM pattern JOIN name AS header_from ON"
      " header_from.id = header_from_id LEFT JOIN name AS mfrom ON mfrom.id = envelope_from_id WHERE pattern.id >="
      " 100 ORDER BY pattern.id",
      BOOKS "|mail." BOOKS "|3|2\n" BOOKS "||1|3\n" BOOKS "|mail." BOOKS "|1|1\n" BOOKS "||0|0\n");
  assert_sql(f, "SELECT DISTINCT text FROM record JOIN name ON name.id = envelope_to_id", "mail." BOOKS "\n");
  assert_sql(f, "SELECT source, domain FROM label ORDER BY source COLLATE BINARY",
             BOOKS "|" BOOKS "\nxn--x-bga.example|\nx\u00e9.example|\n");
  struct feedback_header old = plain_header("old");
  struct store_known known;
  old.policy_domain = BOOKS;
  old.org_name = "B\u00fccher AG";
  assert_int_equal(find_report(f, f->store, &old, NULL, &known), 1);
  assert_sql(f, "PRAGMA foreign_key_check", "");
}

static void a_migration_that_fails_changes_nothing(void **state) {
  struct fixture *f = *state;
  make_preview(f);
  run_sql(f->path, "ALTER TABLE document RENAME COLUMN report_id TO other");
  assert_refused(f, LOCAL_WRITE, ERR_STORE, "report_id");
  assert_sql(f, "PRAGMA user_version", "0\n");
  assert_sql(f, "SELECT sql FROM sqlite_schema WHERE name = 'record_view'",
             "CREATE VIEW record_view AS SELECT * FROM record\n");
}

/* root may write everywhere: then the test goes on as somebody else. */
static void a_reader_needs_no_right_to_write(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 3);
  close_store(f);
  assert_int_equal(chmod(f->path, 0444), 0);
  assert_int_equal(chmod(f->folder, 0555), 0);
  bool root = geteuid() == 0;
  if (root) assert_int_equal(seteuid(65534), 0);
  int r = local_open(f->path, LOCAL_READ, &f->local, &f->e);
  if (r == 0) f->store = store_open_in(local_db(f->local));
  int records = r < 0 ? r : (int)total_of(f).mail.records;
  int w = r < 0 ? r : local_open(f->path, LOCAL_WRITE, &(struct local *){0}, &(struct err){0});
  if (root) assert_int_equal(seteuid(0), 0);
  assert_int_equal(chmod(f->folder, 0755), 0);
  if (r < 0) fail_msg("%s", f->e.text);
  assert_int_equal(records, 3);
  assert_int_equal(w, ERR_STORE);
}

static void a_folder_in_which_nothing_may_be_made_is_told_as_that(void **state) {
  struct fixture *f = *state;
  struct local *l;
  assert_int_equal(chmod(f->folder, 0555), 0);
  bool root = geteuid() == 0;
  if (root) assert_int_equal(seteuid(65534), 0);
  int r = local_open(f->path, LOCAL_WRITE, &l, &f->e);
  if (root) assert_int_equal(seteuid(0), 0);
  assert_int_equal(chmod(f->folder, 0755), 0);
  assert_int_equal(r, ERR_IO);
  assert_says(f, f->path);
  assert_says(f, "cannot be made: Permission denied");
}

static void a_reader_changes_nothing_and_leaves_nothing(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
  open_for(f, LOCAL_READ);
  assert_int_equal(count_reports(f), 1);
  close_store(f);
  _cleanup_free_ char *log = mem_printf("%s-wal", f->path), *shared = mem_printf("%s-shm", f->path);
  assert_int_equal(access(log, F_OK), -1);
  assert_int_equal(access(shared, F_OK), -1);
}

static void damage_within_is_told_and_never_guessed_over(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  struct group_tally tally;
  struct expected x = {.header = plain_header("a"), .records = {plain_record("192.0.2.1", 1)}};
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
  run_sql(f->path, "UPDATE record SET pattern_id = 99");
  assert_int_equal(store_aggregate(f->store, &all, 0, keep_tally, &tally, &f->e), ERR_STORE);
  assert_says(f, "damaged: there is no pattern 99");
  assert_int_equal(store_each_record(f->store, &all, compare_record, &x, &f->e), ERR_STORE);
  run_sql(f->path, "UPDATE record SET pattern_id = 1, address_id = 77");
  assert_int_equal(store_each_record(f->store, &all, compare_record, &x, &f->e), ERR_STORE);
  assert_says(f, "damaged: there is no address 77");
  assert_int_equal(store_aggregate(f->store, &all, STORE_BY_NETWORK, keep_tally, &tally, &f->e), ERR_STORE);
  assert_says(f, "damaged: there is no address 77");
}

static void records_that_are_missing_do_not_shift_the_others(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 4; i++) store_one(f, (const char *[]){"a", "b", "c", "d"}[i], 2);
  run_sql(f->path, "DELETE FROM record WHERE id IN (2, 3, 8)");
  struct group_tally total = total_of(f);
  assert_int_equal(total.mail.records, 5);
  assert_int_equal(total.reports, 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_database_that_is_not_there_is_not_found),
      IN_FOLDER(a_database_is_created_with_its_folders),
      IN_FOLDER(a_relative_name_is_a_file_whatever_it_looks_like),
      IN_FOLDER(a_scratch_database_is_nobody_elses_and_leaves_nothing),
      IN_FOLDER(a_file_that_is_no_database_is_refused),
      IN_FOLDER(a_directory_is_refused),
      IN_FOLDER(a_folder_that_cannot_be_made_is_told),
      IN_FOLDER(a_folder_in_which_nothing_may_be_made_is_told_as_that),
      IN_FOLDER(an_empty_file_is_filled_by_an_import_alone),
      IN_FOLDER(another_programs_database_is_refused_and_left_alone),
      IN_FOLDER(a_newer_database_is_refused),
      IN_FOLDER(an_older_database_is_migrated_by_a_writer_alone),
      IN_FOLDER(a_database_without_labels_is_migrated_too),
      IN_FOLDER(a_database_without_mailboxes_is_migrated_too),
      IN_FOLDER(a_database_without_identities_is_migrated_too),
      IN_FOLDER(documents_and_reports_of_an_older_database_are_known_again),
      IN_FOLDER(reports_that_differ_in_case_alone_stay_two),
      IN_FOLDER(domains_of_an_older_database_get_their_one_spelling),
      IN_FOLDER(a_migration_that_fails_changes_nothing),
      IN_FOLDER(a_reader_needs_no_right_to_write),
      IN_FOLDER(a_reader_changes_nothing_and_leaves_nothing),
      IN_FOLDER(damage_within_is_told_and_never_guessed_over),
      IN_FOLDER(records_that_are_missing_do_not_shift_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
