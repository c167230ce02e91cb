/* SPDX-License-Identifier: Apache-2.0 */
/* What a protocol has to be able to do, so that mails come in by it. For the rooms of protocols, and who chooses one.
 *
 * A protocol answers for what mail_folder.h promises, behind one function for each of its own. Its folder begins with a
 * struct mail_folder; a room of its own shows nothing but its struct mail_protocol. */
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
  struct mail_folder *(*make)(void); /* its fields are filled in by mail_folder_new */
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

  /* All four NULL where the protocol knows no way to tell of new mail. */
  int (*idle_begin)(struct mail_folder *f, struct err *e);
  int (*idle_fd)(const struct mail_folder *f);
  int (*idle_look)(struct mail_folder *f, struct err *e);
  int (*idle_end)(struct mail_folder *f, struct err *e);
};

#endif
