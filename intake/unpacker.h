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
/* Its directory stands at its end: from a spool alone. */
bool unpacker_needs_spool(enum content_kind kind);
/* Has one file, which has no name? */
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

/* 1 and the next regular file, whose bytes are then read from `u->stream` at will; 0 at the end; ERR_FORMAT where
 * something was passed over or the archive is broken from here on, or what `in` said, to its end. `*ret_name` ("" where
 * it has none) lives until the next call. */
int unpacker_next(struct unpacker *u, const char **ret_name, struct err *e);

static inline void cleanup_unpacker(struct unpacker *u) { unpacker_clear(u); }
#define _cleanup_unpacker_ __attribute__((cleanup(cleanup_unpacker)))

#endif
