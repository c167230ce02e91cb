/* SPDX-License-Identifier: Apache-2.0 */
/* Which strangers come back: what a machine that somebody forgot to authenticate does, and a forger's run does not.
 *
 * Somebody is met under several marks: as a host, as a name that passes, as a network. Each mark has its days, of all
 * streams that bear it; a stream has the strongest habit of its marks. */
#include <math.h>

#include "verdict/habits.h"

/* The first mail of a name that passes, from the few networks that a service has: it may come again, or not. Where
 * others like it came and went, the next of them is no news. */
static bool is_first_run(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (m->kind != MARK_NAME || (x->is_crowded && !stands_out(x, m))) return false;
  if (x->names_that_went >= x->t->names_that_go && m->messages <= 2 * x->largest_that_went) return false;
  return age_days > 0 && age_days <= x->t->stranger_days && (signs(m) || m->networks <= x->t->first_run_networks);
}

/* So much that it is asked about though it came once: forgers hardly sign. Less is enough of a name that signs, and of
 * one that passes SPF from the few networks that a service has, unless such names come and go here. */
static bool is_bulk_of_one_name(const struct habits *x, const struct mark *m) {
  if (m->kind != MARK_NAME) return false;
  const bool is_rare = m->messages > 2 * x->usual_one_run;
  if (!signs(m) && (!is_rare || m->networks > x->t->first_run_networks)) return false;
  return (double)days_at_most(mark_days(&x->marks, m), m->sightings, window_days(x)) >=
         (is_rare && signs(m) ? x->least_of_signed : x->least_of_bulk);
}

/* A signature of the owner's under a new name: he may have forgotten to publish the key. */
static bool is_new_signer(const struct habits *x, const struct mark *m) {
  const int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (m->kind != MARK_SELECTOR) return false;
  if (m->hosts <= x->t->first_run_networks) return m->sightings > 1 && age_days <= x->t->stranger_days;
  return m->sightings >= x->t->stranger_least_days && m->sightings >= x->t->wander_share * age_days &&
         age_days <= fmax(x->t->stranger_days, x->t->long_span_days);
}

/* The runs of two hosts of one /24 are nobody's. */
static enum stream_habit habit_of(const struct habits *x, const struct mark *m) {
  if (m->kind == MARK_FROM)
    return is_there(x, m, x->t->resident_share, 2 * x->t->long_span_days) ? HABIT_STEADY : HABIT_NONE;
  if (m->kind == MARK_SELECTOR && !is_one_signer(x, m)) return is_new_signer(x, m) ? HABIT_NEW : HABIT_NONE;
  if (m->kind == MARK_NETWORK && (m->hosts < 2 || !is_one_network(x, m))) return HABIT_NONE;
  const enum stream_habit at_once = is_bulk_of_one_name(x, m) ? HABIT_BULK
                                    : is_first_run(x, m)      ? HABIT_NEW
                                                              : HABIT_NONE;
  if (m->kind == MARK_NAME && !is_one_name(x, m, m->from_returning)) return at_once;
  bool lasts = m->kind != MARK_NAME || !x->is_crowded || is_one_name(x, m, m->from_lasting);
  if (lasts && is_steady(x, m)) return HABIT_STEADY;
  if (lasts && m->kind != MARK_NETWORK && comes_in_runs(x, m)) return HABIT_RUNS;
  return at_once == HABIT_NONE && (is_new_and_stays(x, m) || is_new_signer(x, m)) ? HABIT_NEW : at_once;
}

static void judge_marks(struct habits *x) {
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    struct mark *m = mark_at(&x->marks, i);
    if (m->sightings) m->habit = habit_of(x, m);
    m->wanders = m->kind == MARK_SELECTOR && m->hosts > x->t->first_run_networks;
  }
}

/* By any of its marks. A host that nobody meets twice is not met again, whatever its neighbours do. */
static void name_habit(const struct habits *x, struct history *h, struct stream *s) {
  const struct mark *host = mark_of(&x->marks, MARK_HOST, s);
  bool is_host_met_twice = host->sightings && last_day(x, host) - first_day(x, host) >= x->t->met_again_days;
  for (enum mark_kind kind = MARK_HOST; kind < MARK_KINDS; kind++) {
    const struct mark *m = mark_of(&x->marks, kind, s);
    if (!m) continue;
    if (m->habit > s->habit) {
      s->habit = m->habit;
      s->wanders = m->wanders;
      if (m->is_wide) name_site_by_prefix(h, s, 48);
      if (m->kind == MARK_FROM) name_site_by_text(h, s, s->header_from.text);
      if (m->wanders) name_site_by_text(h, s, SITE_OF_WANDERERS);
    }
    if (m->met_again && is_host_met_twice) s->met_again = true;
  }
}

void find_habits(struct history *h, const struct own_mail *own, const struct homes *homes, const struct thresholds *t,
                 int32_t window_begin_day, int32_t newest_day) {
  struct habits x = {.t = t, .window_begin_day = window_begin_day, .newest_day = newest_day};
  x.least_of_bulk = fmax(t->bulk_least, t->bulk_of_own_share * (double)own->window_messages);
  x.least_of_signed = fmax(t->source_messages, t->signed_bulk_of_own_share * (double)own->window_messages);
  x.least_of_runs = fmax(t->runs_least, t->runs_of_own_share * (double)own->window_messages);
  marks_gather(&x.marks, h, own, homes);
  watch_strangers(&x, h);
  judge_marks(&x);
  const double least = fmax(t->source_messages, t->wander_of_own_share * (double)own->window_messages);
  const int32_t new_days = (int32_t)fmax(t->stranger_days, t->long_span_days);
  find_wanderer(&x.marks, &(struct wanderer_wish){.t = t,
                                                  .window_days = window_days(&x),
                                                  .least_messages = least,
                                                  .own_messages = own->window_messages,
                                                  .newest_day = newest_day,
                                                  .new_from_day = newest_day - new_days});
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    s->habit = HABIT_NONE;
    s->met_again = s->wanders = false;
    if (!is_authenticated(s)) name_habit(&x, h, s);
  }
  marks_clear(&x.marks);
}
