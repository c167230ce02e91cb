/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the mail of one policy domain after the other. */
#include "analysis/dns_use.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/tally.h"

/* What a pattern says of names: places in `uses`. */
struct mention {
  uint32_t use;
  bool passed;
};
struct mentions {
  struct mention *items;
  unsigned count;
};

struct walk {
  dns_uses_fn *fn;
  void *user;
  struct organization_cache *organizations;
  struct arena *arena;   /* of the domain at hand */
  char *domain;          /* NULL: none yet */
  struct hashmap places; /* "domain selector" -> uint32_t in `uses` */
  struct dns_use *uses;
  uint32_t use_count, use_capacity;
  struct mentions *patterns;
  uint32_t pattern_capacity;
  int64_t begin_s; /* of the report at hand */
};

/* --- a domain ends ------------------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b) {
  const struct dns_use *x = a, *y = b;
  if (!x->passed != !y->passed) return x->passed ? -1 : 1;
  if (x->messages != y->messages) return x->messages > y->messages ? -1 : 1;
  const int by_domain = strcmp(x->domain, y->domain);
  return by_domain ? by_domain : strcmp(x->selector ? x->selector : "", y->selector ? y->selector : "");
}

static struct dns_use *list(const struct walk *w, bool of_keys, unsigned most, unsigned *ret_count,
                            unsigned *left_out) {
  struct dns_use *items = arena_alloc(w->arena, (w->use_count + 1) * sizeof *items);
  unsigned count = 0;
  for (uint32_t i = 0; i < w->use_count; i++)
    if ((w->uses[i].selector != NULL) == of_keys) items[count++] = w->uses[i];
  qsort(items, count, sizeof *items, compare);
  *ret_count = count < most ? count : most;
  *left_out += count - *ret_count;
  return items;
}

static int hand_out(struct walk *w, struct err *e) {
  struct dns_uses uses = {.policy_domain = w->domain};
  if (!w->domain) return 0;
  uses.keys = list(w, true, MOST_DNS_KEYS, &uses.key_count, &uses.left_out);
  uses.spf = list(w, false, MOST_DNS_SPF, &uses.spf_count, &uses.left_out);
  return w->fn(w->user, &uses, e);
}

static void begin_domain(struct walk *w, const char *domain) {
  free(w->domain);
  w->domain = mem_strdup(domain);
  hashmap_reset(&w->places);
  w->use_count = 0;
  arena_reset(w->arena);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  struct walk *w = user;
  if (!r->policy_domain || r->begin_s == FEEDBACK_TIME_UNKNOWN) return 0;
  if (!w->domain || strcmp(w->domain, r->policy_domain) != 0) {
    int code = hand_out(w, e);
    if (code < 0) return code;
    begin_domain(w, r->policy_domain);
  }
  w->begin_s = r->begin_s;
  return 1;
}

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)user, (void)number, (void)ip, (void)text, (void)e;
  return 0;
}

static uint32_t use_of(struct walk *w, const struct auth_result *a) {
  _cleanup_free_ char *key = mem_printf("%s %s", a->domain, a->method == AUTH_DKIM ? a->selector : "");
  bool is_new;
  uint32_t *place = hashmap_put(&w->places, key, strlen(key), &is_new);
  if (!is_new) return *place;
  MEM_GROW(w->uses, w->use_capacity, w->use_count);
  w->uses[w->use_count] =
      (struct dns_use){.domain = arena_strdup(w->arena, a->domain),
                       .selector = a->method == AUTH_DKIM ? arena_strdup(w->arena, a->selector) : NULL,
                       .first_s = FEEDBACK_TIME_UNKNOWN,
                       .last_s = FEEDBACK_TIME_UNKNOWN,
                       .last_passed_s = FEEDBACK_TIME_UNKNOWN};
  return *place = w->use_count++;
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *p, struct err *e) {
  (void)e;
  struct walk *w = user;
  MEM_GROW(w->patterns, w->pattern_capacity, number);
  struct mentions *m = &w->patterns[number];
  *m = (struct mentions){.items = arena_alloc(w->arena, (p->result_count + 1) * sizeof *m->items)};
  for (unsigned i = 0; i < p->result_count; i++) {
    const struct auth_result *a = &p->results[i];
    if (!a->domain || (a->method == AUTH_DKIM && !a->selector)) continue;
    if (!alignment_same_organization(w->organizations, a->domain, w->domain, NULL)) continue;
    m->items[m->count++] = (struct mention){use_of(w, a), is_word(a->result.text, "pass")};
  }
  return 0;
}

static void add(struct dns_use *use, int64_t begin_s, int64_t messages, bool passed) {
  use->messages += messages;
  if (passed) use->passed += messages;
  if (use->first_s == FEEDBACK_TIME_UNKNOWN || begin_s < use->first_s) use->first_s = begin_s;
  if (begin_s > use->last_s) use->last_s = begin_s;
  if (passed && begin_s > use->last_passed_s) use->last_passed_s = begin_s;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)e;
  struct walk *w = user;
  const struct mentions *m = &w->patterns[flow->pattern];
  for (unsigned i = 0; i < m->count; i++)
    add(&w->uses[m->items[i].use], w->begin_s, countable_messages(flow->count), m->items[i].passed);
  return 0;
}

int dns_uses_each(struct store *s, const struct report_filter *filter, dns_uses_fn *fn, void *user, struct err *e) {
  struct walk w = {.fn = fn, .user = user, .organizations = organization_cache_new(), .arena = arena_new(64 * 1024)};
  const struct store_flow_events events = {
      .report = on_report, .source = on_source, .pattern = on_pattern, .flow = on_flow, .user = &w};
  hashmap_init(&w.places, sizeof(uint32_t));
  int code = store_each_flow(s, filter, &events, e);
  if (!code) code = hand_out(&w, e);
  hashmap_clear(&w.places);
  free(w.uses);
  free(w.patterns);
  free(w.domain);
  arena_free(w.arena);
  organization_cache_free(w.organizations);
  return code;
}
