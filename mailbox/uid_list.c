/* SPDX-License-Identifier: Apache-2.0 */
/* Joins two lists of UIDs. */
#include "mailbox/uid_list.h"

#include <stdlib.h>

#include "base/mem.h"

void uid_list_prepend(uint32_t **uids, uint32_t *count, const uint32_t *more, uint32_t more_count) {
  while (more_count && *count && more[more_count - 1] >= (*uids)[0]) more_count--;
  uint32_t *all = mem_alloc((more_count + *count + 1) * sizeof *all);
  for (uint32_t i = 0; i < more_count; i++) all[i] = more[i];
  for (uint32_t i = 0; i < *count; i++) all[more_count + i] = (*uids)[i];
  free(*uids);
  *uids = all;
  *count += more_count;
}
