/* SPDX-License-Identifier: Apache-2.0 */
/* Walks reports and their record ranges; what becomes of a record is the caller's. */
#include "store/sqlite/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "store/sqlite/texts.h"

/* So many reports are found by the index before they are visited, in order of their records: 512 KiB. */
#define BATCH_REPORTS 32768
/* Stepping over so few rows costs less than searching for the row behind them. */
#define STEP_OVER_ROWS 16
#define TEXTS_MOST_BYTES (2u << 20)

struct found {
  int64_t report;
  enum filter_reach reach;
};

struct walk {
  struct db *db;
  const struct report_filter *filter;
  enum walk_order order;
  enum walk_split split;
  walk_fn *fn;
  void *user;
  struct texts texts;
  struct hashmap reporters; /* id of org_name -> bool: admitted? */
  sqlite3_stmt *report;     /* one report by its id */
  sqlite3_stmt *of_domain;  /* the ids of those of one policy domain */
  sqlite3_stmt *domains;    /* the next policy domain */
  struct found *batch;
  uint32_t batched;
  uint64_t visited;
  int64_t rows_left; /* no more records can belong to the reports that are still to come */
};

static void cleanup_walk(struct walk *w) {
  texts_clear(&w->texts);
  hashmap_clear(&w->reporters);
  db_return(w->db, w->report);
  db_return(w->db, w->of_domain);
  db_return(w->db, w->domains);
  free(w->batch);
}

/* --- what a filter admits of a report ----------------------------------------------------------------------------- */

/* Begin, report_id and number are left to the query: prepare_index_query. */

static int admits_reporter(struct walk *w, int64_t org_id, struct err *e) {
  if (!w->filter->reporter) return 1;
  bool new, *admitted = hashmap_put(&w->reporters, &org_id, sizeof org_id, &new);
  if (!new) return *admitted;
  const char *name;
  int r = texts_get(&w->texts, org_id, &name, e);
  if (r < 0) return r;
  return *admitted = filter_admits_reporter(w->filter, name);
}

static int reach_of(struct walk *w, int64_t domain_id, enum filter_reach *ret, struct err *e) {
  const char *name = NULL;
  int r = w->filter->domains || w->filter->policy_domain ? texts_get(&w->texts, domain_id, &name, e) : 0;
  if (r < 0) return r;
  *ret = filter_reach(w->filter, name);
  return 0;
}

/* --- visiting ----------------------------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* The day behind those that are visited together with day `at`. */
static uint32_t end_of_step(const struct walk *w, const struct report_days *d, uint32_t at, uint32_t to) {
  if (w->split == WALK_EACH_DAY) return at + 1;
  if (w->split != WALK_EACH_WEEK && w->split != WALK_EACH_MONTH) return to;
  int64_t (*const begin_of)(int64_t) = w->split == WALK_EACH_WEEK ? utc_week_begin : utc_month_begin;
  int64_t begin_s = begin_of(report_days_begin(d, at));
  while (at < to && begin_of(report_days_begin(d, at)) == begin_s) at++;
  return at;
}

/* Each day counts as a report of one day would. */
static int visit_days(struct walk *w, const struct walked_report *whole, struct err *e) {
  const struct report_days *d = &whole->days;
  uint32_t from, to;
  if (!filter_admits_days(w->filter, d, &from, &to)) return 0;
  if (w->split == WALK_WHOLE) return w->fn(w->user, whole, e);
  while (from < to) {
    struct walked_report part = *whole;
    part.from = from;
    part.to = end_of_step(w, d, from, to);
    part.begin_s = report_days_begin(d, part.from);
    part.end_s = earlier(whole->end_s, report_days_begin(d, part.to) - (part.to < d->count));
    int r = w->fn(w->user, &part, e);
    if (r < 0) return r;
    from = part.to;
  }
  return 0;
}

static int visit(struct walk *w, sqlite3_stmt *q, enum filter_reach reach, struct err *e) {
  struct walked_report report = {
      .number = ++w->visited,
      .id = sqlite3_column_int64(q, 0),
      .policy_domain_id = sqlite3_column_int64(q, 1),
      .org_id = sqlite3_column_int64(q, 2),
      .begin_s = db_time(q, 3),
      .end_s = db_time(q, 4),
      .first_record = sqlite3_column_int64(q, 5),
      .record_count = db_count(q, 6),
      .strict_dkim = alignment_is_strict(db_text(q, 7)),
      .strict_spf = alignment_is_strict(db_text(q, 8)),
      .reach = reach,
      .row = q,
      .pruned = sqlite3_column_type(q, 9) != SQLITE_NULL,
  };
  if (report.pruned) report.packed = packed_read(sqlite3_column_blob(q, 9), (size_t)sqlite3_column_bytes(q, 9));
  /* Reports of a file from elsewhere may each claim all its records. */
  if (report.record_count > w->rows_left)
    return err_set(e, ERR_STORE, "%s: the database is damaged: its reports have more records than it holds",
                   w->db->path);
  w->rows_left -= report.record_count;
  report.days = report_days_of(report.begin_s, report.end_s);
  report.to = report.days.count;
  if (report.days.count > 1 && w->split != WALK_BEGIN) return visit_days(w, &report, e);
  if (!filter_admits_begin(w->filter, report.begin_s)) return 0;
  return w->fn(w->user, &report, e);
}

static int compare_found(const void *a, const void *b) {
  int64_t x = ((const struct found *)a)->report, y = ((const struct found *)b)->report;
  return (x > y) - (x < y);
}

/* Ids of reports and of their records ascend together (see start_counting): sorted, the batch is one way through the
 * file. */
static int visit_batch(struct walk *w, struct err *e) {
  if (w->order == WALK_AS_STORED) qsort(w->batch, w->batched, sizeof *w->batch, compare_found);
  for (uint32_t i = 0; i < w->batched; i++) {
    sqlite3_bind_int64(w->report, 1, w->batch[i].report);
    int r = db_step(w->db, w->report, e);
    if (r == 1) r = visit(w, w->report, w->batch[i].reach, e); /* 0: a callback has deleted it */
    sqlite3_reset(w->report);
    if (r < 0) return r;
  }
  w->batched = 0;
  return 0;
}

static int walk_domain(struct walk *w, int64_t domain_id, struct err *e) {
  sqlite3_stmt *q = w->of_domain;
  enum filter_reach reach;
  texts_trim(&w->texts, TEXTS_MOST_BYTES);
  int r = reach_of(w, domain_id, &reach, e);
  if (r < 0 || reach == REACHES_NONE) return r;
  sqlite3_reset(q);
  db_bind_id(q, 1, domain_id);
  while ((r = db_step(w->db, q, e)) == 1) {
    r = admits_reporter(w, sqlite3_column_int64(q, 1), e);
    if (r < 0) return r;
    if (r == 0) continue;
    w->batch[w->batched++] = (struct found){sqlite3_column_int64(q, 0), reach};
    if (w->batched == BATCH_REPORTS && (r = visit_batch(w, e)) < 0) return r;
  }
  return r;
}

/* The numbers of reports that the filter asks for, as two parameters. */
static void bind_stored(sqlite3_stmt *q, int first, const struct report_filter *f) {
  sqlite3_bind_int64(q, first, f->stored.upto ? f->stored.after : INT64_MIN);
  sqlite3_bind_int64(q, first + 1, f->stored.upto ? f->stored.upto : INT64_MAX);
}

static int prepare_index_query(struct walk *w, struct err *e) {
  bool bounded = filter_is_time_bounded(w->filter);
  int r = db_borrow(w->db,
                    bounded ? "SELECT id, org_id FROM report WHERE policy_domain_id IS ?1 AND begin_s >= ?3 AND"
                              " begin_s < ?4 AND (begin_s >= ?5 OR end_s >= ?5) AND id > ?6 AND id <= ?7 AND"
                              " (?2 IS NULL OR report_id = ?2) ORDER BY begin_s, id"
                            : "SELECT id, org_id FROM report WHERE policy_domain_id IS ?1 AND id > ?6 AND id <= ?7 AND"
                              " (?2 IS NULL OR report_id = ?2) ORDER BY begin_s, id",
                    &w->of_domain, e);
  if (r < 0) return r;
  sqlite3_stmt *q = w->of_domain;
  db_bind_text(q, 2, w->filter->report_id);
  bind_stored(q, 6, w->filter);
  if (bounded) {
    int64_t since_s = w->filter->since_s, longest_s = (int64_t)REPORT_DAYS_MOST * UTC_DAY_S;
    /* Also what begins before the period and reaches into it: half a microsecond a report of these days. */
    sqlite3_bind_int64(q, 3, since_s < FILTER_OPEN_BEGIN + longest_s ? FILTER_OPEN_BEGIN : since_s - longest_s);
    sqlite3_bind_int64(q, 4, w->filter->until_s);
    sqlite3_bind_int64(q, 5, since_s);
  }
  return 0;
}

/* One policy domain alone: 1 with its id, 0 where the database does not know the name. */
static int find_domain(struct walk *w, int64_t *ret_id, struct err *e) {
  sqlite3_stmt *q;
  int r = db_borrow(w->db, "SELECT id FROM name WHERE text = ?", &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, w->filter->policy_domain);
  r = db_step(w->db, q, e);
  if (r == 1) *ret_id = sqlite3_column_int64(q, 0);
  db_return(w->db, q);
  return r;
}

static int walk_by_index(struct walk *w, struct err *e) {
  int64_t only;
  int r;
  /* Jumps through the index from one policy domain to the next, instead of reading what lies between. */
  if ((r = db_borrow(w->db, "SELECT min(policy_domain_id) FROM report WHERE policy_domain_id > ?", &w->domains, e)) <
          0 ||
      (r = prepare_index_query(w, e)) < 0 ||
      (r = db_borrow(w->db,
                     w->order == WALK_BY_DOMAIN ? "SELECT " WALK_COLUMNS " FROM report WHERE id = ?"
                                                : "SELECT " WALK_COLUMNS_SHORT " FROM report WHERE id = ?",
                     &w->report, e)) < 0)
    return r;
  w->batch = mem_alloc(BATCH_REPORTS * sizeof *w->batch);
  if (w->filter->policy_domain) {
    if ((r = find_domain(w, &only, e)) == 1) r = walk_domain(w, only, e);
    return r < 0 ? r : visit_batch(w, e);
  }
  int64_t domain_id = 0; /* first the reports that name no policy domain */
  do {
    if ((r = walk_domain(w, domain_id, e)) < 0) return r;
    sqlite3_reset(w->domains);
    sqlite3_bind_int64(w->domains, 1, domain_id);
    if ((r = db_step(w->db, w->domains, e)) < 0) return r;
    domain_id = sqlite3_column_int64(w->domains, 0);
  } while (domain_id);
  return visit_batch(w, e);
}

static int walk_all(struct walk *w, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_prepare(w->db, "SELECT " WALK_COLUMNS_SHORT " FROM report WHERE id > ? AND id <= ? ORDER BY id", &q, e);
  if (r < 0) return r;
  bind_stored(q, 1, w->filter);
  while ((r = db_step(w->db, q, e)) == 1) {
    r = admits_reporter(w, sqlite3_column_int64(q, 2), e);
    if (r == 1) r = visit(w, q, REACHES_ALL, e);
    if (r < 0) return r;
  }
  return r;
}

int walk_reports(struct db *db, const struct report_filter *filter, enum walk_order order, enum walk_split split,
                 walk_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct walk w = {.db = db,
                                                          .filter = filter,
                                                          .order = order,
                                                          .split = split,
                                                          .fn = fn,
                                                          .user = user,
                                                          .rows_left = db_rows_most(db)};
  hashmap_init(&w.reporters, sizeof(bool));
  int r = texts_init(&w.texts, db, e);
  if (r < 0) return r;
  /* The index is worth its detour where it spares reports, or where their order is asked for. */
  if (order == WALK_BY_DOMAIN || filter->domains || filter->policy_domain || filter->report_id ||
      filter_is_time_bounded(filter))
    return walk_by_index(&w, e);
  return walk_all(&w, e);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

int record_cursor_init(struct record_cursor *c, struct db *db, bool with_envelope_to, struct err *e) {
  *c = (struct record_cursor){.db = db, .with_envelope_to = with_envelope_to};
  /* Each column costs; the last one only those who need it. */
  return db_borrow(db,
                   with_envelope_to ? "SELECT id, address_id, pattern_id, count, envelope_to_id FROM record"
                                      " WHERE id >= ? ORDER BY id"
                                    : "SELECT id, address_id, pattern_id, count FROM record WHERE id >= ? ORDER BY id",
                   &c->query, e);
}

void record_cursor_clear(struct record_cursor *c) { db_return(c->db, c->query); }

void record_cursor_seek(struct record_cursor *c, const struct walked_report *report) {
  int64_t first = report->first_record;
  c->first = first;
  c->days = report->days;
  c->from = report->from;
  c->to = report->to;
  c->shared = c->to - c->from < c->days.count;
  c->pruned = report->pruned;
  c->packed = report->packed;
  if (c->pruned) {
    c->first = 0;
    c->row = (struct walked_record){.id = -1};
    return;
  }
  /* A damaged database may name any range. */
  if (report->record_count <= 0 || __builtin_add_overflow(first, report->record_count, &c->end)) c->end = first;
  if (c->stepping && first >= c->next && (uint64_t)first - (uint64_t)c->next <= STEP_OVER_ROWS) {
    c->next = first;
    return;
  }
  c->next = first;
  c->stepping = c->ahead = false;
}

static int step(struct record_cursor *c, struct err *e) {
  if (!c->stepping) {
    sqlite3_reset(c->query);
    sqlite3_bind_int64(c->query, 1, c->next);
    c->stepping = true;
  }
  int r = db_step(c->db, c->query, e);
  if (r <= 0) {
    c->stepping = false;
    return r;
  }
  sqlite3_stmt *q = c->query;
  c->row.id = sqlite3_column_int64(q, 0);
  c->row.address_id = sqlite3_column_int64(q, 1);
  c->row.pattern_id = sqlite3_column_int64(q, 2);
  /* NULL reads as 0, and is rare: its type is asked for only then. */
  c->row.count = sqlite3_column_int64(q, 3);
  if (c->row.count < 0 || (!c->row.count && sqlite3_column_type(q, 3) == SQLITE_NULL))
    c->row.count = FEEDBACK_COUNT_UNKNOWN;
  if (c->with_envelope_to) c->row.envelope_to_id = sqlite3_column_int64(q, 4);
  return 1;
}

/* Its place is its id once more: what falls on which day goes by it. */
static int next_packed(struct record_cursor *c, struct err *e) {
  int r = packed_next(&c->packed, c->db, e);
  if (r < 0) return r;
  c->row.id++;
  c->row.address_id = c->packed.row.address_id;
  c->row.pattern_id = c->packed.row.pattern_id;
  c->row.count = c->packed.row.count;
  return r;
}

static int next_row(struct record_cursor *c, struct err *e) {
  if (c->pruned) return next_packed(c, e);
  if (c->next >= c->end) return 0;
  do {
    int r = c->ahead ? 1 : step(c, e);
    c->ahead = false;
    if (r <= 0) return r;
  } while (c->row.id < c->next);
  /* A row of a later report, met because one is missing: kept for its turn. */
  if (c->row.id >= c->end) {
    c->ahead = true;
    c->next = c->end;
    return 0;
  }
  c->next = c->row.id + 1;
  return 1;
}

/* What has no count, or none that is known, is where a single message would be. */
static bool take_share(struct record_cursor *c) {
  bool counted = c->row.count > 0;
  int64_t share =
      report_days_share(&c->days, c->from, c->to, counted ? c->row.count : 1, (uint64_t)(c->row.id - c->first));
  if (counted) c->row.count = share;
  return share;
}

int record_cursor_next(struct record_cursor *c, struct err *e) {
  int r;
  while ((r = next_row(c, e)) == 1)
    if (!c->shared || take_share(c)) break;
  return r;
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

static struct ip_addr last_of(const struct ip_network *n) {
  struct ip_addr last = n->base;
  for (unsigned bit = n->prefix_bits; bit < n->base.size * 8u; bit++) last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
  return last;
}

/* What ip_network_contains says of each address, found by the index. */
int source_filter_init(struct source_filter *f, struct db *db, const struct ip_network *network, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  if (!network) return 0;
  f->narrows = true;
  id_map_init(&f->admitted);
  /* Blobs compare byte by byte: both families lie mixed, each in its own order. */
  int r = db_prepare(db, "SELECT id FROM address WHERE ip BETWEEN ? AND ? AND length(ip) = ?", &q, e);
  if (r < 0) return r;
  struct ip_addr last = last_of(network);
  sqlite3_bind_blob(q, 1, network->base.bytes, network->base.size, SQLITE_STATIC);
  sqlite3_bind_blob(q, 2, last.bytes, last.size, SQLITE_STATIC);
  sqlite3_bind_int(q, 3, last.size);
  while ((r = db_step(db, q, e)) == 1) id_map_put(&f->admitted, sqlite3_column_int64(q, 0), 1);
  return r;
}
