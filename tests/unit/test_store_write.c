/* SPDX-License-Identifier: Apache-2.0 */
/* What is written: it comes back as it was, is known again, and is whole or not there. */
#include "sqlite/db.h"
#include "store_kit.h"

/* --- round trip --------------------------------------------------------------------------------------------------- */

static int compare_report(void *user, const struct store_report *report, struct err *e) {
  struct expected *x = user;
  (void)e;
  assert_same_header(&report->header, &x->header);
  assert_int_equal(report->header.error_count, x->header.error_count);
  for (uint32_t i = 0; i < x->header.error_count; i++) assert_text(report->header.errors[i], x->header.errors[i]);
  x->met++;
  return 0;
}

static void check_round_trip(struct fixture *f, struct expected *x, size_t records) {
  struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &x->header, x->records, records);
  assert_ok(f, store_flush(f->store, &f->e));
  open_for(f, LOCAL_READ);
  assert_ok(f, store_each_record(f->store, &all, compare_record, x, &f->e));
  assert_int_equal(x->met, records);
  assert_ok(f, store_each_report(f->store, &all, compare_report, x, &f->e));
  assert_int_equal(x->met, records + 1);
}

static void every_field_comes_back_as_it_was_stored(void **state) {
  struct expected x = {.header = full_header(), .records = {full_record(), plain_record("192.0.2.7", 0)}};
  check_round_trip(*state, &x, 2);
}

static void what_is_absent_stays_absent(void **state) {
  struct expected x = {.header = {.begin_s = FEEDBACK_TIME_UNKNOWN, .end_s = FEEDBACK_TIME_UNKNOWN},
                       .records = {{.count = FEEDBACK_COUNT_UNKNOWN, .flags = RECORD_COUNT_UNREADABLE}}};
  check_round_trip(*state, &x, 1);
}

static void a_source_that_is_no_address_keeps_its_text(void **state) {
  static const char *const TEXTS[] = {NULL, "not an address", "not an address",
                                      "192.0.2.1"}; /* looks like one, but was said to be none */
  struct expected x = {.header = plain_header("r")};
  for (int i = 0; i < 4; i++) {
    x.records[i] = plain_record("192.0.2.1", 1);
    if (TEXTS[i]) x.records[i].source_ip = (struct ip_addr){0};
    x.records[i].source_text = TEXTS[i];
  }
  check_round_trip(*state, &x, 4);
  struct fixture *f = *state;
  assert_sql(f, "SELECT text, ip IS NULL FROM address ORDER BY id", "192.0.2.1|0\nnot an address|1\n192.0.2.1|1\n");
}

static void a_report_without_records_comes_back(void **state) {
  struct expected x = {.header = full_header()};
  check_round_trip(*state, &x, 0);
}

static int keep_report(void *user, const struct store_report *report, struct err *e) {
  struct store_report *kept = user;
  (void)e;
  *kept = *report;
  kept->origin = mem_strdup(report->origin);
  return 0;
}

static void add_line(struct fixture *f, struct ledger_line document) {
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, ledger_add(f->local, &document, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
}

static void a_report_tells_its_sums_its_origin_and_when_it_came(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", 5), plain_record("192.0.2.1", FEEDBACK_COUNT_UNKNOWN),
                                      plain_record("192.0.2.2", 7)};
  struct feedback_header header = plain_header("r");
  struct report_filter all = REPORT_FILTER_ALL;
  struct store_report report = {0};
  int64_t before = utc_now();
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  int64_t id = add_report(f, f->store, &header, records, 3);
  assert_ok(f, local_commit(f->local, &f->e));
  add_line(f, document_of("b.xml", DOCUMENT_DUPLICATE, id));
  add_line(f, document_of("a.xml", DOCUMENT_NEW, id));
  assert_ok(f, store_each_report(f->store, &all, keep_report, &report, &f->e));
  _cleanup_free_ const char *origin = report.origin;
  assert_string_equal(origin, "a.xml");
  assert_int_equal(report.number, 1);
  assert_int_equal(report.record_count, 3);
  assert_int_equal(report.message_count, 12);
  assert_true(report.imported_s >= before && report.imported_s <= utc_now());
}

static void sums_of_absurd_counts_do_not_wrap_around(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", INT64_MAX), plain_record("192.0.2.1", 10)};
  struct feedback_header header = plain_header("r");
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_true(total_of(f).mail.messages == INT64_MAX);
  assert_sql(f, "SELECT message_count FROM report", "9223372036854775807\n");
}

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

/* --- identity ----------------------------------------------------------------------------------------------------- */

static void a_stored_report_is_known_by_its_identity(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("r"), other;
  struct store_known known;
  open_for(f, LOCAL_WRITE);
  assert_int_equal(find_report(f, f->store, &header, DIGEST, &known), 0);
  header.flags = FEEDBACK_DAMAGED;
  int64_t id = add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(find_report(f, f->store, &header, NULL, &known), 1);
  assert_ok(f, store_flush(f->store, &f->e));
  open_for(f, LOCAL_READ);
  assert_int_equal(find_report(f, f->store, &header, NULL, &known), 1);
  assert_int_equal(known.report, id);
  assert_true(known.damaged);
  assert_memory_equal(known.digest, DIGEST, sizeof DIGEST);
  for (int i = 0; i < 5; i++) {
    other = header;
    if (i == 0) other.org_name = "Other Inc";
    if (i == 1) other.policy_domain = "example.org";
    if (i == 2) other.report_id = "R";
    if (i == 3) other.begin_s++;
    if (i == 4) other.end_s = FEEDBACK_TIME_UNKNOWN;
    assert_int_equal(find_report(f, f->store, &other, DIGEST, &known), 0);
  }
}

static void many_identities_are_asked_for_at_once(void **state) {
  struct fixture *f = *state;
  struct feedback_header headers[] = {plain_header("a"), plain_header("strange"), plain_header("b"), plain_header("a")};
  struct identity identities[ARRAY_SIZE(headers)];
  struct store_known known[ARRAY_SIZE(headers)];
  for (size_t i = 0; i < ARRAY_SIZE(headers); i++) identities[i] = identity_of_report(&headers[i], NULL);
  open_for(f, LOCAL_WRITE);
  int64_t a = store_one(f, "a", 1);
  headers[2].flags = FEEDBACK_DAMAGED;
  int64_t b = add_report(f, f->store, &headers[2], NULL, 0);
  memset(known, 0xff, sizeof known); /* nothing of before shows through */
  assert_ok(f, store_ask_known(f->store, identities, ARRAY_SIZE(identities), known, &f->e));
  assert_true(known[0].is_known && known[0].report == a && !known[0].damaged);
  assert_true(!known[1].is_known && known[1].report == 0);
  assert_true(known[2].is_known && known[2].report == b && known[2].damaged);
  assert_true(known[3].is_known && known[3].report == a);
  assert_ok(f, store_ask_known(f->store, NULL, 0, NULL, &f->e));
}

static void absent_parts_of_an_identity_are_equal_to_absent_ones_only(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = {.report_id = "r", .begin_s = FEEDBACK_TIME_UNKNOWN, .end_s = FEEDBACK_TIME_UNKNOWN};
  struct feedback_header full = plain_header("r");
  struct store_known known;
  open_for(f, LOCAL_WRITE);
  int64_t id = add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(find_report(f, f->store, &full, DIGEST, &known), 0);
  assert_int_equal(find_report(f, f->store, &header, DIGEST, &known), 1);
  assert_int_equal(known.report, id);
}

static void a_report_without_an_id_is_told_from_others_by_its_content(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header(NULL);
  const uint8_t other[FEEDBACK_DIGEST_BYTES] = {9};
  struct store_known known;
  int64_t id;
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(find_report(f, f->store, &header, DIGEST, &known), 1);
  assert_int_equal(find_report(f, f->store, &header, other, &known), 0);
  assert_int_equal(find_report(f, f->store, &header, NULL, &known), 0);  /* nothing left from before */
  assert_ok(f, put_with(f->store, &header, other, NULL, 0, &id, &f->e)); /* both may be there */
  assert_int_equal(find_report(f, f->store, &header, other, &known), 1);
  assert_int_equal(known.report, id);
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

static void what_was_put_is_there_at_once_and_stays_with_the_flush(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 3; i++) { /* closed, dropped, and then flushed */
    add_report(f, f->store, &header, &record, 1);
    assert_int_equal(count_reports(f), 1);
    if (i == 1) store_drop(f->store);
    if (i == 2) assert_ok(f, store_flush(f->store, &f->e));
    if (i != 1) open_for(f, LOCAL_WRITE);
    assert_int_equal(count_reports(f), i == 2);
  }
  struct report_filter all = REPORT_FILTER_ALL;
  struct expected x = {.header = header, .records = {record}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_int_equal(x.met, 1);
}

static void a_flush_without_a_batch_does_nothing(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 2; i++) assert_ok(f, store_flush(f->store, &f->e));
  store_drop(f->store);
  store_one(f, "a", 1);
  store_drop(f->store); /* it was flushed */
  assert_int_equal(count_reports(f), 1);
}

static void put_batch(struct fixture *f, int64_t ret[3]) {
  static const char *const IDS[] = {"a", "b", "c"};
  struct feedback_record records[] = {plain_record("192.0.2.1", 1), plain_record("192.0.2.2", 2), full_record()};
  for (size_t i = 0; i < 3; i++) {
    struct feedback_header header = i == 2 ? full_header() : plain_header(IDS[i]);
    ret[i] = add_report(f, f->store, &header, records, i + 1);
    assert_true(ret[i]);
  }
}

static void the_same_batch_again_changes_nothing(void **state) {
  struct fixture *f = *state;
  int64_t first[3], again[3];
  open_for(f, LOCAL_WRITE);
  put_batch(f, first);
  assert_ok(f, store_flush(f->store, &f->e));
  struct group_tally once = total_of(f);
  for (int i = 0; i < 3; i++) { /* in a batch of its own, twice in one, and from another handle */
    put_batch(f, again);
    assert_memory_equal(first, again, sizeof first);
    if (i == 1) put_batch(f, again);
    assert_ok(f, store_flush(f->store, &f->e));
    struct group_tally twice = total_of(f);
    assert_int_equal(twice.reports, once.reports);
    assert_int_equal(twice.mail.records, once.mail.records);
    assert_int_equal(twice.mail.messages, once.mail.messages);
    if (i == 1) open_for(f, LOCAL_WRITE);
  }
  store_one(f, "d", 2); /* and what comes behind is not mixed up with it */
  assert_int_equal(total_of(f).mail.records, once.mail.records + 2);
  assert_int_equal(count_reports(f), 4);
}

static void a_batch_with_a_failure_in_the_middle_leaves_nothing(void **state) {
  struct fixture *f = *state;
  int64_t ids[3];
  open_for(f, LOCAL_WRITE);
  store_one(f, "before", 1);
  put_batch(f, ids);
  assert_int_equal(store_stream_keep(f->store, NULL, &ids[0], &f->e), ERR_STORE);
  assert_says(f, "no report is being streamed");
  assert_int_equal(count_reports(f), 1);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 1);
  put_batch(f, ids); /* the handle is as good as before */
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 4);
  assert_int_equal(total_of(f).mail.records, 7);
}

static void another_content_of_a_report_takes_its_place(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record(), plain = plain_record("192.0.2.1", 5);
  struct feedback_header header = full_header();
  struct report_filter all = REPORT_FILTER_ALL;
  struct store_known known;
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, &record, 1);
  int64_t kept = store_one(f, "kept", 2);
  header.flags = 0;
  header.error_count = 0;
  int64_t now = replace_report(f, &header, &plain, 1);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 2);
  assert_int_equal(total_of(f).mail.messages, 7);
  assert_int_equal(find_report(f, f->store, &header, NULL, &known), 1);
  assert_true(known.report == now && now != kept && !known.damaged);
  all.report_id = header.report_id;
  struct expected x = {.header = header, .records = {plain}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_ok(f, store_each_report(f->store, &all, compare_report, &x, &f->e));
  assert_int_equal(x.met, 2);
}

static void what_is_asked_out_of_turn_is_refused(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record(), *list[] = {&record};
  struct feedback_header header = full_header();
  const struct store_entry entry = entry_of(&header, DIGEST);
  int64_t id;
  open_for(f, LOCAL_WRITE);
  assert_int_equal(store_stream_add(f->store, list, 1, &f->e), ERR_STORE);
  assert_int_equal(store_stream_keep(f->store, &entry, &id, &f->e), ERR_STORE);
  assert_int_equal(store_stream_drop(f->store, &f->e), ERR_STORE);
  assert_says(f, "no report is being streamed");
  for (int i = 0; i < 3; i++) {
    assert_ok(f, store_stream_begin(f->store, &f->e));
    int r = i == 0   ? store_stream_begin(f->store, &f->e)
            : i == 1 ? store_put(f->store, &entry, list, 1, &id, &f->e)
                     : store_flush(f->store, &f->e);
    assert_int_equal(r, ERR_STORE);
    assert_says(f, "still being streamed");
  }
  assert_int_equal(count_reports(f), 0);
  open_for(f, LOCAL_READ);
  assert_int_equal(store_put(f->store, &entry, list, 1, &id, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static void stream_of(struct fixture *f, const struct feedback_record *records, size_t n) {
  _cleanup_free_ struct feedback_record **list = list_of(records, n);
  assert_ok(f, store_stream_begin(f->store, &f->e));
  for (size_t i = 0; i < n; i++) assert_ok(f, store_stream_add(f->store, &list[i], 1, &f->e));
}

static void a_stream_that_is_kept_is_as_if_it_had_been_put(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {full_record(), plain_record("192.0.2.1", 1)};
  struct feedback_header header = full_header();
  const struct store_entry entry = entry_of(&header, DIGEST);
  struct report_filter all = REPORT_FILTER_ALL;
  int64_t id, again;
  open_for(f, LOCAL_WRITE);
  stream_of(f, records, 2);
  assert_ok(f, store_stream_keep(f->store, &entry, &id, &f->e));
  for (int i = 0; i < 2; i++) { /* the same, whichever way it comes */
    assert_int_equal(add_report(f, f->store, &header, records, 2), id);
    stream_of(f, records, 2);
    assert_ok(f, store_stream_keep(f->store, &entry, &again, &f->e));
    assert_int_equal(again, id);
    assert_ok(f, store_flush(f->store, &f->e));
  }
  struct expected x = {.header = header, .records = {records[0], records[1]}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_int_equal(x.met, 2);
}

static void a_stream_takes_the_place_of_another_content(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", 10), plain_record("192.0.2.2", 20)};
  struct feedback_header header = plain_header("a");
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {9};
  const struct store_entry entry = entry_of(&header, digest);
  int64_t id;
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 3);
  store_one(f, "b", 1);
  stream_of(f, records, 2);
  assert_ok(f, store_stream_keep(f->store, &entry, &id, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 2);
  assert_int_equal(total_of(f).mail.records, 3);
  assert_int_equal(total_of(f).mail.messages, 31);
}

static void a_stream_that_is_dropped_was_never_there(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  struct report_filter all = REPORT_FILTER_ALL;
  open_for(f, LOCAL_WRITE);
  for (size_t records = 0; records < 2; records++) {
    stream_of(f, &record, records);
    assert_ok(f, store_stream_drop(f->store, &f->e));
    assert_int_equal(total_of(f).mail.records, 0);
  }
  add_report(f, f->store, &header, &record, 1); /* what the stream brought is not remembered */
  assert_ok(f, store_flush(f->store, &f->e));
  struct expected x = {.header = header, .records = {record}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_int_equal(x.met, 1);
}

static void a_stream_goes_with_its_batch(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &(struct feedback_header){.report_id = "a"}, &record, 1);
  stream_of(f, &record, 1);
  store_drop(f->store);
  assert_int_equal(count_reports(f), 0);
  stream_of(f, &record, 1); /* another one may begin */
  assert_ok(f, store_stream_drop(f->store, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 0);
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
  header.error_count = 0;
  replace_report(f, &header, NULL, 0);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_sql(f,
             "SELECT count(*) FROM report UNION ALL SELECT count(*) FROM record UNION ALL"
             " SELECT count(*) FROM report_error",
             "2\n2\n0\n");
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
  assert_sql(f, "SELECT id, first_record, record_count FROM report ORDER BY id", "1|1|2\n3|6|0\n4|6|0\n5|6|2\n");
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

/* --- the ledger --------------------------------------------------------------------------------------------------- */

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
    assert_non_null(strstr(got, "SEARCH document USING INDEX document_identity (identity=?)"));
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
  assert_ledger(f, "x.xml|new|\ny.xml|new|1\n");
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
      IN_FOLDER(every_field_comes_back_as_it_was_stored),
      IN_FOLDER(what_is_absent_stays_absent),
      IN_FOLDER(a_source_that_is_no_address_keeps_its_text),
      IN_FOLDER(a_report_without_records_comes_back),
      IN_FOLDER(a_report_tells_its_sums_its_origin_and_when_it_came),
      IN_FOLDER(sums_of_absurd_counts_do_not_wrap_around),
      IN_FOLDER(records_that_say_the_same_share_a_pattern),
      IN_FOLDER(patterns_that_differ_in_anything_are_not_mixed_up),
      IN_FOLDER(a_stored_report_is_known_by_its_identity),
      IN_FOLDER(many_identities_are_asked_for_at_once),
      IN_FOLDER(absent_parts_of_an_identity_are_equal_to_absent_ones_only),
      IN_FOLDER(a_report_without_an_id_is_told_from_others_by_its_content),
      IN_FOLDER(what_was_put_is_there_at_once_and_stays_with_the_flush),
      IN_FOLDER(a_flush_without_a_batch_does_nothing),
      IN_FOLDER(the_same_batch_again_changes_nothing),
      IN_FOLDER(a_batch_with_a_failure_in_the_middle_leaves_nothing),
      IN_FOLDER(another_content_of_a_report_takes_its_place),
      IN_FOLDER(what_is_asked_out_of_turn_is_refused),
      IN_FOLDER(a_stream_that_is_kept_is_as_if_it_had_been_put),
      IN_FOLDER(a_stream_takes_the_place_of_another_content),
      IN_FOLDER(a_stream_that_is_dropped_was_never_there),
      IN_FOLDER(a_stream_goes_with_its_batch),
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
