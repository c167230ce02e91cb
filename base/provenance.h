/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail brought a report, and whether that is the reporter it names (RFC 9990 3.5.2).
 *
 * A report is a file that anybody can write in anybody's name. Only the mail that brought it can prove it: by its From:
 * domain, if the receiving server found that authenticated. Which domains a reporter's mail may come from is known, in
 * this order: from the table in provenance.c; as the organization of the report's e-mail address, or of its org_name
 * where that is a domain; or as the domain that this reporter's mail has come from for weeks. */
#ifndef BASE_PROVENANCE_H
#define BASE_PROVENANCE_H

#include "base/feedback.h"

enum carriage_state {
  CARRIAGE_NOT_JUDGED,      /* no mail, or no trusted server says how it received it */
  CARRIAGE_UNAUTHENTICATED, /* neither DKIM nor SPF proves its From: domain */
  CARRIAGE_AUTHENTICATED,   /* the server says that DMARC passes; or, not of DMARC, that DKIM or SPF does for From: */
  CARRIAGE_FAILED,          /* DMARC fails */
};

/* The mail that a document came in. */
struct carriage {
  enum carriage_state state;
  const char *domain; /* of CARRIAGE_AUTHENTICATED, normalised; else NULL */
};

/* Sets provenance, carrier and submitter of a header that is complete otherwise. `file_name` is the report's, in the
 * form of RFC 9990 4.2 ("receiver!policy-domain!begin!end..."); NULL, or a name of another form, says nothing.
 * `carriage` NULL: not judged. The texts are allocated in `arena`. Any thread. */
struct arena;
void provenance_judge(struct feedback_header *header, const struct carriage *carriage, const char *file_name,
                      struct arena *arena);

const char *provenance_word(enum provenance provenance); /* "proven", ... ; NULL where not judged */

/* Of two copies of a report with different content, the one of higher rank is kept; of equal rank, the first. */
static inline int provenance_rank(enum provenance p) {
  return p == PROVENANCE_PROVEN ? 2 : p == PROVENANCE_CONTRADICTED ? 0 : 1;
}

/* --- what was learned --------------------------------------------------------------------------------------------- */

/* The domains that each reporter's mail has come from. */
struct carriers;
struct carriers *carriers_new(void);
void carriers_free(struct carriers *c); /* accepts NULL */
/* One report whose mail was authenticated; the texts are copied. */
void carriers_add(struct carriers *c, const char *org_name, const char *email, const char *carrier, int64_t begin_s);
/* The provenance of a stored report, given what was learned. What is stored as unproven is proven if it came from a
 * domain that brought this reporter's reports on at least CARRIER_DAYS days, and two thirds of what all domains
 * brought; but not if mail that proves the reporter without any learning has come for as long. So whoever sends in
 * another's name has to do it for longer than the reporter did, and some stray mail takes nothing back. `c` may be
 * NULL. */
#define CARRIER_DAYS 14
enum provenance carriers_judge(const struct carriers *c, enum provenance stored, const char *org_name,
                               const char *email, const char *carrier);

#endif
