/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a folder on an IMAP server (RFC 9051, RFC 3501).
 *
 * libcurl connects and logs in; the commands after that are sent from here. Mails are read with EXAMINE and BODY.PEEK,
 * which change nothing, and are requested ahead: two batches of up to IMAP_BATCH mails or IMAP_BATCH_BYTES (session.h).
 * UIDs and uidvalidity are the server's (RFC 9051 2.3.1.1). A move is a single step if the server has MOVE (RFC 6851),
 * a single mail can be expunged if it has UIDPLUS (RFC 4315), and new mail is announced if it has IDLE (RFC 2177). */
#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include "mailbox/protocol.h"

extern const struct mail_protocol IMAP_PROTOCOL;

#endif
