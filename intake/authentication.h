/* SPDX-License-Identifier: Apache-2.0 */
/* What the server that received a mail says of its sender: Authentication-Results (RFC 8601).
 *
 * Anybody can write such a field. Those count that a trusted server wrote, which is known by its authserv-id, and by
 * where they stand: a server puts its fields on top, and what the sender wrote is below. So only the topmost fields of
 * a mail are read, as long as each is of a trusted server and no Received: stands between them; and where two of them
 * speak of one method, the upper one is heard. A server has to remove fields in its name from mail that comes in (RFC
 * 8601 5); one that does not must not be trusted. Private to intake/. */
#ifndef INTAKE_AUTHENTICATION_H
#define INTAKE_AUTHENTICATION_H

#include "base/provenance.h"
#include "intake/intake.h"

#define AUTHENTICATION_DOMAIN_BYTES 254

struct authentication {
  enum carriage_state state;
  char domain[AUTHENTICATION_DOMAIN_BYTES]; /* of CARRIAGE_AUTHENTICATED */
};

/* `fields`: the values of the topmost fields, unfolded, each ended by a line feed. `from`: the domain of the mail's one
 * From: address, "" where it has none or several. */
void authentication_read(const char *fields, const char *from, const struct text_list *trusted,
                         struct authentication *ret);

#endif
