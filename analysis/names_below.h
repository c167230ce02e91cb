/* SPDX-License-Identifier: Apache-2.0 */
/* Which names below a policy domain exist: reports do not say. One without mail of the owner's, neither under it nor
 * under a name below it, is taken for one that does not. Private to analysis/. */
#ifndef ANALYSIS_NAMES_BELOW_H
#define ANALYSIS_NAMES_BELOW_H

#include "analysis/whatif.h"

struct names_below {
  const char *domain;
  struct hashmap names; /* that exist -> nothing */
};

/* Of a judged history, which it borrows from; to be cleared. */
void names_below_read(struct names_below *n, const struct history *h);
void names_below_clear(struct names_below *n);
/* The tag that governs a name in From:; NULL and what is no name below the domain is under p. */
enum whatif_governing names_below_governing(const struct names_below *n, const char *header_from);

/* Does mail that is, or may be, the owner's come from a name below the domain? Such a name may exist in From: alone. */
bool names_below_send(const struct history *h);

#endif
