/* SPDX-License-Identifier: Apache-2.0 */
/* The store over temporary databases: what goes in comes out, whatever is asked, whoever else writes. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "alignment.h"
#include "cleanup.h"
#include "domain.h"
#include "mem.h"
#include "store.h"
#include "utc.h"

/* --- a folder and a database a test ------------------------------------------------------------------------------- */

struct fixture {
  char folder[64], path[96];
  struct store *store;
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  snprintf(f->folder, sizeof f->folder, "/tmp/test_store.XXXXXX");
  if (!mkdtemp(f->folder)) return -1;
  snprintf(f->path, sizeof f->path, "%s/dmarc.db", f->folder);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  store_close(f->store);
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  int r = system(command);
  free(f);
  return r;
}

#define assert_ok(f, call)                                      \
  do {                                                          \
    int _r = (call);                                            \
    if (_r < 0) fail_msg("%s: %d: %s", #call, _r, (f)->e.text); \
  } while (0)
#define assert_says(f, what)                                                                \
  do {                                                                                      \
    if (!strstr((f)->e.text, what)) fail_msg("\"%s\" is not in \"%s\"", what, (f)->e.text); \
  } while (0)

static struct store *open_for(struct fixture *f, enum store_mode mode) {
  store_close(f->store);
  f->store = NULL;
  assert_ok(f, store_open(f->path, mode, &f->store, &f->e));
  return f->store;
}

/* Behind the back of the store, as a person in the sqlite3 shell. */
static void run_sql(const char *path, const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
  sqlite3_close(db);
}

/* The result as text, '|' between columns, one line a row. Free it. */
static char *ask_sql(const char *path, const char *sql) {
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

/* --- making reports ----------------------------------------------------------------------------------------------- */

static struct ip_addr ip_of(const char *text) {
  struct ip_addr ip = {0};
  assert_true(ip_parse(text, &ip));
  return ip;
}

static struct feedback_header plain_header(const char *report_id) {
  return (struct feedback_header){.org_name = "Receiver Inc",
                                  .email = "dmarc@example.net",
                                  .report_id = report_id,
                                  .begin_s = 1735689600,
                                  .end_s = 1735775999,
                                  .policy_domain = "example.com",
                                  .p = "none",
                                  .adkim = "r",
                                  .aspf = "r"};
}

static struct feedback_record plain_record(const char *source, int64_t count) {
  return (struct feedback_record){.source_ip = ip_of(source),
                                  .count = count,
                                  .disposition = {"none", NULL},
                                  .dkim = {"pass", NULL},
                                  .spf = {"fail", NULL},
                                  .header_from = "example.com"};
}

static const uint8_t DIGEST[FEEDBACK_DIGEST_BYTES] = {1, 2, 3, 4};

/* Inside a transaction. */
static int64_t add_report(struct fixture *f, struct store *s, const struct feedback_header *header,
                          const struct feedback_record *records, size_t n) {
  int64_t id;
  assert_ok(f, store_report_open(s, false, &f->e));
  for (size_t i = 0; i < n; i++) assert_ok(f, store_report_add(s, &records[i], &f->e));
  assert_ok(f, store_report_close(s, header, DIGEST, &id, &f->e));
  return id;
}

static int64_t store_one(struct fixture *f, const char *report_id, size_t records) {
  struct feedback_record record[9];
  struct feedback_header header = plain_header(report_id);
  for (size_t i = 0; i < records; i++) record[i] = plain_record("192.0.2.1", 1);
  assert_ok(f, store_begin(f->store, &f->e));
  int64_t id = add_report(f, f->store, &header, record, records);
  assert_ok(f, store_commit(f->store, &f->e));
  return id;
}

static int count_report(void *user, const struct store_report *report, struct err *e) {
  (void)report, (void)e;
  ++*(int *)user;
  return 0;
}

static int count_reports(struct fixture *f) {
  int n = 0;
  struct store_filter all = STORE_FILTER_ALL;
  assert_ok(f, store_each_report(f->store, &all, count_report, &n, &f->e));
  return n;
}

static int keep_tally(void *user, const struct store_group *group, struct err *e) {
  (void)e;
  *(struct store_tally *)user = group->tally;
  return 0;
}

static struct store_tally total_of(struct fixture *f) {
  struct store_tally tally = {0};
  struct store_filter all = STORE_FILTER_ALL;
  assert_ok(f, store_aggregate(f->store, &all, 0, keep_tally, &tally, &f->e));
  return tally;
}

/* --- round trip --------------------------------------------------------------------------------------------------- */

static void assert_text(const char *got, const char *expected) {
  if (!got || !expected)
    assert_ptr_equal(got, expected);
  else
    assert_string_equal(got, expected);
}

static void assert_word(struct word got, struct word expected) {
  assert_text(got.text, expected.text);
  assert_text(got.raw, expected.raw);
}

static void assert_same_header(const struct feedback_header *a, const struct feedback_header *b) {
  const char *const got[] = {a->schema,    a->version,         a->org_name,      a->email, a->extra_contact_info,
                             a->report_id, a->generator,       a->policy_domain, a->p,     a->sp,
                             a->np,        a->adkim,           a->aspf,          a->pct,   a->fo,
                             a->testing,   a->discovery_method};
  const char *const expected[] = {b->schema,    b->version,         b->org_name,      b->email, b->extra_contact_info,
                                  b->report_id, b->generator,       b->policy_domain, b->p,     b->sp,
                                  b->np,        b->adkim,           b->aspf,          b->pct,   b->fo,
                                  b->testing,   b->discovery_method};
  for (size_t i = 0; i < ARRAY_SIZE(got); i++) assert_text(got[i], expected[i]);
  assert_true(a->begin_s == b->begin_s && a->end_s == b->end_s);
  assert_int_equal(a->flags, b->flags);
}

static void assert_same_record(const struct feedback_record *a, const struct feedback_record *b) {
  assert_int_equal(a->source_ip.size, b->source_ip.size);
  assert_memory_equal(a->source_ip.bytes, b->source_ip.bytes, 16);
  assert_text(a->source_text, b->source_text);
  assert_true(a->count == b->count);
  assert_word(a->disposition, b->disposition);
  assert_word(a->dkim, b->dkim);
  assert_word(a->spf, b->spf);
  assert_text(a->header_from, b->header_from);
  assert_text(a->envelope_from, b->envelope_from);
  assert_text(a->envelope_to, b->envelope_to);
  assert_int_equal(a->dkim_alignment, b->dkim_alignment);
  assert_int_equal(a->spf_alignment, b->spf_alignment);
  assert_int_equal(a->flags, b->flags);
  assert_int_equal(a->reason_count, b->reason_count);
  assert_int_equal(a->result_count, b->result_count);
  for (uint32_t i = 0; i < a->reason_count; i++) {
    assert_text(a->reasons[i].type, b->reasons[i].type);
    assert_text(a->reasons[i].comment, b->reasons[i].comment);
  }
  for (uint32_t i = 0; i < a->result_count; i++) {
    assert_int_equal(a->results[i].method, b->results[i].method);
    assert_text(a->results[i].domain, b->results[i].domain);
    assert_text(a->results[i].selector, b->results[i].selector);
    assert_text(a->results[i].scope, b->results[i].scope);
    assert_word(a->results[i].result, b->results[i].result);
    assert_text(a->results[i].human_result, b->results[i].human_result);
  }
}

static const char *ERRORS[] = {"DNS timeout", "second error"};

static struct feedback_header full_header(void) {
  return (struct feedback_header){.schema = "urn:ietf:params:xml:ns:dmarc-2.0",
                                  .version = "1.0",
                                  .org_name = "Empfänger \"AG\"",
                                  .email = "dmarc@example.net",
                                  .extra_contact_info = "https://example.net/dmarc",
                                  .report_id = "2025.01.01.1",
                                  .generator = "maker 2.1",
                                  .errors = ERRORS,
                                  .error_count = 2,
                                  .begin_s = 1735689600,
                                  .end_s = 1735776000,
                                  .policy_domain = "example.com",
                                  .p = "reject",
                                  .sp = "quarantine",
                                  .np = "none",
                                  .adkim = "s",
                                  .aspf = "r",
                                  .pct = "50",
                                  .fo = "1:d",
                                  .testing = "y",
                                  .discovery_method = "treewalk",
                                  .flags = FEEDBACK_DAMAGED | FEEDBACK_RECORD_FLAGGED};
}

static struct auth_result FULL_RESULTS[] = {
    {AUTH_DKIM, "example.com", "s1", NULL, {"pass", NULL}, "good signature"},
    {AUTH_DKIM, "example.org", NULL, NULL, {"permerror", "invalid"}, NULL},
    {AUTH_DKIM, NULL, NULL, NULL, {NULL, NULL}, NULL},
    {AUTH_SPF, "bounce.example.com", NULL, "mfrom", {"fail", "hardfail"}, NULL},
    {AUTH_SPF, "mx.example.com", NULL, "helo", {"odd result", NULL}, "he said"},
};
static struct override_reason FULL_REASONS[] = {{"mailing_list", "list of \nexample"}, {"arc", NULL}, {NULL, "why"}};

static struct feedback_record full_record(void) {
  return (struct feedback_record){.source_ip = ip_of("2001:db8::25"),
                                  .count = 123456789012,
                                  .disposition = {"quarantine", "Quarantined"},
                                  .dkim = {"fail", "hardfail"},
                                  .spf = {NULL, "what"},
                                  .header_from = "mail.example.com",
                                  .envelope_from = "bounce.example.com",
                                  .envelope_to = "example.net",
                                  .reasons = FULL_REASONS,
                                  .reason_count = 3,
                                  .results = FULL_RESULTS,
                                  .result_count = 5,
                                  .dkim_alignment = ALIGNMENT_RELAXED,
                                  .spf_alignment = ALIGNMENT_STRICT,
                                  .flags = RECORD_TEXT_CUT | RECORD_ROW_REPEATED};
}

struct expected {
  struct feedback_header header;
  struct feedback_record records[4];
  size_t met;
};

static int compare_record(void *user, const struct store_report *report, const struct feedback_record *record,
                          struct err *e) {
  struct expected *x = user;
  (void)e;
  assert_same_header(&report->header, &x->header);
  assert_same_record(record, &x->records[x->met++]);
  return 0;
}

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
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &x->header, x->records, records);
  assert_ok(f, store_commit(f->store, &f->e));
  open_for(f, STORE_READ);
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

static struct store_document document_of(const char *origin, enum document_outcome outcome, int64_t report) {
  return (struct store_document){.origin = origin,
                                 .outcome = outcome,
                                 .bytes = 1000,
                                 .records = 2,
                                 .report = report,
                                 .seen_s = 1736000000,
                                 .digest = {7}};
}

static void add_line(struct fixture *f, struct store_document document) {
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_add_document(f->store, &document, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
}

static void a_report_tells_its_sums_its_origin_and_when_it_came(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", 5), plain_record("192.0.2.1", FEEDBACK_COUNT_UNKNOWN),
                                      plain_record("192.0.2.2", 7)};
  struct feedback_header header = plain_header("r");
  struct store_filter all = STORE_FILTER_ALL;
  struct store_report report = {0};
  int64_t before = utc_now();
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  int64_t id = add_report(f, f->store, &header, records, 3);
  assert_ok(f, store_commit(f->store, &f->e));
  add_line(f, document_of("b.xml", DOCUMENT_DUPLICATE, id));
  add_line(f, document_of("a.xml", DOCUMENT_NEW, id));
  assert_ok(f, store_each_report(f->store, &all, keep_report, &report, &f->e));
  _cleanup_free_ const char *origin = report.origin;
  assert_string_equal(origin, "a.xml");
  assert_int_equal(report.id, id);
  assert_int_equal(report.record_count, 3);
  assert_int_equal(report.message_count, 12);
  assert_true(report.imported_s >= before && report.imported_s <= utc_now());
}

static void sums_of_absurd_counts_do_not_wrap_around(void **state) {
  struct fixture *f = *state;
  struct feedback_record records[] = {plain_record("192.0.2.1", INT64_MAX), plain_record("192.0.2.1", 10)};
  struct feedback_header header = plain_header("r");
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_commit(f->store, &f->e));
  assert_true(total_of(f).messages == INT64_MAX);
  assert_sql(f, "SELECT message_count FROM report", "9223372036854775807\n");
}

static void records_that_say_the_same_share_a_pattern(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 3);
  open_for(f, STORE_WRITE); /* empty caches */
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
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, r, ARRAY_SIZE(r));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_sql(f, "SELECT count(*), count(DISTINCT pattern_id) FROM record", "16|15\n"); /* 0 and 15 are the same */
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

static void a_stored_report_is_known_by_its_identity(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("r"), other;
  struct store_known known;
  open_for(f, STORE_WRITE);
  assert_int_equal(store_find_report(f->store, &header, DIGEST, &known, &f->e), 0);
  assert_ok(f, store_begin(f->store, &f->e));
  header.flags = FEEDBACK_DAMAGED;
  int64_t id = add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(store_find_report(f->store, &header, NULL, &known, &f->e), 1);
  assert_ok(f, store_commit(f->store, &f->e));
  open_for(f, STORE_READ);
  assert_int_equal(store_find_report(f->store, &header, NULL, &known, &f->e), 1);
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
    assert_int_equal(store_find_report(f->store, &other, DIGEST, &known, &f->e), 0);
  }
}

static void absent_parts_of_an_identity_are_equal_to_absent_ones_only(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = {.report_id = "r", .begin_s = FEEDBACK_TIME_UNKNOWN, .end_s = FEEDBACK_TIME_UNKNOWN};
  struct feedback_header full = plain_header("r");
  struct store_known known;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  int64_t id = add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(store_find_report(f->store, &full, DIGEST, &known, &f->e), 0);
  assert_int_equal(store_find_report(f->store, &header, DIGEST, &known, &f->e), 1);
  assert_int_equal(known.report, id);
}

static void a_report_without_an_id_is_told_from_others_by_its_content(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header(NULL);
  const uint8_t other[FEEDBACK_DIGEST_BYTES] = {9};
  struct store_known known;
  int64_t id;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, NULL, 0);
  assert_int_equal(store_find_report(f->store, &header, DIGEST, &known, &f->e), 1);
  assert_int_equal(store_find_report(f->store, &header, other, &known, &f->e), 0);
  assert_int_equal(store_find_report(f->store, &header, NULL, &known, &f->e), 0); /* nothing left from before */
  assert_ok(f, store_report_open(f->store, false, &f->e));
  assert_ok(f, store_report_close(f->store, &header, other, &id, &f->e)); /* both may be there */
  assert_int_equal(store_find_report(f->store, &header, other, &known, &f->e), 1);
  assert_int_equal(known.report, id);
}

/* --- taking back and deleting ------------------------------------------------------------------------------------- */

static void a_discarded_report_leaves_nothing_behind(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, true, &f->e));
  assert_ok(f, store_report_add(f->store, &record, &f->e));
  assert_ok(f, store_report_discard(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, false, &f->e)); /* without records even what is not revocable */
  assert_ok(f, store_report_discard(f->store, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_sql(f, "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM name), (SELECT count(*) FROM pattern)",
             "0|0|0\n");
}

static void what_a_discarded_report_brought_is_not_remembered(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, true, &f->e));
  assert_ok(f, store_report_add(f->store, &record, &f->e));
  assert_ok(f, store_report_discard(f->store, &f->e));
  add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_commit(f->store, &f->e));
  assert_sql(f, "SELECT first_record, record_count FROM report", "1|1\n");
  assert_sql(f, "PRAGMA foreign_key_check", "");
  struct expected x = {.header = header, .records = {record}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_int_equal(x.met, 1);
}

static void a_report_that_is_not_revocable_cannot_be_discarded_half_written(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, false, &f->e));
  assert_ok(f, store_report_add(f->store, &record, &f->e));
  assert_int_equal(store_report_discard(f->store, &f->e), ERR_STORE);
  assert_false(store_in_transaction(f->store));
  assert_sql(f, "SELECT count(*) FROM record", "0\n");
}

static void a_revocable_report_that_is_kept_is_there(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  int64_t id;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, true, &f->e));
  assert_ok(f, store_report_add(f->store, &record, &f->e));
  assert_ok(f, store_report_close(f->store, &header, DIGEST, &id, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_int_equal(total_of(f).records, 1);
}

static void an_aborted_transaction_leaves_nothing_behind(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 3; i++) { /* by closing, by hand, and then for good */
    assert_ok(f, store_begin(f->store, &f->e));
    assert_true(store_in_transaction(f->store));
    add_report(f, f->store, &header, &record, 1);
    if (i == 0) open_for(f, STORE_WRITE);
    if (i == 1) store_abort(f->store);
    if (i == 2) assert_ok(f, store_commit(f->store, &f->e));
    assert_false(store_in_transaction(f->store));
    assert_int_equal(count_reports(f), i == 2);
  }
  struct store_filter all = STORE_FILTER_ALL;
  struct expected x = {.header = header, .records = {record}};
  assert_ok(f, store_each_record(f->store, &all, compare_record, &x, &f->e));
  assert_int_equal(x.met, 1);
}

static void what_is_asked_out_of_turn_is_refused(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  struct store_document document = document_of("a", DOCUMENT_NEW, 0);
  int64_t id;
  open_for(f, STORE_WRITE);
  assert_int_equal(store_report_open(f->store, false, &f->e), ERR_STORE);
  assert_int_equal(store_report_add(f->store, &record, &f->e), ERR_STORE);
  assert_int_equal(store_report_close(f->store, &header, DIGEST, &id, &f->e), ERR_STORE);
  assert_int_equal(store_report_delete(f->store, 1, &f->e), ERR_STORE);
  assert_int_equal(store_add_document(f->store, &document, &f->e), ERR_STORE);
  assert_int_equal(store_commit(f->store, &f->e), ERR_STORE);
  assert_says(f, "no transaction is open");
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, false, &f->e));
  assert_int_equal(store_commit(f->store, &f->e), ERR_STORE);
  assert_says(f, "still open");
  open_for(f, STORE_READ);
  assert_int_equal(store_begin(f->store, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
}

static void a_deleted_report_takes_its_records_and_errors_along(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, STORE_WRITE);
  int64_t kept = store_one(f, "kept", 2);
  assert_ok(f, store_begin(f->store, &f->e));
  int64_t gone = add_report(f, f->store, &header, &record, 1);
  assert_ok(f, store_commit(f->store, &f->e));
  add_line(f, document_of("kept.xml", DOCUMENT_NEW, kept));
  add_line(f, document_of("gone.xml", DOCUMENT_NEW, gone));
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_delete(f->store, gone, &f->e));
  assert_int_equal(store_report_delete(f->store, gone, &f->e), ERR_NOT_FOUND);
  assert_ok(f, store_commit(f->store, &f->e)); /* what is not found is no failure of the transaction */
  assert_sql(f,
             "SELECT count(*) FROM report UNION ALL SELECT count(*) FROM record UNION ALL"
             " SELECT count(*) FROM report_error",
             "1\n2\n0\n");
  assert_sql(f, "SELECT origin, report_id FROM document ORDER BY id", "kept.xml|1\ngone.xml|\n");
  assert_sql(f, "PRAGMA foreign_key_check", "");
}

/* Else the walk in the order of reports would not be the order of records, and ranges could overlap. */
static void ranges_of_records_ascend_whatever_was_deleted(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 2);
  int64_t b = store_one(f, "b", 3);
  store_one(f, "empty", 0);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_delete(f->store, b, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  store_one(f, "c", 2);
  assert_sql(f, "SELECT id, first_record, record_count FROM report ORDER BY id", "1|1|2\n3|6|0\n4|6|2\n");
  assert_int_equal(total_of(f).records, 4);
}

static int delete_it(void *user, const struct store_report *report, struct err *e) {
  return store_report_delete(user, report->id, e);
}

static void reports_can_be_deleted_while_they_are_walked(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 3);
  store_one(f, "c", 1);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_each_report(f->store, &all, delete_it, f->store, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_int_equal(count_reports(f), 0);
  assert_sql(f, "SELECT count(*) FROM record", "0\n");
}

/* --- several writers ---------------------------------------------------------------------------------------------- */

static void two_connections_write_in_turns(void **state) {
  struct fixture *f = *state;
  struct store *other;
  struct feedback_record record = plain_record("192.0.2.1", 1);
  open_for(f, STORE_WRITE);
  assert_ok(f, store_open(f->path, STORE_WRITE, &other, &f->e));
  for (int i = 0; i < 6; i++) {
    struct store *s = i % 2 ? other : f->store;
    char id[8];
    snprintf(id, sizeof id, "r%d", i);
    struct feedback_header header = plain_header(id);
    struct store_known known;
    record.header_from = i < 4 ? id : "r0"; /* patterns of their own, and one that is there */
    assert_ok(f, store_begin(s, &f->e));
    assert_int_equal(store_find_report(s, &header, DIGEST, &known, &f->e), 0);
    add_report(f, s, &header, &record, 1);
    assert_ok(f, store_commit(s, &f->e));
    assert_int_equal(store_find_report(i % 2 ? f->store : other, &header, DIGEST, &known, &f->e), 1);
  }
  store_close(other);
  assert_sql(f, "SELECT group_concat(first_record) FROM report", "1,2,3,4,5,6\n");
  assert_sql(f, "SELECT group_concat(header_from) FROM record_view", "r0,r1,r2,r3,r0,r0\n");
  assert_sql(f, "SELECT count(*) FROM pattern", "4\n");
}

static void what_another_process_removed_is_not_remembered(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
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
  if (store_open(path, STORE_WRITE, &f.store, &f.e) < 0) {
    fprintf(stderr, "%s\n", f.e.text);
    _exit(1);
  }
  struct feedback_record record = plain_record("192.0.2.1", 1);
  for (int i = 0; i < 20; i++) {
    char id[16];
    int64_t report;
    snprintf(id, sizeof id, "%d-%d", writer, i);
    struct feedback_header header = plain_header(id);
    if (store_begin(f.store, &f.e) < 0 || store_report_open(f.store, false, &f.e) < 0 ||
        store_report_add(f.store, &record, &f.e) < 0 || store_report_add(f.store, &record, &f.e) < 0 ||
        store_report_close(f.store, &header, DIGEST, &report, &f.e) < 0 || store_commit(f.store, &f.e) < 0) {
      fprintf(stderr, "%s\n", f.e.text);
      _exit(1);
    }
  }
  store_close(f.store);
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
  struct store *reader;
  struct feedback_header header = plain_header("b");
  int n = 0;
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 1);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, NULL, 0);
  assert_ok(f, store_open(f->path, STORE_READ, &reader, &f->e));
  assert_ok(f, store_each_report(reader, &all, count_report, &n, &f->e));
  store_close(reader);
  assert_int_equal(n, 1);
  assert_int_equal(count_reports(f), 2);
}

/* --- whose file is it --------------------------------------------------------------------------------------------- */

static void assert_refused(struct fixture *f, enum store_mode mode, int code, const char *says) {
  struct store *s = NULL;
  assert_int_equal(store_open(f->path, mode, &s, &f->e), code);
  assert_null(s);
  assert_says(f, f->path);
  assert_says(f, says);
}

static void write_file(const char *path, const char *text) {
  _cleanup_fclose_ FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
}

static void a_database_that_is_not_there_is_not_found(void **state) {
  assert_refused(*state, STORE_READ, ERR_NOT_FOUND, "no such database");
}

static void a_database_is_created_with_its_folders(void **state) {
  struct fixture *f = *state;
  snprintf(f->path, sizeof f->path, "%s/a/b/dmarc.db", f->folder);
  open_for(f, STORE_WRITE);
  assert_sql(f, "PRAGMA application_id", "1145918019\n"); /* "DMRC" */
  assert_sql(f, "PRAGMA user_version", "3\n");
  assert_sql(f, "PRAGMA journal_mode", "wal\n");
  open_for(f, STORE_READ);
  assert_int_equal(count_reports(f), 0);
}

static void a_relative_name_is_a_file_whatever_it_looks_like(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *before = getcwd(NULL, 0);
  assert_int_equal(chdir(f->folder), 0);
  static const char *const NAMES[] = {":memory:", "file:x?mode=memory", "plain.db"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    struct store *s;
    assert_ok(f, store_open(NAMES[i], STORE_WRITE, &s, &f->e));
    store_close(s);
    assert_int_equal(access(NAMES[i], F_OK), 0);
  }
  assert_int_equal(chdir(before), 0);
}

static void a_file_that_is_no_database_is_refused(void **state) {
  struct fixture *f = *state;
  write_file(f->path,
             "From: someone@example.com\n\nThis is a mail and long enough to be taken for a header of a file.\n"
             "This is a mail and long enough to be taken for a header of a file.\n");
  assert_refused(f, STORE_READ, ERR_STORE, "no dmarcctl database");
  assert_refused(f, STORE_WRITE, ERR_STORE, "no dmarcctl database");
}

static void a_directory_is_refused(void **state) {
  struct fixture *f = *state;
  assert_int_equal(mkdir(f->path, 0700), 0);
  assert_refused(f, STORE_READ, ERR_STORE, "is a directory");
  assert_refused(f, STORE_WRITE, ERR_STORE, "is a directory");
}

static void a_folder_that_cannot_be_made_is_told(void **state) {
  struct fixture *f = *state;
  struct store *s;
  _cleanup_free_ char *file = mem_printf("%s/file", f->folder);
  write_file(file, "x");
  snprintf(f->path, sizeof f->path, "%s/file/dmarc.db", f->folder);
  assert_int_equal(store_open(f->path, STORE_WRITE, &s, &f->e), ERR_IO);
  assert_says(f, file);
}

static void an_empty_file_is_filled_by_an_import_alone(void **state) {
  struct fixture *f = *state;
  write_file(f->path, "");
  assert_refused(f, STORE_READ, ERR_STORE, "run an import");
  open_for(f, STORE_WRITE);
  store_one(f, "a", 1);
}

static void another_programs_database_is_refused_and_left_alone(void **state) {
  struct fixture *f = *state;
  run_sql(f->path, "CREATE TABLE cookies (a)");
  assert_refused(f, STORE_READ, ERR_STORE, "another program");
  assert_refused(f, STORE_WRITE, ERR_STORE, "another program");
  run_sql(f->path, "PRAGMA application_id = 1196444487");
  assert_refused(f, STORE_WRITE, ERR_STORE, "another program");
  assert_sql(f, "SELECT name FROM sqlite_schema", "cookies\n");
  assert_sql(f, "PRAGMA journal_mode", "delete\n");
}

static void a_newer_database_is_refused(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  run_sql(f->path, "PRAGMA user_version = 4");
  assert_refused(f, STORE_READ, ERR_STORE, "newer dmarcctl");
  assert_refused(f, STORE_WRITE, ERR_STORE, "newer dmarcctl");
}

/* Version 2 knew neither mail servers nor the DNS. */
static void make_version_2(struct fixture *f) {
  open_for(f, STORE_WRITE);
  store_one(f, "old", 2);
  store_close(f->store);
  f->store = NULL;
  run_sql(f->path, "DROP TABLE mailbox; DROP TABLE mailbox_task; DROP TABLE dns_answer; PRAGMA user_version = 2");
}

/* Version 1 had no labels. */
static void make_version_1(struct fixture *f) {
  make_version_2(f);
  run_sql(f->path, "DROP TABLE label; PRAGMA user_version = 1");
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
  open_for(f, STORE_WRITE);
  _cleanup_free_ char *fresh = ask_sql(f->path, LAYOUT);
  make_older(f);
  assert_refused(f, STORE_READ, ERR_STORE, "run an import once");
  assert_sql(f, "PRAGMA user_version", version);
  open_for(f, STORE_WRITE);
  assert_sql(f, "PRAGMA user_version", "3\n");
  assert_sql(f, LAYOUT, fresh);
  assert_int_equal(total_of(f).records, 2);
  open_for(f, STORE_READ);
  assert_int_equal(count_reports(f), 1);
}

static void an_older_database_is_migrated_by_a_writer_alone(void **state) {
  check_migration(*state, make_preview, "0\n");
}

static void a_database_without_labels_is_migrated_too(void **state) { check_migration(*state, make_version_1, "1\n"); }

static void a_database_without_mailboxes_is_migrated_too(void **state) {
  check_migration(*state, make_version_2, "2\n");
}

static void a_migration_that_fails_changes_nothing(void **state) {
  struct fixture *f = *state;
  make_preview(f);
  run_sql(f->path, "ALTER TABLE document RENAME COLUMN report_id TO other");
  assert_refused(f, STORE_WRITE, ERR_STORE, "report_id");
  assert_sql(f, "PRAGMA user_version", "0\n");
  assert_sql(f, "SELECT sql FROM sqlite_schema WHERE name = 'record_view'",
             "CREATE VIEW record_view AS SELECT * FROM record\n");
}

/* root may write everywhere: then the test goes on as somebody else. */
static void a_reader_needs_no_right_to_write(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 3);
  store_close(f->store);
  f->store = NULL;
  assert_int_equal(chmod(f->path, 0444), 0);
  assert_int_equal(chmod(f->folder, 0555), 0);
  bool root = geteuid() == 0;
  if (root) assert_int_equal(seteuid(65534), 0);
  int r = store_open(f->path, STORE_READ, &f->store, &f->e);
  int records = r < 0 ? r : (int)total_of(f).records;
  int w = r < 0 ? r : store_open(f->path, STORE_WRITE, &(struct store *){0}, &(struct err){0});
  if (root) assert_int_equal(seteuid(0), 0);
  assert_int_equal(chmod(f->folder, 0755), 0);
  if (r < 0) fail_msg("%s", f->e.text);
  assert_int_equal(records, 3);
  assert_int_equal(w, ERR_STORE);
}

static void a_reader_changes_nothing_and_leaves_nothing(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 1);
  open_for(f, STORE_READ);
  assert_int_equal(count_reports(f), 1);
  store_close(f->store);
  f->store = NULL;
  _cleanup_free_ char *log = mem_printf("%s-wal", f->path), *shared = mem_printf("%s-shm", f->path);
  assert_int_equal(access(log, F_OK), -1);
  assert_int_equal(access(shared, F_OK), -1);
}

static void damage_within_is_told_and_never_guessed_over(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  struct store_tally tally;
  struct expected x = {.header = plain_header("a"), .records = {plain_record("192.0.2.1", 1)}};
  open_for(f, STORE_WRITE);
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
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 4; i++) store_one(f, (const char *[]){"a", "b", "c", "d"}[i], 2);
  run_sql(f->path, "DELETE FROM record WHERE id IN (2, 3, 8)");
  struct store_tally total = total_of(f);
  assert_int_equal(total.records, 5);
  assert_int_equal(total.reports, 4);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static int fill(struct fixture *f, int *ret_reports) {
  struct feedback_record record = full_record();
  char text[400], id[16];
  int r = store_begin(f->store, &f->e);
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  record.header_from = text;
  for (int i = 0; r == 0 && i < 20000; i++) {
    int64_t report;
    snprintf(id, sizeof id, "%d", i);
    memcpy(text, id, strlen(id));
    struct feedback_header header = plain_header(id);
    if ((r = store_report_open(f->store, i % 2, &f->e)) == 0 && (r = store_report_add(f->store, &record, &f->e)) == 0)
      r = store_report_close(f->store, &header, DIGEST, &report, &f->e);
    if (r == 0 && i % 500 == 499 && (r = store_commit(f->store, &f->e)) == 0) {
      *ret_reports = i + 1;
      r = store_begin(f->store, &f->e);
    }
  }
  return r;
}

/* The limit on the size of files stands in for a full disk: the system refuses to write in the same place. */
static void a_full_disk_costs_the_open_transaction_alone(void **state) {
  struct fixture *f = *state;
  struct rlimit before, limit;
  int stored = 0;
  open_for(f, STORE_WRITE);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = (struct rlimit){3 << 20, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  int r = fill(f, &stored);
  bool inside = store_in_transaction(f->store);
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
  open_for(f, STORE_WRITE);
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
  struct store_document document = document_of("x.xml", DOCUMENT_REJECTED, 0);
  open_for(f, STORE_WRITE);
  add_line(f, document);
  document.digest[0]++;
  add_line(f, document);
  document.outcome = DOCUMENT_CONFLICTING;
  add_line(f, document);
  assert_ledger(f, "x.xml|rejected|\nx.xml|rejected|\nx.xml|conflicting|\n");
}

static void a_document_stored_anew_restates_its_line(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  int64_t first = store_one(f, "a", 1);
  add_line(f, document_of("x.xml", DOCUMENT_NEW, first));
  add_line(f, document_of("y.xml", DOCUMENT_DUPLICATE, first));
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_delete(f->store, first, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_ledger(f, "x.xml|new|\ny.xml|duplicate|\n");
  int64_t again = store_one(f, "a", 1);
  add_line(f, document_of("y.xml", DOCUMENT_NEW, again));
  add_line(f, document_of("x.xml", DOCUMENT_DUPLICATE, again));
  assert_ledger(f, "x.xml|new|\ny.xml|new|1\n");
}

struct lines {
  struct strbuf text;
  int stop_after;
};

static int note_line(void *user, const struct store_document *d, struct err *e) {
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
  struct store_filter filter = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  struct store_document odd = document_of("b.xml", DOCUMENT_NEW, 0), late = document_of("c.xml", DOCUMENT_REJECTED, 0);
  odd.reason = "replaced a damaged copy";
  late.seen_s += 100;
  add_line(f, document_of("a.xml", DOCUMENT_NEW, 0));
  add_line(f, odd);
  add_line(f, late);
  assert_ok(f, store_each_document(f->store, &filter, 1u << DOCUMENT_REJECTED, false, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "c.xml rejected;");
  assert_ok(f, store_each_document(f->store, &filter, 0, true, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "c.xml rejected;b.xml new;");
  strbuf_reset(&lines.text);
  filter.until_s = late.seen_s;
  assert_ok(f, store_each_document(f->store, &filter, ~0u, false, note_line, &lines, &f->e));
  assert_string_equal(strbuf_text(&lines.text), "a.xml new;b.xml new;");
  strbuf_reset(&lines.text);
  lines.stop_after = 1;
  assert_int_equal(store_each_document(f->store, &filter, ~0u, false, note_line, &lines, &f->e), ERR_INTERRUPTED);
  assert_string_equal(strbuf_text(&lines.text), "a.xml new;");
  strbuf_clear(&lines.text);
}

/* --- views -------------------------------------------------------------------------------------------------------- */

static void views_show_what_a_person_asks_for(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  int64_t id = add_report(f, f->store, &header, &record, 1);
  struct store_document document = document_of("in.zip: a.xml", DOCUMENT_NEW, id);
  assert_ok(f, store_add_document(f->store, &document, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_sql(f,
             "SELECT report, org_name, policy_domain, report_id, begin_utc, end_utc, source_ip, count FROM record_view",
             "1|Empfänger \"AG\"|example.com|2025.01.01.1|2025-01-01T00:00:00Z|2025-01-02T00:00:00Z|2001:db8::25"
             "|123456789012\n");
  assert_sql(
      f,
      "SELECT disposition, dkim, spf, header_from, envelope_from, envelope_to, dkim_alignment, spf_alignment,"
      " oddities FROM record_view",
      "quarantine|fail||mail.example.com|bounce.example.com|example.net|relaxed|strict|row repeated, text cut\n");
  assert_sql(f, "SELECT dkim_results, spf_results, reasons FROM record_view",
             "pass example.com (s1), permerror example.org, no result (no domain)"
             "|fail bounce.example.com (mfrom), odd result mx.example.com (helo)"
             "|mailing_list: list of \nexample; arc; no type: why\n");
  assert_sql(f,
             "SELECT org_name, begin_utc, records, messages, records_without_count, p, sp, np, errors, oddities"
             " FROM report_view",
             "Empfänger \"AG\"|2025-01-01T00:00:00Z|1|123456789012|0|reject|quarantine|none|DNS timeout; second error"
             "|damaged, odd records\n");
  assert_sql(f, "SELECT seen_utc, outcome, origin, org_name, policy_domain, report_id FROM document_view",
             "2025-01-04T14:13:20Z|new|in.zip: a.xml|Empfänger \"AG\"|example.com|2025.01.01.1\n");
}

static void the_layout_explains_itself(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  assert_sql(f,
             "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
             " AND sql NOT LIKE '%-- %'",
             "0\n");
}

/* --- questions, compared with counting by hand -------------------------------------------------------------------- */

#define MODEL_REPORTS 160
#define MODEL_RECORDS_MOST 9

struct model_report {
  struct feedback_header header;
  struct feedback_record records[MODEL_RECORDS_MOST];
  size_t count;
  int64_t id;
};

struct model {
  struct model_report reports[MODEL_REPORTS];
  uint32_t seed;
};

static unsigned pick(struct model *m, unsigned n) {
  m->seed = m->seed * 1664525u + 1013904223u;
  return (m->seed >> 8) % n;
}

static const char *const DOMAINS[] = {
    "example.com", "mail.example.com", "a.mail.example.com", "xexample.com", "example.org", "com", NULL};
static const char *const ORGS[] = {"Receiver Inc", "RECEIVER INC", "Other", NULL};
static const char *const DISPOSITIONS[] = {"none", "quarantine", "reject", "pass", "odd", NULL};
static const char *const EVALUATIONS[] = {"pass", "fail", "pass", "fail", NULL};
static const char *const SOURCES[] = {"192.0.2.1",   "198.51.100.7",   "192.0.2.200", "203.0.113.9",
                                      "192.0.2.77",  "198.51.100.8",   "2001:db8::1", "2001:db8:0:1::1",
                                      "2001:db8::2", "2001:db8::ffff", "nonsense",    NULL};
#define PICK(m, list) (list)[pick(m, ARRAY_SIZE(list))]

static struct feedback_record random_record(struct model *m) {
  struct feedback_record r = {.count = pick(m, 8) ? (int64_t)pick(m, 100) : FEEDBACK_COUNT_UNKNOWN,
                              .disposition = {PICK(m, DISPOSITIONS), NULL},
                              .dkim = {PICK(m, EVALUATIONS), NULL},
                              .spf = {PICK(m, EVALUATIONS), NULL},
                              .header_from = PICK(m, DOMAINS),
                              .envelope_to = PICK(m, DOMAINS),
                              .dkim_alignment = (enum alignment)pick(m, 4),
                              .spf_alignment = (enum alignment)pick(m, 4)};
  const char *source = PICK(m, SOURCES);
  if (source && !ip_parse(source, &r.source_ip)) r.source_text = source;
  return r;
}

static void make_report(struct model *m, struct model_report *r, int number) {
  r->header = plain_header(mem_printf("report-%d", number % 100)); /* some have the same */
  r->header.policy_domain = PICK(m, DOMAINS);
  r->header.org_name = PICK(m, ORGS);
  r->header.adkim = pick(m, 2) ? "s" : "r";
  r->header.aspf = pick(m, 3) ? NULL : "s";
  r->header.begin_s = pick(m, 10) ? 1735689600 + (int64_t)pick(m, 40) * 43200 : FEEDBACK_TIME_UNKNOWN;
  r->header.end_s = pick(m, 10) ? r->header.begin_s + 86399 : FEEDBACK_TIME_UNKNOWN;
  if (r->header.begin_s == FEEDBACK_TIME_UNKNOWN) r->header.end_s = FEEDBACK_TIME_UNKNOWN;
  r->count = pick(m, MODEL_RECORDS_MOST + 1);
  for (size_t i = 0; i < r->count; i++) r->records[i] = random_record(m);
}

/* Every seventh report is deleted again, so that ranges have gaps. */
static struct model *make_model(struct fixture *f) {
  struct model *m = mem_zalloc(sizeof *m);
  m->seed = 20250101;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  for (int i = 0; i < MODEL_REPORTS; i++) {
    struct model_report *r = &m->reports[i];
    struct store_known known;
    do {
      free((char *)r->header.report_id);
      make_report(m, r, i);
    } while (store_find_report(f->store, &r->header, DIGEST, &known, &f->e) == 1);
    r->id = add_report(f, f->store, &r->header, r->records, r->count);
  }
  for (int i = 3; i < MODEL_REPORTS; i += 7) {
    assert_ok(f, store_report_delete(f->store, m->reports[i].id, &f->e));
    m->reports[i].id = 0;
  }
  assert_ok(f, store_commit(f->store, &f->e));
  open_for(f, STORE_READ);
  return m;
}

static void free_model(struct model *m) {
  for (int i = 0; i < MODEL_REPORTS; i++) free((char *)m->reports[i].header.report_id);
  free(m);
}

static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }
static bool within(const char *name, const char *domain) { return name && domain_is_within(name, domain); }

static bool model_admits_report(const struct store_filter *q, const struct model_report *r) {
  const struct feedback_header *h = &r->header;
  if (!r->id) return false;
  if (h->begin_s == FEEDBACK_TIME_UNKNOWN) {
    if (q->since_s != STORE_TIME_OPEN_BEGIN || q->until_s != STORE_TIME_OPEN_END) return false;
  } else if (h->begin_s < q->since_s || h->begin_s >= q->until_s) {
    return false;
  }
  if (q->policy_domain && !same(h->policy_domain, q->policy_domain)) return false;
  if (q->reporter && (!h->org_name || strcasecmp(h->org_name, q->reporter) != 0)) return false;
  return !q->report_id || same(h->report_id, q->report_id);
}

/* The documented narrowing: header_from counts in reports about a domain above, or about none. */
static bool model_admits_domain(const char *asked, const struct feedback_header *h, const struct feedback_record *r) {
  if (!asked || within(h->policy_domain, asked)) return true;
  return (!h->policy_domain || domain_is_within(asked, h->policy_domain)) && within(r->header_from, asked);
}

static bool model_admits_record(const struct store_filter *q, const struct feedback_header *h,
                                const struct feedback_record *r) {
  bool passes = same(r->dkim.text, "pass") || same(r->spf.text, "pass");
  if (!model_admits_domain(q->domain, h, r)) return false;
  if (q->header_from && !same(r->header_from, q->header_from)) return false;
  if (q->source && !ip_network_contains(q->source, &r->source_ip)) return false;
  if (q->disposition && !same(r->disposition.text, q->disposition)) return false;
  if (q->aligned == 1) return passes;
  if (q->aligned == 0) return !passes && (r->dkim.text || r->spf.text);
  return true;
}

struct model_group {
  char key[256];
  struct store_tally tally;
  const struct model_report *last;
};
struct model_groups {
  struct model_group *list;
  size_t count, capacity;
};

static void spell_key(char key[256], unsigned dimensions, const char *policy, const char *from, const char *org,
                      const char *source, int64_t period_s) {
  snprintf(key, 256, "%s|%s|%s|%s|%lld", dimensions & STORE_BY_POLICY_DOMAIN && policy ? policy : "",
           dimensions & STORE_BY_HEADER_FROM && from ? from : "", dimensions & STORE_BY_REPORTER && org ? org : "",
           dimensions & (STORE_BY_SOURCE | STORE_BY_NETWORK) ? source : "",
           (long long)(dimensions & (STORE_BY_DAY | STORE_BY_WEEK) ? period_s : FEEDBACK_TIME_UNKNOWN));
}

static void model_key(char key[256], unsigned dimensions, const struct feedback_header *h,
                      const struct feedback_record *r) {
  char source[IP_TEXT_BYTES] = "";
  struct ip_network network = {.base = r->source_ip, .prefix_bits = r->source_ip.size * 8u};
  if (dimensions & STORE_BY_NETWORK && r->source_ip.size) network = ip_network_of(&r->source_ip);
  if (r->source_ip.size)
    ip_network_format(&network, source);
  else
    snprintf(source, sizeof source, "%s", r->source_text ? r->source_text : "");
  int64_t period_s = h->begin_s;
  if (period_s != FEEDBACK_TIME_UNKNOWN)
    period_s = dimensions & STORE_BY_DAY ? utc_day_begin(period_s) : utc_week_begin(period_s);
  spell_key(key, dimensions, h->policy_domain, r->header_from, h->org_name, source, period_s);
}

static struct model_group *model_group(struct model_groups *g, const char *key) {
  for (size_t i = 0; i < g->count; i++)
    if (!strcmp(g->list[i].key, key)) return &g->list[i];
  MEM_GROW(g->list, g->capacity, g->count);
  struct model_group *new = &g->list[g->count++];
  *new = (struct model_group){.tally = {.first_s = FEEDBACK_TIME_UNKNOWN, .last_s = FEEDBACK_TIME_UNKNOWN}};
  snprintf(new->key, sizeof new->key, "%s", key);
  return new;
}

static int64_t *model_disposition(struct store_tally *t, const char *word) {
  if (same(word, "none")) return &t->disposition_none;
  if (same(word, "quarantine")) return &t->disposition_quarantine;
  if (same(word, "reject")) return &t->disposition_reject;
  if (same(word, "pass")) return &t->disposition_pass;
  return &t->disposition_other;
}

static bool model_disagrees(const char *word, enum alignment grade, const char *mode) {
  int ours = alignment_holds(grade, alignment_is_strict(mode));
  return word && ours >= 0 && same(word, "pass") != (ours == 1);
}

static void model_count(struct model_group *g, const struct model_report *report, const struct feedback_record *r) {
  struct store_tally *t = &g->tally;
  const struct feedback_header *h = &report->header;
  bool dkim = same(r->dkim.text, "pass"), spf = same(r->spf.text, "pass");
  t->records++;
  t->reports += g->last != report;
  g->last = report;
  if (h->begin_s != FEEDBACK_TIME_UNKNOWN && (t->first_s == FEEDBACK_TIME_UNKNOWN || h->begin_s < t->first_s))
    t->first_s = h->begin_s;
  if (h->end_s > t->last_s) t->last_s = h->end_s;
  if (r->count < 0) {
    t->uncounted++;
    return;
  }
  t->messages += r->count;
  *model_disposition(t, r->disposition.text) += r->count;
  *(!r->dkim.text && !r->spf.text ? &t->unevaluated
    : dkim && spf                 ? &t->pass_both
    : dkim                        ? &t->pass_dkim
    : spf                         ? &t->pass_spf
                                  : &t->pass_none) += r->count;
  if (model_disagrees(r->dkim.text, r->dkim_alignment, h->adkim)) t->dkim_disagree += r->count;
  if (model_disagrees(r->spf.text, r->spf_alignment, h->aspf)) t->spf_disagree += r->count;
}

static struct model_groups model_aggregate(const struct model *m, const struct store_filter *q, unsigned dimensions) {
  struct model_groups groups = {0};
  for (int i = 0; i < MODEL_REPORTS; i++) {
    const struct model_report *report = &m->reports[i];
    if (!model_admits_report(q, report)) continue;
    for (size_t j = 0; j < report->count; j++) {
      char key[256];
      if (!model_admits_record(q, &report->header, &report->records[j])) continue;
      model_key(key, dimensions, &report->header, &report->records[j]);
      model_count(model_group(&groups, key), report, &report->records[j]);
    }
  }
  return groups;
}

struct check {
  struct model_groups groups;
  unsigned dimensions;
  size_t met;
};

static void assert_same_tally(const struct store_tally *a, const struct store_tally *b) {
  assert_memory_equal(a, b, offsetof(struct store_tally, header_from));
}

static int check_group(void *user, const struct store_group *group, struct err *e) {
  struct check *check = user;
  char key[256], source[IP_TEXT_BYTES] = "";
  (void)e;
  if (group->network.base.size)
    ip_network_format(&group->network, source);
  else if (group->source_text)
    snprintf(source, sizeof source, "%s", group->source_text);
  spell_key(key, check->dimensions, group->policy_domain, group->header_from, group->reporter, source, group->period_s);
  for (size_t i = 0; i < check->groups.count; i++) {
    if (strcmp(check->groups.list[i].key, key) != 0) continue;
    assert_same_tally(&group->tally, &check->groups.list[i].tally);
    check->met++;
    return 0;
  }
  fail_msg("group %s should not be there", key);
  return 0;
}

static size_t check_aggregate(struct fixture *f, const struct model *m, const struct store_filter *q,
                              unsigned dimensions) {
  struct check check = {.groups = model_aggregate(m, q, dimensions), .dimensions = dimensions};
  assert_ok(f, store_aggregate(f->store, q, dimensions, check_group, &check, &f->e));
  assert_int_equal(check.met, check.groups.count);
  free(check.groups.list);
  return check.met;
}

static void every_combination_of_dimensions_counts_as_by_hand(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  struct store_filter all = STORE_FILTER_ALL;
  for (unsigned dimensions = 0; dimensions < 128; dimensions++) {
    bool both = (dimensions & STORE_BY_SOURCE && dimensions & STORE_BY_NETWORK) ||
                (dimensions & STORE_BY_DAY && dimensions & STORE_BY_WEEK);
    if (!both)
      assert_true(check_aggregate(f, m, &all, dimensions) > 0);
    else
      assert_int_equal(store_aggregate(f->store, &all, dimensions, keep_tally, NULL, &f->e), ERR_USAGE);
  }
  free_model(m);
}

/* Bit i of `which` sets filter i. */
static struct store_filter make_filter(struct model *m, unsigned which, struct ip_network *network) {
  static const char *const NETWORKS[] = {"192.0.2.0/24", "192.0.2.1",    "2001:db8::/64", "0.0.0.0/0",
                                         "::/0",         "192.0.2.0/25", "2001:db8::/47"};
  struct store_filter q = STORE_FILTER_ALL;
  struct err e;
  assert_int_equal(ip_network_parse(PICK(m, NETWORKS), network, &e), 0);
  if (which & 1) q.domain = DOMAINS[pick(m, 6)];
  if (which & 2) q.header_from = DOMAINS[pick(m, 6)];
  if (which & 4) q.since_s = 1735689600 + (int64_t)pick(m, 30) * 43200;
  if (which & 8) q.until_s = 1735689600 + (int64_t)(10 + pick(m, 30)) * 43200;
  if (which & 16) q.source = network;
  if (which & 32) q.reporter = pick(m, 2) ? "receiver inc" : "other";
  if (which & 64) q.aligned = (int)pick(m, 2);
  if (which & 128) q.disposition = DISPOSITIONS[pick(m, 5)];
  if (which & 256) q.report_id = m->reports[pick(m, MODEL_REPORTS)].header.report_id;
  if (which & 512) q.policy_domain = DOMAINS[pick(m, 6)];
  return q;
}

static void every_filter_admits_what_it_says(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t groups = 0;
  for (unsigned i = 0; i < 10; i++)
    for (int repeat = 0; repeat < 8; repeat++) {
      struct ip_network network;
      struct store_filter q = make_filter(m, 1u << i, &network);
      groups += check_aggregate(f, m, &q, STORE_BY_POLICY_DOMAIN | STORE_BY_SOURCE);
    }
  assert_true(groups > 500);
  free_model(m);
}

static void filters_combine(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t groups = 0;
  for (int repeat = 0; repeat < 300; repeat++) {
    struct ip_network network;
    unsigned which = pick(m, 1024) & pick(m, 1024);
    struct store_filter q = make_filter(m, which, &network);
    groups += check_aggregate(f, m, &q, STORE_BY_HEADER_FROM | STORE_BY_DAY | STORE_BY_REPORTER);
  }
  assert_true(groups > 1000);
  free_model(m);
}

struct walked {
  const struct model *model;
  const struct store_filter *filter;
  size_t met, records_left; /* of the report at hand */
  const struct model_report *report;
  char last[96];
};

static const struct model_report *report_of(const struct model *m, int64_t id) {
  for (int i = 0; i < MODEL_REPORTS; i++)
    if (m->reports[i].id == id) return &m->reports[i];
  fail_msg("report %lld should not be there", (long long)id);
  return NULL;
}

static int check_record(void *user, const struct store_report *report, const struct feedback_record *record,
                        struct err *e) {
  struct walked *w = user;
  (void)e;
  if (!w->report || w->report->id != report->id) {
    w->report = report_of(w->model, report->id);
    w->records_left = 0;
    assert_true(model_admits_report(w->filter, w->report));
    assert_same_header(&report->header, &w->report->header);
  }
  while (!model_admits_record(w->filter, &w->report->header, &w->report->records[w->records_left])) w->records_left++;
  assert_true(w->records_left < w->report->count);
  assert_same_record(record, &w->report->records[w->records_left++]);
  w->met++;
  return 0;
}

static void records_come_out_as_filtered(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  size_t met = 0;
  for (int repeat = 0; repeat < 200; repeat++) {
    struct ip_network network;
    unsigned which = pick(m, 1024) & pick(m, 1024);
    struct store_filter q = make_filter(m, which, &network);
    struct model_groups all = model_aggregate(m, &q, 0);
    struct walked w = {.model = m, .filter = &q};
    assert_ok(f, store_each_record(f->store, &q, check_record, &w, &f->e));
    assert_int_equal(w.met, all.count ? all.list[0].tally.records : 0);
    met += w.met;
    free(all.list);
  }
  assert_true(met > 1000);
  free_model(m);
}

static bool model_has_record_within(const char *domain, const struct model_report *r) {
  if (!domain || within(r->header.policy_domain, domain)) return true;
  for (size_t i = 0; i < r->count; i++)
    if (model_admits_domain(domain, &r->header, &r->records[i])) return true;
  return false;
}

static int check_report(void *user, const struct store_report *report, struct err *e) {
  struct walked *w = user;
  const struct model_report *r = report_of(w->model, report->id);
  char place[96];
  (void)e;
  assert_true(model_admits_report(w->filter, r) && model_has_record_within(w->filter->domain, r));
  assert_int_equal(report->record_count, r->count);
  /* Within a policy domain, by begin and then by id. */
  const char *domain = r->header.policy_domain ? r->header.policy_domain : "-";
  snprintf(place, sizeof place, "%s %020lld %09lld", domain,
           (long long)(r->header.begin_s == FEEDBACK_TIME_UNKNOWN ? 0 : r->header.begin_s), (long long)r->id);
  if (!strncmp(w->last, domain, strlen(domain)) && w->last[strlen(domain)] == ' ')
    assert_true(strcmp(w->last, place) < 0);
  memcpy(w->last, place, sizeof place);
  w->met++;
  return 0;
}

static void reports_come_out_in_order_and_record_filters_do_not_narrow_them(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  for (int repeat = 0; repeat < 100; repeat++) {
    struct ip_network network;
    struct store_filter q = make_filter(m, pick(m, 1024) & pick(m, 1024), &network);
    struct walked w = {.model = m, .filter = &q};
    size_t expected = 0;
    for (int i = 0; i < MODEL_REPORTS; i++)
      expected += model_admits_report(&q, &m->reports[i]) && model_has_record_within(q.domain, &m->reports[i]);
    assert_ok(f, store_each_report(f->store, &q, check_report, &w, &f->e));
    assert_int_equal(w.met, expected);
  }
  free_model(m);
}

static void a_tally_names_the_first_header_from_domains(void **state) {
  struct fixture *f = *state;
  static const char *const NAMES[] = {"b.example", "a.example", "b.example", "d.example", "c.example", "e.example"};
  struct feedback_header header = plain_header("r");
  struct feedback_record records[6];
  for (int i = 0; i < 6; i++) {
    records[i] = plain_record("192.0.2.1", 1);
    records[i].header_from = NAMES[i];
  }
  for (int n = 5; n <= 6; n++) {
    struct store_tally tally = {0};
    struct store_filter all = STORE_FILTER_ALL;
    header.report_id = n == 5 ? "five" : "six";
    all.report_id = header.report_id;
    open_for(f, STORE_WRITE);
    assert_ok(f, store_begin(f->store, &f->e));
    add_report(f, f->store, &header, records, (size_t)n);
    assert_ok(f, store_commit(f->store, &f->e));
    assert_ok(f, store_aggregate(f->store, &all, 0, keep_tally, &tally, &f->e));
    assert_int_equal(tally.more_header_from, n == 6);
    for (int i = 0; i < STORE_TALLY_NAMES; i++) assert_non_null(tally.header_from[i]);
  }
}

static int stop_at_once(void *user, const struct store_group *group, struct err *e) {
  (void)group;
  ++*(int *)user;
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static void a_callback_ends_the_walk_with_its_own_code(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  int calls = 0;
  struct model *m = make_model(f);
  assert_int_equal(store_aggregate(f->store, &all, STORE_BY_SOURCE, stop_at_once, &calls, &f->e), ERR_INTERRUPTED);
  assert_int_equal(calls, 1);
  assert_string_equal(f->e.text, "enough");
  assert_true(count_reports(f) > 100); /* and the next question is answered */
  free_model(m);
}

static int ask_within(void *user, const struct store_report *report, const struct feedback_record *record,
                      struct err *e) {
  struct fixture *f = user;
  (void)report, (void)e;
  assert_int_equal(count_reports(f), 2);
  assert_string_equal(record->header_from, "example.com");
  return 0;
}

static void questions_may_be_asked_within_a_walk(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 1);
  assert_ok(f, store_each_record(f->store, &all, ask_within, f, &f->e));
  store_one(f, "c", 1); /* the snapshot of the walk is over */
}

/* --- flows, compared with the records that were given ------------------------------------------------------------ */

struct flow_walk {
  struct fixture *f;
  const struct model *model;
  const struct store_filter *filter; /* without what flows are not filtered by */
  const struct model_report *report;
  struct store_flow_report before;
  char domain_before[64];
  size_t next; /* record of the report at hand */
  struct store_tally sum;
};

static void assert_in_order(struct flow_walk *w, const struct store_flow_report *report) {
  const char *domain = report->policy_domain ? report->policy_domain : "-";
  if (w->before.id && !strcmp(w->domain_before, domain))
    assert_true(report->begin_s > w->before.begin_s ||
                (report->begin_s == w->before.begin_s && report->id > w->before.id));
  w->before = *report;
  snprintf(w->domain_before, sizeof w->domain_before, "%s", domain);
}

static void skip_what_is_not_admitted(struct flow_walk *w) {
  const struct model_report *r = w->report;
  while (w->next < r->count && !model_admits_record(w->filter, &r->header, &r->records[w->next])) w->next++;
}

static int begin_flows(void *user, const struct store_flow_report *report, struct err *e) {
  struct flow_walk *w = user;
  (void)e;
  assert_in_order(w, report);
  if (w->report) assert_int_equal(w->next, w->report->count); /* all of the report before were handed out */
  w->report = report_of(w->model, report->id);
  w->next = 0;
  skip_what_is_not_admitted(w);
  const struct feedback_header *h = &w->report->header;
  assert_text(report->policy_domain, h->policy_domain);
  assert_text(report->org_name, h->org_name);
  assert_true(report->begin_s == h->begin_s && report->end_s == h->end_s);
  assert_int_equal(report->strict_dkim, same(h->adkim, "s"));
  assert_int_equal(report->strict_spf, same(h->aspf, "s"));
  assert_int_equal(report->record_count, w->report->count);
  w->sum.reports += w->next < w->report->count;
  if (w->filter->domain && !within(h->policy_domain, w->filter->domain)) assert_true(w->next < w->report->count);
  return 1;
}

static int check_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct flow_walk *w = user;
  const struct feedback_record *pattern;
  struct feedback_record got;
  const char *text;
  assert_true(w->next < w->report->count);
  struct feedback_record given = w->report->records[w->next++];
  skip_what_is_not_admitted(w);
  assert_ok(w->f, store_pattern(w->f->store, flow->pattern_id, &pattern, e));
  got = *pattern;
  got.count = flow->count;
  assert_ok(w->f, store_address(w->f->store, flow->address_id, &got.source_ip, &text, e));
  if (got.source_ip.size)
    assert_string_equal(text, ip_format(&given.source_ip, (char[IP_TEXT_BYTES]){0}));
  else
    got.source_text = text;
  assert_null(got.envelope_to);
  given.envelope_to = NULL;
  assert_same_record(&got, &given);
  w->sum.records++;
  w->sum.uncounted += flow->count == FEEDBACK_COUNT_UNKNOWN;
  if (flow->count != FEEDBACK_COUNT_UNKNOWN) w->sum.messages += flow->count;
  return 0;
}

/* Asks with all filters, and expects what those of the report level say. */
static size_t check_flows(struct fixture *f, const struct model *m, const struct store_filter *asked) {
  struct store_filter applied = *asked;
  struct store_tally expected = {0};
  applied.header_from = applied.disposition = NULL;
  applied.source = NULL;
  applied.aligned = -1;
  struct flow_walk w = {.f = f, .model = m, .filter = &applied};
  const struct store_flow_events events = {begin_flows, check_flow, &w};
  assert_ok(f, store_each_flow(f->store, asked, &events, &f->e));
  if (w.report) assert_int_equal(w.next, w.report->count);
  assert_ok(f, store_aggregate(f->store, &applied, 0, keep_tally, &expected, &f->e));
  assert_int_equal(w.sum.records, expected.records);
  assert_int_equal(w.sum.reports, expected.reports);
  assert_int_equal(w.sum.uncounted, expected.uncounted);
  assert_true(w.sum.messages == expected.messages);
  return w.sum.records;
}

static void flows_are_the_records_that_were_given_and_sum_to_the_aggregate(void **state) {
  struct fixture *f = *state;
  struct model *m = make_model(f);
  struct store_filter all = STORE_FILTER_ALL;
  size_t met = 0;
  assert_true(check_flows(f, m, &all) > 300);
  for (int repeat = 0; repeat < 300; repeat++) {
    struct ip_network network;
    struct store_filter q = make_filter(m, pick(m, 1024) & pick(m, 1024), &network);
    met += check_flows(f, m, &q);
  }
  assert_true(met > 3000);
  free_model(m);
}

static int check_full_flow_report(void *user, const struct store_flow_report *report, struct err *e) {
  const struct feedback_header *h = user;
  (void)e;
  assert_text(report->p, h->p);
  assert_text(report->sp, h->sp);
  assert_text(report->np, h->np);
  assert_text(report->adkim, h->adkim);
  assert_text(report->aspf, h->aspf);
  assert_text(report->pct, h->pct);
  assert_text(report->testing, h->testing);
  assert_text(report->discovery_method, h->discovery_method);
  assert_int_equal(report->flags, h->flags);
  assert_int_equal(report->record_count, 2);
  assert_true(report->message_count == 2 * full_record().count);
  return 0;
}

static int no_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)user, (void)flow, (void)e;
  fail_msg("flows of a report that was skipped");
  return 0;
}

static void a_flow_report_has_the_words_of_the_policy(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = full_header();
  struct feedback_record records[] = {full_record(), full_record()};
  struct store_filter all = STORE_FILTER_ALL;
  const struct store_flow_events events = {check_full_flow_report, no_flow, &header};
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, records, 2);
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e)); /* within a transaction, too */
  assert_ok(f, store_commit(f->store, &f->e));
}

static void a_pattern_has_all_results_and_reasons(void **state) {
  struct fixture *f = *state;
  struct feedback_header header = plain_header("r");
  struct feedback_record given = full_record();
  const struct feedback_record *pattern;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, &given, 1);
  assert_ok(f, store_commit(f->store, &f->e));
  assert_ok(f, store_pattern(f->store, 1, &pattern, &f->e));
  given.source_ip = (struct ip_addr){0};
  given.count = 0;
  given.envelope_to = NULL;
  assert_same_record(pattern, &given);
}

struct choice {
  int every, report_code, flow_code; /* each report whose number `every` divides is wanted */
  int reports, flows;
};

static int choose_report(void *user, const struct store_flow_report *report, struct err *e) {
  struct choice *c = user;
  (void)report;
  if (c->report_code) return err_set(e, c->report_code, "enough reports");
  return c->reports++ % c->every == 0;
}

static int count_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct choice *c = user;
  (void)flow;
  c->flows++;
  return c->flow_code ? err_set(e, c->flow_code, "enough flows") : 0;
}

static struct choice walk_choosing(struct fixture *f, struct choice c, int code) {
  struct store_filter all = STORE_FILTER_ALL;
  const struct store_flow_events events = {choose_report, count_flow, &c};
  assert_int_equal(store_each_flow(f->store, &all, &events, &f->e), code);
  return c;
}

static void a_report_that_is_not_wanted_is_skipped(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 5; i++) store_one(f, (const char *[]){"a", "b", "c", "d", "e"}[i], (size_t)i + 1);
  struct choice c = walk_choosing(f, (struct choice){.every = 2}, 0);
  assert_int_equal(c.reports, 5);
  assert_int_equal(c.flows, 1 + 3 + 5);
}

static void a_walk_over_flows_is_stopped_by_either_callback(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 3);
  struct choice c = walk_choosing(f, (struct choice){.every = 1, .report_code = ERR_INTERRUPTED}, ERR_INTERRUPTED);
  assert_int_equal(c.flows, 0);
  assert_string_equal(f->e.text, "enough reports");
  c = walk_choosing(f, (struct choice){.every = 1, .flow_code = ERR_FORMAT}, ERR_FORMAT);
  assert_int_equal(c.flows, 1);
  assert_string_equal(f->e.text, "enough flows");
  store_one(f, "b", 1); /* the snapshot of the walk is over */
}

static void an_id_that_is_not_there_is_told(void **state) {
  struct fixture *f = *state;
  const struct feedback_record *pattern = NULL;
  struct ip_addr ip = ip_of("192.0.2.9");
  const char *text = "untouched";
  static const int64_t IDS[] = {2, -1, INT64_MAX, INT64_MIN};
  open_for(f, STORE_WRITE);
  store_one(f, "a", 1);
  for (size_t i = 0; i < ARRAY_SIZE(IDS); i++) {
    assert_int_equal(store_pattern(f->store, IDS[i], &pattern, &f->e), ERR_STORE);
    assert_says(f, "there is no pattern");
    assert_int_equal(store_address(f->store, IDS[i], &ip, &text, &f->e), ERR_STORE);
    assert_says(f, "there is no address");
  }
  assert_int_equal(store_pattern(f->store, 0, &pattern, &f->e), ERR_STORE);
  assert_null(pattern);
  assert_string_equal(text, "untouched");
  assert_int_equal(ip.size, 4);
  assert_ok(f, store_address(f->store, 0, &ip, &text, &f->e)); /* a record without a source */
  assert_null(text);
  assert_int_equal(ip.size, 0);
}

/* A statement that is left standing would hold the handle on the state it has read. */
static void whoever_asked_what_an_id_means_sees_what_others_write(void **state) {
  struct fixture *f = *state;
  const struct feedback_record *pattern;
  struct ip_addr ip;
  const char *text;
  struct store *reader;
  int n = 0;
  struct store_filter all = STORE_FILTER_ALL;
  open_for(f, STORE_WRITE);
  store_one(f, "a", 1);
  assert_ok(f, store_open(f->path, STORE_READ, &reader, &f->e));
  assert_ok(f, store_pattern(reader, 1, &pattern, &f->e));
  assert_ok(f, store_address(reader, 1, &ip, &text, &f->e));
  store_one(f, "b", 1);
  assert_ok(f, store_each_report(reader, &all, count_report, &n, &f->e));
  assert_int_equal(n, 2);
  assert_string_equal(pattern->header_from, "example.com"); /* still valid */
  assert_string_equal(text, "192.0.2.1");
  store_close(reader);
}

static int ask_pattern(struct fixture *f, const char *expected) {
  const struct feedback_record *pattern;
  assert_ok(f, store_pattern(f->store, 1, &pattern, &f->e));
  assert_string_equal(pattern->header_from, expected);
  return 0;
}

static void add_from(struct fixture *f, const char *header_from) {
  struct feedback_header header = plain_header(header_from);
  struct feedback_record record = plain_record("192.0.2.1", 1);
  record.header_from = header_from;
  assert_ok(f, store_begin(f->store, &f->e));
  add_report(f, f->store, &header, &record, 1);
}

static int ask_the_first(void *user, const struct store_flow *flow, struct err *e) {
  (void)flow, (void)e;
  return ask_pattern(user, "a.example");
}

static int take_back_and_ask(void *user, const struct store_flow *flow, struct err *e) {
  struct fixture *f = user;
  (void)flow;
  ask_pattern(f, "b.example");
  store_abort(f->store);
  add_from(f, "c.example");
  ask_pattern(f, "c.example");
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static int want_all(void *user, const struct store_flow_report *report, struct err *e) {
  (void)user, (void)report, (void)e;
  return 1;
}

static void a_pattern_that_was_taken_back_is_not_remembered(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  const struct store_flow_events events = {want_all, take_back_and_ask, f};
  open_for(f, STORE_WRITE);
  add_from(f, "b.example");
  assert_int_equal(store_each_flow(f->store, &all, &events, &f->e), ERR_INTERRUPTED);
  assert_ok(f, store_commit(f->store, &f->e));
}

static void what_ids_mean_is_forgotten_with_the_walk(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  const struct store_flow_events events = {want_all, ask_the_first, f};
  open_for(f, STORE_WRITE);
  add_from(f, "a.example");
  assert_ok(f, store_commit(f->store, &f->e));
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
  run_sql(f->path, "UPDATE name SET text = 'b.example' WHERE text = 'a.example'");
  ask_pattern(f, "b.example");
  run_sql(f->path, "UPDATE name SET text = 'a.example' WHERE text = 'b.example'");
  ask_pattern(f, "a.example");
}

static int walk_within(void *user, const struct store_flow *flow, struct err *e) {
  struct fixture *f = user;
  struct store_filter all = STORE_FILTER_ALL;
  const struct feedback_record *pattern;
  struct ip_addr ip;
  const char *text;
  assert_ok(f, store_pattern(f->store, flow->pattern_id, &pattern, e));
  walk_choosing(f, (struct choice){.every = 1}, 0);
  assert_int_equal(total_of(f).records, 3);
  int n = 0;
  assert_ok(f, store_each_report(f->store, &all, count_report, &n, e));
  assert_ok(f, store_address(f->store, flow->address_id, &ip, &text, e));
  assert_string_equal(pattern->header_from, "example.com");
  assert_string_equal(text, "192.0.2.1");
  return 0;
}

static void a_walk_over_flows_may_hold_another(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  const struct store_flow_events events = {want_all, walk_within, f};
  open_for(f, STORE_WRITE);
  store_one(f, "a", 2);
  store_one(f, "b", 1);
  assert_ok(f, store_each_flow(f->store, &all, &events, &f->e));
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static const struct store_label LABELS[] = {
    {.subject = LABEL_SERVICE,
     .source = "Example Mailer",
     .verdict = LABEL_LEGITIMATE,
     .until_s = 1767225600,
     .note = "said \"yes\"; it's\nours\t, Käthe \xf0\x9f\x93\xa7 <b>%s</b> '); DROP TABLE label; --",
     .made_s = 100},
    {.subject = LABEL_ADDRESS,
     .source = "2001:db8::25",
     .verdict = LABEL_FORWARDER,
     .domain = "example.com",
     .until_s = FEEDBACK_TIME_UNKNOWN,
     .made_s = 100},
    {.subject = LABEL_NETWORK,
     .source = "192.0.2.0/24",
     .verdict = LABEL_UNAUTHORISED,
     .domain = "example.org",
     .until_s = 0,
     .made_s = 200},
    {.subject = LABEL_DOMAIN,
     .source = "bounce.example.net",
     .verdict = LABEL_IGNORE,
     .until_s = FEEDBACK_TIME_UNKNOWN,
     .note = " ",
     .made_s = 300},
};

struct met_labels {
  const struct store_label *expected;
  size_t met;
};

static int compare_label(void *user, const struct store_label *label, struct err *e) {
  struct met_labels *m = user;
  const struct store_label *x = &m->expected[m->met++];
  (void)e;
  assert_true(label->id > 0);
  assert_int_equal(label->subject, x->subject);
  assert_string_equal(label->source, x->source);
  assert_int_equal(label->verdict, x->verdict);
  assert_text(label->domain, x->domain);
  assert_true(label->until_s == x->until_s && label->made_s == x->made_s);
  assert_text(label->note, x->note);
  return 0;
}

static void assert_labels(struct fixture *f, const struct store_label *expected, size_t n) {
  struct met_labels m = {.expected = expected};
  assert_ok(f, store_each_label(f->store, compare_label, &m, &f->e));
  assert_int_equal(m.met, n);
}

/* In another order than that in which they were made, as far as two were not made at once. */
static void put_labels(struct fixture *f) {
  static const size_t ORDER[] = {2, 0, 3, 1};
  for (size_t i = 0; i < ARRAY_SIZE(ORDER); i++) assert_ok(f, store_label_put(f->store, &LABELS[ORDER[i]], &f->e));
}

static void labels_come_back_as_they_were_put_in_order_of_time(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  assert_labels(f, NULL, 0);
  put_labels(f);
  assert_false(store_in_transaction(f->store));
  assert_labels(f, LABELS, 4);
  open_for(f, STORE_READ);
  assert_labels(f, LABELS, 4);
}

static void a_label_for_the_same_source_and_domain_replaces_the_former(void **state) {
  struct fixture *f = *state;
  struct store_label other = LABELS[0];
  open_for(f, STORE_WRITE);
  put_labels(f);
  other.source = "EXAMPLE mailer";
  other.verdict = LABEL_UNAUTHORISED;
  other.until_s = FEEDBACK_TIME_UNKNOWN;
  other.note = NULL;
  other.made_s = 400;
  assert_ok(f, store_label_put(f->store, &other, &f->e));
  const struct store_label expected[] = {LABELS[1], LABELS[2], LABELS[3], other};
  assert_labels(f, expected, 4);
}

static void labels_of_a_source_for_several_domains_stand_side_by_side(void **state) {
  struct fixture *f = *state;
  struct store_label labels[] = {LABELS[0], LABELS[0], LABELS[0]};
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 3; i++) {
    labels[i].domain = (const char *[]){NULL, "example.com", "example.org"}[i];
    labels[i].verdict = (enum label_verdict)i;
    assert_ok(f, store_label_put(f->store, &labels[i], &f->e));
  }
  assert_labels(f, labels, 3);
}

static void an_empty_domain_or_note_of_a_label_is_none(void **state) {
  struct fixture *f = *state;
  struct store_label label = LABELS[0];
  open_for(f, STORE_WRITE);
  label.domain = label.note = "";
  assert_ok(f, store_label_put(f->store, &label, &f->e));
  label.domain = label.note = NULL;
  assert_labels(f, &label, 1);
  assert_int_equal(store_label_remove(f->store, label.source, "", &f->e), 1);
}

static void a_label_is_removed_for_its_domain_alone(void **state) {
  struct fixture *f = *state;
  struct store_label labels[] = {LABELS[0], LABELS[0]};
  labels[1].domain = "example.com";
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 2; i++) assert_ok(f, store_label_put(f->store, &labels[i], &f->e));
  assert_int_equal(store_label_remove(f->store, "Example Mailer", "example.org", &f->e), 0);
  assert_int_equal(store_label_remove(f->store, "Example", NULL, &f->e), 0);
  assert_labels(f, labels, 2);
  assert_int_equal(store_label_remove(f->store, "example MAILER", NULL, &f->e), 1);
  assert_labels(f, &labels[1], 1);
  assert_int_equal(store_label_remove(f->store, "Example Mailer", NULL, &f->e), 0);
  assert_int_equal(store_label_remove(f->store, "Example Mailer", "example.com", &f->e), 1);
  assert_labels(f, NULL, 0);
  assert_false(store_in_transaction(f->store));
}

static void labels_take_part_in_an_open_transaction(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_label_put(f->store, &LABELS[0], &f->e));
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_label_put(f->store, &LABELS[1], &f->e));
  assert_int_equal(store_label_remove(f->store, LABELS[0].source, NULL, &f->e), 1);
  assert_true(store_in_transaction(f->store));
  assert_labels(f, &LABELS[1], 1);
  store_abort(f->store);
  assert_labels(f, LABELS, 1);
}

static void labels_that_cannot_be_put_are_refused(void **state) {
  struct fixture *f = *state;
  struct store_label nameless = LABELS[0];
  open_for(f, STORE_WRITE);
  for (int i = 0; i < 2; i++) {
    nameless.source = i ? "" : NULL;
    assert_int_equal(store_label_put(f->store, &nameless, &f->e), ERR_USAGE);
    assert_says(f, "needs a source");
  }
  open_for(f, STORE_READ);
  assert_int_equal(store_label_put(f->store, &LABELS[0], &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
  assert_int_equal(store_label_remove(f->store, "x", NULL, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
  assert_labels(f, NULL, 0);
}

static void a_label_that_fails_takes_its_transaction_along(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  run_sql(f->path, "CREATE TRIGGER no_labels BEFORE INSERT ON label BEGIN SELECT RAISE(ABORT, 'no labels'); END");
  assert_int_equal(store_label_put(f->store, &LABELS[0], &f->e), ERR_STORE);
  assert_says(f, "no labels");
  assert_false(store_in_transaction(f->store));
  assert_ok(f, store_begin(f->store, &f->e));
  assert_int_equal(store_label_put(f->store, &LABELS[0], &f->e), ERR_STORE);
  assert_false(store_in_transaction(f->store));
}

static void labels_with_words_of_a_newer_program_are_passed_over(void **state) {
  struct fixture *f = *state;
  open_for(f, STORE_WRITE);
  put_labels(f);
  run_sql(f->path,
          "UPDATE label SET verdict = 'adored' WHERE source = '192.0.2.0/24';"
          " UPDATE label SET subject = 'planet' WHERE source = 'bounce.example.net'");
  assert_labels(f, LABELS, 2);
}

static int stop_at_label(void *user, const struct store_label *label, struct err *e) {
  (void)label;
  ++*(int *)user;
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static void a_walk_over_labels_can_be_stopped(void **state) {
  struct fixture *f = *state;
  int calls = 0;
  open_for(f, STORE_WRITE);
  put_labels(f);
  assert_int_equal(store_each_label(f->store, stop_at_label, &calls, &f->e), ERR_INTERRUPTED);
  assert_int_equal(calls, 1);
  assert_ok(f, store_label_put(f->store, &LABELS[0], &f->e)); /* the snapshot of the walk is over */
}

static void labels_of_a_migrated_database_are_as_those_of_a_fresh_one(void **state) {
  struct fixture *f = *state;
  make_version_1(f);
  open_for(f, STORE_WRITE);
  put_labels(f);
  put_labels(f);
  open_for(f, STORE_WRITE);
  assert_labels(f, LABELS, 4);
  assert_int_equal(count_reports(f), 1);
}

static void verdicts_and_subjects_have_words(void **state) {
  static const char *const VERDICTS[] = {"legitimate", "forwarder", "unauthorised", "ignore"};
  static const char *const SUBJECTS[] = {"address", "network", "service", "domain"};
  static const char *const STRANGE[] = {"", "Legitimate", "legitimat", "legitimate ", "service", NULL};
  enum label_verdict verdict = LABEL_IGNORE;
  (void)state;
  for (int i = 0; i < LABEL_VERDICTS; i++) {
    assert_string_equal(label_verdict_word((enum label_verdict)i), VERDICTS[i]);
    assert_true(label_verdict_parse(VERDICTS[i], &verdict));
    assert_int_equal(verdict, i);
  }
  for (int i = 0; i < LABEL_SUBJECTS; i++) assert_string_equal(label_subject_word((enum label_subject)i), SUBJECTS[i]);
  for (size_t i = 0; i < ARRAY_SIZE(STRANGE); i++) assert_false(label_verdict_parse(STRANGE[i], &verdict));
  assert_int_equal(verdict, LABEL_IGNORE);
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
  assert_string_equal(group->tally.header_from[0], expected);
  assert_int_equal(group->tally.records, 2);
  return 0;
}

struct long_flows {
  struct store *store;
  int met;
};

static int check_long_flow(void *user, const struct store_flow *flow, struct err *e) {
  char expected[LONG_BYTES + 1];
  struct long_flows *w = user;
  const struct feedback_record *pattern;
  int r = store_pattern(w->store, flow->pattern_id, &pattern, e);
  if (r < 0) return r;
  spell_long(expected, w->met++ % LONG_NAMES);
  assert_string_equal(pattern->header_from, expected);
  return 0;
}

static void caches_that_overflow_forget_and_go_on(void **state) {
  struct fixture *f = *state;
  struct store_filter all = STORE_FILTER_ALL;
  char text[LONG_BYTES + 1];
  struct feedback_record record = plain_record("192.0.2.1", 1);
  struct feedback_header header = plain_header("r");
  int64_t id;
  int records = 0, groups = 0;
  record.header_from = text;
  open_for(f, STORE_WRITE);
  assert_ok(f, store_begin(f->store, &f->e));
  assert_ok(f, store_report_open(f->store, false, &f->e));
  for (int i = 0; i < 2 * LONG_NAMES; i++) {
    spell_long(text, i % LONG_NAMES);
    assert_ok(f, store_report_add(f->store, &record, &f->e));
  }
  assert_ok(f, store_report_close(f->store, &header, DIGEST, &id, &f->e));
  assert_ok(f, store_commit(f->store, &f->e));
  assert_sql(f, "SELECT count(*) FROM pattern", "14000\n");
  assert_ok(f, store_each_record(f->store, &all, check_long, &records, &f->e));
  assert_int_equal(records, 2 * LONG_NAMES);
  struct long_flows flows = {.store = f->store};
  assert_ok(f, store_each_flow(f->store, &all, &(struct store_flow_events){want_all, check_long_flow, &flows}, &f->e));
  assert_int_equal(flows.met, 2 * LONG_NAMES);
  assert_ok(f, store_aggregate(f->store, &all, STORE_BY_HEADER_FROM, check_long_group, &groups, &f->e));
  assert_int_equal(groups, LONG_NAMES);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
      IN_FOLDER(absent_parts_of_an_identity_are_equal_to_absent_ones_only),
      IN_FOLDER(a_report_without_an_id_is_told_from_others_by_its_content),
      IN_FOLDER(a_discarded_report_leaves_nothing_behind),
      IN_FOLDER(what_a_discarded_report_brought_is_not_remembered),
      IN_FOLDER(a_report_that_is_not_revocable_cannot_be_discarded_half_written),
      IN_FOLDER(a_revocable_report_that_is_kept_is_there),
      IN_FOLDER(an_aborted_transaction_leaves_nothing_behind),
      IN_FOLDER(what_is_asked_out_of_turn_is_refused),
      IN_FOLDER(a_deleted_report_takes_its_records_and_errors_along),
      IN_FOLDER(ranges_of_records_ascend_whatever_was_deleted),
      IN_FOLDER(reports_can_be_deleted_while_they_are_walked),
      IN_FOLDER(two_connections_write_in_turns),
      IN_FOLDER(what_another_process_removed_is_not_remembered),
      IN_FOLDER(processes_may_create_and_fill_a_database_at_once),
      IN_FOLDER(readers_do_not_wait_for_a_writer),
      IN_FOLDER(a_database_that_is_not_there_is_not_found),
      IN_FOLDER(a_database_is_created_with_its_folders),
      IN_FOLDER(a_relative_name_is_a_file_whatever_it_looks_like),
      IN_FOLDER(a_file_that_is_no_database_is_refused),
      IN_FOLDER(a_directory_is_refused),
      IN_FOLDER(a_folder_that_cannot_be_made_is_told),
      IN_FOLDER(an_empty_file_is_filled_by_an_import_alone),
      IN_FOLDER(another_programs_database_is_refused_and_left_alone),
      IN_FOLDER(a_newer_database_is_refused),
      IN_FOLDER(an_older_database_is_migrated_by_a_writer_alone),
      IN_FOLDER(a_database_without_labels_is_migrated_too),
      IN_FOLDER(a_database_without_mailboxes_is_migrated_too),
      IN_FOLDER(a_migration_that_fails_changes_nothing),
      IN_FOLDER(a_reader_needs_no_right_to_write),
      IN_FOLDER(a_reader_changes_nothing_and_leaves_nothing),
      IN_FOLDER(damage_within_is_told_and_never_guessed_over),
      IN_FOLDER(records_that_are_missing_do_not_shift_the_others),
      IN_FOLDER(a_full_disk_costs_the_open_transaction_alone),
      IN_FOLDER(a_document_met_again_adds_no_line),
      IN_FOLDER(other_content_or_another_outcome_adds_a_line),
      IN_FOLDER(a_document_stored_anew_restates_its_line),
      IN_FOLDER(the_ledger_is_read_by_outcome_time_and_reason),
      IN_FOLDER(views_show_what_a_person_asks_for),
      IN_FOLDER(the_layout_explains_itself),
      IN_FOLDER(every_combination_of_dimensions_counts_as_by_hand),
      IN_FOLDER(every_filter_admits_what_it_says),
      IN_FOLDER(filters_combine),
      IN_FOLDER(records_come_out_as_filtered),
      IN_FOLDER(reports_come_out_in_order_and_record_filters_do_not_narrow_them),
      IN_FOLDER(a_tally_names_the_first_header_from_domains),
      IN_FOLDER(a_callback_ends_the_walk_with_its_own_code),
      IN_FOLDER(questions_may_be_asked_within_a_walk),
      IN_FOLDER(flows_are_the_records_that_were_given_and_sum_to_the_aggregate),
      IN_FOLDER(a_flow_report_has_the_words_of_the_policy),
      IN_FOLDER(a_pattern_has_all_results_and_reasons),
      IN_FOLDER(a_report_that_is_not_wanted_is_skipped),
      IN_FOLDER(a_walk_over_flows_is_stopped_by_either_callback),
      IN_FOLDER(an_id_that_is_not_there_is_told),
      IN_FOLDER(whoever_asked_what_an_id_means_sees_what_others_write),
      IN_FOLDER(a_pattern_that_was_taken_back_is_not_remembered),
      IN_FOLDER(what_ids_mean_is_forgotten_with_the_walk),
      IN_FOLDER(a_walk_over_flows_may_hold_another),
      IN_FOLDER(labels_come_back_as_they_were_put_in_order_of_time),
      IN_FOLDER(a_label_for_the_same_source_and_domain_replaces_the_former),
      IN_FOLDER(labels_of_a_source_for_several_domains_stand_side_by_side),
      IN_FOLDER(an_empty_domain_or_note_of_a_label_is_none),
      IN_FOLDER(a_label_is_removed_for_its_domain_alone),
      IN_FOLDER(labels_take_part_in_an_open_transaction),
      IN_FOLDER(labels_that_cannot_be_put_are_refused),
      IN_FOLDER(a_label_that_fails_takes_its_transaction_along),
      IN_FOLDER(labels_with_words_of_a_newer_program_are_passed_over),
      IN_FOLDER(a_walk_over_labels_can_be_stopped),
      IN_FOLDER(labels_of_a_migrated_database_are_as_those_of_a_fresh_one),
      IN_FOLDER(verdicts_and_subjects_have_words),
      IN_FOLDER(caches_that_overflow_forget_and_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
