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
      first[use->selector] = earlier(first[use->selector], use->first_day);
    }
  }
  return first;
}

/* The oldest selector that passes in the stream: of mail that bears a new one beside it nothing is new. NULL where none
 * does. */
static const struct selector_use *oldest_selector(const struct stream *s, const int32_t *first) {
  const struct selector_use *oldest = NULL;
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    if (use->passed && (!oldest || first[use->selector] < first[oldest->selector])) oldest = use;
  }
  return oldest;
}

/* Of a source with a label the owner knows; broken mail has a gate of its own. */
static bool may_be_new(const struct judging *g, const struct stream *s) {
  return stream_is_own(s) && s->class != CLASS_OWN_BROKEN && !s->label && in_scope(g, s) && s->day_count;
}

/* What counts as one source here: a selector, wherever it signs from, or a site that does not sign. */
struct beginning {
  int32_t day;
  int64_t messages; /* a provider may spread them over any number of addresses */
};

struct source_key {
  struct interned site; /* absent: by its selector */
  uint64_t selector;
};

static void add_to_source(struct hashmap *sources, struct source_key key, int32_t day, int64_t messages) {
  bool is_new;
  struct beginning *b = hashmap_put(sources, &key, sizeof key, &is_new);
  if (is_new) b->day = NEVER;
  b->day = earlier(b->day, day);
  b->messages += messages;
}

static void add_beginning(struct hashmap *sources, const struct stream *s, const int32_t *first) {
  const struct selector_use *use = oldest_selector(s, first);
  if (use)
    add_to_source(sources, (struct source_key){.selector = use->selector}, first[use->selector], s->messages);
  else
    add_to_source(sources, (struct source_key){.site = s->site}, first_day(s), s->messages);
}

/* --- several keys on one host ------------------------------------------------------------------------------------- */

/* A key that took over from another on its host, which was seen last within days of that and not of late, is a rotation
 * and no new source. */
static bool took_over(const struct judging *g, const struct stream *s, const struct selector_use *use) {
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_use *former = &s->selectors[k];
    if (former->passed && former->first_day < use->first_day &&
        former->last_day < use->first_day + (int32_t)g->t->run_apart_days && former->last_day < g->end_day - 1)
      return true;
  }
  return false;
}

/* Where some of a stream verifies by one key and some by another, each message is its own key's; but where nobody
 * named the keys at first, nothing tells which of them are new. Histories by hand have no cells. */
static bool verifies_by_several(const struct judging *g, const struct stream *s, const int32_t *first) {
  const struct history *h = g->h;
  uint32_t named = 0;
  int32_t first_named = NEVER, first_unnamed = NEVER;
  for (uint32_t k = 0; h->records && k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    if (!use->passed || took_over(g, s, use)) continue;
    const bool is_unnamed = is_unnamed_key(h->selectors[use->selector]);
    int32_t *day = is_unnamed ? &first_unnamed : &first_named;
    *day = earlier(*day, first[use->selector]);
    named += !is_unnamed;
  }
  return named > 1 && first_named <= first_unnamed;
}

/* Of a message with two signatures the older key: nothing is new of mail that bears a new one beside it. */
static const uint32_t *oldest_in_cell(const struct seen_cell *cell, const int32_t *first) {
  const uint32_t *oldest = NULL;
  for (uint32_t k = 0; k < cell->selector_count; k++)
    if (cell->selector_passed[k] && (!oldest || first[cell->selectors[k]] < first[*oldest]))
      oldest = &cell->selectors[k];
  return oldest;
}

/* What bears no key that verifies, or one without a name, counts to the oldest of the stream's. */
static void add_cell(struct hashmap *sources, const struct history *h, const struct seen_cell *cell,
                     const int32_t *first) {
  const uint32_t *oldest = oldest_in_cell(cell, first);
  if (!oldest || is_unnamed_key(h->selectors[*oldest])) oldest = &oldest_selector(cell->stream, first)->selector;
  add_to_source(sources, (struct source_key){.selector = *oldest}, first[*oldest], cell->messages);
}

static void add_cells(const struct judging *g, struct hashmap *sources, const bool *is_apart, const int32_t *first) {
  for (uint32_t i = 0; i < history_cell_count(g->h); i++) {
    const struct seen_cell cell = history_cell(g->h, i);
    if (cell.messages && is_apart[cell.stream - g->h->streams]) add_cell(sources, g->h, &cell, first);
  }
}

static void add_beginnings(const struct judging *g, struct hashmap *sources, const int32_t *first) {
  const struct history *h = g->h;
  _cleanup_free_ bool *is_apart = mem_zalloc(h->stream_count + 1);
  bool any = false;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!may_be_new(g, s)) continue;
    is_apart[i] = verifies_by_several(g, s, first);
    any |= is_apart[i];
    if (!is_apart[i]) add_beginning(sources, s, first);
  }
  if (any) add_cells(g, sources, is_apart, first);
}

/* A site that signed until its key broke is as old as its signed mail. */
static void date_back(struct hashmap *sources, const struct stream *s) {
  const struct source_key key = {.site = s->site};
  struct beginning *b = hashmap_get(sources, &key, sizeof key);
  if (b) b->day = earlier(b->day, first_day(s));
}

struct newest_source find_newest_source(const struct judging *g) {
  struct newest_source newest = {.day = INT32_MIN};
  _cleanup_free_ int32_t *first = first_days_of_selectors(g);
  struct hashmap sources;
  hashmap_init(&sources, sizeof(struct beginning));
  add_beginnings(g, &sources, first);
  for (uint32_t i = 0; i < g->h->stream_count; i++)
    if (stream_is_own(&g->h->streams[i])) date_back(&sources, &g->h->streams[i]);
  for (uint32_t i = 0; i < sources.count; i++) {
    const struct beginning *b = hashmap_value_at(&sources, i);
    const struct source_key *key = hashmap_key_at(&sources, i, NULL);
    if ((double)b->messages < g->t->source_messages || b->day <= newest.day) continue;
    newest = (struct newest_source){b->day, key->site.text ? key->site.text : g->h->selectors[key->selector]};
  }
  hashmap_clear(&sources);
  return newest;
}
