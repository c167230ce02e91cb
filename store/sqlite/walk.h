/* SPDX-License-Identifier: Apache-2.0 */
/* Which reports a filter admits, and their records, in the order that costs least. Private to store/.
 *
 * Reports are found by the index (policy domain, begin); the records of each are a range of ids. Nothing is sorted or
 * grouped by SQL. */
#ifndef STORE_SQLITE_WALK_H
#define STORE_SQLITE_WALK_H

#include <stdlib.h>

#include "base/filter.h"
#include "sqlite/db.h"
#include "store/sqlite/id_map.h"
#include "store/sqlite/packed.h"

enum walk_order {
  WALK_AS_STORED, /* the order of the record table, as far as the filter allows: for aggregates, which need none */
  WALK_BY_DOMAIN, /* policy domain's first appearance, begin, id */
};

/* How reports of several days (base/report_days.h) are visited; a record is met where it has a message. Of a period
 * that the filter names, days alone count that begin in it. */
enum walk_split {
  WALK_BEGIN,     /* once, and whole where the first day counts */
  WALK_WHOLE,     /* once, and whole where any day counts */
  WALK_PERIOD,    /* once, with the share of the days that count */
  WALK_EACH_DAY,  /* once for each day that counts, with its share */
  WALK_EACH_WEEK, /* likewise, of ISO weeks */
  WALK_EACH_MONTH,
};

/* Of table report; the first ten are struct walked_report's. */
#define WALK_COLUMNS_SHORT \
  "id, policy_domain_id, org_id, begin_s, end_s, first_record, record_count, adkim, aspf, packed"
#define WALK_COLUMNS                                                                                             \
  WALK_COLUMNS_SHORT                                                                                             \
  ", report_id, email_id, extra_contact_info_id, generator_id, schema_id, version, p, sp, np, pct, fo, testing," \
  " discovery_method, flags, message_count, imported_s, provenance, carrier_id, submitter_id, identity"

struct walked_report {
  uint64_t number; /* from 1, by appearance */
  int64_t id, policy_domain_id, org_id;
  int64_t begin_s, end_s; /* FEEDBACK_TIME_UNKNOWN where unknown; of the days at hand */
  struct report_days days;
  uint32_t from, to; /* the days at hand are [from, to) of them */
  int64_t first_record, record_count;
  bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
  enum filter_reach reach;      /* never REACHES_NONE */
  sqlite3_stmt *row;            /* WALK_BY_DOMAIN: the row of WALK_COLUMNS on which the walk stands */
  bool pruned;                  /* its records are in `packed`, in that row: */
  struct packed_reader packed;
};

typedef int walk_fn(void *user, const struct walked_report *report, struct err *e);
/* What the filter asks of a report is applied; what it asks of records is the callback's. */
int walk_reports(struct db *db, const struct report_filter *filter, enum walk_order order, enum walk_split split,
                 walk_fn *fn, void *user, struct err *e);

struct walked_record {
  int64_t id, address_id, pattern_id, envelope_to_id;
  int64_t count; /* FEEDBACK_COUNT_UNKNOWN where unknown */
};

/* Runs through the records of one report after the other; ranges that follow each other cost no new search. */
struct record_cursor {
  struct db *db;
  sqlite3_stmt *query;
  bool with_envelope_to;
  bool stepping; /* the query runs, and its next row is `next` or a later one */
  bool ahead;    /* `row` was read already and belongs behind the range at hand */
  int64_t next, end;
  bool shared; /* not all of the report's days are at hand */
  struct report_days days;
  uint32_t from, to;
  int64_t first; /* record of the report */
  bool pruned;   /* the report is, and `row` comes out of `packed` */
  struct packed_reader packed;
  struct walked_record row;
};
int record_cursor_init(struct record_cursor *c, struct db *db, bool with_envelope_to, struct err *e);
void record_cursor_clear(struct record_cursor *c); /* accepts a zeroed one */
void record_cursor_seek(struct record_cursor *c, const struct walked_report *report);
/* 1 with `c->row` filled, 0 at the end of the report, or a code. */
int record_cursor_next(struct record_cursor *c, struct err *e);

static inline void cleanup_record_cursor(struct record_cursor *c) { record_cursor_clear(c); }
#define _cleanup_record_cursor_ __attribute__((cleanup(cleanup_record_cursor)))

/* Is the source of a record within the network of a filter? Decided for all addresses at once. */
struct source_filter {
  bool narrows;
  struct id_map admitted; /* ids of addresses */
};
int source_filter_init(struct source_filter *f, struct db *db, const struct ip_network *network, struct err *e);
static inline bool source_filter_admits(const struct source_filter *f, int64_t address_id) {
  return !f->narrows || id_map_get(&f->admitted, address_id);
}
static inline void cleanup_source_filter(struct source_filter *f) { id_map_clear(&f->admitted); }
#define _cleanup_source_filter_ __attribute__((cleanup(cleanup_source_filter)))

#endif
