/* SPDX-License-Identifier: Apache-2.0 */
/* The rounds of an import: files, then accounts, each in a thread of its own. */
#include "import/run.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stop.h"
#include "import/feed.h"
#include "import/files.h"
#include "import/mailbox.h"
#include "import/turn.h"
#include "import/watch.h"
#include "mailbox/mail_folder.h"

/* At a time: each may take a connection and the memory of what it fetches ahead. A watch has all of them: they wait. */
#define ACCOUNTS_AT_ONCE 8
#define LOOK_NS 20000000L /* how soon the end of a thread, or a signal, is seen */

struct run;

/* What is counted and fed by one thread: all files, or an account. */
struct worker {
  struct run *run;
  struct import_events events; /* to the feed: the user's, one at a time */
  struct feed feed;
  struct mailbox **mailboxes; /* every folder of the account */
  unsigned mailbox_count;
  struct import_progress progress;
  pthread_t thread;
  bool running, done; /* done: atomic */
  int code;           /* what ended it, as import_run returns it */
  struct err err;
};

struct run {
  const struct import_sources *sources;
  const struct import_events *events;
  struct import_options
      options; /* of accounts: the user's, but that a signal comes by `halt` where there are threads */
  struct turn turn;
  pthread_mutex_t telling;    /* events come one at a time */
  volatile sig_atomic_t halt; /* a signal came, or the store failed: all threads end */
  struct worker *workers;     /* the first one has the files */
  unsigned worker_count;
  struct at_work *at_work; /* NULL: a dry run */
  bool is_parallel;
};

/* --- events ------------------------------------------------------------------------------------------------------- */

static void on_document(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  struct run *r = ((struct worker *)user)->run;
  pthread_mutex_lock(&r->telling);
  r->events->document(r->events->user, outcome, origin, reason);
  pthread_mutex_unlock(&r->telling);
}

static void on_progress(void *user, const struct import_progress *progress) {
  struct worker *w = user;
  struct run *r = w->run;
  struct import_progress all = {0};
  pthread_mutex_lock(&r->telling);
  w->progress = *progress;
  for (unsigned i = 0; i < r->worker_count; i++) {
    const struct import_progress *one = &r->workers[i].progress;
    all.inputs += one->inputs;
    all.of_inputs += one->of_inputs;
    all.documents += one->documents;
    all.records += one->records;
  }
  r->events->progress(r->events->user, &all);
  pthread_mutex_unlock(&r->telling);
}

static void on_remark(void *user, const char *sentence) {
  struct run *r = ((struct worker *)user)->run;
  pthread_mutex_lock(&r->telling);
  r->events->remark(r->events->user, sentence);
  pthread_mutex_unlock(&r->telling);
}

static void tell_mailbox(struct run *r, const struct mailbox *m, enum mailbox_end end, const struct err *e) {
  pthread_mutex_lock(&r->telling);
  r->events->mailbox(r->events->user, mailbox_url(m), end, e);
  pthread_mutex_unlock(&r->telling);
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

static void begin_counts(struct worker *w) {
  turn_take(&w->run->turn); /* no other's transaction is open then */
  settler_free(w->feed.settler);
  w->feed.settler = settler_new(w->feed.local, w->feed.store, w->feed.options->dry_run, on_document, w);
  settler_keep_out(w->feed.settler, w->feed.options->is_ours, w->feed.options->ours);
  turn_give(&w->run->turn);
  w->feed.expected_inputs = 0;
}

static void end_round(struct run *r, int code, double seconds, const struct err *e) {
  struct settle_counts all = {0};
  for (unsigned i = 0; i < r->worker_count; i++)
    if (r->workers[i].feed.settler) settle_counts_add(&all, settler_counts(r->workers[i].feed.settler));
  r->events->ended(r->events->user, &all, code, seconds, e);
}

/* --- the sources -------------------------------------------------------------------------------------------------- */

static int import_files(struct worker *w, struct err *e) {
  const struct import_sources *s = w->run->sources;
  if (!s->path_count) return 0;
  uint64_t files, bytes;
  bool store_failed;
  struct file_source source;
  file_source_init(&source, s->paths, s->path_count, &w->feed);
  if (w->run->events->progress) {
    intake_walk_measure(s->paths, s->path_count, &files, &bytes);
    feed_expect(&w->feed, files);
  }
  int code = feed_run(&w->feed, &source.source, &s->trusted_authservs, &store_failed, e);
  file_source_clear(&source);
  return code;
}

/* One that fails is told and does not keep the others from their turn. But a login that was refused is not tried once
 * more with each folder: servers lock accounts for that. */
static int import_mailboxes(struct worker *w, struct err *e) {
  bool denied = false;
  for (unsigned i = 0; i < w->mailbox_count; i++) {
    struct mailbox *m = w->mailboxes[i];
    int code;
    if (i) mailbox_inherit(m, w->mailboxes[i - 1]);
    enum mailbox_end end = denied ? mailbox_pass_over(m, &code, "not tried: the login of this account was refused", e)
                                  : mailbox_import(m, &code, e);
    tell_mailbox(w->run, m, end, e);
    if (end == MAILBOX_STOP) return code;
    denied = end == MAILBOX_FAILED && code == ERR_DENIED;
  }
  return 0;
}

/* watch_turn_fn */
static enum mailbox_end take_turn(void *user, struct mailbox *m, int *ret_code, struct err *e) {
  struct worker *w = user;
  struct run *r = w->run;
  double begun_s = clock_now_s();
  begin_counts(w);
  enum mailbox_end end = mailbox_import(m, ret_code, e);
  pthread_mutex_lock(&r->telling); /* the two belong together */
  r->events->mailbox(r->events->user, mailbox_url(m), end, e);
  r->events->ended(r->events->user, settler_counts(w->feed.settler), end == MAILBOX_STOP ? *ret_code : 0,
                   clock_now_s() - begun_s, e);
  pthread_mutex_unlock(&r->telling);
  return end;
}

static int import_account(struct worker *w, struct err *e) {
  if (!w->run->options.watch) return import_mailboxes(w, e);
  return watch_mailboxes(w->mailboxes, w->mailbox_count, w->feed.options->interrupted, take_turn, w, e);
}

/* --- accounts at the same time ------------------------------------------------------------------------------------ */

static void *thread_main(void *user) {
  struct worker *w = user;
  w->code = import_account(w, &w->err);
  __atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
  return NULL;
}

static bool start(struct worker *w) {
  errno = pthread_create(&w->thread, NULL, thread_main, w);
  w->running = !errno;
  if (!w->running) w->code = err_set_errno(&w->err, ERR_IO, "cannot start a thread");
  return w->running;
}

/* A password that was refused ends its account alone. */
static bool ends_all(const struct worker *w) { return w->code < 0 && w->code != ERR_DENIED; }

/* Joins those that ended; the number of those that run on. */
static unsigned join_ended(struct run *r) {
  unsigned running = 0;
  for (unsigned i = 1; i < r->worker_count; i++) {
    struct worker *w = &r->workers[i];
    if (!w->running) continue;
    if (!__atomic_load_n(&w->done, __ATOMIC_ACQUIRE)) {
      running++;
      continue;
    }
    pthread_join(w->thread, NULL);
    w->running = false;
    if (ends_all(w)) stop_flag_set(&r->halt);
  }
  return running;
}

/* What ended the whole: what made the others end comes before their being ended; of refused passwords the last. */
static int judge(const struct run *r, struct err *e) {
  const struct worker *of = NULL;
  bool all_denied = r->worker_count > 1;
  for (unsigned i = 1; i < r->worker_count; i++) {
    const struct worker *w = &r->workers[i];
    all_denied = all_denied && w->code == ERR_DENIED;
    if (ends_all(w) && (!of || of->code == ERR_INTERRUPTED)) of = w;
  }
  if (!of && all_denied) of = &r->workers[r->worker_count - 1];
  if (!of) return r->halt ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
  *e = of->err;
  return of->code;
}

static int import_together(struct run *r, const volatile sig_atomic_t *interrupted, struct err *e) {
  unsigned most = r->options.watch ? r->worker_count : ACCOUNTS_AT_ONCE, started = 1, running = 0;
  r->halt = stop_flag_is_set(interrupted);
  while (running || (started < r->worker_count && !r->halt)) {
    while (running < most && started < r->worker_count && !r->halt) {
      struct worker *w = &r->workers[started++];
      if (start(w)) /* what it comes to is the thread's until it is joined */
        running++;
      else
        stop_flag_set(&r->halt);
    }
    nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    if (stop_flag_is_set(interrupted)) stop_flag_set(&r->halt);
    running = join_ended(r);
  }
  return judge(r, e);
}

static int import_in_turn(struct run *r, struct err *e) {
  int code = 0;
  for (unsigned i = 1; i < r->worker_count && !code; i++) code = import_account(&r->workers[i], e);
  return code;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void make_mailboxes(struct worker *w, const struct mail_account *account) {
  w->mailboxes = mem_alloc(account->folder_count * sizeof *w->mailboxes);
  for (unsigned i = 0; i < account->folder_count; i++)
    w->mailboxes[w->mailbox_count++] = mailbox_new(account, account->folders[i], &w->feed);
}

static void make_workers(struct run *r, struct local *local, struct store *store,
                         const struct import_options *options) {
  r->worker_count = 1 + r->sources->account_count;
  r->workers = mem_zalloc(r->worker_count * sizeof *r->workers);
  for (unsigned i = 0; i < r->worker_count; i++) {
    struct worker *w = &r->workers[i];
    w->run = r;
    w->events = (struct import_events){
        .document = on_document, .progress = r->events->progress ? on_progress : NULL, .remark = on_remark, .user = w};
    w->feed = (struct feed){.local = local,
                            .store = store,
                            .options = i ? &r->options : options,
                            .events = &w->events,
                            .at_work = r->at_work,
                            .turn = &r->turn};
    begin_counts(w);
    if (i) make_mailboxes(w, &r->sources->accounts[i - 1]);
  }
}

static void free_workers(struct run *r) {
  for (unsigned i = 0; i < r->worker_count; i++) {
    struct worker *w = &r->workers[i];
    for (unsigned n = 0; n < w->mailbox_count; n++) mailbox_free(w->mailboxes[n]);
    free(w->mailboxes);
    settler_free(w->feed.settler);
  }
  free(r->workers);
}

/* A dry run knows by one list what it has met before, and keeps nobody waiting. */
static bool is_parallel(const struct run *r) {
  const bool careful = at_work_is_careful(r->at_work) && !r->options.watch;
  return r->sources->account_count > 1 && !careful && (!r->options.dry_run || r->options.watch);
}

static int run_round(struct run *r, const volatile sig_atomic_t *interrupted, struct err *e) {
  double begun_s = clock_now_s();
  r->events->begun(r->events->user);
  int code = import_files(&r->workers[0], e);
  if (!code) code = r->is_parallel ? import_together(r, interrupted, e) : import_in_turn(r, e);
  if (!r->options.watch) end_round(r, code, clock_now_s() - begun_s, e);
  return r->options.watch && code == ERR_INTERRUPTED ? 0 : code;
}

static int not_begun(const struct run *r, int code, const struct err *e) {
  const struct settle_counts none = {0};
  r->events->ended(r->events->user, &none, code, 0, e);
  return code;
}

int import_run(struct local *local, struct store *store, const struct import_sources *sources,
               const struct import_options *options, const struct import_events *events, struct err *e) {
  struct run r = {.sources = sources, .events = events, .options = *options};
  if (local && !options->dry_run) {
    local_while_waiting(local, options->interrupted, NULL, NULL);
    int code = at_work_open(local, options->again, options->nursery, &r.at_work, e);
    local_while_waiting(local, NULL, NULL, NULL);
    if (code < 0) return not_begun(&r, code, e);
  }
  r.is_parallel = is_parallel(&r);
  if (r.is_parallel) r.options.interrupted = &r.halt;
  turn_init(&r.turn);
  pthread_mutex_init(&r.telling, NULL);
  if (sources->account_count) mail_library_init();
  make_workers(&r, local, store, options);
  if (local) local_while_waiting(local, options->interrupted, on_remark, &r.workers[0]);
  int code = run_round(&r, options->interrupted, e);
  if (local) local_while_waiting(local, NULL, NULL, NULL);
  free_workers(&r);
  at_work_close(r.at_work, local);
  pthread_mutex_destroy(&r.telling);
  turn_clear(&r.turn);
  if (sources->account_count) mail_library_clear();
  return code;
}
