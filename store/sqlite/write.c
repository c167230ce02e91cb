/* SPDX-License-Identifier: Apache-2.0 */
/* Reports go in: whole ones, and those that come as a stream. */
#include <string.h>

#include "base/digest.h"
#include "base/utc.h"
#include "store/sqlite/sqlite_store.h"

/* --- what is known ------------------------------------------------------------------------------------------------ */

static int ask_one(struct sqlite_store *s, sqlite3_stmt *q, const struct identity *identity, struct store_known *ret,
                   struct err *e) {
  *ret = (struct store_known){0};
  sqlite3_bind_blob(q, 1, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  int r = db_step(s->db, q, e);
  if (r == 1) {
    ret->is_known = true;
    ret->report = sqlite3_column_int64(q, 0);
    db_digest(q, 1, ret->digest);
    ret->damaged = sqlite3_column_int64(q, 2) & FEEDBACK_DAMAGED;
    db_digest(q, 3, ret->content);
    ret->empty = !sqlite3_column_int64(q, 4);
    ret->provenance = db_provenance(q, 5);
    ret->pruned = sqlite3_column_int(q, 6);
  }
  sqlite3_reset(q);
  return r;
}

/* One search of the index each: here a question costs no round trip, and a list of many saves nothing. */
int sqlite_ask_known(struct store *store, const struct identity *identities, unsigned count, struct store_known *ret,
                     struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_REPORT, &q, e);
  for (unsigned i = 0; i < count && r >= 0; i++) r = ask_one(s, q, &identities[i], &ret[i], e);
  return r < 0 ? r : 0;
}

int sqlite_each_same(struct store *store, const uint8_t content[FEEDBACK_DIGEST_BYTES], int64_t since_s,
                     int64_t until_s, store_same_fn *fn, void *user, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_SAME_CONTENT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, content, FEEDBACK_DIGEST_BYTES, SQLITE_STATIC);
  sqlite3_bind_int64(q, 2, since_s);
  sqlite3_bind_int64(q, 3, until_s);
  while ((r = db_step(s->db, q, e)) == 1) {
    const struct feedback_header header = {.report_id = db_text(q, 1),
                                           .begin_s = db_time(q, 2),
                                           .end_s = db_time(q, 3),
                                           .provenance = db_provenance(q, 4)};
    if ((r = fn(user, sqlite3_column_int64(q, 0), sqlite3_column_int(q, 5), &header, e)) < 0) break;
  }
  sqlite3_reset(q);
  return r;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static int write_record(struct sqlite_store *s, const struct feedback_record *record, struct err *e) {
  int64_t address, pattern, envelope_to;
  sqlite3_stmt *q;
  int r;
  if ((r = intern_address(s, record, &address, e)) < 0 || (r = intern_pattern(s, record, &pattern, e)) < 0 ||
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

static int add_record(struct sqlite_store *s, struct record_range *range, const struct feedback_record *record,
                      struct err *e) {
  int r = write_record(s, record, e);
  if (r < 0) return r;
  s->next_record++;
  range->count++;
  if (record->count < 0)
    range->uncounted++;
  else if (__builtin_add_overflow(range->message_count, record->count, &range->message_count))
    range->message_count = INT64_MAX;
  return 0;
}

static int add_records(struct sqlite_store *s, struct record_range *range, struct feedback_record *const *records,
                       uint32_t count, struct err *e) {
  int r = 0;
  for (uint32_t i = 0; i < count && r == 0; i++) r = add_record(s, range, records[i], e);
  return r;
}

static int delete_records(struct sqlite_store *s, int64_t first, int64_t count, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_DELETE_RECORDS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, first);
  sqlite3_bind_int64(q, 2, count);
  return db_finish(s->db, q, e);
}

/* --- the row of a report ------------------------------------------------------------------------------------------ */

static int add_errors(struct sqlite_store *s, int64_t report, const struct feedback_header *header, struct err *e) {
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

static int add_foreign(struct sqlite_store *s, int64_t report, const struct feedback_header *header, struct err *e) {
  sqlite3_stmt *q;
  for (uint32_t i = 0; i < header->foreign_count; i++) {
    int r = statement_get(s, SQL_ADD_FOREIGN, &q, e);
    if (r < 0) return r;
    sqlite3_bind_int64(q, 1, report);
    sqlite3_bind_int64(q, 2, i);
    db_bind_text(q, 3, header->foreign[i].uri);
    sqlite3_bind_int64(q, 4, (int64_t)header->foreign[i].elements);
    if ((r = db_finish(s->db, q, e)) < 0) return r;
  }
  return 0;
}

/* The names of a header, in the order of their columns in SQL_ADD_REPORT. */
struct header_names {
  int64_t domain, org, email, extra_contact_info, generator, schema, carrier, submitter;
};

static int intern_carriage(struct sqlite_store *s, const struct feedback_header *h, struct header_names *ret,
                           struct err *e) {
  int r = intern_name(s, h->carrier, &ret->carrier, e);
  return r < 0 ? r : intern_name(s, h->submitter, &ret->submitter, e);
}

/* From column `i` on. */
static void bind_carriage(sqlite3_stmt *q, int i, const struct feedback_header *h, const struct header_names *names) {
  db_bind_id(q, i, h->provenance); /* not judged is NULL, as no id is */
  db_bind_id(q, i + 1, names->carrier);
  db_bind_id(q, i + 2, names->submitter);
}

static int intern_header(struct sqlite_store *s, const struct feedback_header *h, struct header_names *ret,
                         struct err *e) {
  int r;
  if ((r = intern_name(s, h->policy_domain, &ret->domain, e)) < 0 ||
      (r = intern_name(s, h->org_name, &ret->org, e)) < 0 || (r = intern_name(s, h->email, &ret->email, e)) < 0 ||
      (r = intern_name(s, h->extra_contact_info, &ret->extra_contact_info, e)) < 0 ||
      (r = intern_name(s, h->generator, &ret->generator, e)) < 0 || (r = intern_carriage(s, h, ret, e)) < 0)
    return r;
  return intern_name(s, h->schema, &ret->schema, e);
}

/* 1 with the id of the row, 0 where the identity has one. */
static int add_report(struct sqlite_store *s, const struct store_entry *report, const struct record_range *records,
                      int64_t *ret, struct err *e) {
  const struct feedback_header *h = report->header;
  struct header_names names;
  sqlite3_stmt *q;
  int r;
  if ((r = intern_header(s, h, &names, e)) < 0 || (r = statement_get(s, SQL_ADD_REPORT, &q, e)) < 0) return r;
  db_bind_id(q, 1, names.domain);
  db_bind_id(q, 2, names.org);
  db_bind_time(q, 3, h->begin_s);
  db_bind_time(q, 4, h->end_s);
  sqlite3_bind_int64(q, 5, records->first);
  sqlite3_bind_int64(q, 6, records->count);
  db_bind_text(q, 7, h->adkim);
  db_bind_text(q, 8, h->aspf);
  sqlite3_bind_int64(q, 9, records->message_count);
  sqlite3_bind_int64(q, 10, records->uncounted);
  db_bind_text(q, 11, h->report_id);
  db_bind_id(q, 12, names.email);
  db_bind_id(q, 13, names.extra_contact_info);
  db_bind_id(q, 14, names.generator);
  db_bind_id(q, 15, names.schema);
  const char *const texts[] = {h->version, h->p, h->sp, h->np, h->pct, h->fo, h->testing, h->discovery_method};
  for (int i = 0; i < 8; i++) db_bind_text(q, 16 + i, texts[i]);
  sqlite3_bind_int64(q, 24, h->flags);
  sqlite3_bind_blob(q, 25, report->digest, FEEDBACK_DIGEST_BYTES, SQLITE_STATIC);
  sqlite3_bind_int64(q, 26, utc_now());
  sqlite3_bind_blob(q, 27, report->identity.bytes, IDENTITY_BYTES, SQLITE_STATIC);
  if (digest_is_none(h->content))
    sqlite3_bind_null(q, 28);
  else
    sqlite3_bind_blob(q, 28, h->content, FEEDBACK_DIGEST_BYTES, SQLITE_STATIC);
  bind_carriage(q, 29, h, &names);
  r = db_finish(s->db, q, e);
  if (r < 0 || !sqlite3_changes(s->db->handle)) return r;
  *ret = sqlite3_last_insert_rowid(s->db->handle);
  if ((r = add_errors(s, *ret, h, e)) == 0) r = add_foreign(s, *ret, h, e);
  return r < 0 ? r : 1;
}

static int delete_range_of(struct sqlite_store *s, int64_t report, struct err *e) {
  sqlite3_stmt *q;
  int64_t first = 0, count = 0;
  int r = statement_get(s, SQL_RANGE_OF_REPORT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, report);
  r = db_step(s->db, q, e);
  if (r == 1) {
    first = sqlite3_column_int64(q, 0);
    count = sqlite3_column_int64(q, 1);
  }
  sqlite3_reset(q);
  return r <= 0 ? r : delete_records(s, first, count, e);
}

static int delete_of(struct sqlite_store *s, enum statement which, int64_t report, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, which, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, report);
  return db_finish(s->db, q, e);
}

int sqlite_delete_parts(struct sqlite_store *s, int64_t report, struct err *e) {
  int r = delete_range_of(s, report, e);
  if (r < 0 || (r = delete_of(s, SQL_DELETE_ERRORS, report, e)) < 0) return r;
  return delete_of(s, SQL_DELETE_FOREIGN, report, e);
}

static int delete_report(struct sqlite_store *s, int64_t report, struct err *e) {
  int r = sqlite_delete_parts(s, report, e);
  return r < 0 ? r : delete_of(s, SQL_DELETE_REPORT, report, e);
}

/* 1 with the row of the report in place; 0 where it is stored already as it is: then its records are not wanted. One
 * with other content makes way. That a report is new is found out by adding it, without a search before. */
static int place_report(struct sqlite_store *s, const struct store_entry *report, const struct record_range *records,
                        int64_t *ret, struct err *e) {
  struct store_known known;
  int r = add_report(s, report, records, ret, e);
  if (r != 0 || (r = sqlite_ask_known(&s->store, &report->identity, 1, &known, e)) < 0) return r;
  *ret = known.report;
  if (known.pruned) return 0;
  bool is_whole_now = known.damaged && !(report->header->flags & FEEDBACK_DAMAGED);
  if (!memcmp(known.digest, report->digest, sizeof known.digest) && !is_whole_now) return 0;
  r = delete_report(s, known.report, e);
  return r < 0 ? r : add_report(s, report, records, ret, e);
}

int sqlite_set_provenance(struct store *store, int64_t report, const struct feedback_header *h, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  struct header_names names;
  sqlite3_stmt *q;
  int r = sqlite_store_join(s, e);
  if (r < 0 || (r = intern_carriage(s, h, &names, e)) < 0 || (r = statement_get(s, SQL_SET_PROVENANCE, &q, e)) < 0)
    return r;
  bind_carriage(q, 1, h, &names);
  sqlite3_bind_int64(q, 4, report);
  return db_finish(s->db, q, e);
}

int sqlite_remove(struct store *store, int64_t report, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int r = sqlite_store_join(s, e);
  return r < 0 ? r : delete_report(s, report, e);
}

/* --- whole reports ------------------------------------------------------------------------------------------------ */

int sqlite_put(struct store *store, const struct store_entry *report, struct feedback_record *const *records,
               uint32_t count, int64_t *ret_report, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int64_t id;
  int r = sqlite_store_join(s, e);
  if (r < 0) return r;
  struct record_range range = {.first = s->next_record};
  if ((r = add_records(s, &range, records, count, e)) < 0 || (r = place_report(s, report, &range, &id, e)) < 0)
    return r;
  if (r == 0 && (r = delete_records(s, range.first, range.count, e)) == 0) s->next_record = range.first;
  if (r < 0) return r;
  *ret_report = id;
  return 0;
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static int run_statement(struct sqlite_store *s, enum statement which, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, which, &q, e);
  return r < 0 ? r : db_finish(s->db, q, e);
}

/* Behind a savepoint, with which names and patterns that the stream brings go too. It costs about as much as a few
 * records. */
int sqlite_stream_begin(struct store *store, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int r = sqlite_store_join(s, e);
  if (r == 0) r = run_statement(s, SQL_SAVEPOINT, e);
  if (r == 0) s->streamed = (struct record_range){.first = s->next_record};
  return r;
}

/* The stream is lost with its transaction, whoever rolled that back. */
static int need_savepoint(const struct sqlite_store *s, struct err *e) {
  int r = db_need_transaction(s->db, e);
  if (r == 0 && s->transaction != s->db->transactions)
    r = err_set(e, ERR_STORE, "%s: the transaction of the report is over", s->db->path);
  return r;
}

int sqlite_stream_add(struct store *store, struct feedback_record *const *records, uint32_t count, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int r = need_savepoint(s, e);
  return r < 0 ? r : add_records(s, &s->streamed, records, count, e);
}

static int take_back(struct sqlite_store *s, struct err *e) {
  int r;
  if ((r = run_statement(s, SQL_ROLLBACK_TO, e)) < 0 || (r = run_statement(s, SQL_RELEASE, e)) < 0) return r;
  if (s->streamed.count) sqlite_store_forget_ids(s);
  s->next_record = s->streamed.first;
  return 0;
}

int sqlite_stream_keep(struct store *store, const struct store_entry *report, int64_t *ret_report, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int64_t id;
  int r = need_savepoint(s, e);
  if (r < 0 || (r = place_report(s, report, &s->streamed, &id, e)) < 0) return r;
  r = r == 1 ? run_statement(s, SQL_RELEASE, e) : take_back(s, e);
  if (r == 0) *ret_report = id;
  return r;
}

int sqlite_stream_drop(struct store *store, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  int r = need_savepoint(s, e);
  return r < 0 ? r : take_back(s, e);
}
