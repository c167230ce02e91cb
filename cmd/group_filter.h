/* SPDX-License-Identifier: Apache-2.0 */
/* From --group to the domains that a question is about. */
#ifndef CMD_GROUP_FILTER_H
#define CMD_GROUP_FILTER_H

#include "cmd/options.h"

/* Adds to the filter of `o` what --group names. 0; ERR_USAGE where there is no such group; or why the database could
 * not be asked. */
int group_filter_apply(struct options *o, struct err *e);

#endif
