/* SPDX-License-Identifier: Apache-2.0 */
/* The sources that keep a gate from holding, and those worth a look that do not: largest first, each with what to do.
 */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

#define FINDINGS_AT_FIRST 4 /* room for them, which doubles */

/* The signature of the owner's that fails on most of the stream; NULL: none is there, or it verifies. */
static const char *failing_selector(const struct history *h, const struct stream *s) {
  const struct selector_use *found = NULL;
  for (uint32_t k = 0; s->kind != STREAM_SIGNED && k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    if (use->failed > (found ? found->failed : 0)) found = use;
  }
  return found ? h->selectors[found->selector] : NULL;
}

static void copy_items(struct findings *list, unsigned capacity, struct arena *arena) {
  const struct finding *items = list->items;
  list->capacity = capacity;
  list->items = arena_alloc(arena, capacity * sizeof *items);
  if (list->count) memcpy(list->items, items, list->count * sizeof *items);
}

struct findings findings_copy(const struct findings *list, struct arena *arena) {
  struct findings copy = *list;
  copy_items(&copy, list->count, arena);
  return copy;
}

/* Puts it where it belongs by its messages; NULL where there are enough larger ones. */
static struct finding *insert(struct findings *list, const struct finding *f, struct arena *arena) {
  unsigned at = list->count;
  while (at > 0 && list->items[at - 1].messages < f->messages) at--;
  if (list->count == MOST_FINDINGS) list->left_out++;
  if (at == MOST_FINDINGS) return NULL;
  if (list->count == list->capacity && list->count < MOST_FINDINGS)
    copy_items(list, list->count ? 2 * list->count : FINDINGS_AT_FIRST, arena);
  if (list->count < MOST_FINDINGS) list->count++;
  memmove(&list->items[at + 1], &list->items[at], (list->count - at - 1) * sizeof *f);
  list->items[at] = *f;
  return &list->items[at];
}

static struct finding finding_of(const struct judging *g, const struct stream *s, enum stream_class class,
                                 int64_t messages) {
  return (struct finding){.source = s->site.text,
                          .example = s->source.text,
                          .service = s->service ? s->service->name : s->identity.text,
                          .evidence = s->evidence,
                          .class = class,
                          .because = s->because,
                          .header_from = s->header_from.text,
                          .selector = failing_selector(g->h, s),
                          .messages = messages};
}

struct finding *add_finding(struct judging *g, struct findings *list, const struct stream *s, enum stream_class class,
                            int64_t messages, enum trouble trouble) {
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  const bool own_fails = trouble == OF_ITS_CLASS && stream_is_own(s) && site;
  struct finding new = finding_of(g, s, class, messages);
  new.cause = trouble == UNCHECKED ? CAUSE_RECEIVER_DNS : own_fails ? main_cause(site->failing) : CAUSE_NONE;
  new.passes = trouble == SPF_ALONE || trouble == LOST_DKIM;
  struct finding *f = insert(list, &new, g->h->arena);
  if (f) word_repair(g, s, site, trouble, f);
  return f;
}

/* Of own mail that fails. */
static void add_own(struct judging *g, struct findings *list, const struct finding *new, const struct stream *s) {
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  struct finding *f = insert(list, new, g->h->arena);
  if (f) word_repair(g, s, site, OF_ITS_CLASS, f);
}

void add_own_failing(struct judging *g, const struct stream *worst, enum finding_part part, const char *selector,
                     int64_t failing, int64_t messages) {
  struct finding new = finding_of(g, worst, worst->class, failing);
  new.cause = worst->cause;
  if (selector) new.selector = selector;
  new.part = part;
  new.of_messages = messages;
  add_own(g, &g->j->own_failing, &new, worst);
}

/* Own mail of the site that keeps a gate from holding. Where own mail as a whole is short, all that fails has its part.
 */
static void find_own(struct judging *g, struct site *s) {
  const struct thresholds *t = g->t;
  struct findings *blockers = &g->j->blockers;
  bool short_rate =
      s->at_best < t->source_rate[g->to] ||
      (is_own_mail_short(g) && share(s->passed, s->messages) < fmax(t->source_rate[g->to], t->own_lower[g->to]));
  const struct stream *worst = s->worst ? s->worst : s->largest;
  bool falls = failed(g, GATE_DROP) && s->before && s->last &&
               share(s->before_passed, s->before) - share(s->last_passed, s->last) > t->drop[g->to];
  s->is_named = short_rate || falls;
  if (s->is_named)
    add_finding(g, blockers, worst, worst->class, s->messages - s->passed, OF_ITS_CLASS);
  else if (failed(g, GATE_DKIM) && s->on_spf)
    add_finding(g, blockers, s->largest_on_spf, CLASS_OWN, s->on_spf, s->lost_dkim ? LOST_DKIM : SPF_ALONE);
}

/* What receivers could not look up, where it is so much that it keeps the bound from its limit. */
static void find_unchecked(struct judging *g, const struct site *s) {
  const struct judgement *j = g->j;
  if (failed(g, GATE_OWN_LOWER) && beyond_trouble(g->t, j->own_messages, j->own_unchecked))
    add_finding(g, &g->j->blockers, s->worst_unchecked, s->worst_unchecked->class, s->unchecked, UNCHECKED);
}

/* A selector that falls short in all its networks together, though none of them does alone. */
static void find_sender(struct judging *g, const struct own_sender *x) {
  const struct stream *s = x->worst;
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  if (x->at_best >= g->t->source_rate[g->to] || site->is_named) return;
  struct finding new = finding_of(g, s, s->class, x->messages - x->passed);
  new.cause = main_cause(site->failing);
  if (s->kind != STREAM_SIGNED) new.selector = g->h->selectors[x->selector];
  add_own(g, &g->j->blockers, &new, s);
}

static void find_undecided(struct judging *g, const struct site *s) {
  bool blocks = failed(g, GATE_UNDECIDED_ALL) ||
                (failed(g, GATE_UNDECIDED_ONE) && share(s->undecided, g->yardstick) > g->t->undecided_one[g->to]);
  add_finding(g, blocks ? &g->j->blockers : &g->j->questions, s->worst_undecided, CLASS_UNDECIDED, s->undecided,
              OF_ITS_CLASS);
}

static void find_strange(struct judging *g, const struct site *s) {
  if (failed(g, GATE_NEW_STRANGER) && share(s->strange, g->yardstick) > g->t->stranger_share[g->to])
    add_finding(g, &g->j->blockers, s->worst_stranger, CLASS_SUSPICIOUS, s->strange, OF_ITS_CLASS);
}

/* Strangers who came as own mail went, each with a good part of what it was. */
static void find_successors(struct judging *g) {
  const struct stopped *c = &g->j->stopped;
  if (!failed(g, GATE_STOPPED) || !c->strange) return;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    const bool is_new = s->day_count && s->days[0].day >= c->since_day;
    if (s->class == CLASS_SUSPICIOUS && s->habit != HABIT_NEW && is_new && in_scope(g, s) &&
        (double)stream_failing(s) >= g->t->stopped_rest * (double)c->usual)
      add_finding(g, &g->j->blockers, s, CLASS_SUSPICIOUS, stream_failing(s), OF_ITS_CLASS);
  }
}

/* Where nothing of it fails, there is nothing to do. */
static void find_forwarded(struct judging *g, const struct site *s) {
  bool blocks = failed(g, GATE_FORWARDED);
  add_finding(g, blocks ? &g->j->blockers : &g->j->forwarders, s->worst_forwarded, s->worst_forwarded->class,
              s->forwarded_failing, blocks ? LOSS_ASKED : OF_ITS_CLASS);
}

static bool signs_little(struct judging *g) {
  int64_t messages = 0, with_dkim = 0;
  for (uint32_t i = 0; i < g->sites.count; i++) {
    messages += site_at(g, i)->messages;
    with_dkim += site_at(g, i)->signed_messages;
  }
  return messages > 0 && share(with_dkim, messages) < g->t->dkim_share_warn;
}

void gather_findings(struct judging *g) {
  g->signs_little = signs_little(g);
  for (uint32_t i = 0; i < g->sites.count; i++) {
    struct site *s = site_at(g, i);
    if (s->largest) find_own(g, s);
    if (s->unchecked) find_unchecked(g, s);
    if (s->undecided) find_undecided(g, s);
    if (s->strange) find_strange(g, s);
    if (s->forwarded_failing) find_forwarded(g, s);
  }
  find_successors(g);
  for (uint32_t i = 0; i < g->senders.count; i++) find_sender(g, own_sender_at(g, i));
  find_own_failing(g);
}
