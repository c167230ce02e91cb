/* SPDX-License-Identifier: Apache-2.0 */
/* The one file that knows GMime, and with it GLib.
 *
 * Fields and encodings are GMime's; its parser is not used: it wants a stream that can seek, and holds header blocks,
 * the text in front of the first part and the tree of all parts in memory, however large a stranger makes them. */
#include "intake/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/mem.h"
#include "base/utf8.h"

/* GMime registers its types when they are first used, which two threads must not do together. It is never shut down:
 * that would be the end for all threads. */
static void load_gmime(void) {
  g_mime_init();
  g_object_unref(g_mime_content_type_new("text", "plain"));
  g_object_unref(g_mime_content_disposition_new());
  g_object_unref(internet_address_mailbox_new(NULL, "a@example.com"));
  g_object_unref(internet_address_group_new(NULL));
  g_object_unref(internet_address_list_new());
}

static void ensure_gmime(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_gmime);
}

/* Cut between characters, never inside of one. */
static void copy_cut(char *out, size_t size, const char *text) {
  size_t length = text ? utf8_fitting(text, strlen(text), size - 1) : 0;
  if (length) memcpy(out, text, length);
  out[length] = '\0';
}

static void copy_lower(char *out, size_t size, const char *text) {
  copy_cut(out, size, text);
  for (char *p = out; *p; p++) *p = ascii_lower(*p);
}

/* --- what GMime may decode ---------------------------------------------------------------------------------------- */

/* GMime asks iconv for whatever an encoded word (RFC 2047) or a parameter (RFC 2231) names. It is shown none but the
 * allowed ones; what names another stays as it came, code and all. */

/* "=?CHARSET*LANGUAGE?": one that is not allowed, or has no end, becomes no encoded word. "=?=" ends one. */
static void hide_words(char *value) {
  for (char *at = value; (at = strstr(at, "=?")); at += 2)
    if (at[2] != '=' && !charset_is_allowed(at + 2, strcspn(at + 2, "?*"))) at[1] = '_';
}

static bool is_of_charset(char c) { return ascii_is_letter(c) || ascii_is_digit(c) || (c && strchr("-_.:", c)); }

/* CHARSET'LANGUAGE'TEXT, perhaps in pieces that GMime joins (NAME*0*=, NAME*1*=...). Where the pieces are, it would
 * take a parser as lenient as GMime's to say; so each quote has to stand behind an allowed name, or be the second of
 * two. */
static bool names_allowed_alone(const char *value) {
  bool is_second = false, in_pieces = false;
  for (const char *at = value; (at = strchr(at, '*')); at++) in_pieces |= ascii_is_digit(at[1]);
  for (const char *at = value; (at = strchr(at, '\'')); at++) {
    size_t size = 0;
    while (at - size > value && is_of_charset(at[-1 - (ptrdiff_t)size])) size++;
    is_second = !is_second && at - size > value && at[-1 - (ptrdiff_t)size] == '\'';
    if (!is_second && !(size || in_pieces ? charset_is_allowed(at - size, size) : true)) return false;
  }
  return true;
}

/* A copy that GMime may have. Without its stars a value has no encoded parameters. */
static char *without_odd_charsets(const char *value) {
  char *copy = mem_strdup(value);
  hide_words(copy);
  if (!names_allowed_alone(copy))
    for (char *at = copy; (at = strchr(at, '*')); at++) *at = '_';
  return copy;
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

static void describe_type(GMimeContentType *type, struct mime_description *ret) {
  _cleanup_(cleanup_free) char *name =
      mem_printf("%s/%s", g_mime_content_type_get_media_type(type), g_mime_content_type_get_media_subtype(type));
  copy_lower(ret->type, sizeof ret->type, name);
  copy_lower(ret->report_type, sizeof ret->report_type, g_mime_content_type_get_parameter(type, "report-type"));
  copy_cut(ret->file_name, sizeof ret->file_name, g_mime_content_type_get_parameter(type, "name"));
  const char *charset = g_mime_content_type_get_parameter(type, "charset");
  if (charset && strlen(charset) <= MIME_CHARSET_MOST) copy_cut(ret->charset, sizeof ret->charset, charset);
  const char *boundary = g_mime_content_type_get_parameter(type, "boundary");
  if (boundary && strlen(boundary) <= MIME_BOUNDARY_MOST) copy_cut(ret->boundary, sizeof ret->boundary, boundary);
}

static void describe_disposition(const char *value, struct mime_description *ret) {
  _cleanup_(cleanup_free) char *decodable = without_odd_charsets(value);
  GMimeContentDisposition *disposition = g_mime_content_disposition_parse(NULL, decodable);
  if (!disposition) return;
  const char *name = g_mime_content_disposition_get_parameter(disposition, "filename");
  if (name && *name) copy_cut(ret->file_name, sizeof ret->file_name, name);
  g_object_unref(disposition);
}

static enum mime_encoding encoding_named(const char *name) {
  switch (g_mime_content_encoding_from_string(name)) {
    case GMIME_CONTENT_ENCODING_BASE64:
      return MIME_BASE64;
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
      return MIME_QUOTED_PRINTABLE;
    default: /* uuencoded text is found by its line "begin", declared or not */
      return MIME_PLAIN;
  }
}

void mime_describe(const char *content_type, const char *disposition, const char *encoding,
                   struct mime_description *ret) {
  *ret = (struct mime_description){.type = "text/plain"};
  if (content_type && *content_type) {
    ensure_gmime();
    _cleanup_(cleanup_free) char *decodable = without_odd_charsets(content_type);
    GMimeContentType *type = g_mime_content_type_parse(NULL, decodable);
    if (type) describe_type(type, ret);
    if (type) g_object_unref(type);
  }
  if (disposition && *disposition) {
    ensure_gmime();
    describe_disposition(disposition, ret);
  }
  if (encoding && *encoding) ret->encoding = encoding_named(encoding);
}

static const char *address_of(InternetAddressList *list) {
  if (!list || internet_address_list_length(list) != 1) return NULL;
  InternetAddress *one = internet_address_list_get_address(list, 0);
  return INTERNET_ADDRESS_IS_MAILBOX(one) ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)) : NULL;
}

void mime_address_domain(const char *from, char *ret, size_t size) {
  *ret = '\0';
  if (!*from) return;
  ensure_gmime();
  _cleanup_(cleanup_free) char *decodable = without_odd_charsets(from);
  InternetAddressList *list = internet_address_list_parse(NULL, decodable);
  const char *address = address_of(list), *at = address ? strrchr(address, '@') : NULL;
  _cleanup_(cleanup_free) char *domain = at ? domain_spelled(at + 1) : NULL;
  if (domain && domain_is_plausible(domain) && strlen(domain) < size) copy_cut(ret, size, domain);
  if (list) g_object_unref(list);
}

/* Encoded text read at a time; no encoding decodes to more than it takes. */
#define ENCODED_BYTES 16384
#define DECODED_BYTES (ENCODED_BYTES + 64)

struct mime_decoder {
  struct byte_stream stream;
  struct byte_stream *in;
  GMimeEncoding gmime;
  size_t at, filled; /* of `decoded` */
  struct outcome outcome;
  char encoded[ENCODED_BYTES], decoded[DECODED_BYTES];
};

/* GMime gives out groups of four characters alone: what an unpadded end holds comes with the padding. */
static void complete_base64(struct mime_decoder *d) {
  int pending = d->gmime.encoding == GMIME_CONTENT_ENCODING_BASE64 ? d->gmime.state : 0;
  if (pending == 2 || pending == 3)
    d->filled = g_mime_encoding_step(&d->gmime, "==", (size_t)(4 - pending), d->decoded);
}

static void decode_some(struct mime_decoder *d) {
  ssize_t n = d->in->read(d->in, d->encoded, sizeof d->encoded, &d->outcome.err);
  d->at = d->filled = 0;
  if (n > 0) {
    d->filled = g_mime_encoding_step(&d->gmime, d->encoded, (size_t)n, d->decoded);
  } else {
    d->outcome.state = n == 0 ? 1 : (int)n;
    complete_base64(d);
  }
}

static ssize_t decoder_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct mime_decoder *d = (struct mime_decoder *)s;
  while (d->at == d->filled && !d->outcome.state) decode_some(d);
  size_t n = d->filled - d->at;
  if (!n) return outcome_tell(&d->outcome, e);
  if (n > size) n = size;
  memcpy(buffer, d->decoded + d->at, n);
  d->at += n;
  return (ssize_t)n;
}

struct mime_decoder *mime_decoder_new(void) {
  struct mime_decoder *d = mem_alloc(sizeof *d);
  d->stream.read = decoder_read;
  return d;
}

void mime_decoder_free(struct mime_decoder *d) { free(d); }

struct byte_stream *mime_decoder_start(struct mime_decoder *d, struct byte_stream *in, enum mime_encoding encoding) {
  static const GMimeContentEncoding encodings[] = {
      [MIME_PLAIN] = GMIME_CONTENT_ENCODING_8BIT,
      [MIME_BASE64] = GMIME_CONTENT_ENCODING_BASE64,
      [MIME_QUOTED_PRINTABLE] = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE,
      [MIME_UUENCODED] = GMIME_CONTENT_ENCODING_UUENCODE,
  };
  g_mime_encoding_init_decode(&d->gmime, encodings[encoding]);
  if (encoding == MIME_UUENCODED) d->gmime.state = GMIME_UUDECODE_STATE_BEGIN;
  d->in = in;
  d->at = d->filled = 0;
  d->outcome.state = 0;
  return &d->stream;
}
