/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of domains: customers, or whatever else the configuration puts together as [group NAME].
 *
 * A group names domains, each with all below it; by globs it names those of the database that look like it; and it
 * takes either from files. A domain may be in several groups. */
#ifndef CMD_GROUPS_H
#define CMD_GROUPS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/policy.h"
#include "store/store.h"

struct config;

/* What a section says. The texts live where the configuration's do. */
struct group {
  const char **names; /* spelled by domain_spell */
  const char **globs; /* likewise */
  enum policy target; /* POLICY_UNKNOWN: nothing was said */
  unsigned name_count, name_capacity, glob_count, glob_capacity;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Takes domains, globs and @FILEs, with blanks or commas between. `c` says below which folder files are. 0, or
 * ERR_USAGE and what is wrong, in a file with its line. */
int group_take(struct group *g, const struct config *c, const char *words, struct err *e);
void group_clear(struct group *g); /* accepts a zeroed one */

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* `*` stands for any characters, `?` for one. Both spelled by domain_spell. */
bool group_glob_matches(const char *glob, const char *name);
/* Of groups[number]: each domain that it names, and each of the store's that one of its globs meets, which may come
 * several times. A glob that meets none hands out nothing, so that a group may come to nobody: not to everybody. */
typedef void group_domain_fn(void *user, unsigned number, const char *domain);
bool groups_have_globs(const struct group *const *groups, unsigned count);
/* Asks the store once for all groups, where one has globs. `store` NULL: globs meet nothing. */
int groups_each_domain(const struct group *const *groups, unsigned count, struct store *store, group_domain_fn *fn,
                       void *user, struct err *e);

#endif
