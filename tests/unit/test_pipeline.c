/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline over a source made for it: the order of what comes out, how a run ends, and who is called where. */
#include "import_kit.h"

#include <pthread.h>
#include <unistd.h>

#include "import/pipeline.h"

#define MOST_JOBS 8
#define LARGE 1000 /* records: several parcels */

/* --- a source ----------------------------------------------------------------------------------------------------- */

struct made_input {
  struct strbuf bytes;
  bool unopenable;
};

struct made_source {
  struct pipeline_source source;
  struct made_input *inputs;
  unsigned count, at;
  unsigned opened; /* taken apart and let go of; by several threads */
  /* one that waits: does so behind its inputs, until stopped or (`until_idle`) idle was called so often */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned until_idle, idles;
  bool stopped;
};

static int next_made(struct pipeline_source *source, struct pipeline_input *ret, struct err *e) {
  struct made_source *s = (struct made_source *)source;
  if (s->at == s->count && source->waits) {
    pthread_mutex_lock(&s->lock);
    while (!s->stopped && !(s->until_idle && s->idles >= s->until_idle)) pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
  }
  if (s->at == s->count) return 0;
  struct made_input *input = &s->inputs[s->at++];
  if (input->unopenable) return err_set(e, ERR_IO, "input %u: cannot open", s->at - 1);
  *ret = (struct pipeline_input){.id = 100 + s->at - 1, .handle = input};
  return 1;
}

static void open_made(struct pipeline_source *source, struct pipeline_input *input, struct intake *intake,
                      const struct intake_events *events) {
  struct made_source *s = (struct made_source *)source;
  const struct made_input *made = input->handle;
  _cleanup_free_ char *origin = mem_printf("input %llu", (unsigned long long)input->id - 100);
  struct memory_stream stream;
  memory_stream_init(&stream, made->bytes.data, made->bytes.length, 0);
  intake_open_stream(intake, origin, "", &stream.stream, events);
  __atomic_fetch_add(&s->opened, 1, __ATOMIC_RELAXED);
}

static void stop_made(struct pipeline_source *source) {
  struct made_source *s = (struct made_source *)source;
  pthread_mutex_lock(&s->lock);
  s->stopped = true;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
}

static void add_input(struct made_source *s, struct strbuf bytes) {
  s->inputs = mem_realloc(s->inputs, (s->count + 1) * sizeof *s->inputs);
  s->inputs[s->count++] = (struct made_input){.bytes = bytes};
}

static struct strbuf text_of(const char *text) {
  struct strbuf bytes = STRBUF_INIT;
  strbuf_add_text(&bytes, text);
  return bytes;
}

static struct made_source no_inputs(void) {
  return (struct made_source){.source = {.next = next_made, .open = open_made, .stop = stop_made},
                              .lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
}

/* Small ones, a large one in the middle, and what is no report or cannot be opened between them. */
static struct made_source all_sorts(void) {
  struct made_source s = no_inputs();
  for (int i = 0; i < 60; i++) {
    char id[16];
    snprintf(id, sizeof id, "r%d", i);
    if (i == 5) add_input(&s, text_of("{ \"no\": \"report\" }"));
    if (i == 10) add_input(&s, text_of("<html>no feedback</html>"));
    if (i == 12) add_input(&s, report_of("cut", 3, true));
    if (i == 15 || i == 40) add_input(&s, report_of(i == 15 ? "large 1" : "large 2", LARGE, false));
    if (i == 20) {
      add_input(&s, text_of(""));
      s.inputs[s.count - 1].unopenable = true;
    }
    add_input(&s, report_of(id, 1 + (unsigned)i % 7, false));
  }
  return s;
}

static void clear_source(struct made_source *s) {
  for (unsigned i = 0; i < s->count; i++) strbuf_clear(&s->inputs[i].bytes);
  free(s->inputs);
}
#define _cleanup_source_ _cleanup_(clear_source)

/* --- what takes --------------------------------------------------------------------------------------------------- */

struct taker {
  struct made_source *source;
  struct strbuf told; /* each parcel in words */
  unsigned parcels, documents, inputs;
  unsigned read_as[REPORT_AGGREGATE + 1]; /* documents, by kind */
  uint64_t records;
  int64_t messages;
  pthread_t thread;
  volatile sig_atomic_t interrupted;
  /* what happens with the parcel of this number */
  unsigned at;
  bool interrupt;
  int code;
  bool called_after;
};

static int take(void *user, struct parcel *p, struct err *e) {
  struct taker *t = user;
  if (t->at && t->parcels >= t->at) t->called_after = true;
  assert_true(pthread_equal(t->thread, pthread_self()));
  t->parcels++;
  t->documents += p->ends;
  if (p->ends) t->read_as[p->kind]++;
  if (p->record_count) assert_int_equal(p->kind, REPORT_AGGREGATE);
  t->inputs += p->file_ends;
  t->records += p->record_count;
  for (uint32_t i = 0; i < p->record_count; i++) t->messages += p->records[i]->count;
  strbuf_printf(&t->told, "%llu/%llu%s%s%s %u records", (unsigned long long)p->file, (unsigned long long)p->input,
                p->begins ? " begins" : "", p->ends ? " ends" : "", p->file_ends ? " file ends" : "", p->record_count);
  if (p->header_known) strbuf_printf(&t->told, ", known: %s", p->header.report_id);
  if (p->ends) strbuf_printf(&t->told, ": %s: %d %s", p->origin, p->code, p->text);
  if (p->ends && !p->code) strbuf_printf(&t->told, " %s %02x", p->header.report_id, p->outcome.digest[0]);
  strbuf_add_text(&t->told, "\n");
  if (t->parcels != t->at) return 0;
  if (t->interrupt) t->interrupted = 1;
  return t->code < 0 ? err_set(e, t->code, "no more") : 0;
}

static int idle(void *user, struct err *e) {
  struct taker *t = user;
  struct made_source *s = t->source;
  assert_true(pthread_equal(t->thread, pthread_self()));
  pthread_mutex_lock(&s->lock);
  s->idles++;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  return t->code < 0 && !t->at ? err_set(e, t->code, "no more") : 0;
}

static void clear_taker(struct taker *t) { strbuf_clear(&t->told); }
#define _cleanup_taker_ _cleanup_(clear_taker)

static int run_pipeline(struct taker *t, struct made_source *s, unsigned jobs, struct err *e) {
  t->source = s;
  t->thread = pthread_self();
  const struct pipeline_options options = {.source = &s->source,
                                           .jobs = jobs,
                                           .intake = INTAKE_LIMITS_DEFAULT,
                                           .parser = PARSER_LIMITS_DEFAULT,
                                           .interrupted = &t->interrupted};
  return pipeline_run(&options, take, idle, t, e);
}

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
