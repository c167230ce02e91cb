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

/* Narrows a filter to the domains of groups. The domains above them may be somebody else's, so reports about those are
 * left out even where they have mail of the group: every answer to a question about groups alone is asked for so. */
void group_filter_narrow(struct report_filter *f, const struct domain_set *domains);

/* Adds to the filter of `o` what --group names. 0; ERR_USAGE where there is no such group; or why the database could
 * not be asked. */
int group_filter_apply(struct options *o, struct err *e);

#endif
