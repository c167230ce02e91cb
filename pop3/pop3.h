/* SPDX-License-Identifier: Apache-2.0 */
/* Mails from a maildrop on a POP3 server (RFC 1939), told apart by their unique-ids (UIDL).
 *
 * A maildrop has no folders and no flags: the one thing that can be done to a mail is to delete it, and that is done
 * when the session ends well. While a session is open nobody else may have the maildrop: it is closed as soon as
 * nothing is wanted of it. */
#ifndef POP3_POP3_H
#define POP3_POP3_H

#include "mailbox/protocol.h"

extern const struct mail_protocol POP3_PROTOCOL;

#endif
