/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the terms of SPF records. */
#include "dns/spf_term.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define VERSION "v=spf1"

bool spf_text_is(const char *text) {
  return ascii_begins(text, VERSION) && (!text[strlen(VERSION)] || text[strlen(VERSION)] == ' ');
}

static const struct {
  const char *name;
  enum spf_kind kind;
} MECHANISMS[] = {{"all", SPF_ALL}, {"include", SPF_INCLUDE}, {"a", SPF_A},     {"mx", SPF_MX},
                  {"ptr", SPF_PTR}, {"ip4", SPF_IP4},         {"ip6", SPF_IP6}, {"exists", SPF_EXISTS}};

static enum spf_kind mechanism_of(const char *name, size_t length) {
  for (unsigned i = 0; i < ARRAY_SIZE(MECHANISMS); i++)
    if (strlen(MECHANISMS[i].name) == length && ascii_same_bytes(name, MECHANISMS[i].name, length))
      return MECHANISMS[i].kind;
  return SPF_BAD;
}

static bool is_word(const char *name, size_t length, const char *word) {
  return strlen(word) == length && ascii_same_bytes(name, word, length);
}

/* --- macros (RFC 7208 7.1) ---------------------------------------------------------------------------------------- */

/* c, r and t stand in explanations alone. */
static const char MACRO_LETTERS[] = "slodiphv";
static const char DELIMITERS[] = ".-+,/_=";

size_t spf_macro_read(const char *text, struct spf_macro *ret, const char **ret_wrong) {
  *ret = (struct spf_macro){.letter = text[1]};
  if (text[1] && strchr("%_-", text[1])) return 2;
  *ret_wrong = "a \"%\" begins no macro";
  if (text[1] != '{') return 0;
  const char *at = text + 2;
  *ret_wrong = "there is no such macro";
  if (!*at || !strchr(MACRO_LETTERS, ascii_lower(*at))) return 0;
  ret->letter = *at++;
  bool counted = ascii_is_digit(*at);
  for (; ascii_is_digit(*at); at++)
    if (ret->parts < 1000) ret->parts = ret->parts * 10 + (unsigned)(*at - '0');
  *ret_wrong = "a macro takes no part of its value";
  if (counted && !ret->parts) return 0;
  ret->reversed = ascii_lower(*at) == 'r';
  at += ret->reversed;
  ret->delimiters = at;
  ret->delimiter_count = (unsigned)strspn(at, DELIMITERS);
  at += ret->delimiter_count;
  *ret_wrong = "a macro is not closed by \"}\"";
  if (*at != '}') return 0;
  *ret_wrong = NULL;
  return (size_t)(at + 1 - text);
}

/* macro-string. `*ret_tail`: what stands behind the last macro; `*ret_macros`: there is one. */
static const char *check_macros(const char *text, const char **ret_tail, bool *ret_macros) {
  const char *wrong = NULL;
  *ret_tail = text;
  *ret_macros = false;
  while (*text) {
    struct spf_macro macro;
    size_t length = *text == '%' ? spf_macro_read(text, &macro, &wrong) : 1;
    if (!length) return wrong;
    if (*text == '%') {
      *ret_macros = true;
      *ret_tail = text + length;
    }
    text += length;
  }
  return NULL;
}

/* toplabel: letters, digits and hyphens, neither of digits alone nor with a hyphen at an end. */
static bool is_top_label(const char *text, size_t length) {
  bool only_digits = true;
  for (size_t i = 0; i < length; i++) {
    if (!ascii_is_letter(text[i]) && !ascii_is_digit(text[i]) && text[i] != '-') return false;
    only_digits &= ascii_is_digit(text[i]);
  }
  return length && !only_digits && text[0] != '-' && text[length - 1] != '-';
}

/* domain-spec: a macro-string that ends in a macro, or in a dot with a label behind it. */
static const char *check_domain(const char *text, bool *ret_macros) {
  const char *tail, *wrong = check_macros(text, &tail, ret_macros);
  if (!*text) return "the domain is missing";
  if (wrong || (*ret_macros && !*tail)) return wrong;
  size_t length = strlen(tail);
  if (length && tail[length - 1] == '.') length--;
  size_t label = length;
  while (label && tail[label - 1] != '.') label--;
  if (!label) return "a domain has a dot with a name behind it";
  return is_top_label(tail + label, length - label) ? NULL : "the domain does not end in the name of a top level";
}

/* --- prefix lengths ----------------------------------------------------------------------------------------------- */

/* "0", or digits that do not begin with one. */
static const char *read_prefix(const char *digits, unsigned most, unsigned *ret) {
  unsigned value = 0;
  size_t length = strspn(digits, "0123456789");
  if (!length || digits[length]) return "the prefix length is no number";
  if (*digits == '0' && length > 1) return "a prefix length does not begin with 0";
  for (size_t i = 0; i < length && value <= most; i++) value = value * 10 + (unsigned)(digits[i] - '0');
  if (value > most) return most == 32 ? "the prefix length goes from 0 to 32" : "the prefix length goes from 0 to 128";
  *ret = value;
  return NULL;
}

/* Cuts "/24", "/24//64" or "//64" off. A slash may stand in a domain-spec too: what counts is digits behind the last.
 */
static const char *cut_prefixes(char *text, struct spf_term *t) {
  const char *wrong = NULL;
  char *last = strrchr(text, '/');
  if (last && last > text && last[-1] == '/') {
    wrong = read_prefix(last + 1, 128, &t->prefix6);
    last[-1] = '\0';
    last = strrchr(text, '/');
  }
  if (!last || wrong || last[1 + strspn(last + 1, "0123456789")]) return wrong;
  wrong = read_prefix(last + 1, 32, &t->prefix4);
  *last = '\0';
  return wrong;
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

static const char *take_domain(struct spf_term *t, const char *text) {
  t->domain = text;
  return check_domain(text, &t->has_macros);
}

static const char *read_network(struct arena *arena, struct spf_term *t, const char *text) {
  const bool is_ip4 = t->kind == SPF_IP4;
  const unsigned most = is_ip4 ? 32 : 128;
  struct ip_addr ip = {.size = is_ip4 ? 4 : 16};
  unsigned prefix = most;
  if (*text != ':') return "\":\" and an address are missing";
  char *address = arena_strdup(arena, text + 1), *slash = strchr(address, '/');
  if (slash) *slash = '\0';
  if (inet_pton(is_ip4 ? AF_INET : AF_INET6, address, ip.bytes) != 1)
    return is_ip4 ? "that is no address of IPv4" : "that is no address of IPv6";
  const char *wrong = slash ? read_prefix(slash + 1, most, &prefix) : NULL;
  if (!wrong) t->network = ip_network_around(&ip, prefix);
  return wrong;
}

/* `rest`: what stands behind the name. */
static const char *read_mechanism(struct arena *arena, struct spf_term *t, const char *rest) {
  switch (t->kind) {
    case SPF_ALL:
      return *rest ? "nothing may follow all" : NULL;
    case SPF_INCLUDE:
    case SPF_EXISTS:
      return *rest == ':' ? take_domain(t, rest + 1) : "\":\" and a domain are missing";
    case SPF_PTR:
      return !*rest ? NULL : *rest == ':' ? take_domain(t, rest + 1) : "behind ptr stands \":\" or nothing";
    case SPF_A:
    case SPF_MX: {
      char *text = arena_strdup(arena, rest);
      const char *wrong = cut_prefixes(text, t);
      if (wrong || !*text) return wrong;
      return *text == ':' ? take_domain(t, text + 1) : "what follows is neither a domain nor a prefix length";
    }
    case SPF_IP4:
    case SPF_IP6:
      return read_network(arena, t, rest);
    default:
      return "there is no such mechanism";
  }
}

static bool is_modifier_name(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!ascii_is_letter(text[i]) && (!i || !(ascii_is_digit(text[i]) || strchr("-_.", text[i])))) return false;
  return length > 0;
}

static const char *read_modifier(struct spf_term *t, const char *name, size_t length) {
  const char *value = name + length + 1, *tail;
  if (name != t->text) return "a modifier has no qualifier";
  if (!is_modifier_name(name, length)) return "that is no name of a modifier";
  t->kind = is_word(name, length, "redirect") ? SPF_REDIRECT : is_word(name, length, "exp") ? SPF_EXP : SPF_OTHER;
  return t->kind == SPF_OTHER ? check_macros(value, &tail, &t->has_macros) : take_domain(t, value);
}

/* The resolver writes a byte that is no printable ASCII as \DDD. */
static bool has_strange_byte(const char *text) {
  for (; (text = strchr(text, '\\')); text++)
    if (ascii_is_digit(text[1]) && ascii_is_digit(text[2]) && ascii_is_digit(text[3])) return true;
  return false;
}

/* RFC 7208 4.6.1: a modifier has "=" behind its name; everything else is a mechanism. */
static struct spf_term read_term(struct arena *arena, const char *text) {
  struct spf_term t = {.text = text, .qualifier = '+', .prefix4 = 32, .prefix6 = 128};
  const char *name = text + (strchr("+-~?", *text) != NULL);
  size_t length = strcspn(name, ":=/");
  if (name > text) t.qualifier = *text;
  if (has_strange_byte(text))
    t.wrong = "it holds a byte that is no printable ASCII";
  else if (name[length] == '=')
    t.wrong = read_modifier(&t, name, length);
  else if (is_word(name, length, "redirect") || is_word(name, length, "exp"))
    t.wrong = "\"=\" stands behind the name of a modifier";
  else
    t.kind = mechanism_of(name, length), t.wrong = read_mechanism(arena, &t, name + length);
  if (t.wrong) t.kind = SPF_BAD;
  return t;
}

void spf_text_parse(struct spf_terms *ret, struct arena *arena, const char *text) {
  char *words = arena_strdup(arena, text + strlen(VERSION)), *rest;
  unsigned most = 0;
  for (const char *at = words; *at; at++) most += *at != ' ' && (at == words || at[-1] == ' ');
  *ret = (struct spf_terms){.items = arena_alloc(arena, (most + 1) * sizeof *ret->items)};
  for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    ret->items[ret->count++] = read_term(arena, word);
}

bool spf_term_asks(const struct spf_term *t) {
  return t->kind == SPF_INCLUDE || t->kind == SPF_A || t->kind == SPF_MX || t->kind == SPF_PTR ||
         t->kind == SPF_EXISTS || t->kind == SPF_REDIRECT;
}

bool spf_term_is_mistaken(const struct spf_term *t) {
  return t->kind == SPF_OTHER && mechanism_of(t->text, strcspn(t->text, "=")) != SPF_BAD;
}
