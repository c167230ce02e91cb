/* SPDX-License-Identifier: Apache-2.0 */
/* Hands each call to the protocol. */
#include "mailbox/mail_folder.h"

#include <curl/curl.h>

#include "mailbox/protocol.h"

void mail_library_init(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
void mail_library_clear(void) { curl_global_cleanup(); }

struct mail_folder *mail_folder_new(const struct mail_protocol *protocol, const struct mail_account *account,
                                    const char *folder, const struct mail_watch *watch) {
  struct mail_folder *f = protocol->make();
  f->protocol = protocol;
  f->account = account;
  f->name = folder;
  f->watch = watch;
  return f;
}

void mail_folder_free(struct mail_folder *f) {
  if (f) f->protocol->free(f);
}

void mail_folder_inherit(struct mail_folder *f, struct mail_folder *from) {
  if (f->protocol->inherit) f->protocol->inherit(f, from);
}

struct mail_names *mail_folder_names(struct mail_folder *f) {
  return f->protocol->names ? f->protocol->names(f) : NULL;
}

int mail_folder_try(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e) {
  return f->protocol->try_out(f, ret_let_in, ret_mails, e);
}

int mail_folder_find(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                     struct mail_listing *ret, struct err *e) {
  return f->protocol->find(f, uidvalidity, from_uid, marks, ret, e);
}

int mail_folder_mark(struct mail_folder *f, uint32_t below_uid, char **ret, struct err *e) {
  *ret = NULL;
  return f->protocol->mark ? f->protocol->mark(f, below_uid, ret, e) : 0;
}

uint32_t mail_folder_find_again(struct mail_folder *f, const uint32_t *uids, uint32_t count) {
  return f->protocol->find_again(f, uids, count);
}

int mail_folder_next(struct mail_folder *f, struct remote_mail *ret, struct err *e) {
  return f->protocol->next(f, ret, e);
}

void mail_folder_rest(struct mail_folder *f) { f->protocol->rest(f); }

int mail_folder_prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                        struct err *e) {
  return f->protocol->prepare(f, uidvalidity, ret_moves, ret_expunges, e);
}

int mail_folder_act(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                    struct err *e) {
  return f->protocol->act(f, act, uids, count, text, e);
}

uint32_t mail_folder_next_uid(const struct mail_folder *f) { return f->protocol->next_uid(f); }
double mail_folder_not_before(const struct mail_folder *f) { return f->protocol->not_before(f); }

int mail_folder_idle_begin(struct mail_folder *f, struct err *e) {
  return f->protocol->idle_begin ? f->protocol->idle_begin(f, e) : 0;
}

int mail_folder_idle_fd(const struct mail_folder *f) { return f->protocol->idle_fd(f); }
int mail_folder_idle_look(struct mail_folder *f, struct err *e) { return f->protocol->idle_look(f, e); }
int mail_folder_idle_end(struct mail_folder *f, struct err *e) { return f->protocol->idle_end(f, e); }
