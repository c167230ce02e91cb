/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: one line a document that was met, and no second one when it is met again. */
#include <string.h>

#include "base/digest.h"
#include "base/identity.h"
#include "sqlite/db.h"

static const char *const WORDS[DOCUMENT_OUTCOMES] = {
    [DOCUMENT_NEW] = "new",
    [DOCUMENT_DAMAGED] = "damaged",
    [DOCUMENT_DUPLICATE] = "duplicate",
    [DOCUMENT_CONFLICTING] = "conflicting",
    [DOCUMENT_REJECTED] = "rejected",
    [DOCUMENT_NO_REPORT] = "no-report",
};

const char *document_outcome_word(enum document_outcome outcome) { return WORDS[outcome]; }

static bool is_stored(enum document_outcome outcome) { return outcome == DOCUMENT_NEW || outcome == DOCUMENT_DAMAGED; }

/* The line that the document has already: 1 and its id, or 0. A report that was stored this moment cannot have one yet,
 * but its document can have one from before. */
static int find_line(struct store *s, const struct store_document *document, const struct identity *identity,
                     int64_t *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_DOCUMENT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  db_bind_text(q, 2, WORDS[document->outcome]);
  db_bind_id(q, 3, is_stored(document->outcome) ? 0 : document->report);
  r = db_step(s, q, e);
  if (r == 1) *ret = sqlite3_column_int64(q, 0);
  sqlite3_reset(q);
  return r;
}

static int add_line(struct store *s, const struct store_document *document, const struct identity *identity,
                    struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_ADD_DOCUMENT, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, document->origin);
  db_bind_text(q, 2, WORDS[document->outcome]);
  db_bind_text(q, 3, document->reason);
  sqlite3_bind_int64(q, 4, (int64_t)document->bytes);
  sqlite3_bind_int64(q, 5, (int64_t)document->records);
  db_bind_id(q, 6, document->report);
  sqlite3_bind_int64(q, 7, document->seen_s);
  db_bind_id(q, 8, document->kind);
  sqlite3_bind_blob(q, 9, digest_is_none(document->digest) ? NULL : document->digest, FEEDBACK_DIGEST_BYTES,
                    SQLITE_STATIC);
  sqlite3_bind_blob(q, 10, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  return db_finish(s, q, e);
}

/* A document that is stored although its line is there: its report, or the one it was a duplicate of, was deleted
 * since. The line then says what is true now; when it was first met stays. */
static int restate_line(struct store *s, const struct store_document *document, int64_t line, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_RESTATE_DOCUMENT, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, line);
  db_bind_text(q, 2, WORDS[document->outcome]);
  db_bind_text(q, 3, document->reason);
  sqlite3_bind_int64(q, 4, (int64_t)document->bytes);
  sqlite3_bind_int64(q, 5, (int64_t)document->records);
  db_bind_id(q, 6, document->report);
  return db_finish(s, q, e);
}

static int add_or_restate(struct store *s, const struct store_document *document, struct err *e) {
  struct identity identity = identity_of_document(document->origin, document->digest);
  int64_t line = 0;
  int r = find_line(s, document, &identity, &line, e);
  if (r < 0) return r;
  if (r == 0) return add_line(s, document, &identity, e);
  return is_stored(document->outcome) ? restate_line(s, document, line, e) : 0;
}

int store_add_document(struct store *s, const struct store_document *document, struct err *e) {
  if (!store_in_transaction(s)) return err_set(e, ERR_STORE, "%s: no transaction is open", s->path);
  int r = add_or_restate(s, document, e);
  if (r < 0) store_abort(s);
  return r;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool read_outcome(const char *word, enum document_outcome *ret) {
  for (unsigned i = 0; word && i < DOCUMENT_OUTCOMES; i++) {
    if (strcmp(WORDS[i], word) != 0) continue;
    *ret = (enum document_outcome)i;
    return true;
  }
  return false;
}

/* False for a line whose outcome this program does not know. */
static bool read_line(sqlite3_stmt *q, struct store_document *ret) {
  *ret = (struct store_document){.id = sqlite3_column_int64(q, 0),
                                 .origin = db_text(q, 1),
                                 .reason = db_text(q, 3),
                                 .bytes = (uint64_t)sqlite3_column_int64(q, 4),
                                 .records = (uint64_t)sqlite3_column_int64(q, 5),
                                 .report = sqlite3_column_int64(q, 6),
                                 .seen_s = sqlite3_column_int64(q, 7),
                                 .kind = (enum report_kind)sqlite3_column_int(q, 8)};
  db_digest(q, 9, ret->digest);
  return read_outcome(db_text(q, 2), &ret->outcome);
}

int store_each_document(struct store *s, const struct report_filter *filter, unsigned outcomes, bool with_reason,
                        store_document_fn *fn, void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  struct store_document document;
  int r = db_snapshot(s, &snapshot, e);
  if (r < 0 || (r = db_prepare(s,
                               "SELECT id, origin, outcome, reason, bytes, records, report_id, seen_s, kind, digest"
                               " FROM document WHERE seen_s >= ? AND seen_s < ? ORDER BY id",
                               &q, e)) < 0)
    return r;
  sqlite3_bind_int64(q, 1, filter->since_s);
  sqlite3_bind_int64(q, 2, filter->until_s);
  while ((r = db_step(s, q, e)) == 1) {
    if (!read_line(q, &document)) continue;
    if (!(outcomes & 1u << document.outcome) && !(with_reason && document.reason)) continue;
    if ((r = fn(user, &document, e)) < 0) return r;
  }
  return r;
}
