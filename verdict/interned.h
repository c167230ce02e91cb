/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of which one copy is kept: equal ones have one address, so that to compare and to hash them is to do so with
 * their addresses. A type of its own, which `==` does not take, lest a plain string be compared that way. */
#ifndef VERDICT_INTERNED_H
#define VERDICT_INTERNED_H

#include <stdbool.h>

#include "base/hashmap.h"
#include "base/mem.h"

/* Its bytes are a key for hashmap.h. Lives as long as the arena it was kept in. */
struct interned {
  const char *text; /* NULL: absent */
};

/* Of the same table. */
static inline bool interned_same(struct interned a, struct interned b) { return a.text == b.text; }

/* `texts` is a hashmap of INTERNED_VALUE bytes a value, used for nothing else. NULL stays absent. */
#define INTERNED_VALUE sizeof(struct interned)
struct interned intern(struct hashmap *texts, struct arena *arena, const char *text);
/* Absent where it was not kept. */
struct interned interned_find(const struct hashmap *texts, const char *text);

#endif
