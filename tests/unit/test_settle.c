/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a document, as a table: each outcome, and a run that writes nothing comes to the same. */
#include "import/settle.h"
#include "store_sql_kit.h"

/* One document after the other; what each comes to depends on those before it. */
static const struct step {
  const char *sentence;
  const char *report_id; /* NULL: none */
  bool without_period;
  uint8_t content; /* stands for its digest */
  bool damaged;
  int code;
  enum document_outcome outcome;
  const char *reason;
} SCRIPT[] = {
    {"not met before", "a", false, 1, false, 0, DOCUMENT_NEW, NULL},
    {"a copy", "a", false, 1, false, 0, DOCUMENT_DUPLICATE, NULL},
    {"other content", "a", false, 2, false, 0, DOCUMENT_CONFLICTING,
     "the same report with other content is stored already; the first was kept"},
    {"a damaged copy of a whole one", "a", false, 3, true, 0, DOCUMENT_CONFLICTING,
     "the same report with other content is stored already; the first was kept"},
    {"damaged", "b", false, 1, true, 0, DOCUMENT_DAMAGED, "cut"},
    {"damaged in the same way", "b", false, 1, true, 0, DOCUMENT_DUPLICATE, NULL},
    {"damaged otherwise", "b", false, 2, true, 0, DOCUMENT_CONFLICTING,
     "the same report with other content is stored already; the first was kept"},
    {"whole, where a damaged one is", "b", false, 3, false, 0, DOCUMENT_NEW, "takes the place of a damaged copy"},
    {"a copy of what took its place", "b", false, 3, false, 0, DOCUMENT_DUPLICATE, NULL},
    {"the damaged one again", "b", false, 1, true, 0, DOCUMENT_CONFLICTING,
     "the same report with other content is stored already; the first was kept"},
    {"without report_id", NULL, false, 1, false, 0, DOCUMENT_NEW, NULL},
    {"a copy without report_id", NULL, false, 1, false, 0, DOCUMENT_DUPLICATE, NULL},
    {"without report_id, other content", NULL, false, 2, false, 0, DOCUMENT_NEW, NULL},
    {"without report_id, damaged", NULL, false, 3, true, 0, DOCUMENT_DAMAGED, "cut"},
    {"without a period", "c", true, 1, false, 0, DOCUMENT_NEW, NULL},
    {"a copy without a period", "c", true, 1, false, 0, DOCUMENT_DUPLICATE, NULL},
    {"without a period, other content", "c", true, 2, false, 0, DOCUMENT_NEW, NULL},
    {"unreadable", "d", false, 1, false, ERR_FORMAT, DOCUMENT_REJECTED, "broken"},
    {"no report", "d", false, 1, false, ERR_NO_REPORT, DOCUMENT_NO_REPORT, "broken"},
    {"readable, after it was not", "d", false, 1, false, 0, DOCUMENT_NEW, NULL},
};
#define STEPS ARRAY_SIZE(SCRIPT)

static struct feedback_header header_of(const struct step *step) {
  struct feedback_header header = plain_header(step->report_id);
  if (step->without_period) header.begin_s = header.end_s = FEEDBACK_TIME_UNKNOWN;
  if (step->damaged) header.flags |= FEEDBACK_DAMAGED;
  return header;
}

/* A small document: begin, records and end in one parcel. */
static struct parcel parcel_of(const struct step *step, struct feedback_record **records, const char *origin) {
  struct parcel parcel = {.begins = true,
                          .ends = true,
                          .file_ends = true,
                          .kind = REPORT_AGGREGATE,
                          .records = records,
                          .record_count = step->code ? 0 : 1,
                          .header = header_of(step),
                          .code = step->code,
                          .origin = origin,
                          .outcome = {.records = step->code ? 0 : 1, .messages = 1, .digest = {step->content}}};
  snprintf(parcel.text, sizeof parcel.text, "%s", step->code ? "broken" : step->damaged ? "cut" : "");
  return parcel;
}

struct told {
  enum document_outcome outcome;
  char reason[200];
  int count;
};

static void tell(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  struct told *told = user;
  (void)origin;
  told->outcome = outcome;
  snprintf(told->reason, sizeof told->reason, "%s", reason);
  told->count++;
}

static void take_step(struct fixture *f, struct settler *s, size_t i, struct told *told) {
  const struct step *step = &SCRIPT[i];
  struct feedback_record record = plain_record("192.0.2.1", 1), *records[] = {&record};
  uint64_t before[DOCUMENT_OUTCOMES];
  char origin[16];
  snprintf(origin, sizeof origin, "%zu.xml", i);
  memcpy(before, settler_counts(s)->outcomes, sizeof before);
  *told = (struct told){0};
  struct parcel parcel = parcel_of(step, records, origin);
  assert_ok(f, settler_take(s, &parcel, &f->e));
  before[step->outcome]++;
  if (memcmp(before, settler_counts(s)->outcomes, sizeof before) != 0) fail_msg("%s: another outcome", step->sentence);
  bool is_told = step->reason && step->outcome != DOCUMENT_NEW;
  assert_int_equal(told->count, is_told);
  if (is_told) assert_string_equal(told->reason, step->reason);
}

/* Takes the steps from `first` on, and says whether the run wrote what it should. */
static void run(struct fixture *f, bool dry_run, size_t first, size_t end) {
  struct told told;
  struct settler *s = settler_new(f->local, f->store, dry_run, tell, &told);
  for (size_t i = first; i < end; i++) take_step(f, s, i, &told);
  assert_ok(f, settler_finish(s, &f->e));
  settler_free(s);
}

static void each_document_comes_to_what_it_is(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  run(f, false, 0, STEPS);
  assert_sql(f, "SELECT count(*) FROM document", "20\n");
  assert_sql(f, "SELECT count(*) FROM report", "8\n");
  assert_sql(f, "SELECT count(*) FROM record", "8\n");
  assert_sql(f, "SELECT outcome, reason FROM document WHERE origin = '7.xml'",
             "new|takes the place of a damaged copy\n");
  assert_sql(f, "SELECT outcome FROM document WHERE kind IS NULL", "rejected\nno-report\n");
}

static void a_run_that_writes_nothing_comes_to_the_same(void **state) {
  struct fixture *f = *state;
  run(f, true, 0, STEPS);
  /* Wherever the store stands when it begins. */
  for (size_t stored = 0; stored < STEPS; stored++) {
    open_for(f, LOCAL_WRITE);
    run(f, false, stored, stored + 1);
    _cleanup_free_ char *before = ask_sql(f->path, "SELECT count(*), max(id) FROM document");
    run(f, true, stored + 1, STEPS);
    assert_sql(f, "SELECT count(*), max(id) FROM document", before);
  }
}

static void what_was_settled_before_leaves_no_trace(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = plain_record("192.0.2.1", 1), *records[] = {&record};
  struct told told;
  open_for(f, LOCAL_WRITE);
  run(f, false, 0, STEPS);
  struct settler *s = settler_new(f->local, f->store, false, tell, &told);
  for (size_t i = 0; i < STEPS; i++) {
    char origin[16];
    snprintf(origin, sizeof origin, "%zu.xml", i);
    struct parcel parcel = parcel_of(&SCRIPT[i], records, origin);
    assert_ok(f, settler_take(s, &parcel, &f->e));
  }
  assert_ok(f, settler_finish(s, &f->e));
  assert_int_equal(settler_counts(s)->reports, 0);
  settler_free(s);
  assert_sql(f, "SELECT count(*) FROM document", "20\n");
  assert_sql(f, "SELECT count(*) FROM report", "8\n");
}

/* The first part of a document that comes in several. */
static struct parcel first_part(const struct step *step, struct feedback_record **records, bool header_known) {
  struct parcel parcel = parcel_of(step, records, "large.xml");
  parcel.ends = parcel.file_ends = false;
  parcel.header_known = header_known;
  return parcel;
}

static void a_large_document_is_stored_whole_or_not_at_all(void **state) {
  struct fixture *f = *state;
  static const struct step large = {.report_id = "large", .content = 1}, other = {.report_id = "large", .content = 2};
  struct feedback_record record = plain_record("192.0.2.1", 1), *records[] = {&record};
  struct told told = {0};
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 5; i++) { /* unfinished; whole; a copy, known by its header or only at its end; another content */
    const struct step *step = i < 4 ? &large : &other;
    struct settler *s = settler_new(f->local, f->store, false, tell, &told);
    struct parcel first = first_part(step, records, i == 2), last = parcel_of(step, records, "large.xml");
    last.begins = false;
    last.outcome.records = 2;
    assert_ok(f, settler_take(s, &first, &f->e));
    if (i > 0) assert_ok(f, settler_take(s, &last, &f->e));
    assert_ok(f, settler_finish(s, &f->e));
    static const enum document_outcome COMES_TO[] = {0, DOCUMENT_NEW, DOCUMENT_DUPLICATE, DOCUMENT_DUPLICATE,
                                                     DOCUMENT_CONFLICTING};
    assert_int_equal(settler_counts(s)->documents, i > 0);
    if (i > 0) assert_int_equal(settler_counts(s)->outcomes[COMES_TO[i]], 1);
    settler_free(s);
    assert_sql(f, "SELECT count(*) FROM record", i > 0 ? "2\n" : "0\n");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(each_document_comes_to_what_it_is),
      IN_FOLDER(a_run_that_writes_nothing_comes_to_the_same),
      IN_FOLDER(what_was_settled_before_leaves_no_trace),
      IN_FOLDER(a_large_document_is_stored_whole_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
