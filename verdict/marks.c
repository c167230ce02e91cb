/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the marks of strangers, and their days. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/utc.h"
#include "verdict/marks.h"

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

struct mark_key mark_key_of_network(const struct ip_addr *ip) {
  return key_of_network(MARK_NETWORK, ip, 3, 6);
}

struct mark_key mark_key_of_host(const struct stream *s) {
  return s->ip.size ? key_of_network(MARK_HOST, &s->ip, 4, 8) : key_of_text(MARK_HOST, s->source);
}

/* False where the stream bears no such mark. */
static bool key_of(const struct marks *x, enum mark_kind kind, const struct stream *s, struct mark_key *ret) {
  switch (kind) {
    case MARK_HOST:
      *ret = mark_key_of_host(s);
      return true;
    case MARK_NAME:
      *ret = key_of_text(kind, s->identity);
      return s->identity.text;
    case MARK_NETWORK:
      *ret = mark_key_of_network(&s->ip);
      return s->ip.size && !s->identity.text;
    case MARK_FROM:
      *ret = key_of_text(kind, s->header_from);
      return !s->identity.text && own_mail_knows_no_such_name(x->own, x->history, s);
    default: {
      const struct selector_use *use = selector_never_verified(x->homes, s);
      *ret = (struct mark_key){.kind = (uint64_t)kind << 8};
      if (use) memcpy(ret->bytes, &use->selector, sizeof use->selector);
      return use;
    }
  }
}

struct mark *mark_of(const struct marks *x, enum mark_kind kind, const struct stream *s) {
  struct mark_key key;
  return key_of(x, kind, s, &key) ? hashmap_get(&x->by_key, &key, sizeof key) : NULL;
}

static void add_sightings(struct marks *x, struct mark *m, const struct stream *s) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    m->is_vague |= s->days[i].is_vague;
    MEM_GROW(x->sightings, x->capacity, x->count);
    x->sightings[x->count++] = (struct sighting){m->number, s->days[i].day, s->days[i].messages};
  }
}

/* What speaks for a forger: SPF that disowns him, or has never heard of the name that he made up. */
static int64_t disowned(const struct marks *x, const struct stream *s) {
  return s->spf_failed + (own_mail_knows_no_such_name(x->own, x->history, s) ? s->spf_silent : 0);
}

static void add_stream(struct marks *x, const struct stream *s) {
  bool is_new_host = false;
  uint32_t host = 0;
  for (enum mark_kind kind = MARK_HOST; kind < MARK_KINDS; kind++) {
    struct mark_key key;
    bool is_new;
    if (!key_of(x, kind, s, &key)) continue;
    struct mark *m = hashmap_put(&x->by_key, &key, sizeof key, &is_new);
    if (kind == MARK_HOST) is_new_host = is_new;
    m->hosts += is_new_host;
    m->kind = kind;
    m->is_wide = kind == MARK_NETWORK && s->ip.size != 4;
    m->is_named |= s->identity.text != NULL;
    m->messages += s->messages;
    m->disowned += disowned(x, s);
    if (own_mail_knows_no_such_name(x->own, x->history, s)) m->under_new_names += s->messages;
    if (s->identity_signs) m->signed_messages += s->messages;
    if (is_new) m->number = m->network = x->by_key.count - 1;
    if (kind == MARK_HOST) host = m->number;
    if (kind == MARK_NETWORK) mark_at(x, host)->network = m->number;
    add_sightings(x, m, s);
  }
}

static int by_mark_and_day(const void *a, const void *b) {
  const struct sighting *x = a, *y = b;
  if (x->mark != y->mark) return x->mark < y->mark ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

/* Sorts them, and joins those of one mark and day. */
static void sort_sightings(struct marks *x) {
  uint32_t kept = 0;
  if (x->count) qsort(x->sightings, x->count, sizeof *x->sightings, by_mark_and_day);
  for (uint32_t i = 0; i < x->count; i++) {
    const struct sighting *next = &x->sightings[i];
    struct mark *m = mark_at(x, next->mark);
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

void marks_gather(struct marks *ret, const struct history *h, const struct own_mail *own, const struct homes *homes) {
  *ret = (struct marks){.history = h, .own = own, .homes = homes};
  hashmap_init(&ret->by_key, sizeof(struct mark));
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (!is_authenticated(&h->streams[i])) add_stream(ret, &h->streams[i]);
  sort_sightings(ret);
}

void marks_clear(struct marks *x) {
  hashmap_clear(&x->by_key);
  free(x->sightings);
}

bool days_are_dense(const struct sighting *days, uint32_t count, double share, double span_days) {
  for (uint32_t from = 0, to = 0; from < count; from++) {
    while (to < count && days[to].day - days[from].day + 1 < span_days) to++;
    if (to == count) return false;
    if (to - from + 1 >= share * (days[to].day - days[from].day + 1)) return true;
  }
  return false;
}

int64_t days_at_most(const struct sighting *days, uint32_t count, int32_t length) {
  int64_t sum = 0, most = 0;
  for (uint32_t from = 0, to = 0; to < count; to++) {
    sum += days[to].messages;
    while (days[to].day - days[from].day >= length) sum -= days[from++].messages;
    if (sum > most) most = sum;
  }
  return most;
}
