/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a report that says the same of the same days under another report_id. */
#include "import/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

struct met {
  int64_t begin_s, end_s;
  enum provenance provenance;
  char *report_id;
  uint32_t before; /* number + 1 of another one with the same content; 0: there is none */
};

struct twins {
  struct hashmap last; /* content -> number + 1 of the last one met */
  struct met *items;
  uint32_t count, capacity;
};

struct twins *twins_new(void) {
  struct twins *t = mem_zalloc(sizeof *t);
  hashmap_init(&t->last, sizeof(uint32_t));
  return t;
}

void twins_free(struct twins *t) {
  if (!t) return;
  for (uint32_t i = 0; i < t->count; i++) free(t->items[i].report_id);
  free(t->items);
  hashmap_clear(&t->last);
  free(t);
}

/* One without records, or whose period is not known, says nothing that could be counted twice. */
static bool may_have_twin(const struct feedback_header *h) {
  return !digest_is_none(h->content) && !(h->flags & (FEEDBACK_NO_RECORDS | FEEDBACK_DAMAGED)) &&
         h->begin_s != FEEDBACK_TIME_UNKNOWN && h->end_s >= h->begin_s;
}

void twins_put(struct twins *t, const struct feedback_header *h) {
  if (!may_have_twin(h)) return;
  uint32_t *last = hashmap_put(&t->last, h->content, sizeof h->content, NULL);
  MEM_GROW(t->items, t->capacity, t->count);
  t->items[t->count++] = (struct met){h->begin_s, h->end_s, h->provenance, mem_strdup(h->report_id), *last};
  *last = t->count;
}

/* The next day's report may be the same word for word, where there is a message a day, and may begin in the second in
 * which this one ends. */
static bool is_of_same_days(const struct feedback_header *h, int64_t begin_s, int64_t end_s) {
  const int64_t begin = begin_s > h->begin_s ? begin_s : h->begin_s, end = end_s < h->end_s ? end_s : h->end_s;
  const int64_t one = h->end_s - h->begin_s, other = end_s - begin_s;
  return end >= begin && (one > other ? one : other) <= 2 * (end - begin);
}

static void take(struct twin *ret, int64_t report, enum provenance provenance, const char *report_id) {
  ret->report = report;
  ret->is_found = true;
  ret->provenance = provenance;
  snprintf(ret->report_id, sizeof ret->report_id, "%s", report_id ? report_id : "");
}

struct search {
  const struct feedback_header *header;
  struct twin *twin;
};

static int on_same(void *user, int64_t report, bool pruned, const struct feedback_header *h, struct err *e) {
  (void)e;
  const struct search *x = user;
  if (x->twin->is_found || !is_of_same_days(x->header, h->begin_s, h->end_s)) return 0;
  take(x->twin, report, h->provenance, h->report_id);
  x->twin->pruned = pruned;
  return 0;
}

int twins_find(struct store *store, const struct twins *t, const struct feedback_header *h, struct twin *ret,
               struct err *e) {
  *ret = (struct twin){0};
  if (!may_have_twin(h)) return 0;
  const uint32_t *last = t ? hashmap_get(&t->last, h->content, sizeof h->content) : NULL;
  for (uint32_t i = last ? *last : 0; i && !ret->is_found; i = t->items[i - 1].before) {
    const struct met *met = &t->items[i - 1];
    if (is_of_same_days(h, met->begin_s, met->end_s)) take(ret, 0, met->provenance, met->report_id);
  }
  if (!store || ret->is_found) return 0;
  /* Half of its period, which is at most twice as long, is within this one. */
  const int64_t length = h->end_s - h->begin_s;
  struct search x = {h, ret};
  return store_each_same(store, h->content, h->begin_s - length, h->end_s, on_same, &x, e);
}
