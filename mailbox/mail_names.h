/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for mails whose server gives them names instead of UIDs: the unique-ids of POP3 (RFC 1939 7), the immutable
 * ids of Graph. A name is numbered when it is first met, above all numbers given before, and keeps its number as long
 * as the server has the mail. The numbers serve as UIDs. Storing them between runs is the caller's business. One thread
 * at a time. */
#ifndef MAILBOX_MAIL_NAMES_H
#define MAILBOX_MAIL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hashmap.h"

#define MAIL_NAMES_MOST 500000 /* limit of mails in one folder: some 50 MiB of names */
#define MAIL_NAME_BYTES 512    /* limit of a name and its NUL; RFC 1939 7 allows 70 */

enum mail_name_state {
  MAIL_NAME_HERE,
  MAIL_NAME_UNMET, /* not named so far by the list that is being read */
  MAIL_NAME_GONE,  /* no longer on the server */
};

struct mail_name {
  uint32_t uid;
  enum mail_name_state state;
  bool kept; /* the caller has it stored. It stores the others that are here, and deletes the stored ones that are gone
              */
  int64_t came_s; /* when the mail arrived, Unix time by the server's clock; or MAIL_CAME_UNKNOWN */
  char *text;
};

#define MAIL_CAME_UNKNOWN INT64_MAX

struct mail_names {
  struct mail_name *all; /* ascending by uid */
  uint32_t count, capacity;
  uint32_t next_uid; /* number of the next new name */
  uint64_t changes;  /* grows with whatever a list says that is new; one that says nothing new may never end */
  char *link; /* where the server's list of changes continues, to be stored with the names; NULL: there is none */
  struct hashmap places; /* text -> uint32_t: index in `all` */
};

void mail_names_init(struct mail_names *n);
void mail_names_clear(struct mail_names *n);
/* Forgets all names. New ones are numbered from `next_uid` on, or above those that are put in. */
void mail_names_begin(struct mail_names *n, uint32_t next_uid);
/* Puts in a stored name; to be called by ascending uid. `text` is copied. */
void mail_names_put(struct mail_names *n, uint32_t uid, const char *text, int64_t came_s);

/* For a list of all mails that the server has: begin, mail_names_met for each name, end. A name not met is then gone.
 */
void mail_names_list_begin(struct mail_names *n);
/* The server has a mail of this name; a new name is numbered. ERR_LIMIT: too many names, or no number is left. */
int mail_names_met(struct mail_names *n, const char *text, int64_t came_s, struct err *e);
void mail_names_list_end(struct mail_names *n);
/* For a list of changes, which needs neither begin nor end: the server no longer has the mail of this name. What is new
 * is met as above. */
void mail_names_lost(struct mail_names *n, const char *text);

/* The name with a number; NULL if it is gone or was never given. Valid until the names change. */
const char *mail_names_text(const struct mail_names *n, uint32_t uid);
/* The numbers from `from_uid` on of mails that are on the server and came at `since_s` (Unix time) or later: ascending,
 * `most` of them at most (0: all). Returns how many; the caller frees `*ret_uids`. `*ret_next_uid` is the first one
 * that `most` left out, else the number of the next new name. */
uint32_t mail_names_from(const struct mail_names *n, uint32_t from_uid, int64_t since_s, uint32_t most,
                         uint32_t **ret_uids, uint32_t *ret_next_uid);

#endif
