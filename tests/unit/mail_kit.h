/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of mails share: mails made of parts, and the one document that is found in each. */
#ifndef TESTS_MAIL_KIT_H
#define TESTS_MAIL_KIT_H

#include "intake_kit.h"

#define FIELDS "From: a@example.net\nMessage-ID: <m@example.net>\n"
#define MULTIPART FIELDS "Content-Type: multipart/mixed; boundary=\"b b\"\n\n"
#define FROM_LINE "From a@example.net Thu Jan  1 00:00:00 2026\n"

static inline void add_base64(struct strbuf *b, const struct strbuf *data, size_t columns) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *p = (const unsigned char *)data->data;
  for (size_t i = 0, column = 0; i < data->length; i += 3) {
    uint32_t group = (uint32_t)p[i] << 16;
    if (i + 1 < data->length) group |= (uint32_t)p[i + 1] << 8;
    if (i + 2 < data->length) group |= p[i + 2];
    for (unsigned k = 0; k < 4; k++) {
      strbuf_add_char(b, i + k > data->length ? '=' : letters[group >> (18 - 6 * k) & 63]);
      if (++column == columns) strbuf_add_char(b, '\n');
      if (column == columns) column = 0;
    }
  }
}

/* Base64 of the bytes, which are freed. */
static inline struct strbuf base64_of(struct strbuf data, size_t columns) {
  struct strbuf b = STRBUF_INIT;
  add_base64(&b, &data, columns);
  strbuf_clear(&data);
  return b;
}

/* `head`, then base64 of `data` (which is freed), then `tail`. */
static inline struct strbuf mail_of(const char *head, struct strbuf data, const char *tail) {
  struct strbuf b = text_of(head);
  struct strbuf encoded = base64_of(data, 76);
  strbuf_add(&b, encoded.data, encoded.length);
  strbuf_add_text(&b, tail);
  strbuf_clear(&encoded);
  return b;
}

static inline struct strbuf with_crlf(struct strbuf in) {
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < in.length; i++) {
    if (in.data[i] == '\n') strbuf_add_char(&out, '\r');
    strbuf_add_char(&out, in.data[i]);
  }
  strbuf_clear(&in);
  return out;
}

static inline struct strbuf gzipped_xml(void) { return wrapped(text_of(XML), GZIP); }

/* One document, whose origin goes on behind the file like this. */
static inline void assert_found(void **state, struct strbuf mail, const char *origin, const char *name) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
  assert_int_equal(t.count, 1);
  _cleanup_free_ char *tail = mem_printf("/m: %s", origin);
  assert_document(&t.events[0], tail, name, XML);
}

#define ATTACHED                                                                                   \
  MULTIPART                                                                                        \
  "hello\n--b b\nContent-Type: text/plain\n\nSee below.\n--b b\nContent-Type: application/gzip;\n" \
  " name=r.gz\nContent-Transfer-Encoding: base64\n\n"

#endif
