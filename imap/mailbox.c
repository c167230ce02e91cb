/* SPDX-License-Identifier: Apache-2.0 */
/* A folder over connections that break: made anew, after a pause, as often as the account says. */
#include "imap/folder.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utc.h"
#include "imap/refusal.h"
#include "imap/transport.h"
#include "imap/wait.h"

#define PAUSE_MOST_S 60.0 /* between two tries, unless the server asks for more */

struct imap_mailbox *imap_mailbox_new(const struct imap_account *account, const char *folder,
                                      const struct imap_watch *watch) {
  struct imap_mailbox *m = mem_zalloc(sizeof *m);
  m->account = account;
  m->folder = folder;
  m->watch = watch;
  reading_reset(m);
  return m;
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

void imap_mailbox_free(struct imap_mailbox *m) {
  if (!m) return;
  mailbox_drop_session(m);
  reading_reset(m);
  free(m->uids);
  free(m);
}

void imap_mailbox_inherit(struct imap_mailbox *m, struct imap_mailbox *from) {
  mailbox_drop_session(m);
  bool idle = from->session && from->session->alive && !from->under_way[0];
  if (!idle) return;
  m->session = from->session;
  m->session->watch = m->watch;
  from->session = NULL;
  from->open = false;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static int connect_session(struct imap_mailbox *m, struct err *e) {
  if (m->session && m->session->alive) return 0;
  mailbox_drop_session(m);
  return session_open(m->account, m->watch, &m->session, e);
}

static int open_folder(struct imap_mailbox *m, bool writing, struct err *e) {
  int code = connect_session(m, e);
  if (!code) code = session_select(m->session, m->folder, !writing, e);
  m->open = !code;
  m->writing = writing;
  return code;
}

static int64_t whole_seconds(double seconds) { return (int64_t)(seconds + 0.999); }

/* When the caller may come back, if the server said so. */
static int give_up(struct imap_mailbox *m, int code, double told_s, struct err *e) {
  unsigned tries = m->failures + 1;
  char when[UTC_TEXT_BYTES];
  m->failures = 0;
  if (tries > 1) err_set(e, code, "%s (tried %u times)", e->text, tries);
  if (told_s <= 0) return code;
  m->not_before = clock_now_s() + told_s;
  return err_set(e, code, "%s: come back after %s", e->text, utc_format(utc_now() + whole_seconds(told_s), when));
}

static void tell_wait(const struct imap_mailbox *m, double seconds, const struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!m->watch || !m->watch->tell) return;
  strbuf_printf(&text, "waiting for %lld seconds: %s", (long long)whole_seconds(seconds), e->text);
  m->watch->tell(m->watch->user, strbuf_text(&text));
}

int mailbox_recover(struct imap_mailbox *m, int code, struct err *e) {
  if (code != ERR_IO && code != ERR_BUSY && code != ERR_FORMAT) return code;
  double told_s = code == ERR_BUSY ? refusal_wait_s(e->text) : 0;
  mailbox_drop_session(m);
  if (m->failures >= m->account->retries || told_s > m->account->max_wait_s) return give_up(m, code, told_s, e);
  double pause = (double)(1U << (m->failures < 16 ? m->failures : 16));
  if (pause > PAUSE_MOST_S) pause = PAUSE_MOST_S;
  m->failures++;
  if (told_s > pause) tell_wait(m, told_s, e);
  return watch_sleep(m->watch, told_s > pause ? told_s : pause, e);
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

static int find(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, bool *ret_known, struct err *e) {
  int code = open_folder(m, false, e);
  if (code < 0) return code;
  struct session *s = m->session;
  m->uidvalidity = s->uidvalidity;
  *ret_known = uidvalidity == m->uidvalidity && from_uid && !is_restored(s, from_uid);
  return session_search(s, *ret_known ? from_uid : 1, e);
}

int imap_mailbox_find(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, uint32_t *ret_uidvalidity,
                      uint32_t *ret_next_uid, uint32_t *ret_count, struct err *e) {
  bool known;
  int code;
  abandon(m);
  m->next_uid = 0;
  while ((code = find(m, uidvalidity, from_uid, &known, e)) < 0)
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  struct session *s = m->session;
  free(m->uids);
  m->uids = TAKE_PTR(s->found);
  m->count = s->found_count;
  m->asked = m->sizes_begin = m->sizes_end = 0;
  s->found_count = s->found_capacity = 0;
  /* All below UIDNEXT was there before the search (RFC 9051 2.3.1.1). */
  uint32_t behind = m->count ? m->uids[m->count - 1] + (m->uids[m->count - 1] < UINT32_MAX) : 1;
  *ret_next_uid = s->uidnext > behind ? s->uidnext : behind;
  if (known && *ret_next_uid < from_uid) *ret_next_uid = from_uid;
  m->next_uid = *ret_next_uid;
  uint32_t most = m->account->most;
  if (most && m->count > most) {
    *ret_next_uid = m->uids[most]; /* the first of those left for the next time */
    m->count = most;
  }
  *ret_uidvalidity = m->uidvalidity;
  *ret_count = m->count;
  return 0;
}

uint32_t imap_mailbox_find_again(struct imap_mailbox *m, const uint32_t *uids, uint32_t count) {
  while (count && m->count && uids[count - 1] >= m->uids[0])
    count--; /* listed: the folder is read from its first mail */
  uint32_t *all = mem_alloc((count + m->count + 1) * sizeof *all);
  for (uint32_t i = 0; i < count; i++) all[i] = uids[i];
  for (uint32_t i = 0; i < m->count; i++) all[count + i] = m->uids[i];
  free(m->uids);
  m->uids = all;
  return m->count += count;
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

int imap_mailbox_prepare(struct imap_mailbox *m, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                         struct err *e) {
  int code;
  abandon(m);
  m->uidvalidity = uidvalidity;
  while ((code = mailbox_reopen(m, true, e)) < 0)
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  *ret_moves = session_can(m->session, CAPABILITY_MOVE) && !m->moves_not;
  *ret_expunges = session_can(m->session, CAPABILITY_UIDPLUS);
  return 0;
}

int imap_mailbox_act(struct imap_mailbox *m, enum imap_act act, const uint32_t *uids, uint32_t count, const char *text,
                     struct err *e) {
  for (;;) {
    int code = mailbox_reopen(m, true, e);
    if (!code) code = session_act(m->session, act, uids, count, text, e);
    if (code == 1) m->moves_not = true;
    if (code >= 0) {
      m->failures = 0;
      return code;
    }
    if ((code = mailbox_recover(m, code, e)) < 0) return code;
  }
}

/* --- waiting for news --------------------------------------------------------------------------------------------- */

int imap_mailbox_idle_begin(struct imap_mailbox *m, struct err *e) {
  int code = mailbox_reopen(m, false, e);
  if (code < 0 || !session_can(m->session, CAPABILITY_IDLE)) return code;
  code = session_idle_begin(m->session, e);
  return code < 0 ? code : 1;
}

uint32_t imap_mailbox_next_uid(const struct imap_mailbox *m) { return m->next_uid; }

double imap_mailbox_not_before(const struct imap_mailbox *m) { return m->not_before; }

int imap_mailbox_idle_fd(const struct imap_mailbox *m) { return transport_fd(m->session->transport); }

int imap_mailbox_idle_look(struct imap_mailbox *m, struct err *e) { return session_idle_look(m->session, e); }
int imap_mailbox_idle_end(struct imap_mailbox *m, struct err *e) { return session_idle_end(m->session, e); }
