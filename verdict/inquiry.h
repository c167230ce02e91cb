/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked, and what a judgement rests on beside the reports. */
#ifndef VERDICT_INQUIRY_H
#define VERDICT_INQUIRY_H

#include "verdict/stream.h"

struct dns; /* dns/resolver.h */

struct judgement_basis {
  const struct sender_catalogue *catalogue;
  const struct labels *labels;
  const struct thresholds *thresholds;
  int64_t as_of_s;                     /* the time of asking */
  int64_t before_s;                    /* reports that begin from then on are not looked at */
  const struct report_filter *counted; /* mail that the tallies of the streams count; NULL: none */
  const struct origin_lookup *origins; /* what addresses tell; NULL: nothing is looked up */
  const struct report_words *words;    /* of the owner, on single reports; NULL: none */
  const struct carriers *carriers;     /* who is known to bring whose reports; NULL: nobody */
  struct dns *dns;                     /* is asked for published records; NULL: nobody is */
};

/* Which mail, of which domains. Everything lives as long as it is asked. */
struct inquiry {
  struct store *store;
  const struct report_filter *filter;
  const char *const *domains; /* the only policy domains wanted, normalised; count 0: all that the filter admits */
  unsigned domain_count;
  const struct judgement_basis *basis; /* NULL: nothing is judged */
  struct local *local;                 /* for who asks what became of documents; NULL: nobody does */
};

/* Reads the owner's labels. `ret` is filled; labels_clear frees. */
int labels_read(struct local *l, struct labels *ret, struct err *e);
void labels_clear(struct labels *l);

#endif
