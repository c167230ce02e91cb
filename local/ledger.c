/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: one line a document that was met, and no second one when it is met again. */
#include "local/ledger.h"

#include "base/digest.h"
#include "base/identity.h"
#include "base/word.h"
#include "local/local_state.h"

static const char *const WORDS[DOCUMENT_OUTCOMES] = {
    [DOCUMENT_NEW] = "new",
    [DOCUMENT_DAMAGED] = "damaged",
    [DOCUMENT_DUPLICATE] = "duplicate",
    [DOCUMENT_CONFLICTING] = "conflicting",
    [DOCUMENT_REJECTED] = "rejected",
    [DOCUMENT_NO_REPORT] = "no-report",
    [DOCUMENT_NOT_OURS] = "not-ours",
};

const char *document_outcome_word(enum document_outcome outcome) { return WORDS[outcome]; }

static bool is_stored(enum document_outcome outcome) { return outcome == DOCUMENT_NEW || outcome == DOCUMENT_DAMAGED; }

/* The line that the document has already: 1 and its id, or 0. A report that was stored this moment cannot have one yet,
 * but its document can have one from before. */
static int find_line(struct local *l, const struct ledger_line *line, const struct identity *identity, int64_t *ret,
                     struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_FIND_LINE, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  db_bind_text(q, 2, WORDS[line->outcome]);
  db_bind_id(q, 3, is_stored(line->outcome) ? 0 : line->report);
  r = db_step(l->db, q, e);
  if (r == 1) *ret = sqlite3_column_int64(q, 0);
  sqlite3_reset(q);
  return r;
}

static int add_line(struct local *l, const struct ledger_line *line, const struct identity *identity, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_ADD_LINE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, line->origin);
  db_bind_text(q, 2, WORDS[line->outcome]);
  db_bind_text(q, 3, line->reason);
  sqlite3_bind_int64(q, 4, (int64_t)line->bytes);
  sqlite3_bind_int64(q, 5, (int64_t)line->records);
  db_bind_id(q, 6, line->report);
  sqlite3_bind_int64(q, 7, line->seen_s);
  db_bind_id(q, 8, line->kind);
  sqlite3_bind_blob(q, 9, digest_is_none(line->digest) ? NULL : line->digest, FEEDBACK_DIGEST_BYTES, SQLITE_STATIC);
  sqlite3_bind_blob(q, 10, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  return db_finish(l->db, q, e);
}

/* A document that is stored although its line is there: its report, or the one it was a duplicate of, was deleted
 * since. The line then says what is true now; when it was first met stays. */
static int restate_line(struct local *l, const struct ledger_line *line, int64_t id, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_RESTATE_LINE, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, id);
  db_bind_text(q, 2, WORDS[line->outcome]);
  db_bind_text(q, 3, line->reason);
  sqlite3_bind_int64(q, 4, (int64_t)line->bytes);
  sqlite3_bind_int64(q, 5, (int64_t)line->records);
  db_bind_id(q, 6, line->report);
  return db_finish(l->db, q, e);
}

static int add_or_restate(struct local *l, const struct ledger_line *line, struct err *e) {
  struct identity identity = identity_of_document(line->origin, line->digest);
  int64_t id = 0;
  int r = find_line(l, line, &identity, &id, e);
  if (r < 0) return r;
  if (r == 0) return add_line(l, line, &identity, e);
  return is_stored(line->outcome) ? restate_line(l, line, id, e) : 0;
}

int ledger_knows(struct local *l, const struct ledger_line *line, struct err *e) {
  struct identity identity = identity_of_document(line->origin, line->digest);
  int64_t id;
  return find_line(l, line, &identity, &id, e);
}

int ledger_add(struct local *l, const struct ledger_line *line, struct err *e) {
  int r = db_need_transaction(l->db, e);
  return r < 0 ? r : db_settled(l->db, add_or_restate(l, line, e));
}

int ledger_unlink(struct local *l, int64_t report, struct err *e) {
  sqlite3_stmt *q;
  int r = db_need_transaction(l->db, e);
  if (r < 0) return r;
  r = local_statement(l, LOCAL_UNLINK_LINES, &q, e);
  if (r == 0) {
    sqlite3_bind_int64(q, 1, report);
    r = db_finish(l->db, q, e);
  }
  return db_settled(l->db, r);
}

int ledger_forget(struct local *l, int64_t report, uint64_t *count, struct err *e) {
  sqlite3_stmt *q;
  int r = db_need_transaction(l->db, e);
  if (r == 0) r = local_statement(l, LOCAL_FORGET_LINES, &q, e);
  if (r == 0) {
    sqlite3_bind_int64(q, 1, report);
    r = db_finish(l->db, q, e);
  }
  if (r == 0) *count += (uint64_t)sqlite3_changes(l->db->handle);
  return db_settled(l->db, r);
}

int ledger_newest(struct local *l, int64_t *ret_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_NEWEST_LINE, &q, e);
  if (r < 0) return r;
  r = db_step(l->db, q, e);
  if (r >= 0) *ret_s = r ? db_time(q, 0) : FEEDBACK_TIME_UNKNOWN;
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* False for a line whose outcome this program does not know. */
static bool read_line(sqlite3_stmt *q, struct ledger_line *ret) {
  int outcome = word_place(WORDS, DOCUMENT_OUTCOMES, db_text(q, 2));
  if (outcome < 0) return false;
  *ret = (struct ledger_line){.id = sqlite3_column_int64(q, 0),
                              .origin = db_text_there(q, 1),
                              .outcome = (enum document_outcome)outcome,
                              .reason = db_text(q, 3),
                              .bytes = (uint64_t)db_count(q, 4),
                              .records = (uint64_t)db_count(q, 5),
                              .report = sqlite3_column_int64(q, 6),
                              .seen_s = db_time_there(q, 7),
                              .kind = (enum report_kind)sqlite3_column_int(q, 8)};
  db_digest(q, 9, ret->digest);
  return true;
}

int ledger_each(struct local *l, const struct report_filter *filter, unsigned outcomes, bool with_reason, ledger_fn *fn,
                void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  struct ledger_line line;
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db,
                               "SELECT id, origin, outcome, reason, bytes, records, report_id, seen_s, kind, digest"
                               " FROM document WHERE seen_s >= ? AND seen_s < ? ORDER BY id",
                               &q, e)) < 0)
    return r;
  sqlite3_bind_int64(q, 1, filter->since_s);
  sqlite3_bind_int64(q, 2, filter->until_s);
  while ((r = db_step(l->db, q, e)) == 1) {
    if (!read_line(q, &line)) continue;
    if (!(outcomes & 1u << line.outcome) && !(with_reason && line.reason)) continue;
    if ((r = fn(user, &line, e)) < 0) return r;
  }
  return r;
}
