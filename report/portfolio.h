/* SPDX-License-Identifier: Apache-2.0 */
/* Whose domains are whose: the groups that `portfolio` has a line for, and in which of them a domain is. */
#ifndef REPORT_PORTFOLIO_H
#define REPORT_PORTFOLIO_H

#include "base/hashmap.h"

struct portfolio_member {
  unsigned group; /* number */
  unsigned next;  /* place in `members`; 0: none */
};

struct portfolio_groups {
  const char *const *names; /* by number; borrowed */
  unsigned count;
  bool has_rest;          /* domains of no group have a line, too */
  struct hashmap domains; /* name -> the first of its members; it stands for what is below it as well */
  struct portfolio_member *members;
  unsigned member_count, member_capacity;
};

void portfolio_groups_init(struct portfolio_groups *g, const char *const *names, unsigned count);
void portfolio_groups_clear(struct portfolio_groups *g); /* accepts a zeroed one */
void portfolio_groups_add(struct portfolio_groups *g, unsigned number, const char *domain);
/* Calls `fn` once for each group that the domain is in. */
typedef void portfolio_group_fn(void *user, unsigned number);
void portfolio_groups_of(const struct portfolio_groups *g, const char *domain, portfolio_group_fn *fn, void *user);

#endif
