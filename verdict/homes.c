/* SPDX-License-Identifier: Apache-2.0 */
/* Where the owner's selectors live, by what passes of each at every site. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/classifying.h"

struct use_key {
  struct interned site;
  uint64_t selector;
};

/* What one site carries of one selector. */
struct use {
  int64_t passed;
  bool own_spf; /* the owner's SPF passes there too */
};

struct selector_volume {
  int64_t passed;               /* everywhere */
  int64_t most;                 /* at its largest site */
  struct interned largest_site; /* absent where nothing passed */
};

/* A signature that verifies is the owner's, aligned or not. */
static void add_uses(struct homes *x, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const struct selector_use *u = &s->selectors[i];
    if (!u->passed) continue;
    const struct use_key key = {s->site, u->selector};
    struct use *use = hashmap_put(&x->uses, &key, sizeof key, NULL);
    use->passed += u->passed;
    if (s->spf_passed > 0) use->own_spf = true;
    x->selectors[u->selector].passed += u->passed;
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

void homes_find(struct homes *ret, const struct history *h) {
  hashmap_init(&ret->uses, sizeof(struct use));
  ret->selectors = mem_zalloc(h->selector_count * sizeof *ret->selectors);
  for (uint32_t i = 0; i < h->stream_count; i++) add_uses(ret, &h->streams[i]);
  find_largest_sites(ret);
}

void homes_clear(struct homes *x) {
  hashmap_clear(&x->uses);
  free(x->selectors);
}

/* Whoever carries selectors of several sites passes mail on. Mail of one site may bear several signatures; but a
 * stranger's identity beside them is what a forwarder adds. */
static bool looks_passed_on(const struct homes *x, const struct stream *s) {
  struct interned first = {NULL};
  if (s->selector_count > 1 && s->identity.text && !is_known_to_send_for_others(s)) return true;
  for (uint32_t i = 0; i < s->selector_count; i++) {
    struct interned site = x->selectors[s->selectors[i].selector].largest_site;
    if (!site.text) continue;
    if (first.text && !interned_same(site, first)) return true;
    first = site;
  }
  return false;
}

static bool is_home_of(const struct homes *x, const struct thresholds *t, const struct stream *s, uint32_t selector) {
  const struct use_key key = {s->site, selector};
  const struct use *use = hashmap_get(&x->uses, &key, sizeof key);
  if (!use) return false;
  if (use->own_spf) return true;
  double least = looks_passed_on(x, s) ? t->home_share : t->forwarder_share;
  return (double)use->passed >= least * (double)x->selectors[selector].passed;
}

bool is_at_home(const struct homes *x, const struct thresholds *t, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (is_home_of(x, t, s, s->selectors[i].selector)) return true;
  return false;
}

unsigned real_selectors(const struct homes *x, const struct stream *s) {
  unsigned n = 0;
  for (uint32_t i = 0; i < s->selector_count; i++) n += x->selectors[s->selectors[i].selector].passed > 0;
  return n;
}
