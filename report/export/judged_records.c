/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a domain after the other, and hands out the records of each with their streams. */
#include "report/export/judged_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"

/* So many domains are judged one by one; for more, one walk over all histories costs less. */
#define SINGLY_MOST 64

struct domain {
  const char *name;
  bool done;
};

struct walk {
  const struct inquiry *q;
  judged_record_fn *fn;
  void *user;
  struct hashmap places; /* name -> its place in `domains`, uint32_t */
  struct domain *domains;
  uint32_t count, capacity;
  bool has_nameless; /* a report names no policy domain */
  struct arena *arena;
  /* the domain at hand */
  const struct history *history;
  const struct judgement *judgement;
  uint64_t report; /* its number in the walk at hand; 0: none yet */
  uint64_t number; /* and here */
  const char *walked;
  unsigned mode;
};

static void cleanup_walk(struct walk *w) {
  hashmap_clear(&w->places);
  free(w->domains);
  arena_free(w->arena);
}

/* --- which domains ------------------------------------------------------------------------------------------------ */

static int note_domain(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct walk *w = user;
  const char *name = r->header.policy_domain;
  bool is_new;
  if (!name || !*name) w->has_nameless = true;
  if (!name || !*name || (w->count && !strcmp(w->domains[w->count - 1].name, name))) return 0;
  uint32_t *place = hashmap_put(&w->places, name, strlen(name), &is_new);
  if (!is_new) return 0;
  *place = w->count;
  MEM_GROW(w->domains, w->capacity, w->count);
  w->domains[w->count++] = (struct domain){arena_strdup(w->arena, name), false};
  return 0;
}

static struct domain *find_domain(const struct walk *w, const char *name) {
  const uint32_t *place = name ? hashmap_get(&w->places, name, strlen(name)) : NULL;
  return place ? &w->domains[*place] : NULL;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* Numbers tell the reports of all walks apart. */
static int hand_over(struct walk *w, const struct store_report *report, struct judged_record *r, struct err *e) {
  struct store_report numbered = *report;
  if (report->number != w->report) w->number++;
  w->report = report->number;
  numbered.number = w->number;
  r->report = &numbered;
  return w->fn(w->user, r, e);
}

static int hand_out(void *user, const struct store_report *report, const struct feedback_record *r, struct err *e) {
  struct walk *w = user;
  struct judged_record x = {.record = r};
  if (report->number != w->report) {
    const struct feedback_header *h = &report->header;
    w->walked = alignment_walked(h->discovery_method, w->history->domain);
    w->mode = alignment_mode(alignment_is_strict(h->adkim), alignment_is_strict(h->aspf));
  }
  const struct interned source = history_source(w->history, &r->source_ip, r->source_text);
  const struct stream_mark mark = history_mark(w->history, r, w->walked);
  if (source.text) x.stream = history_stream_of(w->history, source, &mark, w->mode);
  if (x.stream) x.judgement = w->judgement;
  return hand_over(w, report, &x, e);
}

static int hand_out_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct walk *w = user;
  struct domain *domain = find_domain(w, h->domain);
  if (!domain || domain->done) return 0;
  struct report_filter narrowed = *w->q->filter;
  narrowed.policy_domain = h->domain;
  w->history = h;
  w->judgement = j;
  w->report = 0;
  domain->done = true;
  return store_each_record(w->q->store, &narrowed, hand_out, w, e);
}

static int hand_out_plain(void *user, const struct store_report *report, const struct feedback_record *r,
                          struct err *e) {
  struct walk *w = user;
  const struct domain *domain = find_domain(w, report->header.policy_domain);
  return domain && domain->done ? 0 : hand_over(w, report, &(struct judged_record){.record = r}, e);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int judge_all(struct walk *w, struct err *e) {
  struct inquiry of_one = *w->q;
  int code = 0;
  if (w->count > SINGLY_MOST) return judge_each(w->q, hand_out_domain, w, e);
  of_one.domain_count = 1;
  for (uint32_t i = 0; i < w->count && !code; i++) {
    of_one.domains = &w->domains[i].name;
    code = judge_each_known(&of_one, hand_out_domain, w, e);
  }
  return code;
}

int judged_records_each(const struct inquiry *q, judged_record_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct walk w = {.q = q, .fn = fn, .user = user, .arena = arena_new(4096)};
  hashmap_init(&w.places, sizeof(uint32_t));
  if (!q->basis) return store_each_record(q->store, q->filter, hand_out_plain, &w, e);
  int code = store_each_report(q->store, q->filter, note_domain, &w, e);
  if (!code) code = judge_all(&w, e);
  bool left = w.has_nameless;
  for (uint32_t i = 0; i < w.count; i++) left |= !w.domains[i].done;
  w.report = 0;
  return code < 0 || !left ? code : store_each_record(q->store, q->filter, hand_out_plain, &w, e);
}
