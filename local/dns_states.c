/* SPDX-License-Identifier: Apache-2.0 */
/* Lengthens what is still so, and adds a line for what is new. */
#include "local/dns_states.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/text_list.h"
#include "local/local_state.h"
#include "local/text_array.h"

bool dns_state_is_known(const struct dns_state *s) {
  return strcmp(s->status, "failed") != 0 && strcmp(s->status, "timeout") != 0;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* What a line is told from another by. */
struct line {
  int64_t first_s, last_s;
  bool exists, is_same;
};

static bool same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* The newest line of the name and the type that is known, or that is not. */
static int find_newest(struct local *l, const struct dns_state *s, const struct strbuf *texts, bool known,
                       struct line *ret, struct err *e) {
  sqlite3_stmt *q;
  *ret = (struct line){0};
  int r = local_statement(l, LOCAL_FIND_DNS_STATE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, s->name);
  db_bind_text(q, 2, s->type);
  sqlite3_bind_int(q, 3, known);
  r = db_step(l->db, q, e);
  if (r == 1)
    *ret = (struct line){db_time_there(q, 0), db_time_there(q, 1), true,
                         same_text(db_text(q, 2), s->status) && same_text(db_text(q, 3), s->alias) &&
                             same_text(db_text(q, 4), strbuf_text(texts))};
  sqlite3_reset(q);
  return r < 0 ? r : 0;
}

static int lengthen(struct local *l, const struct dns_state *s, int64_t first_s, int64_t now_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_LENGTHEN_DNS_STATE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, s->name);
  db_bind_text(q, 2, s->type);
  db_bind_text(q, 3, s->status);
  sqlite3_bind_int64(q, 4, first_s);
  sqlite3_bind_int64(q, 5, now_s);
  return db_finish(l->db, q, e);
}

static int add(struct local *l, const struct dns_state *s, const struct strbuf *texts, int64_t now_s, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_ADD_DNS_STATE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, s->name);
  db_bind_text(q, 2, s->type);
  db_bind_text(q, 3, s->status);
  db_bind_text(q, 4, s->alias);
  db_bind_text(q, 5, strbuf_text(texts));
  sqlite3_bind_int64(q, 6, now_s);
  r = db_finish(l->db, q, e);
  sqlite3_clear_bindings(q);
  return r;
}

static int put(struct local *l, const struct dns_state *s, const struct strbuf *texts, int64_t now_s,
               struct dns_states_counts *ret, struct err *e) {
  const bool is_known = dns_state_is_known(s);
  struct line known, newest;
  int r = find_newest(l, s, texts, true, &known, e);
  if (r < 0) return r;
  newest = known;
  if (!is_known && (r = find_newest(l, s, texts, false, &newest, e)) < 0) return r;
  ret->seen++;
  ret->failed += !is_known;
  /* A failure behind something that was seen is another one. */
  const bool goes_on = newest.is_same && (is_known || !known.exists || known.last_s <= newest.last_s);
  if (goes_on) return lengthen(l, s, newest.first_s, now_s, e);
  if (is_known) *(known.exists ? &ret->changed : &ret->added) += 1;
  return add(l, s, texts, now_s, e);
}

int dns_states_put(struct local *l, const struct dns_state *seen, int64_t now_s, struct dns_states_counts *ret,
                   struct err *e) {
  _cleanup_strbuf_ struct strbuf texts = STRBUF_INIT;
  _cleanup_free_ const char **sorted = mem_alloc((seen->count + 1) * sizeof *sorted);
  int r = db_need_transaction(l->db, e);
  if (r < 0) return r;
  for (unsigned i = 0; i < seen->count; i++) sorted[i] = seen->texts[i];
  qsort(sorted, seen->count, sizeof *sorted, compare);
  text_array_write(&texts, sorted, seen->count);
  return db_settled(l->db, put(l, seen, &texts, now_s, ret, e));
}

/* --- forgetting --------------------------------------------------------------------------------------------------- */

struct names {
  const struct domain_set *domains;
  struct text_list list;
};

static int note_name(void *user, const struct dns_state *s, struct err *e) {
  (void)e;
  struct names *n = user;
  const bool is_last = n->list.count && !strcmp(n->list.items[n->list.count - 1], s->name);
  if (!is_last && domain_set_covers(n->domains, s->name)) text_list_add(&n->list, s->name);
  return 0;
}

static int forget(struct local *l, const char *name, struct err *e) {
  sqlite3_stmt *q;
  int r = local_statement(l, LOCAL_FORGET_DNS_STATE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, name);
  return db_finish(l->db, q, e);
}

int dns_states_forget(struct local *l, const struct domain_set *domains, struct err *e) {
  struct names n = {.domains = domains};
  int r = db_need_transaction(l->db, e);
  if (r == 0) r = dns_states_each(l, note_name, &n, e);
  for (unsigned i = 0; i < n.list.count && r >= 0; i++) r = forget(l, n.list.items[i], e);
  text_list_clear(&n.list);
  return r < 0 ? db_settled(l->db, r) : 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

#define EACH_DNS_STATE                                                                            \
  "SELECT s.name, s.type, s.status, s.alias, s.first_s, s.last_s, text.value FROM dns_state AS s" \
  " LEFT JOIN json_each(s.answers) AS text ORDER BY s.name, s.type, s.first_s, s.status, text.key"

/* A row of the line at hand, or of the next. */
static bool is_of(const struct dns_state *s, sqlite3_stmt *q) {
  return s->name && !strcmp(s->name, db_text_there(q, 0)) && !strcmp(s->type, db_text_there(q, 1)) &&
         !strcmp(s->status, db_text_there(q, 2)) && s->first_s == db_time_there(q, 4);
}

static void begin_state(struct dns_state *s, sqlite3_stmt *q, struct arena *arena) {
  arena_reset(arena);
  *s = (struct dns_state){.name = arena_strdup(arena, db_text_there(q, 0)),
                          .type = arena_strdup(arena, db_text_there(q, 1)),
                          .status = arena_strdup(arena, db_text_there(q, 2)),
                          .alias = arena_strdup(arena, db_text(q, 3)),
                          .first_s = db_time_there(q, 4),
                          .last_s = db_time_there(q, 5)};
}

static int hand_out(struct dns_state *s, const struct text_array *texts, dns_state_fn *fn, void *user, struct err *e) {
  if (!s->name) return 0;
  s->texts = texts->items;
  s->count = texts->count;
  return fn(user, s, e);
}

int dns_states_each(struct local *l, dns_state_fn *fn, void *user, struct err *e) {
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct dns_state s = {0};
  struct text_array texts = {0};
  int r = db_snapshot(l->db, &snapshot, e);
  if (r == 0) r = db_prepare(l->db, EACH_DNS_STATE, &q, e);
  if (r < 0) return r;
  while ((r = db_step(l->db, q, e)) == 1) {
    if (!is_of(&s, q)) {
      r = hand_out(&s, &texts, fn, user, e);
      if (r < 0) return r;
      begin_state(&s, q, arena);
      texts = (struct text_array){0};
    }
    if (db_text(q, 6)) text_array_add(&texts, arena, db_text(q, 6));
  }
  return r < 0 ? r : hand_out(&s, &texts, fn, user, e);
}
