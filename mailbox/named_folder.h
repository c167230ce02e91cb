/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a server that gives its mails names and hands them out one by one: what such protocols share. It numbers
 * the mails, tries again what fails, and holds back what was refused until it is clear that the mail is at fault and
 * not the server. A protocol of this kind brings a struct named_source, and the table of named_folder.c's functions in
 * its struct mail_protocol. For the rooms of protocols. */
#ifndef MAILBOX_NAMED_FOLDER_H
#define MAILBOX_NAMED_FOLDER_H

#include "mailbox/mail_names.h"
#include "mailbox/patience.h"
#include "mailbox/protocol.h"

struct named_folder;

/* What is the protocol's own. Each connects where there is no connection, and its failures are tried again: behind
 * one `disconnect` is called. */
struct named_source {
  /* Names the mails that are there (mail_names.h); `link` is that of the list before, NULL for none. ERR_NOT_FOUND: the
   * folder alone is not there. */
  int (*list)(struct named_folder *f, const char *link, struct err *e);
  /* One mail: REMOTE_MAIL_HERE, _TOO_LARGE, _REFUSED with the reason, or _MISSING where it is gone. Sets `f->asked`
   * once the server was reached and the mail asked for: what breaks then may break because of the mail. */
  int (*fetch)(struct named_folder *f, const char *name, struct remote_mail *ret, struct err *e);
  /* Does it to those of `names` that are still there. */
  int (*act)(struct named_folder *f, enum mail_act act, const char *const *names, uint32_t count, const char *text,
             struct err *e);
  /* Nothing is wanted for a while; NULL where that makes no difference. `ends`: not even the connection. */
  void (*rest)(struct named_folder *f, bool ends);
  void (*disconnect)(struct named_folder *f);
};

struct named_folder {
  struct mail_folder base;
  const struct named_source *source;
  struct mail_names names;
  struct patience patience;
  double told_s;   /* behind ERR_BUSY: how long the server asks to wait; 0: it does not say */
  bool asked;      /* see fetch */
  unsigned broken; /* times in a row that it broke over the next mail */
  uint32_t next_uid;
  uint32_t *uids; /* to be handed out */
  uint32_t count, at;

  /* mails that are not here, kept back until the server gives another one: else it is not the mails' fault */
  struct remote_mail *held;
  uint32_t held_count, held_capacity, held_at;
  bool held_free;   /* to be handed out */
  unsigned refused; /* of them, in a row */
  bool given;       /* any mail was, since the folder was found */
};

#define NAMED_UIDVALIDITY 1 /* numbers are ours, and stay */

void named_folder_init(struct named_folder *f, const struct named_source *source);
void named_folder_clear(struct named_folder *f); /* disconnects */

/* Of the protocol's table (mailbox/protocol.h). */
int named_folder_try(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e);
int named_folder_find(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                      struct mail_listing *ret, struct err *e);
uint32_t named_folder_find_again(struct mail_folder *f, const uint32_t *uids, uint32_t count);
int named_folder_next(struct mail_folder *f, struct remote_mail *ret, struct err *e);
void named_folder_rest(struct mail_folder *f);
int named_folder_prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                         struct err *e);
int named_folder_act(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                     struct err *e);
uint32_t named_folder_next_uid(const struct mail_folder *f);
double named_folder_not_before(const struct mail_folder *f);
int named_folder_idle_begin(struct mail_folder *f, struct err *e);
struct mail_names *named_folder_names(struct mail_folder *f);

/* The part of a struct mail_protocol that is the same for all of them. */
#define NAMED_FOLDER_FUNCTIONS                                                                                     \
  .try_out = named_folder_try, .find = named_folder_find, .find_again = named_folder_find_again,                   \
  .next = named_folder_next, .rest = named_folder_rest, .prepare = named_folder_prepare, .act = named_folder_act,  \
  .next_uid = named_folder_next_uid, .not_before = named_folder_not_before, .idle_begin = named_folder_idle_begin, \
  .names = named_folder_names

#endif
