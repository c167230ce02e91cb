/* SPDX-License-Identifier: Apache-2.0 */
/* What base/identity.h makes, as functions of SQL: for migrations alone. Private to store/. */
#ifndef STORE_SQLITE_IDENTITIES_H
#define STORE_SQLITE_IDENTITIES_H

#include "base/err.h"

struct store;

/* report_identity(org_name, policy_domain, report_id, begin_s, end_s, digest), document_identity(origin, digest) and
 * text_digest(text); NULL is "absent". */
int identities_register(struct store *s, struct err *e);

#endif
