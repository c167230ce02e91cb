/* SPDX-License-Identifier: Apache-2.0 */
/* What was told of findings, and what is still to be sent. */
#include "local/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/utc.h"
#include "local/local_state.h"

static const char *const STATES[] = {"due", "gone"};

/* --- what was told ------------------------------------------------------------------------------------------------ */

static const char *keep(struct arena *arena, sqlite3_stmt *q, int column) {
  return arena_strdup(arena, db_text_there(q, column));
}

/* One that can be written as a date, whatever the file holds. */
static int32_t read_day(sqlite3_stmt *q, int column) {
  const int32_t day = sqlite3_column_int(q, column), last = (int32_t)(NUMBER_LAST_SECOND / UTC_DAY_S);
  return day < 0 ? 0 : day > last ? last : day;
}

static struct told read_told(sqlite3_stmt *q, struct arena *arena) {
  const char *state = db_text(q, 1);
  return (struct told){
      .is_gone = state && !strcmp(state, STATES[true]),
      .severity = sqlite3_column_int(q, 2),
      .first_day = read_day(q, 3),
      .seen_day = read_day(q, 4),
      .told_s = db_time_there(q, 5),
      .message_id = db_count(q, 6),
      .found_day = read_day(q, 7),
      .missed_days = read_day(q, 8),
      .is_acknowledged = sqlite3_column_int(q, 9),
      .kind = keep(arena, q, 10),
      .domain = keep(arena, q, 11),
      .subject = keep(arena, q, 12),
      .title = keep(arena, q, 13),
  };
}

int told_read(struct local *l, const char *section, int64_t until_id, struct arena *arena, struct hashmap *ret,
              struct err *e) {
  sqlite3_stmt *q;
  hashmap_init(ret, sizeof(struct told));
  int r = local_statement(l, LOCAL_EACH_TOLD, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_int64(q, 2, until_id);
  while ((r = db_step(l->db, q, e)) == 1) {
    struct identity finding;
    db_digest(q, 0, finding.bytes);
    *(struct told *)hashmap_put(ret, finding.bytes, IDENTITY_BYTES, NULL) = read_told(q, arena);
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
  sqlite3_bind_int64(q, 8, t->message_id);
  sqlite3_bind_int(q, 9, t->found_day);
  sqlite3_bind_int(q, 10, t->missed_days);
  sqlite3_bind_int(q, 11, t->is_acknowledged);
  db_bind_text(q, 12, t->kind);
  db_bind_text(q, 13, t->domain);
  db_bind_text(q, 14, t->subject);
  db_bind_text(q, 15, t->title);
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

int told_forget(struct local *l, int32_t before_day, struct err *e) {
  return run_own(l, LOCAL_FORGET_TOLD, NULL, &(int64_t){before_day}, e);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void bind_progress(sqlite3_stmt *q, int at, const struct notice_progress *p) {
  db_bind_time(q, at, p->looked_s);
  if (p->period_day == INT32_MIN)
    sqlite3_bind_null(q, at + 1);
  else
    sqlite3_bind_int(q, at + 1, p->period_day);
}

static struct notice_progress read_progress(sqlite3_stmt *q, int looked, int period) {
  const bool has_period = sqlite3_column_type(q, period) != SQLITE_NULL;
  return (struct notice_progress){db_time(q, looked), has_period ? read_day(q, period) : INT32_MIN};
}

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
  db_bind_text(q, 9, m->scope.addressees);
  db_bind_text(q, 10, m->scope.kinds);
  sqlite3_bind_int(q, 11, m->scope.severity);
  db_bind_text(q, 12, m->scope.domains);
  bind_progress(q, 13, &m->before);
  return db_finish(l->db, q, e);
}

int notice_message_put(struct local *l, const char *section, const struct notice_message *m, int64_t *ret_id,
                       struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  if (r < 0) return r;
  r = put_message(l, section, m, e);
  const int64_t id = sqlite3_last_insert_rowid(l->db->handle);
  r = db_end_own(l->db, own, r, e);
  if (r == 0) *ret_id = id;
  return r;
}

static void read_message(sqlite3_stmt *q, struct arena *arena, struct notice_message *ret) {
  *ret = (struct notice_message){.id = sqlite3_column_int64(q, 0),
                                 .made_s = db_time_there(q, 2),
                                 .changes = db_count(q, 3),
                                 .taken = arena_strdup(arena, db_text(q, 4)),
                                 .subject = keep(arena, q, 5),
                                 .text = keep(arena, q, 6),
                                 .html = keep(arena, q, 7),
                                 .json = keep(arena, q, 8),
                                 .scope = {.addressees = keep(arena, q, 9),
                                           .kinds = arena_strdup(arena, db_text(q, 10)),
                                           .severity = sqlite3_column_int(q, 11),
                                           .domains = arena_strdup(arena, db_text(q, 12))},
                                 .before = read_progress(q, 13, 14)};
  db_digest(q, 1, ret->key.bytes);
}

int notice_message_next(struct local *l, const char *section, int64_t behind_id, struct arena *arena,
                        struct notice_message *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_NEXT_MESSAGE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  sqlite3_bind_int64(q, 2, behind_id);
  r = db_step(l->db, q, e);
  if (r == 1) read_message(q, arena, ret);
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

static int take(struct local *l, const char *section, int64_t id, struct err *e) {
  int r = run(l, LOCAL_TAKE_TOLD, section, &id, e);
  return r < 0 ? r : run(l, LOCAL_REMOVE_MESSAGE, NULL, &id, e);
}

int notice_message_taken(struct local *l, const char *section, int64_t id, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, take(l, section, id, e), e);
}

static int set_progress(struct local *l, const char *section, const struct notice_progress *p, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_SET_PROGRESS, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, section);
  bind_progress(q, 2, p);
  return db_finish(l->db, q, e);
}

/* The last second of a day is not asked about again. */
struct notice_progress notice_message_before(const struct notice_message *m) {
  struct notice_progress before = m->before;
  if (before.looked_s == FEEDBACK_TIME_UNKNOWN && m->made_s > 0) before.looked_s = m->made_s - 1;
  return before;
}

static int withdraw(struct local *l, const char *section, const struct notice_message *first, struct err *e) {
  const struct notice_progress before = notice_message_before(first);
  int r = run(l, LOCAL_WITHDRAW_TOLD, section, &first->id, e);
  if (!r) r = run(l, LOCAL_WITHDRAW_MESSAGES, section, &first->id, e);
  if (!r) r = set_progress(l, section, &before, e);
  return r < 0 ? r : run(l, LOCAL_GIVE_UP_WAY, section, NULL, e);
}

int notice_message_withdraw(struct local *l, const char *section, const struct notice_message *first, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, withdraw(l, section, first, e), e);
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
    const struct notice_way way = {.section = db_text_there(q, 0),
                                   .progress = read_progress(q, 5, 1),
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

int notice_way_set_progress(struct local *l, const char *section, const struct notice_progress *p, struct err *e) {
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, set_progress(l, section, p, e), e);
}

int notice_way_give_up(struct local *l, const char *section, struct err *e) {
  return run_own(l, LOCAL_GIVE_UP_WAY, section, NULL, e);
}

/* --- domains that nobody owns any more ---------------------------------------------------------------------------- */

/* What is read is changed only behind the last row. */
struct names {
  struct arena *arena;
  const char **items;
  uint32_t count, capacity;
};

static void add_name(struct names *n, const char *name) {
  MEM_GROW(n->items, n->capacity, n->count);
  n->items[n->count++] = arena_strdup(n->arena, name);
}

static int list_domains(struct local *l, const struct domain_set *wanted, struct names *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_EACH_TOLD_DOMAIN, &q, e);
  if (r < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1)
    if (domain_set_covers(wanted, db_text_there(q, 0))) add_name(ret, db_text_there(q, 0));
  sqlite3_reset(q);
  return r;
}

static int list_section(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  add_name(user, w->section);
  return 0;
}

static int withdraw_all(struct local *l, const struct names *sections, struct err *e) {
  int r = 0;
  for (uint32_t i = 0; i < sections->count && r >= 0; i++) {
    struct notice_message m;
    r = notice_message_next(l, sections->items[i], 0, sections->arena, &m, e);
    if (r == 1) r = withdraw(l, sections->items[i], &m, e);
  }
  return r < 0 ? r : 0;
}

static int forget_domains(struct local *l, const struct domain_set *domains, struct arena *arena, struct err *e) {
  struct names names = {.arena = arena}, sections = {.arena = arena};
  int r = list_domains(l, domains, &names, e);
  for (uint32_t i = 0; i < names.count && !r; i++) r = run(l, LOCAL_FORGET_TOLD_DOMAIN, names.items[i], NULL, e);
  if (!r) r = notice_way_each(l, list_section, &sections, e);
  if (!r) r = withdraw_all(l, &sections, e);
  free(names.items);
  free(sections.items);
  return r;
}

int notices_forget_domains(struct local *l, const struct domain_set *domains, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  bool own;
  int r = db_begin_own(l->db, &own, e);
  return r < 0 ? r : db_end_own(l->db, own, forget_domains(l, domains, arena, e), e);
}
