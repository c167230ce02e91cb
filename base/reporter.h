/* SPDX-License-Identifier: Apache-2.0 */
/* By what a reporter is told from others wherever its name alone is known: in any case it is the same. Whose report is
 * whose says base/identity.h, for which a reporter is the domain of its e-mail address as well. */
#ifndef BASE_REPORTER_H
#define BASE_REPORTER_H

#include "base/mem.h"

/* Appends the name as the key of a map. NULL, of a report that does not say, is one with the empty name. */
void reporter_add_key(struct strbuf *key, const char *org_name);

#endif
