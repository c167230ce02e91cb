/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a stream where it can be read at any place; how much that may be is the stream's to limit. */
#include "intake/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/nameless.h"
#include "intake/layers.h"

void spool_clear(struct spool *s) {
  free(s->memory);
  if (s->fd >= 0 && !s->fd_borrowed) close(s->fd);
  *s = (struct spool)SPOOL_INIT;
}

void spool_borrow(struct spool *s, int fd, uint64_t size_bytes) {
  *s = (struct spool){.fd = fd, .fd_borrowed = true, .size = size_bytes};
}

/* The filled memory and all that follows into a file; the memory serves as the buffer. */
static int spill(struct spool *s, struct byte_stream *in, struct err *e) {
  s->fd = nameless_open(e);
  if (s->fd < 0) return ERR_IO;
  ssize_t n = (ssize_t)s->size;
  s->size = 0;
  while (n > 0) {
    int code = nameless_write(s->fd, s->memory, (size_t)n, e);
    if (code < 0) return code;
    s->size += (uint64_t)n;
    n = in->read(in, s->memory, SPOOL_MEMORY_BYTES, e);
  }
  free(s->memory);
  s->memory = NULL;
  return (int)n;
}

int spool_fill(struct spool *s, struct byte_stream *in, struct err *e) {
  size_t capacity = PEEKABLE_BYTES;
  s->memory = mem_alloc(capacity);
  for (;;) {
    ssize_t n = in->read(in, s->memory + s->size, capacity - s->size, e);
    if (n <= 0) return (int)n;
    s->size += (uint64_t)n;
    if (s->size < capacity) continue;
    if (capacity == SPOOL_MEMORY_BYTES) return spill(s, in, e);
    capacity *= 2;
    s->memory = mem_realloc(s->memory, capacity);
  }
}

struct spool spool_behind(const struct spool *s, uint64_t at) {
  struct spool rest = *s;
  if (at > s->size) at = s->size;
  rest.begin += at;
  rest.size -= at;
  return rest;
}

const unsigned char *spool_view(const struct spool *s, uint64_t offset, size_t size, unsigned char *buffer) {
  if (offset > s->size || size > s->size - offset) return NULL;
  if (s->memory) return s->memory + s->begin + offset;
  size_t got = 0;
  while (got < size) {
    ssize_t n = pread(s->fd, buffer + got, size - got, (off_t)(s->begin + offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return NULL;
    got += (size_t)n;
  }
  return buffer;
}
