/* SPDX-License-Identifier: Apache-2.0 */
/* Which strangers come back: what a machine that somebody forgot to authenticate does, and a forger's run does not.
 *
 * Somebody is met under several marks: as a host, as a name that passes, as a network. Each mark has its days, of all
 * streams that bear it; a stream has the strongest habit of its marks. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/marks.h"

struct habits {
  const struct thresholds *t;
  int32_t window_begin_day, newest_day;
  double least_of_runs;      /* messages in a window */
  double least_of_bulk;      /* the same */
  double least_of_signed;    /* of bulk, of a name that signs */
  int64_t usual_one_run;     /* messages: so many names sent one run of that, that it is no news */
  uint32_t spread_names;     /* of those who do not sign, over more networks than a service has */
  uint32_t names_that_went;  /* those who sent one run, before strangers were new */
  int64_t largest_that_went; /* messages of the largest */
  bool is_crowded;
  double crowd_rate; /* messages a day of a host in the crowd */
  struct marks marks;
};

static int32_t window_days(const struct habits *x) { return x->newest_day - x->window_begin_day + 1; }
static int32_t first_day(const struct habits *x, const struct mark *m) { return mark_first_day(&x->marks, m); }
static int32_t last_day(const struct habits *x, const struct mark *m) { return mark_last_day(&x->marks, m); }

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

static bool stands_out(const struct habits *x, const struct mark *m) {
  return (double)m->messages >= x->t->crowd_times * x->crowd_rate * m->sightings;
}

/* How long somebody must stay to have a habit. Networks meet themselves again by chance. */
static double wanted_span_days(const struct habits *x, const struct mark *m) {
  bool is_lost = x->is_crowded && (m->kind == MARK_NAME || !stands_out(x, m));
  return is_lost || m->kind == MARK_NETWORK || m->kind == MARK_SELECTOR ? x->t->long_span_days : x->t->habit_span_days;
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

/* --- habits ------------------------------------------------------------------------------------------------------- */

static bool is_there(const struct habits *x, const struct mark *m, double share, double span_days) {
  return days_are_dense(mark_days(&x->marks, m), m->sightings, share, span_days);
}

/* One host that takes another address from day to day. */
static bool is_one_that_moves(const struct habits *x, const struct mark *m) {
  return m->host_days <= x->t->hosts_a_day * m->sightings && m->host_days <= 2 * m->hosts;
}

/* One host that is met again and again, over longer than a bot lives: a shop that has mail on some days alone. No pause
 * is most of that time: else one reporter with a wrong clock tells of every bot twice. */
static bool lasts(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  int32_t span = last_day(x, m) - first_day(x, m), pause = 0;
  for (uint32_t i = 1; i < m->sightings; i++)
    if (days[i].day - days[i - 1].day > pause) pause = days[i].day - days[i - 1].day;
  const bool is_host = m->kind == MARK_HOST ||
                       (m->kind == MARK_NETWORK && is_one_that_moves(x, m) && (!x->is_crowded || stands_out(x, m)));
  return is_host && m->sightings >= x->t->lasting_days && span >= x->t->long_span_days && pause <= span / 2;
}

/* On half of the days of a stretch. */
static bool is_steady(const struct habits *x, const struct mark *m) {
  return is_there(x, m, x->t->habit_share, wanted_span_days(x, m)) || lasts(x, m);
}

/* Runs with silence between them, of like size: a newsletter, the invoices of each month. A stray message after a burst
 * is none; of a crowd, what one reporter with a wrong clock tells of a bot once more is none either. Of a name that
 * passes, which is one sender's, a second run that would be a question by itself is no stray. */
static bool comes_in_runs(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  int64_t run = 0, largest = 0, second = 0;
  double wanted_share = x->is_crowded && !stands_out(x, m) ? x->t->crowd_run_share : x->t->run_share;
  if ((double)days_at_most(days, m->sightings, window_days(x)) < x->least_of_runs) return false;
  for (uint32_t i = 0; i < m->sightings; i++) {
    run += days[i].messages;
    if (i + 1 < m->sightings && days[i + 1].day - days[i].day < x->t->run_apart_days) continue;
    if (run > largest) {
      second = largest;
      largest = run;
    } else if (run > second) {
      second = run;
    }
    run = 0;
  }
  if (m->kind == MARK_NAME && (double)second >= x->least_of_runs) return true;
  return second > 0 && (double)second >= wanted_share * (double)largest;
}

/* One host, for more than a week, never silent for as long as makes two runs, nor now. */
static bool comes_every_few_days(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  for (uint32_t i = 1; i < m->sightings; i++)
    if (days[i].day - days[i - 1].day >= x->t->run_apart_days) return false;
  return m->kind == MARK_HOST && last_day(x, m) - first_day(x, m) >= x->t->run_days &&
         x->newest_day - last_day(x, m) < x->t->run_apart_days;
}

/* There since the other day and not gone: nobody can say yet. */
static bool is_new_and_stays(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (x->is_crowded && !stands_out(x, m)) return false;
  if (age_days <= 0 || m->sightings < x->t->stranger_least_days) return false;
  const bool is_young = age_days <= fmax(x->t->stranger_days, wanted_span_days(x, m));
  return (is_young && m->sightings >= x->t->habit_share * age_days) ||
         (age_days <= fmax(x->t->stranger_days, x->t->long_span_days) && comes_every_few_days(x, m));
}

/* Whoever signs has the key, wherever he sends from: a cloud, a pool. SPF passes for anybody whose record says so. */
static bool signs(const struct mark *m) { return m->signed_messages * 2 > m->messages; }

/* The first mail of a name that passes, from the few networks that a service has: it may come again, or not. Where
 * others like it came and went, the next of them is no news. */
static bool is_first_run(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (m->kind != MARK_NAME || (x->is_crowded && !stands_out(x, m))) return false;
  if (x->names_that_went >= x->t->names_that_go && m->messages <= 2 * x->largest_that_went) return false;
  return age_days > 0 && age_days <= x->t->stranger_days && (signs(m) || m->networks <= x->t->first_run_networks);
}

/* Mail that is rare on the two days of a weekend, wherever the week ends. */
static bool keeps_working_weeks(const struct habits *x, const struct mark *m) {
  for (int day = 3; day <= 5; day++) /* Thursday and Friday, to Saturday and Sunday */
    if ((double)(m->weekdays[day] + m->weekdays[day + 1]) < x->t->weekend_share * (double)m->messages) return true;
  return false;
}

/* A cloud gives its machines another address each time, but of one name there are few at a time, and each sends more
 * than a bot does. */
static bool is_of_few_hosts(const struct habits *x, const struct mark *m) {
  const int32_t span = last_day(x, m) - first_day(x, m);
  return m->host_days <= x->t->few_hosts * m->sightings && m->sightings >= x->t->lasting_days &&
         span >= 2 * x->t->long_span_days && (double)m->messages >= x->t->crowd_times * x->crowd_rate * m->host_days;
}

/* Forgers do not keep a name for six weeks, and the hosts of a botnet are many. */
static bool is_kept_name(const struct habits *x, const struct mark *m) {
  return m->kind == MARK_NAME && m->sightings && m->host_days <= x->t->first_run_networks * m->sightings &&
         is_there(x, m, x->t->resident_share, 2 * x->t->long_span_days);
}

/* Is it one sender who bears that name? Where a botnet bears a hundred it keeps some of them by chance. */
static bool is_one_name(const struct habits *x, const struct mark *m, int64_t from_known_networks) {
  return signs(m) || (double)from_known_networks >= x->t->returning_share * (double)m->messages ||
         is_of_few_hosts(x, m) || (x->spread_names < x->t->names_that_go && is_kept_name(x, m));
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

/* Nobody rents for a run what is there day by day for six weeks, under a name that is in use. */
static bool is_resident(const struct habits *x, const struct mark *m) {
  return 2 * m->under_new_names < m->messages && is_there(x, m, x->t->resident_share, 2 * x->t->long_span_days);
}

/* Forgers rent networks as well: there nothing comes back but the network, under the owner's envelope, on all days of
 * the week. A /48 is one site's. */
static bool is_one_network(const struct habits *x, const struct mark *m) {
  const struct thresholds *t = x->t;
  return m->is_wide || is_resident(x, m) ||
         (double)m->from_returning >= t->returning_hosts_share * (double)m->messages || is_one_that_moves(x, m) ||
         keeps_working_weeks(x, m) || (double)m->disowned < t->forged_spf_share * (double)m->messages;
}

/* A botnet makes a signature up as one program does, but for a run. From many hosts it is one program's if it is there
 * day by day. */
static bool is_one_signer(const struct habits *x, const struct mark *m) {
  return m->hosts <= x->t->first_run_networks || is_there(x, m, x->t->wander_share, x->t->long_span_days);
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

static void judge_marks(struct habits *x, const struct history *h) {
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    struct mark *m = mark_at(&x->marks, i);
    m->met_again = m->sightings && is_met_again(x, m);
  }
  find_crowd(x);
  find_returning_networks(x, h);
  find_returning_hosts(x, h);
  for (uint32_t i = 0; i < mark_count(&x->marks); i++) {
    const struct mark *m = mark_at(&x->marks, i);
    x->spread_names += m->kind == MARK_NAME && m->networks > x->t->first_run_networks && !signs(m);
  }
  find_names_that_went(x);
  find_usual_run(x);
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
  judge_marks(&x, h);
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
