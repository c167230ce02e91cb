/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where from a reporter's name is taken what does not tell it from others. */
#include "base/reporter.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"

void reporter_add_name(struct strbuf *key, const char *org_name) {
  for (const char *at = org_name ? org_name : ""; *at; at++) strbuf_add_char(key, ascii_lower(*at));
}

/* A name of letters, dots and no blank; an address is none. */
static bool is_host(const char *name) {
  const char *last = strrchr(name, '.');
  return last && last[1] && !ascii_is_digit(last[1]) && !strchr(name, ' ') && domain_is_plausible(name);
}

/* Of the labels below the organizational domain, whose own digits are part of who it is. */
static void add_host(struct strbuf *key, const char *name) {
  const char *domain = domain_organizational(name);
  for (const char *at = name; at < domain; at++)
    if (!ascii_is_digit(*at)) strbuf_add_char(key, *at);
  strbuf_add_text(key, domain);
}

static bool is_part_of_name(char c) {
  return (unsigned char)c >= 0x80 || ascii_is_letter(c) || ascii_is_digit(c) || c == ' ';
}

static size_t length_without_form(const char *name) {
  static const char *const FORMS[] = {"inc",  "incorporated", "ltd", "limited", "llc", "corp", "corporation", "plc",
                                      "gmbh", "ag",           "kg",  "sa",      "sas", "srl",  "bv",          "ab"};
  const char *last = strrchr(name, ' ');
  for (unsigned i = 0; last && i < ARRAY_SIZE(FORMS); i++)
    if (!strcmp(last + 1, FORMS[i])) return (size_t)(last - name);
  return strlen(name);
}

static void add_organization(struct strbuf *key, const char *name) {
  _cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
  for (const char *at = name; *at; at++)
    if (is_part_of_name(*at)) strbuf_add_char(&plain, *at);
  const size_t length = length_without_form(strbuf_text(&plain));
  if (length)
    strbuf_add(key, plain.data, length);
  else
    strbuf_add_text(key, name); /* of punctuation alone is one, too */
}

void reporter_add_key(struct strbuf *key, const char *org_name) {
  _cleanup_strbuf_ struct strbuf lower = STRBUF_INIT;
  reporter_add_name(&lower, org_name);
  if (is_host(strbuf_text(&lower)))
    add_host(key, lower.data);
  else
    add_organization(key, strbuf_text(&lower));
}

bool reporter_is(const char *org_name, const char *other) {
  _cleanup_strbuf_ struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
  reporter_add_key(&a, org_name);
  reporter_add_key(&b, other);
  return !strcmp(strbuf_text(&a), strbuf_text(&b));
}
