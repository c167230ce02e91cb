/* SPDX-License-Identifier: Apache-2.0 */
/* Joins pipeline and settler, and tells how far they are. */
#include "import/feed.h"

static uint64_t inputs_done(const struct feed *f) {
  const struct settle_counts *c = settler_counts(f->settler);
  return c->files + c->mails;
}

void feed_expect(struct feed *f, uint64_t inputs) { f->expected_inputs = inputs_done(f) + inputs; }

void feed_remark(const struct feed *f, const char *sentence) { f->events->remark(f->events->user, sentence); }

/* pipeline_take_fn */
static int take(void *user, struct parcel *parcel, struct err *e) {
  struct feed *f = user;
  int code = settler_take(f->settler, parcel, e);
  if (!f->events->progress) return code;
  const struct settle_counts *c = settler_counts(f->settler);
  double begun = parcel->file_ends ? 0 : parcel->file_share;
  const struct import_progress progress = {.inputs = (double)inputs_done(f) + begun,
                                           .of_inputs = f->expected_inputs,
                                           .documents = c->documents,
                                           .records = c->records};
  f->events->progress(f->events->user, &progress);
  return code;
}

/* pipeline_idle_fn */
static int idle(void *user, struct err *e) {
  struct feed *f = user;
  return settler_idle(f->settler, e);
}

int feed_run(struct feed *f, struct pipeline_source *source, const struct text_list *trusted, bool *ret_store_failed,
             struct err *e) {
  const struct pipeline_options pipeline = {.source = source,
                                            .jobs = f->options->jobs,
                                            .intake = f->options->intake,
                                            .trusted = trusted,
                                            .parser = f->options->parser,
                                            .interrupted = f->options->interrupted};
  int code = pipeline_run(&pipeline, take, idle, f, e);
  *ret_store_failed = code == ERR_STORE || code == ERR_BUSY;
  if (*ret_store_failed) return code;
  struct err finish_e = {""};
  int finished = settler_finish(f->settler, &finish_e);
  if (finished >= 0) return code;
  *ret_store_failed = true;
  if (code < 0) feed_remark(f, e->text); /* two troubles, and one sentence to return */
  *e = finish_e;
  return code < 0 ? code : finished;
}
