/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the DNS: a cache. Whatever goes wrong here, an answer is missed and nothing else happens. */
#include "local/answers.h"

#include <string.h>

#include "local/local_state.h"

/* How long others are waited for: an import may hold the lock for a second, and asking once more costs less. */
#define ANSWERS_WAIT_MS 100

int answers_open(const char *path, struct local **ret, struct err *e) {
  int r = local_open(path, LOCAL_WRITE, ret, e);
  if (r < 0) r = local_open(path, LOCAL_READ, ret, e);
  if (r == 0) sqlite3_busy_timeout((*ret)->db->handle, ANSWERS_WAIT_MS);
  return r;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void add_text(struct arena *arena, const char ***texts, unsigned *count, unsigned *capacity, const char *text) {
  if (*count == *capacity) {
    unsigned more = *capacity ? *capacity * 2 : 4;
    const char **moved = arena_alloc(arena, more * sizeof *moved);
    if (*count) memcpy(moved, *texts, *count * sizeof *moved);
    *texts = moved;
    *capacity = more;
  }
  (*texts)[(*count)++] = arena_strdup(arena, text);
}

bool answer_get(struct local *l, const char *name, const char *type, int64_t now_s, struct arena *arena,
                struct kept_answer *ret) {
  sqlite3_stmt *q;
  struct kept_answer answer = {.name = name, .type = type};
  const char **texts = NULL;
  unsigned capacity = 0;
  int r = local_statement(l, LOCAL_GET_ANSWER, &q, NULL);
  if (r < 0) return false;
  db_bind_text(q, 1, name);
  db_bind_text(q, 2, type);
  sqlite3_bind_int64(q, 3, now_s);
  while ((r = db_step(l->db, q, NULL)) == 1) {
    if (!answer.status) answer.status = arena_strdup(arena, db_text(q, 0));
    answer.expires_s = db_time_there(q, 1);
    if (db_text(q, 2)) add_text(arena, &texts, &answer.count, &capacity, db_text(q, 2));
  }
  sqlite3_reset(q);
  if (r < 0 || !answer.status) return false;
  answer.texts = texts;
  *ret = answer;
  return true;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* A JSON array; the texts are UTF-8. */
static void write_texts(struct strbuf *out, const struct kept_answer *answer) {
  strbuf_add_char(out, '[');
  for (unsigned i = 0; i < answer->count; i++) {
    strbuf_add_text(out, i ? ",\"" : "\"");
    for (const char *c = answer->texts[i]; *c; c++)
      if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\')
        strbuf_printf(out, "\\u%04x", (unsigned char)*c);
      else
        strbuf_add_char(out, *c);
    strbuf_add_char(out, '"');
  }
  strbuf_add_char(out, ']');
}

static int put(struct local *l, const struct kept_answer *answer) {
  _cleanup_strbuf_ struct strbuf texts = STRBUF_INIT;
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_ANSWER, &q, NULL);
  if (r < 0) return r;
  write_texts(&texts, answer);
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
