/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of own mail that fail wholly or mostly, though they are too small a part of a source for any gate: one address,
 * one name in From:, one key. Who moves the policy loses all of that part, so he is told. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* Own mail of the window that has the address, the name or the key. */
struct part {
  uint64_t key;
  int64_t messages, failing;
  int64_t untold;             /* of the failing: of no part that was told before */
  const struct stream *worst; /* with most failing mail of it: */
  int64_t worst_failing;
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

/* Parts of one kind, as they are added up. */
struct parts {
  enum finding_part kind;
  struct hashmap by_key; /* uint64_t -> struct part: the selector's number, or the text's address */
  bool is_told;          /* the stream at hand */
};

static void add_to_part(struct parts *parts, uint64_t key, const struct stream *s, const struct key_mail *mail) {
  struct part *x = hashmap_put(&parts->by_key, &key, sizeof key, NULL);
  x->key = key;
  x->messages += mail->messages;
  x->failing += mail->failing;
  if (!parts->is_told) x->untold += mail->failing;
  if (x->worst && mail->failing <= x->worst_failing) return;
  x->worst = s;
  x->worst_failing = mail->failing;
}

static void add_key(void *user, const struct stream *s, uint32_t selector, const struct key_mail *mail) {
  add_to_part(user, selector, s, mail);
}

/* By which the stream counts to a part that is no key; 0: to none. */
static uint64_t text_of(const struct stream *s, enum finding_part kind) {
  return (uint64_t)(uintptr_t)(kind == PART_ADDRESS ? s->source.text : s->header_from.text);
}

static void add_up_parts(const struct judging *g, const struct whole *whole, struct parts *parts) {
  for (uint32_t i = 0; i < whole->count; i++) {
    const struct stream *s = whole->streams[i];
    const struct key_mail all = {.messages = stream_judged(s), .failing = stream_failing(s)};
    const uint64_t text = text_of(s, parts->kind);
    parts->is_told = whole->told[i];
    if (parts->kind == PART_KEY)
      each_key_mail(g, s, NULL, add_key, parts);
    else if (text)
      add_to_part(parts, text, s, &all);
  }
}

/* Few failures are none, and what passes mostly is held by the gates. */
static bool is_lost(const struct judging *g, const struct part *x) {
  return (double)x->untold >= g->t->source_failures && 2 * x->failing > x->messages;
}

/* What an address tells the others need not. Keys are the last of them. */
static void note_told(const struct judging *g, const struct parts *parts, struct whole *whole) {
  for (uint32_t i = 0; parts->kind != PART_KEY && i < whole->count; i++) {
    const uint64_t text = text_of(whole->streams[i], parts->kind);
    if (text) whole->told[i] |= is_lost(g, hashmap_get(&parts->by_key, &text, sizeof text));
  }
}

static void tell(struct judging *g, enum finding_part kind, struct whole *whole) {
  struct parts parts = {.kind = kind};
  bool is_any_lost = false;
  hashmap_init(&parts.by_key, sizeof(struct part));
  add_up_parts(g, whole, &parts);
  for (uint32_t i = 0; i < parts.by_key.count; i++) {
    const struct part *x = hashmap_value_at(&parts.by_key, i);
    if (!is_lost(g, x)) continue;
    add_own_failing(g, x->worst, kind, kind == PART_KEY ? g->h->selectors[x->key] : NULL, x->untold, x->messages);
    is_any_lost = true;
  }
  if (is_any_lost) note_told(g, &parts, whole);
  hashmap_clear(&parts.by_key);
}

void find_own_failing(struct judging *g) {
  _cleanup_free_ const struct stream **streams = mem_alloc((g->h->stream_count + 1) * sizeof(struct stream *));
  _cleanup_free_ bool *told = mem_zalloc((g->h->stream_count + 1) * sizeof *told);
  struct whole whole = {.streams = streams, .told = told};
  gather_whole(g, &whole);
  for (enum finding_part kind = PART_ADDRESS; kind <= PART_KEY; kind++) tell(g, kind, &whole);
}
