/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of the store, on every engine: what is put comes back as it was, is known again, and is whole or not
 * there. */
#include "store_kit.h"

/* --- round trip --------------------------------------------------------------------------------------------------- */

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
}

static void a_report_without_records_comes_back(void **state) {
  struct expected x = {.header = full_header()};
  check_round_trip(*state, &x, 0);
}

static int keep_report(void *user, const struct store_report *report, struct err *e) {
  (void)e;
  *(struct store_report *)user = *report;
  return 0;
}

static void a_report_tells_its_sums_and_when_it_came(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", 5), plain_record("192.0.2.1", FEEDBACK_COUNT_UNKNOWN),
                                      plain_record("192.0.2.2", 7)};
  struct feedback_header header = plain_header("r");
  struct report_filter all = REPORT_FILTER_ALL;
  struct store_report report = {0};
  int64_t before = utc_now();
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, records, 3);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, store_each_report(f->store, &all, keep_report, &report, &f->e));
  assert_int_equal(report.number, 1);
  assert_int_equal(report.record_count, 3);
  assert_int_equal(report.message_count, 12);
  assert_true(report.imported_s >= before && report.imported_s <= utc_now());
}

static void sums_of_absurd_counts_do_not_wrap_around(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", INT64_MAX), plain_record("192.0.2.1", 10)};
  struct feedback_header header = plain_header("r");
  struct report_filter all = REPORT_FILTER_ALL;
  struct store_report report = {0};
  open_for(f, LOCAL_WRITE);
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_flush(f->store, &f->e));
  assert_true(total_of(f).mail.messages == INT64_MAX);
  assert_ok(f, store_each_report(f->store, &all, keep_report, &report, &f->e));
  assert_true(report.message_count == INT64_MAX);
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
  header.error_count = header.foreign_count = 0;
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

/* --- what goes, and what says the same ----------------------------------------------------------------------------- */

static int count_record(void *user, const struct store_report *report, const struct feedback_record *record,
                        struct err *e) {
  (void)report, (void)record, (void)e;
  ++*(int *)user;
  return 0;
}

static void a_report_that_is_removed_is_gone_with_its_records(void **state) {
  struct fixture *f = *state;
  const struct report_filter all = REPORT_FILTER_ALL;
  struct feedback_record records[] = {plain_record("192.0.2.1", 5), plain_record("192.0.2.2", 7)};
  struct feedback_header one = plain_header("one"), other = plain_header("other");
  int met = 0;
  open_for(f, LOCAL_WRITE);
  const int64_t id = add_report(f, f->store, &one, records, 2);
  add_report(f, f->store, &other, records, 1);
  assert_ok(f, store_remove(f->store, id, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_int_equal(count_reports(f), 1);
  assert_ok(f, store_each_record(f->store, &all, count_record, &met, &f->e));
  assert_int_equal(met, 1);
}

struct same {
  int64_t report;
  char report_id[8];
  unsigned count;
};

static int keep_same(void *user, int64_t report, bool pruned, const struct feedback_header *header, struct err *e) {
  (void)e, (void)pruned;
  struct same *x = user;
  x->report = report;
  x->count++;
  snprintf(x->report_id, sizeof x->report_id, "%s", header->report_id);
  return 0;
}

static void a_content_is_found_among_reports_with_records_that_begin_then(void **state) {
  struct fixture *f = *state;
  const struct feedback_record record = plain_record("192.0.2.1", 5);
  static const struct {
    const char *id;
    int64_t begin_s;
    uint8_t content;
    size_t records;
  } REPORTS[] = {
      {"other", 100, 8, 1}, {"empty", 100, 7, 0}, {"early", 99, 7, 1}, {"late", 201, 7, 1}, {"here", 100, 7, 1}};
  const uint8_t content[FEEDBACK_DIGEST_BYTES] = {7};
  struct same found = {0};
  int64_t id = 0;
  open_for(f, LOCAL_WRITE);
  for (size_t i = 0; i < ARRAY_SIZE(REPORTS); i++) {
    struct feedback_header header = plain_header(REPORTS[i].id);
    header.begin_s = REPORTS[i].begin_s;
    header.content[0] = REPORTS[i].content;
    id = add_report(f, f->store, &header, &record, REPORTS[i].records);
  }
  assert_ok(f, store_each_same(f->store, content, 100, 200, keep_same, &found, &f->e));
  assert_int_equal(found.count, 1);
  assert_int_equal(found.report, id);
  assert_string_equal(found.report_id, "here");
}

static int note_report_id(void *user, const struct store_report *report, struct err *e) {
  (void)e;
  strbuf_printf(user, "%s ", report->header.report_id);
  return 0;
}

static int note_record_of(void *user, const struct store_report *report, const struct feedback_record *r,
                          struct err *e) {
  (void)r;
  return note_report_id(user, report, e);
}

static void assert_stored(struct fixture *f, int64_t after, int64_t upto, const char *expected) {
  _cleanup_strbuf_ struct strbuf reports = STRBUF_INIT, records = STRBUF_INIT;
  struct report_filter filter = REPORT_FILTER_ALL;
  struct group_tally tally = {0};
  filter.stored.after = after;
  filter.stored.upto = upto;
  assert_ok(f, store_each_report(f->store, &filter, note_report_id, &reports, &f->e));
  assert_ok(f, store_each_record(f->store, &filter, note_record_of, &records, &f->e));
  assert_ok(f, store_aggregate(f->store, &filter, 0, keep_tally, &tally, &f->e));
  assert_string_equal(strbuf_text(&reports), expected);
  assert_string_equal(strbuf_text(&records), expected);
  assert_int_equal(tally.reports, strlen(expected) / 2);
  filter.since_s = 0;
  strbuf_reset(&reports);
  assert_ok(f, store_each_report(f->store, &filter, note_report_id, &reports, &f->e));
  assert_string_equal(strbuf_text(&reports), expected);
}

static void reports_are_found_by_when_they_were_stored(void **state) {
  struct fixture *f = *state;
  int64_t newest;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, store_newest(f->store, &newest, &f->e));
  assert_int_equal(newest, 0);
  int64_t a = store_one(f, "a", 1), b = store_one(f, "b", 1), c = store_one(f, "c", 1);
  assert_true(a > 0 && b > a && c > b);
  assert_ok(f, store_newest(f->store, &newest, &f->e));
  assert_int_equal(newest, c);
  assert_stored(f, 0, c, "a b c ");
  assert_stored(f, a, c, "b c ");
  assert_stored(f, a, b, "b ");
  assert_stored(f, c, c, "");
  assert_stored(f, c, 0, "a b c "); /* not asked for */
}

/* Or a feed would miss what took the number. */
static void a_number_is_never_given_twice(void **state) {
  struct fixture *f = *state;
  const struct feedback_header header = plain_header("b");
  open_for(f, LOCAL_WRITE);
  store_one(f, "a", 1);
  int64_t b = store_one(f, "b", 1), other = replace_report(f, &header, NULL, 0);
  assert_true(other > b);
  assert_ok(f, store_remove(f->store, other, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  open_for(f, LOCAL_WRITE);
  assert_true(store_one(f, "c", 1) > other);
}

int main(void) {
  struct CMUnitTest tests[] = {
      ON_ENGINE(every_field_comes_back_as_it_was_stored),
      ON_ENGINE(what_is_absent_stays_absent),
      ON_ENGINE(a_source_that_is_no_address_keeps_its_text),
      ON_ENGINE(a_report_without_records_comes_back),
      ON_ENGINE(a_report_tells_its_sums_and_when_it_came),
      ON_ENGINE(sums_of_absurd_counts_do_not_wrap_around),
      ON_ENGINE(a_stored_report_is_known_by_its_identity),
      ON_ENGINE(reports_are_found_by_when_they_were_stored),
      ON_ENGINE(a_number_is_never_given_twice),
      ON_ENGINE(many_identities_are_asked_for_at_once),
      ON_ENGINE(absent_parts_of_an_identity_are_equal_to_absent_ones_only),
      ON_ENGINE(a_report_without_an_id_is_told_from_others_by_its_content),
      ON_ENGINE(what_was_put_is_there_at_once_and_stays_with_the_flush),
      ON_ENGINE(a_flush_without_a_batch_does_nothing),
      ON_ENGINE(the_same_batch_again_changes_nothing),
      ON_ENGINE(a_batch_with_a_failure_in_the_middle_leaves_nothing),
      ON_ENGINE(another_content_of_a_report_takes_its_place),
      ON_ENGINE(what_is_asked_out_of_turn_is_refused),
      ON_ENGINE(a_stream_that_is_kept_is_as_if_it_had_been_put),
      ON_ENGINE(a_stream_takes_the_place_of_another_content),
      ON_ENGINE(a_stream_that_is_dropped_was_never_there),
      ON_ENGINE(a_stream_goes_with_its_batch),
      ON_ENGINE(a_report_that_is_removed_is_gone_with_its_records),
      ON_ENGINE(a_content_is_found_among_reports_with_records_that_begin_then),
  };
  return run_on_engines(tests, ARRAY_SIZE(tests));
}
