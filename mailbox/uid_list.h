/* SPDX-License-Identifier: Apache-2.0 */
/* UIDs to be handed out, ascending. For the rooms of protocols. */
#ifndef MAILBOX_UID_LIST_H
#define MAILBOX_UID_LIST_H

#include <stdint.h>

/* Puts `more`, which are ascending, in front of the `*count` of `*uids`: but not those that are listed already, because
 * the folder is read from its first mail. */
void uid_list_prepend(uint32_t **uids, uint32_t *count, const uint32_t *more, uint32_t more_count);

#endif
