/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said of steps. */
#include "local/taken_steps.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "local/local_state.h"

static int put(struct local *l, const struct taken_step *s, struct err *e) {
  const char *const texts[] = {s->step, s->record, s->former_record, s->verdict, s->reason};
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_TAKEN_STEP, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, s->domain);
  sqlite3_bind_int(q, 2, s->day);
  for (int i = 0; i < (int)ARRAY_SIZE(texts); i++) db_bind_text(q, 3 + i, texts[i]);
  sqlite3_bind_int64(q, 8, s->own_messages);
  sqlite3_bind_int64(q, 9, s->own_passed);
  sqlite3_bind_int64(q, 10, s->undecided);
  db_bind_text(q, 11, s->who && *s->who ? s->who : NULL);
  db_bind_text(q, 12, s->note && *s->note ? s->note : NULL);
  sqlite3_bind_int64(q, 13, s->made_s);
  return db_finish(l->db, q, e);
}

static int change(struct local *l, enum local_statement which, const char *domain, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, which, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, domain);
  r = db_finish(l->db, q, e);
  return r < 0 ? r : sqlite3_changes(l->db->handle) > 0;
}

int taken_step_put(struct local *l, const struct taken_step *step, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put(l, step, e), e);
}

int taken_step_remove_last(struct local *l, const char *domain, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, change(l, LOCAL_REMOVE_TAKEN_STEP, domain, e), e);
}

int taken_steps_forget(struct local *l, const char *domain, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, change(l, LOCAL_FORGET_TAKEN_STEPS, domain, e), e);
}

int taken_steps_read(struct local *l, struct taken_steps *ret, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  *ret = (struct taken_steps){.arena = arena_new(1024)};
  int r = db_snapshot(l->db, &snapshot, e);
  if (r < 0 || (r = db_prepare(l->db,
                               "SELECT domain, day, step, record, former_record, verdict, reason, own_messages,"
                               " own_passed, undecided, who, note, made_s FROM taken_step ORDER BY domain, day, id",
                               &q, e)) < 0)
    return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    MEM_GROW(ret->items, ret->capacity, ret->count);
    const char *texts[13];
    for (int i = 0; i < (int)ARRAY_SIZE(texts); i++) {
      const bool may_be_absent = i == 4 || i == 10 || i == 11;
      texts[i] = arena_strdup(ret->arena, may_be_absent ? db_text(q, i) : db_text_there(q, i));
    }
    ret->items[ret->count++] = (struct taken_step){.domain = texts[0],
                                                   .day = sqlite3_column_int(q, 1),
                                                   .step = texts[2],
                                                   .record = texts[3],
                                                   .former_record = texts[4],
                                                   .verdict = texts[5],
                                                   .reason = texts[6],
                                                   .own_messages = db_count(q, 7),
                                                   .own_passed = db_count(q, 8),
                                                   .undecided = db_count(q, 9),
                                                   .who = texts[10],
                                                   .note = texts[11],
                                                   .made_s = db_time_there(q, 12)};
  }
  return r;
}

void taken_steps_clear(struct taken_steps *s) {
  free(s->items);
  arena_free(s->arena);
  *s = (struct taken_steps){0};
}
