/* SPDX-License-Identifier: Apache-2.0 */
#include "report/record_forms.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"

#define LONGEST_STRING 255 /* bytes of one string of a TXT record (RFC 1035 3.3) */

/* "text", with `escaped` and the quote behind a backslash. */
static void add_quoted(struct strbuf *out, const char *text, size_t length, const char *escaped) {
  strbuf_add_char(out, '"');
  for (size_t i = 0; i < length; i++) {
    if (strchr(escaped, text[i])) strbuf_add_char(out, '\\');
    strbuf_add_char(out, text[i]);
  }
  strbuf_add_char(out, '"');
}

/* As many strings as it takes; resolvers join them (RFC 9989 4.7, RFC 7208 3.3). */
static void add_strings(struct strbuf *out, const char *record) {
  for (size_t left = strlen(record), at = 0; left;) {
    const size_t length = left < LONGEST_STRING ? left : LONGEST_STRING;
    if (at) strbuf_add_char(out, ' ');
    add_quoted(out, record + at, length, "\"\\");
    at += length;
    left -= length;
  }
}

/* In a zone that begins at the organizational domain: "_dmarc", or "_dmarc.mail" of mail.example.com. */
static void add_name_in_zone(struct strbuf *out, const char *domain, const char *zone) {
  const size_t below = strlen(domain) - strlen(zone);
  strbuf_add_text(out, "_dmarc");
  if (below) strbuf_printf(out, ".%.*s", (int)below - 1, domain);
}

static void add_nsupdate(struct strbuf *out, const char *domain, const char *record) {
  strbuf_printf(out, "update delete _dmarc.%s. TXT\nupdate add _dmarc.%s. %d TXT ", domain, domain, RECORD_TTL_S);
  add_strings(out, record);
  strbuf_add_text(out, "\nsend");
}

/* octoDNS wants each semicolon behind a backslash. */
static void add_octodns(struct strbuf *out, const char *domain, const char *zone, const char *record) {
  add_name_in_zone(out, domain, zone);
  strbuf_printf(out, ":\n  type: TXT\n  ttl: %d\n  value: '", RECORD_TTL_S);
  for (; *record; record++) {
    if (*record == ';') strbuf_add_char(out, '\\');
    if (*record == '\'') strbuf_add_char(out, '\'');
    strbuf_add_char(out, *record);
  }
  strbuf_add_char(out, '\'');
}

static void add_dnscontrol(struct strbuf *out, const char *domain, const char *zone, const char *record) {
  strbuf_add_text(out, "TXT(\"");
  add_name_in_zone(out, domain, zone);
  strbuf_add_text(out, "\", ");
  add_quoted(out, record, strlen(record), "\"\\");
  strbuf_printf(out, ", TTL(%d)),", RECORD_TTL_S);
}

/* "${" and "%{" begin an expression unless the sign is doubled. */
static void add_template(struct strbuf *out, const char *text) {
  strbuf_add_char(out, '"');
  for (; *text; text++) {
    if (strchr("\"\\", *text)) strbuf_add_char(out, '\\');
    if (strchr("$%", *text) && text[1] == '{') strbuf_add_char(out, *text);
    strbuf_add_char(out, *text);
  }
  strbuf_add_char(out, '"');
}

static void add_terraform(struct strbuf *out, const char *domain, const char *zone, const char *record) {
  strbuf_add_text(out, "resource \"dns_txt_record_set\" \"dmarc_");
  for (const char *c = domain; *c; c++) strbuf_add_char(out, *c == '.' ? '_' : *c);
  strbuf_printf(out, "\" {\n  zone = \"%s.\"\n  name = \"", zone);
  add_name_in_zone(out, domain, zone);
  strbuf_add_text(out, "\"\n  txt  = [");
  add_template(out, record);
  strbuf_printf(out, "]\n  ttl  = %d\n}", RECORD_TTL_S);
}

void record_form_add(struct strbuf *out, enum record_form form, const char *domain, const char *record) {
  const char *zone = domain_organizational(domain);
  switch (form) {
    case RECORD_FOR_PEOPLE:
      strbuf_printf(out, "_dmarc.%s TXT \"%s\"", domain, record);
      break;
    case RECORD_ZONE:
      strbuf_printf(out, "_dmarc.%s. %d IN TXT ", domain, RECORD_TTL_S);
      add_strings(out, record);
      break;
    case RECORD_NSUPDATE:
      add_nsupdate(out, domain, record);
      break;
    case RECORD_OCTODNS:
      add_octodns(out, domain, zone, record);
      break;
    case RECORD_DNSCONTROL:
      add_dnscontrol(out, domain, zone, record);
      break;
    case RECORD_TERRAFORM:
      add_terraform(out, domain, zone, record);
      break;
  }
}
