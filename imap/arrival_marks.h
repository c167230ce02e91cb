/* SPDX-License-Identifier: Apache-2.0 */
/* By what a mail is known besides its UID, so that a UID that was given twice (a mailbox restored from a backup) shows:
 * the time of its arrival. Its size would not do: reports of a day are alike, and some servers only estimate it.
 * Private to imap/. */
#ifndef IMAP_ARRIVAL_MARKS_H
#define IMAP_ARRIVAL_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define IMAP_MARKED 32 /* UIDs: enough that not all that were given twice are gone again, and one short answer */

/* The mails there were among the UIDs from..to, ascending. */
struct marks {
  uint32_t from, to;
  unsigned count;
  struct mark {
    uint32_t uid;
    int64_t received_s;
  } mails[IMAP_MARKED];
};

/* "17-Jul-1996 02:44:25 -0700" (RFC 9051 9, date-time): the moment, whichever zone the server tells it in. */
bool mark_time(const char *text, int64_t *ret_s);
/* What is not among from..to, or has come already, is passed over. */
void marks_add(struct marks *m, uint32_t uid, int64_t received_s);
/* Is there a mail now that was not there before, or came at another time? A UID that is gone never comes again, and a
 * mail never changes (RFC 9051 2.3.1.1). One that is gone proves nothing. */
bool marks_contradict(const struct marks *before, const struct marks *now);
/* "FROM:TO UID,SECONDS ...", to be freed; and back: false where it is no such text. */
char *marks_format(const struct marks *m);
bool marks_parse(const char *text, struct marks *ret);

#endif
