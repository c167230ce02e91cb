/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out rows as they are, three numbers each, and what the numbers mean to whoever asks. */
#include "store/sqlite/briefs.h"
#include "store/sqlite/decoded.h"
#include "store/sqlite/walk.h"

#define TEXTS_MOST_BYTES (2u << 20)

struct each_flow {
  struct store *store;
  struct texts texts;
  struct report_filter of_domain;
  struct briefs briefs;
  struct record_cursor cursor;
  const struct store_flow_events *events;
};

static void cleanup_each_flow(struct each_flow *w) {
  texts_clear(&w->texts);
  briefs_clear(&w->briefs);
  record_cursor_clear(&w->cursor);
  /* With the walk ends its snapshot: others may then change what was decoded. */
  if (!--w->store->flow_walks) w->store->decoder_is_current = false;
}

static int read_report(struct each_flow *w, const struct walked_report *walked, struct store_flow_report *ret,
                       struct err *e) {
  sqlite3_stmt *row = walked->row;
  texts_trim(&w->texts, TEXTS_MOST_BYTES);
  /* The columns are those of WALK_COLUMNS. */
  *ret = (struct store_flow_report){.id = walked->id,
                                    .begin_s = walked->begin_s,
                                    .end_s = walked->end_s,
                                    .strict_dkim = walked->strict_dkim,
                                    .strict_spf = walked->strict_spf,
                                    .record_count = (uint64_t)walked->record_count,
                                    .report_id = db_text(row, 9),
                                    .adkim = db_text(row, 7),
                                    .aspf = db_text(row, 8),
                                    .p = db_text(row, 15),
                                    .sp = db_text(row, 16),
                                    .np = db_text(row, 17),
                                    .pct = db_text(row, 18),
                                    .testing = db_text(row, 20),
                                    .discovery_method = db_text(row, 21),
                                    .flags = (uint32_t)sqlite3_column_int64(row, 22),
                                    .message_count = sqlite3_column_int64(row, 23)};
  int r = texts_get(&w->texts, walked->policy_domain_id, &ret->policy_domain, e);
  return r < 0 ? r : texts_get(&w->texts, walked->org_id, &ret->org_name, e);
}

/* 1: the cursor stands on the next row that is asked for. */
static int next_flow(struct each_flow *w, const struct walked_report *walked, struct err *e) {
  const struct brief *brief;
  int r;
  while ((r = record_cursor_next(&w->cursor, e)) == 1) {
    if (walked->reach == REACHES_ALL) return 1;
    if ((r = briefs_get(&w->briefs, w->cursor.row.pattern_id, &brief, e)) < 0) return r;
    if (brief->admitted[walked->reach]) return 1;
  }
  return r;
}

static int hand_out_flows(struct each_flow *w, const struct walked_report *walked, struct err *e) {
  const struct walked_record *row = &w->cursor.row;
  int r;
  record_cursor_seek(&w->cursor, walked);
  while ((r = next_flow(w, walked, e)) == 1) {
    const struct store_flow flow = {row->address_id, row->pattern_id, row->count};
    if ((r = w->events->flow(w->events->user, &flow, e)) < 0) return r;
  }
  return r;
}

/* A report about a domain above the one that is asked for is of interest where one of its records lies within. */
static int has_flow(struct each_flow *w, const struct walked_report *walked, struct err *e) {
  if (walked->reach == REACHES_ALL) return 1;
  record_cursor_seek(&w->cursor, walked);
  return next_flow(w, walked, e);
}

static int hand_out(void *user, const struct walked_report *walked, struct err *e) {
  struct each_flow *w = user;
  struct store_flow_report report;
  int r = has_flow(w, walked, e);
  if (r <= 0) return r;
  if ((r = read_report(w, walked, &report, e)) < 0) return r;
  if ((r = w->events->report(w->events->user, &report, e)) <= 0) return r;
  return hand_out_flows(w, walked, e);
}

int store_each_flow(struct store *s, const struct report_filter *filter, const struct store_flow_events *events,
                    struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  int r = db_snapshot(s, &snapshot, e);
  if (r < 0) return r;
  __attribute__((cleanup(cleanup_each_flow))) struct each_flow w = {
      .store = s, .of_domain = filter_of_domain(filter), .events = events};
  s->flow_walks++;
  if ((r = texts_init(&w.texts, s, e)) < 0 || (r = briefs_init(&w.briefs, s, &w.of_domain, e)) < 0 ||
      (r = record_cursor_init(&w.cursor, s, false, e)) < 0)
    return r;
  return walk_reports(s, filter, WALK_BY_DOMAIN, hand_out, &w, e);
}

/* --- what the ids mean -------------------------------------------------------------------------------------------- */

/* Between walks nothing is relied on that was read before. */
static int prepare_decoder(struct store *s, struct err *e) {
  int r = s->decoder ? 0 : decoder_new(s, &s->decoder, e);
  if (r < 0) return r;
  if (!s->decoder_is_current) decoder_forget(s->decoder);
  s->decoder_is_current = s->flow_walks > 0;
  return 0;
}

int store_pattern(struct store *s, int64_t pattern_id, const struct feedback_record **ret, struct err *e) {
  int r = prepare_decoder(s, e);
  return r < 0 ? r : decoder_pattern(s->decoder, pattern_id, ret, e);
}

int store_address(struct store *s, int64_t address_id, struct ip_addr *ret_ip, const char **ret_text, struct err *e) {
  int r = prepare_decoder(s, e);
  return r < 0 ? r : decoder_address(s->decoder, address_id, ret_ip, ret_text, e);
}
