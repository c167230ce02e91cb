/* SPDX-License-Identifier: Apache-2.0 */
/* Single bits of a spool, read as 0. */
#include "intake/zip_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ENTRY_BYTES = 46, FLAGS_HIGH = 9, IS_UTF8 = 0x08 }; /* of a directory's entry: APPNOTE.TXT 4.3.12 */

struct zip_names *zip_names_new(const struct spool *spool) {
  struct zip_names *n = mem_zalloc(sizeof *n);
  n->spool = spool;
  zip_error_init(&n->error);
  return n;
}

void zip_names_free(struct zip_names *n) {
  if (!n) return;
  zip_error_fini(&n->error);
  free(n->flags);
  free(n);
}

static uint64_t get_16(const unsigned char *p) { return p[0] | (uint64_t)p[1] << 8; }

void zip_names_add_directory(struct zip_names *n, uint64_t offset, uint64_t bytes, uint32_t most) {
  unsigned char buffer[ENTRY_BYTES];
  uint64_t end = offset + bytes;
  for (uint32_t i = 0; i < most && end - offset >= ENTRY_BYTES; i++) {
    const unsigned char *entry = spool_view(n->spool, offset, sizeof buffer, buffer);
    if (!entry || memcmp(entry, "PK\1\2", 4) != 0) return;
    if (entry[FLAGS_HIGH] & IS_UTF8) {
      MEM_GROW(n->flags, n->capacity, n->count);
      n->flags[n->count++] = offset + FLAGS_HIGH;
    }
    uint64_t size = ENTRY_BYTES + get_16(entry + 28) + get_16(entry + 30) + get_16(entry + 32);
    if (size > end - offset) return;
    offset += size;
  }
}

/* --- the source --------------------------------------------------------------------------------------------------- */

static int by_offset(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static uint32_t first_from(const struct zip_names *n, uint64_t offset) {
  uint32_t low = 0, high = n->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (n->flags[middle] < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static zip_int64_t read_on(struct zip_names *n, unsigned char *data, uint64_t size) {
  uint64_t left = n->spool->size - n->at;
  if (size > left) size = left;
  if (!size) return 0;
  const unsigned char *bytes = spool_view(n->spool, n->at, size, data);
  if (!bytes) {
    zip_error_set(&n->error, ZIP_ER_READ, 0);
    return -1;
  }
  if (bytes != data) memcpy(data, bytes, size);
  for (uint32_t i = first_from(n, n->at); i < n->count && n->flags[i] < n->at + size; i++)
    data[n->flags[i] - n->at] &= (unsigned char)~IS_UTF8;
  n->at += size;
  return (zip_int64_t)size;
}

static zip_int64_t seek(struct zip_names *n, void *data, zip_uint64_t size) {
  zip_int64_t to = zip_source_seek_compute_offset(n->at, n->spool->size, data, size, &n->error);
  if (to < 0) return -1;
  n->at = (uint64_t)to;
  return 0;
}

static zip_int64_t tell_size(const struct zip_names *n, zip_stat_t *ret) {
  zip_stat_init(ret);
  ret->valid = ZIP_STAT_SIZE;
  ret->size = n->spool->size;
  return sizeof *ret;
}

/* zip_source_callback */
static zip_int64_t on_command(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command) {
  struct zip_names *n = user;
  switch (command) {
    case ZIP_SOURCE_OPEN:
      n->at = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read_on(n, data, size);
    case ZIP_SOURCE_SEEK:
      return seek(n, data, size);
    case ZIP_SOURCE_TELL:
      return (zip_int64_t)n->at;
    case ZIP_SOURCE_STAT:
      return tell_size(n, data);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&n->error, data, size);
    case ZIP_SOURCE_CLOSE:
      return 0;
    case ZIP_SOURCE_FREE:
      zip_names_free(n);
      return 0;
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
                                            ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_CLOSE, ZIP_SOURCE_FREE,
                                            ZIP_SOURCE_SUPPORTS, -1);
    default:
      zip_error_set(&n->error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

zip_source_t *zip_names_source(struct zip_names *n, zip_error_t *error) {
  if (n->count) qsort(n->flags, n->count, sizeof *n->flags, by_offset);
  return zip_source_function_create(on_command, n, error);
}
