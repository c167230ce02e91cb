/* SPDX-License-Identifier: Apache-2.0 */
/* The mails of a folder: asked for in batches, asked for again by UID where a connection broke, and what happens to
 * those that the server does not give.
 *
 * One mail that it refuses, or over which it hangs up or falls silent, is told and passed over. Many are no fault of
 * the mails: then the server is busy, and nothing is taken for read. So what was refused is held until another mail was
 * given. Some ask for patience where they cannot read a mail (Exchange: "Server Unavailable. 15"), and do so for ever:
 * that is a refusal once all tries are made, and a mail behind it is given. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "imap/folder.h"
#include "mailbox/refusal.h"

#define REFUSED_MANY 3    /* in a row */
#define UNSIZED_BATCH 50  /* mails asked for at once where their sizes are not known */
#define HANGUPS_CERTAIN 2 /* BYE over one mail alone: the second time is no chance */
#define CUTS_CERTAIN                                                                              \
  2 /* a connection that ends without a word may be a network's fault: all tries, but at least so \
       many */
#define NOOP_SECONDS 60.0 /* a server may hang up after 30 minutes (RFC 9051 5.4); some do much sooner */

/* --- batches ------------------------------------------------------------------------------------------------------ */

static void free_batch(struct imap_batch *b) {
  if (!b) return;
  for (unsigned i = 0; i < b->count; i++) remote_mail_clear(&b->mails[i]);
  free(b);
}

static void drop_batches(struct imap_mailbox *m) {
  free_batch(m->ready);
  free_batch(m->under_way[0]);
  free_batch(m->under_way[1]);
  m->ready = m->under_way[0] = m->under_way[1] = NULL;
}

static void drop_held(struct imap_mailbox *m) {
  for (uint32_t i = m->held_at; i < m->held_count; i++) remote_mail_clear(&m->held[i]);
  m->held_count = m->held_at = 0;
  m->held_free = m->busy = false;
  m->refused = 0;
}

void reading_reset(struct imap_mailbox *m) {
  drop_batches(m);
  drop_held(m);
  free(m->held);
  m->held = NULL;
  m->held_capacity = 0;
  m->owed = 0;
  m->most = IMAP_BATCH;
  m->hung_up = 0;
  m->sizing = m->sizes_not = m->given = false;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* The size of the mail at `i`, asked for with those behind it; 0 where it is not known. */
static int get_size(struct imap_mailbox *m, uint32_t i, uint64_t *ret, struct err *e) {
  *ret = 0;
  if (m->sizes_not) return 0;
  if (i < m->sizes_begin || i >= m->sizes_end) {
    uint32_t n = m->count - i < IMAP_SIZES ? m->count - i : IMAP_SIZES;
    m->sizes_begin = m->sizes_end = 0;
    m->sizing = true;
    int code = session_sizes(m->session, m->uids + i, n, m->sizes, e);
    if (code < 0 && code != ERR_BUSY && m->session->alive) { /* refused: perhaps because of one mail */
      m->sizes_not = true;
      code = 0;
    }
    if (code < 0) return code;
    m->sizing = false;
    m->sizes_begin = i;
    m->sizes_end = m->sizes_not ? i : i + n;
    if (m->sizes_not) return 0;
  }
  *ret = m->sizes[i - m->sizes_begin];
  return 0;
}

static unsigned most_at_once(const struct imap_mailbox *m) {
  return m->sizes_not && m->most > UNSIZED_BATCH ? UNSIZED_BATCH : m->most;
}

static int make_batch(struct imap_mailbox *m, struct imap_batch *b, struct err *e) {
  uint64_t bytes = 0;
  for (; b->count < most_at_once(m) && m->asked + b->count < m->count; b->count++) {
    uint64_t size;
    int code = get_size(m, m->asked + b->count, &size, e);
    if (code < 0) return code;
    bool too_large = size > m->base.account->mail_bytes;
    if (!too_large && b->count && bytes + size > IMAP_BATCH_BYTES) break;
    if (!too_large) bytes += size;
    b->mails[b->count] = (struct remote_mail){.uid = m->uids[m->asked + b->count],
                                              .state = too_large ? REMOTE_MAIL_TOO_LARGE : REMOTE_MAIL_MISSING,
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

/* In search of one mail a single batch is under way, so that it is clear over which the server hangs up. */
static int ask_ahead(struct imap_mailbox *m, struct err *e) {
  int code = 0;
  if (m->asked >= m->narrow_end) m->most = IMAP_BATCH;
  bool searching = m->most < IMAP_BATCH;
  while (!code && !m->under_way[searching ? 0 : 1] && m->asked < m->count) code = ask(m, e);
  return code;
}

/* --- mails that did not come -------------------------------------------------------------------------------------- */

static void refuse(struct remote_mail *mail, const char *reason) {
  uint32_t uid = mail->uid;
  remote_mail_clear(mail);
  mail->uid = uid;
  mail->state = REMOTE_MAIL_REFUSED;
  mail->reason = mem_strdup(reason);
}

/* A mail alone that did not come with others, although the server lists it. What it does not give now is
 * REMOTE_MAIL_REFUSED; `e` then has the words of a refusal. */
static int fetch_alone(struct imap_mailbox *m, struct remote_mail *mail, struct err *e) {
  struct session *s = m->session;
  unsigned nameless = s->nameless;
  struct imap_batch *b = mem_zalloc(sizeof *b);
  b->count = 1;
  b->mails[0] = (struct remote_mail){.uid = mail->uid, .fd = -1};
  int code = session_fetch_send(s, b, e);
  if (!code) code = session_fetch_await(s, b, e);
  if (!code && b->code) *e = b->err;
  if (!code && b->code == ERR_BUSY) code = ERR_BUSY;
  if (!code && !b->code && b->mails[0].state == REMOTE_MAIL_MISSING) {
    err_set(e, ERR_FORMAT, "the server lists the mail, but does not give its content");
    if (s->nameless != nameless)
      code = err_set(e, ERR_FORMAT, "the server answers UID FETCH without the UID of the mail");
  }
  if (!code) {
    *mail = b->mails[0];
    b->mails[0] = (struct remote_mail)REMOTE_MAIL_NONE;
    if (mail->state == REMOTE_MAIL_MISSING) refuse(mail, e->text);
  }
  free_batch(b);
  return code;
}

/* What a batch was answered without: perhaps gone, perhaps refused for the sake of one. */
static int fetch_missing(struct imap_mailbox *m, struct imap_batch *b, struct err *e) {
  uint32_t uids[IMAP_BATCH], missing = 0, at = 0;
  unsigned refused = 0;
  for (unsigned i = 0; i < b->count; i++)
    if (b->mails[i].state == REMOTE_MAIL_MISSING) uids[missing++] = b->mails[i].uid;
  int code = session_keep_listed(m->session, uids, &missing, e);
  for (unsigned i = 0; i < b->count && !code && at < missing; i++) {
    struct remote_mail *mail = &b->mails[i];
    if (mail->state == REMOTE_MAIL_HERE) refused = 0;
    if (mail->uid != uids[at]) continue;
    at++;
    code = fetch_alone(m, mail, e);
    refused = code || mail->state != REMOTE_MAIL_REFUSED ? 0 : refused + 1;
    if (refused >= REFUSED_MANY) return ERR_BUSY; /* said by `e` */
  }
  return code;
}

static bool is_complete(const struct imap_batch *b) {
  for (unsigned i = 0; i < b->count; i++)
    if (b->mails[i].state == REMOTE_MAIL_MISSING) return false;
  return true;
}

/* --- batches that come -------------------------------------------------------------------------------------------- */

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
  int code = mailbox_reopen(m, false, e);
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
  while (b && kept < b->count && b->mails[kept].state != REMOTE_MAIL_MISSING &&
         b->mails[kept].state != REMOTE_MAIL_REFUSED)
    kept++;
  m->asked -= requested - kept;
  for (unsigned i = kept; b && i < b->count; i++) remote_mail_clear(&b->mails[i]);
  if (b) b->count = kept;
  free_batch(m->under_way[1]);
  free_batch(m->ready);
  m->ready = b;
  m->ready_at = 0;
  m->under_way[0] = m->under_way[1] = NULL;
}

/* --- a mail that makes the server hang up ------------------------------------------------------------------------- */

/* The next mail is told as refused, with the server's words, instead of being asked for once more. */
static void pass_over(struct imap_mailbox *m, const char *reason) {
  free_batch(m->ready);
  m->ready = mem_zalloc(sizeof *m->ready);
  m->ready->count = 1;
  m->ready->mails[0] = (struct remote_mail){.uid = m->uids[m->asked++], .fd = -1};
  refuse(&m->ready->mails[0], reason);
  m->ready_at = 0;
  m->hung_up = 0;
}

/* The server hung up over `requested` mails and gave none of them. True: to be tried again at once, with fewer. */
static bool narrow(struct imap_mailbox *m, unsigned requested, enum session_ending end, const struct err *e) {
  bool bye = end == SESSION_BYE;
  if (!requested || end == SESSION_GOES_ON) return false;
  if (requested > 1) {
    m->most = bye ? requested / 2 : 1;
    m->narrow_end = m->asked + requested;
    m->hung_up = 0;
    return bye;
  }
  m->hung_up++;
  /* Right behind another such mail the first time does, where more tries are made: a single one may have ended because
   * the server went down. */
  uint32_t retries = m->base.account->retries;
  bool often = m->hung_up >= CUTS_CERTAIN || (m->refused && retries);
  bool tried_enough = often && m->patience.failures >= retries;
  bool certain = bye ? m->hung_up >= HANGUPS_CERTAIN : tried_enough;
  if (certain) pass_over(m, e->text);
  return bye || certain;
}

/* What a failure means for the mails that were asked for. A server that says for how long to wait means us. */
static enum session_ending ending_of(const struct imap_mailbox *m, int code, const struct err *e) {
  if (code == ERR_BUSY && refusal_wait_s(e->text) <= 0) return SESSION_CUT;
  return code == ERR_IO ? session_ending(m->session) : SESSION_GOES_ON;
}

/* Behind a failure: 0 where there is something to go on with, else the code. */
static int resume(struct imap_mailbox *m, int code, struct err *e) {
  enum session_ending end = ending_of(m, code, e);
  unsigned requested = m->under_way[0] ? m->under_way[0]->count : 0;
  bool over_sizes = m->sizing && end != SESSION_GOES_ON;
  m->sizing = false;
  mailbox_drop_session(m); /* it still points to what salvage takes */
  salvage(m);
  if (over_sizes && !m->sizes_not) {
    m->sizes_not = true;
    return code == ERR_BUSY ? mailbox_recover(m, code, e) : 0;
  }
  if (m->ready && m->ready->count) { /* that is progress: no failure, and no pause unless the server asks for one */
    m->owed = code == ERR_BUSY ? code : 0;
    m->owed_err = *e;
    return 0;
  }
  if (!narrow(m, requested, end, e)) {
    code = mailbox_recover(m, code, e);
    bool narrowed = requested > 1 && m->most == 1; /* that was no try of the mails that are asked for now */
    if (!code && narrowed && m->patience.failures) m->patience.failures--;
    return code;
  }
  m->busy = m->busy || code == ERR_BUSY;
  return 0;
}

/* --- handing out -------------------------------------------------------------------------------------------------- */

static void hold(struct imap_mailbox *m, struct remote_mail *mail) {
  MEM_GROW(m->held, m->held_capacity, m->held_count);
  m->held[m->held_count++] = *mail;
  *mail = (struct remote_mail)REMOTE_MAIL_NONE;
}

static int next_held(struct imap_mailbox *m, struct remote_mail *ret) {
  *ret = m->held[m->held_at++];
  if (m->held_at == m->held_count) drop_held(m);
  return 1;
}

/* None of those held counts as read: they are asked for once more, after a pause. */
static int give_back(struct imap_mailbox *m, struct err *e) {
  const struct remote_mail *last = &m->held[m->held_count - 1];
  int code = err_set(e, ERR_BUSY, "uid %u: %s", last->uid, last->reason ? last->reason : "the server gives no mail");
  while (m->asked && m->uids[m->asked - 1] >= m->held[0].uid) m->asked--;
  mailbox_drop_session(m);
  drop_batches(m);
  drop_held(m);
  return code;
}

/* A mail that is ready: 1; 0 where none is, or ERR_BUSY. */
static int take_ready(struct imap_mailbox *m, struct remote_mail *ret, struct err *e) {
  while (m->ready && m->ready_at < m->ready->count) {
    struct remote_mail *mail = &m->ready->mails[m->ready_at++];
    if (mail->state == REMOTE_MAIL_MISSING) continue; /* gone meanwhile */
    bool here = mail->state == REMOTE_MAIL_HERE;
    if (here) {
      m->patience.failures = m->hung_up = m->refused = 0;
      m->given = true;
      m->busy = false;
      m->patience.not_before = 0;
    }
    if (mail->state == REMOTE_MAIL_REFUSED) m->refused++;
    hold(m, mail);
    if (m->refused >= REFUSED_MANY) return give_back(m, e);
    m->held_free = !m->refused;
    if (m->held_free) return next_held(m, ret);
  }
  return 0;
}

/* At the end of the list nothing more will tell whether the server gives mails at all. One alone may be refused; one
 * for which it asks for patience waits until there is another behind it, unless that was so before. */
static int take_last(struct imap_mailbox *m, struct remote_mail *ret, struct err *e) {
  if (!m->held_count) return 0;
  bool is_new = m->held[m->held_count - 1].uid >= m->first_new;
  if ((m->refused > 1 && !m->given) || (m->busy && is_new)) return give_back(m, e);
  m->held_free = true;
  return next_held(m, ret);
}

int reading_next(struct mail_folder *f, struct remote_mail *ret, struct err *e) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  for (;;) {
    if (m->held_free && m->held_count) return next_held(m, ret);
    int code = take_ready(m, ret, e);
    if (code == 1) return 1;
    if (!code && m->owed) {
      code = m->owed;
      *e = m->owed_err;
      m->owed = 0;
    }
    bool last = !m->under_way[0] && m->asked == m->count;
    if (!code && last && (code = take_last(m, ret, e)) >= 0) return code;
    if (!code) code = advance(m, e);
    if (!code) continue;
    bool reading = m->session != NULL;
    code = reading ? resume(m, code, e) : mailbox_recover(m, code, e);
    if (code < 0) return code;
  }
}

void reading_rest(struct mail_folder *f) {
  struct imap_mailbox *m = (struct imap_mailbox *)f;
  struct session *s = m->session;
  struct err unused;
  int code = 0;
  if (!s || !s->alive) return;
  for (unsigned i = 0; i < ARRAY_SIZE(m->under_way) && !code; i++)
    if (m->under_way[i]) code = session_fetch_await(s, m->under_way[i], &unused);
  if (!code && clock_now_s() - s->spoken > NOOP_SECONDS) session_noop(s, &unused);
}
