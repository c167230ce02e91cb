/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes with random access, as a zip archive needs them. A stream is kept in memory while it is small, else in a
 * temporary file that has no name. Private to intake/. */
#ifndef INTAKE_SPOOL_H
#define INTAKE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"

#define SPOOL_MEMORY_BYTES (1U << 20)

struct spool {
  unsigned char *memory; /* NULL where the bytes are in `fd` */
  int fd;                /* -1 where they are in memory */
  bool fd_borrowed;
  uint64_t begin, size; /* what counts of them */
};
#define SPOOL_INIT \
  { .fd = -1 }
void spool_clear(struct spool *s);

/* All bytes of `in`: 0, its error, or ERR_IO when the temporary file cannot be written ($TMPDIR, else /tmp). */
int spool_fill(struct spool *s, struct byte_stream *in, struct err *e);
/* An open regular file as it is; it stays the caller's. */
void spool_borrow(struct spool *s, int fd, uint64_t size_bytes);
/* The same bytes without the first `at`: a view that needs no clearing and lives as long as `s`. */
struct spool spool_behind(const struct spool *s, uint64_t at);
/* `size` bytes from `offset` on: in place, or read into `buffer`. NULL if that fails. */
const unsigned char *spool_view(const struct spool *s, uint64_t offset, size_t size, unsigned char *buffer);

static inline void cleanup_spool(struct spool *s) { spool_clear(s); }
#define _cleanup_spool_ __attribute__((cleanup(cleanup_spool)))

#endif
