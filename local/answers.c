/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the DNS: a cache. Whatever goes wrong here, an answer is missed and nothing else happens. */
#include "local/answers.h"

#include <string.h>

#include "local/local_state.h"
#include "local/text_array.h"

/* How long others are waited for: an import may hold the lock for a second, and asking once more costs less. */
#define ANSWERS_WAIT_MS 100

int answers_open(const char *path, struct local **ret, struct err *e) {
  int r = local_open(path, LOCAL_WRITE, ret, e);
  if (r < 0) r = local_open(path, LOCAL_READ, ret, e);
  if (r == 0) sqlite3_busy_timeout((*ret)->db->handle, ANSWERS_WAIT_MS);
  return r;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

bool answer_get(struct local *l, const char *name, const char *type, int64_t now_s, struct arena *arena,
                struct kept_answer *ret) {
  sqlite3_stmt *q;
  struct kept_answer answer = {.name = name, .type = type};
  struct text_array texts = {0};
  int r = local_statement(l, LOCAL_GET_ANSWER, &q, NULL);
  if (r < 0) return false;
  db_bind_text(q, 1, name);
  db_bind_text(q, 2, type);
  sqlite3_bind_int64(q, 3, now_s);
  while ((r = db_step(l->db, q, NULL)) == 1) {
    if (!answer.status) answer.status = arena_strdup(arena, db_text(q, 0));
    answer.expires_s = db_time_there(q, 1);
    if (db_text(q, 2)) text_array_add(&texts, arena, db_text(q, 2));
  }
  sqlite3_reset(q);
  if (r < 0 || !answer.status) return false;
  answer.texts = texts.items;
  answer.count = texts.count;
  *ret = answer;
  return true;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int put(struct local *l, const struct kept_answer *answer) {
  _cleanup_strbuf_ struct strbuf texts = STRBUF_INIT;
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_ANSWER, &q, NULL);
  if (r < 0) return r;
  text_array_write(&texts, answer->texts, answer->count);
  db_bind_text(q, 1, answer->name);
  db_bind_text(q, 2, answer->type);
  db_bind_text(q, 3, answer->status);
  db_bind_text(q, 4, strbuf_text(&texts));
  sqlite3_bind_int64(q, 5, answer->expires_s);
  r = db_finish(l->db, q, NULL);
  sqlite3_clear_bindings(q);
  return r;
}

static int forget_expired(struct local *l, int64_t now_s) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EXPIRE_ANSWERS, &q, NULL);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, now_s);
  return db_finish(l->db, q, NULL);
}

int answers_forget(struct local *l, struct err *e) {
  sqlite3_stmt *q;
  int r = db_need_transaction(l->db, e);
  if (r == 0) r = local_statement(l, LOCAL_EXPIRE_ANSWERS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, INT64_MAX);
  return db_settled(l->db, db_finish(l->db, q, e));
}

void answers_put(struct local *l, const struct kept_answer *answers, unsigned count, int64_t now_s) {
  if (!l->db->writes || local_in_transaction(l)) return;
  if (db_run(l->db, "BEGIN IMMEDIATE", NULL) < 0) return;
  int r = forget_expired(l, now_s);
  for (unsigned i = 0; i < count && r == 0; i++) r = put(l, &answers[i]);
  if (r == 0) r = db_run(l->db, "COMMIT", NULL);
  if (r < 0) db_run(l->db, "ROLLBACK", NULL);
}
