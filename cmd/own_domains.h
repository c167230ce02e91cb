/* SPDX-License-Identifier: Apache-2.0 */
/* --domains of import: whose reports are taken. Names as a group's: each with all below it, globs, and @FILEs. */
#ifndef CMD_OWN_DOMAINS_H
#define CMD_OWN_DOMAINS_H

#include "base/domain_set.h"
#include "cmd/groups.h"
#include "cmd/import_options.h"

struct own_domains {
  struct domain_set names;
  struct group words;
};

/* Would a line of the configuration be right? 0, or ERR_USAGE. */
int own_domains_check(const struct config *c, const char *words, struct err *e);
/* Of the command line, or where that says nothing of the configuration. Clear in any case. 1; 0 where neither says
 * anything: then all are ours; or ERR_USAGE. */
int own_domains_find(struct own_domains *d, const struct import_verb_options *o, struct err *e);
void own_domains_clear(struct own_domains *d); /* accepts a zeroed one */

/* import_ours_fn. A report that names no policy domain is about none of ours. */
bool own_domains_have(const void *own_domains, const char *policy_domain);

#endif
