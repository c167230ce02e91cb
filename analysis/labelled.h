/* SPDX-License-Identifier: Apache-2.0 */
/* What a label of the owner's takes hold of: streams and messages of all that is stored, domain by domain, and what
 * each of these is judged to be with it. */
#ifndef ANALYSIS_LABELLED_H
#define ANALYSIS_LABELLED_H

#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* A policy domain with mail that the label holds for. */
struct labelled_domain {
  const char *name;
  uint32_t streams;
  int64_t messages;
  /* Of these, what stays the owner's though the label strikes mail: `unauthorised` and `ignore` on anything wider than
   * an address, or `forwarder` on what sends for others. */
  uint32_t kept_streams;
  int64_t kept_messages;
  enum verdict verdict;
  enum policy next; /* as in struct judgement */
};

struct labelled {
  struct labelled_domain *domains; /* in the order of the store */
  unsigned count, capacity;
  struct arena *names;
};

/* Judges the domains that the label is for, all or one, by a basis whose labels have it. `q` names none. Streams for
 * which a narrower label holds are not counted. */
int labelled_collect(const struct inquiry *q, const struct label *label, struct labelled *ret, struct err *e);
/* Judges the collected domains anew, by another basis: after the label was taken back. */
int labelled_judge_again(const struct inquiry *q, struct labelled *l, struct err *e);
/* All domains together; `verdict` and `name` mean nothing. */
struct labelled_domain labelled_sum(const struct labelled *l);
void labelled_clear(struct labelled *l); /* accepts a zeroed one */

#endif
