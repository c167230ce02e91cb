/* SPDX-License-Identifier: Apache-2.0 */
/* What was told of findings, and what is still to be sent. */
#include "local/notices.h"

#include <string.h>

#include "base/cleanup.h"
#include "local/local_state.h"

static const char *const STATES[] = {"due", "gone"};

/* --- what was told ------------------------------------------------------------------------------------------------ */

int told_read(struct local *l, const char *section, struct hashmap *ret, struct err *e) {
  sqlite3_stmt *q;
  hashmap_init(ret, sizeof(struct told));
  int r = local_statement(l, LOCAL_EACH_TOLD, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  while ((r = db_step(l->db, q, e)) == 1) {
    struct identity finding;
    db_digest(q, 0, finding.bytes);
    const char *state = db_text(q, 1);
    *(struct told *)hashmap_put(ret, finding.bytes, IDENTITY_BYTES, NULL) = (struct told){
        .is_gone = state && !strcmp(state, STATES[true]),
        .severity = sqlite3_column_int(q, 2),
        .first_day = sqlite3_column_int(q, 3),
        .seen_day = sqlite3_column_int(q, 4),
        .told_s = db_time_there(q, 5),
    };
  }
  sqlite3_reset(q);
  return r;
}

const struct told *told_of(const struct hashmap *all, const struct identity *finding) {
  return all->count ? hashmap_get(all, finding->bytes, IDENTITY_BYTES) : NULL;
}

static int put_told(struct local *l, const char *section, const struct identity *finding, const struct told *t,
                    struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_TOLD, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_blob(q, 2, finding->bytes, IDENTITY_BYTES, SQLITE_STATIC);
  db_bind_text(q, 3, STATES[t->is_gone]);
  sqlite3_bind_int(q, 4, t->severity);
  sqlite3_bind_int(q, 5, t->first_day);
  sqlite3_bind_int(q, 6, t->seen_day);
  sqlite3_bind_int64(q, 7, t->told_s);
  return db_finish(l->db, q, e);
}

int told_put(struct local *l, const char *section, const struct identity *finding, const struct told *t,
             struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put_told(l, section, finding, t, e), e);
}

/* A statement with a section, where it is about one, and a number, where it takes one. */
static int run(struct local *l, enum local_statement which, const char *section, const int64_t *number, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, which, &q, e), at = 0;
  if (r < 0) return r;
  if (section) db_bind_text(q, ++at, section);
  if (number) sqlite3_bind_int64(q, ++at, *number);
  return db_finish(l->db, q, e);
}

static int run_own(struct local *l, enum local_statement which, const char *section, const int64_t *number,
                   struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, run(l, which, section, number, e), e);
}

int told_forget(struct local *l, const char *section, int32_t before_day, struct err *e) {
  return run_own(l, LOCAL_FORGET_TOLD, section, &(int64_t){before_day}, e);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static int put_message(struct local *l, const char *section, const struct notice_message *m, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_MESSAGE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_blob(q, 2, m->key.bytes, IDENTITY_BYTES, SQLITE_STATIC);
  sqlite3_bind_int64(q, 3, m->made_s);
  sqlite3_bind_int64(q, 4, m->changes);
  db_bind_text(q, 5, m->subject);
  db_bind_text(q, 6, m->text);
  db_bind_text(q, 7, m->html);
  db_bind_text(q, 8, m->json);
  return db_finish(l->db, q, e);
}

int notice_message_put(struct local *l, const char *section, const struct notice_message *m, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put_message(l, section, m, e), e);
}

static const char *keep(struct arena *arena, sqlite3_stmt *q, int column) {
  return arena_strdup(arena, db_text_there(q, column));
}

int notice_message_next(struct local *l, const char *section, int64_t after_id, struct arena *arena,
                        struct notice_message *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_NEXT_MESSAGE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_int64(q, 2, after_id);
  r = db_step(l->db, q, e);
  if (r == 1) {
    *ret = (struct notice_message){.id = sqlite3_column_int64(q, 0),
                                   .made_s = db_time_there(q, 2),
                                   .changes = db_count(q, 3),
                                   .taken = arena_strdup(arena, db_text(q, 4)),
                                   .subject = keep(arena, q, 5),
                                   .text = keep(arena, q, 6),
                                   .html = keep(arena, q, 7),
                                   .json = keep(arena, q, 8)};
    db_digest(q, 1, ret->key.bytes);
  }
  sqlite3_reset(q);
  return r;
}

static int set_taken(struct local *l, int64_t id, const char *taken, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_SET_TAKEN, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, taken);
  sqlite3_bind_int64(q, 2, id);
  return db_finish(l->db, q, e);
}

int notice_message_set_taken(struct local *l, int64_t id, const char *taken, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, set_taken(l, id, taken, e), e);
}

int notice_message_remove(struct local *l, int64_t id, struct err *e) {
  return run_own(l, LOCAL_REMOVE_MESSAGE, NULL, &id, e);
}

int notice_message_remove_heartbeats(struct local *l, const char *section, struct err *e) {
  return run_own(l, LOCAL_REMOVE_HEARTBEATS, section, NULL, e);
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

int notice_way_each(struct local *l, notice_way_fn *fn, void *user, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EACH_WAY, &q, e);
  if (r < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    const bool has_period = sqlite3_column_type(q, 1) != SQLITE_NULL;
    const struct notice_way way = {.section = db_text_there(q, 0),
                                   .period_day = has_period ? sqlite3_column_int(q, 1) : INT32_MIN,
                                   .tried_s = db_time(q, 2),
                                   .failing_s = db_time(q, 3),
                                   .error = db_text(q, 4)};
    if ((r = fn(user, &way, e)) < 0) break;
  }
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

static int note(struct local *l, const char *section, int64_t now_s, const char *error, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_NOTE_WAY, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_int64(q, 2, now_s);
  db_bind_text(q, 3, error);
  return db_finish(l->db, q, e);
}

int notice_way_note(struct local *l, const char *section, int64_t now_s, const char *error, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, note(l, section, now_s, error, e), e);
}

int notice_way_set_period(struct local *l, const char *section, int32_t day, struct err *e) {
  return run_own(l, LOCAL_SET_PERIOD, section, &(int64_t){day}, e);
}
