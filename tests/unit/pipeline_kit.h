/* SPDX-License-Identifier: Apache-2.0 */
/* A source of inputs made for a test of the pipeline, and a taker that writes down what comes out of it. */
#ifndef TESTS_PIPELINE_KIT_H
#define TESTS_PIPELINE_KIT_H

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

static int open_made(struct pipeline_source *source, struct pipeline_input *input,
                     const volatile sig_atomic_t *interrupted, const struct intake_events *events,
                     struct intake_input *ret) {
  (void)source, (void)interrupted, (void)events;
  const struct made_input *made = input->handle;
  *ret = (struct intake_input){.origin = mem_printf("input %llu", (unsigned long long)input->id - 100),
                               .name = "",
                               .fd = -1,
                               .memory = made->bytes.data,
                               .size_bytes = made->bytes.length};
  return 1;
}

static void close_made(struct pipeline_source *source, struct pipeline_input *input, struct intake_input *opened) {
  (void)input;
  struct made_source *s = (struct made_source *)source;
  free((char *)(uintptr_t)opened->origin);
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
  return (struct made_source){.source = {.next = next_made, .open = open_made, .close = close_made, .stop = stop_made},
                              .lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
}

/* Small ones, a large one in the middle, and what is no report or cannot be opened between them. */
__attribute__((unused)) static struct made_source all_sorts(void) {
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
  struct nursery *nursery;
  double input_seconds;
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
                                           .nursery = t->nursery,
                                           .sandbox = SANDBOX_AUTO,
                                           .input_seconds = t->input_seconds,
                                           .interrupted = &t->interrupted};
  return pipeline_run(&options, take, idle, t, e);
}

#endif
