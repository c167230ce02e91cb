/* SPDX-License-Identifier: Apache-2.0 */
/* From what a record says to the ids of the rows that say it, adding the rows that are missing. Private to store/. */
#ifndef STORE_SQLITE_INTERN_H
#define STORE_SQLITE_INTERN_H

#include "base/feedback.h"
#include "base/hashmap.h"
#include "base/mem.h"

struct sqlite_store;

/* Remembered ids: values are int64_t. They are forgotten when the rows might be gone: after a rollback, or when
 * another process wrote. */
struct interner {
  struct hashmap names, addresses, patterns;
  struct strbuf key;     /* of the pattern at hand, as it is stored */
  struct strbuf spelled; /* the same in texts, as the cache knows it */
};

void interner_init(struct interner *n);
void interner_clear(struct interner *n);
void interner_forget(struct interner *n);

/* `*ret` is 0 for what is absent (NULL, or a source that is not there). */
int intern_name(struct sqlite_store *s, const char *text, int64_t *ret, struct err *e);
int intern_address(struct sqlite_store *s, const struct feedback_record *record, int64_t *ret, struct err *e);
int intern_pattern(struct sqlite_store *s, const struct feedback_record *record, int64_t *ret, struct err *e);

#endif
