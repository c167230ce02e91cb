/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the store share: an engine and a folder for each, and reports made by hand.
 *
 * A test of the contract (store.h) asks the store alone, and runs on every engine: ON_ENGINE, run_on_engines. */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

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

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/mem.h"
#include "base/utc.h"
#include "domain_kit.h"
#include "local/local.h"
#include "store/store.h"

/* --- a folder and a database a test ------------------------------------------------------------------------------- */

struct fixture {
  char folder[64], path[96];
  const struct engine *engine;
  struct local *local; /* of an engine that shares its file */
  struct store *store;
  struct err e;
};

struct engine {
  const char *name;
  int (*open)(struct fixture *f, enum local_mode mode);
};

static inline int open_in_file(struct fixture *f, enum local_mode mode) {
  int r = local_open(f->path, mode, &f->local, &f->e);
  if (r == 0) f->store = store_open_in(local_db(f->local));
  return r;
}

static const struct engine ENGINES[] = {{"sqlite", open_in_file}};

static inline void close_store(struct fixture *f) {
  store_close(TAKE_PTR(f->store));
  local_close(TAKE_PTR(f->local));
}

static inline int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->engine = *state ? *state : &ENGINES[0];
  snprintf(f->folder, sizeof f->folder, "/tmp/test_store.XXXXXX");
  if (!mkdtemp(f->folder)) return -1;
  snprintf(f->path, sizeof f->path, "%s/dmarc.db", f->folder);
  *state = f;
  return 0;
}

static inline int tear_down(void **state) {
  struct fixture *f = *state;
  close_store(f);
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

static inline struct store *open_for(struct fixture *f, enum local_mode mode) {
  close_store(f);
  assert_ok(f, f->engine->open(f, mode));
  return f->store;
}

/* Another handle on the same database. */
static inline struct fixture open_beside(const struct fixture *f, enum local_mode mode) {
  struct fixture beside = *f;
  beside.local = NULL;
  beside.store = NULL;
  open_for(&beside, mode);
  return beside;
}

/* --- making reports ----------------------------------------------------------------------------------------------- */

static inline struct ip_addr ip_of(const char *text) {
  struct ip_addr ip = {0};
  assert_true(ip_parse(text, &ip));
  return ip;
}

static inline struct feedback_header plain_header(const char *report_id) {
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

static inline struct feedback_record plain_record(const char *source, int64_t count) {
  return (struct feedback_record){.source_ip = ip_of(source),
                                  .count = count,
                                  .disposition = {"none", NULL},
                                  .dkim = {"pass", NULL},
                                  .spf = {"fail", NULL},
                                  .header_from = "example.com"};
}

static const uint8_t DIGEST[FEEDBACK_DIGEST_BYTES] = {1, 2, 3, 4};

/* 1 and what is known, or 0. Without a digest only a header that says all by itself finds its report. */
static inline int find_report(struct fixture *f, struct store *s, const struct feedback_header *header,
                              const uint8_t *digest, struct store_known *ret) {
  if (!digest && !identity_is_in_header(header)) return 0;
  struct identity identity = identity_of_report(header, digest);
  assert_ok(f, store_ask_known(s, &identity, 1, ret, &f->e));
  return ret->is_known;
}

static inline struct store_entry entry_of(const struct feedback_header *header, const uint8_t *digest) {
  return (struct store_entry){identity_of_report(header, digest), header, digest};
}

/* The records as the store takes them; free the list. */
static inline struct feedback_record **list_of(const struct feedback_record *records, size_t n) {
  struct feedback_record **list = mem_alloc((n + 1) * sizeof *list);
  for (size_t i = 0; i < n; i++) list[i] = (struct feedback_record *)&records[i];
  return list;
}

static inline int put_with(struct store *s, const struct feedback_header *header, const uint8_t *digest,
                           const struct feedback_record *records, size_t n, int64_t *ret, struct err *e) {
  _cleanup_free_ struct feedback_record **list = list_of(records, n);
  const struct store_entry entry = entry_of(header, digest);
  return store_put(s, &entry, list, (uint32_t)n, ret, e);
}

static inline int64_t add_report(struct fixture *f, struct store *s, const struct feedback_header *header,
                                 const struct feedback_record *records, size_t n) {
  int64_t id;
  assert_ok(f, put_with(s, header, DIGEST, records, n, &id, &f->e));
  return id;
}

/* Another content of a report that is stored. */
static inline int64_t replace_report(struct fixture *f, const struct feedback_header *header,
                                     const struct feedback_record *records, size_t n) {
  static const uint8_t OTHER[FEEDBACK_DIGEST_BYTES] = {5, 6, 7};
  int64_t id;
  assert_ok(f, put_with(f->store, header, OTHER, records, n, &id, &f->e));
  return id;
}

static inline int64_t store_one(struct fixture *f, const char *report_id, size_t records) {
  struct feedback_record record[9];
  struct feedback_header header = plain_header(report_id);
  for (size_t i = 0; i < records; i++) record[i] = plain_record("192.0.2.1", 1);
  int64_t id = add_report(f, f->store, &header, record, records);
  assert_ok(f, store_flush(f->store, &f->e));
  return id;
}

static inline int count_report(void *user, const struct store_report *report, struct err *e) {
  (void)report, (void)e;
  ++*(int *)user;
  return 0;
}

static inline int count_reports(struct fixture *f) {
  int n = 0;
  struct report_filter all = REPORT_FILTER_ALL;
  assert_ok(f, store_each_report(f->store, &all, count_report, &n, &f->e));
  return n;
}

static inline int keep_tally(void *user, const struct store_group *group, struct err *e) {
  (void)e;
  *(struct group_tally *)user = group->tally;
  return 0;
}

static inline struct group_tally total_of(struct fixture *f) {
  struct group_tally tally = {0};
  struct report_filter all = REPORT_FILTER_ALL;
  assert_ok(f, store_aggregate(f->store, &all, 0, keep_tally, &tally, &f->e));
  return tally;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* For tests of the contract. Each engine is put into the array in turn; what cmocka_run_group_tests spells is of use
 * for one whose size is seen alone. */
#define ON_ENGINE(test) IN_FOLDER(test)
static inline int run_on_engines(struct CMUnitTest *tests, size_t count) {
  int failed = 0;
  for (size_t e = 0; e < ARRAY_SIZE(ENGINES); e++) {
    for (size_t i = 0; i < count; i++) tests[i].initial_state = (void *)&ENGINES[e];
    failed += _cmocka_run_group_tests(ENGINES[e].name, tests, count, NULL, NULL);
  }
  return failed;
}

static inline void assert_text(const char *got, const char *expected) {
  if (!got || !expected)
    assert_ptr_equal(got, expected);
  else
    assert_string_equal(got, expected);
}

static inline void assert_word(struct word got, struct word expected) {
  assert_text(got.text, expected.text);
  assert_text(got.raw, expected.raw);
}

static inline void assert_same_header(const struct feedback_header *a, const struct feedback_header *b) {
  const char *const got[] = {a->schema,    a->version,   a->org_name, a->email,           a->extra_contact_info,
                             a->report_id, a->generator, a->carrier,  a->submitter,       a->policy_domain,
                             a->p,         a->sp,        a->np,       a->adkim,           a->aspf,
                             a->pct,       a->fo,        a->testing,  a->discovery_method};
  const char *const expected[] = {b->schema,    b->version,   b->org_name, b->email,           b->extra_contact_info,
                                  b->report_id, b->generator, b->carrier,  b->submitter,       b->policy_domain,
                                  b->p,         b->sp,        b->np,       b->adkim,           b->aspf,
                                  b->pct,       b->fo,        b->testing,  b->discovery_method};
  for (size_t i = 0; i < ARRAY_SIZE(got); i++) assert_text(got[i], expected[i]);
  assert_true(a->begin_s == b->begin_s && a->end_s == b->end_s);
  assert_int_equal(a->provenance, b->provenance);
  assert_int_equal(a->flags, b->flags);
}

/* All but source, count and envelope_to. */
static inline void assert_same_pattern(const struct feedback_record *a, const struct feedback_record *b) {
  assert_word(a->disposition, b->disposition);
  assert_word(a->dkim, b->dkim);
  assert_word(a->spf, b->spf);
  assert_text(a->header_from, b->header_from);
  assert_text(a->envelope_from, b->envelope_from);
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

static inline void assert_same_record(const struct feedback_record *a, const struct feedback_record *b) {
  assert_int_equal(a->source_ip.size, b->source_ip.size);
  assert_memory_equal(a->source_ip.bytes, b->source_ip.bytes, 16);
  assert_text(a->source_text, b->source_text);
  assert_true(a->count == b->count);
  assert_text(a->envelope_to, b->envelope_to);
  assert_same_pattern(a, b);
}

static const char *ERRORS[] = {"DNS timeout", "second error"};
static struct foreign_namespace FOREIGN[] = {{"urn:example:one", 3}, {"urn:example:two", INT64_MAX}};

static inline struct feedback_header full_header(void) {
  return (struct feedback_header){.schema = "urn:ietf:params:xml:ns:dmarc-2.0",
                                  .version = "1.0",
                                  .org_name = "Empfänger \"AG\"",
                                  .email = "dmarc@example.net",
                                  .extra_contact_info = "https://example.net/dmarc",
                                  .report_id = "2025.01.01.1",
                                  .generator = "maker 2.1",
                                  .errors = ERRORS,
                                  .error_count = 2,
                                  .provenance = PROVENANCE_UNPROVEN,
                                  .carrier = "carrier.example",
                                  .submitter = "receiver.example",
                                  .foreign = FOREIGN,
                                  .foreign_count = 2,
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
                                  .flags = FEEDBACK_DAMAGED | FEEDBACK_RECORD_FLAGGED | FEEDBACK_FOREIGN};
}

static struct auth_result FULL_RESULTS[] = {
    {AUTH_DKIM, "example.com", "s1", NULL, {"pass", NULL}, "good signature"},
    {AUTH_DKIM, "example.org", NULL, NULL, {"permerror", "invalid"}, NULL},
    {AUTH_DKIM, NULL, NULL, NULL, {NULL, NULL}, NULL},
    {AUTH_SPF, "bounce.example.com", NULL, "mfrom", {"fail", "hardfail"}, NULL},
    {AUTH_SPF, "mx.example.com", NULL, "helo", {"odd result", NULL}, "he said"},
};

static struct override_reason FULL_REASONS[] = {{"mailing_list", "list of \nexample"}, {"arc", NULL}, {NULL, "why"}};

static inline struct feedback_record full_record(void) {
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

static inline int compare_record(void *user, const struct store_report *report, const struct feedback_record *record,
                                 struct err *e) {
  struct expected *x = user;
  (void)e;
  assert_same_header(&report->header, &x->header);
  assert_same_record(record, &x->records[x->met++]);
  return 0;
}

static inline int compare_report(void *user, const struct store_report *report, struct err *e) {
  struct expected *x = user;
  (void)e;
  assert_same_header(&report->header, &x->header);
  assert_int_equal(report->header.error_count, x->header.error_count);
  for (uint32_t i = 0; i < x->header.error_count; i++) assert_text(report->header.errors[i], x->header.errors[i]);
  assert_int_equal(report->header.foreign_count, x->header.foreign_count);
  for (uint32_t i = 0; i < x->header.foreign_count; i++) {
    assert_text(report->header.foreign[i].uri, x->header.foreign[i].uri);
    assert_true(report->header.foreign[i].elements == x->header.foreign[i].elements);
  }
  x->met++;
  return 0;
}

static inline void stream_of(struct fixture *f, const struct feedback_record *records, size_t n) {
  _cleanup_free_ struct feedback_record **list = list_of(records, n);
  assert_ok(f, store_stream_begin(f->store, &f->e));
  for (size_t i = 0; i < n; i++) assert_ok(f, store_stream_add(f->store, &list[i], 1, &f->e));
}

#endif
