/* SPDX-License-Identifier: Apache-2.0 */
/* The function check_host of RFC 7208 4. */
#include "dns/spf_check.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "dns/reverse.h"
#include "dns/spf_record.h"
#include "dns/spf_term.h"

struct check {
  struct dns *dns;
  struct arena *arena;
  const struct spf_question *q;
  struct spf_verdict *verdict;
  unsigned lookups, voids, depth;
  bool pending;
};

/* What came of a term. MATCH_NOT and MATCH lead on; the others end the check. */
enum match { MATCH_NOT, MATCH, MATCH_TEMPERROR, MATCH_PERMERROR };

const char *spf_result_word(enum spf_result r) {
  static const char *const WORDS[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
  return WORDS[r];
}

static enum spf_result check_host(struct check *c, const char *domain);

/* --- macros (RFC 7208 7) ------------------------------------------------------------------------------------------ */

static void add_ip(const struct check *c, struct strbuf *out) {
  char text[IP_TEXT_BYTES];
  if (c->q->ip.size == 4) {
    strbuf_add_text(out, ip_format(&c->q->ip, text));
    return;
  }
  for (unsigned i = 0; i < 16; i++)
    strbuf_printf(out, "%s%x.%x", i ? "." : "", c->q->ip.bytes[i] >> 4, c->q->ip.bytes[i] & 15);
}

static void add_value(const struct check *c, char letter, const char *domain, struct strbuf *out) {
  const char *sender = c->q->sender, *at = sender ? strrchr(sender, '@') : NULL;
  const char *of = at ? at + 1 : sender ? sender : c->q->domain;
  const int local = at && at > sender ? (int)(at - sender) : 0;
  switch (ascii_lower(letter)) {
    case 's':
      strbuf_printf(out, "%.*s@%s", local ? local : 10, local ? sender : "postmaster", of);
      break;
    case 'l':
      strbuf_printf(out, "%.*s", local ? local : 10, local ? sender : "postmaster");
      break;
    case 'o':
      strbuf_add_text(out, of);
      break;
    case 'd':
      strbuf_add_text(out, domain);
      break;
    case 'i':
      add_ip(c, out);
      break;
    case 'v':
      strbuf_add_text(out, c->q->ip.size == 4 ? "in-addr" : "ip6");
      break;
    case 'h':
      strbuf_add_text(out, c->q->helo ? c->q->helo : c->q->domain);
      break;
    default:
      strbuf_add_text(out, "unknown"); /* p */
  }
}

static bool is_delimiter(const struct spf_macro *m, char c) {
  return m->delimiter_count ? memchr(m->delimiters, c, m->delimiter_count) != NULL : c == '.';
}

#define MOST_PARTS 128

/* Splits, reverses, takes the rightmost, and joins by dots. */
static void transform(const struct spf_macro *m, const char *value, struct strbuf *out) {
  const char *begins[MOST_PARTS];
  size_t lengths[MOST_PARTS];
  unsigned count = 0;
  for (const char *at = value; count < MOST_PARTS;) {
    const char *end = at;
    while (*end && !is_delimiter(m, *end)) end++;
    begins[count] = at;
    lengths[count++] = (size_t)(end - at);
    if (!*end) break;
    at = end + 1;
  }
  const unsigned first = m->parts && m->parts < count ? count - m->parts : 0;
  for (unsigned i = first; i < count; i++) {
    const unsigned at = m->reversed ? count - 1 - i : i;
    if (i > first) strbuf_add_char(out, '.');
    strbuf_add(out, begins[at], lengths[at]);
  }
}

static void add_macro(const struct check *c, const struct spf_macro *m, const char *domain, struct strbuf *out) {
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT, changed = STRBUF_INIT;
  add_value(c, m->letter, domain, &value);
  transform(m, strbuf_text(&value), &changed);
  for (const char *at = strbuf_text(&changed); *at; at++)
    if (m->letter == ascii_upper(m->letter) && !ascii_is_letter(*at) && !ascii_is_digit(*at) && !strchr("-._~", *at))
      strbuf_printf(out, "%%%02X", (unsigned char)*at);
    else
      strbuf_add_char(out, *at);
}

/* The name that a term asks for. NULL: none that can be asked for. RFC 7208 7.3: what is too long loses labels on its
 * left. */
static const char *target_of(struct check *c, const struct spf_term *t, const char *domain) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  if (!t->domain) return domain;
  for (const char *at = t->domain; *at;) {
    struct spf_macro macro;
    const char *wrong;
    const size_t length = *at == '%' ? spf_macro_read(at, &macro, &wrong) : 0;
    if (!length)
      strbuf_add_char(&out, *at);
    else if (length == 2)
      strbuf_add_text(&out, macro.letter == '%' ? "%" : macro.letter == '_' ? " " : "%20");
    else
      add_macro(c, &macro, domain, &out);
    at += length ? length : 1;
  }
  char *name = arena_strdup(c->arena, strbuf_text(&out));
  domain_normalise(name);
  while (strlen(name) > 253 && strchr(name, '.')) name = strchr(name, '.') + 1;
  return dns_name_is_askable(name) ? name : NULL;
}

/* --- mechanisms --------------------------------------------------------------------------------------------------- */

/* RFC 7208 4.6.4: the third look-up that finds nothing ends the check. */
static enum match note_void(struct check *c) { return ++c->voids > SPF_VOID_LIMIT ? MATCH_PERMERROR : MATCH_NOT; }

/* MATCH: `*ret` is there. */
static enum match ask(struct check *c, enum dns_type type, const char *name, const struct dns_answer **ret) {
  *ret = dns_look(c->dns, type, name);
  if (!*ret) {
    c->pending = true;
    return MATCH_TEMPERROR;
  }
  if ((*ret)->status == DNS_FAILED) return MATCH_TEMPERROR;
  return (*ret)->status == DNS_OK ? MATCH : note_void(c);
}

static enum match match_addresses(struct check *c, const struct spf_term *t, const char *name) {
  const struct dns_answer *answer;
  const enum match found = ask(c, c->q->ip.size == 4 ? DNS_A : DNS_AAAA, name, &answer);
  if (found != MATCH) return found;
  for (unsigned i = 0; i < answer->count; i++) {
    struct ip_addr ip;
    if (!ip_parse(answer->texts[i], &ip)) continue;
    const struct ip_network n = ip_network_around(&ip, ip.size == 4 ? t->prefix4 : t->prefix6);
    if (ip_network_contains(&n, &c->q->ip)) return MATCH;
  }
  return MATCH_NOT;
}

static enum match match_mx(struct check *c, const struct spf_term *t, const char *name) {
  const struct dns_answer *answer;
  enum match found = ask(c, DNS_MX, name, &answer);
  if (found != MATCH) return found;
  if (answer->count > MOST_SPF_MX) return MATCH_PERMERROR;
  found = MATCH_NOT;
  for (unsigned i = 0; i < answer->count && found == MATCH_NOT; i++) found = match_addresses(c, t, answer->texts[i]);
  return found;
}

/* RFC 7208 5.5: whatever goes wrong on the way, it does not match. */
static enum match match_ptr(struct check *c, const char *target) {
  char buffer[REVERSE_NAME_BYTES];
  const struct dns_answer *names = dns_look(c->dns, DNS_PTR, dns_reverse_name(&c->q->ip, buffer));
  if (!names) c->pending = true;
  if (names && names->status == DNS_NONE) return note_void(c);
  for (unsigned i = 0; names && names->status == DNS_OK && i < names->count && i < MOST_PTR_NAMES; i++) {
    const struct dns_answer *back = dns_look(c->dns, c->q->ip.size == 4 ? DNS_A : DNS_AAAA, names->texts[i]);
    if (!back) c->pending = true;
    for (unsigned a = 0; back && back->status == DNS_OK && a < back->count; a++) {
      struct ip_addr ip;
      const bool same =
          ip_parse(back->texts[a], &ip) && ip.size == c->q->ip.size && !memcmp(ip.bytes, c->q->ip.bytes, ip.size);
      if (same && domain_is_within(names->texts[i], target)) return MATCH;
    }
  }
  return MATCH_NOT;
}

static enum match match_include(struct check *c, const char *target) {
  const unsigned depth = c->verdict->depth;
  switch (check_host(c, target)) {
    case SPF_PASS:
      return MATCH;
    case SPF_TEMPERROR:
      return MATCH_TEMPERROR;
    case SPF_PERMERROR:
    case SPF_NONE:
      return MATCH_PERMERROR;
    default:
      c->verdict->depth = depth; /* what decided there decides nothing here */
      return MATCH_NOT;
  }
}

static enum match match_exists(struct check *c, const char *target) {
  const struct dns_answer *answer;
  return ask(c, DNS_A, target, &answer);
}

static enum match match_term(struct check *c, const struct spf_term *t, const char *domain) {
  if (t->kind == SPF_ALL) return MATCH;
  if (t->kind == SPF_IP4 || t->kind == SPF_IP6) return ip_network_contains(&t->network, &c->q->ip) ? MATCH : MATCH_NOT;
  if (++c->lookups > SPF_LOOKUP_LIMIT) return MATCH_PERMERROR;
  const char *target = target_of(c, t, domain);
  if (!target) return t->kind == SPF_INCLUDE ? MATCH_PERMERROR : note_void(c); /* nothing is found at such a name */
  return t->kind == SPF_INCLUDE ? match_include(c, target)
         : t->kind == SPF_A     ? match_addresses(c, t, target)
         : t->kind == SPF_MX    ? match_mx(c, t, target)
         : t->kind == SPF_PTR   ? match_ptr(c, target)
                                : match_exists(c, target);
}

/* --- a record ----------------------------------------------------------------------------------------------------- */

static enum spf_result find_record(struct check *c, const char *domain, const char **ret) {
  const struct dns_answer *answer = dns_look(c->dns, DNS_TXT, domain);
  unsigned count = 0;
  c->pending |= !answer;
  if (!answer || answer->status == DNS_FAILED) return SPF_TEMPERROR;
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++)
    if (spf_text_is(answer->texts[i])) {
      *ret = answer->texts[i];
      count++;
    }
  return count > 1 ? SPF_PERMERROR : count ? SPF_PASS : SPF_NONE;
}

/* RFC 7208 4.6, 6: what is wrong anywhere in a record ends a check before it begins. */
static bool is_sound(const struct spf_terms *terms) {
  unsigned redirects = 0, explanations = 0;
  for (unsigned i = 0; i < terms->count; i++) {
    if (terms->items[i].kind == SPF_BAD) return false;
    redirects += terms->items[i].kind == SPF_REDIRECT;
    explanations += terms->items[i].kind == SPF_EXP;
  }
  return redirects <= 1 && explanations <= 1;
}

static enum spf_result result_of(char qualifier) {
  return qualifier == '-' ? SPF_FAIL : qualifier == '~' ? SPF_SOFTFAIL : qualifier == '?' ? SPF_NEUTRAL : SPF_PASS;
}

static bool is_mechanism(const struct spf_term *t) {
  return t->kind != SPF_REDIRECT && t->kind != SPF_EXP && t->kind != SPF_OTHER;
}

static enum spf_result redirect_to(struct check *c, const struct spf_term *t, unsigned place, const char *domain) {
  if (++c->lookups > SPF_LOOKUP_LIMIT) return SPF_PERMERROR;
  const char *target = target_of(c, t, domain);
  const unsigned depth = c->verdict->depth;
  c->verdict->path[c->depth - 1] = place;
  const enum spf_result result = target ? check_host(c, target) : SPF_PERMERROR;
  if (c->verdict->depth == depth) c->verdict->depth = 0;
  return result == SPF_NONE ? SPF_PERMERROR : result;
}

static enum spf_result check_terms(struct check *c, const struct spf_terms *terms, const char *domain) {
  for (unsigned i = 0; i < terms->count; i++) {
    const struct spf_term *t = &terms->items[i];
    if (!is_mechanism(t)) continue;
    c->verdict->path[c->depth - 1] = i;
    const enum match found = match_term(c, t, domain);
    if (found == MATCH_TEMPERROR) return SPF_TEMPERROR;
    if (found == MATCH_PERMERROR) return SPF_PERMERROR;
    if (found == MATCH_NOT) continue;
    if (c->verdict->depth < c->depth) c->verdict->depth = c->depth;
    return result_of(t->qualifier);
  }
  for (unsigned i = 0; i < terms->count; i++)
    if (terms->items[i].kind == SPF_REDIRECT) return redirect_to(c, &terms->items[i], i, domain);
  return SPF_NEUTRAL;
}

static enum spf_result check_host(struct check *c, const char *domain) {
  struct spf_terms terms;
  const char *record = NULL;
  const enum spf_result found = find_record(c, domain, &record);
  if (found != SPF_PASS) return found;
  spf_text_parse(&terms, c->arena, record);
  if (!is_sound(&terms) || c->depth == MOST_SPF_STEPS) return SPF_PERMERROR;
  c->depth++;
  const enum spf_result result = check_terms(c, &terms, domain);
  c->depth--;
  return result;
}

bool spf_check(struct dns *d, const struct spf_question *q, struct arena *arena, struct spf_verdict *ret) {
  struct check c = {.dns = d, .arena = arena, .q = q, .verdict = ret};
  *ret = (struct spf_verdict){0};
  ret->result = check_host(&c, q->domain);
  if (ret->result >= SPF_TEMPERROR || ret->result == SPF_NONE) ret->depth = 0;
  return !c.pending;
}
