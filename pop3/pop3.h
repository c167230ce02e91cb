/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a maildrop on a POP3 server (RFC 1939), identified by their unique-ids (UIDL, RFC 1939 7).
 *
 * A maildrop has no folders and no flags. All that can be done to a mail is to delete it, and the server does so only
 * when the session ends with QUIT (RFC 1939 6). An open session locks the maildrop against everybody else (RFC 1939 4),
 * so it is closed as soon as it is no longer needed. */
#ifndef POP3_POP3_H
#define POP3_POP3_H

#include "mailbox/protocol.h"

extern const struct mail_protocol POP3_PROTOCOL;

#endif
