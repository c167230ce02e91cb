/* SPDX-License-Identifier: Apache-2.0 */
/* Which mail that failed is over because its sender was repaired: the same machine, or the same service, sends as much
 * of the owner's mail since then, and it passes. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/classifying.h"

static int32_t last_day(const struct stream *s) { return s->day_count ? s->days[s->day_count - 1].day : INT32_MIN; }

/* --- by its selectors --------------------------------------------------------------------------------------------- */

static bool has_passed(const struct stream *s, uint32_t selector) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].selector == selector) return s->selectors[i].passed > 0;
  return false;
}

static bool all_selectors_pass_in(const struct stream *broken, const struct stream *intact) {
  for (uint32_t i = 0; i < broken->selector_count; i++)
    if (!has_passed(intact, broken->selectors[i].selector)) return false;
  return true;
}

/* Was the other mail there on most days of the last run of `broken`? Then the broken mail was another program's, and
 * nothing tells that it was repaired. */
static bool ran_side_by_side(const struct stream *broken, const struct stream_day *days, uint32_t count,
                             const struct thresholds *t) {
  unsigned shared = 0, all = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < broken->day_count; i++) {
    int32_t day = broken->days[i].day;
    if (day <= last_day(broken) - (int32_t)t->run_days) continue;
    all++;
    while (at < count && days[at].day < day) at++;
    if (at < count && days[at].day == day) shared++;
  }
  return shared >= t->mended_overlap_share * all;
}

/* The same host, the same selectors: broken then and intact since. */
static bool keys_pass_since(const struct stream *s, const struct own_mail *own, const struct thresholds *t) {
  if (s->class != CLASS_OWN_BROKEN) return false;
  const struct stream *intact = own_mail_signed(own, s);
  return intact && last_day(intact) > last_day(s) && all_selectors_pass_in(s, intact) &&
         !ran_side_by_side(s, intact->days, intact->day_count, t);
}

/* --- by who sends as much since ----------------------------------------------------------------------------------- */

enum sender_kind { BY_ADDRESS, BY_IDENTITY, BY_SERVICE, SENDER_KINDS };

struct sender_key {
  uint64_t kind;
  const void *who;
  struct interned header_from;
};

/* Own mail of one sender that passes, by its days. */
struct sender_days {
  struct stream_day *days;
  uint32_t count, capacity;
  bool is_sorted;
};

/* False where nothing of that kind names the sender. */
static bool key_of(enum sender_kind kind, const struct stream *s, struct sender_key *ret) {
  const void *who = kind == BY_ADDRESS    ? (const void *)s->source.text
                    : kind == BY_IDENTITY ? (const void *)s->identity.text
                                          : (const void *)s->service;
  *ret = (struct sender_key){kind, who, s->header_from};
  return who != NULL;
}

static void add_intact(struct mended *x, const struct stream *s) {
  for (enum sender_kind kind = 0; kind < SENDER_KINDS; kind++) {
    struct sender_key key;
    if (!key_of(kind, s, &key)) continue;
    struct sender_days *of = hashmap_put(&x->senders, &key, sizeof key, NULL);
    for (uint32_t i = 0; i < s->day_count; i++) {
      MEM_GROW(of->days, of->capacity, of->count);
      of->days[of->count++] = s->days[i];
    }
  }
}

static int by_day(const void *a, const void *b) {
  int32_t x = ((const struct stream_day *)a)->day, y = ((const struct stream_day *)b)->day;
  return (x > y) - (x < y);
}

static void sort_days(struct sender_days *x) {
  uint32_t kept = 0;
  if (x->is_sorted) return;
  x->is_sorted = true;
  if (x->count) qsort(x->days, x->count, sizeof *x->days, by_day);
  for (uint32_t i = 1; i < x->count; i++) {
    if (x->days[i].day == x->days[kept].day)
      x->days[kept].messages += x->days[i].messages;
    else
      x->days[++kept] = x->days[i];
  }
  if (x->count) x->count = kept + 1;
}

/* What the fullest run holds of the days after `after`. */
static int64_t fullest_run(const struct stream_day *days, uint32_t count, int32_t after, const struct thresholds *t) {
  int64_t run = 0, most = 0;
  for (uint32_t from = 0, to = 0; to < count; to++) {
    if (days[to].day <= after) {
      from = to + 1;
      continue;
    }
    run += days[to].messages;
    while (days[from].day <= days[to].day - (int32_t)t->run_days) run -= days[from++].messages;
    if (run > most) most = run;
  }
  return most;
}

static int32_t longest_gap(const struct stream *s) {
  int32_t longest = 0;
  for (uint32_t i = 1; i < s->day_count; i++)
    if (s->days[i].day - s->days[i - 1].day > longest) longest = s->days[i].day - s->days[i - 1].day;
  return longest;
}

/* An account of a service is not told from another one there by its name alone: what passes must go on where the other
 * mail ended, in its own rhythm, and that must be overdue. */
static bool is_handed_over(const struct stream *s, const struct sender_days *to, const struct thresholds *t,
                           int32_t end_day) {
  const int32_t last = last_day(s);
  const double rhythm = t->rhythm_age * longest_gap(s);
  uint32_t at = 0;
  while (at < to->count && to->days[at].day <= last) at++;
  const bool has_rhythm = s->day_count >= t->rhythm_least_days && last - s->days[0].day + 1 >= t->long_span_days;
  return has_rhythm && end_day - last > rhythm && at < to->count &&
         to->days[at].day - last <= fmax(rhythm, t->run_days);
}

static bool passes_since(struct mended *x, enum sender_kind kind, const struct stream *s, const struct thresholds *t,
                         int32_t end_day) {
  struct sender_key key;
  struct sender_days *of = key_of(kind, s, &key) ? hashmap_get(&x->senders, &key, sizeof key) : NULL;
  if (!of) return false;
  sort_days(of);
  const int64_t then = fullest_run(s->days, s->day_count, INT32_MIN, t);
  const int64_t since = fullest_run(of->days, of->count, last_day(s), t);
  if (!since || (double)since < t->run_share * (double)then) return false;
  if (ran_side_by_side(s, of->days, of->count, t)) return false;
  /* A machine of the owner's is known by its address; at a service others have it too. One that signed with a key has
   * to show that key. */
  const bool is_one_machine = kind == BY_ADDRESS && s->kind == STREAM_NOTHING && !s->service && !s->identity.text;
  return is_one_machine || is_handed_over(s, of, t, end_day);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void mended_open(struct mended *ret, const struct history *h) {
  *ret = (struct mended){.h = h};
  hashmap_init(&ret->senders, sizeof(struct sender_days));
}

static void gather(struct mended *x) {
  if (x->is_gathered) return;
  x->is_gathered = true;
  for (uint32_t i = 0; i < x->h->stream_count; i++) {
    const struct stream *s = &x->h->streams[i];
    if (is_authenticated(s) && s->class == CLASS_OWN) add_intact(x, s);
  }
}

bool is_mended(struct mended *x, const struct stream *s, const struct own_mail *own, const struct thresholds *t,
               int32_t end_day) {
  if (is_authenticated(s)) return false;
  if (keys_pass_since(s, own, t)) return true;
  gather(x);
  for (enum sender_kind kind = 0; kind < SENDER_KINDS; kind++)
    if (passes_since(x, kind, s, t, end_day)) return true;
  return false;
}

void mended_clear(struct mended *x) {
  for (uint32_t i = 0; i < x->senders.count; i++) free(((struct sender_days *)hashmap_value_at(&x->senders, i))->days);
  hashmap_clear(&x->senders);
}
