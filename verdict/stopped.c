/* SPDX-License-Identifier: Apache-2.0 */
/* Own mail that has stopped, as a whole or from a source that carried much of it. What passes in the window then says
 * nothing of today: who moved his mail to a place that nothing authenticates has only good mail behind him. */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

#define ORDINARY_DAYS 56 /* eight of each weekday: what is usual */
#define WEEK 7
#define LEAST_DAYS_THERE 10 /* in them, without which nothing is usual */

/* Messages a day, oldest first: up to what is usual before the longest silence looked for. */
struct diary {
  int32_t begin_day, end_day;
  double *heard;    /* the share of the mail that the reporters see who were heard on the day */
  int64_t *strange; /* of strangers, failing */
  int64_t *own;
};

static uint32_t place_of(const struct diary *d, int32_t day) { return (uint32_t)(day - d->begin_day); }
static bool is_in(const struct diary *d, int32_t day) { return day >= d->begin_day && day <= d->end_day; }

static void write_days(const struct diary *d, const struct stream *s, bool failing_alone, int64_t *to) {
  for (uint32_t i = 0; i < s->day_count; i++)
    if (is_in(d, s->days[i].day))
      to[place_of(d, s->days[i].day)] += s->days[i].messages - (failing_alone ? s->days[i].passed : 0);
}

/* A day on which most reports are still to come is no day of silence. */
static void write_heard(const struct judging *g, struct diary *d) {
  const struct history *h = g->h;
  const uint32_t days = place_of(d, d->end_day) + 1;
  _cleanup_free_ double *weight = mem_zalloc((h->reporter_count + 1) * sizeof *weight);
  _cleanup_free_ int32_t *last = mem_alloc((h->reporter_count + 1) * sizeof *last);
  double all = 0;
  for (uint32_t i = 0; i < h->reporter_count; i++) last[i] = INT32_MIN;
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (!is_in(d, h->reports[i].day)) continue;
    weight[h->reports[i].reporter] += (double)h->reports[i].messages;
    all += (double)h->reports[i].messages;
  }
  for (uint32_t i = 0; i < h->report_count && all > 0; i++) {
    const struct seen_report *r = &h->reports[i];
    if (!is_in(d, r->day) || !r->messages || last[r->reporter] == r->day) continue;
    last[r->reporter] = r->day;
    d->heard[place_of(d, r->day)] += weight[r->reporter] / all;
  }
  for (uint32_t i = 0; i < days; i++) d->heard[i] = fmin(1, d->heard[i]);
}

/* What is usual of some mail before `silent` days, and what came in them. */
struct silence {
  double usual; /* messages in so many days */
  int64_t came;
  uint32_t gap; /* the longest before */
  bool is_known;
};

static struct silence read_silence(const struct diary *d, const int64_t *mail, uint32_t silent) {
  const uint32_t end = place_of(d, d->end_day) + 1 - silent;
  uint32_t first = end > ORDINARY_DAYS ? end - ORDINARY_DAYS : 0, there = 0, gap = 0;
  struct silence s = {0};
  double sum[WEEK] = {0}, days[WEEK] = {0};
  while (first < end && !mail[first]) first++;
  for (uint32_t i = first; i < end; i++) {
    sum[i % WEEK] += (double)mail[i];
    days[i % WEEK] += d->heard[i];
    there += mail[i] > 0;
    gap = mail[i] ? 0 : gap + 1;
    if (gap > s.gap) s.gap = gap;
  }
  for (uint32_t i = end; i < end + silent; i++) {
    if (days[i % WEEK] > 0) s.usual += d->heard[i] * sum[i % WEEK] / days[i % WEEK];
    s.came += mail[i];
  }
  s.is_known = there >= LEAST_DAYS_THERE;
  return s;
}

static bool has_stopped(const struct judging *g, const struct silence *s, uint32_t silent) {
  return s->is_known && silent > s->gap && s->usual >= g->t->source_messages &&
         (double)s->came <= g->t->stopped_rest * s->usual;
}

/* Mail of strangers in the last `silent` days above the fullest so many days before. */
static double strangers_more(const struct diary *d, uint32_t silent) {
  const uint32_t end = place_of(d, d->end_day) + 1 - silent, first = end > ORDINARY_DAYS ? end - ORDINARY_DAYS : 0;
  int64_t in_silence = 0, sum = 0, most = 0, all = 0;
  for (uint32_t i = end; i < end + silent; i++) in_silence += d->strange[i];
  for (uint32_t i = first; i < end; i++) {
    all += d->strange[i];
    sum += d->strange[i] - (i >= first + silent ? d->strange[i - silent] : 0);
    if (sum > most) most = sum;
  }
  const double mean = end > first ? (double)all * silent / (end - first) : 0;
  return (double)in_silence - fmax(mean, (double)most);
}

/* Silence may have begun before the window. */
static uint32_t first_silent(const int64_t *mail, uint32_t at) {
  if (mail[at]) return at;
  while (at > 0 && !mail[at - 1]) at--;
  return at;
}

/* Strangers who come as it goes are its successor, or may be. Silence alone takes long to tell from holidays. `of`: of
 * the source that the mail is of; NULL: it is all of own mail. */
static void look_at(struct judging *g, const struct diary *d, const int64_t *mail, const struct stream *of) {
  const uint32_t longest = (uint32_t)(g->end_day - g->begin_day) + 1;
  struct stopped *found = &g->j->stopped;
  int64_t in_all = 0;
  unsigned there = 0;
  for (uint32_t i = 0; i <= place_of(d, d->end_day); i++) {
    in_all += mail[i];
    there += mail[i] > 0;
  }
  if (there < LEAST_DAYS_THERE) return; /* before no silence is anything usual */
  for (uint32_t silent = 2; silent <= longest; silent++) {
    const struct silence s = read_silence(d, mail, silent);
    if ((double)s.came > g->t->stopped_rest * (double)in_all) return; /* it goes on */
    if (!has_stopped(g, &s, silent)) continue;
    const struct silence all = read_silence(d, d->own, silent);
    const double more = strangers_more(d, silent), part = all.usual > 0 ? fmin(1, s.usual / all.usual) : 0;
    const bool is_followed = more >= g->t->stopped_successor * s.usual;
    const bool is_over =
        !of && !s.came && silent >= (uint32_t)g->t->stopped_days && silent > g->t->stopped_rhythms * (double)s.gap;
    /* What another source of the owner's took over is not gone. */
    const bool is_missed = all.usual - (double)all.came >= (1 - g->t->stopped_rest) / 2 * s.usual;
    if (!is_missed || (!is_followed && !is_over) || part < found->part) continue;
    *found =
        (struct stopped){.part = part,
                         .source = of ? of->site.text : NULL,
                         .since_day = d->begin_day + (int32_t)first_silent(mail, place_of(d, d->end_day) + 1 - silent),
                         .usual = (int64_t)s.usual,
                         .came = s.came,
                         .strange = is_followed ? (int64_t)more : 0};
  }
}

struct source_diary {
  struct interned site;
  const struct stream *stream;
  int64_t messages;
};

static void look_at_sources(struct judging *g, const struct diary *d) {
  const uint32_t days = place_of(d, d->end_day) + 1;
  _cleanup_hashmap_ struct hashmap sources; /* site -> struct source_diary */
  _cleanup_free_ int64_t *mail = mem_alloc(days * sizeof *mail);
  int64_t all = 0;
  hashmap_init(&sources, sizeof(struct source_diary));
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!stream_is_own(s) || !in_scope(g, s)) continue;
    struct source_diary *x = hashmap_put(&sources, &s->site, sizeof s->site, NULL);
    x->site = s->site;
    x->stream = s;
    for (uint32_t k = 0; k < s->day_count; k++)
      if (is_in(d, s->days[k].day)) x->messages += s->days[k].messages;
  }
  for (uint32_t i = 0; i < days; i++) all += d->own[i];
  for (uint32_t k = 0; k < sources.count; k++) {
    const struct source_diary *x = hashmap_value_at(&sources, k);
    if ((double)x->messages < g->t->stopped_share / 2 * (double)all) continue;
    memset(mail, 0, days * sizeof *mail);
    for (uint32_t i = 0; i < g->h->stream_count; i++) {
      const struct stream *s = &g->h->streams[i];
      if (stream_is_own(s) && in_scope(g, s) && s->site.text == x->site.text) write_days(d, s, false, mail);
    }
    look_at(g, d, mail, x->stream);
  }
}

/* Of days that own mail was seen on, at most: each stream has its own. */
static uint64_t days_of_own_mail(const struct judging *g) {
  uint64_t days = 0;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (stream_is_own(s) && in_scope(g, s)) days += s->day_count;
  }
  return days;
}

void find_stopped(struct judging *g) {
  if (days_of_own_mail(g) < LEAST_DAYS_THERE) return; /* so few that nothing is usual, as of most domains of a fleet */
  const int32_t length = g->end_day - g->begin_day + 1 + ORDINARY_DAYS;
  struct diary d = {.begin_day = g->end_day - length + 1, .end_day = g->end_day};
  _cleanup_free_ double *heard = mem_zalloc((size_t)length * sizeof *heard);
  _cleanup_free_ int64_t *strange = mem_zalloc((size_t)length * sizeof *strange);
  _cleanup_free_ int64_t *own = mem_zalloc((size_t)length * sizeof *own);
  d.heard = heard;
  d.strange = strange;
  d.own = own;
  write_heard(g, &d);
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!in_scope(g, s)) continue;
    if (stream_is_own(s)) write_days(&d, s, false, own);
    if (s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNDECIDED) write_days(&d, s, true, strange);
  }
  look_at(g, &d, own, NULL);
  look_at_sources(g, &d);
}
