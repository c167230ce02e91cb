/* SPDX-License-Identifier: Apache-2.0 */
/* A list of ascending UIDs that are to be handed out. For the rooms of protocols. */
#ifndef MAILBOX_UID_LIST_H
#define MAILBOX_UID_LIST_H

#include <stdint.h>

/* Puts `more`, ascending, in front of the `*count` UIDs of `*uids`, which is reallocated and stays the caller's. Leaves
 * out those from the first listed UID on: they are listed already if the folder is read from its first mail. */
void uid_list_prepend(uint32_t **uids, uint32_t *count, const uint32_t *more, uint32_t more_count);

#endif
