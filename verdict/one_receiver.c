/* SPDX-License-Identifier: Apache-2.0 */
/* Own mail that a single receiver fails: a gateway in front of it that changes mail before it is checked, a key type
 * that it does not know. By an exact test on the days on which others receive of the same source. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

/* A site of own mail of which enough fails to ask. */
struct suspected_site {
  struct interned site;
  uint32_t number;
  int64_t failing;
};

struct told_key {
  uint32_t site, reporter;
  int32_t day;
};

/* What one reporter tells of one site on one day. */
struct told {
  struct told_key of;
  int64_t messages, failing;
};

struct search {
  const struct judging *g;
  struct hashmap sites;     /* struct interned -> struct suspected_site */
  struct hashmap told;      /* struct told_key -> struct told */
  const char **only_at;     /* of each site: the reporter, or NULL */
  bool *is_excused;         /* of each site */
  uint32_t *site_of_stream; /* number + 1; 0: none */
};

static bool is_asked(const struct stream *s) { return stream_is_own(s) && !s->dormant && s->window_messages > 0; }

static bool gather_sites(struct search *x) {
  const struct history *h = x->g->h;
  bool any = false;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!is_asked(s)) continue;
    bool is_new;
    struct suspected_site *site = hashmap_put(&x->sites, &s->site, sizeof s->site, &is_new);
    if (is_new) *site = (struct suspected_site){s->site, x->sites.count - 1, 0};
    site->failing += stream_failing(s);
    any |= (double)site->failing >= x->g->t->source_failures;
  }
  return any;
}

/* Only of sites of which enough fails. */
static void number_streams(struct search *x) {
  const struct history *h = x->g->h;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const struct suspected_site *site = is_asked(s) ? hashmap_get(&x->sites, &s->site, sizeof s->site) : NULL;
    if (site && (double)site->failing >= x->g->t->source_failures) x->site_of_stream[i] = site->number + 1;
  }
}

static void read_report(struct search *x, uint32_t report) {
  const struct history *h = x->g->h;
  for (size_t r = h->reports[report].first_record; r < h->reports[report].end_record; r++) {
    bool passes;
    const struct stream *s = history_record_stream(h, r, &passes);
    const uint32_t site = x->site_of_stream[s - h->streams];
    if (!site || (!passes && !history_record_fails(h, r))) continue;
    const struct told_key key = {site - 1, h->reports[report].reporter, h->reports[report].day};
    struct told *told = hashmap_put(&x->told, &key, sizeof key, NULL);
    told->of = key;
    told->messages += h->records[r].count;
    if (!passes) told->failing += h->records[r].count;
  }
}

static int by_site_and_reporter(const void *a, const void *b) {
  const struct told_key *x = &((const struct told *)a)->of, *y = &((const struct told *)b)->of;
  if (x->site != y->site) return x->site < y->site ? -1 : 1;
  if (x->reporter != y->reporter) return x->reporter < y->reporter ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

/* Of one site, all days of one reporter. */
struct witness_span {
  const struct told *first, *end;
};

static int64_t failing_in(const struct witness_span *w) {
  int64_t failing = 0;
  for (const struct told *t = w->first; t < w->end; t++) failing += t->failing;
  return failing;
}

struct sums {
  int64_t messages, failing;
};

/* On the days that `on` has as well. */
static struct sums sums_on(const struct witness_span *w, const struct witness_span *on) {
  struct sums sums = {0};
  const struct told *at = on->first;
  for (const struct told *t = w->first; t < w->end; t++) {
    while (at < on->end && at->of.day < t->of.day) at++;
    if (at == on->end || at->of.day != t->of.day) continue;
    sums.messages += t->messages;
    sums.failing += t->failing;
  }
  return sums;
}

/* The others pass it, also without the largest of them: one liar excuses nothing. */
static bool do_others_pass(const struct search *x, const struct witness_span *spans, unsigned count, unsigned at,
                           struct sums here) {
  struct sums all = {0}, largest = {0};
  unsigned others = 0;
  for (unsigned i = 0; i < count; i++) {
    const struct sums of = i == at ? (struct sums){0} : sums_on(&spans[i], &spans[at]);
    if (!of.messages) continue;
    others++;
    all.messages += of.messages;
    all.failing += of.failing;
    if (of.messages > largest.messages) largest = of;
  }
  const struct sums rest = {all.messages - largest.messages, all.failing - largest.failing};
  const double most = 1 - x->g->t->source_rate[TO_REJECT];
  return others >= 2 && (double)all.failing <= most * (double)all.messages &&
         (double)rest.failing <= most * (double)rest.messages &&
         chance_of_more(here.failing, here.messages, rest.failing, rest.messages) <= PROPORTION_CHANCE / count;
}

/* `spans` are of one site. The rest of what it fails must be little, or it is not this receiver's doing. */
static void judge_site(struct search *x, const struct witness_span *spans, unsigned count) {
  unsigned most = 0;
  int64_t all = 0;
  for (unsigned i = 0; i < count; i++) {
    all += failing_in(&spans[i]);
    if (failing_in(&spans[i]) > failing_in(&spans[most])) most = i;
  }
  const struct sums here = sums_on(&spans[most], &spans[most]);
  if ((double)here.failing < x->g->t->source_failures || 2 * here.failing <= all) return;
  if (!do_others_pass(x, spans, count, most, here)) return;
  const uint32_t site = spans[most].first->of.site;
  x->only_at[site] = x->g->h->reporters[spans[most].first->of.reporter];
  /* A receiver that fails most of it lacks something that the sender could give: a second key, say. */
  x->is_excused[site] = 2 * here.failing < here.messages;
}

static void judge_sites(struct search *x) {
  const uint32_t count = x->told.count;
  _cleanup_free_ struct told *told = mem_alloc((count + 1) * sizeof *told);
  _cleanup_free_ struct witness_span *spans = mem_alloc((count + 1) * sizeof *spans);
  for (uint32_t i = 0; i < count; i++) told[i] = *(struct told *)hashmap_value_at(&x->told, i);
  qsort(told, count, sizeof *told, by_site_and_reporter);
  unsigned of_site = 0;
  for (uint32_t i = 0, end; i < count; i = end) {
    for (end = i; end < count && told[end].of.site == told[i].of.site && told[end].of.reporter == told[i].of.reporter;)
      end++;
    spans[of_site++] = (struct witness_span){&told[i], &told[end]};
    if (end < count && told[end].of.site == told[i].of.site) continue;
    judge_site(x, spans, of_site);
    of_site = 0;
  }
}

static struct stream_day *day_of(struct stream *s, int32_t day) {
  uint32_t low = 0, high = s->day_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (s->days[middle].day < day)
      low = middle + 1;
    else
      high = middle;
  }
  return low < s->day_count && s->days[low].day == day ? &s->days[low] : NULL;
}

static void mark_records(const struct search *x, uint32_t report) {
  const struct history *h = x->g->h;
  const char *reporter = h->reporters[h->reports[report].reporter];
  for (size_t r = h->reports[report].first_record; r < h->reports[report].end_record; r++) {
    bool passes;
    struct stream *s = &h->streams[history_record_stream(h, r, &passes) - h->streams];
    if (!s->is_excused || s->only_at != reporter || !history_record_fails(h, r)) continue;
    struct stream_day *day = day_of(s, h->reports[report].day);
    if (!day) continue;
    day->by_receiver += h->records[r].count;
    s->window_by_receiver += h->records[r].count;
  }
}

static void mark_streams(const struct search *x) {
  const struct history *h = x->g->h;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const uint32_t site = x->site_of_stream[i];
    if (!site) continue;
    h->streams[i].only_at = x->only_at[site - 1];
    h->streams[i].is_excused = x->is_excused[site - 1];
  }
}

static void forget(struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    s->only_at = NULL;
    s->is_excused = false;
    s->window_by_receiver = 0;
    for (uint32_t d = 0; d < s->day_count; d++) s->days[d].by_receiver = 0;
  }
}

static void each_report(struct search *x, void (*fn)(struct search *x, uint32_t report)) {
  const struct history *h = x->g->h;
  for (uint32_t i = 0; i < h->report_count; i++)
    if (h->reports[i].day >= x->g->begin_day && h->reports[i].day <= x->g->end_day) fn(x, i);
}
static void mark_report(struct search *x, uint32_t report) { mark_records(x, report); }

void find_single_receivers(struct judging *g) {
  struct history *h = g->h;
  if (!h->records) return; /* of a history by hand */
  forget(h);
  struct search x = {.g = g};
  hashmap_init(&x.sites, sizeof(struct suspected_site));
  hashmap_init(&x.told, sizeof(struct told));
  if (gather_sites(&x)) {
    _cleanup_free_ uint32_t *site_of_stream = mem_zalloc((h->stream_count + 1) * sizeof *site_of_stream);
    _cleanup_free_ const char **only_at = mem_zalloc((x.sites.count + 1) * sizeof *only_at);
    _cleanup_free_ bool *is_excused = mem_zalloc(x.sites.count + 1);
    x.site_of_stream = site_of_stream;
    x.only_at = only_at;
    x.is_excused = is_excused;
    number_streams(&x);
    each_report(&x, read_report);
    judge_sites(&x);
    mark_streams(&x);
    each_report(&x, mark_report);
  }
  hashmap_clear(&x.sites);
  hashmap_clear(&x.told);
}
