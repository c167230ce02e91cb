/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: allocation that cannot fail, growing buffers, and arenas that free many small strings at once.
 *
 * Everything read from outside is bounded by a named limit before it is allocated, so running out of memory means the
 * machine is out of it: these functions then abort with one line instead of burdening every caller with a path that
 * nobody can test. SQLite rolls back what was not committed. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s);            /* NULL stays NULL */
char *mem_strndup(const char *s, size_t n); /* up to a NUL or n bytes; s need not end with a NUL */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Blocks up to this size come and go cheaply. */
#define MEM_AT_HAND 1024

/* Grows `*items` (of `*capacity` elements) so that index `n` exists. */
#define MEM_GROW(items, capacity, n)                                        \
  do {                                                                      \
    if ((n) >= (capacity)) {                                                \
      (capacity) = (capacity) ? (capacity)*2 : MEM_FIRST(sizeof *(items));  \
      while ((n) >= (capacity)) (capacity) *= 2;                            \
      (items) = mem_realloc((items), (size_t)(capacity) * sizeof *(items)); \
    }                                                                       \
  } while (0)

#define MEM_FIRST(size) ((size) <= MEM_AT_HAND / 16 ? 16 : 4)

/* A text under construction; always NUL-terminated once something was added. */
struct strbuf {
  char *data; /* NULL while nothing was added */
  size_t length, capacity;
};
#define STRBUF_INIT \
  { 0 }
void strbuf_add(struct strbuf *b, const char *s, size_t n);
void strbuf_add_text(struct strbuf *b, const char *s);
void strbuf_add_char(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
const char *strbuf_text(const struct strbuf *b); /* never NULL */
void strbuf_reset(struct strbuf *b);             /* empties, keeps the memory */
void strbuf_clear(struct strbuf *b);             /* frees */

/* An arena: allocations live until it is reset or freed, all together. Not for use by two threads at once. */
struct arena;
struct arena *arena_new(size_t chunk_bytes);
void arena_free(struct arena *a);  /* accepts NULL */
void arena_reset(struct arena *a); /* frees all but the first chunk */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s); /* NULL stays NULL */
size_t arena_used(const struct arena *a);           /* bytes handed out since the last reset */

static inline void cleanup_strbuf(struct strbuf *b) { strbuf_clear(b); }
static inline void cleanup_arena(struct arena **a) { arena_free(*a); }
#define _cleanup_strbuf_ __attribute__((cleanup(cleanup_strbuf)))
#define _cleanup_arena_ __attribute__((cleanup(cleanup_arena)))

#endif
