/* SPDX-License-Identifier: Apache-2.0 */
/* Joins pipeline and settler, and tells how far they are. */
#include "import/feed.h"

static uint64_t inputs_done(const struct feed *f) {
  const struct settle_counts *c = settler_counts(f->settler);
  return c->files + c->mails;
}

void feed_expect(struct feed *f, uint64_t inputs) { f->expected_inputs = inputs_done(f) + inputs; }

void feed_remark(const struct feed *f, const char *sentence) { f->events->remark(f->events->user, sentence); }

static void have_turn(struct feed *f) {
  if (!f->has_turn) turn_take(f->turn);
  f->has_turn = true;
}

/* Only between transactions: they are one handle's. */
static void share_turn(struct feed *f) {
  if (!f->has_turn || (f->local && local_in_transaction(f->local))) return;
  f->has_turn = false;
  turn_give(f->turn);
}

/* pipeline_take_fn */
static int take(void *user, struct parcel *parcel, struct err *e) {
  struct feed *f = user;
  have_turn(f);
  int code = settler_take(f->settler, parcel, e);
  if (!code && parcel->file_ends) code = at_work_end(f->at_work, f, parcel->input, f->local, e);
  if (code >= 0) share_turn(f);
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
  if (!f->has_turn) return 0;
  int code = settler_idle(f->settler, e);
  if (code >= 0) share_turn(f);
  return code;
}

/* What is complete is committed, unless it is the store that failed. */
static int finish(struct feed *f, int code, bool *ret_store_failed, struct err *e) {
  have_turn(f);
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

/* What was not committed is not to become part of another's transaction. */
static void give_up(struct feed *f) {
  if (f->options->dry_run) return;
  store_drop(f->store);
  local_abort(f->local);
}

int feed_run(struct feed *f, struct pipeline_source *source, const struct text_list *trusted, bool *ret_store_failed,
             struct err *e) {
  const struct pipeline_options pipeline = {.source = source,
                                            .jobs = at_work_is_careful(f->at_work) ? 1 : f->options->jobs,
                                            .one_by_one = at_work_is_careful(f->at_work),
                                            .intake = f->options->intake,
                                            .trusted = trusted,
                                            .parser = f->options->parser,
                                            .limits = f->options->limits,
                                            .nursery = f->options->nursery,
                                            .sandbox = f->options->sandbox,
                                            .interrupted = f->options->interrupted};
  int code = finish(f, pipeline_run(&pipeline, take, idle, f, e), ret_store_failed, e);
  at_work_drop(f->at_work, f);
  if (*ret_store_failed) give_up(f);
  share_turn(f);
  return code;
}
