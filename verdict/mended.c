/* SPDX-License-Identifier: Apache-2.0 */
/* Which mail that failed is over because its sender was repaired: the same machine, or the same service, sends as much
 * of the owner's mail since then, and it passes. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "verdict/marks.h"
#include "verdict/run_of_days.h"

/* What the fullest run holds of the days after `after`. */
static int64_t fullest_run(const struct run_of_days *x, int32_t after, const struct thresholds *t) {
  uint32_t from = 0;
  while (from < x->count && x->days[from].day <= after) from++;
  return from < x->count ? run_fullest(x->days + from, x->count - from, (int32_t)t->run_days) : 0;
}

/* Enough to tell of a repair? */
static bool lasts_since(const struct mended *x, const struct run_of_days *intact, int32_t after) {
  int64_t days = 0, messages = 0;
  for (uint32_t i = 0; i < intact->count; i++) {
    if (intact->days[i].day <= after) continue;
    days++;
    messages += intact->days[i].messages;
  }
  return days > 0 && (double)days >= x->least_days && (double)messages >= x->least_messages;
}

/* Of the days before `until_day` those of the bulk: what a sender goes on with, who was repaired but for a trickle, is
 * not its end. The trickle is in the window, and counts there. */
static struct run_of_days bulk_until(struct stream_day *days, uint32_t count, int32_t until_day,
                                     const struct thresholds *t) {
  struct run_of_days x = {.days = days, .count = count, .is_sorted = true};
  while (x.count && days[x.count - 1].day >= until_day) x.count--;
  if (x.count == count) return x;
  const double least_a_day = t->run_share * (double)fullest_run(&x, INT32_MIN, t) / t->run_days;
  while (x.count && (double)days[x.count - 1].messages < least_a_day) x.count--;
  return x;
}

/* Was the other mail there on most days of the last run of `broken`? Then the broken mail was another program's, and
 * nothing tells that it was repaired. */
static bool ran_side_by_side(const struct run_of_days *broken, const struct run_of_days *intact,
                             const struct thresholds *t) {
  unsigned shared = 0, all = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < broken->count; i++) {
    int32_t day = broken->days[i].day;
    if (day <= run_last_day(broken) - (int32_t)t->run_days) continue;
    all++;
    while (at < intact->count && intact->days[at].day < day) at++;
    if (at < intact->count && intact->days[at].day == day) shared++;
  }
  return shared >= t->mended_overlap_share * all;
}

/* Does it come on days of the week on which the other mail, which is there on most others, never does? Then it is a
 * program of its own: the batch of a Sunday beside the mail of working days. Runs a month apart fall on any day of the
 * week: what is rarer than weekly keeps to none, nor does what was there in a few weeks. */
static bool keeps_other_days(const struct run_of_days *broken, const struct run_of_days *intact,
                             const struct thresholds *t) {
  unsigned weekdays[7] = {0};
  for (uint32_t i = 0; i < intact->count; i++) weekdays[utc_weekday(intact->days[i].day)]++;
  if (intact->count && (int64_t)intact->count * 7 < run_last_day(intact) - intact->days[0].day) return false;
  unsigned in_use = 0;
  for (unsigned i = 0; i < 7; i++)
    in_use += weekdays[i] * 14 >= intact->count && (double)weekdays[i] >= t->mended_weeks;
  if (in_use < 4) return false;
  for (uint32_t i = 0; i < broken->count; i++) {
    int32_t day = broken->days[i].day;
    if (day > run_last_day(broken) - (int32_t)t->run_days && weekdays[utc_weekday(day)] * 14 >= intact->count)
      return false;
  }
  return true;
}

static bool is_another_program(const struct run_of_days *broken, const struct run_of_days *intact,
                               const struct thresholds *t) {
  return ran_side_by_side(broken, intact, t) || keeps_other_days(broken, intact, t);
}

/* --- by its keys -------------------------------------------------------------------------------------------------- */

struct host_and_key {
  struct mark_key host;
  struct interned header_from;
  uint64_t selector;
};

static struct host_and_key key_on(const struct stream *s, uint32_t selector) {
  return (struct host_and_key){mark_key_of_host(s), s->header_from, selector};
}

/* The same host, the same selectors: broken then and intact since. */
static bool keys_pass_since(struct mended *x, const struct stream *s, int32_t until_day) {
  if (s->class != CLASS_OWN_BROKEN || !s->selector_count) return false;
  const struct run_of_days broken = bulk_until(s->days, s->day_count, until_day, x->t);
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const struct host_and_key key = key_on(s, s->selectors[i].selector);
    struct run_of_days *intact = hashmap_get(&x->keys, &key, sizeof key);
    if (!intact || !intact->count) return false;
    run_sort(intact);
    if (!lasts_since(x, intact, run_last_day(&broken)) || is_another_program(&broken, intact, x->t)) return false;
  }
  return true;
}

/* --- by who sends as much since ----------------------------------------------------------------------------------- */

enum sender_kind { BY_ADDRESS, BY_IDENTITY, BY_SERVICE, SENDER_KINDS };

struct sender_key {
  uint64_t kind;
  const void *who;
  struct interned header_from;
};

/* Mail of one sender: what passes of the owner's, and what does not. */
struct sender {
  struct run_of_days intact, broken;
};

/* False where nothing of that kind names the sender. */
static bool key_of(enum sender_kind kind, const struct stream *s, struct sender_key *ret) {
  const void *who = kind == BY_ADDRESS    ? (const void *)s->source.text
                    : kind == BY_IDENTITY ? (const void *)s->identity.text
                                          : (const void *)s->service;
  *ret = (struct sender_key){kind, who, s->header_from};
  return who != NULL;
}

/* An account of a service is not told from another one there by its name alone: what passes must go on where the other
 * mail ended, in its own rhythm, and that must be overdue. */
static bool is_handed_over(const struct mended *x, const struct run_of_days *broken, const struct run_of_days *intact) {
  const struct thresholds *t = x->t;
  const int32_t last = run_last_day(broken);
  const double rhythm = t->rhythm_age * run_longest_gap(broken);
  uint32_t at = 0;
  while (at < intact->count && intact->days[at].day <= last) at++;
  const bool has_rhythm = broken->count >= t->rhythm_least_days && last - broken->days[0].day + 1 >= t->long_span_days;
  return has_rhythm && x->end_day - last > rhythm && at < intact->count &&
         intact->days[at].day - last <= fmax(rhythm, t->run_days);
}

static bool passes_since(struct mended *x, enum sender_kind kind, const struct stream *s, int32_t until_day) {
  struct sender_key key;
  struct sender *of = key_of(kind, s, &key) ? hashmap_get(&x->senders, &key, sizeof key) : NULL;
  if (!of || !of->intact.count) return false;
  run_sort(&of->intact);
  run_sort(&of->broken);
  /* A pool's address is there once: that has no rhythm. The service has. */
  const bool is_of_pool = kind != BY_ADDRESS && s->day_count < x->t->rhythm_least_days;
  const struct run_of_days broken = is_of_pool ? bulk_until(of->broken.days, of->broken.count, until_day, x->t)
                                               : bulk_until(s->days, s->day_count, until_day, x->t);
  const int64_t then = fullest_run(&broken, INT32_MIN, x->t);
  const int64_t since = fullest_run(&of->intact, run_last_day(&broken), x->t);
  if (!since || (double)since < x->t->run_share * (double)then) return false;
  if (!lasts_since(x, &of->intact, run_last_day(&broken)) || is_another_program(&broken, &of->intact, x->t))
    return false;
  /* A machine of the owner's is known by its address; at a service others have it too. One that signed with a key has
   * to show that key. */
  const bool is_one_machine = kind == BY_ADDRESS && s->kind == STREAM_NOTHING && !s->service && !s->identity.text;
  return is_one_machine || is_handed_over(x, &broken, &of->intact);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void mended_open(struct mended *ret, const struct history *h, const struct thresholds *t, int32_t end_day) {
  *ret = (struct mended){.h = h, .t = t, .end_day = end_day};
  hashmap_init(&ret->senders, sizeof(struct sender));
  hashmap_init(&ret->keys, sizeof(struct run_of_days));
}

/* Mail that fails, which is all that is asked about: its senders and keys are those of whom days are gathered. */
static bool is_broken(const struct stream *s) {
  return !is_authenticated(s) && (s->class == CLASS_UNDECIDED || stream_is_own(s));
}

static void note_asked(struct mended *x, const struct stream *s) {
  for (enum sender_kind kind = 0; kind < SENDER_KINDS; kind++) {
    struct sender_key key;
    if (key_of(kind, s, &key)) hashmap_put(&x->senders, &key, sizeof key, NULL);
  }
  for (uint32_t i = 0; s->class == CLASS_OWN_BROKEN && i < s->selector_count; i++) {
    const struct host_and_key key = key_on(s, s->selectors[i].selector);
    hashmap_put(&x->keys, &key, sizeof key, NULL);
  }
}

static void add_to_sender(struct mended *x, const struct stream *s, bool is_intact) {
  for (enum sender_kind kind = 0; kind < SENDER_KINDS; kind++) {
    struct sender_key key;
    struct sender *of = key_of(kind, s, &key) ? hashmap_get(&x->senders, &key, sizeof key) : NULL;
    if (of) run_add_days(is_intact ? &of->intact : &of->broken, s);
  }
}

static void add_keys(struct mended *x, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++) {
    if (!s->selectors[i].passed) continue;
    const struct host_and_key key = key_on(s, s->selectors[i].selector);
    struct run_of_days *intact = hashmap_get(&x->keys, &key, sizeof key);
    if (intact) run_add_days_of_key(intact, s, &s->selectors[i]);
  }
}

static void gather(struct mended *x) {
  const struct history *h = x->h;
  if (x->is_gathered) return;
  x->is_gathered = true;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (is_broken(&h->streams[i])) note_asked(x, &h->streams[i]);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const bool is_intact = is_authenticated(s) && s->class == CLASS_OWN;
    if (is_intact && s->kind == STREAM_SIGNED) add_keys(x, s);
    if (is_intact || is_broken(s)) add_to_sender(x, s, is_intact);
  }
}

bool is_mended(struct mended *x, const struct stream *s, int32_t until_day) {
  if (is_authenticated(s)) return false;
  gather(x);
  if (keys_pass_since(x, s, until_day)) return true;
  for (enum sender_kind kind = 0; kind < SENDER_KINDS; kind++)
    if (passes_since(x, kind, s, until_day)) return true;
  return false;
}

void mended_clear(struct mended *x) {
  for (uint32_t i = 0; i < x->senders.count; i++) {
    const struct sender *of = hashmap_value_at(&x->senders, i);
    free(of->intact.days);
    free(of->broken.days);
  }
  for (uint32_t i = 0; i < x->keys.count; i++) free(((struct run_of_days *)hashmap_value_at(&x->keys, i))->days);
  hashmap_clear(&x->senders);
  hashmap_clear(&x->keys);
}
