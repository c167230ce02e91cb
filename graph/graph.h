/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a folder of a Microsoft 365 mailbox, through Microsoft Graph: for tenants that have disabled IMAP.
 *
 * Mails are identified by their immutable ids, which do not change when a mail is moved. A delta query lists what has
 * changed in a folder since the last one; its link is kept between runs. If the service no longer knows the link, all
 * mails are listed again. The bytes of a mail are the MIME content that Exchange generates ($value), which need not be
 * identical to what was delivered. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "mailbox/protocol.h"

extern const struct mail_protocol GRAPH_PROTOCOL;

#endif
