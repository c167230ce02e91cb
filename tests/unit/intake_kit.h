/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of intake share: a folder of its own for each, files and containers to be taken apart, and all that
 * was told of them. */
#ifndef TESTS_INTAKE_KIT_H
#define TESTS_INTAKE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <ftw.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "intake/intake.h"

#define XML "<?xml version=\"1.0\"?><feedback><org_name>example.com</org_name></feedback>"

/* --- a directory for each test ------------------------------------------------------------------------------------ */

static inline int make_directory(void **state) {
  char *path = mem_strdup("/tmp/test-intake-XXXXXX");
  assert_non_null(mkdtemp(path));
  *state = path;
  return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

static inline int remove_directory(void **state) {
  nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  free(*state);
  return 0;
}

/* The path of `name` in the test's directory; to free. */
static inline char *path_of(void **state, const char *name) { return mem_printf("%s/%s", (const char *)*state, name); }

static inline void write_file(const char *path, const struct strbuf *bytes) {
  _cleanup_fclose_ FILE *f = fopen(path, "wb");
  assert_non_null(f);
  if (bytes->length) assert_int_equal(fwrite(bytes->data, 1, bytes->length, f), bytes->length);
}

static inline struct strbuf read_whole(const char *path) {
  struct strbuf b = STRBUF_INIT;
  _cleanup_fclose_ FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char chunk[4096];
  size_t n;
  while ((n = fread(chunk, 1, sizeof chunk, f))) strbuf_add(&b, chunk, n);
  return b;
}

/* --- inputs ------------------------------------------------------------------------------------------------------- */

static inline struct strbuf bytes_of(const void *data, size_t n) {
  struct strbuf b = STRBUF_INIT;
  strbuf_add(&b, data, n);
  return b;
}
static inline struct strbuf text_of(const char *text) { return bytes_of(text, strlen(text)); }
#define LITERAL(s) bytes_of(s, sizeof(s) - 1)

enum { RAW_ZLIB = 15, GZIP = 31 };

static inline struct strbuf deflated(const struct strbuf *in, int window_bits) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  size_t bound = deflateBound(&z, in->length) + 64;
  _cleanup_free_ unsigned char *out = mem_alloc(bound);
  z.next_in = (Bytef *)strbuf_text(in);
  z.avail_in = (uInt)in->length;
  z.next_out = out;
  z.avail_out = (uInt)bound;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  deflateEnd(&z);
  return bytes_of(out, bound - z.avail_out);
}

/* As `deflated`, and the input is freed: for nesting. */
static inline struct strbuf wrapped(struct strbuf in, int window_bits) {
  struct strbuf out = deflated(&in, window_bits);
  strbuf_clear(&in);
  return out;
}

struct entry {
  const char *name;
  struct strbuf bytes;
  bool folder, stored, encrypted;
};

static inline void add_entry(zip_t *z, const struct entry *entry) {
  if (entry->folder) {
    assert_true(zip_dir_add(z, entry->name, 0) >= 0);
    return;
  }
  zip_source_t *source = zip_source_buffer(z, entry->bytes.data, entry->bytes.length, 0);
  zip_int64_t index = zip_file_add(z, entry->name, source, ZIP_FL_ENC_UTF_8);
  assert_true(index >= 0);
  if (entry->stored) zip_set_file_compression(z, (zip_uint64_t)index, ZIP_CM_STORE, 0);
  if (entry->encrypted)
    assert_int_equal(zip_file_set_encryption(z, (zip_uint64_t)index, ZIP_EM_TRAD_PKWARE, "secret"), 0);
}

/* A zip of the entries, whose bytes are freed. */
static inline struct strbuf zipped(void **state, struct entry *entries, size_t count) {
  _cleanup_free_ char *path = mem_printf("%s.zip", (const char *)*state);
  int error;
  zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
  assert_non_null(z);
  for (size_t i = 0; i < count; i++) add_entry(z, &entries[i]);
  assert_int_equal(zip_close(z), 0);
  for (size_t i = 0; i < count; i++) strbuf_clear(&entries[i].bytes);
  struct strbuf b = read_whole(path);
  remove(path);
  return b;
}

static inline struct strbuf zipped_one(void **state, const char *name, struct strbuf bytes) {
  struct entry entry = {.name = name, .bytes = bytes};
  return zipped(state, &entry, 1);
}

/* `n` bytes that do not compress, behind the beginning of a document. */
static inline struct strbuf noise(size_t n) {
  struct strbuf b = text_of("<feedback>");
  uint32_t x = 1;
  while (b.length < n) {
    x = x * 1664525 + 1013904223;
    strbuf_add_char(&b, (char)(x >> 24));
  }
  return b;
}

static inline char *find_bytes(struct strbuf *b, const char *magic) {
  char *found = memmem(b->data, b->length, magic, 4);
  assert_non_null(found);
  return found;
}

/* --- what was told ------------------------------------------------------------------------------------------------ */

struct event {
  char charset[64]; /* that its part names, or "" */
  bool is_document;
  char *origin, *name;
  int code; /* of nothing, or of reading: 0 where the end came */
  struct err e;
  struct strbuf content; /* at most 64 KiB */
  uint64_t bytes;
};

struct told {
  struct event events[256];
  size_t count;
  size_t read_most; /* stop reading a document here */
  int answer;       /* what the events return */
};

static inline void clear_told(struct told *t) {
  for (size_t i = 0; i < t->count; i++) {
    free(t->events[i].origin);
    free(t->events[i].name);
    strbuf_clear(&t->events[i].content);
  }
  t->count = 0;
}
#define _cleanup_told_ __attribute__((cleanup(clear_told)))

static inline struct event *begin_event(struct told *t, const struct intake_document *d) {
  assert_true(t->count < ARRAY_SIZE(t->events));
  struct event *v = &t->events[t->count++];
  memset(v, 0, sizeof *v);
  v->origin = mem_strdup(d->origin);
  v->name = mem_strdup(d->name);
  return v;
}

static inline int on_document(void *user, const struct intake_document *d, struct byte_stream *in) {
  struct told *t = user;
  struct event *v = begin_event(t, d);
  v->is_document = true;
  snprintf(v->charset, sizeof v->charset, "%s", d->charset ? d->charset : "");
  char buffer[4096];
  ssize_t n = 0;
  while (v->bytes < t->read_most && (n = in->read(in, buffer, sizeof buffer, &v->e)) > 0) {
    if (v->content.length < 65536) strbuf_add(&v->content, buffer, (size_t)n);
    v->bytes += (uint64_t)n;
  }
  v->code = n < 0 ? (int)n : 0;
  struct err again;
  if (n <= 0 && v->bytes < t->read_most) { /* the end, or the error, stays what it is */
    assert_int_equal(in->read(in, buffer, sizeof buffer, &again), n);
    if (n < 0) assert_string_equal(again.text, v->e.text);
  }
  return t->answer;
}

static inline int on_nothing(void *user, const struct intake_document *d, int code, const struct err *e) {
  struct told *t = user;
  struct event *v = begin_event(t, d);
  v->code = code;
  v->e = *e;
  return t->answer;
}

static inline struct told fresh(void) { return (struct told){.read_most = SIZE_MAX}; }

static inline void open_with(struct told *t, struct intake *i, const char *path, bool named) {
  struct intake_file file = {.path = (char *)path, .named = named};
  struct intake_events events = {on_document, on_nothing, t};
  assert_int_equal(intake_open_file(i, &file, &events), t->answer);
  assert_true(t->count > 0);
}

static inline void open_path(struct told *t, const struct intake_limits *limits, const char *path) {
  struct intake *i = intake_new(limits);
  open_with(t, i, path, true);
  intake_free(i);
}

/* Takes bytes apart that stand in the file `name`; frees them. */
static inline void open_bytes(struct told *t, void **state, const struct intake_limits *limits, const char *name,
                              struct strbuf bytes) {
  _cleanup_free_ char *path = path_of(state, name);
  write_file(path, &bytes);
  strbuf_clear(&bytes);
  open_path(t, limits, path);
}

static inline void assert_document(const struct event *v, const char *origin_tail, const char *name,
                                   const char *content) {
  assert_true(v->is_document);
  assert_int_equal(v->code, 0);
  assert_string_equal(v->name, name);
  size_t length = strlen(v->origin), tail = strlen(origin_tail);
  assert_true(length >= tail);
  assert_string_equal(v->origin + length - tail, origin_tail);
  assert_int_equal(v->bytes, strlen(content));
  assert_memory_equal(v->content.data, content, strlen(content));
}

static inline void assert_nothing(const struct event *v, int code, const char *text) {
  assert_false(v->is_document);
  assert_string_equal(v->e.text, text);
  assert_int_equal(v->code, code);
}

static inline void assert_one_document(void **state, const char *name, struct strbuf bytes, const char *content) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, name, bytes);
  assert_int_equal(t.count, 1);
  _cleanup_free_ char *tail = mem_printf("/%s", name);
  assert_document(&t.events[0], tail, name, content);
}

static inline void assert_one_nothing(void **state, struct strbuf bytes, int code, const char *text) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "file", bytes);
  assert_int_equal(t.count, 1);
  assert_nothing(&t.events[0], code, text);
}

#define T(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

static inline struct intake_limits limits_of(uint64_t document, uint64_t file, uint32_t depth, uint32_t entries) {
  return (struct intake_limits){document, file, depth, entries, 1000};
}

#endif
