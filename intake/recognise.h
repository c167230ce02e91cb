/* SPDX-License-Identifier: Apache-2.0 */
/* What something is, by its first bytes, whatever its name. Private to intake/. */
#ifndef INTAKE_RECOGNISE_H
#define INTAKE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/feedback.h"

/* How far text may stand in front of the XML. */
#define RECOGNISE_BYTES 4096

enum content_kind {
  CONTENT_UNKNOWN, /* no row of the table fits */
  CONTENT_OTHER,   /* known to hold no report: `what` names it */
  CONTENT_CLOSED,  /* may hold reports, and cannot be opened: `what` names it */
  CONTENT_OLE,     /* a file of Office's; by its name it may be a mail, and then a closed one */
  CONTENT_DOCUMENT,
  CONTENT_GZIP,
  CONTENT_ZLIB,
  CONTENT_ZIP,
  CONTENT_TAR,
  CONTENT_CAB,
  CONTENT_7Z,
  CONTENT_BZIP2,
  CONTENT_XZ,
  CONTENT_ZSTD,
  CONTENT_MAIL,
  CONTENT_BODY, /* of a mail whose header is lost */
  CONTENT_MBOX,
  CONTENT_MMDF,       /* mails between lines of ^A^A^A^A */
  CONTENT_BABYL,      /* mails as Emacs kept them */
  CONTENT_EMLX,       /* a mail behind a line with its size, as Apple Mail keeps it */
  CONTENT_UTF16_MAIL, /* a mail saved as UTF-16 */
  CONTENT_TNEF,       /* what Outlook makes of attachments: "winmail.dat" */
  CONTENT_CMS,        /* S/MIME: the mail inside a signature */
};

#define RECOGNISE_OUTLOOK_MAIL "a mail of Outlook (.msg), which is not supported"

struct content {
  enum content_kind kind;
  const char *what;        /* "a PDF document"; for CONTENT_UNKNOWN "no XML in it" */
  enum report_kind report; /* of a CONTENT_DOCUMENT: what it is to be read as */
  size_t at;               /* where it begins: something else may stand in front of a zip archive */
};

/* `size` is what there is of the first RECOGNISE_BYTES; `whole`: nothing follows. */
struct content recognise(const unsigned char *bytes, size_t size, bool whole);

/* May this be a report? For the contents of a mail, where most markup is HTML. */
bool recognise_report_markup(const unsigned char *bytes, size_t size);
/* Where the text begins, after a byte order mark and blank lines. */
size_t recognise_begin_of_text(const unsigned char *bytes, size_t size);
/* Do the lines of this mail end with carriage returns alone? */
bool recognise_carriage_returns(const unsigned char *bytes, size_t size);
/* The length of the field name (RFC 5322 2.2) that the line begins with, 0 if there is none. */
size_t recognise_field_name(const char *line, size_t size, size_t *ret_value_at);

#endif
