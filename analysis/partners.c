/* SPDX-License-Identifier: Apache-2.0 */
/* Adds the mail of the judged window up by the recipients' domain. */
#include "analysis/partners.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/outcome.h"
#include "base/utc.h"
#include "verdict/judged_mail.h"

struct partner_fold {
  struct mail_fold mail;
  const struct judgement *judgement;
  struct hashmap numbers; /* name with its NUL, nothing for what is not told -> its place in items + 1 */
  struct partner *items;
  uint32_t count, capacity;
  struct arena *names;
};

static void read_pattern(struct mail_fold *f, const struct judged_mail *mail, const struct feedback_record *pattern,
                         void *ret) {
  (void)f, (void)mail;
  *(bool *)ret = outcome_passes(record_outcome(pattern));
}

static struct partner *find(struct partner_fold *p, const char *name) {
  bool is_new;
  uint32_t *number = hashmap_put(&p->numbers, name ? name : "", name ? strlen(name) + 1 : 0, &is_new);
  if (!is_new) return &p->items[*number];
  MEM_GROW(p->items, p->capacity, p->count);
  p->items[p->count] = (struct partner){.name = arena_strdup(p->names, name)};
  return &p->items[*number = p->count++];
}

static bool is_strangers(const struct stream *s) {
  return s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNAUTHORISED || s->class == CLASS_IGNORED;
}

static void add(struct mail_fold *f, const struct judged_mail *mail, const void *pattern) {
  struct partner_fold *p = (struct partner_fold *)f;
  struct partner *partner = find(p, mail->envelope_to);
  const bool fails = !*(const bool *)pattern && !mail->has_no_verdict;
  partner->messages += mail->count;
  if (stream_is_own(mail->stream) && !mail->has_no_verdict) {
    partner->own += mail->count;
    if (fails) partner->own_failing += mail->count;
  }
  if (fails && p->judgement->next != POLICY_UNKNOWN && !is_strangers(mail->stream) &&
      judgement_covers(p->judgement, mail->stream))
    partner->lost += mail->count;
}

/* --- a domain ----------------------------------------------------------------------------------------------------- */

struct walk {
  const struct inquiry *q;
  partners_fn *fn;
  void *user;
};

static int compare_partners(const void *left, const void *right) {
  const struct partner *a = left, *b = right;
  if (a->messages != b->messages) return a->messages < b->messages ? 1 : -1;
  if (!a->name || !b->name) return a->name ? -1 : b->name ? 1 : 0;
  return strcmp(a->name, b->name);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct walk *w = user;
  const int64_t begin_s = utc_later(w->q->filter->since_s, j->window_begin_s);
  const int64_t end_s = utc_earlier(w->q->filter->until_s, j->window_end_s);
  const double days = (double)(end_s - begin_s) / UTC_DAY_S;
  struct partner_fold fold = {
      .mail = {.pattern_bytes = sizeof(bool), .read_pattern = read_pattern, .add = add, .with_envelope_to = true},
      .judgement = j,
      .names = arena_new(4096)};
  struct mail_fold *const folds[] = {&fold.mail};
  hashmap_init(&fold.numbers, sizeof(uint32_t));
  int code = judged_mail_each(w->q, h, begin_s, end_s, folds, 1, e);
  if (fold.count) qsort(fold.items, fold.count, sizeof *fold.items, compare_partners);
  if (!code) code = w->fn(w->user, &(struct partners){j, days < 1 ? 1 : days, fold.items, fold.count}, e);
  hashmap_clear(&fold.numbers);
  free(fold.items);
  arena_free(fold.names);
  return code;
}

int partners_each(const struct inquiry *q, partners_fn *fn, void *user, struct err *e) {
  struct walk w = {q, fn, user};
  return judge_each(q, on_domain, &w, e);
}
