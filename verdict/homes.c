/* SPDX-License-Identifier: Apache-2.0 */
/* Where the owner's selectors live, by what passes of each at every site. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/classifying.h"

struct use_key {
  struct interned site;
  uint64_t selector;
};

/* What one site carries of one selector. */
struct use {
  int64_t passed;
  bool own_spf;          /* the owner's SPF passes there too */
  bool is_home_of_named; /* of one without a name: here is the home of a selector of the same domain */
};

struct selector_volume {
  int64_t passed;               /* everywhere */
  int64_t most;                 /* at its largest site */
  struct interned largest_site; /* absent where nothing passed */
  uint32_t unnamed;             /* "?" of the same domain: its own number if that is what it is; NO_SELECTOR */
  bool stands_for_others;       /* "?" of a domain of which others have names */
  bool own_spf;                 /* the owner's SPF passes beside it somewhere */
};

#define NO_SELECTOR UINT32_MAX

/* The domain of "example.com/s1", and whether its selector is known. */
static size_t domain_length(const char *selector, bool *ret_unnamed) {
  size_t length = strcspn(selector, "/");
  *ret_unnamed = !strcmp(selector + length, "/?");
  return length;
}

/* Some reporters name no selectors. What they tell of a signing domain is one of its selectors, or all of them: it is
 * no selector that the domain has besides, of which the few addresses that they saw would be the homes. */
static void pair_with_unnamed(struct homes *x, const struct history *h) {
  _cleanup_(hashmap_clear) struct hashmap by_domain;
  hashmap_init(&by_domain, sizeof(uint32_t));
  for (uint32_t i = 0; i < h->selector_count; i++) {
    bool unnamed;
    size_t length = domain_length(h->selectors[i], &unnamed);
    if (unnamed) *(uint32_t *)hashmap_put(&by_domain, h->selectors[i], length, NULL) = i;
  }
  for (uint32_t i = 0; i < h->selector_count; i++) {
    bool unnamed;
    size_t length = domain_length(h->selectors[i], &unnamed);
    const uint32_t *found = hashmap_get(&by_domain, h->selectors[i], length);
    x->selectors[i].unnamed = found ? *found : NO_SELECTOR;
  }
}

static void add_use(struct homes *x, const struct stream *s, uint32_t selector, int64_t passed) {
  const struct use_key key = {s->site, selector};
  struct use *use = hashmap_put(&x->uses, &key, sizeof key, NULL);
  use->passed += passed;
  if (s->spf_passed > 0) use->own_spf = true;
  x->selectors[selector].passed += passed;
  if (s->spf_passed > 0) x->selectors[selector].own_spf = true;
}

/* A signature that verifies is the owner's, aligned or not. */
static void add_uses(struct homes *x, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const struct selector_use *u = &s->selectors[i];
    if (!u->passed) continue;
    add_use(x, s, u->selector, u->passed);
    uint32_t unnamed = x->selectors[u->selector].unnamed;
    if (unnamed == NO_SELECTOR || unnamed == u->selector) continue;
    add_use(x, s, unnamed, u->passed);
    x->selectors[unnamed].stands_for_others = true;
  }
}

/* What is at home under a name is so without it. */
static void find_named_homes(struct homes *x, const struct thresholds *t) {
  for (uint32_t i = 0; i < x->uses.count; i++) {
    const struct use_key *key = hashmap_key_at(&x->uses, i, NULL);
    const struct use *use = hashmap_value_at(&x->uses, i);
    const struct selector_volume *volume = &x->selectors[key->selector];
    if (volume->unnamed == NO_SELECTOR || volume->unnamed == key->selector) continue;
    if ((double)use->passed < t->home_share * (double)volume->passed) continue;
    const struct use_key unnamed = {key->site, volume->unnamed};
    struct use *there = hashmap_get(&x->uses, &unnamed, sizeof unnamed);
    there->is_home_of_named = true;
  }
}

static void find_largest_sites(struct homes *x) {
  for (uint32_t i = 0; i < x->uses.count; i++) {
    const struct use_key *key = hashmap_key_at(&x->uses, i, NULL);
    const struct use *use = hashmap_value_at(&x->uses, i);
    struct selector_volume *volume = &x->selectors[key->selector];
    if (use->passed <= volume->most) continue;
    volume->most = use->passed;
    volume->largest_site = key->site;
  }
}

void homes_find(struct homes *ret, const struct history *h, const struct thresholds *t) {
  hashmap_init(&ret->uses, sizeof(struct use));
  ret->selectors = mem_zalloc(h->selector_count * sizeof *ret->selectors);
  pair_with_unnamed(ret, h);
  for (uint32_t i = 0; i < h->stream_count; i++) add_uses(ret, &h->streams[i]);
  find_largest_sites(ret);
  find_named_homes(ret, t);
}

void homes_clear(struct homes *x) {
  hashmap_clear(&x->uses);
  free(x->selectors);
}

/* Whoever carries selectors of several sites passes mail on. Mail of one site may bear several signatures; but a
 * stranger's identity beside one is what a forwarder adds. */
static bool looks_passed_on(const struct homes *x, const struct stream *s) {
  struct interned first = {NULL};
  if (s->identity.text && !is_known_to_send_for_others(s)) return true;
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const struct selector_volume *volume = &x->selectors[s->selectors[i].selector];
    struct interned site = volume->largest_site;
    if (!site.text || volume->stands_for_others) continue;
    if (first.text && !interned_same(site, first)) return true;
    first = site;
  }
  return false;
}

/* A program in a cloud signs from another address each day: where it lives nowhere, it lives in all of them. */
static bool is_scattered(const struct selector_volume *volume, const struct thresholds *t) {
  return !volume->stands_for_others && !volume->own_spf && (double)volume->passed >= t->source_messages &&
         (double)volume->most < t->home_share * (double)volume->passed;
}

static bool is_home_of(const struct homes *x, const struct thresholds *t, const struct stream *s, uint32_t selector) {
  if (is_scattered(&x->selectors[selector], t)) return true;
  const struct use_key key = {s->site, selector};
  const struct use *use = hashmap_get(&x->uses, &key, sizeof key);
  if (!use) return false;
  if (use->own_spf || use->is_home_of_named) return true;
  double least = looks_passed_on(x, s) ? t->home_share : t->forwarder_share;
  return (double)use->passed >= least * (double)x->selectors[selector].passed;
}

bool is_at_home(const struct homes *x, const struct thresholds *t, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (is_home_of(x, t, s, s->selectors[i].selector)) return true;
  return false;
}

unsigned real_selectors(const struct homes *x, const struct stream *s) {
  unsigned named = 0;
  bool unnamed = false;
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const struct selector_volume *volume = &x->selectors[s->selectors[i].selector];
    if (!volume->passed) continue;
    if (volume->stands_for_others)
      unnamed = true;
    else
      named++;
  }
  return named || !unnamed ? named : 1;
}

const struct selector_use *selector_never_verified(const struct homes *x, const struct stream *s) {
  if (s->kind != STREAM_BROKEN || real_selectors(x, s)) return NULL;
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (!x->selectors[s->selectors[i].selector].passed) return &s->selectors[i];
  return NULL;
}
