/* SPDX-License-Identifier: Apache-2.0 */
/* Marks in a file that is mapped into memory, and what is learnt of those that were left there. */
#include "import/at_work.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/utc.h"
#include "local/suspects.h"

/* An import that is killed ends at some input, whoever killed it and why; what such an end says of the input depends.
 * In this process, or for as long as nothing good takes: much. Where a process apart reads it, that one dies of it and
 * not the import: little, and no row of ends at odd moments shall set aside what is good. */
#define WEIGHT_HEAVY 10
#define WEIGHT_LIGHT 1
#define WEIGHT_MOST SUSPECT_WEIGHT_MOST /* then it is set aside */
#define LINGERS_S 5                     /* it is heavy from then on */
#define DAYS_SUSPECTED 7                /* of what is not set aside */
#define AT_WORK "at-work"               /* the file */
#define IMPORTS 4                       /* at the same time that have marks */
#define MARKS 128                       /* of an import: what is under way in its pipelines; more go without */

/* A key that is not empty: it is at work. */
struct mark {
  char key[240], name[271];
  uint8_t weight; /* of an end that comes now */
};
#define BLOCK_BYTES (sizeof(struct mark) * MARKS)

/* Whose mark it is; owner NULL: nobody's. */
struct holder {
  const void *owner;
  uint64_t input;
  double since_s; /* base/clock.h */
};

struct at_work {
  pthread_mutex_t lock;
  pthread_cond_t ends_now;
  pthread_t watcher;  /* makes marks heavy */
  struct mark *marks; /* mapped */
  int fd;             /* holds the lock of the block */
  unsigned block;
  struct holder holders[MARKS];
  unsigned used;          /* those behind were never held */
  struct hashmap weights; /* key -> uint32_t */
  bool again, careful, is_watched, is_ending;
  uint8_t weight; /* of what begins */
};

/* --- what was left ------------------------------------------------------------------------------------------------ */

/* The block of that number where no living import has it: 1 and its marks, or 0. One that was never used has no room in
 * the file; it gets some if it is to be ours, and all of it: on a full disk, a write to a hole would kill us. Without
 * room nothing is noted, and nothing else is wrong. */
static int map_block(struct local *local, unsigned number, bool is_ours, int *ret_fd, struct mark **ret) {
  const off_t at = (off_t)(number * BLOCK_BYTES);
  struct stat st;
  struct err unused;
  int fd;
  if (local_lock(local, AT_WORK, number, &fd, &unused) <= 0) return 0;
  bool is_there = !fstat(fd, &st) && st.st_size >= at + (off_t)BLOCK_BYTES;
  if (!is_there && is_ours) is_there = !posix_fallocate(fd, at, BLOCK_BYTES);
  void *marks = is_there ? mmap(NULL, BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at) : MAP_FAILED;
  if (marks == MAP_FAILED) {
    close(fd);
    return 0;
  }
  *ret = marks;
  *ret_fd = fd;
  return 1;
}

static int weigh_ends(struct local *local, struct mark *marks, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < MARKS && !code; i++) {
    struct mark *m = &marks[i];
    m->key[sizeof m->key - 1] = m->name[sizeof m->name - 1] = '\0';
    if (*m->key) code = suspect_add(local, m->key, m->name, m->weight, utc_now(), e);
    if (*m->key && !code) memset(m, 0, sizeof *m);
  }
  return code;
}

/* suspect_fn */
static int take_suspect(void *user, const char *key, uint32_t weight, struct err *e) {
  (void)e;
  struct at_work *w = user;
  *(uint32_t *)hashmap_put(&w->weights, key, strlen(key), NULL) = weight;
  w->careful = w->careful || weight < WEIGHT_MOST || w->again;
  return 0;
}

/* Each block that nobody has: what is left in it is counted, and the first one is ours. */
static int claim(struct at_work *w, struct local *local, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < IMPORTS && !code; i++) {
    struct mark *marks = NULL;
    int fd = -1;
    if (!map_block(local, i, !w->marks, &fd, &marks)) continue;
    code = weigh_ends(local, marks, e);
    if (!w->marks && !code) {
      w->marks = marks;
      w->fd = fd;
      w->block = i;
      continue;
    }
    munmap(marks, BLOCK_BYTES);
    close(fd);
  }
  return code;
}

/* --- what takes long ---------------------------------------------------------------------------------------------- */

static void *watch(void *user) {
  struct at_work *w = user;
  pthread_mutex_lock(&w->lock);
  while (!w->is_ending) {
    const struct timespec then = clock_ahead(1);
    const double now_s = clock_now_s();
    for (unsigned i = 0; i < w->used; i++)
      if (w->holders[i].owner && now_s - w->holders[i].since_s >= LINGERS_S) w->marks[i].weight = WEIGHT_HEAVY;
    pthread_cond_timedwait(&w->ends_now, &w->lock, &then);
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

/* Signals are for the threads that look for them. Where no thread can be had, ends stay light. */
static void start_watch(struct at_work *w) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  w->is_watched = w->marks && w->weight < WEIGHT_HEAVY && !pthread_create(&w->watcher, NULL, watch, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_watch(struct at_work *w) {
  if (!w->is_watched) return;
  pthread_mutex_lock(&w->lock);
  w->is_ending = true;
  pthread_cond_signal(&w->ends_now);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->watcher, NULL);
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static void release(struct at_work *w) {
  if (w->marks) munmap(w->marks, BLOCK_BYTES);
  if (w->fd >= 0) close(w->fd);
  hashmap_clear(&w->weights);
  pthread_cond_destroy(&w->ends_now);
  pthread_mutex_destroy(&w->lock);
  free(w);
}

int at_work_open(struct local *local, bool again, bool is_apart, struct at_work **ret, struct err *e) {
  struct at_work *w = mem_zalloc(sizeof *w);
  w->fd = -1;
  w->again = again;
  w->weight = is_apart ? WEIGHT_LIGHT : WEIGHT_HEAVY;
  pthread_mutex_init(&w->lock, NULL);
  clock_condition_init(&w->ends_now);
  hashmap_init(&w->weights, sizeof(uint32_t));
  int code = claim(w, local, e);
  if (!code) code = suspect_each(local, take_suspect, w, e);
  /* Nobody waits for others that write in order to find nothing. Who is forgotten now is so from the next import on. */
  if (!code && w->careful) code = suspect_expire(local, utc_now() - DAYS_SUSPECTED * UTC_DAY_S, e);
  if (code < 0) {
    release(w);
    return code;
  }
  start_watch(w);
  *ret = w;
  return 0;
}

void at_work_close(struct at_work *w, struct local *local) {
  if (!w) return;
  end_watch(w);
  for (unsigned i = 0; i < w->used && w->marks; i++) memset(&w->marks[i], 0, sizeof w->marks[i]);
  bool is_last = w->marks;
  for (unsigned i = 0; i < IMPORTS && is_last; i++) {
    struct err unused;
    int fd = -1, r = local_lock(local, AT_WORK, i, &fd, &unused);
    if (r > 0) close(fd);
    is_last = r > 0 || i == w->block;
  }
  if (is_last) local_lock_remove(local, AT_WORK);
  release(w);
}

/* --- marks -------------------------------------------------------------------------------------------------------- */

bool at_work_is_careful(const struct at_work *w) { return w && w->careful; }

/* The key's first byte comes last: half a mark is none. */
static void write_mark(struct mark *m, uint8_t weight, const char *key, const char *name) {
  m->weight = weight;
  snprintf(m->name, sizeof m->name, "%s", name);
  snprintf(m->key + 1, sizeof m->key - 1, "%s", key + 1);
  __atomic_store_n(&m->key[0], key[0], __ATOMIC_RELEASE);
}

static void mark(struct at_work *w, const void *owner, uint64_t input, const char *key, const char *name) {
  pthread_mutex_lock(&w->lock);
  unsigned i = 0;
  while (i < w->used && w->holders[i].owner) i++;
  if (i < MARKS && w->marks) {
    if (i == w->used) w->used++;
    w->holders[i] = (struct holder){owner, input, clock_now_s()};
    write_mark(&w->marks[i], w->weight, key, name);
  }
  pthread_mutex_unlock(&w->lock);
}

bool at_work_begin(struct at_work *w, const void *owner, uint64_t input, const char *key, const char *name,
                   const struct intake_events *events) {
  if (!w) return true;
  const uint32_t *weight = hashmap_get(&w->weights, key, strlen(key)); /* never changed while others read */
  if (!weight || *weight < WEIGHT_MOST || w->again) {
    mark(w, owner, input, key, name);
    return true;
  }
  const struct intake_document document = {.origin = name, .name = ""};
  struct err e;
  err_set(&e, ERR_FORMAT,
          "set aside: import after import was killed or crashed while it read this (--again tries it once more)");
  events->nothing(events->user, &document, ERR_FORMAT, &e);
  return false;
}

int at_work_end(struct at_work *w, const void *owner, uint64_t input, struct local *local, struct err *e) {
  if (!w) return 0;
  char key[sizeof w->marks->key] = "";
  pthread_mutex_lock(&w->lock);
  for (unsigned i = 0; i < w->used && !*key; i++) {
    if (w->holders[i].owner != owner || w->holders[i].input != input) continue;
    snprintf(key, sizeof key, "%s", w->marks[i].key);
    w->marks[i].key[0] = '\0';
    w->holders[i].owner = NULL;
  }
  pthread_mutex_unlock(&w->lock);
  return *key && hashmap_get(&w->weights, key, strlen(key)) ? suspect_forget(local, key, e) : 0;
}

void at_work_drop(struct at_work *w, const void *owner) {
  if (!w) return;
  pthread_mutex_lock(&w->lock);
  for (unsigned i = 0; i < w->used; i++) {
    if (w->holders[i].owner != owner) continue;
    w->marks[i].key[0] = '\0';
    w->holders[i].owner = NULL;
  }
  pthread_mutex_unlock(&w->lock);
}
