/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes that is read once, front to back: what intake hands down and the parser reads. */
#ifndef BASE_BYTE_STREAM_H
#define BASE_BYTE_STREAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Embedded as first member by each implementation. One thread at a time. */
struct byte_stream {
  /* Up to `size` bytes into `buffer`: the number read (> 0), 0 at the end, or a negative code with `e` filled.
   * After the end or an error every further call gives the same answer. */
  ssize_t (*read)(struct byte_stream *s, void *buffer, size_t size, struct err *e);
};

/* A stream over memory that the caller keeps alive; `step` > 0 caps the bytes a read returns (for tests). */
struct memory_stream {
  struct byte_stream stream;
  const char *data;
  size_t size, at, step;
};
void memory_stream_init(struct memory_stream *m, const void *data, size_t size, size_t step);

#endif
