/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the owner's sources rely on SPF alone (RFC 9989 8): over the window, or since a few days ago. A key that
 * breaks is not seen in what passes as long as SPF passes, and not in a month's average for two weeks. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"
#include "verdict/run_of_days.h"

static void add_days(struct spf_share *x, const struct stream *s, const struct judging *g) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    const struct stream_day *day = &s->days[i];
    if (day->day < g->begin_day || day->day > g->end_day) continue;
    if (day->day <= g->end_day - (int32_t)g->t->drop_days) {
      x->before += day->messages;
      x->before_saved += day->saved;
      continue;
    }
    x->last += day->messages;
    x->last_saved += day->saved;
    if (s->kind == STREAM_SPF) x->last_alone += day->messages;
  }
}

void spf_share_add(struct spf_share *x, const struct stream *s, const struct judging *g) {
  x->messages += s->window_messages;
  if (s->kind == STREAM_SPF) x->alone += s->window_messages;
  if (!x->largest ||
      (s->kind == STREAM_SPF && (x->largest->kind != STREAM_SPF || s->window_messages > x->largest->window_messages)))
    x->largest = s;
  if (!s->dormant) add_days(x, s, g);
}

/* One of several programs of a source lost its key: too small a part to turn the majority. `looks`: at how many
 * sources, of which chance picks one in twenty. */
static bool signatures_fell(const struct thresholds *t, const struct spf_share *x, unsigned looks) {
  return (double)x->before >= t->drop_before_messages && (double)x->last_saved >= t->drop_messages &&
         share(x->last_saved, x->last) - share(x->before_saved, x->before) > t->spf_saved_rise &&
         chance_of_more(x->last_saved, x->last, x->before_saved, x->before) < PROPORTION_CHANCE / looks;
}

enum part { OF_HOST, OF_SITE };

static void cleanup_run(struct run_of_days *x) { free(x->days); }

/* All of it is signed in the last days, and what was not came so steadily that it would have come again by now. What
 * came once, or by the month, comes again. */
static bool signs_since(const struct judging *g, const struct spf_share *x, enum part part) {
  __attribute__((cleanup(cleanup_run))) struct run_of_days alone = {0};
  if (x->last_alone || (double)x->last < g->t->source_messages) return false;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    const bool is_its =
        part == OF_HOST ? interned_same(s->source, x->largest->source) : interned_same(s->site, x->largest->site);
    if (is_its && s->kind == STREAM_SPF && stream_is_own(s) && in_scope(g, s)) run_add_days(&alone, s);
  }
  run_sort(&alone);
  return run_has_rhythm(&alone, g->t) &&
         g->end_day - run_last_day(&alone) > g->t->stopped_rhythms * run_longest_gap(&alone);
}

/* Over the whole window: what it always was. */
static int64_t alone_always(const struct judging *g, const struct spf_share *x, enum part part) {
  const struct thresholds *t = g->t;
  bool relies = (double)x->alone >= t->source_messages && (double)x->alone > t->spf_alone_share * (double)x->messages;
  return relies && !signs_since(g, x, part) ? x->alone : 0;
}

static bool is_looked_at(const struct thresholds *t, const struct spf_share *x) {
  return (double)x->messages >= t->source_messages;
}

/* `least`: of the last days, what must pass by SPF alone to tell anything of them. */
static int64_t alone_lately(const struct thresholds *t, const struct spf_share *x, double least, unsigned looks) {
  if (!is_looked_at(t, x)) return 0;
  if ((double)x->last_alone >= least && wilson_lower(x->last_alone, x->last) > t->spf_alone_share) return x->last_alone;
  return signatures_fell(t, x, looks) ? x->last_saved : 0;
}

static void weigh(struct judging *g, struct site *site, const struct spf_share *x, enum part part, unsigned looks) {
  const double least = part == OF_HOST ? g->t->source_messages : g->t->drop_messages;
  int64_t always = alone_always(g, x, part), alone = always ? always : alone_lately(g->t, x, least, looks);
  if (!alone) return;
  site->on_spf += alone;
  site->lost_dkim |= !always;
  if (!site->largest_on_spf || x->largest->window_messages > site->largest_on_spf->window_messages)
    site->largest_on_spf = x->largest;
}

/* A provider's addresses are many, and each is met a few times: such a handful tells nothing of one. */
static void add_host(struct judging *g, const struct spf_share *host, unsigned looks) {
  struct site *site = hashmap_get(&g->sites, &host->largest->site, sizeof host->largest->site);
  if (!site->whole_on_spf) weigh(g, site, host, OF_HOST, looks);
}

/* Too small to be looked at apart, and nearly all of it by SPF alone. Of a service the addresses are no sources. */
static bool is_small_on_spf(const struct judging *g, const struct spf_share *host) {
  const struct site *site = hashmap_get(&g->sites, &host->largest->site, sizeof host->largest->site);
  if (site->on_spf || (site->largest->service && (double)site->spf.messages >= g->t->source_messages)) return false;
  return (double)host->messages < g->t->source_messages &&
         (double)host->alone > g->t->spf_alone_share * (double)host->messages;
}

static void take_small(struct judging *g, const struct spf_share *host) {
  struct site *site = hashmap_get(&g->sites, &host->largest->site, sizeof host->largest->site);
  site->on_spf += host->alone;
  if (!site->largest_on_spf || host->largest->window_messages > site->largest_on_spf->window_messages)
    site->largest_on_spf = host->largest;
}

/* Thirty branches that send eight messages each are one habit of the owner's. A key that did not verify once in a while
 * leaves as much behind, but less of it. */
static void add_small_hosts(struct judging *g) {
  const uint32_t count = g->hosts.count;
  _cleanup_free_ bool *is_small = mem_zalloc(count + 1);
  int64_t alone = 0, own = 0;
  for (uint32_t i = 0; i < count; i++) {
    const struct spf_share *host = hashmap_value_at(&g->hosts, i);
    own += host->messages;
    is_small[i] = is_small_on_spf(g, host);
    if (is_small[i]) alone += host->alone;
  }
  if ((double)alone < g->t->source_messages || share(alone, own) <= g->t->spf_alone_small) return;
  for (uint32_t i = 0; i < count; i++)
    if (is_small[i]) take_small(g, hashmap_value_at(&g->hosts, i));
}

void find_spf_alone(struct judging *g) {
  for (uint32_t i = 0; i < g->sites.count; i++) {
    struct site *site = site_at(g, i);
    if (site->largest) weigh(g, site, &site->spf, OF_SITE, 1);
    site->whole_on_spf = site->on_spf > 0;
  }
  unsigned looks = 0;
  for (uint32_t i = 0; i < g->hosts.count; i++) looks += is_looked_at(g->t, hashmap_value_at(&g->hosts, i));
  for (uint32_t i = 0; i < g->hosts.count; i++) add_host(g, hashmap_value_at(&g->hosts, i), looks ? looks : 1);
  add_small_hosts(g);
}
