/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of domains for filters. */
#ifndef DOMAIN_KIT_H
#define DOMAIN_KIT_H

#include "base/domain_set.h"

static inline struct domain_set domains_of(const char *const *names, unsigned count) {
  struct domain_set s;
  domain_set_init(&s);
  for (unsigned i = 0; i < count; i++) domain_set_add(&s, names[i]);
  return s;
}

static inline struct domain_set domain_alone(const char *name) { return domains_of(&name, 1); }

static inline void cleanup_domain_set(struct domain_set *s) { domain_set_clear(s); }
#define _cleanup_domain_set_ __attribute__((cleanup(cleanup_domain_set)))

#endif
