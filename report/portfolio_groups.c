/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the groups of a domain by its name and those above it, however many groups and domains there are. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/portfolio.h"

void portfolio_groups_init(struct portfolio_groups *g, const char *const *names, unsigned count) {
  *g = (struct portfolio_groups){.names = names, .count = count};
  hashmap_init(&g->domains, sizeof(unsigned));
  MEM_GROW(g->members, g->member_capacity, g->member_count);
  g->members[g->member_count++] = (struct portfolio_member){0}; /* place 0 is none */
}

void portfolio_groups_clear(struct portfolio_groups *g) {
  hashmap_clear(&g->domains);
  free(g->members);
  *g = (struct portfolio_groups){0};
}

void portfolio_groups_add(struct portfolio_groups *g, unsigned number, const char *domain) {
  unsigned *first = hashmap_put(&g->domains, domain, strlen(domain), NULL);
  for (unsigned i = *first; i; i = g->members[i].next)
    if (g->members[i].group == number) return;
  MEM_GROW(g->members, g->member_capacity, g->member_count);
  g->members[g->member_count] = (struct portfolio_member){number, *first};
  *first = g->member_count++;
}

/* Does a name from `from` down to, and without, `end` have the group? Both are of one name: what is behind a dot of it.
 */
static bool was_met(const struct portfolio_groups *g, const char *from, const char *end, unsigned number) {
  for (; from != end; from = strchr(from, '.') + 1) {
    const unsigned *first = hashmap_get(&g->domains, from, strlen(from));
    for (unsigned i = first ? *first : 0; i; i = g->members[i].next)
      if (g->members[i].group == number) return true;
  }
  return false;
}

void portfolio_groups_of(const struct portfolio_groups *g, const char *domain, portfolio_group_fn *fn, void *user) {
  for (const char *name = domain; name;) {
    const unsigned *first = hashmap_get(&g->domains, name, strlen(name));
    for (unsigned i = first ? *first : 0; i; i = g->members[i].next)
      if (!was_met(g, domain, name, g->members[i].group)) fn(user, g->members[i].group);
    const char *dot = strchr(name, '.');
    name = dot ? dot + 1 : NULL;
  }
}
