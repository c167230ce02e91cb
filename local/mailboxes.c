/* SPDX-License-Identifier: Apache-2.0 */
/* Mailboxes: how far they were read, what is to be done to their mails, and whose turn it is. Servers are not known
 * here. */
#include "local/mailboxes.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/feedback.h"
#include "local/local_state.h"

static const char *const TASKS[] = {[TASK_STORED] = "stored", [TASK_FAILED] = "failed", [TASK_COPIED] = "copied"};

/* A statement with up to three numbers. */
static int run(struct local *l, enum local_statement which, int64_t a, int64_t b, int64_t c, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, which, &q, e);
  if (r < 0) return r;
  int64_t numbers[] = {a, b, c};
  for (int i = 0; i < 3 && i < sqlite3_bind_parameter_count(q); i++) sqlite3_bind_int64(q, i + 1, numbers[i]);
  return db_finish(l->db, q, e);
}

static int run_own(struct local *l, enum local_statement which, int64_t a, int64_t b, int64_t c, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, run(l, which, a, b, c, e), e);
}

/* --- mailboxes ---------------------------------------------------------------------------------------------------- */

/* What cannot be a UID, in a database from elsewhere, is 0: the folder is then read from its begin. */
static uint32_t read_uid(sqlite3_stmt *q, int column) {
  int64_t value = sqlite3_column_int64(q, column);
  return value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static int find(struct local *l, const char *account, const char *folder, struct mailbox_cursor *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_FIND_MAILBOX, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, account);
  db_bind_text(q, 2, folder);
  r = db_step(l->db, q, e);
  if (r == 1)
    *ret =
        (struct mailbox_cursor){sqlite3_column_int64(q, 0), read_uid(q, 1), read_uid(q, 2), sqlite3_column_int64(q, 3)};
  sqlite3_reset(q);
  return r;
}

static int add(struct local *l, const char *account, const char *folder, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_ADD_MAILBOX, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, account);
  db_bind_text(q, 2, folder);
  return db_finish(l->db, q, e);
}

int cursor_get(struct local *l, const char *account, const char *folder, struct mailbox_cursor *ret, struct err *e) {
  bool own;
  struct mailbox_cursor none = {.next_uid = 1};
  *ret = none;
  int r = find(l, account, folder, ret, e);
  if (r == 0 && l->db->writes) {
    r = db_begin_own(l->db, &own, e);
    if (r == 0) r = db_end_own(l->db, own, add(l, account, folder, e), e);
    if (r == 0) r = find(l, account, folder, ret, e);
  }
  return r < 0 ? r : 0;
}

int cursor_lock(struct local *l, int64_t mailbox, int *ret_fd, struct err *e) {
  return local_lock(l, "mailboxes", mailbox, ret_fd, e);
}

int cursor_renumber(struct local *l, int64_t mailbox, uint32_t uidvalidity, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  if (r < 0) return r;
  r = run(l, LOCAL_RENUMBER_MAILBOX, mailbox, uidvalidity, 0, e);
  if (r == 0) r = run(l, LOCAL_FORGET_TASKS, mailbox, 0, 0, e);
  return db_end_own(l->db, own, r, e);
}

int cursor_advance(struct local *l, int64_t mailbox, uint32_t next_uid, struct err *e) {
  return run_own(l, LOCAL_ADVANCE_MAILBOX, mailbox, next_uid, 0, e);
}

int cursor_finish(struct local *l, int64_t mailbox, uint32_t next_uid, int64_t now_s, struct err *e) {
  return run_own(l, LOCAL_FINISH_MAILBOX, mailbox, next_uid, now_s, e);
}

int cursor_get_marks(struct local *l, int64_t mailbox, char **ret, struct err *e) {
  sqlite3_stmt *q;
  *ret = NULL;
  int r = local_statement(l, LOCAL_GET_MARKS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  r = db_step(l->db, q, e);
  if (r == 1) *ret = mem_strdup(db_text(q, 0));
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

static int put_marks(struct local *l, int64_t mailbox, const char *marks, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_PUT_MARKS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  db_bind_text(q, 2, marks);
  return db_finish(l->db, q, e);
}

int cursor_put_marks(struct local *l, int64_t mailbox, const char *marks, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, put_marks(l, mailbox, marks, e), e);
}

static int note(struct local *l, int64_t mailbox, const char *url, uint32_t server_next_uid, int64_t now_s,
                const char *error, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_NOTE_MAILBOX, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  db_bind_text(q, 2, url);
  if (server_next_uid)
    sqlite3_bind_int64(q, 3, server_next_uid);
  else
    sqlite3_bind_null(q, 3);
  sqlite3_bind_int64(q, 4, now_s);
  db_bind_text(q, 5, error);
  return db_finish(l->db, q, e);
}

int cursor_note(struct local *l, int64_t mailbox, const char *url, uint32_t server_next_uid, int64_t now_s,
                const char *error, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, note(l, mailbox, url, server_next_uid, now_s, error, e), e);
}

int mailbox_state_each(struct local *l, mailbox_state_fn *fn, void *user, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EACH_MAILBOX, &q, e);
  if (r < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    uint32_t next = read_uid(q, 3), server_next = read_uid(q, 4);
    const struct mailbox_state state = {
        .account = db_text_there(q, 0),
        .folder = db_text_there(q, 1),
        .url = db_text(q, 2),
        .read_s = db_time(q, 5),
        .tried_s = db_time(q, 6),
        .error_s = db_time(q, 8),
        .error = db_text(q, 7),
        .pending_uids = !server_next         ? -1
                        : server_next > next ? (int64_t)server_next - next
                                             : 0,
        .pending_tasks = db_count(q, 9),
    };
    if ((r = fn(user, &state, e)) < 0) break;
  }
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static int add_name(struct local *l, int64_t mailbox, uint32_t uid, const char *name, int64_t came_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_ADD_NAME, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  sqlite3_bind_int64(q, 2, uid);
  db_bind_text(q, 3, name);
  if (came_s == INT64_MAX)
    sqlite3_bind_null(q, 4);
  else
    sqlite3_bind_int64(q, 4, came_s);
  return db_finish(l->db, q, e);
}

int name_add(struct local *l, int64_t mailbox, uint32_t uid, const char *name, int64_t came_s, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, add_name(l, mailbox, uid, name, came_s, e), e);
}

int name_remove(struct local *l, int64_t mailbox, uint32_t uid, struct err *e) {
  return run_own(l, LOCAL_REMOVE_NAME, mailbox, uid, 0, e);
}

int name_each(struct local *l, int64_t mailbox, name_fn *fn, void *user, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EACH_NAME, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  while ((r = db_step(l->db, q, e)) == 1) {
    uint32_t uid = read_uid(q, 0);
    int64_t came_s = db_time(q, 2);
    if (came_s == FEEDBACK_TIME_UNKNOWN) came_s = INT64_MAX;
    if (uid && (r = fn(user, uid, db_text_there(q, 1), came_s, e)) < 0) break;
  }
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

/* --- tasks -------------------------------------------------------------------------------------------------------- */

static int write_task(struct local *l, enum local_statement which, int64_t mailbox, uint32_t uid,
                      enum mailbox_task task, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, which, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  sqlite3_bind_int64(q, 2, uid);
  if (which != LOCAL_REMOVE_TASK) db_bind_text(q, 3, TASKS[task]);
  return db_finish(l->db, q, e);
}

static int write_tasks(struct local *l, enum local_statement which, int64_t mailbox, const uint32_t *uids,
                       uint32_t count, enum mailbox_task task, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  if (r < 0) return r;
  for (uint32_t i = 0; i < count && r == 0; i++) r = write_task(l, which, mailbox, uids[i], task, e);
  return db_end_own(l->db, own, r, e);
}

int task_add(struct local *l, int64_t mailbox, uint32_t uid, enum mailbox_task task, struct err *e) {
  return write_tasks(l, LOCAL_ADD_TASK, mailbox, &uid, 1, task, e);
}

int task_mark(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, enum mailbox_task task,
              struct err *e) {
  return write_tasks(l, LOCAL_MARK_TASK, mailbox, uids, count, task, e);
}

int task_remove(struct local *l, int64_t mailbox, const uint32_t *uids, uint32_t count, bool left, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  if (r < 0) return r;
  r = write_tasks(l, LOCAL_REMOVE_TASK, mailbox, uids, count, TASK_STORED, e);
  for (uint32_t i = 0; i < count && left && r == 0; i++) r = run(l, LOCAL_REMOVE_NAME, mailbox, uids[i], 0, e);
  return db_end_own(l->db, own, r, e);
}

int task_list(struct local *l, int64_t mailbox, enum mailbox_task task, uint32_t from_uid, uint32_t *ret_uids,
              uint32_t most, struct err *e) {
  sqlite3_stmt *q;
  uint32_t count = 0;
  int r = local_statement(l, LOCAL_LIST_TASKS, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  db_bind_text(q, 2, TASKS[task]);
  sqlite3_bind_int64(q, 3, from_uid);
  sqlite3_bind_int64(q, 4, most);
  while (count < most && (r = db_step(l->db, q, e)) == 1) ret_uids[count++] = read_uid(q, 0);
  sqlite3_reset(q);
  return r < 0 ? r : (int)count;
}

int task_was_refused(struct local *l, int64_t mailbox, uint32_t uid, int64_t before_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_IS_TASK_REFUSED, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, mailbox);
  sqlite3_bind_int64(q, 2, uid);
  sqlite3_bind_int64(q, 3, before_s);
  r = db_step(l->db, q, e);
  sqlite3_reset(q);
  return r;
}

int task_refuse(struct local *l, int64_t mailbox, uint32_t uid, int64_t now_s, int64_t before_s, struct err *e) {
  int r = run_own(l, LOCAL_REFUSE_TASK, mailbox, uid, now_s, e);
  return r < 0 ? r : task_was_refused(l, mailbox, uid, before_s, e);
}
