/* SPDX-License-Identifier: Apache-2.0 */
/* FETCH: sizes and whole mails, by UID, in whatever order and form the server gives them. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "imap/dialogue.h"
#include "mailbox/remote_mail.h"

/* One "* 12 FETCH (...)". The UID may stand behind the mail (RFC 9051 7.5.2: items in any order). */
struct fetched {
  uint32_t uid;
  bool has_size;
  uint64_t size;
  bool has_time;
  int64_t received_s;      /* INTERNALDATE */
  struct remote_mail mail; /* REMOTE_MAIL_MISSING where no BODY[] came, or NIL */
};

/* A mail that is larger than allowed is read over, so that the next one can come. */
static int take_literal(struct session *s, size_t size, struct remote_mail *mail, struct err *e) {
  unsigned char piece[16384];
  ssize_t n;
  mail->state = size > s->account->mail_bytes ? REMOTE_MAIL_TOO_LARGE : REMOTE_MAIL_HERE;
  if (mail->state == REMOTE_MAIL_TOO_LARGE) {
    mail->size = size;
    return 0;
  }
  int code = remote_mail_reserve(mail, size, e);
  while (!code && (n = imap_reader_literal(s->reader, piece, sizeof piece, e)) != 0)
    code = n < 0 ? (int)n : remote_mail_add(mail, piece, (size_t)n, e);
  return code;
}

static int take_body(struct session *s, struct fetched *f, struct err *e) {
  struct imap_token token;
  remote_mail_clear(&f->mail);
  int code = imap_reader_token(s->reader, &token, e);
  if (code < 0) return code;
  if (token.kind == IMAP_TOKEN_LITERAL) return take_literal(s, token.size, &f->mail, e);
  if (token.kind == IMAP_TOKEN_QUOTED) {
    f->mail.state = REMOTE_MAIL_HERE;
    code = remote_mail_reserve(&f->mail, token.size, e);
    return code < 0 ? code : remote_mail_add(&f->mail, (const unsigned char *)token.text, token.size, e);
  }
  return imap_reader_skip_value(s->reader, &token, e);
}

static int take_number_item(struct session *s, uint64_t *ret, bool *ret_has, struct err *e) {
  struct imap_token token;
  int code = imap_reader_token(s->reader, &token, e);
  if (code < 0) return code;
  if (token.kind == IMAP_TOKEN_WORD && ascii_is_digit(token.text[0])) {
    *ret = strtoull(token.text, NULL, 10); /* 64 bits in IMAP4rev2; too large is as good as the largest */
    *ret_has = true;
  }
  return imap_reader_skip_value(s->reader, &token, e);
}

static int take_time(struct session *s, struct fetched *f, struct err *e) {
  struct imap_token token;
  int code = imap_reader_token(s->reader, &token, e);
  if (code < 0) return code;
  f->has_time = token.kind == IMAP_TOKEN_QUOTED && mark_time(token.text, &f->received_s);
  return imap_reader_skip_value(s->reader, &token, e);
}

static int take_item(struct session *s, const char *name, struct fetched *f, struct err *e) {
  struct imap_token token;
  uint64_t uid = 0;
  bool has_uid = false;
  int code;
  if (ascii_same(name, "UID")) {
    code = take_number_item(s, &uid, &has_uid, e);
    if (has_uid && uid <= UINT32_MAX) f->uid = (uint32_t)uid;
    return code;
  }
  if (ascii_same(name, "RFC822.SIZE")) return take_number_item(s, &f->size, &f->has_size, e);
  if (ascii_same(name, "INTERNALDATE")) return take_time(s, f, e);
  if (ascii_same(name, "BODY[]")) return take_body(s, f, e);
  code = imap_reader_token(s->reader, &token, e);
  return code < 0 ? code : imap_reader_skip_value(s->reader, &token, e);
}

static int by_uid(const void *key, const void *mail) {
  uint32_t wanted = *(const uint32_t *)key, uid = ((const struct remote_mail *)mail)->uid;
  return (wanted > uid) - (wanted < uid);
}

static int by_number(const void *key, const void *number) {
  uint32_t wanted = *(const uint32_t *)key, uid = *(const uint32_t *)number;
  return (wanted > uid) - (wanted < uid);
}

static void deliver_size(struct session *s, const struct fetched *f) {
  if (!f->has_size || !s->sizes) return;
  const uint32_t *place = bsearch(&f->uid, s->sized_uids, s->sized_count, sizeof *s->sized_uids, by_number);
  if (place) s->sizes[place - s->sized_uids] = f->size ? f->size : 1;
}

/* What nobody asked for, or has already, is dropped. */
static void deliver(struct session *s, struct fetched *f) {
  deliver_size(s, f);
  if (s->marks && f->has_time) marks_add(s->marks, f->uid, f->received_s);
  if (f->mail.state == REMOTE_MAIL_HERE && !f->mail.size) remote_mail_clear(&f->mail); /* no mail is empty */
  s->nameless += !f->uid && (f->has_size || f->mail.state != REMOTE_MAIL_MISSING);
  if (f->mail.state == REMOTE_MAIL_MISSING) return;
  for (unsigned i = 0; i < ARRAY_SIZE(s->batches); i++) {
    struct imap_batch *batch = s->batches[i];
    struct remote_mail *wanted =
        batch ? bsearch(&f->uid, batch->mails, batch->count, sizeof *batch->mails, by_uid) : NULL;
    if (!wanted || wanted->state != REMOTE_MAIL_MISSING) continue;
    *wanted = f->mail;
    wanted->uid = f->uid;
    f->mail = (struct remote_mail)REMOTE_MAIL_NONE;
    return;
  }
}

static int add_listed(struct session *s, uint32_t uid, uint32_t number, struct err *e) {
  if (number > s->highest) s->highest = number;
  return dialogue_add_found(s, uid, e);
}

int dialogue_take_fetch(struct session *s, uint32_t number, struct err *e) {
  struct fetched f = {.mail = REMOTE_MAIL_NONE};
  struct imap_token token;
  int code = imap_reader_token(s->reader, &token, e);
  bool list = token.kind == IMAP_TOKEN_OPEN;
  while (!code && list) {
    char name[32];
    code = imap_reader_token(s->reader, &token, e);
    if (code < 0 || token.kind == IMAP_TOKEN_CLOSE || token.kind == IMAP_TOKEN_END) break;
    if (token.kind != IMAP_TOKEN_WORD) continue; /* no item: passed over */
    snprintf(name, sizeof name, "%s", token.text);
    code = take_item(s, name, &f, e);
  }
  if (!code && s->listing && f.uid) code = add_listed(s, f.uid, number, e);
  if (!code) deliver(s, &f);
  remote_mail_clear(&f.mail);
  return code;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

int session_sizes(struct session *s, const uint32_t *uids, uint32_t count, uint64_t *ret_sizes, struct err *e) {
  int code = 0;
  memset(ret_sizes, 0, count * sizeof *ret_sizes);
  for (uint32_t asked = 0; !code && asked < count;) {
    _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
    strbuf_add_text(&command, "UID FETCH ");
    uint32_t n = session_add_set(&command, uids + asked, count - asked);
    strbuf_add_text(&command, " (UID RFC822.SIZE)");
    s->sized_uids = uids + asked;
    s->sized_count = n;
    s->sizes = ret_sizes + asked;
    code = dialogue_run(s, command.data, e);
    s->sizes = NULL;
    asked += n;
  }
  return code;
}

int session_mark(struct session *s, uint32_t from, uint32_t to, struct marks *ret, struct err *e) {
  char command[96];
  snprintf(command, sizeof command, "UID FETCH %u:%u (UID INTERNALDATE)", from, to);
  *ret = (struct marks){.from = from, .to = to};
  s->marks = ret;
  int code = dialogue_run(s, command, e);
  s->marks = NULL;
  return code;
}

int session_fetch_send(struct session *s, struct imap_batch *batch, struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
  uint32_t uids[IMAP_BATCH], count = 0;
  for (unsigned i = 0; i < batch->count; i++)
    if (batch->mails[i].state == REMOTE_MAIL_MISSING) uids[count++] = batch->mails[i].uid;
  batch->code = 0;
  batch->waiting = false;
  if (!count) return 0;
  strbuf_add_text(&command, "UID FETCH ");
  session_add_set(&command, uids, count); /* 200 of them fit */
  strbuf_add_text(&command, " (UID BODY.PEEK[])");
  int code = dialogue_send(s, batch->tag, command.data, e);
  if (code < 0) return code;
  batch->waiting = true;
  s->batches[s->batches[0] ? 1 : 0] = batch;
  return 0;
}

int session_fetch_await(struct session *s, struct imap_batch *batch, struct err *e) {
  int code = 0, unused;
  while (code >= 0 && batch->waiting) code = dialogue_step(s, NULL, "UID FETCH", &unused, e);
  for (unsigned i = 0; i < ARRAY_SIZE(s->batches); i++)
    if (s->batches[i] == batch) s->batches[i] = NULL;
  return code < 0 ? code : 0;
}
