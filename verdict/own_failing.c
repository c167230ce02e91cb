/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of own mail that fail wholly or mostly, though they are too small a part of a source for any gate: one address,
 * one name in From:, one key. Who moves the policy loses all of that part, so he is told. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* Own mail of the window that has the address, the name or the key. */
struct part {
  int64_t messages, failing;
  int64_t untold; /* of the failing: of no part that was told before */
  const struct stream *worst;
};

static bool interests(const struct judging *g, const struct stream *s) {
  if (!stream_is_own(s) || !in_scope(g, s) || !s->window_messages) return false;
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  return !site->is_named;
}

/* The streams of which the parts are. */
struct whole {
  const struct stream **streams;
  bool *told; /* of each */
  uint32_t count;
};

static void gather_whole(const struct judging *g, struct whole *ret) {
  ret->count = 0;
  for (uint32_t i = 0; i < g->h->stream_count; i++)
    if (interests(g, &g->h->streams[i])) ret->streams[ret->count++] = &g->h->streams[i];
}

/* The key that most of the stream bears; NULL: none. */
static const struct selector_use *main_key(const struct stream *s) {
  const struct selector_use *found = NULL;
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    if (!found || use->passed + use->failed > found->passed + found->failed) found = use;
  }
  return found;
}

/* By which the stream counts to a part of that kind; false: to none. */
static bool key_of(const struct stream *s, enum finding_part kind, uint64_t *ret) {
  const struct selector_use *use = main_key(s);
  if (kind == PART_KEY) {
    *ret = use ? use->selector : 0;
    return use;
  }
  *ret = (uint64_t)(uintptr_t)(kind == PART_ADDRESS ? s->source.text : s->header_from.text);
  return *ret;
}

static void add_up_parts(const struct whole *whole, enum finding_part kind, struct hashmap *parts) {
  for (uint32_t i = 0; i < whole->count; i++) {
    const struct stream *s = whole->streams[i];
    uint64_t key;
    if (!key_of(s, kind, &key)) continue;
    struct part *x = hashmap_put(parts, &key, sizeof key, NULL);
    x->messages += stream_judged(s);
    x->failing += stream_failing(s);
    if (!whole->told[i]) x->untold += stream_failing(s);
    if (!x->worst || stream_failing(s) > stream_failing(x->worst)) x->worst = s;
  }
}

/* Few failures are none, and what passes mostly is held by the gates. */
static bool is_lost(const struct judging *g, const struct part *x) {
  return (double)x->untold >= g->t->source_failures && 2 * x->failing > x->messages;
}

static void tell(struct judging *g, enum finding_part kind, struct whole *whole) {
  _cleanup_hashmap_ struct hashmap parts; /* uint64_t -> struct part */
  bool is_any_lost = false;
  hashmap_init(&parts, sizeof(struct part));
  add_up_parts(whole, kind, &parts);
  for (uint32_t i = 0; i < parts.count; i++) {
    const struct part *x = hashmap_value_at(&parts, i);
    if (!is_lost(g, x)) continue;
    add_own_failing(g, x->worst, kind, x->untold, x->messages);
    is_any_lost = true;
  }
  for (uint32_t i = 0; is_any_lost && i < whole->count; i++) {
    uint64_t key;
    if (key_of(whole->streams[i], kind, &key)) whole->told[i] |= is_lost(g, hashmap_get(&parts, &key, sizeof key));
  }
}

/* What an address tells the others need not. */
void find_own_failing(struct judging *g) {
  _cleanup_free_ const struct stream **streams = mem_alloc((g->h->stream_count + 1) * sizeof(struct stream *));
  _cleanup_free_ bool *told = mem_zalloc((g->h->stream_count + 1) * sizeof *told);
  struct whole whole = {.streams = streams, .told = told};
  gather_whole(g, &whole);
  for (enum finding_part kind = PART_ADDRESS; kind <= PART_KEY; kind++) tell(g, kind, &whole);
}
