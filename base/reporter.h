/* SPDX-License-Identifier: Apache-2.0 */
/* How reporters are told apart where only their names are known: case makes no difference. Which report is which is for
 * base/identity.h to say; there a reporter is also known by the domain of its e-mail address. */
#ifndef BASE_REPORTER_H
#define BASE_REPORTER_H

#include "base/mem.h"

/* Appends the name as the key of a map. NULL, from a report that names no reporter, is the same as the empty name. */
void reporter_add_key(struct strbuf *key, const char *org_name);

#endif
