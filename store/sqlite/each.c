/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out whole reports and whole records, as they were stored. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "store/sqlite/briefs.h"
#include "store/sqlite/decoded.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/walk.h"

#define TEXTS_MOST_BYTES (2u << 20)

/* --- reports ------------------------------------------------------------------------------------------------------ */

/* Reads one report at a time. What it hands out lives in rows and in `texts` until the next read. */
struct report_reader {
  struct db *db;
  sqlite3_stmt *origin, *errors, *foreign;
  struct texts texts;
  struct arena *arena; /* of the two lists */
  const char **error_list;
  struct foreign_namespace *foreign_list;
  uint32_t error_capacity, foreign_capacity;
};

static int report_reader_init(struct report_reader *t, struct db *db, struct err *e) {
  *t = (struct report_reader){.db = db, .arena = arena_new(4096)};
  int r;
  if ((r = texts_init(&t->texts, db, e)) < 0 ||
      (r = db_prepare(db,
                      "SELECT origin FROM document WHERE report_id = ? AND outcome IN ('new', 'damaged')"
                      " ORDER BY id LIMIT 1",
                      &t->origin, e)) < 0 ||
      (r = db_prepare(db, "SELECT namespace, elements FROM report_foreign WHERE report_id = ? ORDER BY position",
                      &t->foreign, e)) < 0)
    return r;
  return db_prepare(db, "SELECT text FROM report_error WHERE report_id = ? ORDER BY position", &t->errors, e);
}

static void report_reader_clear(struct report_reader *t) {
  sqlite3_finalize(t->origin);
  sqlite3_finalize(t->errors);
  sqlite3_finalize(t->foreign);
  texts_clear(&t->texts);
  arena_free(t->arena);
  free(t->error_list);
  free(t->foreign_list);
}

/* The columns are those of WALK_COLUMNS. */
static int read_names(struct report_reader *t, sqlite3_stmt *row, struct feedback_header *h, struct err *e) {
  const struct {
    int column;
    const char **name;
  } NAMES[] = {{1, &h->policy_domain}, {2, &h->org_name}, {11, &h->email},   {12, &h->extra_contact_info},
               {13, &h->generator},    {14, &h->schema},  {27, &h->carrier}, {28, &h->submitter}};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    int r = texts_column(&t->texts, row, NAMES[i].column, NAMES[i].name, e);
    if (r < 0) return r;
  }
  return 0;
}

static void read_columns(sqlite3_stmt *row, struct feedback_header *h) {
  const char **texts[] = {&h->version, &h->p, &h->sp, &h->np, &h->pct, &h->fo, &h->testing, &h->discovery_method};
  h->adkim = db_text(row, 7);
  h->aspf = db_text(row, 8);
  h->report_id = db_text(row, 10);
  for (int i = 0; i < (int)ARRAY_SIZE(texts); i++) *texts[i] = db_text(row, 15 + i);
  h->flags = (uint32_t)sqlite3_column_int64(row, 23);
  h->provenance = db_provenance(row, 26);
}

static int read_report(struct report_reader *t, const struct walked_report *walked, struct store_report *ret,
                       struct err *e) {
  texts_trim(&t->texts, TEXTS_MOST_BYTES);
  *ret = (struct store_report){.number = walked->number,
                               .header = {.begin_s = walked->begin_s, .end_s = walked->end_s},
                               .record_count = (uint64_t)walked->record_count,
                               .message_count = db_count(walked->row, 24),
                               .imported_s = db_time_there(walked->row, 25),
                               .pruned = walked->pruned};
  read_columns(walked->row, &ret->header);
  db_digest(walked->row, 29, ret->identity.bytes);
  sqlite3_reset(t->origin);
  sqlite3_bind_int64(t->origin, 1, walked->id);
  int r = read_names(t, walked->row, &ret->header, e);
  if (r < 0 || (r = db_step(t->db, t->origin, e)) < 0) return r;
  if (r == 1) ret->origin = db_text(t->origin, 0);
  return 0;
}

static int read_errors(struct report_reader *t, int64_t report_id, struct store_report *report, struct err *e) {
  struct feedback_header *h = &report->header;
  int r;
  arena_reset(t->arena);
  sqlite3_reset(t->errors);
  sqlite3_bind_int64(t->errors, 1, report_id);
  while ((r = db_step(t->db, t->errors, e)) == 1) {
    MEM_GROW(t->error_list, t->error_capacity, h->error_count);
    t->error_list[h->error_count++] = arena_strdup(t->arena, db_text_there(t->errors, 0));
  }
  h->errors = h->error_count ? t->error_list : NULL;
  return r;
}

/* Hardly any report has them. */
static int read_foreign(struct report_reader *t, int64_t report_id, struct feedback_header *h, struct err *e) {
  int r = 0;
  if (!(h->flags & FEEDBACK_FOREIGN)) return 0;
  sqlite3_reset(t->foreign);
  sqlite3_bind_int64(t->foreign, 1, report_id);
  while ((r = db_step(t->db, t->foreign, e)) == 1) {
    MEM_GROW(t->foreign_list, t->foreign_capacity, h->foreign_count);
    t->foreign_list[h->foreign_count++] = (struct foreign_namespace){
        arena_strdup(t->arena, db_text_there(t->foreign, 0)), (uint64_t)sqlite3_column_int64(t->foreign, 1)};
  }
  h->foreign = h->foreign_count ? t->foreign_list : NULL;
  return r;
}

static int read_lists(struct report_reader *t, int64_t report_id, struct store_report *report, struct err *e) {
  int r = read_errors(t, report_id, report, e);
  return r < 0 ? r : read_foreign(t, report_id, &report->header, e);
}

/* --- store_each_report -------------------------------------------------------------------------------------------- */

struct each_report {
  struct report_reader reader;
  struct report_filter of_domain;
  struct briefs briefs;
  struct record_cursor cursor;
  store_report_fn *fn;
  void *user;
};

static void cleanup_each_report(struct each_report *w) {
  report_reader_clear(&w->reader);
  briefs_clear(&w->briefs);
  record_cursor_clear(&w->cursor);
}

/* Does one of the records of a report about a domain above speak of the domain that is asked for? */
static int has_record_within(struct each_report *w, const struct walked_report *walked, struct err *e) {
  const struct brief *brief;
  int r;
  if (walked->reach == REACHES_ALL) return 1;
  record_cursor_seek(&w->cursor, walked);
  while ((r = record_cursor_next(&w->cursor, e)) == 1) {
    if ((r = briefs_get(&w->briefs, w->cursor.row.pattern_id, &brief, e)) < 0) return r;
    if (brief->admitted[walked->reach]) return 1;
  }
  return r;
}

static int hand_out_report(void *user, const struct walked_report *walked, struct err *e) {
  struct each_report *w = user;
  struct store_report report;
  int r = has_record_within(w, walked, e);
  if (r <= 0) return r;
  if ((r = read_report(&w->reader, walked, &report, e)) < 0 || (r = read_lists(&w->reader, walked->id, &report, e)) < 0)
    return r;
  return w->fn(w->user, &report, e);
}

int sqlite_each_report(struct store *store, const struct report_filter *filter, store_report_fn *fn, void *user,
                       struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  __attribute__((cleanup(cleanup_each_report))) struct each_report w = {
      .of_domain = filter_of_domain(filter), .fn = fn, .user = user};
  int r;
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = report_reader_init(&w.reader, s->db, e)) < 0 ||
      (r = briefs_init(&w.briefs, s->db, &w.of_domain, e)) < 0 ||
      (r = record_cursor_init(&w.cursor, s->db, false, e)) < 0)
    return r;
  return walk_reports(s->db, filter, WALK_BY_DOMAIN, WALK_WHOLE, hand_out_report, &w, e);
}

int sqlite_newest(struct store *store, int64_t *ret, struct err *e) {
  return db_ask_number(sqlite_store_of(store)->db, "SELECT max(id) FROM report", ret, e);
}

/* --- store_each_record -------------------------------------------------------------------------------------------- */

struct each_record {
  struct report_reader reader;
  struct briefs briefs;
  struct decoder decoder;
  struct source_filter sources;
  struct record_cursor cursor;
  store_record_fn *fn;
  void *user;
};

static void cleanup_each_record(struct each_record *w) {
  report_reader_clear(&w->reader);
  briefs_clear(&w->briefs);
  decoder_clear(&w->decoder);
  cleanup_source_filter(&w->sources);
  record_cursor_clear(&w->cursor);
}

static int admits_row(struct each_record *w, const struct walked_report *walked, struct err *e) {
  const struct brief *brief;
  if (!source_filter_admits(&w->sources, w->cursor.row.address_id)) return 0;
  int r = briefs_get(&w->briefs, w->cursor.row.pattern_id, &brief, e);
  return r < 0 ? r : brief->admitted[walked->reach];
}

static int hand_out_records(void *user, const struct walked_report *walked, struct err *e) {
  struct each_record *w = user;
  struct feedback_record record;
  struct store_report report = {0};
  int r;
  if (walked->pruned) return 0;
  record_cursor_seek(&w->cursor, walked);
  while ((r = record_cursor_next(&w->cursor, e)) == 1) {
    if ((r = admits_row(w, walked, e)) < 0) return r;
    if (r == 0) continue;
    /* Read with the first record that is admitted: many reports have none. */
    if (!report.number && ((r = read_report(&w->reader, walked, &report, e)) < 0 ||
                           (r = read_lists(&w->reader, walked->id, &report, e)) < 0))
      return r;
    if ((r = decoder_read(&w->decoder, &w->cursor.row, &record, e)) < 0) return r;
    report.record = (uint64_t)(w->cursor.row.id - walked->first_record);
    if ((r = w->fn(w->user, &report, &record, e)) < 0) return r;
  }
  return r;
}

int sqlite_each_record(struct store *store, const struct report_filter *filter, store_record_fn *fn, void *user,
                       struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  __attribute__((cleanup(cleanup_each_record))) struct each_record w = {.fn = fn, .user = user};
  int r;
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = report_reader_init(&w.reader, s->db, e)) < 0 ||
      (r = briefs_init(&w.briefs, s->db, filter, e)) < 0 || (r = decoder_init(&w.decoder, s->db, e)) < 0 ||
      (r = source_filter_init(&w.sources, s->db, filter->source, e)) < 0 ||
      (r = record_cursor_init(&w.cursor, s->db, true, e)) < 0)
    return r;
  return walk_reports(s->db, filter, WALK_BY_DOMAIN, WALK_WHOLE, hand_out_records, &w, e);
}

/* --- store_each_carried ------------------------------------------------------------------------------------------- */

int sqlite_each_carried(struct store *store, store_carried_fn *fn, void *user, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  _cleanup_texts_ struct texts texts = {0};
  int r;
  /* The index on what is carried has all of it. */
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = texts_init(&texts, s->db, e)) < 0 ||
      (r = db_prepare(s->db, "SELECT carrier_id, org_id, email_id, begin_s FROM report WHERE carrier_id IS NOT NULL",
                      &q, e)) < 0)
    return r;
  while ((r = db_step(s->db, q, e)) == 1) {
    struct feedback_header h = {.begin_s = db_time(q, 3), .end_s = FEEDBACK_TIME_UNKNOWN};
    texts_trim(&texts, TEXTS_MOST_BYTES);
    if ((r = texts_column(&texts, q, 0, &h.carrier, e)) < 0 || (r = texts_column(&texts, q, 1, &h.org_name, e)) < 0 ||
        (r = texts_column(&texts, q, 2, &h.email, e)) < 0 || (r = fn(user, &h, e)) < 0)
      return r;
  }
  return r;
}

/* --- store_each_domain -------------------------------------------------------------------------------------------- */

/* From one policy domain to the next by the index that begins with them, however many reports each has. */
static int each_policy_domain(struct sqlite_store *s, struct texts *texts, store_domain_fn *fn, void *user,
                              struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int64_t last = INT64_MIN;
  int r = db_prepare(s->db,
                     "SELECT policy_domain_id FROM report WHERE policy_domain_id > ?"
                     " ORDER BY policy_domain_id LIMIT 1",
                     &q, e);
  while (r >= 0) {
    const char *name;
    sqlite3_reset(q);
    sqlite3_bind_int64(q, 1, last);
    if ((r = db_step(s->db, q, e)) != 1) return r;
    last = sqlite3_column_int64(q, 0);
    if ((r = texts_get(texts, last, &name, e)) >= 0 && name) r = fn(user, name, e);
    texts_trim(texts, TEXTS_MOST_BYTES);
  }
  return r;
}

static int each_header_from(struct sqlite_store *s, struct texts *texts, store_domain_fn *fn, void *user,
                            struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  __attribute__((cleanup(id_map_clear))) struct id_map met;
  id_map_init(&met);
  int r = db_prepare(s->db, "SELECT header_from_id FROM pattern WHERE header_from_id IS NOT NULL", &q, e);
  while (r >= 0 && (r = db_step(s->db, q, e)) == 1) {
    const int64_t id = sqlite3_column_int64(q, 0);
    const char *name;
    if (id_map_get(&met, id)) continue;
    id_map_put(&met, id, 1);
    if ((r = texts_get(texts, id, &name, e)) >= 0 && name) r = fn(user, name, e);
    texts_trim(texts, TEXTS_MOST_BYTES);
  }
  return r;
}

int sqlite_each_domain(struct store *store, store_domain_fn *fn, void *user, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_texts_ struct texts texts = {0};
  int r;
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = texts_init(&texts, s->db, e)) < 0) return r;
  r = each_policy_domain(s, &texts, fn, user, e);
  return r < 0 ? r : each_header_from(s, &texts, fn, user, e);
}
