/* SPDX-License-Identifier: Apache-2.0 */
/* Identity, spelling and alignment as base/ defines them, as functions of SQL, for migrations only. Private to sqlite/.
 */
#ifndef SQLITE_IDENTITIES_H
#define SQLITE_IDENTITIES_H

#include "base/err.h"

struct db;

/* report_identity(org_name, policy_domain, report_id, begin_s, end_s, digest), document_identity(origin, digest) and
 * text_digest(text); NULL is "absent". domain_spelling(name): NULL where the name has that spelling.
 * alignment(identifier, header_from): a grade, as it is stored. */
int identities_register(struct db *db, struct err *e);

#endif
