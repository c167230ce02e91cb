/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: what the owner said of a source. What follows from it is decided elsewhere. */
#include "local/labels.h"

#include "base/cleanup.h"
#include "base/word.h"
#include "local/local_state.h"

#define EXPECTED_DAYS_MOST 366 /* of a volume; 30 is what can be said */

#define WORD_OF(VERDICT, WORD) [VERDICT] = WORD,
static const char *const VERDICTS[LABEL_VERDICTS] = {EACH_LABEL_VERDICT(WORD_OF)};
#define ONE(VERDICT, WORD) +1
_Static_assert(0 EACH_LABEL_VERDICT(ONE) == LABEL_VERDICTS, "each verdict has its word");
static const char *const SUBJECTS[LABEL_SUBJECTS] = {
    [LABEL_ADDRESS] = "address",
    [LABEL_NETWORK] = "network",
    [LABEL_SERVICE] = "service",
    [LABEL_DOMAIN] = "domain",
};

const char *label_verdict_word(enum label_verdict verdict) { return VERDICTS[verdict]; }

int label_verdict_of(const char *word) {
  return is_word(word, "unauthorized") ? LABEL_UNAUTHORISED : word_place(VERDICTS, LABEL_VERDICTS, word);
}

const char *label_subject_word(enum label_subject subject) { return SUBJECTS[subject]; }

/* --- writing ------------------------------------------------------------------------------------------------------ */

static const char *null_if_empty(const char *text) { return text && *text ? text : NULL; }

static int put(struct local *l, const struct label *label, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_LABEL, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, SUBJECTS[label->subject]);
  db_bind_text(q, 2, label->source);
  db_bind_text(q, 3, VERDICTS[label->verdict]);
  db_bind_text(q, 4, null_if_empty(label->domain));
  db_bind_time(q, 5, label->until_s);
  db_bind_text(q, 6, null_if_empty(label->note));
  sqlite3_bind_int64(q, 7, label->made_s);
  db_bind_text(q, 8, null_if_empty(label->owner));
  db_bind_text(q, 9, null_if_empty(label->purpose));
  db_bind_text(q, 10, null_if_empty(label->ticket));
  db_bind_time(q, 11, label->expected.days ? label->expected.messages : FEEDBACK_TIME_UNKNOWN);
  db_bind_id(q, 12, label->expected.days);
  db_bind_id(q, 13, label->review_s);
  return db_finish(l->db, q, e);
}

static int remove_label(struct local *l, const char *source, const char *domain, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_REMOVE_LABEL, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, source);
  db_bind_text(q, 2, domain);
  r = db_finish(l->db, q, e);
  return r < 0 ? r : sqlite3_changes(l->db->handle) > 0;
}

int label_put(struct local *l, const struct label *label, struct err *e) {
  bool own;
  if (!null_if_empty(label->source)) return err_set(e, ERR_USAGE, "a label needs a source");
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put(l, label, e), e);
}

int label_remove(struct local *l, const char *source, const char *domain, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, remove_label(l, source, domain, e), e);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* False for a label that a newer program made, with a word that this one does not know, or without a source. */
static bool read_label(sqlite3_stmt *q, struct label *ret) {
  int subject = word_place(SUBJECTS, LABEL_SUBJECTS, db_text(q, 1));
  int verdict = word_place(VERDICTS, LABEL_VERDICTS, db_text(q, 3));
  if (subject < 0 || verdict < 0) return false;
  *ret = (struct label){.id = sqlite3_column_int64(q, 0),
                        .subject = (enum label_subject)subject,
                        .source = db_text(q, 2),
                        .verdict = (enum label_verdict)verdict,
                        .domain = db_text(q, 4),
                        .until_s = db_time(q, 5),
                        .note = db_text(q, 6),
                        .made_s = db_time_there(q, 7),
                        .owner = db_text(q, 8),
                        .purpose = db_text(q, 9),
                        .ticket = db_text(q, 10),
                        .review_s = db_time_there(q, 13)};
  const int64_t days = db_count(q, 12);
  if (sqlite3_column_type(q, 11) != SQLITE_NULL && days > 0 && days <= EXPECTED_DAYS_MOST)
    ret->expected = (struct label_volume){db_count(q, 11), (int)days};
  return ret->source;
}

int label_each(struct local *l, label_fn *fn, void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  struct label label;
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db,
                               "SELECT id, subject, source, verdict, domain, until_s, note, made_s, owner, purpose,"
                               " ticket, expected_messages, expected_days, review_s FROM label"
                               " ORDER BY made_s, id",
                               &q, e)) < 0)
    return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    if (!read_label(q, &label)) continue;
    if ((r = fn(user, &label, e)) < 0) return r;
  }
  return r;
}
