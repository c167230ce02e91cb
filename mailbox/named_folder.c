/* SPDX-License-Identifier: Apache-2.0 */
/* Mails one by one, tried again where something breaks.
 *
 * As with IMAP (imap/reading.c) one mail that the server refuses, or over which it hangs up or asks for patience for
 * ever, is told and passed over. Many are no fault of the mails: then the server is busy, and nothing is taken for
 * read. */
#include "mailbox/named_folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "mailbox/uid_list.h"

#define REFUSED_MANY 3 /* in a row */
#define CUTS_CERTAIN 2 /* a connection that ends may be a network's fault: all tries, but at least so many */

static struct named_folder *of(struct mail_folder *f) { return (struct named_folder *)f; }

/* --- begin and end ------------------------------------------------------------------------------------------------ */

void named_folder_init(struct named_folder *f, const struct named_source *source) {
  f->source = source;
  mail_names_init(&f->names);
}

static void drop_held(struct named_folder *f) {
  for (uint32_t i = f->held_at; i < f->held_count; i++) remote_mail_clear(&f->held[i]);
  f->held_count = f->held_at = 0;
  f->held_free = f->busy = false;
  f->refused = 0;
}

void named_folder_clear(struct named_folder *f) {
  f->source->disconnect(f);
  drop_held(f);
  free(f->held);
  free(f->uids);
  mail_names_clear(&f->names);
}

struct mail_names *named_folder_names(struct mail_folder *f) {
  return &of(f)->names;
}

static int recover(struct named_folder *f, int code, struct err *e) {
  double told_s = code == ERR_BUSY ? f->told_s : 0;
  f->told_s = 0;
  f->source->disconnect(f);
  return patience_try_again(&f->patience, f->base.account, f->base.watch, code, told_s, e);
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

int named_folder_try(struct mail_folder *folder, bool *ret_let_in, uint32_t *ret_mails, struct err *e) {
  struct named_folder *f = of(folder);
  mail_names_begin(&f->names, 1);
  int code = f->source->list(f, NULL, e);
  *ret_let_in = !code || code == ERR_NOT_FOUND;
  *ret_mails = f->names.count;
  return code;
}

int named_folder_find(struct mail_folder *folder, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                      struct mail_listing *ret, struct err *e) {
  struct named_folder *f = of(folder);
  int code;
  drop_held(f);
  f->given = false;
  f->next_uid = 0;
  while ((code = f->source->list(f, marks, e)) < 0)
    if ((code = recover(f, code, e)) < 0) return code;
  f->patience.failures = f->broken = 0;
  free(f->uids);
  f->at = 0;
  *ret = (struct mail_listing){.uidvalidity = NAMED_UIDVALIDITY};
  f->first_new = uidvalidity == NAMED_UIDVALIDITY ? from_uid : 1;
  f->count = mail_names_from(&f->names, f->first_new, f->base.account->since_s, f->base.account->most, &f->uids,
                             &ret->next_uid);
  f->next_uid = f->names.next_uid;
  ret->count = f->count;
  return 0;
}

uint32_t named_folder_find_again(struct mail_folder *folder, const uint32_t *uids, uint32_t count) {
  struct named_folder *f = of(folder);
  uid_list_prepend(&f->uids, &f->count, uids, count);
  return f->count;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static int next_held(struct named_folder *f, struct remote_mail *ret) {
  *ret = f->held[f->held_at++];
  if (f->held_at == f->held_count) drop_held(f);
  return 1;
}

/* None of those held counts as read: they are asked for once more, after a pause. */
static int give_back(struct named_folder *f, struct err *e) {
  const struct remote_mail *last = &f->held[f->held_count - 1];
  int code = err_set(e, ERR_BUSY, "uid %u: %s", last->uid, last->reason ? last->reason : "the server gives no mail");
  while (f->at && f->uids[f->at - 1] >= f->held[0].uid) f->at--;
  drop_held(f);
  return code;
}

/* 0, or ERR_BUSY where too many were refused. */
static int take(struct named_folder *f, struct remote_mail *mail, struct err *e) {
  f->broken = 0;
  if (mail->state == REMOTE_MAIL_MISSING) return 0; /* gone meanwhile */
  if (mail->state == REMOTE_MAIL_HERE) {
    f->patience = (struct patience){0};
    f->refused = 0;
    f->given = true;
    f->busy = false;
  }
  if (mail->state == REMOTE_MAIL_REFUSED) f->refused++;
  MEM_GROW(f->held, f->held_capacity, f->held_count);
  f->held[f->held_count++] = *mail;
  *mail = (struct remote_mail)REMOTE_MAIL_NONE;
  if (f->refused >= REFUSED_MANY) return give_back(f, e);
  f->held_free = !f->refused;
  return 0;
}

/* The server is reached, but each try ends over this mail; right behind another such mail the first one does, where
 * more tries are made: a single one may have ended because the server went down. A server that says for how long to
 * wait means us. */
static bool is_certain(struct named_folder *f, int code) {
  bool may_be = code == ERR_IO || code == ERR_FORMAT || (code == ERR_BUSY && f->told_s <= 0);
  if (!f->asked || !may_be) return false;
  f->broken++;
  uint32_t retries = f->base.account->retries;
  return (f->broken >= CUTS_CERTAIN || (f->refused && retries)) && f->patience.failures >= retries;
}

static int fetch(struct named_folder *f, struct err *e) {
  uint32_t uid = f->uids[f->at];
  const char *name = mail_names_text(&f->names, uid);
  struct remote_mail mail = REMOTE_MAIL_NONE;
  f->asked = false;
  int code = name ? f->source->fetch(f, name, &mail, e) : 0;
  if (code < 0) {
    remote_mail_clear(&mail);
    if (!is_certain(f, code)) return code;
    f->source->disconnect(f);
    mail.state = REMOTE_MAIL_REFUSED;
    mail.reason = mem_strdup(e->text);
    f->busy = f->busy || code == ERR_BUSY;
  }
  mail.uid = uid;
  f->at++;
  return take(f, &mail, e);
}

/* At the end of the list nothing more will tell whether the server gives mails at all. One alone may be refused; one
 * for which it asks for patience waits until there is another behind it, unless that was so before. */
static int take_last(struct named_folder *f, struct remote_mail *ret, struct err *e) {
  if (!f->held_count) return 0;
  bool is_new = f->held[f->held_count - 1].uid >= f->first_new;
  if ((f->refused > 1 && !f->given) || (f->busy && is_new)) return give_back(f, e);
  f->held_free = true;
  return next_held(f, ret);
}

int named_folder_next(struct mail_folder *folder, struct remote_mail *ret, struct err *e) {
  struct named_folder *f = of(folder);
  for (;;) {
    if (f->held_free && f->held_count) return next_held(f, ret);
    int code = 0;
    if (f->at < f->count)
      code = fetch(f, e);
    else if ((code = take_last(f, ret, e)) >= 0)
      return code;
    if (code < 0 && (code = recover(f, code, e)) < 0) return code;
  }
}

void named_folder_rest(struct mail_folder *folder) {
  struct named_folder *f = of(folder);
  if (f->source->rest) f->source->rest(f, false);
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

/* Mails that somebody took away while others were read are not to be acted on: a name may go with its mail, and where
 * it lies now is where its owner wants it. What has come meanwhile is left to the next mail_folder_find. */
static int list_anew(struct named_folder *f, struct err *e) {
  _cleanup_free_ char *link = f->names.link ? mem_strdup(f->names.link) : NULL;
  int code;
  while ((code = f->source->list(f, link, e)) < 0)
    if ((code = recover(f, code, e)) < 0) return code;
  f->patience.failures = 0;
  return 0;
}

int named_folder_prepare(struct mail_folder *folder, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                         struct err *e) {
  struct named_folder *f = of(folder);
  *ret_moves = *ret_expunges = true;
  if (uidvalidity != NAMED_UIDVALIDITY) return err_set(e, ERR_NOT_FOUND, "the folder has another UIDVALIDITY now");
  return f->source->is_shared ? list_anew(f, e) : 0;
}

int named_folder_act(struct mail_folder *folder, enum mail_act act, const uint32_t *uids, uint32_t count,
                     const char *text, struct err *e) {
  struct named_folder *f = of(folder);
  const char *names[MAIL_ACT_MOST];
  uint32_t there = 0;
  int code;
  for (uint32_t i = 0; i < count; i++)
    if ((names[there] = mail_names_text(&f->names, uids[i]))) there++;
  while (there && (code = f->source->act(f, act, names, there, text, e)) < 0)
    if ((code = recover(f, code, e)) < 0) return code;
  f->patience.failures = 0;
  return 0;
}

/* --- how it stands ------------------------------------------------------------------------------------------------ */

uint32_t named_folder_next_uid(const struct mail_folder *f) { return ((const struct named_folder *)f)->next_uid; }

double named_folder_not_before(const struct mail_folder *f) {
  return ((const struct named_folder *)f)->patience.not_before;
}

/* Nobody tells us of news: we come back, and hold nothing meanwhile. */
int named_folder_idle_begin(struct mail_folder *folder, struct err *e) {
  (void)e;
  struct named_folder *f = of(folder);
  if (f->source->rest) f->source->rest(f, true);
  return 0;
}
