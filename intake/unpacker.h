/* SPDX-License-Identifier: Apache-2.0 */
/* Archives and compressed files other than gzip and zip, by libarchive: one entry after the other as a stream, in one
 * pass. Private to intake/. */
#ifndef INTAKE_UNPACKER_H
#define INTAKE_UNPACKER_H

#include <archive.h>

#include "intake/layers.h"
#include "intake/recognise.h"
#include "intake/spool.h"

/* "tar", "7z", ...; begins the messages. */
const char *unpacker_word(enum content_kind kind);
/* CONTENT_TAR to CONTENT_ZSTD. */
bool unpacker_knows(enum content_kind kind);
/* Does it have to be read from a spool, because its directory is at its end? */
bool unpacker_needs_spool(enum content_kind kind);
/* Does it hold a single file without a name? */
bool unpacker_is_nameless(enum content_kind kind);

struct unpacker {
  struct byte_stream stream; /* of the entry at hand */
  enum content_kind kind;
  struct archive *archive;
  /* where it is read from: one of them */
  struct byte_stream *in;
  const struct spool *spool;
  uint64_t at; /* in the spool */
  struct err in_err;
  int in_code;  /* how `in` failed, else 0: told instead of what libarchive makes of it */
  bool skipped; /* what could be no header; the entries behind it are looked for */
  unsigned char *buffer;
  uint64_t bytes; /* of the entry, delivered so far */
  struct outcome outcome;
};

/* Both sources outlive it. 0 or ERR_FORMAT; unpacker_clear frees in any case. */
int unpacker_open_stream(struct unpacker *u, enum content_kind kind, struct byte_stream *in, struct err *e);
int unpacker_open_spool(struct unpacker *u, enum content_kind kind, const struct spool *spool, struct err *e);
void unpacker_clear(struct unpacker *u);

/* 1 and the next regular file, as much of which is then read from `u->stream` as the caller wants; 0 at the end;
 * ERR_FORMAT if something was skipped or the archive is broken from here on; or the error of `in`. `*ret_name`, "" for
 * none, is valid until the next call. */
int unpacker_next(struct unpacker *u, const char **ret_name, struct err *e);

static inline void cleanup_unpacker(struct unpacker *u) { unpacker_clear(u); }
#define _cleanup_unpacker_ __attribute__((cleanup(cleanup_unpacker)))

#endif
