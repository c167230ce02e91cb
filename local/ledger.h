/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: what became of each document that was met. */
#ifndef LOCAL_LEDGER_H
#define LOCAL_LEDGER_H

#include <stdint.h>

#include "base/feedback.h"
#include "base/filter.h"
#include "local/local.h"

enum document_outcome {
  DOCUMENT_NEW,         /* a report that was not known */
  DOCUMENT_DAMAGED,     /* the same, of which only a part could be read */
  DOCUMENT_DUPLICATE,   /* known, with the same content */
  DOCUMENT_CONFLICTING, /* known, with other content: the first was kept */
  DOCUMENT_REJECTED,    /* unreadable */
  DOCUMENT_NO_REPORT,   /* readable, holds no report */
  DOCUMENT_NOT_OURS,    /* a report about a domain whose reports are not to be taken */
};
#define DOCUMENT_OUTCOMES 7
const char *document_outcome_word(enum document_outcome outcome); /* "new", "damaged", ..., "no-report" */

struct ledger_line {
  int64_t id;         /* set when read */
  const char *origin; /* the file, and the entries within it */
  enum document_outcome outcome;
  const char *reason; /* NULL where there is nothing to say */
  uint64_t bytes;     /* of XML */
  uint64_t records;
  int64_t report;                        /* the report it became or equals, as the store numbers it; 0: none */
  int64_t seen_s;                        /* when it was first met */
  enum report_kind kind;                 /* what kind of report it is */
  uint8_t digest[FEEDBACK_DIGEST_BYTES]; /* of its content; zeros where nothing of it could be read */
};

/* Adds the line, in the open transaction. If there already is one with the same origin, content and outcome, nothing
 * changes. A document that was stored from this origin is not listed again as its own duplicate. A document without
 * content is known by its origin: another reason for the same outcome makes no second line. */
int ledger_add(struct local *l, const struct ledger_line *line, struct err *e);
/* Would ledger_add change nothing, because the line is there already? 1 yes, 0 no. Needs no transaction. */
int ledger_knows(struct local *l, const struct ledger_line *line, struct err *e);
/* When the document was met that was written down last; FEEDBACK_TIME_UNKNOWN: there is none. One that is met again
 * stays where it stands. */
int ledger_newest(struct local *l, int64_t *ret_s, struct err *e);
/* The report is about to be replaced: from now on, lines that named it name none. In the open transaction. */
int ledger_unlink(struct local *l, int64_t report, struct err *e);

/* The report is about to be pruned or removed: its lines go. `*count` grows by as many. In the open transaction. */
int ledger_forget(struct local *l, int64_t report, uint64_t *count, struct err *e);

/* Hands out each line that has one of the outcomes in `outcomes` (1 << DOCUMENT_...) or, if `with_reason`, a reason,
 * oldest first. since_s and until_s of the filter apply to seen_s; the rest of it does not apply. A callback returns 0
 * to continue, or a negative code, which ends the walk and is returned. Strings are valid during the callback. */
typedef int ledger_fn(void *user, const struct ledger_line *line, struct err *e);
int ledger_each(struct local *l, const struct report_filter *filter, unsigned outcomes, bool with_reason, ledger_fn *fn,
                void *user, struct err *e);

#endif
