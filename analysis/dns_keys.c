/* SPDX-License-Identifier: Apache-2.0 */
/* Joins what is published to what is used. */
#include "analysis/dns_keys.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"

#define LABEL "._domainkey."

const char *key_state_word(enum key_state s) {
  static const char *const WORDS[] = {"missing", "unusable",   "unknown", "unverified",
                                      "gone",    "never_seen", "unused",  "in_use"};
  return WORDS[s];
}

struct listing {
  const struct dns_past *past;
  const struct dns_uses *uses;
  struct arena *arena;
  struct dns_keys *keys;
  int64_t newest_s; /* when mail of the domain was last seen with any key */
};

/* --- which keys --------------------------------------------------------------------------------------------------- */

static void add(struct listing *l, const char *selector, const char *domain, const struct dns_use *use,
                const struct past_line *line) {
  struct dns_key *k = &l->keys->items[l->keys->count++];
  const struct past_state *now = line && line->count ? &line->states[line->count - 1] : NULL;
  *k = (struct dns_key){.selector = selector,
                        .domain = domain,
                        .use = use,
                        .since_s = FEEDBACK_TIME_UNKNOWN,
                        .withdraw_s = FEEDBACK_TIME_UNKNOWN,
                        .state = now ? KEY_GONE : KEY_UNKNOWN};
  if (!now) return;
  dkim_key_read(&k->key, &now->answer, l->arena, &k->faults);
  k->alias = now->answer.alias;
  if (now->answer.status == DNS_OK) k->since_s = now->first_s;
}

static const struct past_line *line_of(const struct listing *l, const struct dns_use *use) {
  _cleanup_free_ char *name = mem_printf("%s" LABEL "%s", use->selector, use->domain);
  domain_normalise(name);
  return dns_past_line(l->past, DNS_TXT, name);
}

static bool is_listed(const struct listing *l, const char *name) {
  for (uint32_t i = 0; i < l->uses->key_count; i++) {
    const struct past_line *line = line_of(l, &l->uses->keys[i]);
    if (line && !strcmp(line->name, name)) return true;
  }
  return false;
}

/* Those that snapshots have looked at and that no mail has any more. */
static void add_unused(struct listing *l) {
  for (uint32_t i = 0; i < l->past->lines.count; i++) {
    const struct past_line *line = hashmap_value_at(&l->past->lines, i);
    const char *mark = line->type == DNS_TXT ? strstr(line->name, LABEL) : NULL;
    if (!mark || !domain_is_within(mark + strlen(LABEL), l->uses->policy_domain) || is_listed(l, line->name)) continue;
    add(l, arena_strndup(l->arena, line->name, (size_t)(mark - line->name)), mark + strlen(LABEL), NULL, line);
  }
}

/* --- what they are ------------------------------------------------------------------------------------------------ */

static bool was_used_lately(const struct listing *l, const struct dns_use *use) {
  return use && use->last_passed_s != FEEDBACK_TIME_UNKNOWN &&
         l->newest_s - use->last_passed_s <= KEY_SILENT_DAYS * UTC_DAY_S;
}

static enum key_state state_of(const struct listing *l, const struct dns_key *k) {
  const bool is_there = k->key.key && *k->key.key, is_used = was_used_lately(l, k->use);
  if (k->state == KEY_UNKNOWN) return KEY_UNKNOWN;
  if (is_used && !is_there) return KEY_MISSING;
  if (is_used && !k->key.usable) return KEY_UNUSABLE;
  if (!is_there) return k->use && !k->use->passed ? KEY_UNVERIFIED : KEY_GONE;
  if (!k->use) return KEY_NEVER_SEEN;
  return is_used ? KEY_IN_USE : KEY_UNUSED;
}

static void find_same(struct listing *l, struct dns_key *k) {
  for (uint32_t i = 0; i < l->keys->count && k->key.key && *k->key.key; i++) {
    const struct dns_key *other = &l->keys->items[i];
    if (other == k || !other->key.key || strcmp(other->key.key, k->key.key) != 0) continue;
    _cleanup_free_ char *text = mem_printf("%s of %s", other->selector, other->domain);
    k->same_as = arena_strdup(l->arena, text);
    return;
  }
}

void dns_keys_list(const struct dns_past *p, const struct dns_uses *uses, struct arena *arena, struct dns_keys *ret) {
  struct listing l = {p, uses, arena, ret, FEEDBACK_TIME_UNKNOWN};
  *ret = (struct dns_keys){.policy_domain = uses->policy_domain,
                           .items = arena_alloc(arena, (uses->key_count + p->lines.count + 1) * sizeof *ret->items)};
  for (uint32_t i = 0; i < uses->key_count; i++) {
    const struct dns_use *use = &uses->keys[i];
    if (use->last_s > l.newest_s) l.newest_s = use->last_s;
    add(&l, use->selector, use->domain, use, line_of(&l, use));
  }
  add_unused(&l);
  for (uint32_t i = 0; i < ret->count; i++) {
    struct dns_key *k = &ret->items[i];
    k->state = state_of(&l, k);
    find_same(&l, k);
    if (k->state == KEY_UNUSED && k->use->last_s != FEEDBACK_TIME_UNKNOWN)
      k->withdraw_s = (k->use->last_passed_s != FEEDBACK_TIME_UNKNOWN ? k->use->last_passed_s : k->use->last_s) +
                      KEY_SILENT_DAYS * UTC_DAY_S;
  }
}
