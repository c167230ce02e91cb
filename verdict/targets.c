/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the target of a domain by its name, then by those above it. */
#include "verdict/targets.h"

#include <string.h>

void targets_init(struct targets *t) { hashmap_init(&t->by_domain, sizeof(enum policy)); }

void targets_clear(struct targets *t) { hashmap_clear(&t->by_domain); }

void targets_add(struct targets *t, const char *domain, enum policy target) {
  bool is_new;
  enum policy *of_domain = hashmap_put(&t->by_domain, domain, strlen(domain), &is_new);
  if (is_new) *of_domain = target;
}

enum policy targets_of(const struct targets *t, const char *domain) {
  for (const char *name = t ? domain : NULL; name;) {
    const enum policy *target = hashmap_get(&t->by_domain, name, strlen(name));
    if (target) return *target;
    const char *dot = strchr(name, '.');
    name = dot ? dot + 1 : NULL;
  }
  return POLICY_UNKNOWN;
}
