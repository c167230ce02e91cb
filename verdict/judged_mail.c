/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out a domain's records once more, each with the stream that the history put it in. */
#include "verdict/judged_mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/utc.h"

struct judged_walk {
  const struct history *history;
  struct arena *arena;
  int32_t last_day;
  judged_mail_fn *fn;
  void *user;
  const char **sources;         /* by number: the history's text; NULL: it has none such */
  struct stream_mark *patterns; /* by number */
  uint32_t source_capacity, pattern_capacity;
  struct hashmap org_names; /* text -> const char * */
  struct store_flow_report report;
  struct judged_mail mail; /* with what is known of the report at hand */
  bool strict;
};

static void cleanup_walk(struct judged_walk *w) {
  free(w->sources);
  free(w->patterns);
  hashmap_clear(&w->org_names);
  arena_free(w->arena);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static const char *keep_org_name(struct judged_walk *w, const char *name) {
  bool is_new;
  const char *text = name ? name : "";
  const char **kept = hashmap_put(&w->org_names, text, strlen(text) + 1, &is_new);
  if (is_new) *kept = arena_strdup(w->arena, text);
  return *kept;
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  if (r->begin_s == FEEDBACK_TIME_UNKNOWN || utc_day_of(r->begin_s) > w->last_day) return 0;
  w->report = (struct store_flow_report){.number = r->number,
                                         .org_name = keep_org_name(w, r->org_name),
                                         .begin_s = r->begin_s,
                                         .end_s = r->end_s,
                                         .strict_dkim = r->strict_dkim,
                                         .strict_spf = r->strict_spf,
                                         .record_count = r->record_count,
                                         .message_count = r->message_count,
                                         .flags = r->flags};
  w->mail = (struct judged_mail){.report = &w->report,
                                 .walked = alignment_walked(r->discovery_method, w->history->domain),
                                 .day = utc_day_of(r->begin_s)};
  w->strict = r->strict_dkim || r->strict_spf;
  return 1;
}

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  MEM_GROW(w->sources, w->source_capacity, number);
  w->sources[number] = history_source(w->history, ip, text);
  return 0;
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  MEM_GROW(w->patterns, w->pattern_capacity, number);
  w->patterns[number] = history_mark(w->history, pattern, w->mail.walked);
  w->mail.new_pattern = pattern;
  return 0;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct judged_walk *w = user;
  const char *source = w->sources[flow->source];
  w->mail.stream = source ? history_stream_of(w->history, source, &w->patterns[flow->pattern], w->strict) : NULL;
  if (!w->mail.stream) return err_set(e, ERR_STORE, "the database is damaged: a record changed while it was read");
  w->mail.pattern = flow->pattern;
  w->mail.count = flow->count == FEEDBACK_COUNT_UNKNOWN ? 0 : flow->count;
  int code = w->fn(w->user, &w->mail, e);
  w->mail.new_pattern = NULL;
  return code;
}

int judged_mail_each(struct store *s, const struct report_filter *filter, const struct history *h, int64_t before_s,
                     int32_t last_day, judged_mail_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct judged_walk w = {
      .history = h, .arena = arena_new(4096), .last_day = last_day, .fn = fn, .user = user};
  hashmap_init(&w.org_names, sizeof(const char *));
  struct report_filter narrowed = *filter;
  narrowed.policy_domain = h->domain;
  if (before_s < narrowed.until_s) narrowed.until_s = before_s;
  const struct store_flow_events events = {on_report, on_source, on_pattern, on_flow, &w};
  return store_each_flow(s, &narrowed, &events, e);
}
