/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out a domain's records once more, each with the stream that the history put it in. */
#include "verdict/judged_mail.h"

#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/utc.h"

/* What is the same for all records of one address and pattern. */
struct known_row {
  const struct stream *stream;
  uint32_t pattern;
};

struct judged_walk {
  struct store *store;
  const struct history *history;
  struct arena *arena;
  int32_t last_day;
  judged_mail_fn *fn;
  void *user;
  struct hashmap rows;      /* address id, pattern id with what of the report decides -> struct known_row */
  struct hashmap patterns;  /* id, whether the tree was walked -> its number */
  struct hashmap org_names; /* text -> const char * */
  struct store_flow_report report;
  struct judged_mail mail; /* with what is known of the report at hand */
  bool strict;
};

static void cleanup_walk(struct judged_walk *w) {
  hashmap_clear(&w->rows);
  hashmap_clear(&w->patterns);
  hashmap_clear(&w->org_names);
  arena_free(w->arena);
}

static int find_pattern(struct judged_walk *w, int64_t id, uint32_t *ret, struct err *e) {
  bool is_new;
  const int64_t key[2] = {id, w->mail.walked != NULL}; /* whose a signature is depends on it */
  uint32_t *number = hashmap_put(&w->patterns, key, sizeof key, &is_new);
  if (is_new) {
    *number = w->patterns.count - 1;
    int code = store_pattern(w->store, id, &w->mail.new_pattern, e);
    if (code < 0) return code;
  }
  *ret = *number;
  return 0;
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
  w->report = (struct store_flow_report){.id = r->id,
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

static int find_row(struct judged_walk *w, const struct store_flow *flow, struct err *e) {
  const bool walked = w->mail.walked != NULL;
  const int64_t key[] = {flow->address_id, flow->pattern_id, walked * 2 + w->strict};
  bool is_new;
  struct known_row *row = hashmap_put(&w->rows, key, sizeof key, &is_new);
  w->mail.new_pattern = NULL;
  if (is_new) {
    row->stream = history_stream_of(w->history, flow, walked, w->strict);
    int code = find_pattern(w, flow->pattern_id, &row->pattern, e);
    if (code < 0) return code;
  }
  if (!row->stream) return err_set(e, ERR_STORE, "the database is damaged: a record changed while it was read");
  w->mail.stream = row->stream;
  w->mail.pattern = row->pattern;
  return 0;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct judged_walk *w = user;
  int code = find_row(w, flow, e);
  if (code < 0) return code;
  w->mail.count = flow->count == FEEDBACK_COUNT_UNKNOWN ? 0 : flow->count;
  return w->fn(w->user, &w->mail, e);
}

int judged_mail_each(struct store *s, const struct report_filter *filter, const struct history *h, int64_t before_s,
                     int32_t last_day, judged_mail_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct judged_walk w = {
      .store = s, .history = h, .arena = arena_new(4096), .last_day = last_day, .fn = fn, .user = user};
  hashmap_init(&w.rows, sizeof(struct known_row));
  hashmap_init(&w.patterns, sizeof(uint32_t));
  hashmap_init(&w.org_names, sizeof(const char *));
  struct report_filter narrowed = *filter;
  narrowed.policy_domain = h->domain;
  if (before_s < narrowed.until_s) narrowed.until_s = before_s;
  const struct store_flow_events events = {on_report, on_flow, &w};
  return store_each_flow(s, &narrowed, &events, e);
}
