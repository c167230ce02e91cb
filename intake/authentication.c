/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of Authentication-Results (RFC 8601 2.2), and what follows from it. Everything in it may be a stranger's
 * words: comments and quoted strings are skipped as a whole, and a field that breaks the grammar says nothing behind
 * the place where it does. */
#include "intake/authentication.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/mem.h"

#define WORD_BYTES AUTHENTICATION_DOMAIN_BYTES
#define MOST_RESULTS 100 /* of one field: mail has a signature or two */

struct cursor {
  const char *at, *end;
};

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* "(a (nested) comment)"; one without an end is all that follows. */
static void skip_comment(struct cursor *c) {
  for (unsigned nesting = 0; c->at < c->end; c->at++) {
    if (*c->at == '\\' && c->at + 1 < c->end)
      c->at++;
    else if (*c->at == '(')
      nesting++;
    else if (*c->at == ')' && !--nesting) {
      c->at++;
      return;
    }
  }
}

static void skip_blanks(struct cursor *c) {
  while (c->at < c->end && (is_blank(*c->at) || *c->at == '(')) {
    if (*c->at == '(')
      skip_comment(c);
    else
      c->at++;
  }
}

static bool take(struct cursor *c, char sign) {
  skip_blanks(c);
  if (c->at == c->end || *c->at != sign) return false;
  c->at++;
  return true;
}

/* Into `word`, "" where it is longer: what is cut could be somebody else's name. */
struct word_buffer {
  char text[WORD_BYTES];
  size_t size;
  bool too_long;
};

static void add(struct word_buffer *w, char c) {
  if (w->size + 1 < sizeof w->text)
    w->text[w->size++] = c;
  else
    w->too_long = true;
}

static void take_quoted(struct cursor *c, struct word_buffer *w) {
  for (c->at++; c->at < c->end && *c->at != '"'; c->at++) {
    if (*c->at == '\\' && c->at + 1 < c->end) c->at++;
    add(w, *c->at);
  }
  if (c->at < c->end) c->at++;
}

/* Up to a blank, a comment or one of `signs`. False: there is none. */
static bool take_word(struct cursor *c, const char *signs, char ret[WORD_BYTES]) {
  struct word_buffer w = {.size = 0};
  skip_blanks(c);
  const char *begin = c->at;
  while (c->at < c->end && !is_blank(*c->at) && *c->at != '(' && !strchr(signs, *c->at)) {
    if (*c->at == '"')
      take_quoted(c, &w);
    else
      add(&w, *c->at++);
  }
  if (w.too_long) w.size = 0;
  memcpy(ret, w.text, w.size);
  ret[w.size] = '\0';
  return c->at > begin;
}

/* --- one field ---------------------------------------------------------------------------------------------------- */

#define METHODS(X) X(DMARC, "dmarc") X(DKIM, "dkim") X(SPF, "spf")
#define MEMBER(NAME, WORD) METHOD_##NAME,
enum method { METHODS(MEMBER) METHOD_COUNT };

/* What was heard so far, from the top. */
struct hearing {
  const char *from;             /* of the mail */
  unsigned heard;               /* bits 1 << enum method: by the fields above */
  unsigned in_field;            /* likewise: by the one at hand */
  enum carriage_state by_dmarc; /* AUTHENTICATED, FAILED; else it says neither */
  char dmarc_from[WORD_BYTES];
  bool is_aligned; /* DKIM or SPF passes for the domain in From: */
};

static int method_named(const char *word) {
#define WORD(NAME, WORD) [METHOD_##NAME] = WORD,
  static const char *const WORDS[METHOD_COUNT] = {METHODS(WORD)};
  for (int i = 0; i < METHOD_COUNT; i++)
    if (ascii_same(WORDS[i], word)) return i;
  return -1;
}

/* The properties that name whom a result is about. */
struct properties {
  char domain[WORD_BYTES];   /* header.d, header.from, smtp.mailfrom */
  char fallback[WORD_BYTES]; /* header.i, smtp.helo */
};

static void keep_domain(char *ret, const char *value) {
  if (*ret) return; /* the first counts */
  _cleanup_free_ char *domain = domain_spelled(domain_of_address(value));
  if (domain_is_plausible(domain) && strlen(domain) < WORD_BYTES) memcpy(ret, domain, strlen(domain) + 1);
}

static void keep_property(struct properties *p, enum method method, const char *name, const char *value) {
  static const struct {
    const char *domain, *fallback;
  } NAMES[METHOD_COUNT] = {
      [METHOD_DMARC] = {"header.from", ""},
      [METHOD_DKIM] = {"header.d", "header.i"},
      [METHOD_SPF] = {"smtp.mailfrom", "smtp.helo"},
  };
  if (ascii_same(name, NAMES[method].domain)) keep_domain(p->domain, value);
  if (ascii_same(name, NAMES[method].fallback)) keep_domain(p->fallback, value);
}

/* "header.d", with blanks and comments where the grammar lets them stand. */
static bool take_property_name(struct cursor *c, char ret[WORD_BYTES]) {
  char part[WORD_BYTES];
  if (!take_word(c, "=;.", ret)) return false;
  while (take(c, '.')) {
    if (!take_word(c, "=;.", part) || strlen(ret) + strlen(part) + 2 > WORD_BYTES) return false;
    strcat(strcat(ret, "."), part);
  }
  return true;
}

/* Behind "method=result": " reason=..." and " ptype.property=value", up to the next result. */
static void take_properties(struct cursor *c, int method, struct properties *ret) {
  char name[WORD_BYTES], value[WORD_BYTES];
  *ret = (struct properties){.domain = ""};
  while (take_property_name(c, name)) {
    if (!take(c, '=')) continue; /* a stray word, as some servers write them */
    if (!take_word(c, ";", value)) return;
    if (method >= 0) keep_property(ret, (enum method)method, name, value);
  }
}

static void hear_dmarc(struct hearing *h, const char *result, const struct properties *p) {
  if (h->in_field & 1u << METHOD_DMARC) return; /* the first counts */
  if (ascii_same(result, "pass")) h->by_dmarc = CARRIAGE_AUTHENTICATED;
  if (ascii_same(result, "fail")) h->by_dmarc = CARRIAGE_FAILED;
  memcpy(h->dmarc_from, p->domain, sizeof h->dmarc_from);
}

static void hear_identity(struct hearing *h, const char *result, const struct properties *p) {
  const char *domain = *p->domain ? p->domain : p->fallback;
  if (!ascii_same(result, "pass") || !*domain || !*h->from) return;
  h->is_aligned |= !strcmp(domain_organizational(domain), domain_organizational(h->from));
}

/* "dkim/1 = pass (comment) header.d=...". False: the grammar is broken. */
static bool take_result(struct cursor *c, struct hearing *h) {
  char word[WORD_BYTES], result[WORD_BYTES];
  struct properties properties;
  if (!take_word(c, "=;/", word)) return false;
  if (take(c, '/') && !take_word(c, "=;", result)) return false;
  if (!take(c, '=') || !take_word(c, ";", result)) return false;
  int method = method_named(word);
  take_properties(c, method, &properties);
  if (method < 0 || (h->heard & 1u << method)) return true;
  if (method == METHOD_DMARC)
    hear_dmarc(h, result, &properties);
  else
    hear_identity(h, result, &properties);
  h->in_field |= 1u << method;
  return true;
}

static void take_results(struct cursor *c, struct hearing *h) {
  for (unsigned n = 0; n < MOST_RESULTS; n++) {
    while (take(c, ';')) continue;
    if (c->at == c->end || !take_result(c, h)) return;
    skip_blanks(c);
    if (c->at < c->end && *c->at != ';') return;
  }
}

/* Behind the authserv-id; Microsoft 365 writes none, and begins with a result. */
static bool is_trusted(struct cursor *c, const struct text_list *trusted) {
  char name[WORD_BYTES], version[WORD_BYTES];
  const struct cursor begin = *c;
  if (!take_word(c, "=;", name)) return false;
  skip_blanks(c);
  bool is_nameless = c->at < c->end && (*c->at == '=' || *c->at == '/');
  if (is_nameless || strchr(name, '/')) *c = begin;
  is_nameless = c->at == begin.at;
  if (!is_nameless) take_word(c, ";", version);
  for (unsigned i = 0; i < trusted->count; i++) {
    bool stands_for_none = ascii_same(trusted->items[i], INTAKE_TRUST_NAMELESS);
    if (is_nameless ? stands_for_none : !stands_for_none && *name && ascii_same(trusted->items[i], name)) return true;
  }
  return false;
}

/* --- the mail ----------------------------------------------------------------------------------------------------- */

static void conclude(const struct hearing *h, struct authentication *ret) {
  const char *domain = *h->dmarc_from ? h->dmarc_from : h->from;
  *ret = (struct authentication){.state = CARRIAGE_UNAUTHENTICATED};
  if (h->by_dmarc == CARRIAGE_FAILED) ret->state = CARRIAGE_FAILED;
  if (h->by_dmarc == CARRIAGE_FAILED || !*domain) return;
  if (h->by_dmarc != CARRIAGE_AUTHENTICATED) domain = h->is_aligned ? h->from : "";
  if (!*domain) return;
  ret->state = CARRIAGE_AUTHENTICATED;
  memcpy(ret->domain, domain, strlen(domain) + 1);
}

void authentication_read(const char *fields, const char *from, const struct text_list *trusted,
                         struct authentication *ret) {
  struct hearing h = {.from = strlen(from) < WORD_BYTES ? from : ""};
  bool any = false;
  *ret = (struct authentication){.state = CARRIAGE_NOT_JUDGED};
  for (const char *end; (end = strchr(fields, '\n')); fields = end + 1) {
    struct cursor c = {fields, end};
    if (!is_trusted(&c, trusted)) break;
    any = true;
    h.in_field = 0;
    take_results(&c, &h);
    h.heard |= h.in_field;
  }
  if (any) conclude(&h, ret);
}
