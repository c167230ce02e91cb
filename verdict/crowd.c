/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers do here, all of them together: whether they come and go by the dozen, which networks and hosts come
 * back, and what names sent one run and went. One more of many is no news. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/habits.h"

/* --- the crowd ---------------------------------------------------------------------------------------------------- */

/* Where strangers come and go by the dozen, one who stays for a week or two is one of them. */
static void find_crowd(struct habits *x) {
  unsigned hosts = 0;
  int64_t messages = 0, host_days = 0;
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    const struct mark *m = mark_at(&x->marks, i);
    if (m->kind != MARK_HOST || !m->sightings || last_day(x, m) < x->window_begin_day) continue;
    hosts++;
    messages += m->messages;
    host_days += m->sightings;
  }
  x->is_crowded = hosts >= x->t->crowd_hosts;
  x->crowd_rate = host_days ? (double)messages / (double)host_days : 0;
}

bool stands_out(const struct habits *x, const struct mark *m) {
  return (double)m->messages >= x->t->crowd_times * x->crowd_rate * m->sightings;
}

/* --- who returns -------------------------------------------------------------------------------------------------- */

struct returning {
  int32_t first_day, last_day;
  int64_t messages;
  struct mark *of; /* the name */
};

/* A provider sends from networks that are seen again and again, a botnet from all over the world: a site has a /24, or
 * a /48 (RFC 6177). */
static void find_returning_networks(struct habits *x, const struct history *h) {
  _cleanup_hashmap_ struct hashmap pairs; /* name and network -> struct returning */
  hashmap_init(&pairs, sizeof(struct returning));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    struct mark *name = is_authenticated(s) ? NULL : mark_of(&x->marks, MARK_NAME, s);
    if (!name || !s->day_count) continue;
    const struct {
      struct interned name;
      struct mark_key network;
    } key = {s->identity, mark_key_of_network(&s->ip)};
    bool is_new;
    struct returning *r = hashmap_put(&pairs, &key, sizeof key, &is_new);
    if (is_new) *r = (struct returning){.first_day = INT32_MAX, .last_day = INT32_MIN, .of = name};
    if (s->days[0].day < r->first_day) r->first_day = s->days[0].day;
    if (s->days[s->day_count - 1].day > r->last_day) r->last_day = s->days[s->day_count - 1].day;
    r->messages += s->messages;
    if (is_new) name->networks++;
  }
  for (uint32_t i = 0; i < pairs.count; i++) {
    const struct returning *r = hashmap_value_at(&pairs, i);
    if (r->last_day - r->first_day >= x->t->met_again_days) r->of->from_returning += r->messages;
    if (r->last_day - r->first_day >= x->t->long_span_days) r->of->from_lasting += r->messages;
  }
}

/* On days enough, and not in one run. */
static bool is_met_again(const struct habits *x, const struct mark *m) {
  return m->sightings >= x->t->habit_days && last_day(x, m) - first_day(x, m) >= x->t->habit_span_days;
}

/* Of each network, what comes from hosts that are met again (of a crowd, after a bot's life), and how many hosts it has
 * on a day. */
static void find_returning_hosts(struct habits *x, const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (is_authenticated(s)) continue;
    struct mark *selector = mark_of(&x->marks, MARK_SELECTOR, s);
    if (selector) selector->host_days += s->day_count;
    struct mark *name = mark_of(&x->marks, MARK_NAME, s);
    if (name) name->host_days += s->day_count;
    struct mark *network = mark_of(&x->marks, MARK_NETWORK, s);
    if (!network) continue;
    network->host_days += s->day_count;
    const struct mark *host = mark_of(&x->marks, MARK_HOST, s);
    if (host->met_again && (!x->is_crowded || last_day(x, host) - first_day(x, host) >= x->t->long_span_days))
      network->from_returning += s->messages;
  }
}

/* --- who went ----------------------------------------------------------------------------------------------------- */

/* A name that sent one run: one that signs, or from the few networks that a service has. */
static bool is_one_run_of_a_name(const struct habits *x, const struct mark *m) {
  return m->kind == MARK_NAME && m->sightings && (signs(m) || m->networks <= x->t->first_run_networks) &&
         last_day(x, m) - first_day(x, m) < x->t->run_days;
}

/* Names that sent a run in the time, twice as long as a stranger is new, before that, and are gone. */
static void find_names_that_went(struct habits *x) {
  const int32_t to = x->newest_day - (int32_t)x->t->stranger_days;
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    const struct mark *m = mark_at(&x->marks, i);
    if (!is_one_run_of_a_name(x, m)) continue;
    if (last_day(x, m) > to || first_day(x, m) <= to - 2 * (int32_t)x->t->stranger_days) continue;
    x->names_that_went++;
    if (m->messages > x->largest_that_went) x->largest_that_went = m->messages;
  }
}

static int largest_first(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x < y) - (x > y);
}

/* Of the names that sent one run in the whole history, the size of the last of so many, the largest first, as make such
 * runs usual. */
static void find_usual_run(struct habits *x) {
  _cleanup_free_ int64_t *runs = mem_alloc(mark_count(&x->marks) * sizeof *runs);
  uint32_t count = 0;
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    const struct mark *m = mark_at(&x->marks, i);
    if (is_one_run_of_a_name(x, m)) runs[count++] = m->messages;
  }
  if (count) qsort(runs, count, sizeof *runs, largest_first);
  if (count >= x->t->names_that_go) x->usual_one_run = runs[(uint32_t)x->t->names_that_go - 1];
}

/* Names of those who do not sign, over more networks than a service has. */
static void count_spread_names(struct habits *x) {
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    const struct mark *m = mark_at(&x->marks, i);
    x->spread_names += m->kind == MARK_NAME && m->networks > x->t->first_run_networks && !signs(m);
  }
}

void watch_strangers(struct habits *x, const struct history *h) {
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    struct mark *m = mark_at(&x->marks, i);
    m->met_again = m->sightings && is_met_again(x, m);
  }
  find_crowd(x);
  find_returning_networks(x, h);
  find_returning_hosts(x, h);
  count_spread_names(x);
  find_names_that_went(x);
  find_usual_run(x);
}
