/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives by libzip, behind a look at what the archive claims before libzip believes it. */
#include "intake/zip_archive.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "intake/zip_names.h"

/* Sizes from APPNOTE.TXT 4.3.14 to 4.3.16. */
enum { END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, COMMENT_BYTES_MOST = 65535 };
/* Names and extra fields make a directory larger than its entries; libzip holds all of it in memory. */
enum { DIRECTORY_BYTES_PER_ENTRY = 1024, DIRECTORY_BYTES_SPARE = 1 << 20 };

static uint64_t little_endian(const unsigned char *p, unsigned bytes) {
  uint64_t value = 0;
  while (bytes--) value = value << 8 | p[bytes];
  return value;
}

static int refuse_entries(uint32_t most, struct err *e) {
  return err_set(e, ERR_LIMIT, "zip: more than %u entries (see --max-entries)", most);
}

struct claim {
  uint64_t entries, directory_bytes, directory_offset;
};

static struct claim read_claim(const unsigned char *end) {
  return (struct claim){little_endian(end + 10, 2), little_endian(end + 12, 4), little_endian(end + 16, 4)};
}

/* The 64-bit record that the locator at `locator` points to. */
static bool read_claim64(const struct spool *spool, const unsigned char *locator, struct claim *ret) {
  unsigned char buffer[END64_BYTES];
  const unsigned char *end = spool_view(spool, little_endian(locator + 8, 8), sizeof buffer, buffer);
  if (!end || memcmp(end, "PK\x06\x06", 4)) return false;
  *ret = (struct claim){little_endian(end + 32, 8), little_endian(end + 40, 8), little_endian(end + 48, 8)};
  return true;
}

/* What is looked for in the claims: `entries_most` bounds them. */
struct claims {
  uint32_t entries_most;
  struct zip_names *names; /* to be filled; NULL: the claims are only checked */
};

/* Only a directory that lies in front of its end record counts: libzip takes no other. */
static int take_claim(const struct claims *all, const struct claim *c, uint64_t end_offset, struct err *e) {
  uint32_t entries_most = all->entries_most;
  if (c->directory_offset > end_offset || c->directory_bytes > end_offset - c->directory_offset) return 0;
  if (all->names) {
    zip_names_add_directory(all->names, c->directory_offset, c->directory_bytes, entries_most);
    return 0;
  }
  if (c->entries > entries_most) return refuse_entries(entries_most, e);
  if (c->directory_bytes > (uint64_t)entries_most * DIRECTORY_BYTES_PER_ENTRY + DIRECTORY_BYTES_SPARE)
    return err_set(e, ERR_LIMIT, "zip: a directory of %llu bytes is too large for %u entries (see --max-entries)",
                   (unsigned long long)c->directory_bytes, entries_most);
  return 0;
}

/* Each end record that libzip could find is looked at, for it makes room for all entries claimed before it reads one.
 */
static int take_claims(const struct spool *spool, const struct claims *all, struct err *e) {
  size_t size = END_BYTES + COMMENT_BYTES_MOST + LOCATOR_BYTES;
  if (size > spool->size) size = (size_t)spool->size;
  uint64_t tail_offset = spool->size - size;
  _cleanup_free_ unsigned char *buffer = spool->memory ? NULL : mem_alloc(size);
  const unsigned char *tail = spool_view(spool, tail_offset, size, buffer);
  if (!tail) return err_set(e, ERR_IO, "zip: cannot read its end");
  for (size_t at = 0; at + END_BYTES <= size; at++) {
    const unsigned char *end = memmem(tail + at, size - at, "PK\x05\x06", 4);
    if (!end || (size_t)(end - tail) + END_BYTES > size) break;
    at = (size_t)(end - tail);
    struct claim claim = read_claim(end);
    if (at >= LOCATOR_BYTES && !memcmp(end - LOCATOR_BYTES, "PK\x06\x07", 4) &&
        !read_claim64(spool, end - LOCATOR_BYTES, &claim))
      continue;
    int code = take_claim(all, &claim, tail_offset + at, e);
    if (code < 0) return code;
  }
  return 0;
}

static zip_source_t *open_source(const struct spool *spool, zip_error_t *error) {
  if (spool->memory) return zip_source_buffer_create(spool->memory + spool->begin, spool->size, 0, error);
  int fd = fcntl(spool->fd, F_DUPFD_CLOEXEC, 0);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
  if (!file) {
    if (fd >= 0) close(fd);
    zip_error_set(error, ZIP_ER_OPEN, 0);
    return NULL;
  }
  zip_source_t *source = zip_source_filep_create(file, spool->begin, (zip_int64_t)spool->size, error);
  if (!source) fclose(file);
  return source;
}

static zip_t *open_from(zip_source_t *source, zip_error_t *error) {
  zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, error) : NULL;
  if (!archive && source) zip_source_free(source);
  return archive;
}

/* Perhaps it is only the names that libzip does not like: its directory then is inconsistent to it. */
static zip_t *open_renamed(const struct spool *spool, uint32_t entries_most, zip_error_t *error) {
  struct err unused;
  const struct claims all = {.entries_most = entries_most, .names = zip_names_new(spool)};
  take_claims(spool, &all, &unused);
  zip_source_t *source = all.names->count ? zip_names_source(all.names, error) : NULL;
  if (!source) zip_names_free(all.names);
  return open_from(source, error);
}

static zip_t *open_archive(const struct spool *spool, uint32_t entries_most, struct err *e) {
  zip_error_t error, again;
  zip_error_init(&error);
  zip_error_init(&again);
  zip_t *archive = open_from(open_source(spool, &error), &error);
  if (!archive && zip_error_code_zip(&error) == ZIP_ER_INCONS) archive = open_renamed(spool, entries_most, &again);
  if (!archive) err_set(e, ERR_FORMAT, "zip: %s", zip_error_strerror(&error));
  zip_error_fini(&error);
  zip_error_fini(&again);
  return archive;
}

int archive_open(const struct spool *spool, uint32_t entries_most, zip_t **ret_archive, struct err *e) {
  const struct claims all = {.entries_most = entries_most};
  int code = take_claims(spool, &all, e);
  if (code < 0) return code;
  _cleanup_archive_ zip_t *archive = open_archive(spool, entries_most, e);
  if (!archive) return ERR_FORMAT;
  /* Info-ZIP's old way around 16 bits: the record holds the count modulo 65,536. */
  if (zip_get_num_entries(archive, 0) > entries_most) return refuse_entries(entries_most, e);
  *ret_archive = TAKE_PTR(archive);
  return 0;
}

uint32_t archive_count(zip_t *archive) { return (uint32_t)zip_get_num_entries(archive, 0); }

const char *archive_entry_name(zip_t *archive, uint32_t index) {
  const char *name = zip_get_name(archive, index, ZIP_FL_ENC_GUESS);
  return name ? name : "";
}

bool archive_is_office_document(zip_t *archive) {
  /* ECMA-376 part 2, 10.1.2.2; OpenDocument 1.2 part 3, 3.3 */
  return zip_name_locate(archive, "[Content_Types].xml", 0) >= 0 ||
         (archive_count(archive) && !strcmp(archive_entry_name(archive, 0), "mimetype"));
}

bool archive_entry_is_folder(zip_t *archive, uint32_t index) {
  const char *name = archive_entry_name(archive, index);
  size_t length = strlen(name);
  zip_stat_t stat;
  return length && name[length - 1] == '/' && zip_stat_index(archive, index, 0, &stat) == 0 && stat.size == 0;
}

static ssize_t entry_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct entry_stream *entry = (struct entry_stream *)s;
  if (entry->outcome.state) return outcome_tell(&entry->outcome, e);
  zip_int64_t n = zip_fread(entry->file, buffer, size);
  if (n > 0) {
    entry->bytes += (uint64_t)n;
    return (ssize_t)n;
  }
  zip_error_t *error = zip_file_get_error(entry->file);
  struct err *why = &entry->outcome.err;
  if (n == 0)
    entry->outcome.state = 1;
  else if (zip_error_code_zip(error) == ZIP_ER_CRC)
    entry->outcome.state = err_set(why, ERR_FORMAT, "zip: checksum does not match");
  else if (zip_error_code_zip(error) == ZIP_ER_INCONS)
    entry->outcome.state = err_set(why, ERR_FORMAT, "zip: length does not match");
  else if (zip_error_code_zip(error) == ZIP_ER_EOF)
    entry->outcome.state = err_set(why, ERR_FORMAT, "zip: cut off after %llu bytes", (unsigned long long)entry->bytes);
  else
    entry->outcome.state = err_set(why, ERR_FORMAT, "zip: damaged after %llu bytes (%s)",
                                   (unsigned long long)entry->bytes, zip_error_strerror(error));
  return outcome_tell(&entry->outcome, e);
}

/* Only what reporters use: other decoders would add memory that a stranger chooses. */
static int refuse_method(unsigned method, struct err *e) {
  static const struct {
    unsigned method;
    const char *name;
  } names[] = {{1, "Shrink"}, {6, "Implode"},    {9, "Deflate64"}, {12, "bzip2"},
               {14, "LZMA"},  {93, "Zstandard"}, {95, "xz"}};
  for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
    if (names[i].method == method)
      return err_set(e, ERR_FORMAT, "zip: compressed with %s, which is not supported", names[i].name);
  }
  return err_set(e, ERR_FORMAT, "zip: compressed with method %u, which is not supported", method);
}

int entry_stream_open(struct entry_stream *s, zip_t *archive, uint32_t index, struct err *e) {
  zip_stat_t stat;
  if (zip_stat_index(archive, index, 0, &stat) < 0)
    return err_set(e, ERR_FORMAT, "zip: %s", zip_error_strerror(zip_get_error(archive)));
  if (stat.encryption_method != ZIP_EM_NONE) return err_set(e, ERR_FORMAT, "zip: encrypted");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) return refuse_method(stat.comp_method, e);
  zip_file_t *file = zip_fopen_index(archive, index, 0);
  if (!file) return err_set(e, ERR_FORMAT, "zip: %s", zip_error_strerror(zip_get_error(archive)));
  s->stream.read = entry_read;
  s->file = file;
  s->bytes = 0;
  s->outcome.state = 0;
  return 0;
}

void entry_stream_close(struct entry_stream *s) { zip_fclose(s->file); }
