/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that come once more under another report_id: the same reporter says the same of the same days. Private to
 * import/. */
#ifndef IMPORT_TWINS_H
#define IMPORT_TWINS_H

#include "base/hashmap.h"
#include "store/store.h"

struct twin {
  int64_t report; /* the store's number; 0: none was found, or it is one of a dry run */
  bool is_found;
  enum provenance provenance;
  bool pruned;
  char report_id[80]; /* cut off, to be told */
};

/* What a dry run would have stored. */
struct twins;
struct twins *twins_new(void);
void twins_free(struct twins *t); /* accepts NULL */
void twins_put(struct twins *t, const struct feedback_header *header);

/* A report with the same content, reporter and policy included, and at least half of the period of each in common.
 * `store` and `t` may be NULL. */
int twins_find(struct store *store, const struct twins *t, const struct feedback_header *header, struct twin *ret,
               struct err *e);

#endif
