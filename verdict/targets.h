/* SPDX-License-Identifier: Apache-2.0 */
/* Where the owner wants policies to end, where that is not p=reject. */
#ifndef VERDICT_TARGETS_H
#define VERDICT_TARGETS_H

#include "base/hashmap.h"
#include "base/policy.h"

struct targets {
  struct hashmap by_domain; /* name -> enum policy; for what is below it as well, unless that has its own */
};

void targets_init(struct targets *t);
void targets_clear(struct targets *t); /* accepts a zeroed one */
/* What was said first of a domain stays. */
void targets_add(struct targets *t, const char *domain, enum policy target);
/* POLICY_UNKNOWN: nothing was said. `t` may be NULL. */
enum policy targets_of(const struct targets *t, const char *domain);

#endif
