/* SPDX-License-Identifier: Apache-2.0 */
/* Whose own mail came to an end: a machine that was switched off, a service that was left. Mail that failed at such an
 * end may be over, and only what came in its place tells. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/classifying.h"
#include "verdict/run_of_days.h"

/* A host or a site under one name. */
struct sender_key {
  struct interned where, header_from;
};

struct sender {
  struct run_of_days run, passing; /* all its mail, and what of it passes */
  enum sender_end end;
  bool is_known;
};

static struct sender_key key_at(struct interned where, const struct stream *s) {
  return (struct sender_key){where, s->header_from};
}

static bool passes(const struct stream *s) { return s->class == CLASS_OWN && is_authenticated(s); }

static void add_to(struct hashmap *senders, struct interned where, const struct stream *s) {
  const struct sender_key key = key_at(where, s);
  struct sender *x = hashmap_get(senders, &key, sizeof key);
  if (!x) return;
  run_add_days(&x->run, s);
  if (passes(s)) run_add_days(&x->passing, s);
}

/* Own mail that fails: all that is asked about. */
static bool is_asked(const struct stream *s) { return !is_authenticated(s) && stream_is_own(s); }

static void note_asked(struct ended *x, const struct stream *s) {
  const struct sender_key host = key_at(s->source, s), site = key_at(s->site, s);
  hashmap_put(&x->hosts, &host, sizeof host, NULL);
  hashmap_put(&x->sites, &site, sizeof site, NULL);
  hashmap_put(&x->names, &s->header_from, sizeof s->header_from, NULL);
}

/* What passes under a name that is asked about, whoever sends it. */
static void add_to_name(struct ended *x, const struct stream *s) {
  struct run_of_days *run = passes(s) ? hashmap_get(&x->names, &s->header_from, sizeof s->header_from) : NULL;
  if (run) run_add_days(run, s);
}

static int32_t first_day(const struct history *h) {
  int32_t first = INT32_MAX;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (h->streams[i].day_count && h->streams[i].days[0].day < first) first = h->streams[i].days[0].day;
  return first;
}

/* The days of those alone that are asked about, whatever mail of theirs. */
static void gather(struct ended *x) {
  const struct history *h = x->h;
  if (x->is_gathered) return;
  x->is_gathered = true;
  x->first_day = first_day(h);
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (is_asked(&h->streams[i])) note_asked(x, &h->streams[i]);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!stream_is_own(s)) continue;
    add_to(&x->hosts, s->source, s);
    add_to(&x->sites, s->site, s);
    add_to_name(x, s);
  }
  for (uint32_t i = 0; i < x->names.count; i++) run_sort(hashmap_value_at(&x->names, i));
}

static bool is_silent(const struct ended *x, const struct sender *sender) {
  if (!run_has_rhythm(&sender->run, x->t)) return false; /* it may have no day at all */
  const int32_t silent = x->end_day - run_last_day(&sender->run);
  return silent >= (int32_t)x->t->window_days && silent > x->t->stopped_rhythms * run_longest_gap(&sender->run);
}

/* The whole network or service, where all of it is silent; else the host. NULL: neither is. */
static struct sender *silent_sender_of(struct ended *x, const struct stream *s) {
  const struct sender_key keys[] = {key_at(s->site, s), key_at(s->source, s)};
  for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
    struct sender *sender = hashmap_get(i ? &x->hosts : &x->sites, &keys[i], sizeof keys[i]);
    run_sort(&sender->run);
    if (is_silent(x, sender)) return sender;
  }
  return NULL;
}

static int64_t messages_between(const struct run_of_days *run, int32_t after, int32_t until) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < run->count; i++)
    if (run->days[i].day > after && run->days[i].day <= until) sum += run->days[i].messages;
  return sum;
}

/* What passes of the owner's other senders under the sender's name. */
static int64_t others_between(const struct run_of_days *all, const struct sender *but, int32_t after, int32_t until) {
  return messages_between(all, after, until) - messages_between(&but->passing, after, until);
}

/* Do the owner's other senders send more under that name since, as much as a good part of what it sent, and more than
 * months differ? Days before and after are as many. */
static bool is_taken_over(const struct ended *x, const struct stream *s, const struct sender *sender) {
  const int32_t last = run_last_day(&sender->run), before_days = last - x->first_day + 1;
  const int32_t days = before_days < x->end_day - last ? before_days : x->end_day - last;
  if (days < (int32_t)x->t->long_span_days) return false;
  const struct run_of_days *all = hashmap_get(&x->names, &s->header_from, sizeof s->header_from);
  const int64_t before = others_between(all, sender, last - days, last);
  const int64_t since = others_between(all, sender, x->end_day - days, x->end_day);
  const int64_t its = messages_between(&sender->run, last - days, last);
  const double more = (double)(since - before);
  return more >= x->t->taken_over_share * (double)its && more >= x->t->taken_over_rise * (double)before;
}

void ended_open(struct ended *ret, const struct history *h, const struct thresholds *t, int32_t end_day) {
  *ret = (struct ended){.h = h, .t = t, .end_day = end_day};
  hashmap_init(&ret->hosts, sizeof(struct sender));
  hashmap_init(&ret->sites, sizeof(struct sender));
  hashmap_init(&ret->names, sizeof(struct run_of_days));
}

enum sender_end end_of_sender(struct ended *x, const struct stream *s) {
  if (!is_asked(s)) return SENDER_GOES_ON;
  gather(x);
  struct sender *sender = silent_sender_of(x, s);
  if (!sender) return SENDER_GOES_ON;
  if (!sender->is_known) sender->end = is_taken_over(x, s, sender) ? SENDER_TAKEN_OVER : SENDER_FELL_SILENT;
  sender->is_known = true;
  return sender->end;
}

static void clear_senders(struct hashmap *senders) {
  for (uint32_t i = 0; i < senders->count; i++) {
    const struct sender *sender = hashmap_value_at(senders, i);
    free(sender->run.days);
    free(sender->passing.days);
  }
  hashmap_clear(senders);
}

void ended_clear(struct ended *x) {
  clear_senders(&x->hosts);
  clear_senders(&x->sites);
  for (uint32_t i = 0; i < x->names.count; i++) free(((struct run_of_days *)hashmap_value_at(&x->names, i))->days);
  hashmap_clear(&x->names);
}
