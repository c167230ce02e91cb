/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: one line a document that was met. */
#include "sqlite/db.h"
#include "store_sql_kit.h"

static void assert_ledger(struct fixture *f, const char *expected) {
  assert_sql(f, "SELECT origin, outcome, report_id FROM document ORDER BY id", expected);
}

static void a_document_met_again_adds_no_line(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  int64_t id = store_one(f, "a", 1);
  for (int i = 0; i < 2; i++) {
    add_line(f, document_of("x.xml", i ? DOCUMENT_DUPLICATE : DOCUMENT_NEW, id));
    add_line(f, document_of("y.xml", DOCUMENT_DUPLICATE, id));
    add_line(f, document_of("bad.xml", DOCUMENT_REJECTED, 0));
    add_line(f, document_of("note.txt", DOCUMENT_NO_REPORT, 0));
  }
  assert_ledger(f, "x.xml|new|1\ny.xml|duplicate|1\nbad.xml|rejected|\nnote.txt|no-report|\n");
}

static void other_content_or_another_outcome_adds_a_line(void **state) {
  struct fixture *f = *state;
  struct ledger_line document = document_of("x.xml", DOCUMENT_REJECTED, 0);
  open_for(f, LOCAL_WRITE);
  add_line(f, document);
  document.digest[0]++;
  add_line(f, document);
  document.outcome = DOCUMENT_CONFLICTING;
  add_line(f, document);
  assert_ledger(f, "x.xml|rejected|\nx.xml|rejected|\nx.xml|conflicting|\n");
}

/* The reason is a sentence for people: that it is worded anew is no news. */
static void without_content_a_document_is_known_by_its_origin(void **state) {
  struct fixture *f = *state;
  struct ledger_line document = document_of("x.gz", DOCUMENT_REJECTED, 0);
  memset(document.digest, 0, sizeof document.digest);
  open_for(f, LOCAL_WRITE);
  document.reason = "broken";
  add_line(f, document);
  document.reason = "is broken";
  add_line(f, document);
  document.origin = "y.gz";
  add_line(f, document);
  document.outcome = DOCUMENT_NO_REPORT;
  add_line(f, document);
  assert_sql(f, "SELECT origin, outcome, reason, digest IS NULL FROM document ORDER BY id",
             "x.gz|rejected|broken|1\ny.gz|rejected|is broken|1\ny.gz|no-report|is broken|1\n");
}

static void a_line_says_what_kind_of_report_its_document_is(void **state) {
  struct fixture *f = *state;
  struct ledger_line document = document_of("x.xml", DOCUMENT_NEW, 0);
  open_for(f, LOCAL_WRITE);
  document.kind = REPORT_AGGREGATE;
  add_line(f, document);
  add_line(f, document_of("y.xml", DOCUMENT_REJECTED, 0));
  assert_sql(f, "SELECT origin, kind FROM document ORDER BY id", "x.xml|1\ny.xml|\n");
}

/* Else so many documents that say the same would cost their square. */
static void a_line_is_found_by_an_index_alone(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  add_line(f, document_of("x.xml", DOCUMENT_REJECTED, 0));
  int questions = 0;
  for (sqlite3_stmt *q = NULL; (q = sqlite3_next_stmt(local_db(f->local)->handle, q));) {
    if (!strstr(sqlite3_sql(q), "FROM document")) continue;
    _cleanup_free_ char *plan = mem_printf("EXPLAIN QUERY PLAN %s", sqlite3_sql(q)), *got = ask_sql(f->path, plan);
    assert_non_null(strstr(got, "SEARCH document USING INDEX document_by_report (report_id=? AND identity=?)"));
    assert_null(strstr(got, "SCAN"));
    questions++;
  }
  assert_int_equal(questions, 1);
}

static void a_document_stored_anew_restates_its_line(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  int64_t first = store_one(f, "a", 1);
  add_line(f, document_of("x.xml", DOCUMENT_NEW, first));
  add_line(f, document_of("y.xml", DOCUMENT_DUPLICATE, first));
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, ledger_unlink(f->local, first, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_ledger(f, "x.xml|new|\ny.xml|duplicate|\n");
  struct feedback_header a = plain_header("a");
  int64_t again = replace_report(f, &a, NULL, 0);
  assert_ok(f, store_flush(f->store, &f->e));
  add_line(f, document_of("y.xml", DOCUMENT_NEW, again));
  add_line(f, document_of("x.xml", DOCUMENT_DUPLICATE, again));
  assert_ledger(f, "x.xml|new|\ny.xml|new|3\n");
}

struct lines {
  struct strbuf text;
  int stop_after;
};

static int note_line(void *user, const struct ledger_line *d, struct err *e) {
  struct lines *lines = user;
  strbuf_printf(&lines->text, "%s %s;", d->origin, document_outcome_word(d->outcome));
  assert_int_equal(d->bytes, 1000);
  assert_int_equal(d->records, 2);
  assert_int_equal(d->digest[0], 7);
  if (lines->stop_after && !--lines->stop_after) return err_set(e, ERR_INTERRUPTED, "enough");
  return 0;
}

static void the_ledger_is_read_by_outcome_time_and_reason(void **state) {
  struct fixture *f = *state;
  struct lines lines = {0};
  struct report_filter filter = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  struct ledger_line odd = document_of("b.xml", DOCUMENT_NEW, 0), late = document_of("c.xml", DOCUMENT_REJECTED, 0);
  odd.reason = "replaced a damaged copy";
  late.seen_s += 100;
  add_line(f, document_of("a.xml", DOCUMENT_NEW, 0));
  add_line(f, odd);
  add_line(f, late);
  assert_ok(f, ledger_each(f->local, &filter, 1u << DOCUMENT_REJECTED, false, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "c.xml rejected;");
  assert_ok(f, ledger_each(f->local, &filter, 0, true, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "c.xml rejected;b.xml new;");
  strbuf_reset(&lines.text);
  filter.until_s = late.seen_s;
  assert_ok(f, ledger_each(f->local, &filter, ~0u, false, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "a.xml new;b.xml new;");
  strbuf_reset(&lines.text);
  lines.stop_after = 1;
  assert_int_equal(ledger_each(f->local, &filter, ~0u, false, note_line, &lines, &f->e), ERR_INTERRUPTED);
  assert_string_equal(strbuf_text(&lines.text), "a.xml new;");
  strbuf_clear(&lines.text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_document_met_again_adds_no_line),
      IN_FOLDER(other_content_or_another_outcome_adds_a_line),
      IN_FOLDER(without_content_a_document_is_known_by_its_origin),
      IN_FOLDER(a_line_says_what_kind_of_report_its_document_is),
      IN_FOLDER(a_line_is_found_by_an_index_alone),
      IN_FOLDER(a_document_stored_anew_restates_its_line),
      IN_FOLDER(the_ledger_is_read_by_outcome_time_and_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
