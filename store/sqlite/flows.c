/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out rows as they are, three numbers each, and once a number what it means. */
#include <string.h>

#include "base/alignment.h"
#include "store/sqlite/briefs.h"
#include "store/sqlite/decoded.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/walk.h"

#define TEXTS_MOST_BYTES (2u << 20)

struct each_flow {
  struct db *db;
  struct texts texts;
  struct report_filter of_domain;
  struct briefs briefs;
  struct record_cursor cursor;
  struct decoder *decoder;
  struct strbuf source_text; /* told with the source at hand */
  struct numbering *numbers;
  struct id_map *patterns; /* those of the report at hand */
  const struct store_flow_events *events;
};

static void cleanup_each_flow(struct each_flow *w) {
  texts_clear(&w->texts);
  briefs_clear(&w->briefs);
  record_cursor_clear(&w->cursor);
  if (w->decoder) decoder_take_numbering(w->decoder, w->numbers);
  decoder_give_back(w->decoder);
  strbuf_clear(&w->source_text);
}

static int read_report(struct each_flow *w, const struct walked_report *walked, struct store_flow_report *ret,
                       struct err *e) {
  sqlite3_stmt *row = walked->row;
  texts_trim(&w->texts, TEXTS_MOST_BYTES);
  /* The columns are those of WALK_COLUMNS. */
  *ret = (struct store_flow_report){.number = walked->number,
                                    .begin_s = walked->begin_s,
                                    .end_s = walked->end_s,
                                    .strict_dkim = walked->strict_dkim,
                                    .strict_spf = walked->strict_spf,
                                    .record_count = (uint64_t)walked->record_count,
                                    .report_id = db_text(row, 10),
                                    .adkim = db_text(row, 7),
                                    .aspf = db_text(row, 8),
                                    .p = db_text(row, 16),
                                    .sp = db_text(row, 17),
                                    .np = db_text(row, 18),
                                    .pct = db_text(row, 19),
                                    .testing = db_text(row, 21),
                                    .discovery_method = db_text(row, 22),
                                    .flags = (uint32_t)sqlite3_column_int64(row, 23),
                                    .message_count = db_count(row, 24)};
  db_digest(row, 29, ret->identity.bytes);
  ret->provenance = db_provenance(row, 26);
  int r = texts_get(&w->texts, walked->policy_domain_id, &ret->policy_domain, e);
  if (r == 0 && ret->provenance) r = texts_column(&w->texts, row, 27, &ret->carrier, e);
  if (r == 0 && ret->provenance) r = texts_column(&w->texts, row, 11, &ret->email, e);
  return r < 0 ? r : texts_get(&w->texts, walked->org_id, &ret->org_name, e);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static int tell_source(struct each_flow *w, int64_t id, struct err *e) {
  const uint32_t number = w->numbers->source_count++;
  struct ip_addr ip;
  const char *text;
  id_map_put(&w->numbers->sources, id, number + 1);
  int r = decoder_source(w->decoder, id, &ip, &text, e);
  if (r < 0) return r;
  if (text) {
    strbuf_reset(&w->source_text);
    strbuf_add_text(&w->source_text, text);
    text = strbuf_text(&w->source_text);
  }
  return w->events->source(w->events->user, number, &ip, text, e);
}

static int tell_pattern(struct each_flow *w, int64_t id, struct err *e) {
  const uint32_t number = w->numbers->pattern_count++;
  const struct feedback_record *pattern;
  id_map_put(w->patterns, id, number + 1);
  int r = decoder_pattern(w->decoder, id, &pattern, e);
  return r < 0 ? r : w->events->pattern(w->events->user, number, pattern, e);
}

static int tell_flow(struct each_flow *w, const struct walked_record *row, struct err *e) {
  struct store_flow flow = {
      .count = row->count, .record = (uint64_t)(row->id - w->cursor.first), .has_envelope_to = row->envelope_to_id};
  int r;
  if (!(flow.source = id_map_get(&w->numbers->sources, row->address_id))) {
    if ((r = tell_source(w, row->address_id, e)) < 0) return r;
    flow.source = w->numbers->source_count;
  }
  if (!(flow.pattern = id_map_get(w->patterns, row->pattern_id))) {
    if ((r = tell_pattern(w, row->pattern_id, e)) < 0) return r;
    flow.pattern = w->numbers->pattern_count;
  }
  flow.source--;
  flow.pattern--;
  if (w->events->with_envelope_to && (r = texts_get(&w->texts, row->envelope_to_id, &flow.envelope_to, e)) < 0)
    return r;
  return w->events->flow(w->events->user, &flow, e);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

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
  int r;
  record_cursor_seek(&w->cursor, walked);
  w->decoder->handing_out++;
  while ((r = next_flow(w, walked, e)) == 1)
    if ((r = tell_flow(w, &w->cursor.row, e)) < 0) break;
  w->decoder->handing_out--;
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
  const char *domain = report.policy_domain ? report.policy_domain : "";
  numbering_begin(w->numbers, domain);
  w->patterns =
      alignment_walked(report.discovery_method, domain) ? &w->numbers->walked_patterns : &w->numbers->patterns;
  if ((r = w->events->report(w->events->user, &report, e)) <= 0) return r;
  return hand_out_flows(w, walked, e);
}

int sqlite_each_flow(struct store *store, const struct report_filter *filter, const struct store_flow_events *events,
                     struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  __attribute__((cleanup(cleanup_each_flow))) struct each_flow w = {
      .db = s->db, .of_domain = filter_of_domain(filter), .events = events};
  int r;
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = texts_init(&w.texts, s->db, e)) < 0 ||
      (r = briefs_init(&w.briefs, s->db, &w.of_domain, e)) < 0 || (r = decoder_borrow(s, &w.decoder, e)) < 0 ||
      (r = record_cursor_init(&w.cursor, s->db, true, e)) < 0)
    return r;
  w.numbers = decoder_lend_numbering(w.decoder);
  return walk_reports(s->db, filter, WALK_BY_DOMAIN, WALK_BEGIN, hand_out, &w, e);
}
