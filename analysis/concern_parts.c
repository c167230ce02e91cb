/* SPDX-License-Identifier: Apache-2.0 */
/* Of which parts a source's evidence is made, and which of them began later than the rest: another machine of the same
 * network, another name or key at the same service. */
#include <stdlib.h>
#include <string.h>

#include "analysis/concerning.h"
#include "base/cleanup.h"

#define NO_KEY UINT32_MAX

/* What a part sent on a day. */
struct part_day {
  const char *from;   /* "": unknown */
  uint32_t selector;  /* number of the own signature that most of it bears, or NO_KEY */
  const char *source; /* an address, where the site is a network; a service sends from any of its own: "" */
  const char *example;
  struct spell_day day;
};

struct parts {
  const struct concerning *x;
  const struct part_rules *rules;
  const struct spell *whole;
  struct part_day *days; /* by part and day */
  uint32_t count, capacity;
  struct spell_day *room; /* for the days of one part */
};

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static uint32_t main_selector(const struct stream *s) {
  uint32_t found = NO_KEY;
  int64_t most = 0;
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const int64_t messages = s->selectors[i].passed + s->selectors[i].failed;
    if (messages <= most) continue;
    most = messages;
    found = s->selectors[i].selector;
  }
  return found;
}

static void add_stream(struct parts *p, const struct stream *s) {
  const char *source = s->source.text ? s->source.text : "";
  const bool is_network = interned_same(s->site, s->network);
  for (uint32_t i = 0; i < s->day_count; i++) {
    if (s->days[i].day < p->x->begin_day || s->days[i].day > p->x->end_day) continue;
    MEM_GROW(p->days, p->capacity, p->count);
    p->days[p->count++] = (struct part_day){.from = s->header_from.text ? s->header_from.text : "",
                                            .selector = main_selector(s),
                                            .source = is_network ? source : "",
                                            .example = source,
                                            .day = p->rules->day_of(&s->days[i])};
  }
}

static int by_key(const struct part_day *a, const struct part_day *b) {
  const int by_from = strcmp(a->from, b->from);
  return by_from ? by_from : (a->selector > b->selector) - (a->selector < b->selector);
}

static int by_part(const struct part_day *a, const struct part_day *b) {
  const int order = by_key(a, b);
  return order ? order : strcmp(a->source, b->source);
}

static int by_part_and_day(const void *a, const void *b) {
  const struct part_day *x = a, *y = b;
  const int order = by_part(x, y);
  return order ? order : (x->day.day > y->day.day) - (x->day.day < y->day.day);
}

/* One entry a part and day. */
static void merge(struct parts *p) {
  uint32_t kept = 0;
  if (p->count) qsort(p->days, p->count, sizeof *p->days, by_part_and_day);
  for (uint32_t i = 0; i < p->count; i++) {
    struct part_day *last = kept ? &p->days[kept - 1] : NULL;
    if (!last || by_part_and_day(last, &p->days[i]) != 0) {
      p->days[kept++] = p->days[i];
      continue;
    }
    last->day.messages += p->days[i].day.messages;
    last->day.bad += p->days[i].day.bad;
  }
  p->count = kept;
}

/* --- what began later --------------------------------------------------------------------------------------------- */

/* Where other machines sign with the same key, all of them fail with it: it is the key's evidence, not theirs. */
static int32_t first_bad_of_key(const struct parts *p, uint32_t begin) {
  int32_t first = INT32_MAX;
  while (begin > 0 && !by_key(&p->days[begin - 1], &p->days[begin])) begin--;
  for (uint32_t i = begin; i < p->count && !by_key(&p->days[begin], &p->days[i]); i++) {
    const struct spell_day *d = &p->days[i].day;
    if (d->bad && d->day >= p->whole->first_day && d->day < first) first = d->day;
  }
  return first;
}

/* A part that was in order while the rest was not has begun anew. One that was never met may be another machine of the
 * same sender: it has to come again on some days, and with a key that had not failed before it did. Returns the day by
 * which that is known; INT32_MAX: it is not. */
static int32_t known_since(const struct parts *p, const struct spell *spell, uint32_t begin, uint32_t end) {
  const int32_t least = (int32_t)p->x->basis->thresholds->finding_clean_days;
  int32_t clean = 0, bad = 0, known = INT32_MAX;
  for (uint32_t i = begin; i < end; i++) {
    const struct spell_day *d = &p->days[i].day;
    clean += !d->bad && d->day >= p->whole->first_day && d->day < spell->first_day;
    if (d->bad && d->day >= spell->first_day && ++bad == least) known = d->day;
  }
  if (clean >= least) return spell->found_day;
  if (p->days[begin].selector != NO_KEY && first_bad_of_key(p, begin) < spell->first_day) return INT32_MAX;
  return known < spell->found_day ? spell->found_day : known;
}

static void look_at(const struct parts *p, uint32_t begin, uint32_t end, struct joined_part *last) {
  const struct concerning *x = p->x;
  struct spell spell;
  for (uint32_t i = begin; i < end; i++) p->room[i - begin] = p->days[i].day;
  if (!spells_last(&p->rules->spells, p->room, end - begin, x->heard, x->heard_count, x->end_day, &spell)) return;
  if (spell.gone_day <= x->as_of_day || spell.first_day <= p->whole->first_day || spell.first_day < last->first_day)
    return;
  const int32_t known = known_since(p, &spell, begin, end);
  if (known != INT32_MAX) *last = (struct joined_part){spell.first_day, known, p->days[begin].example};
}

struct joined_part concern_joined(const struct concerning *x, struct interned site, const struct spell *whole,
                                  const struct part_rules *rules) {
  struct parts p = {.x = x, .rules = rules, .whole = whole};
  struct joined_part last = {0};
  for (uint32_t i = 0; i < x->h->stream_count; i++) {
    const struct stream *s = &x->h->streams[i];
    if (interned_same(s->site, site) && rules->is_of(s)) add_stream(&p, s);
  }
  merge(&p);
  p.room = mem_alloc((p.count + 1) * sizeof *p.room);
  for (uint32_t i = 0, end; i < p.count; i = end) {
    for (end = i; end < p.count && !by_part(&p.days[i], &p.days[end]);) end++;
    look_at(&p, i, end, &last);
  }
  free(p.room);
  free(p.days);
  return last;
}
