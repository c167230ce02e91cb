/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of questions on judged mail share: a database that is filled by the day, and the rows of an answer. */
#ifndef TESTS_JUDGED_KIT_H
#define TESTS_JUDGED_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analysis/compliance.h"
#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/question.h"
#include "table/render.h"

/* --- a database, and what is asked of it --------------------------------------------------------------------------
 * Days are told as "days ago", 0 being the last day with data. Asked about in the next morning. */

#define LAST_DAY 20000
#define DAY_S(ago) ((int64_t)(LAST_DAY - (ago)) * UTC_DAY_S)
#define MOST_ROWS 32
#define MOST_COLUMNS 32

struct fixture {
  char folder[64];
  struct local *local;
  struct store *store;
  struct err e;
  struct organization_cache *organizations;
  struct sender_catalogue *catalogue;
  struct labels labels;
  struct report_filter filter;
  struct judgement_basis basis;
  struct question question;
  unsigned reports;
  /* the report to be made */
  const char *org, *domain, *header_from, *p, *sp, *np, *testing, *pct, *adkim, *aspf;
  uint32_t flags;
  enum provenance provenance; /* of the mail that brings it */
  int hours;                  /* of the day, when it begins */
  int more_days;              /* that it is about */
  bool not_evaluated;
  const char *disposition; /* of its record; NULL: absent */
  const char *reason;      /* override type of its record; NULL: none */
  /* the answer */
  struct table_sink sink;
  const struct table *table;
  char *values[MOST_ROWS][MOST_COLUMNS];
  unsigned rows;
};

#define assert_ok(f, call)                                      \
  do {                                                          \
    int _r = (call);                                            \
    if (_r < 0) fail_msg("%s: %d: %s", #call, _r, (f)->e.text); \
  } while (0)

static inline int keep_table(struct table_sink *s, const struct table *table, struct err *e) {
  (void)e;
  struct fixture *f = (struct fixture *)((char *)s - offsetof(struct fixture, sink));
  f->table = table;
  assert_true(table->column_count <= MOST_COLUMNS);
  return 0;
}

static inline int keep_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)e;
  struct fixture *f = (struct fixture *)((char *)s - offsetof(struct fixture, sink));
  assert_true(f->rows < MOST_ROWS);
  for (unsigned i = 0; i < f->table->column_count; i++) {
    struct strbuf text = STRBUF_INIT;
    format_plain(&text, &f->table->columns[i], &cells[i]);
    f->values[f->rows][i] = mem_strdup(strbuf_text(&text));
    strbuf_clear(&text);
  }
  f->rows++;
  return 0;
}

static inline int keep_end(struct table_sink *s, struct err *e) {
  (void)s, (void)e;
  return 0;
}

static inline void forget_answer(struct fixture *f) {
  for (unsigned i = 0; i < f->rows; i++)
    for (unsigned c = 0; c < f->table->column_count; c++) free(f->values[i][c]);
  f->rows = 0;
  f->table = NULL;
}

/* Each mail is a commit of its own, and a test makes hundreds: on a busy disk they would wait for minutes. */
static inline const char *folder_in_memory(void) { return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; }

static inline void open_store(struct fixture *f) {
  snprintf(f->folder, sizeof f->folder, "%s/test_judged.XXXXXX", folder_in_memory());
  assert_non_null(mkdtemp(f->folder));
  _cleanup_free_ char *path = mem_printf("%s/dmarc.db", f->folder);
  assert_ok(f, local_open(path, LOCAL_WRITE, &f->local, &f->e));
  f->store = store_open_in(local_db(f->local));
  f->question.of.store = f->store;
}

static inline void close_store(struct fixture *f) {
  store_close(TAKE_PTR(f->store));
  local_close(TAKE_PTR(f->local));
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  assert_int_equal(system(command), 0);
}

static inline int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->organizations = organization_cache_new();
  f->catalogue = sender_catalogue_new();
  f->filter = (struct report_filter)REPORT_FILTER_ALL;
  f->basis = (struct judgement_basis){.catalogue = f->catalogue,
                                      .labels = &f->labels,
                                      .thresholds = &THRESHOLDS_DEFAULT,
                                      .as_of_s = DAY_S(-1) + 6 * 3600,
                                      .before_s = INT64_MAX};
  f->question.of = (struct inquiry){.filter = &f->filter, .basis = &f->basis};
  open_store(f);
  f->sink = (struct table_sink){.begin = keep_table, .row = keep_row, .end = keep_end};
  f->org = "receiver.example.net";
  f->domain = f->header_from = "example.com";
  f->p = f->disposition = "none";
  *state = f;
  return 0;
}

static inline int tear_down(void **state) {
  struct fixture *f = *state;
  forget_answer(f);
  close_store(f);
  organization_cache_free(f->organizations);
  sender_catalogue_free(f->catalogue);
  free(f);
  return 0;
}

/* In the middle of a test, for its other half. */
static inline void start_anew(struct fixture *f) {
  forget_answer(f);
  close_store(f);
  open_store(f);
}

static inline void ask_selectors(struct fixture *f) {
  forget_answer(f);
  assert_ok(f, question_selectors(&f->question, &f->sink, &f->e));
}

static inline void ask_compliance(struct fixture *f) {
  forget_answer(f);
  assert_ok(f, question_compliance(&f->question, &f->sink, &f->e));
}

static inline unsigned column_of(const struct fixture *f, const char *key) {
  for (unsigned i = 0; i < f->table->column_count; i++)
    if (!strcmp(f->table->columns[i].key, key)) return i;
  fail_msg("no column %s", key);
  return 0;
}

/* The rows are known by their first column: the selector, or the source. */
static inline bool has_row(const struct fixture *f, const char *name) {
  for (unsigned i = 0; i < f->rows; i++)
    if (!strcmp(f->values[i][0], name)) return true;
  return false;
}

static inline const char *value_of(const struct fixture *f, const char *name, const char *key) {
  unsigned column = column_of(f, key);
  for (unsigned i = 0; i < f->rows; i++)
    if (!strcmp(f->values[i][0], name)) return f->values[i][column];
  fail_msg("no row %s", name);
  return NULL;
}

static inline void same_value(const struct fixture *f, const char *name, const char *key, const char *expected,
                              int line) {
  const char *value = value_of(f, name, key);
  if (!strcmp(value, expected)) return;
  print_error("line %d: %s of %s is \"%s\", not \"%s\"\n", line, key, name, value, expected);
  fail();
}
#define assert_value(f, name, key, expected) same_value(f, name, key, expected, __LINE__)
#define assert_state(f, selector, expected) same_value(f, selector, "state", expected, __LINE__)

static inline const char *day_text(int ago, char *buffer) { return utc_format_day(DAY_S(ago), buffer); }

/* --- mail --------------------------------------------------------------------------------------------------------- */

#define MOST_RESULTS 8

/* Results as "dkim example.com/s1=pass" or "spf example.com=fail" or "helo mx.example.com=pass", in one text with ';'
 * between; "-" for a name that is absent. */
static inline uint32_t read_results(struct arena *arena, const char *text, struct auth_result *ret) {
  uint32_t count = 0;
  char *rest = arena_strdup(arena, text), *one;
  while ((one = strsep(&rest, ";"))) {
    one += strspn(one, " ");
    if (!*one) continue;
    assert_true(count < MOST_RESULTS);
    char *method = strsep(&one, " "), *name = strsep(&one, "=");
    struct auth_result *r = &ret[count++];
    *r = (struct auth_result){.method = strcmp(method, "dkim") != 0 ? AUTH_SPF : AUTH_DKIM,
                              .scope = !strcmp(method, "helo")  ? "helo"
                                       : !strcmp(method, "spf") ? "mfrom"
                                                                : NULL,
                              .result.text = one && strcmp(one, "-") != 0 ? one : NULL};
    r->domain = strsep(&name, "/");
    if (name && strcmp(name, "-") != 0) r->selector = name;
    if (!strcmp(r->domain, "-")) r->domain = NULL;
  }
  return count;
}

static inline struct word evaluated(const struct fixture *f, enum alignment grade) {
  if (f->not_evaluated) return (struct word){0};
  return (struct word){.text = grade >= ALIGNMENT_RELAXED ? "pass" : "fail"};
}

/* One record in a report of its own. */
static inline void mail(struct fixture *f, int ago, const char *ip, int64_t count, const char *results) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_free_ char *id = mem_printf("r%u", f->reports++);
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1};
  struct auth_result list[MOST_RESULTS];
  struct feedback_record record = {
      .count = count, .header_from = f->header_from, .disposition.text = f->disposition, .results = list};
  struct override_reason reason = {.type = f->reason};
  assert_true(ip_parse(ip, &record.source_ip));
  record.result_count = read_results(arena, results, list);
  if (f->reason) record.reasons = &reason, record.reason_count = 1;
  alignment_grade_record(&record, f->organizations, NULL);
  record.dkim = evaluated(f, record.dkim_alignment);
  record.spf = evaluated(f, record.spf_alignment);
  const struct feedback_header header = {.org_name = f->org,
                                         .report_id = id,
                                         .begin_s = DAY_S(ago) + f->hours * 3600,
                                         .end_s = DAY_S(ago) + f->hours * 3600 + (1 + f->more_days) * UTC_DAY_S - 1,
                                         .policy_domain = f->domain,
                                         .p = f->p,
                                         .sp = f->sp,
                                         .np = f->np,
                                         .testing = f->testing,
                                         .pct = f->pct,
                                         .adkim = f->adkim,
                                         .aspf = f->aspf,
                                         .provenance = f->provenance,
                                         .flags = f->flags};
  int64_t report;
  const struct store_entry entry = {identity_of_report(&header, digest), &header, digest};
  assert_ok(f, store_put(f->store, &entry, (struct feedback_record *[]){&record}, 1, &report, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
}

/* Each day from `first` to `last` days ago. */
static inline void mail_daily(struct fixture *f, int first, int last, const char *ip, int64_t count,
                              const char *results) {
  for (int ago = first; ago >= last; ago--) mail(f, ago, ip, count, results);
}

#define OFFICE "192.0.2.10"
#define OFFICE_MAIL "dkim example.com/s1=pass; spf example.com=pass"
#define SECOND "192.0.2.11"
#define SECOND_MAIL "dkim example.com/s2=pass; spf example.com=pass"
#define BOT "203.0.113.7"

/* The owner's servers, as the reporters see them to the last day. */
static inline void office(struct fixture *f, int days) { mail_daily(f, days - 1, 0, OFFICE, 20, OFFICE_MAIL); }

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define SES_MAIL "dkim example.com/k=pass; dkim amazonses.com/x=pass; spf amazonses.com=pass"

#endif
