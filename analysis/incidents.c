/* SPDX-License-Identifier: Apache-2.0 */
/* Finds incidents in what was added up, the same mail once: a replay before a surge, a service before the domain. */
#include "analysis/incidents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/incident_mail.h"
#include "base/cleanup.h"
#include "base/utc.h"

const char *incident_kind_word(enum incident_kind kind) {
  static const char *const WORDS[INCIDENT_KINDS] = {"replay_suspected", "surge", "new_from_domain", "ceased"};
  return WORDS[kind];
}

const char *incident_subject_word(enum incident_subject s) {
  static const char *const WORDS[] = {"service", "selector", "from_domain", "domain"};
  return WORDS[s];
}

struct search {
  struct incident_mail mail;
  int32_t begin_day, end_day; /* of incidents that are looked for */
  bool standing;              /* those alone that stand at the end */
  int32_t from_day;           /* since when ordinary days are known */
  uint32_t length;            /* days from from_day to end_day */
  struct baseline_day *days;  /* of the subject at hand */
  struct baseline_day *of_domain;
  double *least; /* a surge is above it, day by day; with of_domain not known until it is asked for */
  bool is_least_known;
  struct incident *found;
  double *excess; /* of each that was found: messages above an ordinary day's */
  uint32_t count, capacity, excess_capacity;
};

static void add_incident(struct search *x, const struct incident *i, double excess) {
  MEM_GROW(x->found, x->capacity, x->count);
  MEM_GROW(x->excess, x->excess_capacity, x->count);
  x->excess[x->count] = excess;
  x->found[x->count++] = *i;
}

static bool is_wanted(const struct search *x, int32_t found_day, int32_t last_day) {
  if (found_day > x->end_day || found_day < x->begin_day) return false;
  return !x->standing || last_day > x->end_day - INCIDENT_TOLD_DAYS;
}

/* --- ordinary days -------------------------------------------------------------------------------------------------- */

/* Of one reporter, on all its days: the figure at `offset` of a subject's days [from, to). */
static void add_reporter(const struct search *x, struct baseline *b, uint32_t from, uint32_t to, size_t offset) {
  const int32_t *heard;
  const uint32_t count = incident_mail_heard(&x->mail, x->mail.days[from].reporter, &heard);
  _cleanup_free_ int64_t *messages = mem_zalloc((count + 1) * sizeof *messages);
  for (uint32_t i = 0, at = from; i < count && at < to; i++)
    if (x->mail.days[at].day == heard[i])
      messages[i] = *(const int64_t *)(const void *)((const char *)&x->mail.days[at++] + offset);
  baseline_add(b, &(struct told_days){heard, messages, count});
}

static void find_ordinary(const struct search *x, const struct subject *s, size_t offset, struct baseline_day *days) {
  struct baseline b = {x->from_day, x->end_day, memset(days, 0, x->length * sizeof *days)};
  for (uint32_t from = s->first, to; from < s->end; from = to) {
    for (to = from; to < s->end && x->mail.days[to].reporter == x->mail.days[from].reporter;) to++;
    add_reporter(x, &b, from, to, offset);
  }
}

/* --- surges --------------------------------------------------------------------------------------------------------- */

static void find_least(struct search *x) {
  x->is_least_known = true;
  for (uint32_t i = 0; i < x->length; i++) x->least[i] = SURGE_MESSAGES;
  for (uint32_t k = 0; k < x->mail.subject_count; k++) {
    if (x->mail.subjects[k].about != SUBJECT_DOMAIN) continue;
    find_ordinary(x, &x->mail.subjects[k], offsetof(struct subject_day, messages), x->of_domain);
    for (uint32_t i = 0; i < x->length; i++)
      x->least[i] = fmax(SURGE_MESSAGES, SURGE_OF_OWN * x->of_domain[i].usual_full);
  }
}

/* Enough of it on any day, before what is ordinary is looked at? Most subjects are small. */
static bool may_surge(const struct search *x, const struct subject *s) {
  _cleanup_free_ int64_t *messages = mem_zalloc(x->length * sizeof *messages);
  for (uint32_t i = s->first; i < s->end; i++) {
    const struct subject_day *d = &x->mail.days[i];
    if (d->day < x->from_day || d->day > x->end_day) continue;
    if ((messages[d->day - x->from_day] += d->messages) >= SURGE_MESSAGES) return true;
  }
  return false;
}

static void find_surges(struct search *x, const struct subject *s) {
  if (!may_surge(x, s)) return;
  if (!x->is_least_known) find_least(x);
  const bool is_domain = s->about == SUBJECT_DOMAIN;
  if (!is_domain) find_ordinary(x, s, offsetof(struct subject_day, messages), x->days);
  const struct baseline b = {x->from_day, x->end_day, is_domain ? x->of_domain : x->days};
  struct baseline_run run;
  int32_t from = x->from_day;
  if (s->first_day + BASELINE_LEAST_AGE > from) from = s->first_day + BASELINE_LEAST_AGE; /* until then it is new */
  while (from <= x->end_day && baseline_next_run(&b, x->least, &from, &run)) {
    if (!is_wanted(x, run.found_day, run.last_day)) continue;
    add_incident(x,
                 &(struct incident){.kind = INCIDENT_SURGE,
                                    .about = s->about,
                                    .subject = s->name,
                                    .begin_day = run.begin_day,
                                    .last_day = run.last_day,
                                    .found_day = run.found_day,
                                    .messages = run.messages,
                                    .usual = run.usual,
                                    .times = run.times,
                                    .source = s->largest->source.text},
                 run.excess);
  }
}

/* --- replays -------------------------------------------------------------------------------------------------------- */

/* What strangers sent with a selector, a day. */
struct signed_day {
  int64_t all, strange;
};

static bool signs(const struct stream *s, uint32_t selector) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].selector == selector && s->selectors[i].passed > 0) return true;
  return false;
}

/* Networks of strangers on the days of a replay. */
struct crowd {
  uint32_t networks;
  double as_many;     /* networks of one size as would look alike: a few large ones are no crowd by small ones beside */
  const char *source; /* an address of most of it */
};

static struct crowd gather_crowd(const struct search *x, uint32_t selector, int32_t begin, int32_t end) {
  _cleanup_hashmap_ struct hashmap networks;
  const struct history *h = x->mail.h;
  struct crowd crowd = {.source = ""};
  int64_t largest = -1;
  double sum = 0, squares = 0;
  hashmap_init(&networks, sizeof(int64_t));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    int32_t until = incident_mail_strange_until(&x->mail, s);
    if (until < begin || !signs(s, selector)) continue;
    if (until > end) until = end;
    for (uint32_t k = 0; k < s->day_count && s->days[k].day <= until; k++) {
      if (s->days[k].day < begin) continue;
      const struct ip_network network = ip_network_of(&s->ip);
      int64_t *messages = hashmap_put(&networks, network.base.bytes, sizeof network.base.bytes, NULL);
      *messages += s->days[k].messages;
      if (*messages <= largest) continue;
      largest = *messages;
      crowd.source = s->source.text;
    }
  }
  for (uint32_t i = 0; i < networks.count; i++) {
    const double messages = (double)*(const int64_t *)hashmap_value_at(&networks, i);
    sum += messages;
    squares += messages * messages;
  }
  crowd.networks = networks.count;
  if (squares > 0) crowd.as_many = sum * sum / squares;
  return crowd;
}

/* Not mail that is passed on, which is a small part of what was sent, nor a new service, whose selector is new too. */
static bool is_replayed(const struct signed_day *d, double usual, int64_t peak) {
  const double strange = (double)d->strange;
  return strange >= REPLAY_MESSAGES && strange >= REPLAY_SHARE * (double)d->all && strange >= REPLAY_TIMES * usual &&
         strange >= REPLAY_PEAK_TIMES * (double)peak;
}

/* What a day of the run adds to it. */
static void add_replayed(struct incident *i, const struct signed_day *d, int32_t day, double usual) {
  i->last_day = day;
  i->messages += d->strange;
  i->usual = fmax(i->usual, usual);
  i->times = fmax(i->times, (double)d->all / fmax(usual, 1));
}

static void end_replay(struct search *x, struct incident *i, uint32_t selector) {
  if (i->messages && is_wanted(x, i->found_day, i->last_day)) {
    const struct crowd crowd = gather_crowd(x, selector, i->begin_day, i->last_day);
    i->networks = crowd.networks;
    i->source = crowd.source;
    if (crowd.as_many >= REPLAY_NETWORKS) add_incident(x, i, (double)i->messages);
  }
  i->messages = 0;
  i->usual = i->times = 0;
}

static void find_replays(struct search *x, const struct subject *s) {
  const int32_t first = x->mail.begin_day;
  const uint32_t days = (uint32_t)(x->end_day - first) + 1;
  _cleanup_free_ struct signed_day *all = mem_zalloc(days * sizeof *all);
  int64_t strange = 0, peak = 0;
  for (uint32_t i = s->first; i < s->end; i++) {
    struct signed_day *d = &all[x->mail.days[i].day - first];
    d->all += x->mail.days[i].signed_by;
    d->strange += x->mail.days[i].strange;
    if (x->mail.days[i].day >= x->from_day) strange += x->mail.days[i].strange;
  }
  if (strange < REPLAY_MESSAGES) return;
  find_ordinary(x, s, offsetof(struct subject_day, signed_by), x->days);
  struct incident run = {.kind = INCIDENT_REPLAY, .about = SUBJECT_SELECTOR, .subject = s->name, .source = ""};
  for (uint32_t i = 0; i < days; i++) {
    const int32_t day = first + (int32_t)i;
    const double usual = day >= x->from_day ? x->days[day - x->from_day].usual_full : 0;
    const bool known = day >= x->from_day && day - s->first_day >= BASELINE_LEAST_AGE &&
                       day - x->mail.first_heard >= INCIDENT_HISTORY_DAYS;
    if (known && is_replayed(&all[i], usual, peak)) {
      if (!run.messages) run.begin_day = run.found_day = day;
      add_replayed(&run, &all[i], day, usual);
      continue;
    }
    if (!run.messages && all[i].strange > peak) peak = all[i].strange;
    if (run.messages && day - run.last_day >= BASELINE_RUN_GAP) end_replay(x, &run, s->selector);
  }
  end_replay(x, &run, s->selector);
}

/* --- new names ------------------------------------------------------------------------------------------------------ */

/* Has the reporter been there long enough to have seen the name before? */
static bool could_know(const struct search *x, uint32_t reporter, int32_t day) {
  const int32_t *heard;
  return incident_mail_heard(&x->mail, reporter, &heard) && heard[0] <= day - BASELINE_LEAST_AGE;
}

static int64_t own_messages_since(const struct search *x, int32_t begin, int32_t end) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < x->mail.day_count; i++) {
    const struct subject_day *d = &x->mail.days[i];
    if (x->mail.subjects[d->subject].about == SUBJECT_DOMAIN && d->day >= begin && d->day <= end) sum += d->messages;
  }
  return sum;
}

/* Day by day, until there is enough of it. */
static void find_new_name(struct search *x, const struct subject *s) {
  const int32_t begin = s->first_day;
  const int32_t last = begin + INCIDENT_TOLD_DAYS - 1 < x->end_day ? begin + INCIDENT_TOLD_DAYS - 1 : x->end_day;
  if (begin - x->mail.first_heard < INCIDENT_HISTORY_DAYS || begin + INCIDENT_TOLD_DAYS <= x->begin_day) return;
  struct incident found = {.kind = INCIDENT_NEW_FROM,
                           .about = SUBJECT_FROM,
                           .subject = s->name,
                           .begin_day = begin,
                           .source = s->largest->source.text};
  for (int32_t day = begin; day <= last && !found.found_day; day++) {
    int64_t messages = 0;
    for (uint32_t i = s->first; i < s->end; i++)
      if (x->mail.days[i].day <= day && could_know(x, x->mail.days[i].reporter, begin))
        messages += x->mail.days[i].messages;
    if (messages >= NEW_FROM_MESSAGES &&
        (double)messages >= NEW_FROM_OF_OWN * (double)own_messages_since(x, begin, day))
      found.found_day = day;
  }
  if (!found.found_day) return;
  for (uint32_t i = s->first; i < s->end; i++) {
    if (x->mail.days[i].day > found.last_day) found.last_day = x->mail.days[i].day;
    found.messages += x->mail.days[i].messages;
  }
  if (is_wanted(x, found.found_day, begin)) add_incident(x, &found, 0);
}

/* --- silences ------------------------------------------------------------------------------------------------------- */

static uint32_t days_within(const int32_t *days, uint32_t count, int32_t after, int32_t upto) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++) n += days[i] > after && days[i] <= upto;
  return n;
}

/* Messages that would have come by `day`, had the silence not begun behind `last`; and what came in the weeks before.
 */
static double expected_by(const struct search *x, const struct subject *s, int32_t last, int32_t day,
                          int64_t *ret_before) {
  double expected = 0;
  *ret_before = 0;
  for (uint32_t from = s->first, to; from < s->end; from = to) {
    const int32_t *heard;
    const uint32_t count = incident_mail_heard(&x->mail, x->mail.days[from].reporter, &heard);
    int64_t before = 0;
    for (to = from; to < s->end && x->mail.days[to].reporter == x->mail.days[from].reporter; to++)
      if (x->mail.days[to].day > last - BASELINE_DAYS && x->mail.days[to].day <= last)
        before += x->mail.days[to].messages;
    const uint32_t then = days_within(heard, count, last - BASELINE_DAYS, last);
    if (then) expected += (double)before / then * days_within(heard, count, last, day);
    *ret_before += before;
  }
  return expected;
}

static int32_t first_own_day(const struct search *x, const struct stream *s) {
  const int32_t *day = hashmap_get(&x->mail.sites, &s->site, sizeof s->site);
  return day ? *day : s->days[0].day;
}

/* Its mail comes from somewhere else since: own mail by the same selector, or unsigned as this was, from a source that
 * began then. */
static bool has_moved(const struct search *x, const struct subject *s, int32_t last) {
  const struct history *h = x->mail.h;
  _cleanup_free_ bool *its = mem_zalloc(h->selector_count + 1);
  bool is_signed = false;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *t = &h->streams[i];
    if (!interned_same(t->site, s->key) || !stream_is_own(t)) continue;
    for (uint32_t k = 0; k < t->selector_count; k++)
      if (t->selectors[k].passed > 0) its[t->selectors[k].selector] = is_signed = true;
  }
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *t = &h->streams[i];
    if (interned_same(t->site, s->key) || !stream_is_own(t) || !t->day_count || t->days[t->day_count - 1].day <= last ||
        first_own_day(x, t) < last - INCIDENT_TOLD_DAYS)
      continue;
    if (!is_signed) return true;
    for (uint32_t k = 0; k < t->selector_count; k++)
      if (t->selectors[k].passed > 0 && its[t->selectors[k].selector]) return true;
  }
  return false;
}

/* Of the days with mail [0, count), behind the last of which it is silent until `next`; `longest`: silence before. */
static void look_at_silence(struct search *x, const struct subject *s, const int32_t *days, uint32_t count,
                            int32_t next, int32_t longest) {
  const int32_t last = days[count - 1];
  const int32_t from = last + (CEASED_TIMES * longest > CEASED_DAYS ? CEASED_TIMES * longest : CEASED_DAYS);
  if (from >= next || from > x->end_day || days_within(days, count, last - BASELINE_DAYS, last) < CEASED_LEAST_DAYS)
    return;
  int64_t before;
  int32_t found = from;
  while (found < next && found <= x->end_day && expected_by(x, s, last, found, &before) < CEASED_MESSAGES) found++;
  if (found >= next || !is_wanted(x, found, found) || has_moved(x, s, last)) return;
  add_incident(x,
               &(struct incident){.kind = INCIDENT_CEASED,
                                  .about = SUBJECT_SERVICE,
                                  .subject = s->name,
                                  .begin_day = last + 1,
                                  .last_day = last,
                                  .found_day = found,
                                  .messages = before,
                                  .usual = expected_by(x, s, last, found, &before) / (found - last),
                                  .source = s->largest->source.text},
               0);
}

static int by_day(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void find_silences(struct search *x, const struct subject *s) {
  _cleanup_free_ int32_t *days = mem_alloc((s->end - s->first + 1) * sizeof *days);
  uint32_t count = 0, kept = 0;
  int32_t longest = 1;
  if (x->standing && x->end_day - s->last_day < CEASED_DAYS) return;
  for (uint32_t i = s->first; i < s->end; i++) days[count++] = x->mail.days[i].day;
  qsort(days, count, sizeof *days, by_day);
  for (uint32_t i = 0; i < count; i++) {
    if (kept && days[i] == days[kept - 1]) continue;
    if (kept && !x->standing) look_at_silence(x, s, days, kept, days[i], longest);
    if (kept && days[i] - days[kept - 1] > longest) longest = days[i] - days[kept - 1];
    days[kept++] = days[i];
  }
  if (kept) look_at_silence(x, s, days, kept, INT32_MAX, longest);
}

/* --- one mail, one incident ------------------------------------------------------------------------------------------ */

static bool overlap(const struct incident *a, const struct incident *b) {
  return a->begin_day <= b->last_day && b->begin_day <= a->last_day;
}

/* A surge that for the most part is what was told already, under a name that says more. */
static bool is_told(const struct search *x, const bool *dropped, uint32_t at) {
  const struct incident *i = &x->found[at];
  if (i->kind != INCIDENT_SURGE) return false;
  for (uint32_t k = 0; k < x->count; k++) {
    const struct incident *other = &x->found[k];
    const bool before = other->kind == INCIDENT_REPLAY || (other->kind == INCIDENT_SURGE && other->about < i->about) ||
                        (other->kind == INCIDENT_NEW_FROM && i->about != SUBJECT_FROM);
    const double excess = other->kind == INCIDENT_NEW_FROM ? (double)other->messages : x->excess[k];
    if (before && !dropped[k] && overlap(other, i) && excess >= x->excess[at] / 2) return true;
  }
  return false;
}

static int by_weight(const void *a, const void *b) {
  const struct incident *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->messages != y->messages) return x->messages < y->messages ? 1 : -1;
  if (x->begin_day != y->begin_day) return x->begin_day < y->begin_day ? 1 : -1;
  return strcmp(x->subject, y->subject);
}

static void hand_over(struct search *x, struct incidents *ret) {
  _cleanup_free_ bool *dropped = mem_zalloc(x->count + 1);
  uint32_t kept = 0;
  for (enum incident_subject about = SUBJECT_SERVICE; about <= SUBJECT_DOMAIN; about++)
    for (uint32_t i = 0; i < x->count; i++)
      if (x->found[i].about == about) dropped[i] = is_told(x, dropped, i);
  for (uint32_t i = 0; i < x->count; i++)
    if (!dropped[i]) x->found[kept++] = x->found[i];
  if (kept) qsort(x->found, kept, sizeof *x->found, by_weight);
  ret->count = kept < MOST_INCIDENTS ? kept : MOST_INCIDENTS;
  ret->left_out = kept - ret->count;
  if (kept) memcpy(ret->items, x->found, ret->count * sizeof *x->found);
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

static void find_all(struct search *x) {
  for (uint32_t i = 0; i < x->mail.subject_count; i++) {
    const struct subject *s = &x->mail.subjects[i];
    if (s->first == s->end) continue; /* no mail on the days that are looked at */
    find_surges(x, s);
    if (s->about == SUBJECT_SELECTOR) find_replays(x, s);
    if (s->about == SUBJECT_FROM) find_new_name(x, s);
    if (s->about == SUBJECT_SERVICE) find_silences(x, s);
  }
}

static void search(const struct history *h, int32_t begin_day, int32_t end_day, bool standing, struct incidents *ret) {
  struct search x = {.begin_day = begin_day, .end_day = end_day, .standing = standing};
  *ret = (struct incidents){0};
  if (!h->record_count) return;
  /* A run is told from its beginning, and until it has become what is ordinary. */
  x.from_day = begin_day - BASELINE_DAYS / 2;
  x.length = (uint32_t)(end_day - x.from_day) + 1;
  incident_mail_read(&x.mail, h, end_day);
  if (x.mail.first_heard <= end_day - INCIDENT_HISTORY_DAYS) {
    x.days = mem_alloc(x.length * sizeof *x.days);
    x.of_domain = mem_alloc(x.length * sizeof *x.of_domain);
    x.least = mem_alloc(x.length * sizeof *x.least);
    find_all(&x);
    hand_over(&x, ret);
  }
  free(x.days);
  free(x.of_domain);
  free(x.least);
  free(x.found);
  free(x.excess);
  incident_mail_clear(&x.mail);
}

void incidents_find(const struct history *h, int32_t end_day, struct incidents *ret) {
  search(h, end_day - BASELINE_DAYS / 2, end_day, true, ret);
}

void incidents_of(const struct history *h, const struct judgement *j, struct incidents *ret) {
  incidents_find(h, utc_day_of(j->window_end_s - 1), ret);
}

void incidents_between(const struct history *h, int32_t begin_day, int32_t end_day, struct incidents *ret) {
  search(h, begin_day, end_day, false, ret);
}
