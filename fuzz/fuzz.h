/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets share: the functions that a driver calls, libFuzzer's or driver.c, and bytes as a file. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv); /* a target may have none */

/* What does not hold is a finding. */
#define MUST(holds)                                                       \
  do {                                                                    \
    if (!(holds)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
      abort();                                                            \
    }                                                                     \
  } while (0)

/* Up to the first NUL; free it. */
static inline char *fuzz_text(const uint8_t *data, size_t size) { return mem_strndup((const char *)data, size); }

/* A file of these bytes that only we may read. */
struct fuzz_file {
  int fd;
  char path[32];
};
static inline struct fuzz_file fuzz_file(const void *data, size_t size) {
  struct fuzz_file file = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
  MUST(file.fd >= 0 && fchmod(file.fd, 0600) == 0 && write(file.fd, data, size) == (ssize_t)size);
  snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
  return file;
}
static inline void cleanup_fuzz_file(struct fuzz_file *f) { close(f->fd); }
#define _cleanup_fuzz_file_ __attribute__((cleanup(cleanup_fuzz_file)))

#endif
