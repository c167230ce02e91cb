/* SPDX-License-Identifier: Apache-2.0 */
/* The store in an SQLite file: which rows it makes, in whose transaction, and beside whom. */
#include "store_sql_kit.h"

/* --- rows that are shared ---------------------------------------------------------------------------------------- */

static void records_that_say_the_same_share_a_pattern(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 3);
  open_for(f, LOCAL_WRITE); /* empty caches */
  store_one(f, "b", 3);
  assert_sql(f, "SELECT count(*) FROM pattern", "1\n");
  assert_sql(f, "SELECT count(*) FROM address", "1\n");
  assert_sql(f, "SELECT group_concat(id) FROM record", "1,2,3,4,5,6\n");
}

static void patterns_that_differ_in_anything_are_not_mixed_up(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("r");
  struct feedback_record base = full_record(), r[16];
  struct auth_result other[3][5];
  for (size_t i = 0; i < ARRAY_SIZE(r); i++) r[i] = base;
  for (size_t i = 0; i < 3; i++) memcpy(other[i], FULL_RESULTS, sizeof FULL_RESULTS);
  r[1].disposition.raw = NULL;
  r[2].disposition.text = "reject";
  r[3].dkim.raw = NULL;
  r[4].spf.text = "pass";
  r[5].header_from = "example.com";
  r[6].envelope_from = NULL;
  r[7].reason_count = 2;
  r[8].result_count = 4;
  r[9].flags = 0;
  r[10].dkim_alignment = ALIGNMENT_NONE;
  r[11].spf_alignment = ALIGNMENT_NONE;
  other[0][0].human_result = NULL;
  other[1][3].scope = "helo";
  other[2][1].result.raw = "INVALID";
  for (size_t i = 0; i < 3; i++) r[12 + i].results = other[i];
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, r, ARRAY_SIZE(r));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT count(*), count(DISTINCT pattern_id) FROM record", "16|15\n"); /* 0 and 15 are the same */
}

static int keep_origin(void *user, const struct store_report *report, struct err *e) {
  (void)e;
  strbuf_add_text(user, report->origin);
  return 0;
}

static void a_report_tells_the_document_it_came_from(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  _cleanup_strbuf_ struct strbuf origin = STRBUF_INIT;
  open_for(f, LOCAL_WRITE);
  int64_t id = store_one(f, "r", 1);
  add_line(f, document_of("b.xml", DOCUMENT_DUPLICATE, id));
  add_line(f, document_of("a.xml", DOCUMENT_NEW, id));
  assert_ok(f, store_each_report(f->store, &all, keep_origin, &origin, &f->e));
  assert_string_equal(strbuf_text(&origin), "a.xml");
}

static void what_is_no_address_stands_beside_the_address_of_the_same_text(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("r");
  struct feedback_record records[] = {plain_record("192.0.2.1", 1), plain_record("192.0.2.1", 1)};
  records[1].source_ip = (struct ip_addr){0};
  records[1].source_text = "192.0.2.1";
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 2; i++) add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT text, ip IS NULL FROM address ORDER BY id", "192.0.2.1|0\n192.0.2.1|1\n");
}

static void a_write_that_fails_takes_its_batch_along(void **state) {
  struct fixture *f = *state;
  struct feedback_header a = plain_header("a"), b = plain_header("b");
  struct feedback_record records[] = {plain_record("192.0.2.1", 1), plain_record("192.0.2.1", 13)};
  int64_t id;
  open_for(f, LOCAL_WRITE);
  run_trigger(f,
              "CREATE TRIGGER no_13 BEFORE INSERT ON record WHEN NEW.count = 13"
              " BEGIN SELECT RAISE(ABORT, 'not 13'); END");
  add_report(f, f->store, &a, records, 1);
  assert_int_equal(put_with(f->store, &b, DIGEST, records, 2, &id, &f->e), ERR_STORE);
  assert_says(f, "not 13");
  assert_false(local_in_transaction(f->local));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM record), (SELECT count(*) FROM name)",
             "0|0|0\n");
}

/* --- the rows and the transaction of the file --------------------------------------------------------------------- */

static void a_dropped_stream_leaves_no_row(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, LOCAL_WRITE);
  stream_of(f, &record, 1);
  assert_ok(f, store_stream_drop(f->store, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM name), (SELECT count(*) FROM pattern)",
             "0|0|0\n");
  stream_of(f, &record, 1);
  assert_ok(f, store_stream_drop(f->store, &f->e));
  add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT first_record, record_count FROM report", "1|1\n");
  assert_sql(f, "PRAGMA foreign_key_check", "");
}

static void a_batch_is_part_of_the_transaction_that_is_open(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("a");
  struct ledger_line line = document_of("a.xml", DOCUMENT_NEW, 0);
  int64_t id;
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 4; i++) { /* dropped, aborted before and behind the flush, committed */
    assert_ok(f, local_begin(f->local, &f->e));
    line.report = add_report(f, f->store, &header, NULL, 0);
    assert_ok(f, ledger_add(f->local, &line, &f->e));
    if (i > 1) assert_ok(f, store_flush(f->store, &f->e));
    if (i > 1) store_drop(f->store); /* it was flushed */
    assert_true(local_in_transaction(f->local));
    if (i == 0) store_drop(f->store);
    if (i == 1 || i == 2) local_abort(f->local);
    if (i == 3) assert_ok(f, local_commit(f->local, &f->e));
    assert_false(local_in_transaction(f->local));
    assert_sql(f, "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM document)", i == 3 ? "1|1\n" : "0|0\n");
  }
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, store_stream_begin(f->store, &f->e));
  local_abort(f->local);
  const struct store_entry entry = entry_of(&header, DIGEST);
  assert_int_equal(store_stream_keep(f->store, &entry, &id, &f->e), ERR_STORE);
  assert_says(f, "no transaction is open");
}

static void a_report_that_makes_way_takes_its_records_and_errors_along(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, LOCAL_WRITE);
  int64_t kept = store_one(f, "kept", 2);
  int64_t gone = add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_flush(f->store, &f->e));
  add_line(f, document_of("kept.xml", DOCUMENT_NEW, kept));
  add_line(f, document_of("gone.xml", DOCUMENT_NEW, gone));
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, ledger_unlink(f->local, gone, &f->e));
  header.error_count = header.foreign_count = 0;
  replace_report(f, &header, NULL, 0);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_sql(f,
             "SELECT count(*) FROM report UNION ALL SELECT count(*) FROM record UNION ALL"
             " SELECT count(*) FROM report_error UNION ALL SELECT count(*) FROM report_foreign",
             "2\n2\n0\n0\n");
  assert_sql(f, "SELECT origin, report_id FROM document ORDER BY id", "kept.xml|1\ngone.xml|\n");
  assert_sql(f, "PRAGMA foreign_key_check", "");
}

/* Else the walk in the order of reports would not be the order of records, and ranges could overlap. */
static void ranges_of_records_ascend_whatever_made_way(void **state) {
  struct fixture *f = *state;
  struct feedback_header b = plain_header("b");
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 3);
  store_one(f, "empty", 0);
  replace_report(f, &b, NULL, 0);
  store_one(f, "c", 2);
  assert_sql(f, "SELECT id, first_record, record_count FROM report ORDER BY id", "1|1|2\n3|6|0\n5|6|0\n6|6|2\n");
  assert_int_equal(total_of(f).mail.records, 4);
}

static int replace_it(void *user, const struct store_report *report, struct err *e) {
  static const uint8_t OTHER[FEEDBACK_DIGEST_BYTES] = {8};
  struct fixture *f = user;
  int64_t id;
  return report->record_count ? put_with(f->store, &report->header, OTHER, NULL, 0, &id, e) : 0;
}

static void reports_may_make_way_while_they_are_walked(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 3);
  store_one(f, "c", 1);
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, store_each_report(f->store, &all, replace_it, f, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_int_equal(count_reports(f), 3);
  assert_sql(f, "SELECT count(*) FROM record", "0\n");
}

/* --- several writers ---------------------------------------------------------------------------------------------- */

static void two_connections_write_in_turns(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = plain_record("192.0.2.1", 1);
  open_for(f, LOCAL_WRITE);
  struct fixture other = open_beside(f, LOCAL_WRITE);
  for (int i = 0; i < 6; i++) {
    struct fixture *w = i % 2 ? &other : f;
    char id[8];
    snprintf(id, sizeof id, "r%d", i);
    struct feedback_header header = plain_header(id);
    struct store_known known;
    record.header_from = i < 4 ? id : "r0"; /* patterns of their own, and one that is there */
    assert_ok(w, local_begin(w->local, &w->e));
    assert_int_equal(find_report(w, w->store, &header, DIGEST, &known), 0);
    add_report(w, w->store, &header, &record, 1);
    assert_ok(w, local_commit(w->local, &w->e));
    assert_int_equal(find_report(f, i % 2 ? f->store : other.store, &header, DIGEST, &known), 1);
  }
  close_store(&other);
  assert_sql(f, "SELECT group_concat(first_record) FROM report", "1,2,3,4,5,6\n");
  assert_sql(f, "SELECT group_concat(header_from) FROM record_view", "r0,r1,r2,r3,r0,r0\n");
  assert_sql(f, "SELECT count(*) FROM pattern", "4\n");
}

static void what_another_process_removed_is_not_remembered(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
  run_sql(f->path,
          "DELETE FROM record; DELETE FROM report; DELETE FROM pattern_key; DELETE FROM pattern;"
          " DELETE FROM name; DELETE FROM address");
  store_one(f, "b", 1);
  assert_sql(f, "PRAGMA foreign_key_check", "");
  assert_sql(f, "SELECT policy_domain, source_ip, header_from FROM record_view", "example.com|192.0.2.1|example.com\n");
}

static void write_reports(const char *path, int writer) {
  struct fixture f = {0};
  snprintf(f.path, sizeof f.path, "%s", path);
  if (local_open(path, LOCAL_WRITE, &f.local, &f.e) < 0) {
    fprintf(stderr, "%s\n", f.e.text);
    _exit(1);
  }
  f.store = store_open_in(local_db(f.local));
  struct feedback_record records[] = {plain_record("192.0.2.1", 1), plain_record("192.0.2.1", 1)};
  for (int i = 0; i < 20; i++) {
    char id[16];
    int64_t report;
    snprintf(id, sizeof id, "%d-%d", writer, i);
    struct feedback_header header = plain_header(id);
    if (put_with(f.store, &header, DIGEST, records, 2, &report, &f.e) < 0 || store_flush(f.store, &f.e) < 0) {
      fprintf(stderr, "%s\n", f.e.text);
      _exit(1);
    }
  }
  close_store(&f);
  _exit(0);
}

static void processes_may_create_and_fill_a_database_at_once(void **state) {
  struct fixture *f = *state;
  pid_t children[4];
  for (int i = 0; i < 4; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (!children[i]) write_reports(f->path, i);
  }
  for (int i = 0; i < 4; i++) {
    int status;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_int_equal(status, 0);
  }
  assert_sql(f, "SELECT count(*), sum(record_count) FROM report", "80|160\n");
  assert_sql(f, "SELECT count(*), max(id) FROM record", "160|160\n");
  assert_sql(f, "SELECT count(*) FROM report a JOIN report b ON a.id < b.id AND a.first_record >= b.first_record",
             "0\n");
}

static void readers_do_not_wait_for_a_writer(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("b");
  int n = 0;
  struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
  assert_ok(f, local_begin(f->local, &f->e));
  add_report(f, f->store, &header, NULL, 0);
  struct fixture reader = open_beside(f, LOCAL_READ);
  assert_ok(f, store_each_report(reader.store, &all, count_report, &n, &f->e));
  close_store(&reader);
  assert_int_equal(n, 1);
  assert_int_equal(count_reports(f), 2);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static int fill(struct fixture *f, int *ret_reports) {
  struct feedback_record record = full_record();
  char text[400], id[16];
  int r = 0;
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  record.header_from = text;
  for (int i = 0; r == 0 && i < 20000; i++) {
    int64_t report;
    snprintf(id, sizeof id, "%d", i);
    memcpy(text, id, strlen(id));
    struct feedback_header header = plain_header(id);
    const struct store_entry entry = entry_of(&header, DIGEST);
    struct feedback_record *list[] = {&record};
    if (i % 2)
      r = store_put(f->store, &entry, list, 1, &report, &f->e);
    else if ((r = store_stream_begin(f->store, &f->e)) == 0 && (r = store_stream_add(f->store, list, 1, &f->e)) == 0)
      r = store_stream_keep(f->store, &entry, &report, &f->e);
    if (r == 0 && i % 500 == 499 && (r = store_flush(f->store, &f->e)) == 0) *ret_reports = i + 1;
  }
  return r;
}

/* The limit on the size of files stands in for a full disk: the system refuses to write in the same place. */
static void a_full_disk_costs_the_open_transaction_alone(void **state) {
  struct fixture *f = *state;
  struct rlimit before, limit;
  int stored = 0;
  open_for(f, LOCAL_WRITE);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = (struct rlimit){3 << 20, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  int r = fill(f, &stored);
  bool inside = local_in_transaction(f->local);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(r, ERR_STORE);
  assert_says(f, f->path);
  assert_says(f, strerror(EFBIG));
  assert_false(inside);
  assert_int_equal(count_reports(f), stored);
  store_one(f, "afterwards", 1); /* the handle is as good as before */
  assert_int_equal(count_reports(f), stored + 1);
  assert_sql(f, "PRAGMA integrity_check", "ok\n");
}

/* --- more than the caches hold ------------------------------------------------------------------------------------ */

#define LONG_NAMES 14000
#define LONG_BYTES 1000

static void spell_long(char *text, int i) {
  memset(text, 'a' + i % 26, LONG_BYTES);
  memcpy(text,
         &(char[8]){(char)('a' + i / 17576 % 26), (char)('a' + i / 676 % 26), (char)('a' + i / 26 % 26),
                    (char)('a' + i % 26), '.', '.', '.', '.'},
         8);
  text[LONG_BYTES] = '\0';
}

static int check_long(void *user, const struct store_report *report, const struct feedback_record *record,
                      struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)report, (void)e;
  int i = (*(int *)user)++;
  spell_long(expected, i % LONG_NAMES);
  assert_string_equal(record->header_from, expected);
  return 0;
}

static int check_long_group(void *user, const struct store_group *group, struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)e;
  spell_long(expected, (*(int *)user)++);
  assert_string_equal(group->header_from, expected);
  assert_string_equal(group->header_froms[0], expected);
  assert_int_equal(group->tally.mail.records, 2);
  return 0;
}

static int check_long_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  char expected[LONG_BYTES + 1];
  (void)e;
  assert_int_equal(number, (*(int *)user)++);
  spell_long(expected, (int)number);
  assert_string_equal(pattern->header_from, expected);
  return 0;
}

static int want_all(void *user, const struct store_flow_report *report, struct err *e) {
  (void)user, (void)report, (void)e;
  return 1;
}

static int no_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)user, (void)number, (void)ip, (void)text, (void)e;
  return 0;
}

static int leave_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)user, (void)flow, (void)e;
  return 0;
}

static void caches_that_overflow_forget_and_go_on(void **state) {
  struct fixture *f = *state;
  struct report_filter all = REPORT_FILTER_ALL;
  char text[LONG_BYTES + 1];
  struct feedback_record record = plain_record("192.0.2.1", 1);
  struct feedback_header header = plain_header("r");
  int64_t id;
  int records = 0, groups = 0;
  record.header_from = text;
  open_for(f, LOCAL_WRITE);
  const struct store_entry entry = entry_of(&header, DIGEST);
  assert_ok(f, store_stream_begin(f->store, &f->e));
  for (int i = 0; i < 2 * LONG_NAMES; i++) {
    spell_long(text, i % LONG_NAMES);
    assert_ok(f, store_stream_add(f->store, (struct feedback_record *[]){&record}, 1, &f->e));
  }
  assert_ok(f, store_stream_keep(f->store, &entry, &id, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_sql(f, "SELECT count(*) FROM pattern", "14000\n");
  assert_ok(f, store_each_record(f->store, &all, check_long, &records, &f->e));
  assert_int_equal(records, 2 * LONG_NAMES);
  int patterns = 0;
  assert_ok(f, store_each_flow(
                   f->store, &all,
                   &(struct store_flow_events){want_all, no_source, check_long_pattern, leave_flow, &patterns}, &f->e));
  assert_int_equal(patterns, LONG_NAMES);
  assert_ok(f, store_aggregate(f->store, &all, STORE_BY_HEADER_FROM, check_long_group, &groups, &f->e));
  assert_int_equal(groups, LONG_NAMES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(records_that_say_the_same_share_a_pattern),
      IN_FOLDER(patterns_that_differ_in_anything_are_not_mixed_up),
      IN_FOLDER(a_report_tells_the_document_it_came_from),
      IN_FOLDER(what_is_no_address_stands_beside_the_address_of_the_same_text),
      IN_FOLDER(a_write_that_fails_takes_its_batch_along),
      IN_FOLDER(a_dropped_stream_leaves_no_row),
      IN_FOLDER(a_batch_is_part_of_the_transaction_that_is_open),
      IN_FOLDER(a_report_that_makes_way_takes_its_records_and_errors_along),
      IN_FOLDER(ranges_of_records_ascend_whatever_made_way),
      IN_FOLDER(reports_may_make_way_while_they_are_walked),
      IN_FOLDER(two_connections_write_in_turns),
      IN_FOLDER(what_another_process_removed_is_not_remembered),
      IN_FOLDER(processes_may_create_and_fill_a_database_at_once),
      IN_FOLDER(readers_do_not_wait_for_a_writer),
      IN_FOLDER(a_full_disk_costs_the_open_transaction_alone),
      IN_FOLDER(caches_that_overflow_forget_and_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
