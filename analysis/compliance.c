/* SPDX-License-Identifier: Apache-2.0 */
/* Holds each message of the owner's against the bar for bulk senders, and adds up by source. */
#include "analysis/compliance.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/bar.h"
#include "analysis/period.h"
#include "base/cleanup.h"
#include "base/utc.h"

struct compliance_fold {
  struct mail_fold mail;
  const struct history *h;
  struct compliance c;
  struct arena *arena;
  struct hashmap sources;   /* name -> struct source_sum */
  uint32_t *of_stream;      /* by the stream's place in the history: the number of its source, from 1; 0: not met */
  struct hashmap addresses; /* number, address -> nothing */
  struct hashmap days;      /* struct volume_day -> int64_t messages */
  uint64_t report;          /* number of the one at hand */
  enum compliance_receiver receiver;
};

struct volume_day {
  int32_t receiver, day;
};

struct source_sum {
  struct compliance_source source;
  uint32_t number;
  int64_t by_class[CLASS_IGNORED + 1];
  int64_t signatures_failing[FAILURE_CAUSES]; /* messages by cause */
  int64_t spf_domain_messages;                /* in favour of the source's spf_domain (majority vote) */
};

static void read_pattern(struct mail_fold *fold, const struct judged_mail *mail, const struct feedback_record *r,
                         void *ret) {
  (void)mail;
  struct compliance_fold *f = (struct compliance_fold *)fold;
  struct bar *b = ret;
  bar_read(r, b);
  b->spf_domain = arena_strdup(f->arena, b->spf_domain);
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static bool is_judged(const struct stream *s) { return stream_is_own(s) || s->class == CLASS_UNDECIDED; }

static void add_mail(struct compliance_mail *mail, const struct bar *b, int64_t count) {
  mail->messages += count;
  if (b->spf) mail->spf += count;
  if (b->dkim) mail->dkim += count;
  if (b->aligned) mail->aligned += count;
  if (b->spf && b->dkim && b->aligned) mail->bulk += count;
  if (b->aligned && !(b->spf && b->dkim)) mail->short_of += count;
  for (int i = 0; i < MISSES; i++)
    if (b->misses[i]) mail->misses[i] += count;
}

static uint32_t find_source(struct compliance_fold *f, const struct stream *s) {
  bool is_new;
  const char *name = s->service ? s->service->name : s->source.text;
  struct source_sum *sum = hashmap_put(&f->sources, name, strlen(name) + 1, &is_new);
  if (is_new) {
    sum->source = (struct compliance_source){.name = name, .service = s->service};
    sum->number = f->sources.count - 1;
  }
  const struct {
    struct interned address;
    uint64_t source;
  } key = {s->source, sum->number};
  hashmap_put(&f->addresses, &key, sizeof key, &is_new);
  if (is_new) sum->source.addresses++;
  return sum->number;
}

static struct source_sum *source_of(struct compliance_fold *f, const struct stream *s) {
  uint32_t *number = &f->of_stream[s - f->h->streams];
  if (!*number) *number = find_source(f, s) + 1;
  return hashmap_value_at(&f->sources, *number - 1);
}

/* Boyer and Moore's majority: one name is kept, whatever strangers write. */
static void vote_for_spf_domain(struct source_sum *sum, const char *domain, int64_t count) {
  struct compliance_source *s = &sum->source;
  if (!domain) return;
  if (s->spf_domain && !strcmp(s->spf_domain, domain)) {
    sum->spf_domain_messages += count;
  } else if (!s->spf_domain || sum->spf_domain_messages < count) {
    s->spf_domain = domain;
    sum->spf_domain_messages = count;
  } else {
    sum->spf_domain_messages -= count;
  }
}

static void add_to_source(struct compliance_fold *f, const struct judged_mail *m, const struct bar *b) {
  struct source_sum *sum = source_of(f, m->stream);
  add_mail(&sum->source.mail, b, m->count);
  add_mail(&f->c.mail, b, m->count);
  sum->by_class[m->stream->class] += m->count;
  if (b->misses[MISS_DKIM]) sum->signatures_failing[m->stream->signature_cause] += m->count;
  if (b->misses[MISS_SPF]) vote_for_spf_domain(sum, b->spf_domain, m->count);
}

static void add_to_volume(struct compliance_fold *f, const struct judged_mail *m) {
  const unsigned no_day = FEEDBACK_PERIOD_LONG | FEEDBACK_PERIOD_REVERSED | FEEDBACK_PERIOD_UNREADABLE;
  if (f->report != m->report->number) {
    f->report = m->report->number;
    f->receiver = m->report->flags & no_day ? RECEIVERS : compliance_receiver_of(m->report->org_name);
  }
  if (f->receiver == RECEIVERS) return;
  const struct volume_day key = {(int32_t)f->receiver, m->day};
  *(int64_t *)hashmap_put(&f->days, &key, sizeof key, NULL) += m->count;
}

static bool has_no_verdict(const struct judged_mail *m, const struct bar *b) {
  return m->has_no_verdict || b->unchecked;
}

static void add(struct mail_fold *fold, const struct judged_mail *m, const void *pattern) {
  struct compliance_fold *f = (struct compliance_fold *)fold;
  struct compliance *c = &f->c;
  int64_t begin_s = utc_from_day(m->day);
  if (c->begin_s == FILTER_OPEN_BEGIN) c->begin_s = begin_s; /* mail comes by its day */
  if (is_judged(m->stream)) add_to_volume(f, m);
  if (begin_s < c->begin_s || begin_s >= c->end_s) return;
  if (is_judged(m->stream) && has_no_verdict(m, pattern))
    c->without_verdict += m->count;
  else if (is_judged(m->stream))
    add_to_source(f, m, pattern);
  else if (m->stream->class == CLASS_FORWARDER || m->stream->class == CLASS_FORWARDER_MODIFIED)
    c->forwarded += m->count;
  else
    c->foreign += m->count;
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

static void choose_class(struct source_sum *sum) {
  for (int i = CLASS_OWN; i <= CLASS_IGNORED; i++)
    if (sum->by_class[i] > sum->by_class[sum->source.class]) sum->source.class = (enum stream_class)i;
}

static void sum_volumes(struct compliance_fold *f) {
  for (uint32_t i = 0; i < f->days.count; i++) {
    const struct volume_day *key = hashmap_key_at(&f->days, i, NULL);
    struct compliance_volume *v = &f->c.volumes[key->receiver];
    int64_t messages = *(int64_t *)hashmap_value_at(&f->days, i);
    v->days++;
    if (messages > v->most || v->days == 1) {
      v->most = messages;
      v->most_day = key->day;
    }
    if (messages <= COMPLIANCE_BULK_MESSAGES) continue;
    v->bulk_days++;
    if (key->day > v->last_bulk_day) v->last_bulk_day = key->day;
  }
}

static int by_messages(const void *a, const void *b) {
  const struct compliance_source *x = a, *y = b;
  if (x->mail.messages != y->mail.messages) return x->mail.messages < y->mail.messages ? 1 : -1;
  return strcmp(x->name, y->name);
}

static void fold_free(struct mail_fold *fold) {
  struct compliance_fold *f = (struct compliance_fold *)fold;
  free(f->c.sources);
  free(f->of_stream);
  hashmap_clear(&f->sources);
  hashmap_clear(&f->addresses);
  hashmap_clear(&f->days);
  arena_free(f->arena);
  free(f);
}

struct mail_fold *compliance_fold_new(const struct report_filter *filter, const struct history *h,
                                      const struct judgement *j) {
  struct compliance_fold *f = mem_alloc(sizeof *f);
  struct period period = period_asked(filter, j);
  *f = (struct compliance_fold){
      .mail = {.pattern_bytes = sizeof(struct bar), .read_pattern = read_pattern, .add = add, .free = fold_free},
      .h = h,
      .c = {.judgement = j, .begin_s = period.begin_s, .end_s = period.end_s},
      .arena = arena_new(16 * 1024),
      .of_stream = mem_zalloc((h->stream_count + 1) * sizeof *f->of_stream)};
  hashmap_init(&f->sources, sizeof(struct source_sum));
  hashmap_init(&f->addresses, 0);
  hashmap_init(&f->days, sizeof(int64_t));
  return &f->mail;
}

const struct compliance *compliance_fold_end(struct mail_fold *fold) {
  struct compliance_fold *f = (struct compliance_fold *)fold;
  struct compliance *c = &f->c;
  c->sources = mem_alloc((f->sources.count + 1) * sizeof *c->sources);
  for (; c->source_count < f->sources.count; c->source_count++) {
    struct source_sum *sum = hashmap_value_at(&f->sources, c->source_count);
    choose_class(sum);
    sum->source.signature_cause = main_cause(sum->signatures_failing);
    c->sources[c->source_count] = sum->source;
  }
  qsort(c->sources, c->source_count, sizeof *c->sources, by_messages);
  sum_volumes(f);
  return c;
}

struct compliance_walk {
  const struct inquiry *q;
  compliance_fn *fn;
  void *user;
};

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct compliance_walk *w = user;
  struct mail_fold *fold = compliance_fold_new(w->q->filter, h, j);
  int code = judged_mail_each(w->q, h, FILTER_OPEN_BEGIN, j->window_end_s, &fold, 1, e);
  if (!code) code = w->fn(w->user, compliance_fold_end(fold), e);
  mail_fold_free(fold);
  return code;
}

int compliance_each(const struct inquiry *q, compliance_fn *fn, void *user, struct err *e) {
  struct compliance_walk w = {q, fn, user};
  return judge_each(q, on_domain, &w, e);
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

/* A miss that fewer messages have is no matter of how the source is set up (own). */
#define MISS_SHARE 0.01

unsigned compliance_misses(const struct compliance_mail *mail, enum compliance_miss ret[MISSES]) {
  unsigned n = 0;
  for (int i = 0; i < MISSES; i++) {
    if (!mail->misses[i] || (double)mail->misses[i] < MISS_SHARE * (double)mail->messages) continue;
    unsigned at = n++;
    for (; at > 0 && mail->misses[ret[at - 1]] < mail->misses[i]; at--) ret[at] = ret[at - 1];
    ret[at] = (enum compliance_miss)i;
  }
  return n;
}
