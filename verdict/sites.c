/* SPDX-License-Identifier: Apache-2.0 */
/* Adds the streams of the window up: in all, and by site. */
#include "verdict/judging.h"
#include "verdict/proportion.h"

static void add_recent(struct judging *g, struct site *site, const struct stream *s) {
  for (uint32_t d = 0; d < s->day_count; d++) {
    const struct stream_day *day = &s->days[d];
    if (day->day < g->begin_day || day->day > g->end_day) continue;
    const int64_t judged = stream_day_judged(day);
    const bool last = day->day > g->end_day - (int32_t)g->t->drop_days;
    *(last ? &site->last : &site->before) += judged;
    *(last ? &site->last_passed : &site->before_passed) += day->passed;
    if (last) g->j->own_last += judged;
    if (last) g->j->own_last_passed += day->passed;
  }
}

/* Who is told of a site's failing mail is told of where most of it comes from. */
static void take_worst(const struct stream **worst, const struct stream *s) {
  const int64_t failing = stream_failing(s);
  if (failing > 0 && (!*worst || failing > stream_failing(*worst))) *worst = s;
}

static void add_own(struct judging *g, struct site *site, const struct stream *s) {
  struct judgement *j = g->j;
  site->messages += stream_judged(s);
  site->failing[s->cause] += stream_failing(s);
  site->by_receiver += s->window_by_receiver;
  site->passed += s->window_passed;
  if (s->fell_silent) site->silent += stream_failing(s);
  if (s->kind == STREAM_SIGNED) site->signed_messages += stream_judged(s);
  spf_share_add(&site->spf, s, g);
  spf_share_add(hashmap_put(&g->hosts, &s->source, sizeof s->source, NULL), s, g);
  if (!site->largest || s->window_messages > site->largest->window_messages) site->largest = s;
  take_worst(&site->worst, s);
  if (s->dormant) return;
  add_recent(g, site, s);
  add_to_causes(g, site, s);
  j->own_unchecked += s->window_unchecked;
  j->own_contradicted += s->window_contradicted;
  j->own_unevaluated += s->window_unevaluated;
  j->own_by_receiver += s->window_by_receiver;
  j->own_messages += stream_judged(s);
  j->own_passed += s->window_passed;
}

bool may_have_forgotten_senders(const struct judging *g) {
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (g->j->scope == SCOPE_BELOW && !in_scope(g, s)) continue;
    if (s->class == CLASS_UNDECIDED && (s->service || s->habit >= HABIT_BULK) && s->window_messages > 0) return true;
  }
  return false;
}

/* No mail of the owner's in the whole history. */
static bool looks_parked(const struct judging *g) {
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (g->j->scope == SCOPE_BELOW && !in_scope(g, s)) continue;
    if (stream_is_own(s) && s->messages > 0) return false;
  }
  return !may_have_forgotten_senders(g);
}

static void add_all(struct judging *g, const struct stream *s, double judged_days) {
  struct judgement *j = g->j;
  if (s->dormant || (!in_scope(g, s) && j->scope != SCOPE_DOMAIN)) return;
  j->raw_messages += s->window_messages;
  j->raw_passed += s->window_passed;
  j->raw_evaluated += s->window_messages - s->window_unevaluated;
  if (in_scope(g, s)) j->affected_per_day[s->class] += (double)(s->window_messages - s->window_passed) / judged_days;
}

/* What counts may have failed before the window alone: see undecided.c. */
static void add_undecided(struct site *site, const struct stream *s) {
  if (!s->dormant) site->undecided += stream_at_stake(s);
  if (!site->worst_undecided) site->worst_undecided = s;
  take_worst(&site->worst_undecided, s);
}

static void add_stranger(struct site *site, const struct stream *s) {
  if (s->habit != HABIT_NEW) return;
  site->strange += s->window_messages - s->window_passed;
  if (!site->worst_stranger) site->worst_stranger = s;
  take_worst(&site->worst_stranger, s);
}

static void add_forwarded(struct judging *g, struct site *site, const struct stream *s) {
  int64_t failing = stream_failing(s);
  if (s->dormant) return;
  g->j->forwarded_failing += failing;
  site->forwarded += s->window_messages;
  site->forwarded_failing += failing;
  take_worst(&site->worst_forwarded, s);
}

/* Own mail that receivers could not look up, beyond what they may have of such trouble. The receiver's name servers
 * cannot answer for one in a hundred messages, the sender's for all of them: then nobody knows what would pass. */
int64_t beyond_trouble(const struct thresholds *t, int64_t judged, int64_t unchecked) {
  double allowed = t->unchecked_share * (double)(judged + unchecked);
  return (double)unchecked > allowed ? unchecked - (int64_t)allowed : 0;
}

/* --- what undecided mail is held against -------------------------------------------------------------------------- */

#define SETTLING_DAYS 14 /* of a history, in which all senders are met first */

/* Since when own mail comes from each site, over all that is stored. */
static struct hashmap begins_of_sites(const struct judging *g) {
  struct hashmap begins;
  hashmap_init(&begins, sizeof(int32_t));
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    bool is_new;
    if (!stream_is_own(s) || !s->day_count) continue;
    int32_t *begin = hashmap_put(&begins, &s->site, sizeof s->site, &is_new);
    if (is_new || s->days[0].day < *begin) *begin = s->days[0].day;
  }
  return begins;
}

/* Own mail of hosts that came in the last half year, and of which nothing is the owner's but a signature. It may be
 * one message of his that somebody sends again and again. */
static int64_t mail_by_key_of_late_hosts(const struct judging *g) {
  struct hashmap begins = begins_of_sites(g);
  const int32_t first = first_day_of_history(g->h), late = g->end_day - (int32_t)g->t->longest_window_days;
  int64_t messages = 0;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!in_scope(g, s) || !s->window_messages || s->dormant || !stream_is_own(s) || s->kind != STREAM_SIGNED ||
        s->spf_passed || s->service || s->label)
      continue;
    const int32_t *begin = hashmap_get(&begins, &s->site, sizeof s->site);
    if (begin && *begin > late && *begin - first > SETTLING_DAYS) messages += stream_judged(s);
  }
  hashmap_clear(&begins);
  return messages;
}

/* Such mail counts for no more than all other own mail does: else a replay would shrink what only the owner can decide.
 */
static void set_yardstick(struct judging *g) {
  const int64_t own = g->j->own_messages, late = mail_by_key_of_late_hosts(g), rest = own - late;
  g->yardstick = rest > 0 && late > rest ? 2 * rest : own;
  if (g->yardstick < 1) g->yardstick = 1;
}

void add_up(struct judging *g) {
  struct judgement *j = g->j;
  const double judged_days = (double)(j->window_end_s - j->window_begin_s) / UTC_DAY_S;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    add_all(g, s, judged_days);
    if (!in_scope(g, s) || !s->window_messages) continue;
    struct site *site = hashmap_put(&g->sites, &s->site, sizeof s->site, NULL);
    if (stream_is_own(s)) add_own(g, site, s);
    if (s->class == CLASS_UNDECIDED) add_undecided(site, s);
    if (s->class == CLASS_SUSPICIOUS) add_stranger(site, s);
    if (s->class == CLASS_FORWARDER || s->class == CLASS_FORWARDER_MODIFIED) add_forwarded(g, site, s);
  }
  set_yardstick(g);
  weigh_undecided(g);
  find_spf_alone(g);
  weigh_senders(g);
  j->own_lower = wilson_lower(j->own_passed, j->own_messages + beyond_trouble(g->t, j->own_messages, j->own_unchecked));
  j->parked = looks_parked(g);
}
