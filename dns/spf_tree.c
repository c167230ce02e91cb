/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the tree. */
#include "dns/spf_tree.h"

#include <string.h>

#include "base/domain.h"
#include "dns/spf_record.h"

/* Addresses of a name that are taken. */
#define MOST_ADDRESSES 100

struct building {
  struct dns *dns;
  struct arena *arena;
  struct spf_tree *tree;
  const char *stack[MOST_SPF_DEPTH];
  unsigned depth;
  bool pending;
};

static void add_record(struct building *b, const char *domain, const char *record);

/* --- networks ----------------------------------------------------------------------------------------------------- */

struct gathered {
  struct ip_network items[MOST_ADDRESSES];
  unsigned count;
};

/* The addresses of a name, each with the prefix of the term. True: it has none. */
static bool add_addresses(struct building *b, struct spf_node *n, const char *name, struct gathered *g) {
  bool none = true;
  for (unsigned family = 0; family < 2; family++) {
    const struct dns_answer *answer = dns_look(b->dns, family ? DNS_AAAA : DNS_A, name);
    if (!answer) b->pending = true;
    if (!answer || answer->status == DNS_FAILED) n->unknown = true;
    none &= answer && answer->status == DNS_NONE;
    for (unsigned i = 0; answer && answer->status == DNS_OK && i < answer->count; i++) {
      struct ip_addr ip;
      if (g->count == MOST_ADDRESSES || !ip_parse(answer->texts[i], &ip)) continue;
      g->items[g->count++] = ip_network_around(&ip, ip.size == 4 ? n->term.prefix4 : n->term.prefix6);
    }
  }
  return none;
}

static void keep_networks(struct building *b, struct spf_node *n, const struct gathered *g) {
  struct ip_network *kept = arena_alloc(b->arena, (g->count + 1) * sizeof *kept);
  memcpy(kept, g->items, g->count * sizeof *kept);
  n->networks = kept;
  n->network_count = g->count;
  b->tree->network_count += g->count;
}

static void add_hosts(struct building *b, struct spf_node *n, struct gathered *g) {
  const struct dns_answer *answer = dns_look(b->dns, DNS_MX, n->target);
  if (!answer) b->pending = true;
  if (!answer || answer->status == DNS_FAILED) n->unknown = true;
  if (!answer || answer->status != DNS_OK) {
    n->voids += answer && answer->status == DNS_NONE;
    return;
  }
  b->tree->permerror |= answer->count > MOST_SPF_MX;
  for (unsigned i = 0; i < answer->count && i < MOST_SPF_MX; i++) add_addresses(b, n, answer->texts[i], g);
}

static void find_networks(struct building *b, struct spf_node *n) {
  struct gathered g = {.count = 0};
  if (n->term.kind == SPF_IP4 || n->term.kind == SPF_IP6)
    g.items[g.count++] = n->term.network;
  else if (n->term.kind == SPF_A && n->target)
    n->voids += add_addresses(b, n, n->target, &g);
  else if (n->term.kind == SPF_MX && n->target)
    add_hosts(b, n, &g);
  keep_networks(b, n, &g);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* The one record of a domain. NULL: `*ret_missing` says why, or it is not known. */
static const char *find_record(struct building *b, const char *domain, bool *ret_unknown, const char **ret_missing) {
  const struct dns_answer *answer = dns_look(b->dns, DNS_TXT, domain);
  const char *record = NULL;
  unsigned count = 0;
  b->pending |= !answer;
  *ret_unknown = !answer || answer->status == DNS_FAILED;
  *ret_missing = NULL;
  for (unsigned i = 0; answer && answer->status == DNS_OK && i < answer->count; i++)
    if (spf_text_is(answer->texts[i])) {
      record = answer->texts[i];
      count++;
    }
  if (!*ret_unknown && count != 1) *ret_missing = count ? "it has several SPF records" : "it has no SPF record";
  return count == 1 ? record : NULL;
}

static bool is_on_stack(const struct building *b, const char *domain) {
  for (unsigned i = 0; i < b->depth; i++)
    if (!strcmp(b->stack[i], domain)) return true;
  return false;
}

static void descend(struct building *b, unsigned at) {
  struct spf_node *n = &b->tree->nodes[at];
  if (is_on_stack(b, n->target))
    n->missing = "it leads back to itself";
  else
    n->record = find_record(b, n->target, &n->unknown, &n->missing);
  b->tree->permerror |= n->missing != NULL;
  if (n->record && !n->missing && b->depth < MOST_SPF_DEPTH) add_record(b, n->target, n->record);
}

static const char *target_of(struct building *b, const struct spf_term *t, const char *domain) {
  if (!spf_term_asks(t) || t->has_macros) return NULL;
  char *target = arena_strdup(b->arena, t->domain ? t->domain : domain);
  domain_normalise(target);
  return dns_name_is_askable(target) ? target : NULL;
}

static void add_term(struct building *b, const struct spf_terms *terms, const struct spf_term *t, const char *domain) {
  struct spf_tree *tree = b->tree;
  if (tree->count == MOST_SPF_NODES) return;
  const unsigned at = tree->count++;
  struct spf_node *n = &tree->nodes[at];
  *n = (struct spf_node){.term = *t,
                         .domain = domain,
                         .depth = b->depth - 1,
                         .place = (unsigned)(t - terms->items),
                         .lookups = spf_term_asks(t)};
  n->target = target_of(b, t, domain);
  tree->permerror |= spf_term_asks(t) && !t->has_macros && !n->target;
  find_networks(b, n);
  if (n->target && (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT)) descend(b, at);
  n->next = tree->count;
  for (unsigned i = at + 1; i < tree->count; i = tree->nodes[i].next) {
    n->lookups += tree->nodes[i].lookups;
    n->voids += tree->nodes[i].voids;
  }
}

/* In the order in which a check comes to them: what stands behind all is never looked at, and redirect comes last. */
static void add_record(struct building *b, const char *domain, const char *record) {
  struct spf_terms terms;
  const struct spf_term *redirect = NULL;
  bool all = false;
  spf_text_parse(&terms, b->arena, record);
  for (unsigned i = 0; i < terms.count; i++) b->tree->permerror |= terms.items[i].kind == SPF_BAD;
  b->stack[b->depth++] = domain;
  for (unsigned i = 0; i < terms.count && !all; i++) {
    const struct spf_term *t = &terms.items[i];
    all = t->kind == SPF_ALL;
    if (t->kind == SPF_REDIRECT) {
      b->tree->permerror |= redirect != NULL;
      redirect = t;
    } else {
      add_term(b, &terms, t, domain);
    }
  }
  if (redirect && !all) add_term(b, &terms, redirect, domain);
  b->depth--;
}

bool spf_tree_look(struct dns *d, const char *domain, struct arena *arena, struct spf_tree *ret) {
  struct building b = {.dns = d, .arena = arena, .tree = ret};
  const char *missing;
  *ret = (struct spf_tree){.nodes = NULL};
  ret->record = find_record(&b, domain, &ret->unknown, &missing);
  if (!ret->record) return !b.pending;
  ret->nodes = arena_alloc(arena, MOST_SPF_NODES * sizeof *ret->nodes);
  add_record(&b, domain, ret->record);
  for (unsigned i = 0; i < ret->count; i = ret->nodes[i].next) {
    ret->lookups += ret->nodes[i].lookups;
    ret->voids += ret->nodes[i].voids;
  }
  ret->permerror |= ret->lookups > SPF_LOOKUP_LIMIT;
  return !b.pending;
}
