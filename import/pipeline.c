/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of an import and the queues between them; what becomes of a document is import's. */
#include "import/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stop.h"
#include "import/apart.h"
#include "import/caps.h"
#include "parser/report_time.h"

/* A parcel is sent when it holds this much; small documents come whole. */
#define PARCEL_BYTES (96 * 1024)
#define PARCEL_CHUNK (32 * 1024)
/* Parcels under way over all threads: bounds memory at about 10 MiB. */
#define PARCELS_UNDER_WAY 96
#define IDLE_SECONDS 0.1

/* Inputs go to another process together, up to so many bytes: it begins soon, and holds little if it dies. */
#define INPUTS_BYTES (256 * 1024)

struct pipeline;

struct begun_input {
  uint64_t file;
  struct pipeline_input input;
};

struct worker {
  struct pipeline *pipeline;
  pthread_t thread;
  struct parser *parser;
  struct intake *intake;
  struct apart *apart;                   /* in the place of these; else NULL */
  struct caps of_files, of_mails, *caps; /* the one for the document at hand */
  /* inputs that were begun and not taken apart; `opened` those of them that can be */
  struct begun_input begun[APART_INPUTS_MOST];
  struct intake_input opened[APART_INPUTS_MOST];
  unsigned begun_count, begun_most, opening;
  uint64_t begun_bytes;
  uint64_t file, input;   /* at hand */
  struct parcel *current; /* being filled */
  struct parcel *pending; /* complete; sent when it is known whether its file ends with it */
  const struct intake_document *document;
  bool document_begun;
  /* the queue, under the pipeline's lock */
  struct parcel *first, *last;
  unsigned queued;
  struct parcel *spare;
  unsigned under_way; /* parcels that were sent and not taken yet */
  bool done;
};

struct pipeline {
  const struct pipeline_options *options;
  pipeline_take_fn *take;
  pipeline_idle_fn *idle;
  void *user;
  uint64_t next_file;
  pthread_mutex_t next_lock; /* of next_file and of the source's next */
  pthread_mutex_t lock;      /* of all queues */
  pthread_cond_t filled, emptied;
  bool stopping;
  bool is_inline;  /* no threads */
  int inline_code; /* what take said */
  struct err *inline_err;
  struct worker *workers;
  unsigned most_queued; /* of one worker */
};

/* --- parcels ------------------------------------------------------------------------------------------------------ */

static struct parcel *parcel_new(void) {
  struct parcel *p = mem_zalloc(sizeof *p);
  p->records = mem_alloc(PIPELINE_PARCEL_RECORDS * sizeof *p->records);
  p->arena = arena_new(PARCEL_CHUNK);
  p->header_arena = arena_new(4096);
  return p;
}

static void parcel_free(struct parcel *p) {
  if (!p) return;
  arena_free(p->arena);
  arena_free(p->header_arena);
  free(p->records);
  free(p);
}

static void parcel_reset(struct parcel *p) {
  arena_reset(p->arena);
  arena_reset(p->header_arena);
  p->next = NULL;
  p->kind = REPORT_NONE;
  p->record_count = 0;
  p->begins = p->ends = p->file_ends = p->header_known = false;
  p->code = 0;
  p->text[0] = '\0';
  p->file_share = 0;
  p->origin = NULL;
}

static void free_list(struct parcel *p) {
  while (p) {
    struct parcel *next = p->next;
    parcel_free(p);
    p = next;
  }
}

/* --- the worker's side -------------------------------------------------------------------------------------------- */

static bool interrupted(const struct pipeline *p) { return stop_flag_is_set(p->options->interrupted); }

static int should_stop(const struct worker *w) {
  const struct pipeline *p = w->pipeline;
  if (interrupted(p)) return ERR_INTERRUPTED;
  if (p->inline_code < 0) return p->inline_code;
  return __atomic_load_n(&p->stopping, __ATOMIC_RELAXED) ? ERR_INTERRUPTED : 0;
}

static struct parcel *take_spare(struct worker *w) {
  pthread_mutex_lock(&w->pipeline->lock);
  struct parcel *spare = w->spare;
  if (spare) w->spare = spare->next;
  pthread_mutex_unlock(&w->pipeline->lock);
  if (!spare) spare = parcel_new();
  parcel_reset(spare);
  return spare;
}

/* Gives a parcel away: to the caller at once where there is one thread, else into the queue. */
static void send(struct worker *w, struct parcel *parcel) {
  struct pipeline *p = w->pipeline;
  if (p->is_inline) {
    if (!should_stop(w)) p->inline_code = p->take(p->user, parcel, p->inline_err);
    parcel->next = w->spare;
    w->spare = parcel;
    return;
  }
  pthread_mutex_lock(&p->lock);
  while (w->queued >= p->most_queued && !p->stopping) pthread_cond_wait(&p->emptied, &p->lock);
  parcel->next = NULL;
  if (w->last)
    w->last->next = parcel;
  else
    w->first = parcel;
  w->last = parcel;
  w->queued++;
  w->under_way++;
  pthread_cond_signal(&p->filled);
  pthread_mutex_unlock(&p->lock);
}

static void send_pending(struct worker *w) {
  if (w->pending) send(w, TAKE_PTR(w->pending));
}

/* The parcel being filled is complete. */
static void finish_parcel(struct worker *w) {
  send_pending(w);
  if (!w->apart) w->current->file_share = intake_share_read(w->intake);
  w->pending = TAKE_PTR(w->current);
}

static struct parcel *current_parcel(struct worker *w) {
  if (!w->current) w->current = take_spare(w);
  w->current->file = w->file;
  w->current->input = w->input;
  return w->current;
}

/* --- one document ------------------------------------------------------------------------------------------------- */

/* The submitter in "receiver!policy-domain!begin!end" (RFC 9990 4.2.2); NULL where there is none. */
static const char *receiver_in(const char *file_name, struct arena *arena) {
  const char *mark = file_name ? strchr(file_name, '!') : NULL;
  return mark && mark > file_name ? arena_strndup(arena, file_name, (size_t)(mark - file_name)) : NULL;
}

/* Many reporters leave org_name empty. Then the domain of email, else a file name says who reports. */
static void derive_org_name(struct feedback_header *h, const struct intake_document *document, struct arena *arena) {
  if (h->org_name) return;
  h->flags |= FEEDBACK_ORG_MISSING;
  const char *at = h->email ? strrchr(h->email, '@') : NULL;
  if (at && at[1]) h->org_name = arena_strndup(arena, at + 1, strcspn(at + 1, "> \t"));
  if (!h->org_name) h->org_name = receiver_in(document->name, arena);
  if (!h->org_name) h->org_name = receiver_in(document->container, arena);
}

/* Who is named by the header, and who brought it. */
static void complete_header(struct worker *w, struct parcel *p) {
  struct feedback_header *h = &p->header;
  derive_org_name(h, w->document, p->header_arena);
  report_time_derive_period(h, w->document->name);
  report_time_derive_period(h, w->document->container);
  provenance_judge(h, w->document->carriage, w->document->name, p->header_arena);
}

/* The document is larger than a parcel: send what there is and go on in another, which takes the header's memory along.
 */
static void split_document(struct worker *w) {
  struct parcel *full = w->current, *fresh = take_spare(w);
  struct arena *header_arena = full->header_arena;
  full->header_arena = fresh->header_arena;
  fresh->header_arena = header_arena;
  fresh->file = w->file;
  fresh->input = w->input;
  fresh->kind = full->kind;
  /* A derived org_name does not count: the true one may stand behind the records. */
  struct parser_outcome so_far;
  full->header_known = full->begins && parser_peek(w->parser, &so_far) && so_far.header->org_name;
  if (full->header_known) {
    full->header = *so_far.header;
    provenance_judge(&full->header, w->document->carriage, w->document->name, full->header_arena);
  }
  finish_parcel(w);
  w->current = fresh;
}

static struct arena *on_arena(void *user) {
  struct worker *w = user;
  if (w->current->record_count >= PIPELINE_PARCEL_RECORDS || arena_used(w->current->arena) >= PARCEL_BYTES)
    split_document(w);
  return w->current->arena;
}

static int on_record(void *user, struct feedback_record *record, struct err *e) {
  struct worker *w = user;
  w->current->records[w->current->record_count++] = record;
  int code = caps_take_record(w->caps, record, e);
  return code < 0 ? code : should_stop(w);
}

static void end_document(struct worker *w, int code, const char *text) {
  struct parcel *parcel = w->current;
  parcel->ends = true;
  parcel->code = code;
  snprintf(parcel->text, sizeof parcel->text, "%s", text);
  parcel->origin = arena_strdup(parcel->header_arena, w->document->origin);
  finish_parcel(w);
}

static int on_document(void *user, const struct intake_document *document, struct byte_stream *in) {
  struct worker *w = user;
  const struct parser_events events = {on_record, on_arena, w};
  const struct parser_source source = {document->kind, in, document->charset};
  w->document = document;
  w->caps = document->in_mail ? &w->of_mails : &w->of_files;
  for (bool first = true, more = true; more; first = false) {
    struct err e = {""};
    struct parcel *parcel = current_parcel(w);
    caps_begin(w->caps, document);
    parcel->begins = true;
    parcel->kind = document->kind;
    struct parser_outcome outcome;
    int code = parser_run(w->parser, &source, parcel->header_arena, &events, &outcome, &e);
    parcel = w->current;
    parcel->outcome = outcome;
    more = outcome.more;
    if (should_stop(w)) return should_stop(w);
    bool trailing_text = code == ERR_NO_REPORT && !first && parcel->begins && !outcome.header;
    if (trailing_text) break; /* behind a report */
    if (!code) {
      parcel->header = *outcome.header;
      complete_header(w, parcel);
      code = caps_take_report(w->caps, &parcel->header, &e);
    }
    if (!first && intake_draw_document(w->intake, &e) <= 0) {
      code = ERR_LIMIT;
      more = false;
    }
    end_document(w, code, code < 0 ? e.text : outcome.note);
  }
  return should_stop(w);
}

static int on_nothing(void *user, const struct intake_document *document, int code, const struct err *e) {
  struct worker *w = user;
  if (should_stop(w)) return should_stop(w); /* perhaps that is why there is nothing */
  struct parcel *parcel = current_parcel(w);
  w->document = document;
  parcel->begins = true;
  parcel->outcome = (struct parser_outcome){0};
  end_document(w, code, e->text);
  return should_stop(w);
}

/* --- one thread --------------------------------------------------------------------------------------------------- */

static void await_taken(struct worker *w) {
  struct pipeline *p = w->pipeline;
  pthread_mutex_lock(&p->lock);
  while (w->under_way && !p->stopping) pthread_cond_wait(&p->emptied, &p->lock);
  pthread_mutex_unlock(&p->lock);
}

/* The next input and its number; one that cannot be opened takes a number too, so that it is told in its place. */
static int next_input(struct worker *w, struct begun_input *ret, struct err *e) {
  struct pipeline *p = w->pipeline;
  struct pipeline_source *source = p->options->source;
  pthread_mutex_lock(&p->next_lock);
  int code = should_stop(w) ? 0 : source->next(source, &ret->input, e);
  ret->file = p->next_file;
  if (code) p->next_file++;
  pthread_mutex_unlock(&p->next_lock);
  return code;
}

static void end_file(struct worker *w) {
  if (!w->pending) {
    /* Nothing was told of it (we are stopping): an empty parcel keeps the numbers whole. */
    w->pending = w->current ? TAKE_PTR(w->current) : take_spare(w);
    parcel_reset(w->pending);
    w->pending->file = w->file;
    w->pending->input = w->input;
  }
  w->pending->file_ends = true;
  send_pending(w);
}

/* What is told from now on is of this input. */
static void aim(struct worker *w, const struct begun_input *b) {
  w->file = b->file;
  w->input = b->input.id;
}

static void close_input(struct worker *w, unsigned i) {
  struct pipeline_source *source = w->pipeline->options->source;
  source->close(source, &w->begun[i].input, &w->opened[i]);
  end_file(w);
}

/* --- taken apart elsewhere ---------------------------------------------------------------------------------------- */

static void begin_apart(void *user, unsigned i) {
  struct worker *w = user;
  aim(w, &w->begun[i]);
}

static void end_apart(void *user, unsigned i) { close_input(user, i); }

static struct parcel *fresh_parcel(void *user) {
  struct worker *w = user;
  struct parcel *p = current_parcel(w);
  parcel_reset(p); /* one that was begun came to nothing */
  return current_parcel(w);
}

static int deliver(void *user, struct parcel *parcel) {
  (void)parcel; /* the one that is being filled */
  finish_parcel(user);
  return should_stop(user);
}

static int should_stop_apart(void *user) { return should_stop(user); }

/* --- one thread, again -------------------------------------------------------------------------------------------- */

/* Those that were begun. */
static void take_inputs(struct worker *w) {
  const struct apart_taker taker = {begin_apart, end_apart, fresh_parcel, deliver, should_stop_apart, w};
  const struct intake_events events = {on_document, on_nothing, w};
  if (w->apart) {
    apart_take(w->apart, w->opened, w->begun_count, &taker);
  } else if (w->begun_count) {
    aim(w, &w->begun[0]);
    intake_open_input(w->intake, &w->opened[0], &events);
    close_input(w, 0);
  }
  w->begun_count = 0;
  w->begun_bytes = 0;
}

/* Of the input that is being opened: what was begun before it is told before it. */
static int on_unopened(void *user, const struct intake_document *document, int code, const struct err *e) {
  struct worker *w = user;
  take_inputs(w);
  aim(w, &w->begun[w->opening]);
  return on_nothing(w, document, code, e);
}

/* What does not say how long it is may be a pipe, and last. */
static bool is_enough(const struct worker *w, const struct intake_input *last) {
  return w->begun_count == w->begun_most || w->begun_bytes >= INPUTS_BYTES || !last->size_bytes;
}

/* False: there is no input any more. */
static bool begin_next(struct worker *w) {
  const struct intake_events events = {NULL, on_unopened, w};
  const struct intake_document unnamed = {.origin = ""};
  struct pipeline_source *source = w->pipeline->options->source;
  const unsigned i = w->opening = w->begun_count;
  struct err e = {""};
  w->begun[i] = (struct begun_input){0};
  w->opened[i] = (struct intake_input){.fd = -1};
  int code = next_input(w, &w->begun[i], &e);
  if (!code) return false;
  if (code < 0) {
    on_unopened(w, &unnamed, code, &e);
    end_file(w);
  } else if (!source->open(source, &w->begun[i].input, w->pipeline->options->interrupted, &events, &w->opened[i])) {
    take_inputs(w);
    aim(w, &w->begun[i]);
    close_input(w, i);
  } else {
    w->begun_count++;
    w->begun_bytes += w->opened[i].size_bytes;
    if (is_enough(w, &w->opened[i])) take_inputs(w);
  }
  return true;
}

static void work(struct worker *w) {
  do {
    if (w->pipeline->options->one_by_one) await_taken(w);
  } while (begin_next(w));
  take_inputs(w);
}

static void *thread_main(void *user) {
  struct worker *w = user;
  work(w);
  pthread_mutex_lock(&w->pipeline->lock);
  w->done = true;
  pthread_cond_signal(&w->pipeline->filled);
  pthread_mutex_unlock(&w->pipeline->lock);
  return NULL;
}

/* --- the caller's side -------------------------------------------------------------------------------------------- */

static void stop(struct pipeline *p) {
  struct pipeline_source *source = p->options->source;
  pthread_mutex_lock(&p->lock);
  __atomic_store_n(&p->stopping, true, __ATOMIC_RELAXED);
  pthread_cond_broadcast(&p->emptied);
  pthread_mutex_unlock(&p->lock);
  if (source->stop) source->stop(source);
}

/* The worker whose next parcel belongs to `file`; *ret_done where nobody will send any more. */
static struct worker *find_sender(struct pipeline *p, uint64_t file, bool *ret_done) {
  bool done = true;
  for (unsigned i = 0; i < p->options->jobs; i++) {
    struct worker *w = &p->workers[i];
    if (w->first && w->first->file == file) return w;
    done = done && w->done && !w->first;
  }
  *ret_done = done;
  return NULL;
}

/* Waits for the next parcel in order; NULL at the end, or (with *ret_idle) when none came for a while. */
static struct parcel *receive(struct pipeline *p, uint64_t file, struct worker **ret_worker, bool *ret_idle) {
  bool done = false;
  *ret_idle = false;
  pthread_mutex_lock(&p->lock);
  struct worker *w = find_sender(p, file, &done);
  while (!w && !done && !*ret_idle) {
    struct timespec until = clock_ahead(IDLE_SECONDS);
    *ret_idle = pthread_cond_timedwait(&p->filled, &p->lock, &until) == ETIMEDOUT;
    w = find_sender(p, file, &done);
  }
  struct parcel *parcel = NULL;
  if (w) {
    parcel = w->first;
    w->first = parcel->next;
    if (!w->first) w->last = NULL;
    w->queued--;
    *ret_idle = false;
    *ret_worker = w;
    pthread_cond_broadcast(&p->emptied);
  }
  pthread_mutex_unlock(&p->lock);
  return parcel;
}

static void give_back(struct pipeline *p, struct worker *w, struct parcel *parcel) {
  pthread_mutex_lock(&p->lock);
  parcel->next = w->spare;
  w->spare = parcel;
  w->under_way--;
  pthread_cond_broadcast(&p->emptied);
  pthread_mutex_unlock(&p->lock);
}

static int take_all(struct pipeline *p, struct err *e) {
  for (uint64_t file = 0;;) {
    struct worker *w = NULL;
    bool idle;
    struct parcel *parcel = receive(p, file, &w, &idle);
    if (interrupted(p)) {
      if (parcel) parcel_free(parcel);
      return err_set(e, ERR_INTERRUPTED, "interrupted");
    }
    if (!parcel && !idle) return 0;
    int code = 0;
    if (idle) {
      code = p->idle ? p->idle(p->user, e) : 0;
    } else {
      if (parcel->file_ends) file++;
      code = p->take(p->user, parcel, e);
      give_back(p, w, parcel);
    }
    if (code < 0) return code;
  }
}

static int run_threads(struct pipeline *p, struct err *e) {
  unsigned started = 0;
  int code = 0;
  for (; started < p->options->jobs && !code; started++)
    if (pthread_create(&p->workers[started].thread, NULL, thread_main, &p->workers[started])) {
      code = err_set_errno(e, ERR_IO, "cannot start a thread");
      break;
    }
  if (!code) code = take_all(p, e);
  stop(p);
  for (unsigned i = 0; i < started; i++) pthread_join(p->workers[i].thread, NULL);
  return code;
}

static int run_inline(struct pipeline *p, struct err *e) {
  p->inline_err = e;
  work(&p->workers[0]);
  if (p->inline_code < 0) return p->inline_code;
  return interrupted(p) ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

static void equip(struct worker *w) {
  const struct pipeline_options *o = w->pipeline->options;
  w->begun_most = o->nursery && !o->source->waits && !o->one_by_one ? APART_INPUTS_MOST : 1;
  if (o->nursery) {
    w->apart = apart_new(o);
    return;
  }
  w->parser = parser_new(&o->parser);
  w->intake = intake_new(&o->intake);
  caps_init(&w->of_files, &o->limits, false);
  caps_init(&w->of_mails, &o->limits, true);
  intake_watch(w->intake, o->interrupted);
  intake_trust(w->intake, o->trusted);
}

int pipeline_run(const struct pipeline_options *options, pipeline_take_fn *take, pipeline_idle_fn *idle, void *user,
                 struct err *e) {
  struct pipeline p = {.options = options, .take = take, .idle = idle, .user = user};
  pthread_mutex_init(&p.next_lock, NULL);
  pthread_mutex_init(&p.lock, NULL);
  clock_condition_init(&p.filled);
  pthread_cond_init(&p.emptied, NULL);
  p.is_inline = options->jobs == 1 && !options->source->waits;
  p.most_queued = PARCELS_UNDER_WAY / options->jobs > 2 ? PARCELS_UNDER_WAY / options->jobs : 2;
  p.workers = mem_zalloc(options->jobs * sizeof *p.workers);
  for (unsigned i = 0; i < options->jobs; i++) {
    p.workers[i].pipeline = &p;
    equip(&p.workers[i]);
  }
  int code = p.is_inline ? run_inline(&p, e) : run_threads(&p, e);
  for (unsigned i = 0; i < options->jobs; i++) {
    struct worker *w = &p.workers[i];
    parcel_free(w->current);
    parcel_free(w->pending);
    free_list(w->first);
    free_list(w->spare);
    apart_free(w->apart);
    parser_free(w->parser);
    intake_free(w->intake);
    caps_clear(&w->of_files);
    caps_clear(&w->of_mails);
  }
  free(p.workers);
  pthread_cond_destroy(&p.filled);
  pthread_cond_destroy(&p.emptied);
  pthread_mutex_destroy(&p.lock);
  pthread_mutex_destroy(&p.next_lock);
  return code;
}
