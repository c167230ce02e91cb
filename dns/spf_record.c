/* SPDX-License-Identifier: Apache-2.0 */
/* Walks an SPF record and all that it includes. */
#include "dns/spf_record.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"

struct walk {
  struct dns *dns;
  struct arena *arena;
  struct spf *spf;
  struct dns_faults *faults;
  const char *stack[MOST_SPF_DEPTH]; /* domains whose records are being walked */
  unsigned depth;
  bool pending;
  bool broken; /* the check ends in an error somewhere: where it would have ended otherwise does not matter */
};

#define FAULT(w, ...) dns_fault_add((w)->faults, (w)->arena, __VA_ARGS__)

enum spf_kind {
  TERM_UNKNOWN,
  TERM_ALL,
  TERM_INCLUDE,
  TERM_A,
  TERM_MX,
  TERM_PTR,
  TERM_IP4,
  TERM_IP6,
  TERM_EXISTS,
  TERM_REDIRECT,
  TERM_MODIFIER
};

struct term {
  const char *text; /* as written */
  enum spf_kind kind;
  char qualifier;       /* + - ~ ? */
  const char *argument; /* behind ":" or "=", with its prefix length; NULL: none */
};

/* --- finding the record ------------------------------------------------------------------------------------------- */

static bool is_spf(const char *text) { return ascii_begins(text, "v=spf1") && (!text[6] || text[6] == ' '); }

enum found { FOUND_PENDING, FOUND_UNKNOWN, FOUND_NOTHING, FOUND_SEVERAL, FOUND_ONE };

static enum found find_record(struct walk *w, const char *domain, const char **ret) {
  const struct dns_answer *answer = dns_look(w->dns, DNS_TXT, domain);
  unsigned count = 0;
  if (!answer) return FOUND_PENDING;
  if (answer->status == DNS_FAILED) return FOUND_UNKNOWN;
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++) {
    if (!is_spf(answer->texts[i])) continue;
    *ret = answer->texts[i];
    count++;
  }
  return count > 1 ? FOUND_SEVERAL : count ? FOUND_ONE : FOUND_NOTHING;
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  enum spf_kind kind;
} TERMS[] = {{"all", TERM_ALL}, {"include", TERM_INCLUDE}, {"a", TERM_A},
             {"mx", TERM_MX},   {"ptr", TERM_PTR},         {"ip4", TERM_IP4},
             {"ip6", TERM_IP6}, {"exists", TERM_EXISTS},   {"redirect", TERM_REDIRECT}};

static bool is_modifier_name(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (!ascii_is_letter(c) && (!i || !(ascii_is_digit(c) || strchr("-_.", c)))) return false;
  }
  return length > 0;
}

/* RFC 7208 4.6.1: a modifier has "=" behind its name; everything else is a mechanism. */
static struct term parse_term(char *text) {
  struct term term = {.text = text, .qualifier = '+'};
  bool qualified = strchr("+-~?", *text) != NULL;
  if (qualified) term.qualifier = *text++;
  size_t length = strcspn(text, ":=/");
  char mark = text[length];
  if (mark == ':' || mark == '=') term.argument = text + length + 1;
  if (mark == '/') term.argument = text + length;
  for (unsigned i = 0; i < ARRAY_SIZE(TERMS); i++)
    if (strlen(TERMS[i].name) == length && ascii_same_bytes(text, TERMS[i].name, length)) term.kind = TERMS[i].kind;
  if (mark == '=' && term.kind != TERM_REDIRECT)
    term.kind = is_modifier_name(text, length) && !qualified ? TERM_MODIFIER : TERM_UNKNOWN;
  else if (term.kind == TERM_REDIRECT && (mark != '=' || qualified))
    term.kind = TERM_UNKNOWN;
  return term;
}

/* The domain of a term, without a prefix length, in lower case; the record's own where there is none. NULL: it holds
 * macros, which only a message can fill in, or is no name. */
static const char *target_of(struct walk *w, const struct term *t, const char *domain, bool *ret_bad) {
  *ret_bad = false;
  if (!t->argument || *t->argument == '/') return domain;
  if (strchr(t->argument, '%')) return NULL;
  char *target = arena_strndup(w->arena, t->argument, strcspn(t->argument, "/"));
  domain_normalise(target);
  *ret_bad = !dns_name_is_askable(target);
  return *ret_bad ? NULL : target;
}

static bool is_prefix(const char *text, unsigned most) {
  unsigned value = 0, digits = 0;
  for (; ascii_is_digit(*text) && digits < 4; text++, digits++) value = value * 10 + (unsigned)(*text - '0');
  return !*text && digits && value <= most;
}

/* "/24", "/24//64", "//64" behind a or mx; "" where none. */
static bool is_dual_prefix(const char *text) {
  _cleanup_free_ char *first = mem_strdup(text);
  char *second = strstr(first, "//");
  if (second) {
    *second = '\0';
    if (!is_prefix(second + 2, 128)) return false;
  }
  return !*first || (*first == '/' && is_prefix(first + 1, 32));
}

static bool is_well_formed(const struct term *t) {
  struct ip_network network;
  switch (t->kind) {
    case TERM_UNKNOWN:
      return false;
    case TERM_ALL:
      return !t->argument;
    case TERM_INCLUDE:
    case TERM_EXISTS:
    case TERM_REDIRECT:
      return t->argument && *t->argument && *t->argument != '/';
    case TERM_A:
    case TERM_MX:
      return !t->argument || (*t->argument && is_dual_prefix(t->argument + strcspn(t->argument, "/")));
    case TERM_PTR:
      return !t->argument || (*t->argument && *t->argument != '/');
    case TERM_IP4:
    case TERM_IP6:
      return t->argument && !ip_network_parse(t->argument, &network, NULL) &&
             (t->kind == TERM_IP4) == !strchr(t->argument, ':');
    case TERM_MODIFIER:
      return true;
  }
  return false;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static void walk_record(struct walk *w, const char *domain, const char *record, bool is_end);

static void note_void(struct walk *w, enum dns_type type, enum dns_type other, const char *name) {
  const struct dns_answer *first = dns_look(w->dns, type, name), *second = dns_look(w->dns, other, name);
  if (!first || !second)
    w->pending = true;
  else if (first->status == DNS_FAILED || second->status == DNS_FAILED)
    w->spf->incomplete = true;
  else if (first->status == DNS_NONE && second->status == DNS_NONE)
    w->spf->voids++;
}

static bool is_on_stack(const struct walk *w, const char *domain) {
  for (unsigned i = 0; i < w->depth; i++)
    if (!strcmp(w->stack[i], domain)) return true;
  return false;
}

/* include and redirect. RFC 7208 5.2, 6.1: without one record to go on with, the whole check is a permanent error. */
static void enter(struct walk *w, const struct term *t, const char *target, bool is_end) {
  const char *record = NULL;
  if (is_on_stack(w, target)) {
    FAULT(w, "spf_loop", "RFC 7208 4.6.4", "%.*s leads back to a record it came from: every check is an error",
          MOST_QUOTED, t->text);
    w->broken = true;
    return;
  }
  if (w->depth == MOST_SPF_DEPTH) return; /* look-ups are over the limit by then */
  switch (find_record(w, target, &record)) {
    case FOUND_PENDING:
      w->pending = true;
      return;
    case FOUND_UNKNOWN:
      w->spf->incomplete = true;
      return;
    case FOUND_NOTHING:
    case FOUND_SEVERAL:
      FAULT(w, "spf_include", t->kind == TERM_INCLUDE ? "RFC 7208 5.2" : "RFC 7208 6.1",
            "%.*s: that domain has not one SPF record: the check ends in an error there", MOST_QUOTED, t->text);
      w->broken = true;
      return;
    case FOUND_ONE:
      walk_record(w, target, record, is_end);
      return;
  }
}

static void walk_term(struct walk *w, const struct term *t, const char *domain, bool is_end) {
  if (t->kind == TERM_IP4 || t->kind == TERM_IP6 || t->kind == TERM_MODIFIER || t->kind == TERM_ALL) return;
  if (w->spf->lookups == MOST_SPF_LOOKUPS) return;
  w->spf->lookups++;
  bool bad;
  const char *target = target_of(w, t, domain, &bad);
  if (bad) FAULT(w, "spf_syntax", "RFC 7208 4.8", "%.*s: that is no domain name", MOST_QUOTED, t->text);
  if (!target) {
    w->broken |= bad;
    if (t->kind == TERM_INCLUDE || t->kind == TERM_REDIRECT) w->spf->incomplete = true;
    return;
  }
  switch (t->kind) {
    case TERM_INCLUDE:
    case TERM_REDIRECT:
      enter(w, t, target, is_end && t->kind == TERM_REDIRECT);
      return;
    case TERM_A:
      note_void(w, DNS_A, DNS_AAAA, target);
      return;
    case TERM_MX:
      note_void(w, DNS_MX, DNS_MX, target);
      return;
    case TERM_EXISTS:
      note_void(w, DNS_A, DNS_A, target);
      return;
    default:
      FAULT(w, "spf_ptr", "RFC 7208 5.5", "%.*s: ptr is slow and unreliable, and must not be used", MOST_QUOTED,
            t->text);
      return;
  }
}

static enum spf_end end_of(char qualifier) {
  return qualifier == '-'   ? SPF_END_FAIL
         : qualifier == '~' ? SPF_END_SOFTFAIL
         : qualifier == '?' ? SPF_END_NEUTRAL
                            : SPF_END_PASS;
}

/* `is_end`: this record decides on what no term matches. RFC 7208 5.1: what stands behind all is never looked at, and a
 * redirect beside it is ignored wherever it stands. */
static void walk_record(struct walk *w, const char *domain, const char *record, bool is_end) {
  char *text = arena_strdup(w->arena, record + 6), *rest;
  struct term redirect = {0};
  bool all = false;
  w->stack[w->depth++] = domain;
  for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    struct term t = parse_term(word);
    if (!is_well_formed(&t)) {
      FAULT(w, "spf_syntax", "RFC 7208 4.6", "%s: \"%.*s\" is no term of SPF: every check ends in an error", domain,
            MOST_QUOTED, t.text);
      w->broken = true;
    } else if (t.kind == TERM_REDIRECT) {
      redirect = t;
    } else if (t.kind == TERM_ALL && !all) {
      all = true;
      if (is_end) w->spf->end = end_of(t.qualifier);
    } else if (!all) {
      walk_term(w, &t, domain, is_end);
    }
  }
  if (redirect.text && !all) walk_term(w, &redirect, domain, is_end);
  w->depth--;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void judge(struct walk *w) {
  const struct spf *spf = w->spf;
  if (spf->lookups > SPF_LOOKUP_LIMIT)
    FAULT(w, "spf_lookups", "RFC 7208 4.6.4", "it takes %u%s look-ups, %u are allowed: checks end in an error",
          spf->lookups, spf->lookups == MOST_SPF_LOOKUPS ? " or more" : "", SPF_LOOKUP_LIMIT);
  if (spf->voids > SPF_VOID_LIMIT)
    FAULT(w, "spf_void", "RFC 7208 4.6.4",
          "%u of its look-ups find nothing, %u are allowed: checks may end in an error", spf->voids, SPF_VOID_LIMIT);
  if (spf->end == SPF_END_PASS)
    FAULT(w, "spf_open", "RFC 7208 5.1", "+all: everybody may send as this domain, and passes");
  bool by_default = spf->end == SPF_END_NEUTRAL_DEFAULT && !spf->incomplete && !w->broken;
  if (spf->end == SPF_END_NEUTRAL || by_default)
    FAULT(w, "spf_neutral", "RFC 7208 4.7",
          "it ends in neutral: nothing is said of who else sends; write ~all or -all");
}

static void walk_all(struct walk *w, const char *domain) {
  const char *record = NULL;
  switch (find_record(w, domain, &record)) {
    case FOUND_PENDING:
      w->pending = true;
      return;
    case FOUND_UNKNOWN:
      w->spf->unknown = true;
      return;
    case FOUND_NOTHING:
      FAULT(w, "no_spf", "RFC 7208 4.5", "%s has no SPF record: if nothing sends as it, publish \"v=spf1 -all\"",
            domain);
      return;
    case FOUND_SEVERAL:
      FAULT(w, "several_spf", "RFC 7208 4.5", "%s has several SPF records: every check ends in an error", domain);
      return;
    case FOUND_ONE:
      w->spf->record = record;
      walk_record(w, domain, record, true);
      if (!w->pending) judge(w);
      return;
  }
}

bool spf_look(struct dns *d, const char *domain, struct arena *arena, struct spf *ret, struct dns_faults *faults) {
  struct dns_faults found = {.count = 0};
  struct walk w = {.dns = d, .arena = arena, .spf = ret, .faults = &found};
  *ret = (struct spf){0};
  walk_all(&w, domain);
  if (!w.pending) *faults = found;
  return !w.pending;
}
