/* SPDX-License-Identifier: Apache-2.0 */
/* A folder over connections that break: what was asked for and not handed out yet is asked for again, by UID. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "imap/session.h"
#include "imap/transport.h"
#include "imap/wait.h"

#define PAUSE_MOST_S 60.0 /* between two tries */
#define NOOP_SECONDS 60.0 /* a server may hang up after 30 minutes (RFC 9051 5.4); some do much sooner */

struct imap_mailbox {
  const struct imap_account *account;
  const char *folder;
  const struct imap_watch *watch;
  struct session *session; /* NULL: to be made */
  bool open, writing;      /* the folder is, and how */
  bool moves_not;          /* whatever the server lists */
  unsigned failures;       /* in a row */

  uint32_t uidvalidity;
  uint32_t *uids; /* to be handed out */
  uint32_t count;
  uint32_t asked; /* uids below were asked for, or handed out */
  uint64_t sizes[IMAP_SIZES];
  uint32_t sizes_begin, sizes_end; /* of which uids */
  struct imap_batch *ready;        /* being handed out */
  unsigned ready_at;
  struct imap_batch *under_way[2]; /* oldest first; NULL: none */
};

struct imap_mailbox *imap_mailbox_new(const struct imap_account *account, const char *folder,
                                      const struct imap_watch *watch) {
  struct imap_mailbox *m = mem_zalloc(sizeof *m);
  m->account = account;
  m->folder = folder;
  m->watch = watch;
  return m;
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

static void free_batch(struct imap_batch *b) {
  if (!b) return;
  for (unsigned i = 0; i < b->count; i++) imap_mail_clear(&b->mails[i]);
  free(b);
}

static void drop_batches(struct imap_mailbox *m) {
  free_batch(m->ready);
  free_batch(m->under_way[0]);
  free_batch(m->under_way[1]);
  m->ready = m->under_way[0] = m->under_way[1] = NULL;
}

static void drop_session(struct imap_mailbox *m) {
  session_close(m->session);
  m->session = NULL;
  m->open = false;
}

/* Answers to what was asked for are still to come, and nobody wants them any more. */
static void abandon(struct imap_mailbox *m) {
  if (m->under_way[0]) drop_session(m);
  drop_batches(m);
}

void imap_mailbox_free(struct imap_mailbox *m) {
  if (!m) return;
  drop_session(m);
  drop_batches(m);
  free(m->uids);
  free(m);
}

void imap_mailbox_inherit(struct imap_mailbox *m, struct imap_mailbox *from) {
  drop_session(m);
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
  drop_session(m);
  return session_open(m->account, m->watch, &m->session, e);
}

static int open_folder(struct imap_mailbox *m, bool writing, struct err *e) {
  int code = connect_session(m, e);
  if (!code) code = session_select(m->session, m->folder, !writing, e);
  m->open = !code;
  m->writing = writing;
  return code;
}

/* Whether to try again after `code`: 0 yes, after a pause and on a new connection; else the code. */
static int recover(struct imap_mailbox *m, int code, struct err *e) {
  if (code != ERR_IO && code != ERR_BUSY && code != ERR_FORMAT) return code;
  drop_session(m);
  if (m->failures >= m->account->retries) {
    unsigned tries = m->failures + 1;
    m->failures = 0;
    return tries > 1 ? err_set(e, code, "%s (tried %u times)", e->text, tries) : code;
  }
  double pause = (double)(1U << (m->failures < 16 ? m->failures : 16));
  m->failures++;
  return watch_sleep(m->watch, pause < PAUSE_MOST_S ? pause : PAUSE_MOST_S, e);
}

static int reopen(struct imap_mailbox *m, bool writing, struct err *e) {
  if (m->open && m->session->alive && (m->writing || !writing)) return 0;
  int code = open_folder(m, writing, e);
  if (!code && m->session->uidvalidity != m->uidvalidity)
    return err_set(e, ERR_NOT_FOUND, "the server has numbered its mails anew (UIDVALIDITY %u, before %u)",
                   m->session->uidvalidity, m->uidvalidity);
  return code;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

static int find(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, struct err *e) {
  int code = open_folder(m, false, e);
  if (code < 0) return code;
  m->uidvalidity = m->session->uidvalidity;
  return session_search(m->session, uidvalidity == m->uidvalidity && from_uid ? from_uid : 1, e);
}

int imap_mailbox_find(struct imap_mailbox *m, uint32_t uidvalidity, uint32_t from_uid, uint32_t *ret_uidvalidity,
                      uint32_t *ret_next_uid, uint32_t *ret_count, struct err *e) {
  int code;
  abandon(m);
  while ((code = find(m, uidvalidity, from_uid, e)) < 0)
    if ((code = recover(m, code, e)) < 0) return code;
  struct session *s = m->session;
  free(m->uids);
  m->uids = TAKE_PTR(s->found);
  m->count = s->found_count;
  m->asked = m->sizes_begin = m->sizes_end = 0;
  s->found_count = s->found_capacity = 0;
  /* All below UIDNEXT was there before the search (RFC 9051 2.3.1.1). */
  uint32_t behind = m->count ? m->uids[m->count - 1] + (m->uids[m->count - 1] < UINT32_MAX) : 1;
  uint32_t known = uidvalidity == m->uidvalidity ? from_uid : 1;
  *ret_next_uid = s->uidnext > behind ? s->uidnext : behind;
  if (*ret_next_uid < known) *ret_next_uid = known;
  *ret_uidvalidity = m->uidvalidity;
  *ret_count = m->count;
  return 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The size of the mail at `i`, asked for with those behind it. */
static int get_size(struct imap_mailbox *m, uint32_t i, uint64_t *ret, struct err *e) {
  if (i < m->sizes_begin || i >= m->sizes_end) {
    uint32_t n = m->count - i < IMAP_SIZES ? m->count - i : IMAP_SIZES;
    m->sizes_begin = m->sizes_end = 0;
    int code = session_sizes(m->session, m->uids + i, n, m->sizes, e);
    if (code < 0) return code;
    m->sizes_begin = i;
    m->sizes_end = i + n;
  }
  *ret = m->sizes[i - m->sizes_begin];
  return 0;
}

static int make_batch(struct imap_mailbox *m, struct imap_batch *b, struct err *e) {
  uint64_t bytes = 0;
  for (; b->count < IMAP_BATCH && m->asked + b->count < m->count; b->count++) {
    uint64_t size;
    int code = get_size(m, m->asked + b->count, &size, e);
    if (code < 0) return code;
    bool too_large = size > m->account->mail_bytes;
    if (!too_large && b->count && bytes + size > IMAP_BATCH_BYTES) break;
    if (!too_large) bytes += size;
    b->mails[b->count] = (struct imap_mail){.uid = m->uids[m->asked + b->count],
                                            .state = too_large ? IMAP_MAIL_TOO_LARGE : IMAP_MAIL_MISSING,
                                            .size = too_large ? size : 0,
                                            .fd = -1};
  }
  return 0;
}

static int ask(struct imap_mailbox *m, struct err *e) {
  struct imap_batch *b = mem_zalloc(sizeof *b);
  int code = make_batch(m, b, e);
  if (!code) code = session_fetch_send(m->session, b, e);
  if (code < 0) {
    free_batch(b);
    return code;
  }
  m->asked += b->count;
  m->under_way[m->under_way[0] ? 1 : 0] = b;
  return 0;
}

static int ask_ahead(struct imap_mailbox *m, struct err *e) {
  int code = 0;
  while (!code && !m->under_way[1] && m->asked < m->count) code = ask(m, e);
  return code;
}

/* A mail alone that did not come with others. Where the server does not give it although it is there, it is
 * IMAP_MAIL_REFUSED; *ret_refusal is the code of a refusal in words. */
static int fetch_alone(struct imap_mailbox *m, struct imap_mail *mail, int *ret_refusal, struct err *e) {
  struct imap_batch *b = mem_zalloc(sizeof *b);
  b->count = 1;
  b->mails[0] = (struct imap_mail){.uid = mail->uid, .fd = -1};
  int code = session_fetch_send(m->session, b, e);
  if (!code) code = session_fetch_await(m->session, b, e);
  uint64_t size = 0;
  if (!code && !b->code && b->mails[0].state == IMAP_MAIL_MISSING)
    code = session_sizes(m->session, &mail->uid, 1, &size, e);
  if (!code && (b->code || size)) {
    imap_mail_clear(&b->mails[0]);
    b->mails[0].state = IMAP_MAIL_REFUSED;
    b->mails[0].reason = mem_strdup(b->code ? b->err.text : "the server lists the mail, but does not give its content");
    *ret_refusal = b->code;
    *e = b->err;
  }
  if (!code) {
    b->mails[0].uid = mail->uid;
    *mail = b->mails[0];
    b->mails[0] = (struct imap_mail)IMAP_MAIL_NONE;
  }
  free_batch(b);
  return code;
}

/* What a batch was answered without: perhaps gone, perhaps refused for the sake of one. Where the server gives no mail
 * at all it is not the mails' fault: then this fails, and nothing is taken for read. */
static int fetch_missing(struct imap_mailbox *m, struct imap_batch *b, struct err *e) {
  bool any = false;
  int refusal = 0;
  for (unsigned i = 0; i < b->count; i++) {
    int code = b->mails[i].state == IMAP_MAIL_MISSING ? fetch_alone(m, &b->mails[i], &refusal, e) : 0;
    if (code < 0) return code;
    any = any || b->mails[i].state == IMAP_MAIL_HERE;
    if (refusal == ERR_BUSY || (refusal && !any && i >= 4)) break;
  }
  return refusal && (!any || refusal == ERR_BUSY) ? ERR_BUSY : 0;
}

static bool is_complete(const struct imap_batch *b) {
  for (unsigned i = 0; i < b->count; i++)
    if (b->mails[i].state == IMAP_MAIL_MISSING) return false;
  return true;
}

/* The next batch, complete. */
static int receive(struct imap_mailbox *m, struct err *e) {
  struct imap_batch *b = m->under_way[0];
  int code = session_fetch_await(m->session, b, e);
  if (code < 0) return code;
  if (b->code == ERR_BUSY) {
    *e = b->err;
    return ERR_BUSY;
  }
  if (!is_complete(b)) {
    if (m->under_way[1]) code = session_fetch_await(m->session, m->under_way[1], e);
    if (!code) code = fetch_missing(m, b, e);
    if (code < 0) return code;
  }
  free_batch(m->ready);
  m->ready = b;
  m->ready_at = 0;
  m->under_way[0] = TAKE_PTR(m->under_way[1]);
  return 0;
}

static int advance(struct imap_mailbox *m, struct err *e) {
  int code = reopen(m, false, e);
  if (!code) code = ask_ahead(m, e);
  if (!code) code = receive(m, e);
  if (!code) code = ask_ahead(m, e);
  return code;
}

/* What came before the trouble is kept, up to the first mail that did not come; the rest will be asked for again. */
static void salvage(struct imap_mailbox *m) {
  struct imap_batch *b = m->under_way[0];
  uint32_t requested = (b ? b->count : 0) + (m->under_way[1] ? m->under_way[1]->count : 0);
  unsigned kept = 0;
  while (b && kept < b->count && b->mails[kept].state != IMAP_MAIL_MISSING && b->mails[kept].state != IMAP_MAIL_REFUSED)
    kept++;
  m->asked -= requested - kept;
  for (unsigned i = kept; b && i < b->count; i++) imap_mail_clear(&b->mails[i]);
  if (b) b->count = kept;
  free_batch(m->under_way[1]);
  free_batch(m->ready);
  m->ready = b;
  m->ready_at = 0;
  m->under_way[0] = m->under_way[1] = NULL;
}

int imap_mailbox_next(struct imap_mailbox *m, struct imap_mail *ret, struct err *e) {
  for (;;) {
    while (m->ready && m->ready_at < m->ready->count) {
      struct imap_mail *mail = &m->ready->mails[m->ready_at++];
      if (mail->state == IMAP_MAIL_MISSING) continue; /* gone meanwhile */
      *ret = *mail;
      *mail = (struct imap_mail)IMAP_MAIL_NONE;
      m->failures = 0;
      return 1;
    }
    if (!m->under_way[0] && m->asked == m->count) return 0;
    int code = advance(m, e);
    if (code == 0) continue;
    drop_session(m); /* it still points to what salvage takes */
    salvage(m);
    if (m->ready && m->ready->count) continue; /* that is progress: no pause, no failure */
    if ((code = recover(m, code, e)) < 0) return code;
  }
}

void imap_mailbox_rest(struct imap_mailbox *m) {
  struct session *s = m->session;
  struct err unused;
  int code = 0;
  if (!s || !s->alive) return;
  for (unsigned i = 0; i < ARRAY_SIZE(m->under_way) && !code; i++)
    if (m->under_way[i]) code = session_fetch_await(s, m->under_way[i], &unused);
  if (!code && clock_now_s() - s->spoken > NOOP_SECONDS) session_noop(s, &unused);
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

int imap_mailbox_prepare(struct imap_mailbox *m, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                         struct err *e) {
  int code;
  abandon(m);
  m->uidvalidity = uidvalidity;
  while ((code = reopen(m, true, e)) < 0)
    if ((code = recover(m, code, e)) < 0) return code;
  *ret_moves = session_can(m->session, CAPABILITY_MOVE) && !m->moves_not;
  *ret_expunges = session_can(m->session, CAPABILITY_UIDPLUS);
  return 0;
}

int imap_mailbox_act(struct imap_mailbox *m, enum imap_act act, const uint32_t *uids, uint32_t count, const char *text,
                     struct err *e) {
  for (;;) {
    int code = reopen(m, true, e);
    if (!code) code = session_act(m->session, act, uids, count, text, e);
    if (code == 1) m->moves_not = true;
    if (code >= 0) {
      m->failures = 0;
      return code;
    }
    if ((code = recover(m, code, e)) < 0) return code;
  }
}

/* --- waiting for news --------------------------------------------------------------------------------------------- */

int imap_mailbox_idle_begin(struct imap_mailbox *m, struct err *e) {
  int code = reopen(m, false, e);
  if (code < 0 || !session_can(m->session, CAPABILITY_IDLE)) return code;
  code = session_idle_begin(m->session, e);
  return code < 0 ? code : 1;
}

int imap_mailbox_idle_fd(const struct imap_mailbox *m) { return transport_fd(m->session->transport); }

int imap_mailbox_idle_look(struct imap_mailbox *m, struct err *e) { return session_idle_look(m->session, e); }
int imap_mailbox_idle_end(struct imap_mailbox *m, struct err *e) { return session_idle_end(m->session, e); }
