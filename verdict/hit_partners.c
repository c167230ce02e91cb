/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a blocker hits most: the recipients' domain with most of its mail, where reporters tell it. A history keeps no
 * recipients, so the records of the judged window are read once more, and only for a domain that has blockers. */
#include "verdict/hit_partners.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/figure.h"
#include "base/hashmap.h"
#include "base/outcome.h"
#include "base/utc.h"
#include "verdict/judged_mail.h"
#include "verdict/judging.h"

struct hits {
  struct mail_fold mail;
  const struct history *history;
  const struct findings *list;
  uint64_t *by_stream;                      /* of findings_by_stream */
  struct hashmap of_finding[MOST_FINDINGS]; /* recipients' domain with its NUL -> int64_t messages */
};

static void read_pattern(struct mail_fold *f, const struct judged_mail *mail, const struct feedback_record *pattern,
                         void *ret) {
  (void)f, (void)mail;
  *(bool *)ret = outcome_passes(record_outcome(pattern));
}

/* Is the record of the kind that the finding counts? */
static bool counts(const struct finding *f, const struct judged_mail *mail, bool passes) {
  if (f->is_of_all) return true;
  if (f->cause == CAUSE_RECEIVER_DNS) return mail->is_unchecked;
  return f->passes ? passes : !passes && !mail->has_no_verdict;
}

static void add(struct mail_fold *f, const struct judged_mail *mail, const void *pattern) {
  struct hits *x = (struct hits *)f;
  if (!mail->envelope_to) return;
  uint64_t rest = x->by_stream[mail->stream - x->history->streams];
  for (; rest; rest &= rest - 1) {
    const unsigned k = first_finding(rest);
    if (!counts(&x->list->items[k], mail, *(const bool *)pattern)) continue;
    int64_t *messages = hashmap_put(&x->of_finding[k], mail->envelope_to, strlen(mail->envelope_to) + 1, NULL);
    *messages += mail->count;
  }
}

/* Reports that the figures leave out may tell of more than the finding counts. */
static void name_largest(struct history *h, struct finding *f, const struct hashmap *messages, double days) {
  const char *largest = NULL;
  for (uint32_t i = 0; i < messages->count; i++) {
    const char *name = hashmap_key_at(messages, i, NULL);
    const int64_t *n = hashmap_value_at(messages, i);
    if (*n < f->partner_messages || (*n == f->partner_messages && (!largest || strcmp(name, largest) > 0))) continue;
    largest = name;
    f->partner_messages = *n;
  }
  f->partner = arena_strdup(h->arena, largest);
  if (f->partner_messages > f->messages) f->partner_messages = f->messages;
  f->partner_per_week = figure_per_day((double)f->partner_messages * 7, days);
}

int find_hit_partners(const struct inquiry *q, struct history *h, struct judgement *j, struct err *e) {
  struct findings *list = &j->blockers;
  if (!list->count || !h->has_recipients) return 0;
  struct hits x = {
      .mail = {.pattern_bytes = sizeof(bool), .read_pattern = read_pattern, .add = add, .with_envelope_to = true},
      .history = h,
      .list = list,
      .by_stream = findings_by_stream(h, list)};
  struct mail_fold *const folds[] = {&x.mail};
  const struct report_filter all = REPORT_FILTER_ALL; /* as the judgement, whatever else is counted */
  struct inquiry whole = *q;
  whole.filter = &all;
  const double days = fmax((double)(j->window_end_s - j->window_begin_s) / UTC_DAY_S, 1);
  for (unsigned k = 0; k < list->count; k++) hashmap_init(&x.of_finding[k], sizeof(int64_t));
  int code = judged_mail_each(&whole, h, j->window_begin_s, j->window_end_s, folds, 1, e);
  for (unsigned k = 0; k < list->count; k++) {
    if (!code) name_largest(h, &list->items[k], &x.of_finding[k], days);
    hashmap_clear(&x.of_finding[k]);
  }
  free(x.by_stream);
  return code;
}
