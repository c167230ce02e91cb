/* SPDX-License-Identifier: Apache-2.0 */
/* What a protocol has to implement, so that mails can be read through it. For the rooms of protocols, and for whoever
 * chooses one.
 *
 * mail_folder.h is the contract of these functions: mail_folder_x calls `x` (mail_folder_try calls `try_out`). A
 * protocol's own folder struct begins with a struct mail_folder. Its room publishes its struct mail_protocol alone. */
#ifndef MAILBOX_PROTOCOL_H
#define MAILBOX_PROTOCOL_H

#include "mailbox/mail_folder.h"

struct mail_folder {
  const struct mail_protocol *protocol;
  const struct mail_account *account;
  const char *name;
  const struct mail_watch *watch;
};

struct mail_protocol {
  struct mail_folder *(*make)(void); /* mail_folder_new fills in the struct mail_folder */
  void (*free)(struct mail_folder *f);
  void (*inherit)(struct mail_folder *f, struct mail_folder *from); /* NULL: there is nothing to take over */
  struct mail_names *(*names)(struct mail_folder *f);               /* NULL: the server gives UIDs */

  int (*try_out)(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e);

  int (*find)(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
              struct mail_listing *ret, struct err *e);
  int (*mark)(struct mail_folder *f, uint32_t below_uid, char **ret,
              struct err *e); /* NULL: UIDs are never given twice */
  uint32_t (*find_again)(struct mail_folder *f, const uint32_t *uids, uint32_t count);
  int (*next)(struct mail_folder *f, struct remote_mail *ret, struct err *e);
  void (*rest)(struct mail_folder *f);

  int (*prepare)(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges, struct err *e);
  int (*act)(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
             struct err *e);

  uint32_t (*next_uid)(const struct mail_folder *f);
  double (*not_before)(const struct mail_folder *f);

  /* May be NULL: idle_begin as if it returned 0, the others if it never returns 1. */
  int (*idle_begin)(struct mail_folder *f, struct err *e);
  int (*idle_fd)(const struct mail_folder *f);
  int (*idle_look)(struct mail_folder *f, struct err *e);
  int (*idle_end)(struct mail_folder *f, struct err *e);
};

#endif
