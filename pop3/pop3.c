/* SPDX-License-Identifier: Apache-2.0 */
/* A maildrop over sessions: each is a view of what is there when it begins. */
#include "pop3/pop3.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "mailbox/named_folder.h"
#include "mailbox/refusal.h"
#include "pop3/pop3_session.h"

#define NOOP_SECONDS 60.0 /* a server may hang up after ten minutes (RFC 1939 3); some do much sooner */

struct pop3_folder {
  struct named_folder named;
  struct pop3_session *session; /* NULL: to be made */
};

static struct pop3_folder *of(struct named_folder *f) { return (struct pop3_folder *)f; }

static void disconnect(struct named_folder *f) {
  pop3_session_close(of(f)->session);
  of(f)->session = NULL;
}

/* The patience that the server's words ask for is the folder's to have. */
static int told(struct named_folder *f, int code, const struct err *e) {
  if (code == ERR_BUSY) f->told_s = refusal_wait_s(e->text);
  return code;
}

static int connect_session(struct named_folder *f, struct err *e) {
  struct pop3_folder *p = of(f);
  if (p->session) return 0;
  return told(f, pop3_session_open(f->base.account, f->base.watch, &p->session, e), e);
}

/* Its unique-id. Mails that share one have a name together, which no unique-id can be: told as something new when there
 * come to be more of them, and when there is one left. */
static char *name_of(const struct pop3_mail *mail, const char *id, size_t size) {
  return mail->same == 1 ? mem_strndup(id, size) : mem_printf("%.*s *%u", (int)size, id, mail->same);
}

static int list(struct named_folder *f, const char *link, struct err *e) {
  (void)link;
  disconnect(f);
  int code = connect_session(f, e);
  if (code < 0) return code;
  const struct hashmap *mails = &of(f)->session->mails;
  mail_names_list_begin(&f->names);
  for (uint32_t i = 0; i < mails->count && !code; i++) {
    size_t size;
    const char *id = hashmap_key_at(mails, i, &size);
    _cleanup_free_ char *name = name_of(hashmap_value_at(mails, i), id, size);
    code = mail_names_met(&f->names, name, MAIL_CAME_UNKNOWN, e);
  }
  if (!code) mail_names_list_end(&f->names);
  return code;
}

/* NULL where there is none of that name, or no longer as many as it says. */
static const struct pop3_mail *find_mail(const struct pop3_folder *p, const char *name) {
  size_t size = strcspn(name, " ");
  const struct pop3_mail *mail = hashmap_get(&p->session->mails, name, size);
  if (!mail) return NULL;
  _cleanup_free_ char *now = name_of(mail, name, size);
  return strcmp(now, name) ? NULL : mail;
}

static void refuse(struct remote_mail *ret, const char *reason) {
  ret->state = REMOTE_MAIL_REFUSED;
  ret->reason = mem_strdup(reason);
}

static int fetch(struct named_folder *f, const char *name, struct remote_mail *ret, struct err *e) {
  struct pop3_folder *p = of(f);
  bool disk;
  int code = connect_session(f, e);
  if (code < 0) return code;
  const struct pop3_mail *mail = find_mail(p, name);
  if (!mail) return 0; /* REMOTE_MAIL_MISSING */
  if (mail->same > 1) {
    refuse(ret, "the server gives several mails the same unique-id: nobody can tell them apart");
    return 0;
  }
  if (mail->size > f->base.account->mail_bytes) {
    ret->state = REMOTE_MAIL_TOO_LARGE;
    ret->size = mail->size;
    return 0;
  }
  f->asked = true;
  code = pop3_session_retrieve(p->session, mail, ret, &disk, e);
  if (disk) f->asked = false;
  if (code != ERR_USAGE) return told(f, code, e);
  refuse(ret, e->text);
  return 0;
}

/* Deleted is what the end of the session has confirmed. A mail that is gone, or that the server calls deleted already,
 * needs nothing more. */
static int act(struct named_folder *f, enum mail_act act, const char *const *names, uint32_t count, const char *text,
               struct err *e) {
  struct pop3_folder *p = of(f);
  (void)act, (void)text; /* MAIL_ACT_DELETE: others are refused with the account */
  int code = connect_session(f, e);
  for (uint32_t i = 0; i < count && !code; i++) {
    const struct pop3_mail *mail = find_mail(p, names[i]);
    if (mail && mail->same == 1) code = pop3_session_delete(p->session, mail, e);
  }
  if (!code) code = pop3_session_quit(p->session, e);
  if (!code) disconnect(f);
  return told(f, code, e);
}

static void rest(struct named_folder *f, bool ends) {
  struct pop3_folder *p = of(f);
  struct err unused;
  if (!p->session) return;
  bool quiet = clock_now_s() - p->session->spoken <= NOOP_SECONDS;
  int code = ends ? pop3_session_quit(p->session, &unused) : quiet ? 0 : pop3_session_noop(p->session, &unused);
  if (ends || code < 0) disconnect(f);
}

/* --- the protocol ------------------------------------------------------------------------------------------------- */

static struct mail_folder *make(void) {
  static const struct named_source SOURCE = {
      .list = list, .fetch = fetch, .act = act, .rest = rest, .disconnect = disconnect};
  struct pop3_folder *p = mem_zalloc(sizeof *p);
  named_folder_init(&p->named, &SOURCE);
  return &p->named.base;
}

static void free_folder(struct mail_folder *f) {
  named_folder_clear((struct named_folder *)f);
  free(f);
}

const struct mail_protocol POP3_PROTOCOL = {.make = make, .free = free_folder, NAMED_FOLDER_FUNCTIONS};
