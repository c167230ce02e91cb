/* SPDX-License-Identifier: Apache-2.0 */
/* Makes libzip accept an archive in which the name of an entry holds control characters, or is not UTF-8 although the
 * archive says so: libzip refuses the whole directory for that. Private to intake/. */
#ifndef INTAKE_ZIP_NAMES_H
#define INTAKE_ZIP_NAMES_H

#include <zip.h>

#include "intake/spool.h"

/* Where the archive says of a name that it is UTF-8 (APPNOTE.TXT 4.4.4, bit 11): the places of these bits. */
struct zip_names {
  const struct spool *spool; /* outlives it */
  uint64_t *flags;           /* offsets of bytes, ascending */
  uint32_t count, capacity;
  uint64_t at; /* of a reader */
  zip_error_t error;
};

/* To be freed. */
struct zip_names *zip_names_new(const struct spool *spool);
void zip_names_free(struct zip_names *n);
/* A directory at `offset`, of so many bytes: its entries, `most` of them. */
void zip_names_add_directory(struct zip_names *n, uint64_t offset, uint64_t bytes, uint32_t most);
/* The archive with these bits off: a source that owns `n` from now on; NULL, and then it does not. */
zip_source_t *zip_names_source(struct zip_names *n, zip_error_t *error);

#endif
