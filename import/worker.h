/* SPDX-License-Identifier: Apache-2.0 */
/* The process that takes inputs apart (sandbox/nursery.h), and what goes over its socket. */
#ifndef IMPORT_WORKER_H
#define IMPORT_WORKER_H

#include <stdint.h>

#include "import/limits.h"
#include "intake/intake.h"
#include "parser/parser.h"

/* To a worker, first: what holds for all inputs. Behind it stand the names of trusted servers, each with its NUL. */
struct worker_setup {
  struct intake_limits intake;
  struct parser_limits parser;
  struct import_limits limits;
  uint32_t trusted_bytes;
};

/* To a worker: so many inputs, in so many bytes behind it. The descriptors go beside it, in their order. It answers to
 * all of them before it reads on. */
struct worker_batch {
  uint32_t count, bytes;
};
/* An input of it. Behind it stand origin and name with their NULs, and the memory. */
struct worker_input {
  uint64_t size_bytes;
  uint32_t origin_bytes, name_bytes, memory_bytes;
  bool is_mail, has_fd;
};

/* From a worker. */
enum worker_tag {
  WORKER_PARCEL = 1, /* behind it, as wire_put has it; the last one of an input says so */
  WORKER_FILE = 2,   /* it wants a file without a name; `size` is 0 */
};
struct worker_frame {
  uint32_t tag, size;
};
/* The answer to WORKER_FILE, with a descriptor beside it where `error` is 0. */
struct worker_file {
  int32_t error; /* errno */
};

/* nursery_prepare_fn and nursery_work_fn. */
void worker_prepare(void);
void worker_work(int fd);

#endif
