/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive behind our streams: each format by itself, so that nothing is guessed that recognise.c has not seen. */
#include "intake/unpacker.h"

#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define CHUNK_BYTES 65536

static const struct {
  const char *word;
  int (*support)(struct archive *archive);
  int (*filter)(struct archive *archive); /* of a compressed file; NULL: an archive */
} KINDS[] = {
    [CONTENT_TAR] = {"tar", archive_read_support_format_tar, NULL},
    [CONTENT_CAB] = {"cabinet", archive_read_support_format_cab, NULL},
    [CONTENT_7Z] = {"7z", archive_read_support_format_7zip, NULL},
    [CONTENT_BZIP2] = {"bzip2", archive_read_support_format_raw, archive_read_support_filter_bzip2},
    [CONTENT_XZ] = {"xz", archive_read_support_format_raw, archive_read_support_filter_xz},
    [CONTENT_ZSTD] = {"zstd", archive_read_support_format_raw, archive_read_support_filter_zstd},
};

const char *unpacker_word(enum content_kind kind) { return KINDS[kind].word; }
bool unpacker_knows(enum content_kind kind) { return (size_t)kind < ARRAY_SIZE(KINDS) && KINDS[kind].word; }
bool unpacker_needs_spool(enum content_kind kind) { return kind == CONTENT_7Z; }
bool unpacker_is_nameless(enum content_kind kind) { return KINDS[kind].filter != NULL; }

/* --- where libarchive reads from ---------------------------------------------------------------------------------- */

static la_ssize_t give_stream(struct archive *archive, void *user, const void **ret) {
  (void)archive;
  struct unpacker *u = user;
  *ret = u->buffer;
  ssize_t n = u->in->read(u->in, u->buffer, CHUNK_BYTES, &u->in_err);
  if (n < 0) u->in_code = (int)n;
  return n;
}

static la_ssize_t give_spool(struct archive *archive, void *user, const void **ret) {
  (void)archive;
  struct unpacker *u = user;
  uint64_t left = u->spool->size - u->at;
  size_t size = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
  *ret = size ? spool_view(u->spool, u->at, size, u->buffer) : u->buffer;
  if (!*ret) u->in_code = err_set(&u->in_err, ERR_IO, "cannot read what was kept of it");
  if (!*ret) return -1;
  u->at += size;
  return (la_ssize_t)size;
}

static la_int64_t seek_spool(struct archive *archive, void *user, la_int64_t offset, int whence) {
  (void)archive;
  struct unpacker *u = user;
  int64_t size = (int64_t)u->spool->size, from = whence == SEEK_END ? size : whence == SEEK_CUR ? (int64_t)u->at : 0;
  if (offset < -from || offset > size - from) return ARCHIVE_FATAL;
  u->at = (uint64_t)(from + offset);
  return (la_int64_t)u->at;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

/* What went wrong, by the one who knows best: a source that failed shows in libarchive as a premature end. */
static int tell_trouble(struct unpacker *u, struct err *e) {
  if (u->in_code < 0) return err_set(e, u->in_code, "%s", u->in_err.text);
  const char *why = archive_error_string(u->archive);
  return err_set(e, ERR_FORMAT, "%s: %s%s", KINDS[u->kind].word, why ? why : "damaged",
                 u->bytes ? ", behind what could be read" : "");
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int open_archive(struct unpacker *u, enum content_kind kind, struct err *e) {
  u->kind = kind;
  u->buffer = mem_alloc(CHUNK_BYTES);
  u->archive = archive_read_new();
  if (!u->archive) abort(); /* out of memory, as everywhere */
  KINDS[kind].support(u->archive);
  if (KINDS[kind].filter) KINDS[kind].filter(u->archive);
  archive_read_set_callback_data(u->archive, u);
  archive_read_set_read_callback(u->archive, u->spool ? give_spool : give_stream);
  if (u->spool) archive_read_set_seek_callback(u->archive, seek_spool);
  return archive_read_open1(u->archive) < ARCHIVE_WARN ? tell_trouble(u, e) : 0;
}

int unpacker_open_stream(struct unpacker *u, enum content_kind kind, struct byte_stream *in, struct err *e) {
  *u = (struct unpacker){.in = in};
  return open_archive(u, kind, e);
}

int unpacker_open_spool(struct unpacker *u, enum content_kind kind, const struct spool *spool, struct err *e) {
  *u = (struct unpacker){.spool = spool};
  return open_archive(u, kind, e);
}

void unpacker_clear(struct unpacker *u) {
  if (u->archive) archive_read_free(u->archive);
  u->archive = NULL;
  free(u->buffer);
  u->buffer = NULL;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static ssize_t entry_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct unpacker *u = (struct unpacker *)s;
  if (u->outcome.state) return outcome_tell(&u->outcome, e);
  la_ssize_t n = archive_read_data(u->archive, buffer, size);
  if (n > 0) {
    u->bytes += (uint64_t)n;
    return (ssize_t)n;
  }
  u->outcome.state = n == 0 ? 1 : tell_trouble(u, &u->outcome.err);
  return outcome_tell(&u->outcome, e);
}

/* The archive is at its end: what contains it may have more to say, a checksum that does not match. */
static int end_of_archive(struct unpacker *u, struct err *e) {
  char buffer[4096];
  ssize_t n = 0;
  while (u->in && (n = u->in->read(u->in, buffer, sizeof buffer, e)) > 0) continue;
  if (n < 0) return (int)n;
  if (u->skipped) return err_set(e, ERR_FORMAT, "%s: damaged: entries may be missing", KINDS[u->kind].word);
  return 0;
}

int unpacker_next(struct unpacker *u, const char **ret_name, struct err *e) {
  struct archive_entry *entry;
  for (;;) {
    u->bytes = 0;
    int code = archive_read_next_header(u->archive, &entry);
    if (code == ARCHIVE_EOF && !u->in_code) return end_of_archive(u, e);
    if (code < ARCHIVE_WARN || u->in_code) return tell_trouble(u, e);
    if (code == ARCHIVE_RETRY) { /* no header: libarchive has passed over a block, and goes on from there */
      u->skipped = true;
      continue;
    }
    /* What its decoder does not recognise libarchive hands out as it is: for ever the same file in itself. */
    if (KINDS[u->kind].filter && archive_filter_count(u->archive) < 2)
      return err_set(e, ERR_FORMAT, "%s: damaged", KINDS[u->kind].word);
    if (archive_entry_is_encrypted(entry)) return err_set(e, ERR_FORMAT, "%s: encrypted", KINDS[u->kind].word);
    /* Links, folders and devices have nothing to read. */
    if (unpacker_is_nameless(u->kind) || archive_entry_filetype(entry) == AE_IFREG) break;
  }
  const char *name = unpacker_is_nameless(u->kind) ? NULL : archive_entry_pathname_utf8(entry);
  if (!name && !unpacker_is_nameless(u->kind)) name = archive_entry_pathname(entry);
  *ret_name = name ? name : "";
  u->stream.read = entry_read;
  u->outcome.state = 0;
  return 1;
}
