/* SPDX-License-Identifier: Apache-2.0 */
/* A mail out of the forms of a message, by GMime: fields are folded and encoded (RFC 2047), lines are short. */
#include <gmime/gmime.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "notify/forms.h"

static GMimeObject *part_of(const char *subtype, const char *text) {
  GMimePart *part = g_mime_part_new_with_type("text", subtype);
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
  GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
  g_mime_part_set_content(part, content);
  g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  g_object_unref(content);
  g_object_unref(stream);
  return GMIME_OBJECT(part);
}

/* The richest form comes last (RFC 2046 5.1.4). The boundary holds "=_", which no quoted-printable text does. */
static GMimeObject *body_of(const struct notice_parcel *p) {
  GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
  GMimeObject *parts[] = {part_of("plain", p->text), part_of("html", p->html)};
  _cleanup_free_ char *boundary = mem_printf("=_%s", p->key);
  g_mime_multipart_set_boundary(both, boundary);
  for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
    g_mime_multipart_add(both, parts[i]);
    g_object_unref(parts[i]);
  }
  return GMIME_OBJECT(both);
}

/* Under the domain of whoever sends it; where the command writes that, of whoever gets it. */
static void set_id(GMimeMessage *m, const struct way *w, const struct notice_parcel *p) {
  const char *domain = strrchr(w->from ? w->from : w->recipients.items[0], '@') + 1;
  _cleanup_free_ char *id = mem_printf("%s.notify@%s", p->key, domain);
  g_mime_message_set_message_id(m, id);
}

/* GMime writes the words of a subject in a line each, and words of more than 75 characters where one of the text's own
 * is long. Encoded words of 39 bytes in base64 keep to RFC 2047 2: 64 characters, behind "Subject: " less than 76. */
#define ENCODED_BYTES 39
#define PLAIN_WORD_MOST 60

static bool is_plain(const char *subject) {
  size_t word = 0;
  for (const char *c = subject; *c; c++) {
    word = *c == ' ' ? 0 : word + 1;
    if (*c < ' ' || *c > '~' || word > PLAIN_WORD_MOST) return false;
  }
  return !strstr(subject, "=?");
}

static void set_subject(GMimeMessage *m, const char *subject) {
  _cleanup_strbuf_ struct strbuf raw = STRBUF_INIT;
  g_mime_message_set_subject(m, subject, "utf-8");
  if (is_plain(subject)) return;
  for (size_t left = strlen(subject), n; left; subject += n, left -= n) {
    n = utf8_fitting(subject, left, ENCODED_BYTES);
    if (!n) n = left < ENCODED_BYTES ? left : ENCODED_BYTES;
    char *encoded = g_base64_encode((const guchar *)subject, n);
    strbuf_printf(&raw, " =?UTF-8?B?%s?=\n", encoded);
    g_free(encoded);
  }
  GMimeHeaderList *all = g_mime_object_get_header_list(GMIME_OBJECT(m));
  g_mime_header_set_raw_value(g_mime_header_list_get_header(all, "Subject"), raw.data);
}

/* Nobody answers it, and no vacation program should (RFC 3834 5). */
static void set_fields(GMimeMessage *m, const struct way *w, const struct text_list *to,
                       const struct notice_parcel *p) {
  GDateTime *date = g_date_time_new_from_unix_utc(p->made_s);
  if (w->from) g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, "dmarcctl", w->from);
  for (unsigned i = 0; i < to->count; i++) g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, NULL, to->items[i]);
  set_subject(m, p->subject);
  if (date) {
    g_mime_message_set_date(m, date);
    g_date_time_unref(date);
  }
  set_id(m, w, p);
  g_mime_object_set_header(GMIME_OBJECT(m), "Auto-Submitted", "auto-generated", NULL);
}

void letter_write(const struct way *w, const struct text_list *to, const struct notice_parcel *p, bool crlf,
                  struct strbuf *out) {
  GMimeMessage *m = g_mime_message_new(TRUE);
  GMimeObject *body = body_of(p);
  GMimeFormatOptions *format = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(format, crlf ? GMIME_NEWLINE_FORMAT_DOS : GMIME_NEWLINE_FORMAT_UNIX);
  set_fields(m, w, to, p);
  g_mime_message_set_mime_part(m, body);
  char *text = g_mime_object_to_string(GMIME_OBJECT(m), format);
  strbuf_add_text(out, text);
  g_free(text);
  g_mime_format_options_free(format);
  g_object_unref(body);
  g_object_unref(m);
}
