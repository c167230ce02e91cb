/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what was found of each domain, with its words, and puts it in order. */
#include "report/finding_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "report/words.h"

typedef void tell_fn(const struct concern *c, struct strbuf *out);

static const char *told(struct arena *arena, const struct concern *c, tell_fn *tell) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  tell(c, &text);
  return arena_strdup(arena, strbuf_text(&text));
}

void finding_list_keep(struct arena *arena, const struct concern *c, struct listed_finding *ret) {
  *ret = (struct listed_finding){.concern = *c,
                                 .title = told(arena, c, concern_name),
                                 .text = told(arena, c, concern_tell),
                                 .advice = c->state == CONCERN_GONE ? NULL : told(arena, c, concern_advise)};
  identity_id(&c->identity, ret->id);
  struct concern *kept = &ret->concern;
  kept->domain = arena_strdup(arena, c->domain);
  kept->subject = arena_strdup(arena, c->subject);
  kept->source = arena_strdup(arena, c->source);
  kept->joined.source = NULL;
  kept->finding = NULL;
  kept->incident = NULL;
  kept->change = NULL;
  kept->suspect = NULL;
  kept->record = kept->error = NULL;
  kept->label = NULL;
}

static void keep(struct finding_list *l, const struct concern *c) {
  MEM_GROW(l->items, l->capacity, l->count);
  finding_list_keep(l->arena, c, &l->items[l->count++]);
}

/* concerns_fn */
static int take(void *user, const struct concerned_domain *d, struct err *e) {
  (void)e;
  struct finding_list *l = user;
  if (*d->domain) {
    MEM_GROW(l->names, l->name_capacity, l->domains);
    l->names[l->domains++] = arena_strdup(l->arena, d->domain);
  }
  if (d->judgement) l->verdicts[d->judgement->verdict]++;
  l->left_out += d->left_out;
  if (d->left_out || (d->judgement && d->judgement->verdict == VERDICT_STALE))
    hashmap_put(&l->held, d->domain, strlen(d->domain), NULL);
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

/* --- what several domains have in common -------------------------------------------------------------------------- */

/* Not where it is about the domain itself: policies and verdicts change for each of their own. */
static bool may_be_shared(const struct concern *c) {
  return (concern_is_due(c->state) || c->state == CONCERN_TOLD) && *c->domain && *c->subject &&
         strcmp(c->subject, c->domain) != 0;
}

/* Those with one kind and subject, as far as they have come: the first and the last of them. */
struct row {
  unsigned head, last;
};

static struct row *row_of(struct hashmap *rows, const struct concern *c, bool *ret_is_new) {
  const struct identity same = concern_identity(c->kind, "", c->subject);
  return hashmap_put(rows, same.bytes, sizeof same.bytes, ret_is_new);
}

static void join_row(struct finding_list *l, struct row *row, unsigned place) {
  l->items[place].head = row->head;
  l->items[row->head].domains++;
  l->items[row->last].next = place;
}

static void find_shared(struct finding_list *l) {
  _cleanup_hashmap_ struct hashmap rows;
  hashmap_init(&rows, sizeof(struct row));
  for (unsigned i = 0; i < l->count; i++) {
    struct listed_finding *f = &l->items[i];
    bool is_new;
    f->head = i;
    f->next = 0;
    f->domains = 1;
    if (!may_be_shared(&f->concern)) continue;
    struct row *row = row_of(&rows, &f->concern, &is_new);
    if (is_new)
      row->head = i;
    else
      join_row(l, row, i);
    row->last = i;
  }
  for (unsigned i = 0; i < l->count; i++) l->items[i].domains = l->items[l->items[i].head].domains;
}

int finding_list_gather(const struct inquiry *q, const struct acknowledgements *a, struct finding_list *ret,
                        struct err *e) {
  *ret = (struct finding_list){.arena = arena_new(16 * 1024)};
  hashmap_init(&ret->held, sizeof(char));
  const bool is_narrowed = q->domain_count || q->filter->domains;
  int code = concerns_each(q, a, take, ret, e);
  if (!code && !is_narrowed) code = concerns_of_machine(q, a, take, ret, e);
  if (!code) join_silence(ret, q, a);
  if (!code && ret->count) qsort(ret->items, ret->count, sizeof *ret->items, in_order);
  find_shared(ret);
  return code;
}

void finding_list_narrow(const struct finding_list *l, finding_wanted_fn *is_wanted, const void *user,
                         const struct listed_finding *beside, unsigned beside_count, struct finding_list *ret) {
  *ret = (struct finding_list){.items = mem_alloc((l->count + beside_count + 1) * sizeof *l->items)};
  bool is_in_order = !beside_count;
  for (unsigned i = 0; i < l->count; i++) {
    struct listed_finding *f = &ret->items[ret->count];
    *f = l->items[i];
    ret->count += is_wanted(user, &f->concern);
    is_in_order = is_in_order && f->concern.state == l->items[i].concern.state;
  }
  for (unsigned i = 0; i < beside_count; i++) ret->items[ret->count++] = beside[i];
  if (!is_in_order) qsort(ret->items, ret->count, sizeof *ret->items, in_order);
  find_shared(ret);
}

bool finding_list_holds(const struct finding_list *l, const char *domain) {
  return l->held.count && hashmap_get(&l->held, domain, strlen(domain));
}

void finding_list_clear(struct finding_list *l) {
  free(l->items);
  free(l->names);
  hashmap_clear(&l->held);
  arena_free(l->arena);
  *l = (struct finding_list){0};
}

void finding_add_domains(const struct listed_finding *f, struct strbuf *out) {
  if (!*f->concern.domain) return;
  strbuf_add_text(out, f->concern.domain);
  if (f->domains > 1) {
    strbuf_add_text(out, " and ");
    figure_count(out, f->domains - 1, "more domain");
  }
  strbuf_add_text(out, ": ");
}

unsigned finding_list_due(const struct finding_list *l) {
  unsigned due = 0;
  while (due < l->count && concern_is_due(l->items[due].concern.state)) due++;
  return due;
}

unsigned finding_list_heads(const struct finding_list *l, unsigned due) {
  unsigned heads = 0;
  for (unsigned i = 0; i < due; i++) heads += l->items[i].head == i;
  return heads;
}
