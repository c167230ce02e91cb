/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out a domain's records once more, each with the stream that the history put it in. */
#include "verdict/judged_mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/reporter.h"
#include "base/tally.h"
#include "base/utc.h"
#include "verdict/pattern.h"

/* What is known of a pattern, by its number. */
struct known_pattern {
  struct stream_mark mark;
  struct missing_verdict without_verdict[ALIGNMENT_MODES];
  char *kept; /* what each fold keeps of it, at its pattern_at */
};

struct judged_walk {
  const struct history *history;
  const struct report_words *words;
  struct mail_fold *const *folds;
  unsigned fold_count;
  size_t pattern_bytes; /* of all folds */
  struct arena *arena;
  struct interned *sources; /* by number; absent: the history has none such */
  struct known_pattern *patterns;
  uint32_t source_capacity, pattern_capacity;
  struct hashmap org_names; /* reporter_add_key -> struct known_name */
  struct store_flow_report report;
  struct judged_mail mail; /* with what is known of the report at hand */
  unsigned mode;           /* alignment_mode */
};

struct known_name {
  const char *text; /* as it came first */
  uint32_t number;
};

void mail_fold_free(struct mail_fold *f) {
  if (f) f->free(f);
}

static void cleanup_walk(struct judged_walk *w) {
  free(w->sources);
  free(w->patterns);
  hashmap_clear(&w->org_names);
  arena_free(w->arena);
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

#define ALIGNED(bytes) (((bytes) + 7) & ~(size_t)7)

/* Side by side, in the order of the folds. */
static void place_patterns(struct judged_walk *w) {
  for (unsigned i = 0; i < w->fold_count; i++) {
    w->folds[i]->pattern_at = w->pattern_bytes;
    w->pattern_bytes += ALIGNED(w->folds[i]->pattern_bytes);
  }
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  MEM_GROW(w->patterns, w->pattern_capacity, number);
  char *kept = memset(arena_alloc(w->arena, w->pattern_bytes), 0, w->pattern_bytes);
  w->patterns[number] = (struct known_pattern){.mark = history_mark(w->history, pattern, w->mail.walked), .kept = kept};
  pattern_without_verdict(w->history, pattern, w->mail.walked, w->patterns[number].without_verdict);
  for (unsigned i = 0; i < w->fold_count; i++)
    w->folds[i]->read_pattern(w->folds[i], &w->mail, pattern, kept + w->folds[i]->pattern_at);
  return 0;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static const struct known_name *keep_org_name(struct judged_walk *w, const char *name) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  bool is_new;
  reporter_add_key(&key, name);
  struct known_name *kept = hashmap_put(&w->org_names, strbuf_text(&key), key.length, &is_new);
  if (is_new) *kept = (struct known_name){arena_strdup(w->arena, name ? name : ""), w->org_names.count - 1};
  return kept;
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  if (r->begin_s == FEEDBACK_TIME_UNKNOWN) return 0;
  if (report_word_of(w->words, &r->identity) == REPORT_DISTRUSTED) return 0; /* the history has none of it */
  const struct known_name *reporter = keep_org_name(w, r->org_name);
  w->report = (struct store_flow_report){.number = r->number,
                                         .identity = r->identity,
                                         .org_name = reporter->text,
                                         .begin_s = r->begin_s,
                                         .end_s = r->end_s,
                                         .strict_dkim = r->strict_dkim,
                                         .strict_spf = r->strict_spf,
                                         .record_count = r->record_count,
                                         .message_count = countable_messages(r->message_count),
                                         .flags = r->flags};
  w->mail = (struct judged_mail){.report = &w->report,
                                 .walked = alignment_walked(r->discovery_method, w->history->domain),
                                 .reporter = reporter->number,
                                 .day = utc_day_of(r->begin_s)};
  w->mode = alignment_mode(r->strict_dkim, r->strict_spf);
  return 1;
}

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  MEM_GROW(w->sources, w->source_capacity, number);
  w->sources[number] = history_source(w->history, ip, text);
  return 0;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct judged_walk *w = user;
  struct interned source = w->sources[flow->source];
  const struct known_pattern *pattern = &w->patterns[flow->pattern];
  w->mail.stream = source.text ? history_stream_of(w->history, source, &pattern->mark, w->mode) : NULL;
  if (!w->mail.stream) return err_set(e, ERR_STORE, "the database is damaged: a record changed while it was read");
  w->mail.has_no_verdict = pattern->without_verdict[w->mode].any;
  w->mail.is_unchecked = pattern->without_verdict[w->mode].is_unchecked;
  w->mail.record = flow->record;
  w->mail.count = countable_messages(flow->count);
  w->mail.envelope_to = flow->envelope_to;
  for (unsigned i = 0; i < w->fold_count; i++)
    w->folds[i]->add(w->folds[i], &w->mail, pattern->kept + w->folds[i]->pattern_at);
  return 0;
}

int judged_mail_each(const struct inquiry *q, const struct history *h, int64_t since_s, int64_t until_s,
                     struct mail_fold *const *folds, unsigned count, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct judged_walk w = {
      .history = h, .words = q->basis->words, .folds = folds, .fold_count = count, .arena = arena_new(16 * 1024)};
  hashmap_init(&w.org_names, sizeof(struct known_name));
  place_patterns(&w);
  struct report_filter narrowed = *q->filter;
  narrowed.policy_domain = h->domain;
  narrowed.since_s = utc_later(narrowed.since_s, since_s);
  narrowed.until_s = utc_earlier(narrowed.until_s, utc_earlier(until_s, q->basis->before_s));
  struct store_flow_events events = {on_report, on_source, on_pattern, on_flow, &w};
  for (unsigned i = 0; i < count; i++) events.with_envelope_to |= folds[i]->with_envelope_to;
  return store_each_flow(q->store, &narrowed, &events, e);
}
