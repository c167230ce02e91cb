/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what was found of each domain, with its words, and puts it in order. */
#include "report/finding_list.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "report/words.h"

typedef void tell_fn(const struct concern *c, struct strbuf *out);

static const char *told(struct arena *arena, const struct concern *c, tell_fn *tell) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  tell(c, &text);
  return arena_strdup(arena, strbuf_text(&text));
}

static void keep(struct finding_list *l, const struct concern *c) {
  MEM_GROW(l->items, l->capacity, l->count);
  struct listed_finding *f = &l->items[l->count++];
  *f = (struct listed_finding){.concern = *c,
                               .title = told(l->arena, c, concern_name),
                               .text = told(l->arena, c, concern_tell),
                               .advice = c->state == CONCERN_GONE ? NULL : told(l->arena, c, concern_advise)};
  identity_id(&c->identity, f->id);
  struct concern *kept = &f->concern;
  kept->domain = arena_strdup(l->arena, c->domain);
  kept->subject = arena_strdup(l->arena, c->subject);
  kept->source = arena_strdup(l->arena, c->source);
  kept->joined.source = NULL;
  kept->finding = NULL;
  kept->incident = NULL;
  kept->change = NULL;
  kept->suspect = NULL;
  kept->record = kept->error = NULL;
}

/* concerns_fn */
static int take(void *user, const struct concerned_domain *d, struct err *e) {
  (void)e;
  struct finding_list *l = user;
  l->domains += *d->domain != '\0';
  l->left_out += d->left_out;
  for (unsigned i = 0; i < d->count; i++) keep(l, &d->concerns[i]);
  return 0;
}

static bool is_silence(const struct listed_finding *f) {
  return f->concern.kind == CONCERN_REPORTS_STALE && f->concern.state != CONCERN_GONE;
}

/* An import that has stopped is one thing to do, however many domains are heard of by it. */
static void join_silence(struct finding_list *l, const struct inquiry *q, const struct acknowledgements *a) {
  unsigned silent = 0, kept = 0;
  struct concern last = {.first_day = INT32_MIN};
  for (unsigned i = 0; i < l->count; i++) {
    if (!is_silence(&l->items[i])) continue;
    silent++;
    if (l->items[i].concern.first_day > last.first_day) last = l->items[i].concern;
  }
  if (silent < 2 || silent < l->domains) return;
  for (unsigned i = 0; i < l->count; i++)
    if (!is_silence(&l->items[i])) l->items[kept++] = l->items[i];
  l->count = kept;
  const struct concern all = concern_of_silence(q, a, &last);
  keep(l, &all);
}

static int in_order(const void *a, const void *b) {
  return concern_compare(&((const struct listed_finding *)a)->concern, &((const struct listed_finding *)b)->concern);
}

int finding_list_gather(const struct inquiry *q, const struct acknowledgements *a, struct finding_list *ret,
                        struct err *e) {
  *ret = (struct finding_list){.arena = arena_new(16 * 1024)};
  const bool is_narrowed = q->domain_count || q->filter->domains;
  int code = concerns_each(q, a, take, ret, e);
  if (!code && !is_narrowed) code = concerns_of_machine(q, a, take, ret, e);
  if (!code) join_silence(ret, q, a);
  if (!code && ret->count) qsort(ret->items, ret->count, sizeof *ret->items, in_order);
  return code;
}

void finding_list_clear(struct finding_list *l) {
  free(l->items);
  arena_free(l->arena);
  *l = (struct finding_list){0};
}

unsigned finding_list_due(const struct finding_list *l) {
  unsigned due = 0;
  while (due < l->count && concern_is_due(l->items[due].concern.state)) due++;
  return due;
}
