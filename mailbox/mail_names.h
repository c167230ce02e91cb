/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for mails whose server gives them names instead of UIDs (the unique-ids of POP3, RFC 1939 7). A name gets its
 * number when it is first met, one above all before, and keeps it while the server has the mail: to import such mails
 * are as those of IMAP. Who keeps the names over time is the caller. */
#ifndef MAILBOX_MAIL_NAMES_H
#define MAILBOX_MAIL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hashmap.h"

#define MAIL_NAMES_MOST                                                                                            \
  500000                    /* mails in one folder: some 50 MiB of names. Nobody keeps so many reports on a server \
                             */
#define MAIL_NAME_BYTES 512 /* RFC 1939 7: 70 */

enum mail_name_state {
  MAIL_NAME_HERE,
  MAIL_NAME_UNMET, /* the list that is being read has not named it yet */
  MAIL_NAME_GONE,  /* no longer on the server */
};

struct mail_name {
  uint32_t uid;
  enum mail_name_state state;
  bool kept; /* it was put in: of those that were not, what is here is to be kept; of those that were, what is gone goes
              */
  int64_t came_s; /* when the mail came, by the server's clock; MAIL_CAME_UNKNOWN */
  char *text;
};

#define MAIL_CAME_UNKNOWN INT64_MAX

struct mail_names {
  struct mail_name *all; /* ascending by uid */
  uint32_t count, capacity;
  uint32_t next_uid;     /* for the next name that is new */
  char *link;            /* where the server's list of changes goes on, to be kept with the names; NULL: it has none */
  struct hashmap places; /* text -> uint32_t: where in `all` */
};

void mail_names_init(struct mail_names *n);
void mail_names_clear(struct mail_names *n);
/* None is known; numbers begin at `next_uid`, or above those that are put. */
void mail_names_begin(struct mail_names *n, uint32_t next_uid);
/* One that was kept. Ascending by uid. */
void mail_names_put(struct mail_names *n, uint32_t uid, const char *text, int64_t came_s);

/* A list of all mails that the server has: begin, each name, end. What is not named is gone. */
void mail_names_list_begin(struct mail_names *n);
/* ERR_LIMIT: too many names, or no number is left. */
int mail_names_met(struct mail_names *n, const char *text, int64_t came_s, struct err *e);
void mail_names_list_end(struct mail_names *n);
/* A list of changes names what is new with mail_names_met, and what is gone: */
void mail_names_lost(struct mail_names *n, const char *text);

/* The name behind a number; NULL where it is gone or was never given. */
const char *mail_names_text(const struct mail_names *n, uint32_t uid);
/* Numbers from `from_uid` on that are on the server and came at `since_s` or later, ascending, at most `most` of them
 * (0: all). `*ret_next_uid` is the first of those left out, or of those to come. The caller frees. */
uint32_t mail_names_from(const struct mail_names *n, uint32_t from_uid, int64_t since_s, uint32_t most,
                         uint32_t **ret_uids, uint32_t *ret_next_uid);

#endif
