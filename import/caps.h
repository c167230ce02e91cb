/* SPDX-License-Identifier: Apache-2.0 */
/* What one input may bring into the database: a mail, or a file as a whole. Anybody may send a mail, so it may bring
 * less than a file that the user named, where he said nothing else. A report that exceeds a limit is left out as a
 * whole; what it would have brought is not charged. Private to import/.
 *
 * It bounds what is kept for ever, as intake bounds what is read: a few kilobytes unpack to millions of names. */
#ifndef IMPORT_CAPS_H
#define IMPORT_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/feedback.h"
#include "import/limits.h"
#include "intake/intake.h"

/* Different texts, by their hashes: what is charged is a number, so it does no harm if two of 2^64 are taken for one.
 */
struct caps_set {
  uint64_t *slots; /* 0: free */
  size_t size;     /* of them: a power of two, or 0 */
  uint64_t count;
};

/* What was brought so far. */
struct caps_sum {
  struct caps_set names, patterns;
  uint64_t text_bytes, records;
};

/* Where the user said nothing, a small mail may bring less than a large one: `free` of each, and one more for so many
 * bytes of it, or so many bytes more for each of it. */
struct cap {
  uint64_t most, free;
  uint64_t each, times; /* 0: its size does not matter */
};

struct caps {
  struct cap records, names, text_bytes;
  uint64_t most_reports, most_domains;
  bool of_mails;
  uint64_t unit; /* of intake's: which one is at hand */
  const uint64_t *unit_bytes;
  struct caps_set domains; /* policy domains */
  uint64_t reports;
  struct caps_sum settled, report; /* of reports that are done with, and of the one at hand */
};

/* `limits`: the user's; 0 is the default, of mails or of files. */
void caps_init(struct caps *c, const struct import_limits *limits, bool of_mails);
void caps_clear(struct caps *c);

/* A document of the unit begins: of another unit than before, all is charged anew. */
void caps_begin(struct caps *c, const struct intake_document *d);
/* A record of it. 0, or ERR_LIMIT: the report is to be left out. */
int caps_take_record(struct caps *c, const struct feedback_record *r, struct err *e);
/* Its end: it is charged, or ERR_LIMIT. */
int caps_take_report(struct caps *c, const struct feedback_header *h, struct err *e);

#endif
