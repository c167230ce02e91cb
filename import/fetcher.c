/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that holds the connection to a mail server, and the bounded queue behind it. */
#include "import/fetcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

struct fetched_mail {
  struct fetched_mail *next;
  struct remote_mail mail;
  char *origin; /* once it is opened */
};

static void free_mail(struct fetched_mail *m) {
  if (!m) return;
  remote_mail_clear(&m->mail);
  free(m->origin);
  free(m);
}

static bool is_stopped(const struct fetcher *f) { return __atomic_load_n(f->stopped, __ATOMIC_RELAXED); }

static uint64_t memory_of(const struct fetched_mail *m) { return m->mail.memory ? m->mail.size : 1; }

/* --- the fetcher's side ------------------------------------------------------------------------------------------- */

/* Waits a second for a change; then the server gets its sign of life. Called and left with the lock held. */
static void rest(struct fetcher *f) {
  struct timespec until = clock_ahead(1);
  if (pthread_cond_timedwait(&f->changed, &f->lock, &until) != ETIMEDOUT || is_stopped(f)) return;
  pthread_mutex_unlock(&f->lock);
  mail_folder_rest(f->mailbox);
  pthread_mutex_lock(&f->lock);
}

static void put(struct fetcher *f, struct fetched_mail *m) {
  pthread_mutex_lock(&f->lock);
  while ((f->mails >= FETCHER_MAILS || f->bytes >= FETCHER_BYTES) && !is_stopped(f)) rest(f);
  if (f->last)
    f->last->next = m;
  else
    f->first = m;
  f->last = m;
  f->mails++;
  f->bytes += memory_of(m);
  pthread_cond_broadcast(&f->changed);
  pthread_mutex_unlock(&f->lock);
}

static void *thread_main(void *user) {
  struct fetcher *f = user;
  int code;
  do {
    struct fetched_mail *m = mem_zalloc(sizeof *m);
    code = mail_folder_next(f->mailbox, &m->mail, &f->err);
    if (code > 0)
      put(f, m);
    else
      free(m);
  } while (code > 0);
  pthread_mutex_lock(&f->lock);
  f->code = code;
  f->done = true;
  pthread_cond_broadcast(&f->changed);
  /* The last mail may keep the others busy for long, and then there is more to be said to the server. */
  while (!is_stopped(f)) rest(f);
  pthread_mutex_unlock(&f->lock);
  return NULL;
}

/* --- the pipeline's side ------------------------------------------------------------------------------------------ */

static int next_mail(struct pipeline_source *source, struct pipeline_input *ret, struct err *e) {
  (void)e;
  struct fetcher *f = (struct fetcher *)source;
  pthread_mutex_lock(&f->lock);
  while (!f->first && !f->done && !is_stopped(f)) pthread_cond_wait(&f->changed, &f->lock);
  struct fetched_mail *m = is_stopped(f) ? NULL : f->first;
  if (m) {
    f->first = m->next;
    if (!f->first) f->last = NULL;
    f->mails--;
    f->bytes -= memory_of(m);
    bool refused = m->mail.state == REMOTE_MAIL_REFUSED;
    *ret = (struct pipeline_input){.id = m->mail.uid | (refused ? FETCHER_REFUSED : 0), .handle = m};
    pthread_cond_broadcast(&f->changed);
  }
  pthread_mutex_unlock(&f->lock);
  return m ? 1 : 0;
}

static void tell_unread(const struct remote_mail *mail, const char *origin, const struct intake_events *events) {
  const struct intake_document document = {.origin = origin, .name = ""};
  struct err e;
  int code =
      mail->state == REMOTE_MAIL_TOO_LARGE
          ? err_set(&e, ERR_LIMIT,
                    "the mail has %llu bytes: not read (see --max-mail-size; a larger one reads it with --again)",
                    (unsigned long long)mail->size)
          : err_set(&e, ERR_FORMAT, "%s", mail->reason ? mail->reason : "the server does not give it");
  events->nothing(events->user, &document, code, &e);
}

/* The key has an end of its own: a URL may be of any length. */
static bool may_open(const struct fetcher *f, uint64_t input, uint32_t uid, const struct intake_events *events) {
  _cleanup_free_ char *key = mem_printf("mail %u:%u %.190s", f->uidvalidity, uid, f->url);
  _cleanup_free_ char *name = mem_printf("%s: uid %u: the mail", f->url, uid);
  return at_work_begin(f->feed->at_work, f->feed, input, key, name, events);
}

/* What was written to a file is read from its beginning. */
static int open_mail(struct pipeline_source *source, struct pipeline_input *input,
                     const volatile sig_atomic_t *interrupted, const struct intake_events *events,
                     struct intake_input *ret) {
  (void)interrupted;
  const struct fetcher *f = (struct fetcher *)source;
  struct fetched_mail *m = input->handle;
  m->origin = mem_printf("%s: uid %u", f->url, m->mail.uid);
  *ret = (struct intake_input){.origin = m->origin,
                               .name = "",
                               .fd = m->mail.fd,
                               .memory = m->mail.memory,
                               .size_bytes = m->mail.size,
                               .is_mail = true};
  if (m->mail.state == REMOTE_MAIL_HERE && m->mail.fd >= 0) lseek(m->mail.fd, 0, SEEK_SET); /* it is a file of ours */
  if (m->mail.state == REMOTE_MAIL_HERE) return may_open(f, input->id, m->mail.uid, events);
  if (!uid_is_among(f->silent, f->silent_count, m->mail.uid)) tell_unread(&m->mail, m->origin, events);
  return 0;
}

static void close_mail(struct pipeline_source *source, struct pipeline_input *input, struct intake_input *opened) {
  (void)source, (void)opened;
  free_mail(input->handle);
}

static void stop(struct pipeline_source *source) {
  struct fetcher *f = (struct fetcher *)source;
  pthread_mutex_lock(&f->lock);
  __atomic_store_n(f->stopped, true, __ATOMIC_RELAXED);
  pthread_cond_broadcast(&f->changed);
  pthread_mutex_unlock(&f->lock);
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static void clear(struct fetcher *f) {
  while (f->first) {
    struct fetched_mail *next = f->first->next;
    free_mail(f->first);
    f->first = next;
  }
  pthread_mutex_destroy(&f->lock);
  pthread_cond_destroy(&f->changed);
}

int fetcher_start(struct fetcher *f, struct mail_folder *mailbox, const char *url, bool *stopped, struct err *e) {
  *f = (struct fetcher){
      .source = {.next = next_mail, .open = open_mail, .close = close_mail, .stop = stop, .waits = true},
      .mailbox = mailbox,
      .url = url,
      .stopped = stopped};
  pthread_mutex_init(&f->lock, NULL);
  clock_condition_init(&f->changed);
  __atomic_store_n(stopped, false, __ATOMIC_RELAXED);
  errno = pthread_create(&f->thread, NULL, thread_main, f);
  if (!errno) return 0;
  int code = err_set_errno(e, ERR_IO, "cannot start a thread");
  clear(f);
  return code;
}

int fetcher_finish(struct fetcher *f, struct err *e) {
  stop(&f->source);
  pthread_join(f->thread, NULL);
  /* What is to be done on the server now is not to be stopped by this. */
  __atomic_store_n(f->stopped, false, __ATOMIC_RELAXED);
  if (f->code < 0) *e = f->err;
  clear(f);
  return f->code;
}
