/* SPDX-License-Identifier: Apache-2.0 */
/* Own mail that receivers could not check for want of an answer from the DNS (RFC 9989 5.3.6: it neither passes nor
 * fails). One receiver's resolver fails alone; where several have no answer on the same days, they asked the same name
 * server, and that is the sender's. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "verdict/judging.h"

struct told {
  uint32_t reporter;
  int32_t day;
};

static int by_day(const void *a, const void *b) {
  const struct told *x = a, *y = b;
  return (x->day > y->day) - (x->day < y->day);
}

/* Once for each reporter and day with such mail; `messages` of each reporter. */
static struct told *gather(const struct history *h, const struct judgement *j, int64_t *messages, uint32_t *ret_count) {
  const int32_t begin = utc_day_of(j->window_begin_s), end = utc_day_of(j->window_end_s - 1);
  _cleanup_hashmap_ struct hashmap met; /* set of struct told */
  hashmap_init(&met, sizeof(struct told));
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    for (size_t k = r->first_record; r->day >= begin && r->day <= end && k < r->end_record; k++) {
      bool passes;
      const struct stream *s = history_record_stream(h, k, &passes);
      if (!stream_is_own(s) || !judgement_covers(j, s) || !history_record_is_unchecked(h, k)) continue;
      const struct told told = {r->reporter, r->day};
      *(struct told *)hashmap_put(&met, &told, sizeof told, NULL) = told;
      messages[r->reporter] += h->records[k].count;
    }
  }
  struct told *list = mem_alloc((met.count + 1) * sizeof *list);
  for (uint32_t i = 0; i < met.count; i++) list[i] = *(struct told *)hashmap_value_at(&met, i);
  *ret_count = met.count;
  return list;
}

static void count_days(const struct told *list, uint32_t count, struct dns_trouble *ret) {
  for (uint32_t i = 0, end; i < count; i = end) {
    for (end = i; end < count && list[end].day == list[i].day;) end++;
    ret->days++;
    ret->shared_days += end - i > 1;
  }
}

static void find_trouble(const struct history *h, const struct judgement *j, struct dns_trouble *ret) {
  _cleanup_free_ int64_t *messages = mem_zalloc((h->reporter_count + 1) * sizeof *messages);
  uint32_t count, most = 0;
  _cleanup_free_ struct told *list = gather(h, j, messages, &count);
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    ret->reporters += messages[i] > 0;
    if (messages[i] > messages[most]) most = i;
  }
  if (count) qsort(list, count, sizeof *list, by_day);
  count_days(list, count, ret);
  ret->reporter = ret->reporters ? h->reporters[most] : "";
}

/* Two receivers may have trouble on the same day by chance; the sender's name server is behind most of its days. */
static bool is_senders(const struct dns_trouble *t) { return t->shared_days > 1 && 2 * t->shared_days > t->days; }

static const char *word(struct arena *arena, const struct judgement *j) {
  const struct dns_trouble *t = &j->dns_trouble;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (is_senders(t)) {
    strbuf_printf(&text, "%u receivers had no answer from the DNS, on ", t->reporters);
    figure_count(&text, t->shared_days, "day");
    strbuf_printf(
        &text,
        " several at once: it is not the mail, but look at the name servers of %s, of its keys and of what its "
        "SPF record includes",
        j->domain);
  } else if (t->reporters == 1 && *t->reporter) {
    strbuf_printf(&text, "nothing to repair at the sender: the resolver of %s had no answer from the DNS", t->reporter);
  } else {
    strbuf_add_text(&text,
                    "nothing to repair at the sender: receivers had no answer from the DNS, each on days of its own");
  }
  return arena_strdup(arena, strbuf_text(&text));
}

/* Why it blocks all the same. */
static void word_blockers(struct arena *arena, struct judgement *j) {
  for (unsigned i = 0; i < j->blockers.count; i++) {
    struct finding *f = &j->blockers.items[i];
    if (f->cause != CAUSE_RECEIVER_DNS) continue;
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s; so much of it counts as not passing, because nobody knows that it would",
                  j->unchecked_repair);
    f->repair = arena_strdup(arena, strbuf_text(&text));
  }
}

void tell_unchecked(struct history *h, struct judgement *j) {
  if (!j->own_unchecked) return;
  j->unchecked_repair = failure_cause_repair(CAUSE_RECEIVER_DNS);
  if (h->record_count) {
    find_trouble(h, j, &j->dns_trouble);
    if (j->dns_trouble.reporters) j->unchecked_repair = word(h->arena, j);
  }
  word_blockers(h->arena, j);
}
