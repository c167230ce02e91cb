/* SPDX-License-Identifier: Apache-2.0 */
/* What a server means by a refusal: NO, BAD and BYE in IMAP, -ERR in POP3. Read from response codes (RFC 9051 7.1, RFC
 * 5530; RFC 2449 8, RFC 3206), and from the wording of servers that send none. For the rooms of protocols. */
#ifndef MAILBOX_REFUSAL_H
#define MAILBOX_REFUSAL_H

#include <stdbool.h>

/* Does it ask to come back later? `of_mails`: it answers a request for mails, where SERVERBUG (RFC 5530 3) may be due
 * to a single mail and is no such request. */
bool refusal_is_patience(const char *text, bool of_mails);
/* For how many seconds it asks to wait; 0: it does not say. */
double refusal_wait_s(const char *text);
/* Does it contain the response code "[NAME]" or "[NAME ..."? */
bool refusal_has_code(const char *text, const char *name);

#endif
