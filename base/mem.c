/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation, growing text buffers and arenas; knows nothing of what is kept in them. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *p) {
  if (p) return p;
  static const char message[] = "dmarcctl: out of memory\n";
  ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  (void)written;
  abort();
}

void *mem_alloc(size_t size) { return checked(malloc(size ? size : 1)); }
/* glibc's calloc has no part in the small blocks that its malloc keeps at hand, each thread its own. */
void *mem_zalloc(size_t size) {
  return size <= MEM_AT_HAND ? memset(mem_alloc(size), 0, size) : checked(calloc(1, size));
}
void *mem_realloc(void *p, size_t size) { return checked(realloc(p, size ? size : 1)); }
char *mem_strdup(const char *s) { return s ? checked(strdup(s)) : NULL; }

/* Not strndup: AddressSanitizer's strict_string_checks demands that its source end with NUL, which ours need not. */
char *mem_strndup(const char *s, size_t n) {
  size_t length = strnlen(s, n);
  char *copy = memcpy(mem_alloc(length + 1), s, length);
  copy[length] = '\0';
  return copy;
}

char *mem_printf(const char *format, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, format);
  int n = vasprintf(&text, format, args);
  va_end(args);
  return checked(n < 0 ? NULL : text);
}

static void strbuf_reserve(struct strbuf *b, size_t more) {
  if (b->length + more + 1 <= b->capacity) return;
  size_t capacity = b->capacity ? b->capacity * 2 : 64;
  while (capacity < b->length + more + 1) capacity *= 2;
  b->data = mem_realloc(b->data, capacity);
  b->capacity = capacity;
}

void strbuf_add(struct strbuf *b, const char *s, size_t n) {
  strbuf_reserve(b, n);
  memcpy(b->data + b->length, s, n);
  b->length += n;
  b->data[b->length] = '\0';
}

void strbuf_add_text(struct strbuf *b, const char *s) { strbuf_add(b, s, strlen(s)); }

void strbuf_add_char(struct strbuf *b, char c) {
  strbuf_reserve(b, 1);
  b->data[b->length++] = c;
  b->data[b->length] = '\0';
}

#define SENTENCE_BYTES 250

/* Most texts fit into the room there is made; only those that do not are formatted again. */
void strbuf_vprintf(struct strbuf *b, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  strbuf_reserve(b, SENTENCE_BYTES);
  const size_t room = b->capacity - b->length;
  const int n = vsnprintf(b->data + b->length, room, format, args);
  if (n > 0 && (size_t)n >= room) {
    strbuf_reserve(b, (size_t)n);
    vsnprintf(b->data + b->length, (size_t)n + 1, format, again);
  }
  if (n > 0) b->length += (size_t)n;
  b->data[b->length] = '\0';
  va_end(again);
}

void strbuf_printf(struct strbuf *b, const char *format, ...) {
  va_list args;
  va_start(args, format);
  strbuf_vprintf(b, format, args);
  va_end(args);
}

const char *strbuf_text(const struct strbuf *b) { return b->data ? b->data : ""; }

void strbuf_reset(struct strbuf *b) {
  b->length = 0;
  if (b->data) b->data[0] = '\0';
}

void strbuf_clear(struct strbuf *b) {
  free(b->data);
  *b = (struct strbuf){0};
}

struct chunk {
  struct chunk *next;
  size_t used, size;
  _Alignas(max_align_t) char data[];
};

struct arena {
  struct chunk *first, *current;
  size_t chunk_bytes, used;
};

static struct chunk *chunk_new(size_t size) {
  struct chunk *c = mem_alloc(sizeof *c + size);
  *c = (struct chunk){.size = size};
  return c;
}

struct arena *arena_new(size_t chunk_bytes) {
  struct arena *a = mem_zalloc(sizeof *a);
  a->chunk_bytes = chunk_bytes;
  a->first = a->current = chunk_new(chunk_bytes);
  return a;
}

static void free_chunks(struct chunk *c) {
  while (c) {
    struct chunk *next = c->next;
    free(c);
    c = next;
  }
}

void arena_free(struct arena *a) {
  if (!a) return;
  free_chunks(a->first);
  free(a);
}

void arena_reset(struct arena *a) {
  free_chunks(a->first->next);
  a->first->next = NULL;
  a->first->used = 0;
  a->current = a->first;
  a->used = 0;
}

static void *take(struct arena *a, size_t size, size_t alignment) {
  struct chunk *c = a->current;
  size_t at = (c->used + alignment - 1) & ~(alignment - 1);
  if (at + size > c->size) {
    c = chunk_new(size > a->chunk_bytes ? size : a->chunk_bytes);
    a->current->next = c;
    a->current = c;
    at = 0;
  }
  c->used = at + size;
  a->used += size;
  return c->data + at;
}

void *arena_alloc(struct arena *a, size_t size) { return take(a, size, _Alignof(max_align_t)); }

char *arena_strndup(struct arena *a, const char *s, size_t n) {
  char *copy = take(a, n + 1, 1);
  memcpy(copy, s, n);
  copy[n] = '\0';
  return copy;
}

char *arena_strdup(struct arena *a, const char *s) { return s ? arena_strndup(a, s, strlen(s)) : NULL; }

size_t arena_used(const struct arena *a) { return a->used; }
