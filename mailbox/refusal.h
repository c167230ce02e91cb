/* SPDX-License-Identifier: Apache-2.0 */
/* What a server means by NO, BAD and BYE: and what one of POP3 means by -ERR: their codes (RFC 9051 7.1, RFC 5530; RFC
 * 2449 8, RFC 3206), and the words of those that have none. For the rooms of protocols. */
#ifndef MAILBOX_REFUSAL_H
#define MAILBOX_REFUSAL_H

#include <stdbool.h>

/* Does it ask for patience? `of_mails`: of a FETCH, where a fault of the server's may be a fault of one mail. */
bool refusal_is_patience(const char *text, bool of_mails);
/* For how many seconds; 0 where it does not say. */
double refusal_wait_s(const char *text);
/* "[NAME]" or "[NAME ..." stands in it. */
bool refusal_has_code(const char *text, const char *name);

#endif
