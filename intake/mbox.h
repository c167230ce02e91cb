/* SPDX-License-Identifier: Apache-2.0 */
/* Mails one after the other in one file (RFC 4155, and its relatives mboxo, mboxrd, mboxcl; MMDF; Babyl), as one
 * stream each. Private to intake/. */
#ifndef INTAKE_MBOX_H
#define INTAKE_MBOX_H

#include "intake/layers.h"

enum mbox_format {
  MBOX_FROM,  /* behind a line "From " */
  MBOX_MMDF,  /* behind a line of four ^A, and in front of one */
  MBOX_BABYL, /* behind ^_ ^L and a line of labels */
};

struct mbox {
  struct byte_stream message; /* the mail at hand, without what separates it; quoted ones (">From ") as they were */
  struct peekable *in;
  enum mbox_format format;
  uint64_t number; /* of the mail at hand: 1, 2, ... */
  bool line_start; /* what comes next begins a line and has not been looked at */
  bool message_ended;
  unsigned char before[2]; /* the last two bytes of the mail that were delivered, without carriage returns */
};

void mbox_start(struct mbox *b, struct peekable *in, enum mbox_format format);
/* Goes to the next mail, the first to begin with; the rest of the one before is skipped. False at the end. */
bool mbox_next(struct mbox *b);

#endif
