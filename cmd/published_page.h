/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a domain's page that tells what the DNS says. */
#ifndef CMD_PUBLISHED_PAGE_H
#define CMD_PUBLISHED_PAGE_H

#include "cmd/output.h"
#include "dns/published.h"

/* The records as they stand and their faults, behind an empty line. Nothing where `p` is NULL: the DNS was not asked.
 */
void published_page_print(const struct output *out, const struct published *p);

#endif
