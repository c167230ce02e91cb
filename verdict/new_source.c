/* SPDX-License-Identifier: Apache-2.0 */
/* Since when own mail comes from all its sources. A source is new where none of its selectors was there before; one
 * without any, where it was not. A provider's next address is not new. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

#define NEVER INT32_MAX

static int32_t first_day(const struct stream *s) { return s->day_count ? s->days[0].day : NEVER; }

static int32_t earlier(int32_t a, int32_t b) { return a < b ? a : b; }

int32_t first_day_of_history(const struct history *h) {
  int32_t first = NEVER;
  for (uint32_t i = 0; i < h->stream_count; i++) first = earlier(first, first_day(&h->streams[i]));
  return first;
}

/* Since when the owner signs with each selector, by its number. */
static int32_t *first_days_of_selectors(const struct judging *g) {
  const struct history *h = g->h;
  int32_t *first = mem_alloc((h->selector_count + 1) * sizeof *first);
  for (uint32_t i = 0; i < h->selector_count; i++) first[i] = NEVER;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!stream_is_own(s) || !in_scope(g, s)) continue;
    for (uint32_t k = 0; k < s->selector_count; k++) {
      const struct selector_use *use = &s->selectors[k];
      if (use->passed) first[use->selector] = earlier(first[use->selector], first_day(s));
    }
  }
  return first;
}

/* The first day of the oldest selector that passes in the stream; NEVER where none does. */
static int32_t signed_since(const struct stream *s, const int32_t *first) {
  int32_t since = NEVER;
  for (uint32_t k = 0; k < s->selector_count; k++)
    if (s->selectors[k].passed) since = earlier(since, first[s->selectors[k].selector]);
  return since;
}

/* Of a source with a label the owner knows; broken mail has a gate of its own. */
static bool may_be_new(const struct judging *g, const struct stream *s) {
  return stream_is_own(s) && s->class != CLASS_OWN_BROKEN && !s->label && in_scope(g, s) && s->day_count &&
         (double)s->messages >= g->t->source_messages;
}

int32_t newest_source_day(const struct judging *g) {
  int32_t newest = INT32_MIN;
  _cleanup_free_ int32_t *first = first_days_of_selectors(g);
  struct hashmap unsigned_since; /* site -> first day */
  hashmap_init(&unsigned_since, sizeof(int32_t));
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!may_be_new(g, s)) continue;
    int32_t since = signed_since(s, first);
    if (since == NEVER) {
      bool is_new;
      int32_t *seen = hashmap_put(&unsigned_since, &s->site, sizeof s->site, &is_new);
      *seen = is_new ? first_day(s) : earlier(*seen, first_day(s));
    } else if (since > newest) {
      newest = since;
    }
  }
  for (uint32_t i = 0; i < unsigned_since.count; i++) {
    int32_t since = *(int32_t *)hashmap_value_at(&unsigned_since, i);
    if (since > newest) newest = since;
  }
  hashmap_clear(&unsigned_since);
  return newest;
}
