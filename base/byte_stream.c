/* SPDX-License-Identifier: Apache-2.0 */
/* The stream over memory; files, archives and mails are intake's. */
#include "base/byte_stream.h"

#include <string.h>

static ssize_t memory_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  (void)e;
  struct memory_stream *m = (struct memory_stream *)s;
  size_t n = m->size - m->at;
  if (n > size) n = size;
  if (m->step && n > m->step) n = m->step;
  memcpy(buffer, m->data + m->at, n);
  m->at += n;
  return (ssize_t)n;
}

void memory_stream_init(struct memory_stream *m, const void *data, size_t size, size_t step) {
  *m = (struct memory_stream){.stream = {memory_read}, .data = data, .size = size, .step = step};
}
