/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what a label takes hold of. */
#include "analysis/labelled.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "verdict/judge_each.h"

struct collecting {
  const struct label *label;
  struct labelled *to;
};

static bool is_same_domain(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* The label as the judgement read it. */
static bool holds(const struct stream *s, const struct label *l) {
  return s->label && ascii_same(s->label->source, l->source) && is_same_domain(s->label->domain, l->domain);
}

static void count_stream(struct labelled_domain *d, const struct stream *s, enum label_verdict verdict) {
  d->streams++;
  d->messages += s->messages;
  if (verdict == LABEL_LEGITIMATE || !stream_is_own(s)) return;
  d->kept_streams++;
  d->kept_messages += s->messages;
}

static int collect_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  const struct collecting *c = user;
  struct labelled *l = c->to;
  struct labelled_domain d = {.verdict = j->verdict, .next = j->next};
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (holds(&h->streams[i], c->label)) count_stream(&d, &h->streams[i], c->label->verdict);
  if (!d.streams) return 0;
  d.name = arena_strdup(l->names, h->domain);
  MEM_GROW(l->domains, l->capacity, l->count);
  l->domains[l->count++] = d;
  return 0;
}

int labelled_collect(const struct inquiry *q, const struct label *label, struct labelled *ret, struct err *e) {
  struct inquiry narrowed = *q;
  struct report_filter filter = *q->filter;
  filter.policy_domain = label->domain;
  narrowed.filter = &filter;
  *ret = (struct labelled){.names = arena_new(1024)};
  struct collecting c = {label, ret};
  return judge_each(&narrowed, collect_domain, &c, e);
}

static int judge_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct labelled *l = user;
  for (unsigned i = 0; i < l->count; i++)
    if (!strcmp(l->domains[i].name, h->domain)) {
      l->domains[i].verdict = j->verdict;
      l->domains[i].next = j->next;
    }
  return 0;
}

int labelled_judge_again(const struct inquiry *q, struct labelled *l, struct err *e) {
  struct inquiry named = *q;
  const char **names = mem_alloc((l->count + 1) * sizeof *names);
  for (unsigned i = 0; i < l->count; i++) names[i] = l->domains[i].name;
  named.domains = names;
  named.domain_count = l->count;
  int code = l->count ? judge_each(&named, judge_domain, l, e) : 0;
  free(names);
  return code;
}

struct labelled_domain labelled_sum(const struct labelled *l) {
  struct labelled_domain sum = {0};
  for (unsigned i = 0; i < l->count; i++) {
    sum.streams += l->domains[i].streams;
    sum.messages += l->domains[i].messages;
    sum.kept_streams += l->domains[i].kept_streams;
    sum.kept_messages += l->domains[i].kept_messages;
  }
  return sum;
}

void labelled_clear(struct labelled *l) {
  free(l->domains);
  arena_free(l->names);
  *l = (struct labelled){0};
}
