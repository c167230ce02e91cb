/* SPDX-License-Identifier: Apache-2.0 */
/* Which strangers come back: what a machine that somebody forgot to authenticate does, and a forger's run does not.
 *
 * Somebody is met under several marks: as a host, as a name that passes, as a network. Each mark has its days, of all
 * streams that bear it; a stream has the strongest habit of its marks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "verdict/classifying.h"

enum mark_kind {
  MARK_HOST,    /* an IPv4 address, or a /64: hosts take another address of theirs each day (RFC 8981) */
  MARK_NAME,    /* a foreign identity that passes, wherever it comes from */
  MARK_NETWORK, /* a /24, of mail that bears no name */
  MARK_KINDS
};

struct mark {
  enum mark_kind kind;
  uint32_t number;
  uint32_t first_sighting, sightings; /* in the list, once it is sorted */
  int64_t messages, disowned;
  int64_t from_returning; /* of a name, from networks that come back; of a network, from hosts that do */
  int64_t from_lasting;   /* of a name, from networks that come back after a bot's life */
  int64_t weekdays[7];
  uint32_t hosts, host_days; /* of a network; each host as often as it has days */
  /* the answer */
  enum stream_habit habit;
  bool met_again; /* on enough days, far enough apart */
};

struct sighting {
  uint32_t mark;
  int32_t day;
  int64_t messages;
};

struct habits {
  const struct history *h;
  const struct own_mail *own;
  const struct thresholds *t;
  int32_t window_begin_day, newest_day;
  double least_of_runs; /* messages in a window */
  bool is_crowded;
  double crowd_rate;    /* messages a day of a host in the crowd */
  struct hashmap marks; /* struct mark_key -> struct mark */
  struct sighting *sightings;
  uint32_t count, capacity;
};

#define NO_MARK UINT32_MAX

/* --- marks -------------------------------------------------------------------------------------------------------- */

struct mark_key {
  uint64_t kind;
  uint8_t bytes[16];
};

static struct mark_key key_of_network(enum mark_kind kind, const struct ip_addr *ip, unsigned v4_bytes,
                                      unsigned v6_bytes) {
  struct mark_key key = {.kind = (uint64_t)kind << 8 | ip->size};
  memcpy(key.bytes, ip->bytes, ip->size == 4 ? v4_bytes : v6_bytes);
  return key;
}

static struct mark_key key_of_text(enum mark_kind kind, struct interned text) {
  struct mark_key key = {.kind = (uint64_t)kind << 8};
  memcpy(key.bytes, &text, sizeof text);
  return key;
}

/* False where the stream bears no such mark. */
static bool key_of(enum mark_kind kind, const struct stream *s, struct mark_key *ret) {
  switch (kind) {
    case MARK_HOST:
      *ret = s->ip.size ? key_of_network(kind, &s->ip, 4, 8) : key_of_text(kind, s->source);
      return true;
    case MARK_NAME:
      *ret = key_of_text(kind, s->identity);
      return s->identity.text;
    default:
      *ret = key_of_network(kind, &s->ip, 3, 0);
      return s->ip.size == 4 && !s->identity.text;
  }
}

static struct mark *mark_of(const struct habits *x, enum mark_kind kind, const struct stream *s) {
  struct mark_key key;
  return key_of(kind, s, &key) ? hashmap_get(&x->marks, &key, sizeof key) : NULL;
}

static void add_sightings(struct habits *x, uint32_t mark, const struct stream *s) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    MEM_GROW(x->sightings, x->capacity, x->count);
    x->sightings[x->count++] = (struct sighting){mark, s->days[i].day, s->days[i].messages};
  }
}

/* What speaks for a forger: SPF that disowns him, or has never heard of the name that he made up. */
static int64_t disowned(const struct habits *x, const struct stream *s) {
  return s->spf_failed + (own_mail_knows_no_such_name(x->own, x->h, s) ? s->spf_silent : 0);
}

static void add_stream(struct habits *x, const struct stream *s) {
  bool is_new_host = false;
  for (enum mark_kind kind = MARK_HOST; kind < MARK_KINDS; kind++) {
    struct mark_key key;
    bool is_new;
    if (!key_of(kind, s, &key)) continue;
    struct mark *m = hashmap_put(&x->marks, &key, sizeof key, &is_new);
    if (kind == MARK_HOST) is_new_host = is_new;
    m->hosts += is_new_host;
    m->kind = kind;
    m->messages += s->messages;
    m->disowned += disowned(x, s);
    if (is_new) m->number = x->marks.count - 1;
    add_sightings(x, m->number, s);
  }
}

static int by_mark_and_day(const void *a, const void *b) {
  const struct sighting *x = a, *y = b;
  if (x->mark != y->mark) return x->mark < y->mark ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

/* Sorts them, and joins those of one mark and day. */
static void sort_sightings(struct habits *x) {
  uint32_t kept = 0;
  if (x->count) qsort(x->sightings, x->count, sizeof *x->sightings, by_mark_and_day);
  for (uint32_t i = 0; i < x->count; i++) {
    const struct sighting *next = &x->sightings[i];
    struct mark *m = hashmap_value_at(&x->marks, next->mark);
    struct sighting *last = kept ? &x->sightings[kept - 1] : NULL;
    m->weekdays[utc_weekday(next->day)] += next->messages;
    if (last && last->mark == next->mark && last->day == next->day) {
      last->messages += next->messages;
      continue;
    }
    if (!m->sightings++) m->first_sighting = kept;
    x->sightings[kept++] = *next;
  }
  x->count = kept;
}

static int32_t first_day(const struct habits *x, const struct mark *m) { return x->sightings[m->first_sighting].day; }
static int32_t last_day(const struct habits *x, const struct mark *m) {
  return x->sightings[m->first_sighting + m->sightings - 1].day;
}

/* --- the crowd ---------------------------------------------------------------------------------------------------- */

/* Where strangers come and go by the dozen, one who stays for a week or two is one of them. */
static void find_crowd(struct habits *x) {
  unsigned hosts = 0;
  int64_t messages = 0, host_days = 0;
  for (uint32_t i = 0; i < x->marks.count; i++) {
    const struct mark *m = hashmap_value_at(&x->marks, i);
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
  return is_lost || m->kind == MARK_NETWORK ? x->t->long_span_days : x->t->habit_span_days;
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
    struct mark *name = is_authenticated(s) ? NULL : mark_of(x, MARK_NAME, s);
    if (!name || !s->day_count) continue;
    const struct {
      struct interned name;
      struct mark_key network;
    } key = {s->identity, key_of_network(MARK_NETWORK, &s->ip, 3, 6)};
    bool is_new;
    struct returning *r = hashmap_put(&pairs, &key, sizeof key, &is_new);
    if (is_new) *r = (struct returning){.first_day = INT32_MAX, .last_day = INT32_MIN, .of = name};
    if (s->days[0].day < r->first_day) r->first_day = s->days[0].day;
    if (s->days[s->day_count - 1].day > r->last_day) r->last_day = s->days[s->day_count - 1].day;
    r->messages += s->messages;
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

/* Of each /24, what comes from hosts that are met again (of a crowd, after a bot's life), and how many hosts it has on
 * a day. */
static void find_returning_hosts(struct habits *x, const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    struct mark *network = is_authenticated(s) ? NULL : mark_of(x, MARK_NETWORK, s);
    if (!network) continue;
    network->host_days += s->day_count;
    const struct mark *host = mark_of(x, MARK_HOST, s);
    if (host->met_again && (!x->is_crowded || last_day(x, host) - first_day(x, host) >= x->t->long_span_days))
      network->from_returning += s->messages;
  }
}

/* --- habits ------------------------------------------------------------------------------------------------------- */

/* Was it there on such a share of the days of a stretch that is long enough? */
static bool is_there(const struct habits *x, const struct mark *m, double share, double span_days) {
  const struct sighting *days = &x->sightings[m->first_sighting];
  for (uint32_t from = 0, to = 0; from < m->sightings; from++) {
    while (to < m->sightings && days[to].day - days[from].day + 1 < span_days) to++;
    if (to == m->sightings) return false;
    if (to - from + 1 >= share * (days[to].day - days[from].day + 1)) return true;
  }
  return false;
}

/* On half of the days of a stretch; or on every third or fourth of a long one, where that is one host's own doing. */
static bool is_steady(const struct habits *x, const struct mark *m) {
  if (is_there(x, m, x->t->habit_share, wanted_span_days(x, m))) return true;
  bool is_host_alone = m->kind == MARK_HOST && (!x->is_crowded || stands_out(x, m));
  return is_host_alone && is_there(x, m, x->t->sparse_share, x->t->long_span_days);
}

/* What it sent in the fullest window. */
static int64_t most_in_a_window(const struct habits *x, const struct mark *m) {
  const struct sighting *days = &x->sightings[m->first_sighting];
  int32_t length = x->newest_day - x->window_begin_day + 1;
  int64_t sum = 0, most = 0;
  for (uint32_t from = 0, to = 0; to < m->sightings; to++) {
    sum += days[to].messages;
    while (days[to].day - days[from].day >= length) sum -= days[from++].messages;
    if (sum > most) most = sum;
  }
  return most;
}

/* Runs with silence between them, of like size: a newsletter, the invoices of each month. A stray message after a burst
 * is none; of a crowd, what one reporter with a wrong clock tells of a bot once more is none either. */
static bool comes_in_runs(const struct habits *x, const struct mark *m) {
  const struct sighting *days = &x->sightings[m->first_sighting];
  int64_t run = 0, largest = 0, second = 0;
  double wanted_share = x->is_crowded && !stands_out(x, m) ? x->t->crowd_run_share : x->t->run_share;
  if ((double)most_in_a_window(x, m) < x->least_of_runs) return false;
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
  return second > 0 && (double)second >= wanted_share * (double)largest;
}

/* There since the other day and not gone: nobody can say yet. */
static bool is_new_and_stays(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (x->is_crowded && !stands_out(x, m)) return false;
  return age_days > 0 && age_days <= fmax(x->t->stranger_days, wanted_span_days(x, m)) &&
         m->sightings >= x->t->stranger_least_days && m->sightings >= x->t->habit_share * age_days;
}

/* The first mail of a name that passes, from the few hosts that a service has: it may come again, or not. */
static bool is_first_run(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (m->kind != MARK_NAME || (x->is_crowded && !stands_out(x, m))) return false;
  return age_days > 0 && age_days <= x->t->stranger_days && m->hosts <= x->t->first_run_hosts;
}

/* Mail that is rare on the two days of a weekend, wherever the week ends. */
static bool keeps_working_weeks(const struct habits *x, const struct mark *m) {
  for (int day = 3; day <= 5; day++) /* Thursday and Friday, to Saturday and Sunday */
    if ((double)(m->weekdays[day] + m->weekdays[day + 1]) < x->t->weekend_share * (double)m->messages) return true;
  return false;
}

/* Is it one sender who bears that name? */
static bool is_one_name(const struct habits *x, const struct mark *m, int64_t from_known_networks) {
  return (double)from_known_networks >= x->t->returning_share * (double)m->messages;
}

/* One host that takes another address from day to day. */
static bool is_one_that_moves(const struct habits *x, const struct mark *m) {
  return m->host_days <= x->t->hosts_a_day * m->sightings && m->host_days <= 2 * m->hosts;
}

/* Forgers rent networks as well: there nothing comes back but the network, under the owner's envelope, on all days of
 * the week. */
static bool is_one_network(const struct habits *x, const struct mark *m) {
  const struct thresholds *t = x->t;
  return (double)m->from_returning >= t->returning_hosts_share * (double)m->messages || is_one_that_moves(x, m) ||
         keeps_working_weeks(x, m) || (double)m->disowned < t->forged_spf_share * (double)m->messages;
}

/* The runs of two hosts of one /24 are nobody's. */
static enum stream_habit habit_of(const struct habits *x, const struct mark *m) {
  if (m->kind == MARK_NETWORK && (m->hosts < 2 || !is_one_network(x, m))) return HABIT_NONE;
  if (m->kind == MARK_NAME && !is_one_name(x, m, m->from_returning)) return is_first_run(x, m) ? HABIT_NEW : HABIT_NONE;
  bool lasts = m->kind != MARK_NAME || !x->is_crowded || is_one_name(x, m, m->from_lasting);
  if (lasts && is_steady(x, m)) return HABIT_STEADY;
  if (lasts && m->kind != MARK_NETWORK && comes_in_runs(x, m)) return HABIT_RUNS;
  return is_new_and_stays(x, m) || is_first_run(x, m) ? HABIT_NEW : HABIT_NONE;
}

static void judge_marks(struct habits *x, const struct history *h) {
  for (uint32_t i = 0; i < x->marks.count; i++) {
    struct mark *m = hashmap_value_at(&x->marks, i);
    m->met_again = m->sightings && is_met_again(x, m);
  }
  find_crowd(x);
  find_returning_networks(x, h);
  find_returning_hosts(x, h);
  for (uint32_t i = 0; i < x->marks.count; i++) {
    struct mark *m = hashmap_value_at(&x->marks, i);
    if (m->sightings) m->habit = habit_of(x, m);
  }
}

/* By any of its marks. A host that nobody meets twice is not met again, whatever its neighbours do. */
static void name_habit(const struct habits *x, struct stream *s) {
  const struct mark *host = mark_of(x, MARK_HOST, s);
  bool is_host_met_twice = host->sightings && last_day(x, host) - first_day(x, host) >= x->t->met_again_days;
  for (enum mark_kind kind = MARK_HOST; kind < MARK_KINDS; kind++) {
    const struct mark *m = mark_of(x, kind, s);
    if (!m) continue;
    if (m->habit > s->habit) s->habit = m->habit;
    if (m->met_again && is_host_met_twice) s->met_again = true;
  }
}

void find_habits(struct history *h, const struct own_mail *own, const struct thresholds *t, int32_t window_begin_day,
                 int32_t newest_day) {
  struct habits x = {.h = h, .own = own, .t = t, .window_begin_day = window_begin_day, .newest_day = newest_day};
  x.least_of_runs = fmax(t->runs_least, t->runs_of_own_share * (double)own->window_messages);
  hashmap_init(&x.marks, sizeof(struct mark));
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (!is_authenticated(&h->streams[i])) add_stream(&x, &h->streams[i]);
  sort_sightings(&x);
  judge_marks(&x, h);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    s->habit = HABIT_NONE;
    s->met_again = false;
    if (!is_authenticated(s)) name_habit(&x, s);
  }
  hashmap_clear(&x.marks);
  free(x.sightings);
}
