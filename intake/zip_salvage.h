/* SPDX-License-Identifier: Apache-2.0 */
/* What can be saved of a zip archive whose directory is lost or wrong: entries found by the headers in front of them
 * (APPNOTE.TXT 4.3.7), as far as they inflate. libzip relies on the directory alone. Private to intake/. */
#ifndef INTAKE_ZIP_SALVAGE_H
#define INTAKE_ZIP_SALVAGE_H

#include "intake/inflater.h"
#include "intake/layers.h"
#include "intake/spool.h"

#define ZIP_NAME_MOST 1024 /* of an entry's name, kept of it: longer ones are cut */

struct zip_salvage {
  struct byte_stream stream; /* of the entry at hand; it always ends with an error: nothing vouches for what was lost */
  struct byte_stream spooled;
  const struct spool *spool;
  uint64_t at; /* in the spool */
  struct peekable *in;
  struct inflater *inflater;
  char name[ZIP_NAME_MOST + 1];
  unsigned method;
  uint64_t stored_left; /* of an entry that is not compressed */
  uint64_t bytes;       /* of the entry, delivered so far */
  struct outcome outcome;
};

/* `spool`, `in` and `inflater` outlive it; the latter two are its own until then. */
void zip_salvage_start(struct zip_salvage *s, const struct spool *spool, struct peekable *in,
                       struct inflater *inflater);
/* True and the name of the next entry ("" where it has none), valid until the next call. */
bool zip_salvage_next(struct zip_salvage *s, const char **ret_name);

#endif
