/* SPDX-License-Identifier: Apache-2.0 */
/* Worker processes that have nothing but a socket: what parses strangers' input, a worker for each thread that wants
 * one.
 *
 * They are forked by a process that was itself forked first, before this one read a secret or made a thread. It has no
 * other task, so that a worker that died can be replaced at any time by one that knows as little. */
#ifndef SANDBOX_NURSERY_H
#define SANDBOX_NURSERY_H

#include <stdint.h>
#include <sys/types.h>

#include "sandbox/sandbox.h"

/* What a worker's process does; when it returns, the process ends. `fd` is its end of the socket: a stream. */
typedef void nursery_work_fn(int fd);
/* Loads what a worker could not load any more, once for all of them: libraries, tables, converters. */
typedef void nursery_prepare_fn(void);

struct nursery;
/* Forks. To be called before there are threads, and before secrets are read; the environment is wiped there. NULL where
 * no process can be had. */
struct nursery *nursery_open(nursery_prepare_fn *prepare, nursery_work_fn *work);
/* Ends the nursery; workers end when their sockets are closed. Accepts NULL. */
void nursery_close(struct nursery *n);

/* What a worker may take. */
struct nursery_limits {
  uint64_t memory_bytes; /* of addresses, beyond what it begins with */
  uint64_t file_bytes;   /* the size of a file that it is given to write to */
};
struct nursery_worker {
  int fd; /* a receive from it ends with EAGAIN when nothing came for a fifth of a second; -1: there is none */
  pid_t pid;
};
#define NURSERY_WORKER_NONE \
  { .fd = -1 }

/* A new worker, in the sandbox that `mode` says. Any thread. 0 or ERR_IO. */
int nursery_begin(struct nursery *n, enum sandbox_mode mode, const struct nursery_limits *limits,
                  struct nursery_worker *ret, struct err *e);
/* Kills the worker, and appends how it ended, if it had by itself: "ended by signal 11 (Segmentation fault)". `cause`
 * may be NULL. Any thread; a worker belongs to one. Accepts one that is none. */
void nursery_end(struct nursery *n, struct nursery_worker *w, struct strbuf *cause);
/* Seconds of processor time that it has used; 0 where it is gone. */
double nursery_seconds(const struct nursery_worker *w);

#endif
