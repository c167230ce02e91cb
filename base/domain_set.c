/* SPDX-License-Identifier: Apache-2.0 */
/* A map from members and the domains above them to which of both they are. */
#include "base/domain_set.h"

#include <string.h>

enum { IS_MEMBER = 1 << 0, IS_ABOVE_ONE = 1 << 1 };

void domain_set_init(struct domain_set *s) {
  *s = (struct domain_set){.count = 0};
  hashmap_init(&s->names, sizeof(unsigned char));
}

void domain_set_clear(struct domain_set *s) {
  hashmap_clear(&s->names);
  s->count = 0;
}

static const char *parent_of(const char *name) {
  const char *dot = strchr(name, '.');
  return dot ? dot + 1 : NULL;
}

static void mark(struct domain_set *s, const char *name, unsigned char bit) {
  *(unsigned char *)hashmap_put(&s->names, name, strlen(name), NULL) |= bit;
}

static unsigned char marks_of(const struct domain_set *s, const char *name) {
  const unsigned char *marks = hashmap_get(&s->names, name, strlen(name));
  return marks ? *marks : 0;
}

bool domain_set_add(struct domain_set *s, const char *domain) {
  if (marks_of(s, domain) & IS_MEMBER) return false;
  mark(s, domain, IS_MEMBER);
  for (const char *above = parent_of(domain); above; above = parent_of(above)) mark(s, above, IS_ABOVE_ONE);
  s->count++;
  return true;
}

bool domain_set_covers(const struct domain_set *s, const char *name) {
  for (; name; name = parent_of(name))
    if (marks_of(s, name) & IS_MEMBER) return true;
  return false;
}

bool domain_set_reaches_below(const struct domain_set *s, const char *name) { return marks_of(s, name) & IS_ABOVE_ONE; }
