/* SPDX-License-Identifier: Apache-2.0 */
/* What something is, by its first bytes; its name plays no part. */
#ifndef INTAKE_RECOGNISE_H
#define INTAKE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

/* How far text may stand in front of the XML. */
#define RECOGNISE_BYTES 4096

enum content_kind {
  CONTENT_UNKNOWN, /* no row of the table fits */
  CONTENT_OTHER,   /* known to hold no report: `what` names it */
  CONTENT_DOCUMENT,
  CONTENT_GZIP,
  CONTENT_ZLIB,
  CONTENT_ZIP,
  CONTENT_MAIL,
};

struct content {
  enum content_kind kind;
  const char *what; /* "a PDF document"; for CONTENT_UNKNOWN "no XML in it" */
};

/* `size` is what there is of the first RECOGNISE_BYTES; `whole`: nothing follows. */
struct content recognise(const unsigned char *bytes, size_t size, bool whole);

#endif
