/* SPDX-License-Identifier: Apache-2.0 */
/* Sends commands and sorts what comes back; answers that nobody asked for are taken or passed over. */
#include "imap/dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "imap/utf7.h"
#include "mailbox/refusal.h"
#include "mailbox/transport.h"
#include "mailbox/wait.h"

/* What breaks the dialogue: nothing more can be understood on this connection. The server's farewell, where it said
 * one, explains it best. */
static int broken(struct session *s, int code, struct err *e) {
  s->alive = false;
  if (code != ERR_IO || !*s->farewell) return code;
  bool patience = refusal_is_patience(s->farewell, true);
  return err_set(e, patience ? ERR_BUSY : ERR_IO, "the server said BYE %s", s->farewell);
}

int dialogue_send(struct session *s, char tag[IMAP_TAG_BYTES], const char *command, struct err *e) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  snprintf(tag, IMAP_TAG_BYTES, "D%u", ++s->last_tag);
  strbuf_printf(&line, "%s %s\r\n", tag, command);
  transport_begin_command(s->transport);
  s->spoken = clock_now_s();
  int code = transport_send(s->transport, line.data, line.length, e);
  return code < 0 ? broken(s, code, e) : 0;
}

/* --- what status responses carry ---------------------------------------------------------------------------------- */

/* The text behind "[NAME " (RFC 9051 7.1), or NULL. */
static const char *find_code(const char *text, const char *name) {
  size_t length = strlen(name);
  if (text[0] != '[' || !ascii_same_bytes(text + 1, name, length)) return NULL;
  const char *behind = text + 1 + length;
  return *behind == ' ' ? behind + 1 : *behind == ']' ? behind : NULL;
}

static void take_number(const char *text, uint32_t *ret) {
  char digits[16];
  snprintf(digits, sizeof digits, "%.*s", (int)strspn(text, "0123456789"), text);
  imap_number_parse(digits, ret);
}

static void take_permanent_flags(struct session *s, const char *flags) {
  strbuf_reset(&s->permanent);
  strbuf_add_char(&s->permanent, ' ');
  for (; *flags && *flags != ')'; flags++)
    if (*flags != '(') strbuf_add_char(&s->permanent, *flags);
  strbuf_add_char(&s->permanent, ' ');
  s->any_keyword = strstr(s->permanent.data, " \\* ");
}

static void add_capability(struct session *s, const char *word) {
  static const struct {
    const char *word;
    unsigned bits;
  } KNOWN[] = {{"MOVE", CAPABILITY_MOVE},           {"UIDPLUS", CAPABILITY_UIDPLUS}, {"IDLE", CAPABILITY_IDLE},
               {"NAMESPACE", CAPABILITY_NAMESPACE}, {"IMAP4rev1", CAPABILITY_REV1},  {"IMAP4rev2", CAPABILITY_REV2}};
  for (unsigned i = 0; i < ARRAY_SIZE(KNOWN); i++)
    if (ascii_same(word, KNOWN[i].word)) s->capabilities |= KNOWN[i].bits;
}

static void tell_words(const struct session *s, const char *text) {
  _cleanup_strbuf_ struct strbuf sentence = STRBUF_INIT;
  if (!s->watch || !s->watch->tell) return;
  strbuf_printf(&sentence, "the server says: %s", text);
  s->watch->tell(s->watch->user, strbuf_text(&sentence));
}

static void take_code(struct session *s) {
  const char *text = strbuf_text(&s->text), *value;
  if ((value = find_code(text, "UIDVALIDITY"))) take_number(value, &s->uidvalidity);
  if ((value = find_code(text, "UIDNEXT"))) take_number(value, &s->uidnext);
  if ((value = find_code(text, "PERMANENTFLAGS"))) take_permanent_flags(s, value);
  if (find_code(text, "READ-ONLY")) s->read_only = true;
  if (find_code(text, "ALERT")) tell_words(s, text);
}

static int take_status(struct session *s, const struct imap_response *r, struct err *e) {
  int code = imap_reader_text(s->reader, &s->text, e);
  if (code < 0) return code;
  take_code(s);
  if (!strcmp(r->word, "BYE")) snprintf(s->farewell, sizeof s->farewell, "%s", strbuf_text(&s->text));
  return 0;
}

/* Others may expunge mails meanwhile (EXPUNGEISSUED, RFC 5530): a FETCH then gives those that are left and says NO. To
 * another command it means that nothing was done, and that a look at the folder anew will help. */
static int code_of_refusal(const char *word, const char *text, bool of_mails) {
  if (refusal_has_code(text, "EXPUNGEISSUED")) return of_mails ? 0 : ERR_BUSY;
  if (refusal_is_patience(text, of_mails)) return ERR_BUSY;
  if (!strcmp(word, "BAD")) return ERR_FORMAT;
  return find_code(text, "TRYCREATE") || find_code(text, "NONEXISTENT") ? ERR_NOT_FOUND : ERR_USAGE;
}

/* --- data --------------------------------------------------------------------------------------------------------- */

static int take_capabilities(struct session *s, struct err *e) {
  struct imap_token token;
  int code;
  s->capabilities = 0;
  while (!(code = imap_reader_token(s->reader, &token, e)) && token.kind != IMAP_TOKEN_END)
    if (token.kind == IMAP_TOKEN_WORD) add_capability(s, token.text);
  if (s->capabilities & CAPABILITY_REV2)
    s->capabilities |= CAPABILITY_MOVE | CAPABILITY_UIDPLUS | CAPABILITY_IDLE | CAPABILITY_NAMESPACE;
  return code;
}

int dialogue_add_found(struct session *s, uint32_t uid, struct err *e) {
  if (s->found_count >= IMAP_FOUND_MOST)
    return err_set(e, ERR_LIMIT, "the server lists more than %u mails", IMAP_FOUND_MOST);
  MEM_GROW(s->found, s->found_capacity, s->found_count);
  s->found[s->found_count++] = uid;
  return 0;
}

/* "* SEARCH 2 3 6": perhaps several such lines; behind the numbers "(MODSEQ 17)" (RFC 7162). */
static int take_search(struct session *s, struct err *e) {
  struct imap_token token;
  uint32_t uid;
  int code;
  while (!(code = imap_reader_token(s->reader, &token, e)) && token.kind == IMAP_TOKEN_WORD)
    if (imap_number_parse(token.text, &uid) && (code = dialogue_add_found(s, uid, e)) < 0) break;
  return code;
}

/* "5" or "5:9" of a set, in any order. */
static int add_range(struct session *s, char *range, struct err *e) {
  uint32_t from, to;
  char *colon = strchr(range, ':');
  if (colon) *colon = '\0';
  if (!imap_number_parse(range, &from) || !imap_number_parse(colon ? colon + 1 : range, &to)) return 0;
  if (from > to) {
    uint32_t swap = from;
    from = to;
    to = swap;
  }
  for (uint64_t uid = from; uid <= to; uid++) {
    int code = dialogue_add_found(s, (uint32_t)uid, e);
    if (code < 0) return code;
  }
  return 0;
}

/* "* ESEARCH (TAG "D5") UID ALL 2,10:15" (RFC 9051 7.3.4): what IMAP4rev2 answers with. */
static int take_esearch(struct session *s, struct err *e) {
  struct imap_token token;
  bool all = false;
  int code;
  while (!(code = imap_reader_token(s->reader, &token, e)) && token.kind != IMAP_TOKEN_END) {
    if (token.kind != IMAP_TOKEN_WORD) {
      code = imap_reader_skip_value(s->reader, &token, e);
      all = false;
    } else if (ascii_is_digit(token.text[0])) {
      char range[32];
      snprintf(range, sizeof range, "%s", token.text);
      if (all) code = add_range(s, range, e);
    } else {
      all = ascii_same(token.text, "ALL");
    }
    if (code < 0) return code;
  }
  return code;
}

int dialogue_read_astring(struct session *s, const struct imap_token *token, struct strbuf *ret, struct err *e) {
  char piece[256];
  ssize_t n = 0;
  if (token->kind != IMAP_TOKEN_LITERAL) {
    strbuf_add_text(ret, token->text ? token->text : "");
    return 0;
  }
  while (ret->length < IMAP_NAME_BYTES && (n = imap_reader_literal(s->reader, piece, sizeof piece, e)) > 0)
    strbuf_add(ret, piece, (size_t)n);
  return n < 0 ? (int)n : 0;
}

void dialogue_add_name(struct strbuf *out, const char *name) {
  if (!imap_utf7_decode(out, name)) strbuf_add_text(out, name);
}

char dialogue_delimiter_of(const struct imap_token *token) {
  return token->kind == IMAP_TOKEN_QUOTED && token->size == 1 ? token->text[0] : '\0';
}

static void add_listed(struct session *s, const char *name) {
  if (!s->names || !*name) return;
  if (++s->name_count > IMAP_LISTED) return;
  if (s->names->length) strbuf_add_text(s->names, ", ");
  size_t begin = s->names->length;
  dialogue_add_name(s->names, name);
  for (size_t i = begin; i < s->names->length && s->delimiter; i++)
    if (s->names->data[i] == s->delimiter) s->names->data[i] = '/';
}

/* "* LIST (\Noselect) "/" "": flags, delimiter or NIL, name. */
static int take_list(struct session *s, struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  struct imap_token token;
  int code = imap_reader_token(s->reader, &token, e);
  if (!code) code = imap_reader_skip_value(s->reader, &token, e);
  if (!code) code = imap_reader_token(s->reader, &token, e);
  if (code < 0) return code;
  if (!s->delimiter_known) s->delimiter = dialogue_delimiter_of(&token);
  s->delimiter_known = true;
  code = imap_reader_token(s->reader, &token, e);
  if (!code && token.kind != IMAP_TOKEN_END) code = dialogue_read_astring(s, &token, &name, e);
  if (!code) add_listed(s, strbuf_text(&name));
  return code;
}

static bool is_status(const char *word) {
  return !strcmp(word, "OK") || !strcmp(word, "NO") || !strcmp(word, "BAD") || !strcmp(word, "BYE") ||
         !strcmp(word, "PREAUTH");
}

static int take_untagged(struct session *s, const struct imap_response *r, struct err *e) {
  if (r->numbered) {
    if (!strcmp(r->word, "FETCH")) return dialogue_take_fetch(s, r->number, e);
    if (!strcmp(r->word, "EXPUNGE")) {
      s->announced -= s->announced > 0;
      s->expunged++;
    }
    if (!strcmp(r->word, "EXISTS")) {
      s->news = s->news || r->number > s->announced; /* some servers say what was known already when IDLE begins */
      s->exists = s->announced = r->number;
    }
    return 0;
  }
  if (is_status(r->word)) return take_status(s, r, e);
  if (!strcmp(r->word, "SEARCH")) return take_search(s, e);
  if (!strcmp(r->word, "ESEARCH")) return take_esearch(s, e);
  if (!strcmp(r->word, "CAPABILITY")) return take_capabilities(s, e);
  if (!strcmp(r->word, "LIST")) return take_list(s, e);
  if (!strcmp(r->word, "NAMESPACE")) return dialogue_take_namespaces(s, e);
  return 0; /* FLAGS, EXPUNGE, VANISHED, STATUS, ...: the reader skips the rest */
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static int take_tagged(struct session *s, const struct imap_response *r, const char *command, int *ret_code,
                       struct err *e) {
  int code = imap_reader_text(s->reader, &s->text, e);
  if (code < 0) return code;
  take_code(s);
  *ret_code = 0;
  if (!strcmp(r->word, "OK")) return 1;
  const char *text = strbuf_text(&s->text);
  size_t first = strcspn(command, " ");
  if (!strncmp(command, "UID ", 4)) first += 1 + strcspn(command + 4, " ");
  bool of_mails = ascii_begins(command, "UID FETCH");
  int refusal = code_of_refusal(r->word, text, of_mails);
  if (refusal)
    *ret_code = err_set(e, refusal, "the server answers %.*s with %s %s", (int)first, command, r->word, text);
  return 1;
}

/* Batches are answered in any order (RFC 9051 5.5). */
static struct imap_batch *find_batch(struct session *s, const char *tag) {
  for (unsigned i = 0; i < ARRAY_SIZE(s->batches); i++)
    if (s->batches[i] && s->batches[i]->waiting && !strcmp(s->batches[i]->tag, tag)) return s->batches[i];
  return NULL;
}

static int step(struct session *s, const char *tag, const char *command, int *ret_code, struct err *e) {
  struct imap_response r;
  int code = imap_reader_begin(s->reader, &r, e);
  if (code < 0) return code;
  if (r.kind == IMAP_UNTAGGED) return take_untagged(s, &r, e);
  if (r.kind == IMAP_CONTINUATION) {
    code = imap_reader_text(s->reader, &s->text, e);
    return code < 0 ? code : 2;
  }
  if (r.kind != IMAP_TAGGED) return 0;
  struct imap_batch *batch = find_batch(s, r.tag);
  if (batch) {
    code = take_tagged(s, &r, "UID FETCH", &batch->code, &batch->err);
    if (code < 0) memcpy(e, &batch->err, sizeof *e);
    batch->waiting = false;
    return code < 0 ? code : 0;
  }
  return tag && !strcmp(r.tag, tag) ? take_tagged(s, &r, command, ret_code, e) : 0;
}

int dialogue_step(struct session *s, const char *tag, const char *command, int *ret_code, struct err *e) {
  if (!s->alive) return err_set(e, ERR_IO, "the connection is closed");
  int code = step(s, tag, command, ret_code, e);
  return code < 0 ? broken(s, code, e) : code;
}

int dialogue_await(struct session *s, const char *tag, const char *command, struct err *e) {
  int answer = 0, code;
  while ((code = dialogue_step(s, tag, command, &answer, e)) != 1)
    if (code < 0) return code;
  return answer;
}

int dialogue_run(struct session *s, const char *command, struct err *e) {
  char tag[IMAP_TAG_BYTES];
  int code = dialogue_send(s, tag, command, e);
  return code < 0 ? code : dialogue_await(s, tag, command, e);
}

/* --- arguments ---------------------------------------------------------------------------------------------------- */

/* A server of IMAP4rev2 alone wants UTF-8 (RFC 9051 5.1); one that knows both speaks IMAP4rev1 until told otherwise. */
static bool encode_name(const struct session *s, struct strbuf *out, const char *folder) {
  bool plain = (s->capabilities & CAPABILITY_REV2) && !(s->capabilities & CAPABILITY_REV1);
  if (!plain) return imap_utf7_encode(out, folder);
  strbuf_add_text(out, folder);
  return true;
}

char *dialogue_levels(const struct session *s, const char *folder) {
  char *levels = mem_strdup(folder);
  for (char *c = levels; *c; c++)
    if (*c == '/' && s->delimiter) *c = s->delimiter;
  return levels;
}

int dialogue_add_folder(struct session *s, struct strbuf *out, const char *folder, struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  _cleanup_free_ char *levels = dialogue_levels(s, folder);
  if (!encode_name(s, &name, levels) || strpbrk(strbuf_text(&name), "\r\n") || name.length > IMAP_NAME_BYTES)
    return err_set(e, ERR_USAGE, "\"%s\" cannot be the name of a folder", folder);
  strbuf_add_char(out, '"');
  for (const char *c = strbuf_text(&name); *c; c++) {
    if (*c == '"' || *c == '\\') strbuf_add_char(out, '\\');
    strbuf_add_char(out, *c);
  }
  strbuf_add_char(out, '"');
  return 0;
}
