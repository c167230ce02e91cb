/* SPDX-License-Identifier: Apache-2.0 */
/* The layers that know no format: an open file, a stream with lookahead, and one with an allowance. Private to
 * intake/. */
#ifndef INTAKE_LAYERS_H
#define INTAKE_LAYERS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"

/* How a stream ended, kept because every further read has to answer the same. */
struct outcome {
  int state; /* 0 while it goes on, 1 at the end, a negative code when it failed */
  struct err err;
};
/* 0 or the negative code with `e` filled: what read returns when nothing is left. */
ssize_t outcome_tell(const struct outcome *o, struct err *e);

/* --- an open file ------------------------------------------------------------------------------------------------- */

struct file_stream {
  struct byte_stream stream;
  int fd; /* the caller's to close */
  uint64_t size_bytes, at;
  struct outcome outcome;
  const volatile sig_atomic_t *interrupted;
};
/* `size_bytes` is what fstat says of a regular file, else 0: it saves the read that would only say "end". */
void file_stream_init(struct file_stream *f, int fd, uint64_t size_bytes, const volatile sig_atomic_t *interrupted);
/* Waits until there is something to read, or the end. `interrupted` may be NULL. */
int await_input(int fd, const volatile sig_atomic_t *interrupted, struct err *e);

/* --- a stream that can be looked into ----------------------------------------------------------------------------- */

#define PEEKABLE_BYTES 65536

struct peekable {
  struct byte_stream stream;
  struct byte_stream *in;
  unsigned char *buffer; /* PEEKABLE_BYTES, kept from one stream to the next */
  size_t at, filled;
  struct outcome outcome; /* of `in`; told once the buffer is empty */
};
void peekable_init(struct peekable *p);
void peekable_clear(struct peekable *p);
void peekable_start(struct peekable *p, struct byte_stream *in);
/* Fills the buffer to at least `wanted` (<= PEEKABLE_BYTES) bytes, fewer only if the stream ends (see `outcome`);
 * returns how many are there. */
size_t peekable_peek(struct peekable *p, size_t wanted, const unsigned char **ret_bytes);
/* Consumes `n` of the bytes that peekable_peek has shown, and never more than it holds: a stranger's text may end
 * anywhere. */
void peekable_skip(struct peekable *p, size_t n);

/* --- the first bytes of a stream ---------------------------------------------------------------------------------- */

struct first_bytes {
  struct byte_stream stream;
  struct peekable *in;
  uint64_t left;
  const char *what; /* "Apple Mail's file": begins the message if some are missing */
};
void first_bytes_init(struct first_bytes *f, struct peekable *in, uint64_t size, const char *what);
/* Skips those that were not read. */
void first_bytes_finish(struct first_bytes *f);

/* --- a stream with an allowance ----------------------------------------------------------------------------------- */

/* May be shared by several streams, which then draw on it together. */
struct allowance {
  struct allowance *within; /* what is drawn is drawn on this one as well; NULL: on none */
  uint64_t most, left;
  bool exceeded, out_of_proportion;
  /* Beside that, what comes out may be `times` as much as went in, where it is more than `free_bytes`; 0: any. */
  unsigned times;
  uint64_t free_bytes;
  const uint64_t *in_bytes; /* so much went in, or will */
  const char *what;         /* "the document has" ... more than `most` bytes */
  const char *option;       /* how the user grants more */
};
/* The innermost that is exceeded; NULL: none is. */
const struct allowance *allowance_exceeded(const struct allowance *a);
int allowance_refuse(const struct allowance *a, struct err *e); /* ERR_LIMIT and why */

struct limited_stream {
  struct byte_stream stream;
  struct byte_stream *in;
  struct allowance *allowance;
};
/* Delivers up to what is left of the allowance; if `in` holds more, reading fails with ERR_LIMIT. */
void limited_stream_init(struct limited_stream *l, struct byte_stream *in, struct allowance *allowance);

/* Delivers what `in` has and counts it. */
struct counted_stream {
  struct byte_stream stream;
  struct byte_stream *in;
  uint64_t bytes;
};
void counted_stream_init(struct counted_stream *c, struct byte_stream *in);

#endif
