/* SPDX-License-Identifier: Apache-2.0 */
/* From --group to the domains that a question is about. */
#ifndef CMD_GROUP_FILTER_H
#define CMD_GROUP_FILTER_H

#include "cmd/groups.h"
#include "cmd/options.h"

struct chosen_groups {
  const struct group **groups;
  const char **names; /* as the configuration spells them */
  unsigned count;
};
/* The groups that --group names, or all that there are. 0, or ERR_USAGE where there is no such group; `ret` is to be
 * cleared in any case. */
int group_filter_find(const struct options *o, struct chosen_groups *ret, struct err *e);
void chosen_groups_clear(struct chosen_groups *c);

/* Adds to the filter of `o` what --group names. 0; ERR_USAGE where there is no such group; or why the database could
 * not be asked. */
int group_filter_apply(struct options *o, struct err *e);

#endif
