/* SPDX-License-Identifier: Apache-2.0 */
/* The store in an SQLite file: the table of the engine's functions, and its part in the transactions of the file. */
#include "store/sqlite/sqlite_store.h"

#include <stdlib.h>

#include "base/mem.h"

void sqlite_store_forget_ids(struct sqlite_store *s) {
  interner_forget(&s->interner);
  s->next_pattern = 0;
  s->decoder = NULL;
}

void sqlite_store_notice(struct sqlite_store *s) {
  if (s->rollbacks == s->db->rollbacks) return;
  s->rollbacks = s->db->rollbacks;
  sqlite_store_forget_ids(s);
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

static int read_state(struct sqlite_store *s, enum statement which, int64_t when_none, int64_t *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, which, &q, e);
  if (r < 0) return r;
  r = db_step(s->db, q, e);
  *ret = r == 1 ? sqlite3_column_int64(q, 0) : when_none;
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

/* Under the lock nobody else takes ids: those of records can be counted here. They go on behind the last report and not
 * behind the last record, so that the ranges of reports ascend with their ids whatever was deleted: walks rely on it.
 */
static int start_counting(struct sqlite_store *s, struct err *e) {
  int64_t version;
  int r = read_state(s, SQL_DATA_VERSION, 0, &version, e);
  if (r < 0) return r;
  if (version != s->data_version) interner_forget(&s->interner);
  s->data_version = version;
  s->next_pattern = 0;
  return read_state(s, SQL_NEXT_RECORD, 1, &s->next_record, e);
}

/* Is the batch at hand in the transaction that is open? */
static bool has_joined(const struct sqlite_store *s) {
  return s->db->in_transaction && s->transaction == s->db->transactions;
}

int sqlite_store_join(struct sqlite_store *s, struct err *e) {
  if (has_joined(s)) return 0;
  int r = db_begin_own(s->db, &s->own, e);
  if (r < 0) return r;
  s->transaction = s->db->transactions;
  sqlite_store_notice(s);
  return start_counting(s, e);
}

/* What was put lies in the transaction already, and lasts with it. */
static int flush(struct store *store, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  bool commits = has_joined(s) && s->own;
  s->transaction = 0;
  return commits ? db_commit(s->db, e) : 0;
}

static void drop(struct store *store) {
  struct sqlite_store *s = sqlite_store_of(store);
  if (has_joined(s)) db_abort(s->db);
}

/* --- the engine --------------------------------------------------------------------------------------------------- */

static void close_store(struct store *store) {
  struct sqlite_store *s = sqlite_store_of(store);
  drop(store);
  db_finalise(s->statements, SQL_STATEMENTS);
  interner_clear(&s->interner);
  free(s);
}

static const struct store_engine SQLITE_ENGINE = {
    .close = close_store,
    .ask_known = sqlite_ask_known,
    .put = sqlite_put,
    .set_provenance = sqlite_set_provenance,
    .remove = sqlite_remove,
    .each_same = sqlite_each_same,
    .stream_begin = sqlite_stream_begin,
    .stream_add = sqlite_stream_add,
    .stream_keep = sqlite_stream_keep,
    .stream_drop = sqlite_stream_drop,
    .each_aged = sqlite_each_aged,
    .prune = sqlite_prune,
    .sweep = sqlite_sweep,
    .flush = flush,
    .drop = drop,
    .newest = sqlite_newest,
    .each_report = sqlite_each_report,
    .each_record = sqlite_each_record,
    .each_carried = sqlite_each_carried,
    .each_domain = sqlite_each_domain,
    .aggregate = sqlite_aggregate,
    .each_flow = sqlite_each_flow,
};

struct store *store_open_in(struct db *db) {
  struct sqlite_store *s = mem_zalloc(sizeof *s);
  s->store.engine = &SQLITE_ENGINE;
  s->db = db;
  interner_init(&s->interner);
  return &s->store;
}
