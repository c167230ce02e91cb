/* SPDX-License-Identifier: Apache-2.0 */
/* Mail of subdomains that fails. Without an sp of their own p governs them (RFC 9989 4.7), and they lose with it. */
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

static int64_t failing(const struct failing_below *x) { return x->own + x->undecided; }

static void add_stream(struct hashmap *names, const struct stream *s) {
  struct failing_below *x = hashmap_put(names, &s->header_from, sizeof s->header_from, NULL);
  x->name = s->header_from.text;
  *(stream_is_own(s) ? &x->own : &x->undecided) += stream_failing(s);
}

static void keep_largest(struct failing_subdomains *list, const struct failing_below *x) {
  unsigned at = list->count;
  while (at > 0 && (failing(&list->items[at - 1]) < failing(x) ||
                    (failing(&list->items[at - 1]) == failing(x) && strcmp(list->items[at - 1].name, x->name) > 0)))
    at--;
  if (list->count == MOST_FAILING_BELOW) list->left_out++;
  if (at == MOST_FAILING_BELOW) return;
  if (list->count < MOST_FAILING_BELOW) list->count++;
  memmove(&list->items[at + 1], &list->items[at], (list->count - at - 1) * sizeof *x);
  list->items[at] = *x;
}

/* Strangers who made a name up are nobody's loss. */
static bool may_be_lost(const struct stream *s) {
  return stream_is_own(s) || s->class == CLASS_UNDECIDED || (s->class == CLASS_SUSPICIOUS && s->habit == HABIT_NEW);
}

void find_failing_below(struct judging *g) {
  const struct history *h = g->h;
  _cleanup_hashmap_ struct hashmap names; /* header_from -> struct failing_below */
  hashmap_init(&names, sizeof(struct failing_below));
  if (g->j->scope == SCOPE_DOMAIN) return;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const bool is_below = s->header_from.text && strcmp(s->header_from.text, h->domain) != 0;
    if (is_below && may_be_lost(s) && stream_failing(s) > 0) add_stream(&names, s);
  }
  for (uint32_t i = 0; i < names.count; i++) keep_largest(&g->j->failing_below, hashmap_value_at(&names, i));
}

bool may_go_alone(const struct judgement *j) {
  const bool held = j->verdict == VERDICT_NOT_READY || j->verdict == VERDICT_NEEDS_DECISION ||
                    j->verdict == VERDICT_INSUFFICIENT_DATA;
  return held && j->failing_below.count && j->next != POLICY_UNKNOWN && !j->wants_rua && !is_unused(j);
}
