/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said of single reports. */
#include "local/report_words.h"

#include "base/cleanup.h"
#include "base/utc.h"
#include "base/word.h"
#include "local/local_state.h"

static const char *const WORDS[] = {[REPORT_TRUSTED] = "trusted", [REPORT_DISTRUSTED] = "distrusted"};

const char *report_word_text(enum report_word word) { return WORDS[word]; }

static int put(struct local *l, const struct identity *report, enum report_word word, struct err *e) {
  sqlite3_stmt *q;
  bool is_said = word != REPORT_UNDECIDED;
  int r = local_statement(l, is_said ? LOCAL_PUT_REPORT_WORD : LOCAL_REMOVE_REPORT_WORD, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, report->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  if (is_said) db_bind_text(q, 2, WORDS[word]);
  if (is_said) sqlite3_bind_int64(q, 3, utc_now());
  return db_finish(l->db, q, e);
}

int report_word_put(struct local *l, const struct identity *report, enum report_word word, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put(l, report, word, e), e);
}

/* A word that a newer program wrote is none. */
static enum report_word read_word(const char *text) {
  int place = word_place(WORDS, ARRAY_SIZE(WORDS), text);
  return place < 0 ? REPORT_UNDECIDED : (enum report_word)place;
}

int report_words_read(struct local *l, struct report_words *ret, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  hashmap_init(&ret->of, sizeof(enum report_word));
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db, "SELECT identity, word FROM report_word", &q, e)) < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    struct identity report;
    db_digest(q, 0, report.bytes);
    *(enum report_word *)hashmap_put(&ret->of, report.bytes, IDENTITY_BYTES, NULL) = read_word(db_text(q, 1));
  }
  return r;
}

void report_words_clear(struct report_words *w) {
  if (w->of.value_size) hashmap_clear(&w->of);
}

enum report_word report_word_of(const struct report_words *w, const struct identity *report) {
  const enum report_word *word = w && w->of.count ? hashmap_get(&w->of, report->bytes, IDENTITY_BYTES) : NULL;
  return word ? *word : REPORT_UNDECIDED;
}
