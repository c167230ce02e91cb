/* SPDX-License-Identifier: Apache-2.0 */
/* Scope-bound release of locals (gcc's cleanup attribute) and the hand-over that disarms it. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

/* Returns the pointer and clears the variable: the cleanup of the local then has nothing to free. */
#define TAKE_PTR(p)                \
  __extension__({                  \
    __typeof__(p) *_from = &(p);   \
    __typeof__(p) _taken = *_from; \
    *_from = NULL;                 \
    _taken;                        \
  })

static inline void cleanup_free(void *p) { free(*(void **)p); }
static inline void cleanup_fclose(FILE **f) {
  if (*f) fclose(*f);
}
static inline void cleanup_close(const int *fd) {
  if (*fd >= 0) close(*fd);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
#define _cleanup_close_ _cleanup_(cleanup_close)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
