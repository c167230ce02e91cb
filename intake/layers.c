/* SPDX-License-Identifier: Apache-2.0 */
/* Streams over files, with a look ahead, and with an allowance; containers are the business of others. */
#include "intake/layers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"

ssize_t outcome_tell(const struct outcome *o, struct err *e) {
  return o->state < 0 ? err_set(e, o->state, "%s", o->err.text) : 0;
}

/* Signals reach one thread of many, so the others look from time to time. */
#define LOOK_UP_MILLISECONDS 200

int await_input(int fd, const volatile sig_atomic_t *interrupted, struct err *e) {
  struct pollfd input = {.fd = fd, .events = POLLIN};
  for (;;) {
    int n = poll(&input, 1, LOOK_UP_MILLISECONDS);
    if (n > 0) return 0;
    if (n < 0 && errno != EINTR) return err_set_errno(e, ERR_IO, "cannot wait for input");
    if (stop_flag_is_set(interrupted)) return err_set(e, ERR_INTERRUPTED, "interrupted");
  }
}

/* Waits where nothing is there yet; the descriptor may have come to us non-blocking, as standard input does at times.
 */
static ssize_t read_patiently(struct file_stream *f, void *buffer, size_t size, struct err *e) {
  for (;;) {
    int code = f->size_bytes ? 0 : await_input(f->fd, f->interrupted, e);
    if (code < 0) return code;
    ssize_t n = read(f->fd, buffer, size);
    if (n >= 0) return n;
    if (errno != EINTR && errno != EAGAIN) return err_set_errno(e, ERR_IO, "cannot read");
  }
}

static ssize_t file_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct file_stream *f = (struct file_stream *)s;
  if (f->outcome.state) return outcome_tell(&f->outcome, e);
  ssize_t n = read_patiently(f, buffer, size, &f->outcome.err);
  if (n <= 0) {
    f->outcome.state = n == 0 ? 1 : (int)n;
    return outcome_tell(&f->outcome, e);
  }
  f->at += (uint64_t)n;
  /* All that fstat promised came, and the kernel had no more to give. */
  if (f->size_bytes && f->at >= f->size_bytes && (size_t)n < size) f->outcome.state = 1;
  return n;
}

void file_stream_init(struct file_stream *f, int fd, uint64_t size_bytes, const volatile sig_atomic_t *interrupted) {
  f->stream.read = file_read;
  f->fd = fd;
  f->size_bytes = size_bytes;
  f->interrupted = interrupted;
  f->at = 0;
  f->outcome.state = 0;
}

size_t peekable_peek(struct peekable *p, size_t wanted, const unsigned char **ret_bytes) {
  if (p->filled - p->at < wanted && p->at + wanted > PEEKABLE_BYTES) {
    memmove(p->buffer, p->buffer + p->at, p->filled - p->at);
    p->filled -= p->at;
    p->at = 0;
  }
  while (p->filled - p->at < wanted && !p->outcome.state) {
    ssize_t n = p->in->read(p->in, p->buffer + p->filled, PEEKABLE_BYTES - p->filled, &p->outcome.err);
    if (n > 0) p->filled += (size_t)n;
    if (n <= 0) p->outcome.state = n == 0 ? 1 : (int)n;
  }
  *ret_bytes = p->buffer + p->at;
  return p->filled - p->at;
}

void peekable_skip(struct peekable *p, size_t n) {
  const size_t left = p->filled - p->at;
  p->at += n < left ? n : left;
  if (p->at == p->filled) p->at = p->filled = 0;
}

static ssize_t peekable_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct peekable *p = (struct peekable *)s;
  const unsigned char *bytes;
  size_t n = peekable_peek(p, 1, &bytes);
  if (!n) return outcome_tell(&p->outcome, e);
  if (n > size) n = size;
  memcpy(buffer, bytes, n);
  peekable_skip(p, n);
  return (ssize_t)n;
}

void peekable_init(struct peekable *p) {
  p->stream.read = peekable_read;
  p->buffer = mem_alloc(PEEKABLE_BYTES);
}

void peekable_clear(struct peekable *p) {
  free(p->buffer);
  p->buffer = NULL;
}

void peekable_start(struct peekable *p, struct byte_stream *in) {
  p->in = in;
  p->at = p->filled = 0;
  p->outcome.state = 0;
}

static ssize_t first_bytes_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct first_bytes *f = (struct first_bytes *)s;
  if (size > f->left) size = (size_t)f->left;
  if (!size) return 0;
  ssize_t n = f->in->stream.read(&f->in->stream, buffer, size, e);
  if (n > 0) f->left -= (uint64_t)n;
  return n ? n : err_set(e, ERR_FORMAT, "%s: cut off, %llu bytes are missing", f->what, (unsigned long long)f->left);
}

void first_bytes_init(struct first_bytes *f, struct peekable *in, uint64_t size, const char *what) {
  *f = (struct first_bytes){.stream = {first_bytes_read}, .in = in, .left = size, .what = what};
}

void first_bytes_finish(struct first_bytes *f) {
  char buffer[4096];
  struct err unused;
  while (first_bytes_read(&f->stream, buffer, sizeof buffer, &unused) > 0) continue;
}

static bool is_out_of_proportion(const struct allowance *a) {
  const uint64_t out_bytes = a->most - a->left;
  return a->times && out_bytes > a->free_bytes && out_bytes / a->times > *a->in_bytes;
}

int allowance_refuse(const struct allowance *a, struct err *e) {
  if (a->out_of_proportion)
    return err_set(e, ERR_LIMIT, "%s more than %u times its size (see %s)", a->what, a->times, a->option);
  return err_set(e, ERR_LIMIT, "%s more than %llu bytes (see %s)", a->what, (unsigned long long)a->most, a->option);
}

const struct allowance *allowance_exceeded(const struct allowance *a) {
  while (a && !a->exceeded) a = a->within;
  return a;
}

/* The one of which least is left. */
static struct allowance *narrowest(struct allowance *a) {
  struct allowance *ret = a;
  for (; a; a = a->within)
    if (a->left < ret->left) ret = a;
  return ret;
}

static void draw(struct allowance *a, uint64_t bytes) {
  for (; a; a = a->within) {
    a->left -= bytes;
    if (is_out_of_proportion(a)) a->exceeded = a->out_of_proportion = true;
  }
}

static ssize_t limited_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct limited_stream *l = (struct limited_stream *)s;
  struct allowance *a = narrowest(l->allowance);
  const struct allowance *exceeded = allowance_exceeded(l->allowance);
  if (exceeded) return allowance_refuse(exceeded, e);
  if (!a->left) { /* exactly as much as is allowed is allowed: one byte more decides */
    char more;
    ssize_t n = l->in->read(l->in, &more, 1, e);
    if (n <= 0) return n;
    a->exceeded = true;
    return allowance_refuse(a, e);
  }
  ssize_t n = l->in->read(l->in, buffer, size < a->left ? size : (size_t)a->left, e);
  if (n > 0) draw(l->allowance, (uint64_t)n);
  exceeded = allowance_exceeded(l->allowance);
  return exceeded ? allowance_refuse(exceeded, e) : n;
}

static ssize_t counted_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct counted_stream *c = (struct counted_stream *)s;
  ssize_t n = c->in->read(c->in, buffer, size, e);
  if (n > 0) c->bytes += (uint64_t)n;
  return n;
}

void counted_stream_init(struct counted_stream *c, struct byte_stream *in) {
  *c = (struct counted_stream){.stream = {counted_read}, .in = in};
}

void limited_stream_init(struct limited_stream *l, struct byte_stream *in, struct allowance *allowance) {
  *l = (struct limited_stream){.stream = {limited_read}, .in = in, .allowance = allowance};
}
