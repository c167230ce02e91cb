/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and what the server says to them: lines, lists of lines, and mails, which are lists of lines too. */
#include "pop3/pop3_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"
#include "mailbox/refusal.h"

/* --- lines -------------------------------------------------------------------------------------------------------- */

static int fill(struct pop3_session *s, struct err *e) {
  ssize_t n = s->in->read(s->in, s->buffer, sizeof s->buffer, e);
  if (n < 0) return (int)n;
  if (!n) return err_set(e, ERR_IO, "the server closed the connection");
  s->at = 0;
  s->end = (size_t)n;
  return 0;
}

/* The next line without its end. */
static int read_line(struct pop3_session *s, char ret[POP3_LINE_BYTES], struct err *e) {
  size_t length = 0;
  for (;;) {
    if (s->at == s->end) {
      int code = fill(s, e);
      if (code < 0) return code;
    }
    char c = (char)s->buffer[s->at++];
    if (c == '\n') break;
    if (!c || length + 1 == POP3_LINE_BYTES)
      return err_set(e, ERR_FORMAT, "the server sends a line that is none of POP3's");
    ret[length++] = c;
  }
  if (length && ret[length - 1] == '\r') length--;
  ret[length] = '\0';
  return 0;
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

/* RFC 1939 3: "+OK" or "-ERR", and what people are to know. */
static int read_status(struct pop3_session *s, struct err *e) {
  char line[POP3_LINE_BYTES];
  int code = read_line(s, line, e);
  if (code < 0) return code;
  if (ascii_begins(line, "+OK")) return 0;
  if (!ascii_begins(line, "-ERR")) return err_set(e, ERR_FORMAT, "the server answers neither +OK nor -ERR: %s", line);
  const char *words = line + 4 + strspn(line + 4, " ");
  bool patience = refusal_is_patience(words, true);
  return err_set(e, patience ? ERR_BUSY : ERR_USAGE, "the server says %s", *words ? words : "-ERR");
}

/* `number`: 0 for none. */
static int command(struct pop3_session *s, const char *word, uint32_t number, struct err *e) {
  char line[32];
  int length =
      number ? snprintf(line, sizeof line, "%s %u\r\n", word, number) : snprintf(line, sizeof line, "%s\r\n", word);
  transport_begin_command(s->transport);
  s->spoken = clock_now_s();
  int code = transport_send(s->transport, line, (size_t)length, e);
  return code < 0 ? code : read_status(s, e);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* "12 value": false where it is none. */
static bool split(char *line, uint32_t *ret_number, char **ret_value) {
  int64_t number;
  char *blank = strchr(line, ' ');
  if (!blank) return false;
  *blank = '\0';
  *ret_value = blank + 1;
  if (!number_parse(line, UINT32_MAX, &number) || !number) return false;
  *ret_number = (uint32_t)number;
  return true;
}

/* RFC 1939 7: 1 to 70 characters from 0x21 to 0x7E; a few servers give longer ones. */
static bool is_unique_id(const char *text) {
  size_t length = strlen(text);
  for (const char *c = text; *c; c++)
    if (*c <= ' ' || *c > '~') return false;
  return length && length < MAIL_NAME_BYTES;
}

static int add_mail(struct pop3_session *s, char *line, struct err *e) {
  uint32_t number;
  char *id;
  bool new;
  if (!split(line, &number, &id) || !is_unique_id(id))
    return err_set(e, ERR_FORMAT, "the server lists a mail without a unique-id");
  if (s->mails.count == MAIL_NAMES_MOST)
    return err_set(e, ERR_LIMIT, "the server lists more than %u mails", MAIL_NAMES_MOST);
  struct pop3_mail *mail = hashmap_put(&s->mails, id, strlen(id), &new);
  if (new) mail->number = number;
  mail->same++;
  s->listed++;
  return 0;
}

/* Sizes come in the order of the unique-ids. Those that do not are not known. */
static void set_size(struct pop3_session *s, char *line, uint32_t *at, uint32_t *count) {
  uint32_t number;
  char *text;
  int64_t size;
  if (!split(line, &number, &text)) return;
  ++*count;
  text[strcspn(text, " ")] = '\0';
  while (*at < s->mails.count && ((struct pop3_mail *)hashmap_value_at(&s->mails, *at))->number < number) ++*at;
  if (*at == s->mails.count || !number_parse(text, INT64_MAX, &size)) return;
  struct pop3_mail *mail = hashmap_value_at(&s->mails, *at);
  if (mail->number == number) mail->size = (uint64_t)size;
}

static bool is_end(const char *line) { return !strcmp(line, "."); }

static int list_ids(struct pop3_session *s, struct err *e) {
  char line[POP3_LINE_BYTES];
  int code = command(s, "UIDL", 0, e);
  if (code == ERR_USAGE) return err_prefix(e, code, "without unique-ids (UIDL) nobody knows which mails are new");
  while (!code && !(code = read_line(s, line, e)) && !is_end(line)) code = add_mail(s, line, e);
  return code;
}

static int list_sizes(struct pop3_session *s, struct err *e) {
  char line[POP3_LINE_BYTES];
  uint32_t at = 0, count = 0;
  int code = command(s, "LIST", 0, e);
  if (code == ERR_USAGE) return 0; /* then they are found out by reading */
  while (!code && !(code = read_line(s, line, e)) && !is_end(line)) set_size(s, line, &at, &count);
  if (code < 0 || count <= s->listed) return code;
  return err_set(e, ERR_FORMAT, "the server lists %u mails, and gives unique-ids for %u of them", count, s->listed);
}

/* --- mails -------------------------------------------------------------------------------------------------------- */

/* Where in a mail the next byte stands: lines that begin with "." have another one in front (RFC 1939 3). */
enum place { LINE_BEGIN, WITHIN_LINE, BEHIND_CR, BEHIND_DOT, BEHIND_DOT_CR, MAIL_END };

/* What `c` is to the mail: `*ret` of up to 2 bytes. */
static enum place step(enum place place, unsigned char c, unsigned char ret[2], size_t *ret_size) {
  *ret_size = 0;
  if (place == LINE_BEGIN && c == '.') return BEHIND_DOT;
  if (place == BEHIND_DOT && c == '\r') return BEHIND_DOT_CR;
  if (place == BEHIND_DOT_CR && c == '\n') return MAIL_END;
  if (place == BEHIND_DOT_CR) ret[(*ret_size)++] = '\r';
  ret[(*ret_size)++] = c;
  if (c == '\r') return BEHIND_CR;
  bool ended = (place == BEHIND_CR || place == BEHIND_DOT_CR) && c == '\n';
  return ended ? LINE_BEGIN : WITHIN_LINE;
}

/* What is in the buffer, up to the end of the mail. */
static enum place take_bytes(struct pop3_session *s, enum place place, unsigned char *out, size_t *ret_size) {
  size_t size = 0;
  while (s->at < s->end && place != MAIL_END) {
    size_t n;
    place = step(place, s->buffer[s->at++], out + size, &n);
    size += n;
  }
  *ret_size = size;
  return place;
}

static int keep_bytes(struct pop3_session *s, struct remote_mail *ret, const unsigned char *bytes, size_t size,
                      struct err *e) {
  bool too_large = ret->state == REMOTE_MAIL_TOO_LARGE || ret->size + size > s->account->mail_bytes;
  if (!too_large) return remote_mail_append(ret, bytes, size, e);
  uint64_t total = ret->size + size;
  if (ret->state != REMOTE_MAIL_TOO_LARGE) remote_mail_clear(ret);
  ret->state = REMOTE_MAIL_TOO_LARGE;
  ret->size = total;
  return 0;
}

int pop3_session_retrieve(struct pop3_session *s, const struct pop3_mail *mail, struct remote_mail *ret, bool *ret_disk,
                          struct err *e) {
  unsigned char out[POP3_BUFFER_BYTES + 1]; /* one may be left from the buffer before */
  size_t size;
  *ret_disk = false;
  int code = command(s, "RETR", mail->number, e);
  if (code < 0) return code;
  for (enum place place = LINE_BEGIN; place != MAIL_END;) {
    if (s->at == s->end && (code = fill(s, e)) < 0) return code;
    place = take_bytes(s, place, out, &size);
    code = keep_bytes(s, ret, out, size, e);
    *ret_disk = code < 0;
    if (code < 0) return code;
  }
  if (ret->state == REMOTE_MAIL_TOO_LARGE) return 0;
  remote_mail_end(ret);
  ret->state = REMOTE_MAIL_HERE;
  return 0;
}

int pop3_session_delete(struct pop3_session *s, const struct pop3_mail *mail, struct err *e) {
  return command(s, "DELE", mail->number, e);
}

int pop3_session_noop(struct pop3_session *s, struct err *e) { return command(s, "NOOP", 0, e); }
int pop3_session_quit(struct pop3_session *s, struct err *e) { return command(s, "QUIT", 0, e); }

/* --- begin and end ------------------------------------------------------------------------------------------------ */

int pop3_session_open(const struct mail_account *a, const struct mail_watch *watch, struct pop3_session **ret,
                      struct err *e) {
  struct transport *transport;
  int code = transport_open(a, watch, &transport, e);
  if (code < 0) return code;
  struct pop3_session *s = mem_zalloc(sizeof *s);
  s->account = a;
  s->transport = transport;
  s->in = transport_stream(transport);
  hashmap_init(&s->mails, sizeof(struct pop3_mail));
  code = list_ids(s, e);
  if (!code) code = list_sizes(s, e);
  if (code < 0) {
    pop3_session_close(s);
    return code;
  }
  *ret = s;
  return 0;
}

void pop3_session_close(struct pop3_session *s) {
  if (!s) return;
  transport_close(s->transport);
  hashmap_clear(&s->mails);
  free(s);
}
