/* SPDX-License-Identifier: Apache-2.0 */
/* Who carried a report, and whether that is whom the report says it is of (RFC 9990 3.5.2).
 *
 * A report is a file that anybody can write in anybody's name. What proves it is the mail that brought it: its From:
 * domain where the receiving server found it authenticated. A reporter's mail comes from some domains alone: those of
 * the table in provenance.c; else of the organization that the report's e-mail address is of, or its name; else the one
 * it was seen to come from for weeks. */
#ifndef BASE_PROVENANCE_H
#define BASE_PROVENANCE_H

#include "base/feedback.h"

enum carriage_state {
  CARRIAGE_NOT_JUDGED,      /* no mail, or none of whose receipt a trusted server speaks */
  CARRIAGE_UNAUTHENTICATED, /* neither DKIM nor SPF proves its From: domain */
  CARRIAGE_AUTHENTICATED,   /* DMARC passes, by the server's word; without one, DKIM or SPF does for the From: domain */
  CARRIAGE_FAILED,          /* DMARC fails */
};

/* What is known of the mail that a document came in. */
struct carriage {
  enum carriage_state state;
  const char *domain; /* of CARRIAGE_AUTHENTICATED, normalised; else NULL */
};

/* Sets provenance, carrier and submitter of a header whose other fields are there. `file_name`: of the report, as RFC
 * 9990 4.2 has it ("receiver!policy-domain!begin!end..."); NULL or any other says nothing. `carriage` NULL: not judged.
 * What is set lies on `arena`. Any thread. */
struct arena;
void provenance_judge(struct feedback_header *header, const struct carriage *carriage, const char *file_name,
                      struct arena *arena);

const char *provenance_word(enum provenance provenance); /* "proven", ... ; NULL where not judged */

/* May the copy of a report that came first be replaced by one of other content? */
static inline int provenance_rank(enum provenance p) {
  return p == PROVENANCE_PROVEN ? 2 : p == PROVENANCE_CONTRADICTED ? 0 : 1;
}

/* --- what was learned --------------------------------------------------------------------------------------------- */

/* From which domains the mail of each reporter comes. */
struct carriers;
struct carriers *carriers_new(void);
void carriers_free(struct carriers *c); /* accepts NULL */
/* One report whose mail was authenticated; the texts are copied. */
void carriers_add(struct carriers *c, const char *org_name, const char *email, const char *carrier, int64_t begin_s);
/* What a stored report is by now: unproven mail from the domain that brought this reporter's reports of at least
 * CARRIER_DAYS days, and two thirds of what all domains brought, is proven; but not where mail that needs no learning
 * brings them as long. So who sends in another's name has to do so for longer, and some stray mail takes nothing back.
 * `c` may be NULL. */
#define CARRIER_DAYS 14
enum provenance carriers_judge(const struct carriers *c, enum provenance stored, const char *org_name,
                               const char *email, const char *carrier);

#endif
