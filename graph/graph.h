/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a folder of a mailbox of Microsoft 365, by Microsoft Graph: for tenants that have shut IMAP.
 *
 * Mails are told apart by their immutable ids, which stay when a mail is moved. What changed in a folder since the last
 * time is a list of its own there (delta), whose link is kept; where the service has forgotten it, all mails are listed
 * once more. The bytes of a mail are those that Exchange makes of it ($value), which need not be those that came. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "mailbox/protocol.h"

extern const struct mail_protocol GRAPH_PROTOCOL;

#endif
