/* SPDX-License-Identifier: Apache-2.0 */
/* What the server that received a mail says about its sender: Authentication-Results (RFC 8601).
 *
 * Anybody can write such a field. Only those count that a trusted server wrote. They are recognised by its authserv-id
 * and by their place: a server puts its fields on top of what the sender wrote. So only the topmost fields of a mail
 * are read, as long as each is from a trusted server and no Received: comes between them; if two of them mention the
 * same method, the upper one counts. A server has to remove fields in its own name from incoming mail (RFC 8601 5); one
 * that does not must not be trusted. Private to intake/. */
#ifndef INTAKE_AUTHENTICATION_H
#define INTAKE_AUTHENTICATION_H

#include "base/provenance.h"
#include "intake/intake.h"

#define AUTHENTICATION_DOMAIN_BYTES 254

struct authentication {
  enum carriage_state state;
  char domain[AUTHENTICATION_DOMAIN_BYTES]; /* of CARRIAGE_AUTHENTICATED */
};

/* `fields`: the values of the topmost fields, unfolded, each followed by a line feed. `from`: the domain of the mail's
 * From: address, "" if it has none or several. */
void authentication_read(const char *fields, const char *from, const struct text_list *trusted,
                         struct authentication *ret);

#endif
