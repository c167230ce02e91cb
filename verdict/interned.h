/* SPDX-License-Identifier: Apache-2.0 */
/* Interned texts: there is one copy of each, so that comparing and hashing addresses is enough. They have a type of
 * their own, which `==` does not accept, so that no plain string is compared that way by mistake. */
#ifndef VERDICT_INTERNED_H
#define VERDICT_INTERNED_H

#include <stdbool.h>

#include "base/hashmap.h"
#include "base/mem.h"

/* Its bytes are a key for hashmap.h. Lives as long as the arena it was kept in. */
struct interned {
  const char *text; /* NULL: absent */
};

/* Are they the same? Both must be of the same table. */
static inline bool interned_same(struct interned a, struct interned b) { return a.text == b.text; }

/* The interned copy of `text`, which is added to `arena` if it is new; absent for NULL. `texts` is a hashmap with
 * values of INTERNED_VALUE bytes, used for nothing else. */
#define INTERNED_VALUE sizeof(struct interned)
struct interned intern(struct hashmap *texts, struct arena *arena, const char *text);
/* The same without adding it: absent if it was never interned. */
struct interned interned_find(const struct hashmap *texts, const char *text);

#endif
