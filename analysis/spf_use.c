/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the addresses that passed, domain by domain, and checks each once. */
#include "analysis/spf_use.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/tally.h"
#include "dns/spf_check.h"

/* Of one address under one domain. */
struct passed {
  uint32_t domain; /* in `domains` */
  struct ip_addr ip;
  int64_t messages, last_s;
};

/* The domains of SPF that a pattern says passed. */
struct pattern {
  uint32_t *domains;
  unsigned count;
};

struct walk {
  const struct dns_past *past;
  spf_use_fn *fn;
  void *user;
  struct organization_cache *organizations;
  struct arena *arena;    /* of the policy domain at hand */
  char *policy_domain;    /* NULL: none yet */
  struct hashmap domains; /* name -> its place; the policy domain is the first */
  struct hashmap passed;  /* place of the domain, address -> struct passed */
  struct pattern *patterns;
  struct ip_addr *sources;
  uint32_t pattern_capacity, source_capacity;
  int64_t begin_s;
};

/* --- a record ----------------------------------------------------------------------------------------------------- */

/* The node that a step of a path leads to, among those of one record. */
static struct spf_node *node_at(struct spf_tree *t, unsigned first, unsigned end, unsigned place) {
  for (unsigned i = first; i < end; i = t->nodes[i].next)
    if (t->nodes[i].place == place) return &t->nodes[i];
  return NULL;
}

static void credit(struct spf_use *use, struct spf_term_use *terms, const struct spf_verdict *v,
                   const struct passed *p) {
  unsigned first = 0, end = use->tree.count;
  for (unsigned i = 0; i < v->depth; i++) {
    const struct spf_node *n = node_at(&use->tree, first, end, v->path[i]);
    if (!n) return; /* beyond MOST_SPF_NODES, or behind a macro */
    const unsigned at = (unsigned)(n - use->tree.nodes);
    terms[at].messages += p->messages;
    terms[at].addresses++;
    if (p->last_s > terms[at].last_s) terms[at].last_s = p->last_s;
    first = at + 1;
    end = n->next;
  }
}

static bool holds(const struct spf_node *outer, const struct spf_node *inner) {
  for (unsigned i = 0; i < inner->network_count; i++) {
    bool held = false;
    for (unsigned n = 0; n < outer->network_count && !held; n++)
      held = outer->networks[n].prefix_bits <= inner->networks[i].prefix_bits &&
             ip_network_contains(&outer->networks[n], &inner->networks[i].base);
    if (!held) return false;
  }
  return inner->network_count > 0;
}

static void find_redundant(const struct spf_tree *t, struct spf_term_use *terms) {
  for (unsigned i = 0; i < t->count; i++)
    for (unsigned before = 0; before < i && !terms[i].within; before++) {
      const struct spf_node *outer = &t->nodes[before], *inner = &t->nodes[i];
      if (outer->domain == inner->domain && outer->depth == inner->depth &&
          outer->term.qualifier == inner->term.qualifier && holds(outer, inner))
        terms[i].within = outer->term.text;
    }
}

static void check_all(struct walk *w, struct dns *dns, uint32_t domain, struct spf_use *use,
                      struct spf_term_use *terms) {
  _cleanup_arena_ struct arena *scratch = arena_new(16 * 1024);
  for (uint32_t i = 0; i < w->passed.count; i++) {
    const struct passed *p = hashmap_value_at(&w->passed, i);
    const struct spf_question q = {.ip = p->ip, .domain = use->domain};
    struct spf_verdict v;
    if (p->domain != domain) continue;
    use->passed += p->messages;
    spf_check(dns, &q, scratch, &v); /* offline nothing is pending */
    if (v.result == SPF_PASS)
      credit(use, terms, &v, p);
    else
      use->unexplained += p->messages;
    arena_reset(scratch);
  }
}

static int hand_out(struct walk *w, uint32_t place, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  _cleanup_dns_ struct dns *dns = NULL;
  struct past_view view;
  size_t size;
  const char *name = hashmap_key_at(&w->domains, place, &size);
  struct spf_use use = {.policy_domain = w->policy_domain, .domain = arena_strndup(arena, name, size)};
  int code = dns_past_open(w->past, INT64_MAX, &view, &dns, e);
  if (code < 0) return code;
  spf_tree_look(dns, use.domain, arena, &use.tree);
  struct spf_term_use *terms = arena_alloc(arena, (use.tree.count + 1) * sizeof *terms);
  for (unsigned i = 0; i < use.tree.count; i++) terms[i] = (struct spf_term_use){.last_s = FEEDBACK_TIME_UNKNOWN};
  use.terms = terms;
  check_all(w, dns, place, &use, terms);
  find_redundant(&use.tree, terms);
  return w->fn(w->user, &use, e);
}

static int hand_out_all(struct walk *w, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < w->domains.count && i <= MOST_DNS_SPF && !code; i++) code = hand_out(w, i, e);
  return code;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static uint32_t domain_place(struct walk *w, const char *domain) {
  bool is_new;
  uint32_t *place = hashmap_put(&w->domains, domain, strlen(domain), &is_new);
  if (is_new) *place = w->domains.count - 1;
  return *place;
}

static void begin_domain(struct walk *w, const char *domain) {
  free(w->policy_domain);
  w->policy_domain = mem_strdup(domain);
  hashmap_reset(&w->domains);
  hashmap_reset(&w->passed);
  arena_reset(w->arena);
  domain_place(w, domain);
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  struct walk *w = user;
  if (!r->policy_domain || r->begin_s == FEEDBACK_TIME_UNKNOWN) return 0;
  if (!w->policy_domain || strcmp(w->policy_domain, r->policy_domain) != 0) {
    int code = w->policy_domain ? hand_out_all(w, e) : 0;
    if (code < 0) return code;
    begin_domain(w, r->policy_domain);
  }
  w->begin_s = r->begin_s;
  return 1;
}

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)text, (void)e;
  struct walk *w = user;
  MEM_GROW(w->sources, w->source_capacity, number);
  w->sources[number] = *ip;
  return 0;
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *p, struct err *e) {
  (void)e;
  struct walk *w = user;
  MEM_GROW(w->patterns, w->pattern_capacity, number);
  struct pattern *x = &w->patterns[number];
  *x = (struct pattern){.domains = arena_alloc(w->arena, (p->result_count + 1) * sizeof *x->domains)};
  for (unsigned i = 0; i < p->result_count; i++) {
    const struct auth_result *a = &p->results[i];
    if (a->method != AUTH_SPF || !a->domain || !is_word(a->result.text, "pass")) continue;
    if (alignment_same_organization(w->organizations, a->domain, w->policy_domain, NULL))
      x->domains[x->count++] = domain_place(w, a->domain);
  }
  return 0;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)e;
  struct walk *w = user;
  const struct pattern *x = &w->patterns[flow->pattern];
  const struct ip_addr *ip = &w->sources[flow->source];
  for (unsigned i = 0; i < x->count && ip->size; i++) {
    unsigned char key[sizeof(uint32_t) + sizeof *ip] = {0};
    memcpy(key, &x->domains[i], sizeof(uint32_t));
    memcpy(key + sizeof(uint32_t), ip->bytes, ip->size);
    key[sizeof key - 1] = ip->size;
    struct passed *p = hashmap_put(&w->passed, key, sizeof key, NULL);
    if (!p->ip.size) *p = (struct passed){x->domains[i], *ip, 0, w->begin_s};
    p->messages += countable_messages(flow->count);
    if (w->begin_s > p->last_s) p->last_s = w->begin_s;
  }
  return 0;
}

int spf_use_each(struct store *s, const struct report_filter *filter, const struct dns_past *past, spf_use_fn *fn,
                 void *user, struct err *e) {
  struct walk w = {
      .past = past, .fn = fn, .user = user, .organizations = organization_cache_new(), .arena = arena_new(64 * 1024)};
  const struct store_flow_events events = {
      .report = on_report, .source = on_source, .pattern = on_pattern, .flow = on_flow, .user = &w};
  hashmap_init(&w.domains, sizeof(uint32_t));
  hashmap_init(&w.passed, sizeof(struct passed));
  int code = store_each_flow(s, filter, &events, e);
  if (!code && w.policy_domain) code = hand_out_all(&w, e);
  hashmap_clear(&w.domains);
  hashmap_clear(&w.passed);
  free(w.patterns);
  free(w.sources);
  free(w.policy_domain);
  arena_free(w.arena);
  organization_cache_free(w.organizations);
  return code;
}
