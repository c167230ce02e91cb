/* SPDX-License-Identifier: Apache-2.0 */
/* A zip archive and its entries as streams. Private to intake/. */
#ifndef INTAKE_ZIP_ARCHIVE_H
#define INTAKE_ZIP_ARCHIVE_H

#include <zip.h>

#include "intake/layers.h"
#include "intake/spool.h"

/* The archive in `spool`, which must outlive it. 0; ERR_LIMIT for more than `entries_most` entries; ERR_FORMAT. */
int archive_open(const struct spool *spool, uint32_t entries_most, zip_t **ret_archive, struct err *e);
uint32_t archive_count(zip_t *archive);
/* The entry's name, "" if it has none; valid as long as the archive. */
const char *archive_entry_name(zip_t *archive, uint32_t index);
/* Is it a document of Microsoft Office or OpenDocument, or an EPUB? These are zips full of XML without a report. */
bool archive_is_office_document(zip_t *archive);
bool archive_entry_is_folder(zip_t *archive, uint32_t index);

struct entry_stream {
  struct byte_stream stream;
  zip_file_t *file;
  uint64_t bytes; /* delivered so far */
  struct outcome outcome;
};
/* 0, or ERR_FORMAT: encrypted, or compressed in a way that is not supported, or damaged. */
int entry_stream_open(struct entry_stream *s, zip_t *archive, uint32_t index, struct err *e);
void entry_stream_close(struct entry_stream *s);

static inline void cleanup_archive(zip_t **archive) {
  if (*archive) zip_discard(*archive);
}
#define _cleanup_archive_ __attribute__((cleanup(cleanup_archive)))

#endif
