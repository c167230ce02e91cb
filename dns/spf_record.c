/* SPDX-License-Identifier: Apache-2.0 */
/* Walks an SPF record and all that it includes. */
#include "dns/spf_record.h"

#include <string.h>

#include "base/domain.h"
#include "dns/near_record.h"
#include "dns/spf_reach.h"
#include "dns/spf_term.h"

struct walk {
  struct dns *dns;
  struct arena *arena;
  struct spf *spf;
  struct dns_faults *faults;
  const char *stack[MOST_SPF_DEPTH]; /* domains whose records are being walked */
  unsigned depth;
  struct spf_reach reach;
  bool pending;
  bool broken; /* the check ends in an error somewhere: where it would have ended otherwise does not matter */
  bool open;   /* everybody passes, and it is told where */
};

#define FAULT(w, ...) dns_fault_add((w)->faults, (w)->arena, __VA_ARGS__)

/* A record on the way. */
struct at {
  const char *domain; /* whose it is */
  bool is_end;        /* it decides on what no term matches */
  bool passes;        /* who passes it passes the whole */
};

/* --- finding the record ------------------------------------------------------------------------------------------- */

enum found { FOUND_PENDING, FOUND_UNKNOWN, FOUND_NOTHING, FOUND_SEVERAL, FOUND_ONE };

/* `*ret_near`: a text there that was meant to be one. */
static enum found find_record(struct walk *w, const char *domain, const char **ret, const char **ret_near) {
  const struct dns_answer *answer = dns_look(w->dns, DNS_TXT, domain);
  unsigned count = 0;
  *ret_near = NULL;
  if (!answer) return FOUND_PENDING;
  if (answer->status == DNS_FAILED) return FOUND_UNKNOWN;
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++) {
    if (!spf_text_is(answer->texts[i])) {
      if (!*ret_near && near_spf(answer->texts[i])) *ret_near = answer->texts[i];
      continue;
    }
    *ret = answer->texts[i];
    count++;
  }
  return count > 1 ? FOUND_SEVERAL : count ? FOUND_ONE : FOUND_NOTHING;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static void walk_record(struct walk *w, const struct at *at, const char *record);

/* The domain of a term in lower case; the record's own where there is none. NULL: it holds macros, which only a message
 * can fill in, or is no name. */
static const char *target_of(struct walk *w, const struct spf_term *t, const char *domain, bool *ret_bad) {
  *ret_bad = false;
  if (!t->domain) return domain;
  if (t->has_macros) return NULL;
  char *target = arena_strdup(w->arena, t->domain);
  domain_normalise(target);
  *ret_bad = !dns_name_is_askable(target);
  return *ret_bad ? NULL : target;
}

static void note_void(struct walk *w, enum dns_type type, enum dns_type other, const char *name) {
  const struct dns_answer *first = dns_look(w->dns, type, name), *second = dns_look(w->dns, other, name);
  if (!first || !second)
    w->pending = true;
  else if (first->status == DNS_FAILED || second->status == DNS_FAILED)
    w->spf->incomplete = true;
  else if (first->status == DNS_NONE && second->status == DNS_NONE)
    w->spf->voids++;
}

/* RFC 7208 4.6.4: more than 10 hosts are a permanent error. */
static void check_mx(struct walk *w, const struct spf_term *t, const char *name) {
  const struct dns_answer *answer = dns_look(w->dns, DNS_MX, name);
  note_void(w, DNS_MX, DNS_MX, name);
  if (!answer || answer->status != DNS_OK || answer->count <= MOST_SPF_MX) return;
  FAULT(w, "spf_mx", "RFC 7208 4.6.4", "%.*s: %s has %u MX hosts, %u are allowed: checks end in an error", MOST_QUOTED,
        t->text, name, answer->count, MOST_SPF_MX);
  w->broken = true;
}

static bool is_on_stack(const struct walk *w, const char *domain) {
  for (unsigned i = 0; i < w->depth; i++)
    if (!strcmp(w->stack[i], domain)) return true;
  return false;
}

static void tell_no_record(struct walk *w, const struct spf_term *t, enum found found, const char *near) {
  const char *section = t->kind == SPF_INCLUDE ? "RFC 7208 5.2" : "RFC 7208 6.1";
  if (found == FOUND_NOTHING && near)
    FAULT(w, "spf_include", section,
          "%.*s: the text there, \"%.*s\", is no SPF record, because %s: the check ends in an error there", MOST_QUOTED,
          t->text, MOST_QUOTED, near, near_spf(near));
  else
    FAULT(w, "spf_include", section, "%.*s: that domain has %s: the check ends in an error there", MOST_QUOTED, t->text,
          found == FOUND_NOTHING ? "no SPF record" : "several SPF records");
  w->broken = true;
}

/* include and redirect. RFC 7208 5.2, 6.1: without one record to go on with, the whole check is a permanent error. */
static void enter(struct walk *w, const struct spf_term *t, const char *target, const struct at *from) {
  const char *record = NULL, *near;
  const struct at at = {.domain = target,
                        .is_end = from->is_end && t->kind == SPF_REDIRECT,
                        .passes = from->passes && t->qualifier == '+'};
  if (is_on_stack(w, target)) {
    FAULT(w, "spf_loop", "RFC 7208 4.6.4", "%.*s leads back to a record it came from: every check is an error",
          MOST_QUOTED, t->text);
    w->broken = true;
    return;
  }
  if (w->depth == MOST_SPF_DEPTH) return; /* look-ups are over the limit by then */
  const enum found found = find_record(w, target, &record, &near);
  if (found == FOUND_PENDING)
    w->pending = true;
  else if (found == FOUND_UNKNOWN)
    w->spf->incomplete = true;
  else if (found == FOUND_ONE)
    walk_record(w, &at, record);
  else
    tell_no_record(w, t, found, near);
}

static void walk_term(struct walk *w, const struct spf_term *t, const struct at *at) {
  if (!spf_term_asks(t) || w->spf->lookups == MOST_SPF_LOOKUPS) return;
  w->spf->lookups++;
  bool bad;
  const char *target = target_of(w, t, at->domain, &bad);
  if (bad) FAULT(w, "spf_syntax", "RFC 7208 4.8", "%.*s: that is no domain name", MOST_QUOTED, t->text);
  if (t->kind == SPF_PTR)
    FAULT(w, "spf_ptr", "RFC 7208 5.5", "%.*s: ptr is slow and unreliable, and must not be used", MOST_QUOTED, t->text);
  if (!target) {
    w->broken |= bad;
    if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT) w->spf->incomplete = true;
    return;
  }
  switch (t->kind) {
    case SPF_INCLUDE:
    case SPF_REDIRECT:
      enter(w, t, target, at);
      return;
    case SPF_A:
      note_void(w, DNS_A, DNS_AAAA, target);
      return;
    case SPF_MX:
      check_mx(w, t, target);
      return;
    case SPF_EXISTS:
      note_void(w, DNS_A, DNS_A, target);
      return;
    default:
      return;
  }
}

/* --- who passes --------------------------------------------------------------------------------------------------- */

static void tell_open(struct walk *w, const struct spf_term *t, const struct at *at, const char *what) {
  if (w->open) return;
  w->open = true;
  FAULT(w, "spf_open", "RFC 7208 5.1", "%s%s%.*s%s: everybody may send as this domain, and passes",
        w->depth > 1 ? at->domain : "", w->depth > 1 ? " has " : "", MOST_QUOTED, t->text, what);
}

static void add_network(struct walk *w, const struct spf_term *t, const struct at *at, const struct ip_network *n) {
  spf_reach_add(&w->reach, n);
  if (spf_reach_is_open(&w->reach))
    tell_open(w, t, at, n->prefix_bits ? ", with the networks before it half of all addresses" : "");
  else if (spf_network_is_wide(n))
    FAULT(w, "spf_wide", "RFC 7208 11.4", "%s%s%.*s lets so many addresses pass that nobody answers for all of them",
          w->depth > 1 ? at->domain : "", w->depth > 1 ? ": " : "", MOST_QUOTED, t->text);
}

/* Of a and mx only the length of the prefix is known before anybody sends. */
static void add_prefix(struct walk *w, const struct spf_term *t, const struct at *at) {
  if (t->prefix4 < WIDE_PREFIX4)
    add_network(w, t, at, &(struct ip_network){.base.size = 4, .prefix_bits = t->prefix4});
  else if (t->prefix6 < WIDE_PREFIX6)
    add_network(w, t, at, &(struct ip_network){.base = {16, {0x20}}, .prefix_bits = t->prefix6});
}

static void note_reach(struct walk *w, const struct spf_term *t, const struct at *at) {
  if (!at->passes || t->qualifier != '+') return;
  if (t->kind == SPF_ALL)
    tell_open(w, t, at, "");
  else if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
    add_network(w, t, at, &t->network);
  else if (t->kind == SPF_A || t->kind == SPF_MX)
    add_prefix(w, t, at);
}

/* --- a record ----------------------------------------------------------------------------------------------------- */

static enum spf_end end_of(char qualifier) {
  return qualifier == '-'   ? SPF_END_FAIL
         : qualifier == '~' ? SPF_END_SOFTFAIL
         : qualifier == '?' ? SPF_END_NEUTRAL
                            : SPF_END_PASS;
}

/* Where a term of a kind stands first. NULL: nowhere. */
static const struct spf_term *first_of(const struct spf_terms *terms, enum spf_kind kind) {
  for (unsigned i = 0; i < terms->count; i++)
    if (terms->items[i].kind == kind) return &terms->items[i];
  return NULL;
}

/* RFC 7208 4.6, 6: one wrong term, or a modifier twice, and no part of the record counts. */
static void check_grammar(struct walk *w, const struct spf_terms *terms, const char *domain) {
  for (unsigned i = 0; i < terms->count; i++) {
    const struct spf_term *t = &terms->items[i];
    if (t->kind == SPF_BAD)
      FAULT(w, "spf_syntax", "RFC 7208 4.6", "%s: \"%.*s\" is no term of SPF, because %s: every check ends in an error",
            domain, MOST_QUOTED, t->text, t->wrong);
    const bool again = (t->kind == SPF_REDIRECT || t->kind == SPF_EXP) && first_of(terms, t->kind) != t;
    if (again)
      FAULT(w, "spf_duplicate", "RFC 7208 6",
            "%s: \"%.*s\": %s stands there more than once: every check ends in an error", domain, MOST_QUOTED, t->text,
            t->kind == SPF_EXP ? "exp" : "redirect");
    w->broken |= t->kind == SPF_BAD || again;
  }
}

/* What stands there to no effect. */
static void check_ignored(struct walk *w, const struct spf_terms *terms, const char *domain) {
  const struct spf_term *all = first_of(terms, SPF_ALL);
  for (unsigned i = 0; i < terms->count; i++) {
    const struct spf_term *t = &terms->items[i];
    if (spf_term_is_mistaken(t))
      FAULT(w, "spf_ignored", "RFC 7208 6",
            "%s: \"%.*s\" is ignored: with \"=\" it is a modifier that nobody knows; a mechanism is written with \":\"",
            domain, MOST_QUOTED, t->text);
    else if (all && t->kind == SPF_REDIRECT)
      FAULT(w, "spf_ignored", "RFC 7208 6.1", "%s: \"%.*s\" is ignored: there is \"%.*s\" beside it", domain,
            MOST_QUOTED, t->text, MOST_QUOTED, all->text);
    else if (all && t > all && t->kind != SPF_EXP && t->kind != SPF_OTHER && t->kind != SPF_BAD)
      FAULT(w, "spf_ignored", "RFC 7208 5.1", "%s: \"%.*s\" is ignored: it stands behind \"%.*s\"", domain, MOST_QUOTED,
            t->text, MOST_QUOTED, all->text);
  }
}

/* RFC 7208 5.1: what stands behind all is never looked at, and a redirect beside it is ignored wherever it stands. */
static void walk_record(struct walk *w, const struct at *at, const char *record) {
  struct spf_terms terms;
  spf_text_parse(&terms, w->arena, record);
  const struct spf_term *all = first_of(&terms, SPF_ALL), *redirect = first_of(&terms, SPF_REDIRECT);
  w->stack[w->depth++] = at->domain;
  check_grammar(w, &terms, at->domain);
  check_ignored(w, &terms, at->domain);
  for (unsigned i = 0; i < terms.count && (!all || &terms.items[i] <= all); i++) {
    if (terms.items[i].kind == SPF_REDIRECT) continue;
    note_reach(w, &terms.items[i], at);
    walk_term(w, &terms.items[i], at);
  }
  if (all && at->is_end) w->spf->end = end_of(all->qualifier);
  if (redirect && !all) walk_term(w, redirect, at);
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
  bool by_default = spf->end == SPF_END_NEUTRAL_DEFAULT && !spf->incomplete && !w->broken;
  if (spf->end == SPF_END_NEUTRAL || by_default)
    FAULT(w, "spf_neutral", "RFC 7208 4.7",
          "it ends in neutral: nothing is said of who else sends; write ~all or -all");
}

/* Who published a text that was to be a record sends mail: to publish "-all" beside it would have that refused. */
static void tell_missing(struct walk *w, const char *domain, const char *near) {
  if (!near)
    FAULT(w, "no_spf", "RFC 7208 4.5", "%s has no SPF record: if nothing sends as it, publish \"v=spf1 -all\"", domain);
  else
    FAULT(w, "spf_version", "RFC 7208 4.5",
          "the text \"%.*s\" of %s is no SPF record, because %s: correct it, as receivers see none", MOST_QUOTED, near,
          domain, near_spf(near));
}

static void walk_all(struct walk *w, const char *domain) {
  const char *record = NULL, *near;
  const struct at at = {.domain = domain, .is_end = true, .passes = true};
  const enum found found = find_record(w, domain, &record, &near);
  w->pending = found == FOUND_PENDING;
  w->spf->unknown = found == FOUND_UNKNOWN;
  w->spf->near = found == FOUND_NOTHING ? near : NULL;
  if (found == FOUND_NOTHING) tell_missing(w, domain, near);
  if (found == FOUND_SEVERAL)
    FAULT(w, "several_spf", "RFC 7208 4.5", "%s has several SPF records: every check ends in an error", domain);
  if (found != FOUND_ONE) return;
  w->spf->record = record;
  walk_record(w, &at, record);
  if (near)
    FAULT(w, "spf_version", "RFC 7208 4.5",
          "beside the record stands \"%.*s\", which is none, because %s: it is ignored", MOST_QUOTED, near,
          near_spf(near));
  if (!w->pending) judge(w);
}

bool spf_look(struct dns *d, const char *domain, struct arena *arena, struct spf *ret, struct dns_faults *faults) {
  struct dns_faults found = {.count = 0};
  struct walk w = {.dns = d, .arena = arena, .spf = ret, .faults = &found};
  *ret = (struct spf){0};
  walk_all(&w, domain);
  if (!w.pending) *faults = found;
  return !w.pending;
}
