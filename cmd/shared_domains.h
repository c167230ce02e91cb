/* SPDX-License-Identifier: Apache-2.0 */
/* Domains that several groups of the configuration have, by name or by glob. */
#ifndef CMD_SHARED_DOMAINS_H
#define CMD_SHARED_DOMAINS_H

#include "cmd/options.h"

/* Tells of them on standard error, of so many. Globs are held against what groups name, and against the domains of the
 * database where there is one. */
void shared_domains_tell(const struct options *o);

#endif
