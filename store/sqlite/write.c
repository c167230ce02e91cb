/* SPDX-License-Identifier: Apache-2.0 */
/* The writing and deleting of reports. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/utc.h"
#include "store/sqlite/sqlite_store.h"

/* --- the store and the transaction -------------------------------------------------------------------------------- */

struct store *store_open_in(struct db *db) {
  struct store *s = mem_zalloc(sizeof *s);
  s->db = db;
  interner_init(&s->interner);
  return s;
}

void store_close(struct store *s) {
  if (!s) return;
  db_finalise(s->statements, SQL_STATEMENTS);
  interner_clear(&s->interner);
  free(s);
}

static void forget_ids(struct store *s) {
  interner_forget(&s->interner);
  s->next_pattern = 0;
  s->decoder = NULL;
}

void sqlite_store_notice(struct store *s) {
  if (s->rollbacks == s->db->rollbacks) return;
  s->rollbacks = s->db->rollbacks;
  forget_ids(s);
}

static int read_state(struct store *s, enum statement which, int64_t when_none, int64_t *ret, struct err *e) {
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
static int start_counting(struct store *s, struct err *e) {
  int64_t version;
  int r = read_state(s, SQL_DATA_VERSION, 0, &version, e);
  if (r < 0) return r;
  if (version != s->data_version) interner_forget(&s->interner);
  s->data_version = version;
  s->next_pattern = 0;
  return read_state(s, SQL_NEXT_RECORD, 1, &s->next_record, e);
}

/* Before each write. */
static int join_transaction(struct store *s, struct err *e) {
  int r = db_need_transaction(s->db, e);
  if (r < 0 || s->transaction == s->db->transactions) return r;
  sqlite_store_notice(s);
  if ((r = start_counting(s, e)) < 0) return r;
  s->report_open = false;
  s->transaction = s->db->transactions;
  return 0;
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static int ask_one(struct store *s, sqlite3_stmt *q, const struct identity *identity, struct store_known *ret,
                   struct err *e) {
  *ret = (struct store_known){0};
  sqlite3_bind_blob(q, 1, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  int r = db_step(s->db, q, e);
  if (r == 1) {
    ret->is_known = true;
    ret->report = sqlite3_column_int64(q, 0);
    db_digest(q, 1, ret->digest);
    ret->damaged = sqlite3_column_int64(q, 2) & FEEDBACK_DAMAGED;
  }
  sqlite3_reset(q);
  return r;
}

/* One search of the index each: here a question costs no round trip, and a list of many saves nothing. */
int store_ask_known(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                    struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_REPORT, &q, e);
  for (unsigned i = 0; i < count && r >= 0; i++) r = ask_one(s, q, &identities[i], &ret[i], e);
  return r < 0 ? r : 0;
}

static int run_statement(struct store *s, enum statement which, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, which, &q, e);
  return r < 0 ? r : db_finish(s->db, q, e);
}

int store_report_open(struct store *s, bool revocable, struct err *e) {
  int r = join_transaction(s, e);
  if (r == 0 && s->report_open) r = err_set(e, ERR_STORE, "%s: a report is still open", s->db->path);
  /* A savepoint costs about as much as a few records: only where records may have to be taken back. */
  if (r == 0 && revocable) r = run_statement(s, SQL_SAVEPOINT, e);
  if (r < 0) return db_settled(s->db, r);
  s->report_open = true;
  s->report_revocable = revocable;
  s->first_record = s->next_record;
  s->message_count = s->uncounted = 0;
  return 0;
}

static int need_report(struct store *s, struct err *e) {
  int r = join_transaction(s, e);
  return r == 0 && !s->report_open ? err_set(e, ERR_STORE, "%s: no report is open", s->db->path) : r;
}

static int add_record(struct store *s, const struct feedback_record *record, struct err *e) {
  int64_t address, pattern, envelope_to;
  sqlite3_stmt *q;
  int r;
  if ((r = need_report(s, e)) < 0 || (r = intern_address(s, record, &address, e)) < 0 ||
      (r = intern_pattern(s, record, &pattern, e)) < 0 ||
      (r = intern_name(s, record->envelope_to, &envelope_to, e)) < 0 ||
      (r = statement_get(s, SQL_ADD_RECORD, &q, e)) < 0)
    return r;
  sqlite3_bind_int64(q, 1, s->next_record);
  db_bind_id(q, 2, address);
  sqlite3_bind_int64(q, 3, pattern);
  if (record->count >= 0)
    sqlite3_bind_int64(q, 4, record->count);
  else
    sqlite3_bind_null(q, 4);
  db_bind_id(q, 5, envelope_to);
  return db_finish(s->db, q, e);
}

int store_report_add(struct store *s, const struct feedback_record *record, struct err *e) {
  int r = add_record(s, record, e);
  if (r < 0) return db_settled(s->db, r);
  s->next_record++;
  if (record->count < 0)
    s->uncounted++;
  else if (__builtin_add_overflow(s->message_count, record->count, &s->message_count))
    s->message_count = INT64_MAX;
  return 0;
}

static int add_errors(struct store *s, int64_t report, const struct feedback_header *header, struct err *e) {
  sqlite3_stmt *q;
  for (uint32_t i = 0; i < header->error_count; i++) {
    int r = statement_get(s, SQL_ADD_ERROR, &q, e);
    if (r < 0) return r;
    sqlite3_bind_int64(q, 1, report);
    sqlite3_bind_int64(q, 2, i);
    db_bind_text(q, 3, header->errors[i]);
    if ((r = db_finish(s->db, q, e)) < 0) return r;
  }
  return 0;
}

/* The names of a header, in the order of their columns in SQL_ADD_REPORT. */
struct header_names {
  int64_t domain, org, email, extra_contact_info, generator, schema;
};

static int intern_header(struct store *s, const struct feedback_header *h, struct header_names *ret, struct err *e) {
  int r;
  if ((r = intern_name(s, h->policy_domain, &ret->domain, e)) < 0 ||
      (r = intern_name(s, h->org_name, &ret->org, e)) < 0 || (r = intern_name(s, h->email, &ret->email, e)) < 0 ||
      (r = intern_name(s, h->extra_contact_info, &ret->extra_contact_info, e)) < 0 ||
      (r = intern_name(s, h->generator, &ret->generator, e)) < 0)
    return r;
  return intern_name(s, h->schema, &ret->schema, e);
}

static int add_report(struct store *s, const struct feedback_header *h, const struct identity *identity,
                      const uint8_t digest[FEEDBACK_DIGEST_BYTES], int64_t *ret, struct err *e) {
  struct header_names names;
  sqlite3_stmt *q;
  int r;
  if ((r = intern_header(s, h, &names, e)) < 0 || (r = statement_get(s, SQL_ADD_REPORT, &q, e)) < 0) return r;
  db_bind_id(q, 1, names.domain);
  db_bind_id(q, 2, names.org);
  db_bind_time(q, 3, h->begin_s);
  db_bind_time(q, 4, h->end_s);
  sqlite3_bind_int64(q, 5, s->first_record);
  sqlite3_bind_int64(q, 6, s->next_record - s->first_record);
  db_bind_text(q, 7, h->adkim);
  db_bind_text(q, 8, h->aspf);
  sqlite3_bind_int64(q, 9, s->message_count);
  sqlite3_bind_int64(q, 10, s->uncounted);
  db_bind_text(q, 11, h->report_id);
  db_bind_id(q, 12, names.email);
  db_bind_id(q, 13, names.extra_contact_info);
  db_bind_id(q, 14, names.generator);
  db_bind_id(q, 15, names.schema);
  const char *const texts[] = {h->version, h->p, h->sp, h->np, h->pct, h->fo, h->testing, h->discovery_method};
  for (int i = 0; i < 8; i++) db_bind_text(q, 16 + i, texts[i]);
  sqlite3_bind_int64(q, 24, h->flags);
  sqlite3_bind_blob(q, 25, digest, FEEDBACK_DIGEST_BYTES, SQLITE_STATIC);
  sqlite3_bind_int64(q, 26, utc_now());
  sqlite3_bind_blob(q, 27, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  r = db_finish(s->db, q, e);
  if (r < 0) return r;
  *ret = sqlite3_last_insert_rowid(s->db->handle);
  return add_errors(s, *ret, h, e);
}

int store_report_close(struct store *s, const struct feedback_header *header, struct identity identity,
                       const uint8_t digest[FEEDBACK_DIGEST_BYTES], int64_t *ret_report, struct err *e) {
  int64_t report = 0;
  int r = need_report(s, e);
  if (r == 0) r = add_report(s, header, &identity, digest, &report, e);
  if (r == 0 && s->report_revocable) r = run_statement(s, SQL_RELEASE, e);
  if (r < 0) return db_settled(s->db, r);
  s->report_open = false;
  *ret_report = report;
  return 0;
}

static int take_back(struct store *s, struct err *e) {
  int r = need_report(s, e);
  if (r < 0) return r;
  if (!s->report_revocable)
    return s->next_record == s->first_record ? 0
                                             : err_set(e, ERR_STORE, "%s: the report is not revocable", s->db->path);
  if ((r = run_statement(s, SQL_ROLLBACK_TO, e)) < 0 || (r = run_statement(s, SQL_RELEASE, e)) < 0) return r;
  /* Names and patterns that this report brought are gone. */
  if (s->next_record != s->first_record) forget_ids(s);
  s->next_record = s->first_record;
  return 0;
}

int store_report_discard(struct store *s, struct err *e) {
  int r = take_back(s, e);
  if (r < 0) return db_settled(s->db, r);
  s->report_open = false;
  return 0;
}

/* 1 with its records gone, 0 where there is no such report. */
static int delete_records(struct store *s, int64_t report, struct err *e) {
  sqlite3_stmt *range, *q;
  int r;
  if ((r = statement_get(s, SQL_RANGE_OF_REPORT, &range, e)) < 0 ||
      (r = statement_get(s, SQL_DELETE_RECORDS, &q, e)) < 0)
    return r;
  sqlite3_bind_int64(range, 1, report);
  r = db_step(s->db, range, e);
  if (r == 1) {
    sqlite3_bind_int64(q, 1, sqlite3_column_int64(range, 0));
    sqlite3_bind_int64(q, 2, sqlite3_column_int64(range, 1));
  }
  sqlite3_reset(range);
  if (r <= 0) return r;
  r = db_finish(s->db, q, e);
  return r < 0 ? r : 1;
}

static int delete_report(struct store *s, int64_t report, struct err *e) {
  static const enum statement REST[] = {SQL_DELETE_ERRORS, SQL_DELETE_REPORT};
  sqlite3_stmt *q;
  int r = join_transaction(s, e);
  if (r < 0 || (r = delete_records(s, report, e)) <= 0) return r;
  for (size_t i = 0; i < sizeof REST / sizeof *REST; i++) {
    if ((r = statement_get(s, REST[i], &q, e)) < 0) return r;
    sqlite3_bind_int64(q, 1, report);
    if ((r = db_finish(s->db, q, e)) < 0) return r;
  }
  return 1;
}

int store_report_delete(struct store *s, int64_t report, struct err *e) {
  int r = delete_report(s, report, e);
  if (r == 0) return err_set(e, ERR_NOT_FOUND, "%s: there is no report %lld", s->db->path, (long long)report);
  return r < 0 ? db_settled(s->db, r) : 0;
}
