/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises mails by their time of arrival (INTERNALDATE, RFC 9051 2.3.3) as well as by UID, so that it shows if UIDs
 * were assigned twice: after a mailbox was restored from a backup. Sizes would not do: reports of one day are alike,
 * and some servers only estimate them. Private to imap/. */
#ifndef IMAP_ARRIVAL_MARKS_H
#define IMAP_ARRIVAL_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define IMAP_MARKED 32 /* limit of UIDs: some of those assigned twice are left, and the answer is short */

/* The mails that existed among the UIDs from..to, ascending. */
struct marks {
  uint32_t from, to;
  unsigned count;
  struct mark {
    uint32_t uid;
    int64_t received_s; /* Unix time */
  } mails[IMAP_MARKED];
};

/* Reads a time like "17-Jul-1996 02:44:25 -0700" (RFC 9051 9, date-time) as Unix time. False: it is not one. */
bool mark_time(const char *text, int64_t *ret_s);
/* Adds a mail. Ignored if its UID is not among from..to, or was added before. */
void marks_add(struct marks *m, uint32_t uid, int64_t received_s);
/* Is there a mail now that did not exist before, or that arrived at another time? Then UIDs were assigned twice: the
 * UID of a removed mail is never used again, and a mail never changes (RFC 9051 2.3.1.1). A mail that is gone proves
 * nothing. */
bool marks_contradict(const struct marks *before, const struct marks *now);
/* To text, "FROM:TO UID,SECONDS ...", which the caller frees; and back: false if the text is not of this form. */
char *marks_format(const struct marks *m);
bool marks_parse(const char *text, struct marks *ret);

#endif
