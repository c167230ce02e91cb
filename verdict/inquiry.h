/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked, and what a judgement is based on besides the reports. Everything is borrowed. */
#ifndef VERDICT_INQUIRY_H
#define VERDICT_INQUIRY_H

#include "verdict/stream.h"
#include "verdict/targets.h"

struct dns;       /* dns/resolver.h */
struct judgement; /* verdict/judge.h */

/* Adds to a judgement's findings what it takes more than reports to know. */
typedef int explain_fn(const void *user, const struct history *h, struct judgement *j, struct err *e);

struct judgement_basis {
  const struct sender_catalogue *catalogue;
  const struct labels *labels;
  const struct thresholds *thresholds;
  int64_t as_of_s;                     /* Unix time of asking */
  int64_t before_s;                    /* Unix time: reports that begin then or later are ignored */
  const struct report_filter *counted; /* the mail that the streams' tallies count; NULL: no tallies */
  const struct origin_lookup *origins; /* looks up addresses; NULL: nothing is looked up */
  const struct report_words *words;    /* the owner's, on single reports; NULL: none */
  const struct carriers *carriers;     /* whose mail is known to bring whose reports; NULL: nothing is known */
  const struct targets *targets;       /* where the owner wants policies to end; NULL: at p=reject */
  struct dns *dns;                     /* for published records; NULL: they are not looked up */
  bool names_partners;                 /* blockers name whom they hit most, which reads their mail once more */
  explain_fn *explain;                 /* of findings; NULL: nothing is explained */
  const void *explain_user;
};

/* Which mail of which domains is asked about. What it points to must live until the answer is complete. */
struct inquiry {
  struct store *store;
  const struct report_filter *filter;
  const char *const *domains; /* the only policy domains wanted, normalised; count 0: all that the filter admits */
  unsigned domain_count;
  const struct judgement_basis *basis; /* NULL: nothing is judged */
  struct local *local;                 /* for questions about imported documents; NULL: there are none */
  const char *const *ways;             /* sections of the configuration that send notices: others are given up ... */
  unsigned way_count;                  /* ... and nobody's concern */
};

/* Reads the owner's labels into `ret`, which labels_clear frees. 0, or an error of local/. */
int labels_read(struct local *l, struct labels *ret, struct err *e);
void labels_clear(struct labels *l);

#endif
