/* SPDX-License-Identifier: Apache-2.0 */
/* The state of mailboxes, and when reports last came: what status shows and metrics repeat. */
#ifndef REPORT_STATUS_H
#define REPORT_STATUS_H

#include "local/mailboxes.h"
#include "store/store.h"
#include "table/table.h"

/* A folder that is to be read, whether it ever was. */
struct status_folder {
  const char *account, *folder;
};

/* A folder, and the end of the newest report that came from it and has ended by now; FEEDBACK_TIME_UNKNOWN: none has.
 */
struct status {
  struct mailbox_state state; /* its texts are owned here */
  bool configured;            /* it is to be read */
  int64_t newest_s;
  int64_t not_ours; /* reports that came from it and were left out (DOCUMENT_NOT_OURS) */
};
struct status_list {
  struct status *folders;
  unsigned count, capacity;
  int64_t newest_s; /* of all reports, from wherever */
  int64_t not_ours; /* likewise */
};

/* The folders that were read, then those of `folders` that never were; those of `folders` are the configured ones. A
 * report dated in the future does not count as the newest: its reporter's clock is wrong, and it would hide for weeks
 * that no others come. */
int status_collect(struct local *local, struct store *store, const struct status_folder *folders, unsigned count,
                   int64_t now_s, struct status_list *ret, struct err *e);
void status_clear(struct status_list *s);
bool status_failed(const struct status *s); /* the last try did */
/* What is not as expected of a folder, or NULL: one that is configured, or was tried since then, was read to its end
 * since then and did not fail when it was tried last. What nobody has asked for in all that time is given up. */
const char *status_unmet(const struct status *s, int64_t since_s);
/* Has a report ended since then? */
bool status_has_report(const struct status_list *s, int64_t since_s);

int status_show(const struct status_list *s, int64_t now_s, struct table_sink *sink, struct err *e);

#endif
