/* SPDX-License-Identifier: Apache-2.0 */
/* Domains that stand for themselves and all below them: is a name one of these, or above one? Answered without going
 * through all of them, since a set may hold the domains of thousands of customers. Names are spelled by domain_spell.
 */
#ifndef BASE_DOMAIN_SET_H
#define BASE_DOMAIN_SET_H

#include <stdbool.h>

#include "base/hashmap.h"

struct domain_set {
  struct hashmap names; /* the members, and every domain above one */
  unsigned count;       /* members */
};

void domain_set_init(struct domain_set *s);
void domain_set_clear(struct domain_set *s); /* accepts a zeroed one */

/* False: it was there. */
bool domain_set_add(struct domain_set *s, const char *domain);
/* Is `name` a member or below one (domain_is_within)? */
bool domain_set_covers(const struct domain_set *s, const char *name);
/* Does a member lie below `name`? */
bool domain_set_reaches_below(const struct domain_set *s, const char *name);

#endif
