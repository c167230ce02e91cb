/* SPDX-License-Identifier: Apache-2.0 */
/* gzip and zlib streams, and the bare deflate of a zip entry, as streams of their contents. Private to intake/. */
#ifndef INTAKE_INFLATER_H
#define INTAKE_INFLATER_H

#include <zlib.h>

#include "intake/layers.h"

enum inflater_format { INFLATER_GZIP, INFLATER_ZLIB, INFLATER_ZIP_ENTRY };

struct inflater {
  struct byte_stream stream;
  struct peekable *in;
  z_stream z;
  bool ready; /* `z` was set up; kept from one stream to the next */
  enum inflater_format format;
  uint64_t bytes; /* inflated so far */
  struct outcome outcome;
};
void inflater_init(struct inflater *f);
void inflater_clear(struct inflater *f);
/* Consecutive gzip members are one stream; what follows the last one is left in `in` (NULs, line ends, rubbish).
 * Damage is a read error after the good bytes: cut off, checksum, length. 0 or ERR_IO (out of memory). */
int inflater_start(struct inflater *f, struct peekable *in, enum inflater_format format, struct err *e);

#endif
