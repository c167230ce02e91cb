/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said: of a source, and of a finding. */
#include "local/acknowledgements.h"
#include "local/labels.h"
#include "store_sql_kit.h"

/* --- labels ------------------------------------------------------------------------------------------------------- */

static const struct label LABELS[] = {
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
     .made_s = 200,
     .owner = "postmaster",
     .expected = {0, 30}},
    {.subject = LABEL_DOMAIN,
     .source = "bounce.example.net",
     .verdict = LABEL_IGNORE,
     .until_s = FEEDBACK_TIME_UNKNOWN,
     .note = " ",
     .made_s = 300,
     .owner = "Ms. Käthe <kaethe@example.com>",
     .purpose = "invoices",
     .ticket = "OPS-1",
     .expected = {1200, 7},
     .review_s = 1798761600},
};

struct met_labels {
  const struct label *expected;
  size_t met;
};

static int compare_label(void *user, const struct label *label, struct err *e) {
  struct met_labels *m = user;
  const struct label *x = &m->expected[m->met++];
  (void)e;
  assert_true(label->id > 0);
  assert_int_equal(label->subject, x->subject);
  assert_string_equal(label->source, x->source);
  assert_int_equal(label->verdict, x->verdict);
  assert_text(label->domain, x->domain);
  assert_true(label->until_s == x->until_s && label->made_s == x->made_s);
  assert_text(label->note, x->note);
  assert_text(label->owner, x->owner);
  assert_text(label->purpose, x->purpose);
  assert_text(label->ticket, x->ticket);
  assert_true(label->expected.messages == x->expected.messages && label->expected.days == x->expected.days);
  assert_true(label->review_s == x->review_s);
  return 0;
}

static void assert_labels(struct fixture *f, const struct label *expected, size_t n) {
  struct met_labels m = {.expected = expected};
  assert_ok(f, label_each(f->local, compare_label, &m, &f->e));
  assert_int_equal(m.met, n);
}

/* In another order than that in which they were made, as far as two were not made at once. */
static void put_labels(struct fixture *f) {
  static const size_t ORDER[] = {2, 0, 3, 1};
  for (size_t i = 0; i < ARRAY_SIZE(ORDER); i++) assert_ok(f, label_put(f->local, &LABELS[ORDER[i]], &f->e));
}

static void labels_come_back_as_they_were_put_in_order_of_time(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_labels(f, NULL, 0);
  put_labels(f);
  assert_false(local_in_transaction(f->local));
  assert_labels(f, LABELS, 4);
  open_for(f, LOCAL_READ);
  assert_labels(f, LABELS, 4);
}

static void a_label_for_the_same_source_and_domain_replaces_the_former(void **state) {
  struct fixture *f = *state;
  struct label other = LABELS[0];
  open_for(f, LOCAL_WRITE);
  put_labels(f);
  other.source = "EXAMPLE mailer";
  other.verdict = LABEL_UNAUTHORISED;
  other.until_s = FEEDBACK_TIME_UNKNOWN;
  other.note = NULL;
  other.made_s = 400;
  assert_ok(f, label_put(f->local, &other, &f->e));
  const struct label expected[] = {LABELS[1], LABELS[2], LABELS[3], other};
  assert_labels(f, expected, 4);
}

static void labels_of_a_source_for_several_domains_stand_side_by_side(void **state) {
  struct fixture *f = *state;
  struct label labels[] = {LABELS[0], LABELS[0], LABELS[0]};
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 3; i++) {
    labels[i].domain = (const char *[]){NULL, "example.com", "example.org"}[i];
    labels[i].verdict = (enum label_verdict)i;
    assert_ok(f, label_put(f->local, &labels[i], &f->e));
  }
  assert_labels(f, labels, 3);
}

static void a_review_is_due_from_its_day_on(void **state) {
  (void)state;
  const struct label none = {.source = "x"}, day = {.source = "x", .review_s = 86400};
  assert_false(label_is_due(&none, 86400));
  assert_false(label_is_due(&day, 86399));
  assert_true(label_is_due(&day, 86400));
}

static void an_empty_text_of_a_label_is_none(void **state) {
  struct fixture *f = *state;
  struct label label = LABELS[0];
  open_for(f, LOCAL_WRITE);
  label.domain = label.note = label.owner = label.purpose = label.ticket = "";
  assert_ok(f, label_put(f->local, &label, &f->e));
  label.domain = label.note = label.owner = label.purpose = label.ticket = NULL;
  assert_labels(f, &label, 1);
  assert_int_equal(label_remove(f->local, label.source, "", &f->e), 1);
}

static void a_label_is_removed_for_its_domain_alone(void **state) {
  struct fixture *f = *state;
  struct label labels[] = {LABELS[0], LABELS[0]};
  labels[1].domain = "example.com";
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 2; i++) assert_ok(f, label_put(f->local, &labels[i], &f->e));
  assert_int_equal(label_remove(f->local, "Example Mailer", "example.org", &f->e), 0);
  assert_int_equal(label_remove(f->local, "Example", NULL, &f->e), 0);
  assert_labels(f, labels, 2);
  assert_int_equal(label_remove(f->local, "example MAILER", NULL, &f->e), 1);
  assert_labels(f, &labels[1], 1);
  assert_int_equal(label_remove(f->local, "Example Mailer", NULL, &f->e), 0);
  assert_int_equal(label_remove(f->local, "Example Mailer", "example.com", &f->e), 1);
  assert_labels(f, NULL, 0);
  assert_false(local_in_transaction(f->local));
}

static void labels_take_part_in_an_open_transaction(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_ok(f, label_put(f->local, &LABELS[0], &f->e));
  assert_ok(f, local_begin(f->local, &f->e));
  assert_ok(f, label_put(f->local, &LABELS[1], &f->e));
  assert_int_equal(label_remove(f->local, LABELS[0].source, NULL, &f->e), 1);
  assert_true(local_in_transaction(f->local));
  assert_labels(f, &LABELS[1], 1);
  local_abort(f->local);
  assert_labels(f, LABELS, 1);
}

static void labels_that_cannot_be_put_are_refused(void **state) {
  struct fixture *f = *state;
  struct label nameless = LABELS[0];
  open_for(f, LOCAL_WRITE);
  for (int i = 0; i < 2; i++) {
    nameless.source = i ? "" : NULL;
    assert_int_equal(label_put(f->local, &nameless, &f->e), ERR_USAGE);
    assert_says(f, "needs a source");
  }
  open_for(f, LOCAL_READ);
  assert_int_equal(label_put(f->local, &LABELS[0], &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
  assert_int_equal(label_remove(f->local, "x", NULL, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
  assert_labels(f, NULL, 0);
}

static void a_label_that_fails_takes_its_transaction_along(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  run_trigger(f, "CREATE TRIGGER no_labels BEFORE INSERT ON label BEGIN SELECT RAISE(ABORT, 'no labels'); END");
  assert_int_equal(label_put(f->local, &LABELS[0], &f->e), ERR_STORE);
  assert_says(f, "no labels");
  assert_false(local_in_transaction(f->local));
  assert_ok(f, local_begin(f->local, &f->e));
  assert_int_equal(label_put(f->local, &LABELS[0], &f->e), ERR_STORE);
  assert_false(local_in_transaction(f->local));
}

static void labels_with_words_of_a_newer_program_are_passed_over(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  put_labels(f);
  run_sql(f->path,
          "UPDATE label SET verdict = 'adored' WHERE source = '192.0.2.0/24';"
          " UPDATE label SET subject = 'planet' WHERE source = 'bounce.example.net'");
  assert_labels(f, LABELS, 2);
}

static int stop_at_label(void *user, const struct label *label, struct err *e) {
  (void)label;
  ++*(int *)user;
  return err_set(e, ERR_INTERRUPTED, "enough");
}

static void a_walk_over_labels_can_be_stopped(void **state) {
  struct fixture *f = *state;
  int calls = 0;
  open_for(f, LOCAL_WRITE);
  put_labels(f);
  assert_int_equal(label_each(f->local, stop_at_label, &calls, &f->e), ERR_INTERRUPTED);
  assert_int_equal(calls, 1);
  assert_ok(f, label_put(f->local, &LABELS[0], &f->e)); /* the snapshot of the walk is over */
}

static void labels_of_a_migrated_database_are_as_those_of_a_fresh_one(void **state) {
  struct fixture *f = *state;
  make_version_1(f);
  open_for(f, LOCAL_WRITE);
  put_labels(f);
  put_labels(f);
  open_for(f, LOCAL_WRITE);
  assert_labels(f, LABELS, 4);
  assert_int_equal(count_reports(f), 1);
}

static void labels_of_an_older_database_say_nothing_beside_their_verdict(void **state) {
  struct fixture *f = *state;
  const struct label old = {.subject = LABEL_ADDRESS,
                            .source = "192.0.2.10",
                            .verdict = LABEL_IGNORE,
                            .domain = "example.com",
                            .until_s = 86400,
                            .note = "old",
                            .made_s = 100};
  make_version_3(f);
  run_sql(f->path, "INSERT INTO label VALUES (7, 'address', '192.0.2.10', 'ignore', 'example.com', 86400, 'old', 100)");
  open_for(f, LOCAL_WRITE);
  assert_labels(f, &old, 1);
  assert_ok(f, label_put(f->local, &old, &f->e));
  assert_labels(f, &old, 1);
}

static void verdicts_and_subjects_have_words(void **state) {
  static const char *const VERDICTS[] = {"legitimate", "forwarder", "unauthorised", "ignore"};
  static const char *const SUBJECTS[] = {"address", "network", "service", "domain"};
  (void)state;
  for (int i = 0; i < LABEL_VERDICTS; i++) {
    assert_string_equal(label_verdict_word((enum label_verdict)i), VERDICTS[i]);
    assert_int_equal(label_verdict_of(VERDICTS[i]), i);
  }
  assert_int_equal(label_verdict_of("unauthorized"), LABEL_UNAUTHORISED);
  assert_int_equal(label_verdict_of("Unauthorised"), -1);
  assert_int_equal(label_verdict_of(NULL), -1);
  for (int i = 0; i < LABEL_SUBJECTS; i++) assert_string_equal(label_subject_word((enum label_subject)i), SUBJECTS[i]);
}

/* --- acknowledgements --------------------------------------------------------------------------------------------- */

static const struct identity FINDING = {{1, 2, 3}}, OTHER = {{3, 2, 1}};

static void acknowledge(struct fixture *f, const struct identity *finding, int64_t until_s, const char *note) {
  assert_ok(f, acknowledgement_put(f->local, finding,
                                   &(struct acknowledgement){.until_s = until_s, .note = note, .made_s = 100}, &f->e));
}

/* "until note made" of each. */
static void assert_acknowledged(struct fixture *f, const char *finding, const char *other) {
  struct acknowledgements all = {0};
  assert_ok(f, acknowledgements_read(f->local, &all, &f->e));
  const struct identity *ids[] = {&FINDING, &OTHER};
  const char *expected[] = {finding, other};
  for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
    const struct acknowledgement *a = acknowledgement_of(&all, ids[i]);
    _cleanup_free_ char *text =
        a ? mem_printf("%lld %s %lld", a->until_s == FEEDBACK_TIME_UNKNOWN ? -1 : (long long)a->until_s,
                       a->note ? a->note : "-", (long long)a->made_s)
          : NULL;
    assert_text(text, expected[i]);
  }
  acknowledgements_clear(&all);
}

static void an_acknowledgement_comes_back_as_it_was(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_acknowledged(f, NULL, NULL);
  acknowledge(f, &FINDING, 1767225600, "they move in July");
  acknowledge(f, &OTHER, FEEDBACK_TIME_UNKNOWN, "");
  open_for(f, LOCAL_READ);
  assert_acknowledged(f, "1767225600 they move in July 100", "-1 - 100");
}

static void a_later_acknowledgement_replaces_the_former_and_one_is_taken_back(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  acknowledge(f, &FINDING, 5, "former");
  acknowledge(f, &FINDING, FEEDBACK_TIME_UNKNOWN, NULL);
  assert_acknowledged(f, "-1 - 100", NULL);
  assert_int_equal(acknowledgement_remove(f->local, &OTHER, &f->e), 0);
  assert_int_equal(acknowledgement_remove(f->local, &FINDING, &f->e), 1);
  assert_acknowledged(f, NULL, NULL);
}

static void a_migrated_database_takes_acknowledgements(void **state) {
  struct fixture *f = *state;
  make_version_3(f);
  open_for(f, LOCAL_WRITE);
  acknowledge(f, &FINDING, 5, "seen");
  assert_acknowledged(f, "5 seen 100", NULL);
  open_for(f, LOCAL_READ);
  assert_int_equal(acknowledgement_put(f->local, &OTHER, &(struct acknowledgement){0}, &f->e), ERR_STORE);
  assert_says(f, "opened for reading");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(labels_come_back_as_they_were_put_in_order_of_time),
      IN_FOLDER(a_label_for_the_same_source_and_domain_replaces_the_former),
      IN_FOLDER(labels_of_a_source_for_several_domains_stand_side_by_side),
      IN_FOLDER(an_empty_text_of_a_label_is_none),
      cmocka_unit_test(a_review_is_due_from_its_day_on),
      IN_FOLDER(a_label_is_removed_for_its_domain_alone),
      IN_FOLDER(labels_take_part_in_an_open_transaction),
      IN_FOLDER(labels_that_cannot_be_put_are_refused),
      IN_FOLDER(a_label_that_fails_takes_its_transaction_along),
      IN_FOLDER(labels_with_words_of_a_newer_program_are_passed_over),
      IN_FOLDER(a_walk_over_labels_can_be_stopped),
      IN_FOLDER(labels_of_a_migrated_database_are_as_those_of_a_fresh_one),
      IN_FOLDER(labels_of_an_older_database_say_nothing_beside_their_verdict),
      IN_FOLDER(verdicts_and_subjects_have_words),
      IN_FOLDER(an_acknowledgement_comes_back_as_it_was),
      IN_FOLDER(a_later_acknowledgement_replaces_the_former_and_one_is_taken_back),
      IN_FOLDER(a_migrated_database_takes_acknowledgements),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
