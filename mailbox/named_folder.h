/* SPDX-License-Identifier: Apache-2.0 */
/* A folder on a server that gives its mails names and sends them one by one: what such protocols share. It numbers the
 * mails, retries what fails, and holds back refused mails until it is clear that the mail is at fault and not the
 * server. A protocol of this kind provides a struct named_source, and puts NAMED_FOLDER_FUNCTIONS into its struct
 * mail_protocol. For the rooms of protocols. */
#ifndef MAILBOX_NAMED_FOLDER_H
#define MAILBOX_NAMED_FOLDER_H

#include "mailbox/mail_names.h"
#include "mailbox/patience.h"
#include "mailbox/protocol.h"

struct named_folder;

/* What the protocol itself does. `list`, `fetch` and `act` connect if there is no connection. When one fails,
 * `disconnect` is called, and the call is repeated as often as the account allows. */
struct named_source {
  /* Reports the mails that exist to `f->names` (mail_names.h). `link` is the one that the previous list left there;
   * NULL: none. ERR_NOT_FOUND: the login succeeded, but the folder does not exist. */
  int (*list)(struct named_folder *f, const char *link, struct err *e);
  /* Fetches one mail: REMOTE_MAIL_HERE, _TOO_LARGE, _REFUSED with the reason, or _MISSING if it is gone. Sets
   * `f->asked` once the mail has been requested from the server: a failure after that may be caused by the mail. */
  int (*fetch)(struct named_folder *f, const char *name, struct remote_mail *ret, struct err *e);
  /* Does `act` to those of `names` that still exist; `text` as for mail_folder_act. */
  int (*act)(struct named_folder *f, enum mail_act act, const char *const *names, uint32_t count, const char *text,
             struct err *e);
  /* Nothing will be asked for a while; `ends`: the connection is not needed any more either. NULL: nothing to do. */
  void (*rest)(struct named_folder *f, bool ends);
  void (*disconnect)(struct named_folder *f);
  bool is_shared; /* others may take mails away while the folder is read: it is listed once more before acting */
};

struct named_folder {
  struct mail_folder base;
  const struct named_source *source;
  struct mail_names names;
  struct patience patience;
  double told_s;      /* with ERR_BUSY: for how many seconds the server asks to wait; 0: it does not say */
  bool asked;         /* see fetch */
  unsigned broken;    /* failures in a row while the next mail was fetched */
  uint32_t next_uid;  /* see mail_folder_next_uid */
  uint32_t first_new; /* mails below it were asked for by an earlier run */
  uint32_t *uids;     /* to be handed out, from `at` on */
  uint32_t count, at;

  /* refused mails and those after them, held back until the server sends another one: only then is the mail at fault */
  struct remote_mail *held;
  uint32_t held_count, held_capacity, held_at;
  bool held_free;   /* they may be handed out */
  unsigned refused; /* how many of them, in a row */
  bool busy;        /* the server asks for patience over one of them */
  bool given;       /* the server has sent a mail since the folder was found */
};

#define NAMED_UIDVALIDITY 1 /* never changes: the numbers are our own */

void named_folder_init(struct named_folder *f, const struct named_source *source);
void named_folder_clear(struct named_folder *f); /* disconnects */

/* Implementations for struct mail_protocol; mail_folder.h is their contract. */
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
