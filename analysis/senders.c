/* SPDX-License-Identifier: Apache-2.0 */
/* Adds streams up by who is behind them, and by whose mail it is. */
#include "analysis/senders.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"

/* As many days as the picture of all mail has. */
#define TREND_DAYS DOMAIN_MAIL_DAYS

struct sender_key {
  struct interned who; /* texts of different sorts are different texts */
  enum mail_whose whose;
  uint32_t unused; /* keys are compared as bytes */
};

struct gathering {
  const struct history *h;
  const struct domain_mail *mail;
  bool is_narrowed;
  struct senders *out;
  struct hashmap index; /* struct sender_key -> struct sender */
};

/* --- what counts -------------------------------------------------------------------------------------------------- */

struct counted {
  int64_t messages, passed, judged;
};

static struct counted counted_of(const struct gathering *g, const struct stream *s) {
  const struct tally *t = &g->mail->tallies[s - g->h->streams];
  if (g->is_narrowed) return (struct counted){t->messages, tally_passed(t), tally_evaluated(t)};
  if (s->dormant) return (struct counted){0};
  return (struct counted){s->window_messages, s->window_passed, stream_judged(s)};
}

/* --- the trend ---------------------------------------------------------------------------------------------------- */

static void choose_trend(struct gathering *g) {
  const int32_t end = utc_day_of(g->mail->judgement->window_end_s - 1);
  int32_t first = end - TREND_DAYS + 1;
  const int32_t heard = g->h->report_count ? g->h->reports[0].day : end;
  if (heard > first && heard <= end) first = heard;
  g->out->point_days = (end - first) / SENDER_TREND_MOST + 1;
  g->out->points = (end - first) / g->out->point_days + 1;
  g->out->trend_day = end - g->out->points * g->out->point_days + 1; /* whole points */
}

static void add_days(const struct gathering *g, const struct stream *s, struct sender *sender) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    const int32_t day = s->days[i].day;
    const int32_t point = (day - g->out->trend_day) / g->out->point_days;
    if (day < sender->first_day) sender->first_day = day;
    if (day > sender->last_day) sender->last_day = day;
    if (day >= g->out->trend_day && point < g->out->points) sender->trend[point] += s->days[i].messages;
  }
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

/* Its addresses come in any order, and one may have several streams. */
static void add_address(struct sender *sender, const struct stream *s, int64_t messages, struct hashmap *met) {
  const struct {
    const struct sender *sender;
    struct interned source;
  } key = {sender, s->source};
  bool is_new;
  int64_t *of_address = hashmap_put(met, &key, sizeof key, &is_new);
  sender->addresses += is_new;
  *of_address += messages;
  if (*of_address <= sender->of_example) return;
  sender->of_example = *of_address;
  sender->example = s->source.text ? s->source.text : "";
}

/* Who is behind mail of somebody else's is told by what it proves of itself, before the network it shares with others:
 * a list and a forwarder may stand side by side. */
static struct sender_key key_of(const struct stream *s) {
  const enum mail_whose whose = mail_whose_of(s->class, PASSED_BOTH);
  const bool is_foreign = whose != MAIL_OWN_PASSING && !s->service && s->identity.text;
  return (struct sender_key){is_foreign ? s->identity : s->site.text ? s->site : s->source, whose, 0};
}

static void list_senders(struct gathering *g) {
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!counted_of(g, s).messages) continue;
    const struct sender_key key = key_of(s);
    bool is_new;
    struct sender *sender = hashmap_put(&g->index, &key, sizeof key, &is_new);
    if (is_new)
      *sender = (struct sender){.name = s->service ? s->service->name : key.who.text,
                                .example = "",
                                .whose = key.whose,
                                .first_day = INT32_MAX,
                                .last_day = INT32_MIN};
  }
}

static void add_up(struct gathering *g) {
  _cleanup_hashmap_ struct hashmap met;
  hashmap_init(&met, sizeof(int64_t));
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    const struct sender_key key = key_of(s);
    struct sender *sender = hashmap_get(&g->index, &key, sizeof key);
    if (!sender) continue;
    const struct counted c = counted_of(g, s);
    add_days(g, s, sender); /* also of what is silent in the window: since when it is known */
    if (!c.messages) continue;
    sender->messages += c.messages;
    sender->passed += c.passed;
    sender->judged += c.judged;
    add_address(sender, s, c.messages, &met);
  }
}

static int in_order(const void *a, const void *b) {
  const struct sender *x = a, *y = b;
  if (x->whose != y->whose) return x->whose < y->whose ? -1 : 1;
  if (x->messages != y->messages) return x->messages < y->messages ? 1 : -1;
  return strcmp(x->name, y->name);
}

void senders_find(const struct history *h, const struct domain_mail *mail, bool is_narrowed, struct senders *ret) {
  *ret = (struct senders){0};
  struct gathering g = {h, mail, is_narrowed, ret, {0}};
  hashmap_init(&g.index, sizeof(struct sender));
  choose_trend(&g);
  list_senders(&g);
  add_up(&g);
  ret->count = g.index.count;
  ret->items = mem_alloc((ret->count + 1) * sizeof *ret->items);
  for (uint32_t i = 0; i < ret->count; i++) ret->items[i] = *(const struct sender *)hashmap_value_at(&g.index, i);
  qsort(ret->items, ret->count, sizeof *ret->items, in_order);
  hashmap_clear(&g.index);
}

void senders_clear(struct senders *s) {
  free(s->items);
  *s = (struct senders){0};
}

const struct sender *senders_of(const struct senders *s, enum mail_whose whose, uint32_t *ret_count,
                                struct sender *ret_sum) {
  const struct sender *first = NULL;
  *ret_count = 0;
  *ret_sum = (struct sender){.name = "", .example = "", .whose = whose, .first_day = INT32_MAX, .last_day = INT32_MIN};
  for (uint32_t i = 0; i < s->count; i++) {
    const struct sender *x = &s->items[i];
    if (x->whose != whose) continue;
    if (!first) first = x;
    ++*ret_count;
    ret_sum->messages += x->messages;
    ret_sum->passed += x->passed;
    ret_sum->judged += x->judged;
    ret_sum->addresses += x->addresses;
  }
  return first;
}
