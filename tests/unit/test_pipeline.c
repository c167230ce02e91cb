/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline over a source made for it: the order of what comes out, how a run ends, and who is called where. */
#include "pipeline_kit.h"

/* --- the order ---------------------------------------------------------------------------------------------------- */

static void parcels_come_in_the_order_of_the_inputs_whatever_the_threads(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  _cleanup_taker_ struct taker alone = {0};
  struct err e = {""};
  assert_int_equal(run_pipeline(&alone, &s, 1, &e), 0);
  assert_int_equal(alone.inputs, s.count);
  for (unsigned jobs = 2; jobs <= MOST_JOBS; jobs++) {
    _cleanup_taker_ struct taker t = {0};
    s.at = 0;
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), 0);
    assert_string_equal(strbuf_text(&t.told), strbuf_text(&alone.told));
  }
}

static void a_large_document_comes_in_several_parcels_and_says_early_which_it_is(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = no_inputs();
  add_input(&s, report_of("large", LARGE, false));
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    _cleanup_taker_ struct taker t = {0};
    struct err e = {""};
    s.at = 0;
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), 0);
    assert_true(t.parcels > 2);
    assert_int_equal(t.documents, 1);
    assert_int_equal(t.records, LARGE);
    assert_int_equal(t.messages, LARGE * (LARGE + 1) / 2);
    const char *told = strbuf_text(&t.told);
    assert_memory_equal(told, "0/100 begins ", 13);
    assert_non_null(strstr(told, "known: large"));
    assert_non_null(strstr(told, " ends file ends "));
  }
}

static void several_documents_of_one_input_end_with_it_once(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = no_inputs();
  struct strbuf both = report_of("first", 2, false);
  _cleanup_strbuf_ struct strbuf second = report_of("second", 3, false);
  strbuf_add(&both, second.data, second.length);
  add_input(&s, both);
  _cleanup_taker_ struct taker t = {0};
  struct err e = {""};
  assert_int_equal(run_pipeline(&t, &s, 2, &e), 0);
  assert_int_equal(t.documents, 2);
  assert_int_equal(t.inputs, 1);
  assert_int_equal(t.records, 5);
}

static void a_parcel_says_what_its_document_was_read_as(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  _cleanup_taker_ struct taker t = {0};
  struct err e = {""};
  assert_int_equal(run_pipeline(&t, &s, 2, &e), 0);
  assert_int_equal(t.read_as[REPORT_NONE], 2); /* what is no markup, and what could not be opened */
  assert_int_equal(t.read_as[REPORT_AGGREGATE], t.documents - 2);
}

static void an_input_that_cannot_be_opened_is_told_in_its_place(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = no_inputs();
  for (int i = 0; i < 3; i++) add_input(&s, report_of("same", 1, false));
  s.inputs[1].unopenable = true;
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs++) {
    _cleanup_taker_ struct taker t = {0};
    struct err e = {""};
    s.at = 0;
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), 0);
    assert_int_equal(t.inputs, 3);
    assert_int_equal(t.records, 2);
    assert_non_null(
        strstr(strbuf_text(&t.told), "1/0 begins ends file ends 0 records: : -1 input 1: cannot open\n2/102"));
  }
}

/* --- how it ends -------------------------------------------------------------------------------------------------- */

static unsigned parcels_of(struct made_source *s) {
  _cleanup_taker_ struct taker t = {0};
  struct err e;
  s->at = 0;
  assert_int_equal(run_pipeline(&t, s, 1, &e), 0);
  return t.parcels;
}

/* At each parcel, so also between those of one document. */
static void an_interruption_ends_the_run_and_nothing_is_taken_behind_it(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  unsigned parcels = parcels_of(&s);
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs *= 2)
    for (unsigned at = 1; at < parcels; at += jobs) {
      _cleanup_taker_ struct taker t = {.at = at, .interrupt = true};
      struct err e = {""};
      s.at = 0;
      assert_int_equal(run_pipeline(&t, &s, jobs, &e), ERR_INTERRUPTED);
      assert_string_equal(e.text, "interrupted");
      assert_false(t.called_after);
    }
}

static void what_take_returns_ends_the_run(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  unsigned parcels = parcels_of(&s);
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs *= 2)
    for (unsigned at = 1; at <= parcels; at += jobs) {
      _cleanup_taker_ struct taker t = {.at = at, .code = ERR_STORE};
      struct err e = {""};
      s.at = 0;
      assert_int_equal(run_pipeline(&t, &s, jobs, &e), ERR_STORE);
      assert_string_equal(e.text, "no more");
      assert_false(t.called_after);
    }
}

static void every_input_that_was_given_out_is_let_go_of(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs++) {
    _cleanup_taker_ struct taker t = {.at = 7, .code = ERR_STORE};
    struct err e = {""};
    s.at = s.opened = 0;
    run_pipeline(&t, &s, jobs, &e);
    unsigned unopenable = 0;
    for (unsigned i = 0; i < s.at; i++) unopenable += s.inputs[i].unopenable;
    assert_int_equal(s.opened + unopenable, s.at);
  }
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

static void where_nothing_comes_for_a_while_idle_is_called(void **state) {
  (void)state;
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    _cleanup_source_ struct made_source s = no_inputs();
    add_input(&s, report_of("early", 1, false));
    s.source.waits = true;
    s.until_idle = 2;
    _cleanup_taker_ struct taker t = {0};
    struct err e = {""};
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), 0);
    assert_int_equal(t.documents, 1);
    assert_true(s.idles >= 2);
  }
}

static void what_idle_returns_ends_the_run_and_stops_a_source_that_waits(void **state) {
  (void)state;
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    _cleanup_source_ struct made_source s = no_inputs();
    s.source.waits = true;
    _cleanup_taker_ struct taker t = {.code = ERR_BUSY};
    struct err e = {""};
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), ERR_BUSY);
    assert_true(s.stopped);
  }
}

static void what_take_returns_stops_a_source_that_waits(void **state) {
  (void)state;
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    _cleanup_source_ struct made_source s = no_inputs();
    add_input(&s, report_of("early", 1, false));
    s.source.waits = true;
    _cleanup_taker_ struct taker t = {.at = 1, .code = ERR_STORE};
    struct err e = {""};
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), ERR_STORE);
    assert_true(s.stopped);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parcels_come_in_the_order_of_the_inputs_whatever_the_threads),
      cmocka_unit_test(a_large_document_comes_in_several_parcels_and_says_early_which_it_is),
      cmocka_unit_test(several_documents_of_one_input_end_with_it_once),
      cmocka_unit_test(a_parcel_says_what_its_document_was_read_as),
      cmocka_unit_test(an_input_that_cannot_be_opened_is_told_in_its_place),
      cmocka_unit_test(an_interruption_ends_the_run_and_nothing_is_taken_behind_it),
      cmocka_unit_test(what_take_returns_ends_the_run),
      cmocka_unit_test(every_input_that_was_given_out_is_let_go_of),
      cmocka_unit_test(where_nothing_comes_for_a_while_idle_is_called),
      cmocka_unit_test(what_idle_returns_ends_the_run_and_stops_a_source_that_waits),
      cmocka_unit_test(what_take_returns_stops_a_source_that_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
