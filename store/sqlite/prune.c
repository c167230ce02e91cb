/* SPDX-License-Identifier: Apache-2.0 */
/* Finds old reports, and packs what stays of them into their row. */
#include "base/cleanup.h"
#include "store/sqlite/packed.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/texts.h"

#define TEXTS_MOST_BYTES (2u << 20)

/* --- which are old ------------------------------------------------------------------------------------------------ */

struct each_aged {
  struct texts texts;
  const struct report_filter *filter;
  store_aged_fn *fn;
  void *user;
};

static void cleanup_each_aged(struct each_aged *w) { texts_clear(&w->texts); }

static int hand_out(struct each_aged *w, sqlite3_stmt *q, struct err *e) {
  struct store_aged report = {.report = sqlite3_column_int64(q, 0),
                              .record_count = (uint64_t)sqlite3_column_int64(q, 2),
                              .message_count = sqlite3_column_int64(q, 3),
                              .pruned = sqlite3_column_int(q, 5)};
  db_digest(q, 4, report.identity.bytes);
  texts_trim(&w->texts, TEXTS_MOST_BYTES);
  int r = texts_column(&w->texts, q, 1, &report.policy_domain, e);
  if (r < 0) return r;
  return filter_reach(w->filter, report.policy_domain) == REACHES_ALL ? w->fn(w->user, &report, e) : 0;
}

int sqlite_each_aged(struct store *store, const struct report_filter *filter, int64_t before_s, store_aged_fn *fn,
                     void *user, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  const struct report_filter of_domain = {.domains = filter->domains};
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  __attribute__((cleanup(cleanup_each_aged))) struct each_aged w = {.filter = &of_domain, .fn = fn, .user = user};
  int r;
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = texts_init(&w.texts, s->db, e)) < 0 ||
      (r = db_prepare(s->db,
                      "SELECT id, policy_domain_id, record_count, message_count, identity, packed IS NOT NULL"
                      " FROM report WHERE ?1 IS NULL OR (packed IS NULL AND"
                      " iif(begin_s IS NULL OR end_s IS NULL OR flags & ?2, imported_s, max(begin_s, end_s)) < ?1)"
                      " ORDER BY id",
                      &q, e)) < 0)
    return r;
  if (before_s != FILTER_OPEN_END) sqlite3_bind_int64(q, 1, before_s);
  sqlite3_bind_int64(q, 2, FEEDBACK_PERIOD_FUTURE);
  while ((r = db_step(s->db, q, e)) == 1)
    if ((r = hand_out(&w, q, e)) < 0) return r;
  return r;
}

/* --- packing ------------------------------------------------------------------------------------------------------ */

static int pack_records(struct sqlite_store *s, int64_t report, struct strbuf *out, struct err *e) {
  struct packed_record before = {0};
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_RECORDS_OF_REPORT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, report);
  while ((r = db_step(s->db, q, e)) == 1) {
    const int64_t count = sqlite3_column_type(q, 2) == SQLITE_NULL ? -1 : sqlite3_column_int64(q, 2);
    packed_add(out, &before,
               &(struct packed_record){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
                                       count < 0 ? FEEDBACK_COUNT_UNKNOWN : count});
  }
  sqlite3_reset(q);
  return r;
}

static int write_packed(struct sqlite_store *s, int64_t report, const struct strbuf *packed, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_PACK_REPORT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, report);
  sqlite3_bind_blob64(q, 2, strbuf_text(packed), packed->length, SQLITE_STATIC); /* not NULL where it is empty */
  return db_finish(s->db, q, e);
}

static int is_whole(struct sqlite_store *s, int64_t report, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_IS_WHOLE, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, report);
  r = db_step(s->db, q, e);
  sqlite3_reset(q);
  return r;
}

int sqlite_prune(struct store *store, int64_t report, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;
  int r;
  if ((r = sqlite_store_join(s, e)) < 0 || (r = is_whole(s, report, e)) <= 0 ||
      (r = pack_records(s, report, &packed, e)) < 0 || (r = write_packed(s, report, &packed, e)) < 0)
    return r;
  return sqlite_delete_parts(s, report, e);
}
