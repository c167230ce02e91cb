/* SPDX-License-Identifier: Apache-2.0 */
/* Takes mails apart: each part in turn through the same look at its content as a file, and one event for a mail that
 * holds no report at all. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "intake/hidden.h"
#include "intake/mail.h"
#include "intake/mbox.h"
#include "intake/take.h"

/* Attachments hidden in the text of one mail: each may become a line of the ledger. */
#define HIDDEN_MOST 100
/* Of a Message-ID in an origin; real ones have up to some 120 bytes. */
#define MESSAGE_ID_BYTES 200

/* --- what is told of a mail --------------------------------------------------------------------------------------- */

/* Appends a stranger's text so that a line stays a line and quotes stay quotes. */
static void add_harmless(struct strbuf *b, const char *text, size_t size, size_t most) {
  bool cut = size > most;
  size = utf8_fitting(text, size, most);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    strbuf_add_char(b, c < ' ' || c == 0x7f ? '?' : c == '"' ? '\'' : text[i]);
  }
  if (cut) strbuf_add_text(b, "...");
}

/* " <id@example.net>", from the first '<' to the next '>'; whoever forgets them gets them. */
static void add_message_id(struct strbuf *b, const char *field) {
  const char *open = strchr(field, '<');
  const char *id = open ? open + 1 : field;
  id += strspn(id, " \t\r");
  size_t size = strcspn(id, ">");
  while (size && strchr(" \t\r", id[size - 1])) size--;
  if (!size) return;
  strbuf_add_text(b, " <");
  add_harmless(b, id, size, MESSAGE_ID_BYTES);
  strbuf_add_char(b, '>');
}

/* Mails that come to the same mailbox, by their type, or report type (RFC 6522). They are no trouble, but for one that
 * may hold anything. */
static const struct mail_kind *kind_of(const char *type) {
  static const struct mail_kind kinds[] = {
      {"feedback-report", "a failure report (RUF), not an aggregate report"}, /* RFC 5965, 6591 */
      {"message/feedback-report", "a failure report (RUF), not an aggregate report"},
      {"tlsrpt", "a TLS report, not a DMARC report"}, /* RFC 8460 */
      {"application/tlsrpt+gzip", "a TLS report, not a DMARC report"},
      {"application/tlsrpt+json", "a TLS report, not a DMARC report"},
      {"delivery-status", "a delivery notice"}, /* RFC 3464 */
      {"message/delivery-status", "a delivery notice"},
      {"disposition-notification", "a read receipt"}, /* RFC 8098 */
      {"message/disposition-notification", "a read receipt"},
      {"multipart/encrypted", "an encrypted mail", .closed = true}, /* RFC 1847 2.2 */
  };
  for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
    if (!strcmp(kinds[i].type, type)) return &kinds[i];
  return NULL;
}

static void note_kind(struct mail_scope *scope, const struct mime_description *mime) {
  if (!scope->kind) scope->kind = kind_of(mime->report_type);
  if (!scope->kind) scope->kind = kind_of(mime->type);
}

/* Signatures, logos and forwarded headers are no attempt at a report. */
static bool may_be_meant(const struct mime_description *mime) {
  static const char *const types[] = {"text/", "image/", "message/"};
  for (size_t i = 0; i < ARRAY_SIZE(types); i++)
    if (!strncmp(mime->type, types[i], strlen(types[i]))) return false;
  return *mime->file_name || !strncmp(mime->type, "application/", 12);
}

void mail_scope_note(struct intake *i, const struct err *e) {
  struct mail_scope *scope = i->mail;
  if (!scope->attachment || *scope->detail.text) return;
  const char *part = strbuf_text(&i->origin) + scope->origin_size;
  part += strspn(part, ": ");
  err_set(&scope->detail, 0, "%s: %s", part, e->text);
}

static int tell_mail(struct intake *i, const char *name, const struct peekable *p, const struct mail_scope *scope) {
  struct err e;
  int code = ERR_NO_REPORT;
  if (p->outcome.state < 0) /* what could not be read may have been the report */
    code = err_set(&e, p->outcome.state, "%s", p->outcome.err.text);
  else if (scope->kind)
    code = err_set(&e, scope->kind->closed ? ERR_FORMAT : code, "%s", scope->kind->kind);
  else if (*scope->detail.text)
    err_set(&e, code, "a mail without a report (%s)", scope->detail.text);
  else
    err_set(&e, code, "a mail without a report");
  return tell_nothing(i, name, code, &e);
}

/* --- what is in a part -------------------------------------------------------------------------------------------- */

static struct byte_stream *decode(struct intake *i, uint32_t depth, struct byte_stream *in,
                                  enum mime_encoding encoding) {
  struct level *level = level_at(i, depth);
  if (!level->decoder) level->decoder = mime_decoder_new();
  return mime_decoder_start(level->decoder, in, encoding);
}

static int take_leaf(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in, bool is_text);

/* Each attachment that the text hides, and whatever else is no report. */
static int take_hidden(struct intake *i, uint32_t depth, const char *name, struct content content) {
  struct peekable *p = &level_at(i, depth)->peekable;
  enum hidden_kind kind;
  while (depth < i->limits.depth && i->mail->hidden_left && (kind = hidden_find(p)) != HIDDEN_NOTHING) {
    if (kind == HIDDEN_DOCUMENT) return tell_document(i, name, REPORT_AGGREGATE, &p->stream);
    i->mail->hidden_left--;
    struct hidden_stream hidden;
    hidden_stream_init(&hidden, p, kind);
    struct byte_stream *in = decode(i, depth, &hidden.stream, kind == HIDDEN_BASE64 ? MIME_BASE64 : MIME_UUENCODED);
    const char *charset = i->charset; /* of the text around it */
    i->charset = NULL;
    int code = take_leaf(i, depth + 1, name, in, false);
    i->charset = charset;
    if (code < 0) return code;
    hidden_stream_finish(&hidden);
  }
  return take_content(i, depth, name, content);
}

/* Prose, and the report on lines of its own behind it. */
static bool has_document_below(const unsigned char *bytes, size_t size) {
  size_t at = 0;
  while (at < size && strchr(" \t\r\n\xef\xbb\xbf", bytes[at])) at++;
  if (at == size || bytes[at] == '<') return false;
  return memmem(bytes, size, "\n<?xml ", 7) || memmem(bytes, size, "\n<feedback", 10);
}

/* What a part holds, where markup mostly is HTML, and a body without header a part of its own. */
static struct content look_at_leaf(struct intake *i, uint32_t depth, struct byte_stream *in, bool is_text) {
  static const struct content NONE = {CONTENT_UNKNOWN, "no XML in it"};
  struct content content = look_at(i, depth, in);
  const unsigned char *bytes;
  size_t size = peekable_peek(&level_at(i, depth)->peekable, RECOGNISE_BYTES, &bytes);
  if (size > RECOGNISE_BYTES) size = RECOGNISE_BYTES;
  if (content.kind == CONTENT_BODY) return NONE;
  if (content.kind != CONTENT_DOCUMENT) return content;
  return !recognise_report_markup(bytes, size) || (is_text && has_document_below(bytes, size)) ? NONE : content;
}

/* What comes out of a part is charged to the file, as what comes out of any container is. */
static int take_leaf(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in, bool is_text) {
  struct limited_stream limited;
  limited_stream_init(&limited, in, &i->budget->unpacked);
  struct content content = look_at_leaf(i, depth, &limited.stream, is_text);
  if (content.kind == CONTENT_UNKNOWN && is_text) return take_hidden(i, depth, name, content);
  return take_content(i, depth, name, content);
}

/* What is no letter of base64 is to be ignored (RFC 2045 6.8): quoted ("> H4sI..."), or with signs strewn into it.
 * Prose has letters too; none begins with those of an archive or of XML. */
static bool begins_base64_among_others(const unsigned char *bytes, size_t n) {
  unsigned char letters[HIDDEN_BASE64_BYTES];
  size_t count = 0;
  for (size_t at = 0; at < n && at < 256 && count < sizeof letters; at++)
    if (hidden_is_base64(bytes[at])) letters[count++] = bytes[at];
  return hidden_begins_base64(letters, count);
}

/* Letters of base64 in its first lines alone, and no attachment that begins on a later line of them. */
static bool looks_like_base64(const unsigned char *bytes, size_t n) {
  static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \t\r\n";
  bool any = false;
  for (size_t at = 0; at < n && at < 256; at++)
    if (!bytes[at] || !strchr(LETTERS, bytes[at])) return false;
  for (size_t at = 0; at < n; at++) {
    bool begins_line = at == 0 || bytes[at - 1] == '\n';
    if (begins_line && any && hidden_begins_base64(bytes + at, n - at)) return false;
    any = any || !strchr(" \t\r\n", bytes[at]);
  }
  return true;
}

/* An archive, XML or prose as it is, under a header that says it were encoded. */
static bool is_encoded(struct peekable *p, enum mime_encoding encoding) {
  const unsigned char *bytes;
  size_t n = peekable_peek(p, RECOGNISE_BYTES, &bytes);
  if (n > RECOGNISE_BYTES) n = RECOGNISE_BYTES;
  if (n >= 4 && (!memcmp(bytes, "\x1f\x8b", 2) || !memcmp(bytes, "PK\x03\x04", 4))) return false;
  return encoding != MIME_BASE64 || looks_like_base64(bytes, n) || begins_base64_among_others(bytes, n);
}

static int take_part(struct intake *i, uint32_t depth, const char *name, struct mail *m, const struct mail_part *part) {
  const struct mime_description *mime = part->mime;
  const char *charset = i->charset;
  struct byte_stream *in = &m->body;
  bool encoded = mime->encoding != MIME_PLAIN && is_encoded(m->in, mime->encoding);
  if (encoded) in = decode(i, depth, in, mime->encoding);
  note_kind(i->mail, mime);
  i->mail->attachment = may_be_meant(mime);
  strbuf_add_text(&i->origin, *part->section ? ": part " : ": outside of the parts");
  strbuf_add_text(&i->origin, part->section);
  bool is_text = !encoded || mime->encoding != MIME_BASE64;
  _cleanup_free_ char *kept_name = NULL, *kept_charset = *mime->charset ? mem_strdup(mime->charset) : NULL;
  if (*mime->file_name) {
    const char *file_name = last_component_of_entry(mime->file_name);
    strbuf_add_text(&i->origin, " \"");
    add_harmless(&i->origin, file_name, strlen(file_name), MIME_FILE_NAME_MOST);
    strbuf_add_char(&i->origin, '"');
    kept_name = mem_strdup(file_name);
  }
  i->charset = kept_charset;
  int code = take_leaf(i, depth + 1, kept_name ? kept_name : name, in, is_text);
  i->charset = charset;
  return code;
}

static int take_parts(struct intake *i, uint32_t depth, const char *name, struct mail *m) {
  size_t origin_size = i->origin.length;
  struct mail_part part;
  struct err e;
  int more;
  while ((more = mail_next_part(m, &part, &e)) > 0) {
    if (is_spent(i)) return tell_rest(i, name, "the remaining parts and mails");
    int code = take_part(i, depth, name, m, &part);
    cut_origin(i, origin_size);
    if (code < 0) return code;
  }
  return more < 0 ? tell_nothing(i, name, more, &e) : 0;
}

/* --- a mail, and many --------------------------------------------------------------------------------------------- */

/* Of the outermost mail alone: what is attached to it is its sender's. */
static void read_authentication(struct intake *i, const struct mail *m, struct mail_scope *scope) {
  char from[AUTHENTICATION_DOMAIN_BYTES];
  const char *results = mail_results(m);
  if (!*results) return;
  mime_address_domain(mail_from(m), from, sizeof from);
  struct authentication *a = &scope->authentication;
  authentication_read(results, from, i->trusted, a);
  scope->carriage = (struct carriage){a->state, *a->domain ? a->domain : NULL};
}

/* From here on all is charged to the mail, and to the file around it. */
static void begin_outermost(struct intake *i, struct mail_scope *scope, struct peekable *p) {
  counted_stream_init(&scope->counted, p->in);
  scope->counted.bytes = p->filled - p->at;
  p->in = &scope->counted.stream;
  budget_begin(i, &scope->budget, true, &scope->counted.bytes);
  i->entries_left = i->limits.entries; /* nothing of a mail before is in memory any more */
  i->mail = scope;
}

static void end_outermost(struct intake *i, struct mail_scope *scope, struct peekable *p) {
  p->in = scope->counted.in;
  i->budget = scope->budget.within;
  i->mail = NULL;
}

/* The mail at the peekable of `depth`; `separator` stands in front of its Message-ID in the origin. */
static int take_message(struct intake *i, uint32_t depth, const char *name, const char *separator) {
  struct peekable *p = &level_at(i, depth)->peekable;
  _cleanup_(mail_clear) struct mail m;
  mail_begin(&m, p, i->trusted && !i->mail);
  size_t before = i->origin.length;
  add_message_id(&i->origin, mail_message_id(&m));
  _cleanup_strbuf_ struct strbuf id = STRBUF_INIT;
  strbuf_add_text(&id, strbuf_text(&i->origin) + before);
  cut_origin(i, before);
  if (id.length) strbuf_printf(&i->origin, "%s%s", separator, strbuf_text(&id));
  struct mail_scope scope = {.origin_size = i->origin.length, .hidden_left = HIDDEN_MOST}, *outer = i->mail;
  if (!outer) begin_outermost(i, &scope, p);
  read_authentication(i, &m, &scope);
  note_kind(i->mail, &m.mime);
  int code = take_parts(i, depth, name, &m);
  if (outer) return code;
  end_outermost(i, &scope, p);
  return code < 0 || scope.told ? code : tell_mail(i, name, p, &scope);
}

/* Carriage returns alone as line breaks, as some programs of old Macs wrote them, read as line feeds. */
struct return_stream {
  struct byte_stream stream;
  struct byte_stream *in;
};

static ssize_t return_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct return_stream *r = (struct return_stream *)s;
  ssize_t n = r->in->read(r->in, buffer, size, e);
  for (char *p = buffer, *end = p + (n > 0 ? n : 0); (p = memchr(p, '\r', (size_t)(end - p)));) *p++ = '\n';
  return n;
}

int take_mail(struct intake *i, uint32_t depth, const char *name) {
  struct peekable *p = &level_at(i, depth)->peekable;
  const unsigned char *bytes;
  size_t size = peekable_peek(p, RECOGNISE_BYTES, &bytes), before = i->origin.length;
  struct return_stream returns = {{return_read}, &p->stream};
  if (recognise_carriage_returns(bytes, size)) {
    if (++depth == i->limits.depth) return tell_too_deep(i, name);
    peekable_start(&level_at(i, depth)->peekable, &returns.stream);
  }
  int code = take_message(i, depth, name, ":");
  cut_origin(i, before);
  return code;
}

/* Behind the mail stands a property list, which is XML and no report. */
int take_emlx(struct intake *i, uint32_t depth, const char *name) {
  struct peekable *p = &level_at(i, depth)->peekable;
  const unsigned char *bytes;
  size_t n = peekable_peek(p, 64, &bytes), at = 0;
  uint64_t size = 0;
  for (; at < n && bytes[at] >= '0' && bytes[at] <= '9'; at++) size = size * 10 + (bytes[at] - '0');
  while (at < n && bytes[at] != '\n') at++;
  peekable_skip(p, at < n ? at + 1 : n);
  struct first_bytes mail;
  first_bytes_init(&mail, p, size, "a mail of Apple Mail");
  return take_unpacked(i, depth, name, &mail.stream);
}

int take_mbox(struct intake *i, uint32_t depth, const char *name, enum mbox_format format) {
  if (depth + 1 == i->limits.depth) return tell_too_deep(i, name);
  struct peekable *p = &level_at(i, depth)->peekable;
  struct mbox mbox;
  mbox_start(&mbox, p, format);
  size_t before = i->origin.length;
  int code = 0;
  while (code >= 0 && mbox_next(&mbox)) {
    if (is_spent(i)) return tell_rest(i, name, "the remaining parts and mails");
    strbuf_printf(&i->origin, ": message %llu", (unsigned long long)mbox.number);
    peekable_start(&level_at(i, depth + 1)->peekable, &mbox.message);
    code = take_message(i, depth + 1, name, "");
    cut_origin(i, before);
  }
  struct err e;
  if (code < 0) return code;
  if (p->outcome.state < 0) return tell_nothing(i, name, p->outcome.state, &p->outcome.err); /* there may be more */
  return mbox.number ? 0 : tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "a mailbox without a mail"), &e);
}
