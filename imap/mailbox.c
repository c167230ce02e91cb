/* SPDX-License-Identifier: Apache-2.0 */
/* A folder over connections that break: made anew, after a pause, as often as the account says. */
#include "imap/folder.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utc.h"
#include "imap/arrival_marks.h"
#include "mailbox/refusal.h"
#include "mailbox/transport.h"
#include "mailbox/uid_list.h"
#include "mailbox/wait.h"

static struct mail_folder *make(void) {
  struct imap_mailbox *m = mem_zalloc(sizeof *m);
  reading_reset(m);
  return &m->base;
}

void mailbox_drop_session(struct imap_mailbox *m) {
  session_close(m->session);
  m->session = NULL;
  m->open = false;
}

/* Answers to what was asked for are still to come, and nobody wants them any more. */
static void abandon(struct imap_mailbox *m) {
  if (m->under_way[0]) mailbox_drop_session(m);
  reading_reset(m);
}

static void free_folder(struct mail_folder *f) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  mailbox_drop_session(m);
  reading_reset(m);
  free(m->uids);
  free(m);
}

static void inherit(struct mail_folder *f, struct mail_folder *other) {
  struct imap_mailbox *m = (struct imap_mailbox *)f, *from = (struct imap_mailbox *)other;
  mailbox_drop_session(m);
  bool idle = from->session && from->session->alive && !from->under_way[0];
  if (!idle) return;
  m->session = from->session;
  m->session->watch = m->base.watch;
  from->session = NULL;
  from->open = false;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static int connect_session(struct imap_mailbox *m, struct err *e) {
  if (m->session && m->session->alive) return 0;
  mailbox_drop_session(m);
  return session_open(m->base.account, m->base.watch, &m->session, e);
}

static int open_folder(struct imap_mailbox *m, bool writing, struct err *e) {
  int code = connect_session(m, e);
  if (!code) code = session_select(m->session, m->base.name, !writing, e);
  m->open = !code;
  m->writing = writing;
  return code;
}

/* A connection that another folder left behind may have broken meanwhile. */
static int try_out(struct mail_folder *f, bool *ret_let_in, uint32_t *ret_mails, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  bool used = m->session;
  int code = open_folder(m, false, e);
  if (code < 0 && used && m->session && !m->session->alive) code = open_folder(m, false, e);
  *ret_let_in = m->session;
  if (!code) *ret_mails = m->session->exists;
  return code;
}

int mailbox_recover(struct imap_mailbox *m, int code, struct err *e) {
  if (code != ERR_IO && code != ERR_BUSY && code != ERR_FORMAT) return code;
  double told_s = code == ERR_BUSY ? refusal_wait_s(e->text) : 0;
  mailbox_drop_session(m);
  return patience_try_again(&m->patience, m->base.account, m->base.watch, code, told_s, e);
}

int mailbox_reopen(struct imap_mailbox *m, bool writing, struct err *e) {
  if (m->open && m->session->alive && (m->writing || !writing)) return 0;
  int code = open_folder(m, writing, e);
  if (!code && m->session->uidvalidity != m->uidvalidity)
    return err_set(e, ERR_NOT_FOUND, "the server has numbered its mails anew (UIDVALIDITY %u, before %u)",
                   m->session->uidvalidity, m->uidvalidity);
  return code;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* A server never gives a UID twice (RFC 9051 2.3.1.1). Where it is about to, the mailbox was restored from a backup. A
 * UIDNEXT that is lower than mails there are is only wrong. */
static bool is_restored(const struct session *s, uint32_t from_uid) {
  return s->uidnext && s->uidnext < from_uid && s->exists < s->uidnext;
}

/* Once UIDNEXT has grown past `from_uid` again, only the mails themselves tell. A server that does not want to say
 * proves nothing. */
static int is_renewed(struct imap_mailbox *m, const char *marks, bool *ret, struct err *e) {
  struct marks before, now;
  *ret = false;
  if (!marks || !marks_parse(marks, &before)) return 0;
  int code = session_mark(m->session, before.from, before.to, &now, e);
  if (code == 0) *ret = marks_contradict(&before, &now);
  return m->session->alive && code != ERR_BUSY ? 0 : code;
}

static int search(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, const char *marks, bool *ret_known,
                  bool *ret_restored, struct err *e) {
  int code = open_folder(m, false, e);
  if (code < 0) return code;
  struct session *s = m->session;
  m->uidvalidity = s->uidvalidity;
  *ret_known = uidvalidity == m->uidvalidity && from_uid;
  *ret_restored = *ret_known && is_restored(s, from_uid);
  if (*ret_known && !*ret_restored) code = is_renewed(m, marks, ret_restored, e);
  *ret_known = *ret_known && !*ret_restored;
  return code < 0 ? code : session_search(s, *ret_known ? from_uid : 1, e);
}

static int find(struct mail_folder *f, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                struct mail_listing *ret, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  bool known, restored;
  int code;
  abandon(m);
  m->next_uid = 0;
  while ((code = search(m, uidvalidity, from_uid, marks, &known, &restored, e)) < 0)
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  struct session *s = m->session;
  free(m->uids);
  m->uids = TAKE_PTR(s->found);
  m->count = s->found_count;
  m->asked = m->sizes_begin = m->sizes_end = 0;
  m->first_new = known ? from_uid : 1;
  s->found_count = s->found_capacity = 0;
  /* All below UIDNEXT was there before the search (RFC 9051 2.3.1.1). */
  uint32_t behind = m->count ? m->uids[m->count - 1] + (m->uids[m->count - 1] < UINT32_MAX) : 1;
  m->next_uid = s->uidnext > behind ? s->uidnext : behind;
  if (known && m->next_uid < from_uid) m->next_uid = from_uid;
  uint32_t most = m->base.account->most, next_uid = m->next_uid;
  if (s->cut) next_uid = known && behind < from_uid ? from_uid : behind;
  if (most && m->count > most) {
    next_uid = m->uids[most]; /* the first of those left for the next time */
    m->count = most;
  }
  *ret = (struct mail_listing){
      .uidvalidity = m->uidvalidity, .next_uid = next_uid, .count = m->count, .restored = restored};
  return 0;
}

/* Not worth another try: without it the folder is as well known as before. A server may hang up over it as over one
 * mail, which reading passes over. */
static int mark(struct mail_folder *f, uint32_t below_uid, char **ret, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  struct marks marks;
  int code = mailbox_reopen(m, false, e);
  if (code < 0 || below_uid < 2) return code;
  uint32_t from = below_uid > IMAP_MARKED ? below_uid - IMAP_MARKED : 1;
  code = session_mark(m->session, from, below_uid - 1, &marks, e);
  if (!code) *ret = marks_format(&marks);
  return code;
}

static uint32_t find_again(struct mail_folder *f, const uint32_t *uids, uint32_t count) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  uid_list_prepend(&m->uids, &m->count, uids, count);
  return m->count;
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

static int prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  int code;
  abandon(m);
  m->uidvalidity = uidvalidity;
  while ((code = mailbox_reopen(m, true, e)) < 0)
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  *ret_moves = session_can(m->session, CAPABILITY_MOVE) && !m->moves_not;
  *ret_expunges = session_can(m->session, CAPABILITY_UIDPLUS);
  return 0;
}

static int act(struct mail_folder *f, enum mail_act which, const uint32_t *uids, uint32_t count, const char *text,
               struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  for (;;) {
    int code = mailbox_reopen(m, true, e);
    if (!code) code = session_act(m->session, which, uids, count, text, e);
    if (code == 1) m->moves_not = true;
    if (code >= 0) {
      m->patience.failures = 0;
      return code;
    }
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  }
}

/* --- waiting for news --------------------------------------------------------------------------------------------- */

static int idle_begin(struct mail_folder *f, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  int code = mailbox_reopen(m, false, e);
  if (code < 0 || !session_can(m->session, CAPABILITY_IDLE)) return code;
  code = session_idle_begin(m->session, e);
  return code < 0 ? code : 1;
}

static struct session *session_of(const struct mail_folder *f) { return ((const struct imap_mailbox *)f)->session; }
static int idle_fd(const struct mail_folder *f) { return transport_fd(session_of(f)->transport); }
static int idle_look(struct mail_folder *f, struct err *e) { return session_idle_look(session_of(f), e); }
static int idle_end(struct mail_folder *f, struct err *e) { return session_idle_end(session_of(f), e); }

static uint32_t next_uid(const struct mail_folder *f) { return ((const struct imap_mailbox *)f)->next_uid; }
static double not_before(const struct mail_folder *f) { return ((const struct imap_mailbox *)f)->patience.not_before; }

const struct mail_protocol IMAP_PROTOCOL = {
    .make = make,
    .free = free_folder,
    .inherit = inherit,
    .try_out = try_out,
    .find = find,
    .mark = mark,
    .find_again = find_again,
    .next = reading_next,
    .rest = reading_rest,
    .prepare = prepare,
    .act = act,
    .next_uid = next_uid,
    .not_before = not_before,
    .idle_begin = idle_begin,
    .idle_fd = idle_fd,
    .idle_look = idle_look,
    .idle_end = idle_end,
};
