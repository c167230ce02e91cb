/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's senders, each held against the limit by what is proven of it. One selector may sign in dozens of a
 * provider's networks: they are one sender, and a network of it is looked at apart with a bound that allows for their
 * number. */
#include <math.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

/* What passes of each selector in own mail, by its number. */
static int64_t *selector_volumes(const struct judging *g) {
  const struct history *h = g->h;
  int64_t *passed = mem_zalloc((h->selector_count + 1) * sizeof *passed);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    for (uint32_t k = 0; stream_is_own(s) && k < s->selector_count; k++)
      passed[s->selectors[k].selector] += s->selectors[k].passed;
  }
  return passed;
}

static void add_mail(void *user, const struct stream *s, uint32_t selector, const struct key_mail *mail) {
  struct judging *g = user;
  struct own_sender *x = hashmap_put(&g->senders, &selector, sizeof selector, NULL);
  x->selector = selector;
  x->messages += mail->messages - mail->by_receiver;
  x->passed += mail->messages - mail->failing;
  if (s->fell_silent) x->silent += mail->failing;
  if (x->worst && mail->failing <= x->worst_failing) return;
  x->worst = s;
  x->worst_failing = mail->failing;
}

/* Fewer failures than make a pattern prove nothing. */
static double at_best(const struct thresholds *t, int64_t passed, int64_t messages, unsigned looks) {
  if ((double)messages < t->source_messages || (double)(messages - passed) < t->source_failures) return 1;
  return wilson_upper_of(passed, messages, looks);
}

/* Of the selector that most of the stream bears, of those that pass somewhere. A service is one sender already. NULL:
 * it is counted by its site alone. */
static struct own_sender *own_sender_of(const struct judging *g, const struct stream *s, const int64_t *passed) {
  const struct selector_use *use = s->service ? NULL : main_key(g, s, passed);
  return use ? hashmap_get(&g->senders, &use->selector, sizeof use->selector) : NULL;
}

static void weigh_sites(struct judging *g, const int64_t *passed) {
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    struct own_sender *sender = s->largest ? own_sender_of(g, s->largest, passed) : NULL;
    if (sender && (double)s->messages >= g->t->source_messages) sender->networks++;
  }
  for (uint32_t i = 0; i < g->sites.count; i++) {
    struct site *s = site_at(g, i);
    const struct own_sender *sender = s->largest ? own_sender_of(g, s->largest, passed) : NULL;
    const unsigned looks = sender ? sender->networks : 1;
    s->at_best = at_best(g->t, s->passed, s->messages - s->by_receiver, looks);
    s->at_best_without = at_best(g->t, s->passed, s->messages - s->by_receiver - s->silent, looks);
  }
}

void weigh_senders(struct judging *g) {
  const int64_t *passed = g->selector_passed = selector_volumes(g);
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!stream_is_own(s) || !in_scope(g, s) || !s->window_messages || s->service) continue;
    each_key_mail(g, s, passed, add_mail, g);
  }
  weigh_sites(g, passed);
  for (uint32_t i = 0; i < g->senders.count; i++) {
    struct own_sender *x = hashmap_value_at(&g->senders, i);
    x->at_best = at_best(g->t, x->passed, x->messages, 1);
    x->at_best_without = at_best(g->t, x->passed, x->messages - x->silent, 1);
  }
}

bool is_own_sender_short(const struct judging *g) {
  double worst = 1;
  for (uint32_t i = 0; i < g->sites.count; i++)
    if (site_at(g, i)->largest) worst = fmin(worst, site_at(g, i)->at_best_without);
  for (uint32_t i = 0; i < g->senders.count; i++) worst = fmin(worst, own_sender_at(g, i)->at_best_without);
  return worst < g->t->source_rate[g->to];
}
