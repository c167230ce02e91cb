/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a folder on an IMAP server (RFC 9051, RFC 3501).
 *
 * The dialogue on top of a connection that has logged in is this room's own. Reading uses EXAMINE and BODY.PEEK, and
 * asks ahead of what is handed out: IMAP_BATCH mails or IMAP_BATCH_BYTES, twice. A uidvalidity is the server's, and so
 * is a UID (RFC 9051 2.3.1.1); a move is one step where it knows MOVE (RFC 6851), a mail can be deleted alone where it
 * knows UIDPLUS (RFC 4315), and news come by IDLE (RFC 2177). */
#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include "mailbox/protocol.h"

extern const struct mail_protocol IMAP_PROTOCOL;

#endif
