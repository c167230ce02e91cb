/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of dmarcctl dns, each in a file of its own. */
#ifndef CMD_DNS_H
#define CMD_DNS_H

#include "cmd/options.h"

/* Each returns the exit code. The arguments are domains, as domain_spell has them. */
int dns_keys(const struct options *o);
int dns_log(const struct options *o);
int dns_snapshot(const struct options *o);
int dns_spf(const struct options *o);

/* Is the domain one of the arguments, or are there none? */
bool dns_is_named(const struct options *o, const char *domain);

#endif
