/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the rows a filter admits and tallies them in a hash of groups: no SQL groups or sorts.
 *
 * Groups and their tallies hold ids; texts are looked up when a group is handed out. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "store/sqlite/briefs.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/walk.h"

#define TEXTS_MOST_BYTES (4u << 20)

struct group {
  struct group_tally tally;
  uint64_t last_report;                       /* the one counted last in its reports */
  uint32_t header_froms[STORE_GROUP_DOMAINS]; /* numbers of the briefs */
  uint8_t header_from_count;
  bool more_header_from;
};

/* What a key is made of: one number a dimension that is asked for, and nothing for the others. */
enum part { PART_POLICY_DOMAIN, PART_REPORTER, PART_PERIOD, PART_HEADER_FROM, PART_SOURCE, PARTS };
struct group_key {
  int64_t numbers[PARTS + 1]; /* the last one takes what is not asked for and belongs to no key */
};

/* Which network an address belongs to: networks are numbered from 1 in the order they are met. What is no address is a
 * network of its own. */
struct networks {
  struct db *db;
  sqlite3_stmt *query;
  struct id_map numbers; /* of addresses; 0: not looked up yet */
  struct hashmap map;    /* struct network_key -> its number, uint32_t */
};
struct network_key {
  int64_t address_id; /* of what is no address, else 0 */
  struct ip_addr base;
};

struct aggregate {
  struct db *db;
  const struct report_filter *filter;
  unsigned dimensions;
  struct briefs briefs;
  struct source_filter sources;
  struct record_cursor cursor;
  struct networks networks;
  struct hashmap groups; /* the first key_bytes of a struct group_key -> struct group */
  uint8_t place[PARTS];  /* of each part in a key */
  size_t key_bytes;
  struct group_key key; /* of the row before */
  struct group *group;  /* its group; NULL: none yet */
};

static void cleanup_aggregate(struct aggregate *a) {
  briefs_clear(&a->briefs);
  cleanup_source_filter(&a->sources);
  record_cursor_clear(&a->cursor);
  sqlite3_finalize(a->networks.query);
  id_map_clear(&a->networks.numbers);
  hashmap_clear(&a->networks.map);
  hashmap_clear(&a->groups);
}

/* --- networks ----------------------------------------------------------------------------------------------------- */

static int networks_init(struct networks *n, struct db *db, struct err *e) {
  n->db = db;
  hashmap_init(&n->map, sizeof(uint32_t));
  id_map_init(&n->numbers);
  return db_prepare(db, "SELECT ip FROM address WHERE id = ?", &n->query, e);
}

static int look_up_network(struct networks *n, int64_t address_id, uint32_t *ret, struct err *e) {
  sqlite3_reset(n->query);
  sqlite3_bind_int64(n->query, 1, address_id);
  int r = db_step(n->db, n->query, e);
  if (r < 0) return r;
  if (r == 0)
    return err_set(e, ERR_STORE, "%s: the database is damaged: there is no address %lld", n->db->path,
                   (long long)address_id);
  struct ip_addr ip = db_ip(n->query, 0);
  struct network_key key;
  memset(&key, 0, sizeof key); /* padding is part of a key */
  if (ip.size)
    key.base = ip_network_of(&ip).base;
  else
    key.address_id = address_id;
  bool new;
  uint32_t *number = hashmap_put(&n->map, &key, sizeof key, &new);
  if (new) *number = n->map.count;
  *ret = *number;
  return 0;
}

/* 0 for no source at all. */
static int network_number(struct networks *n, int64_t address_id, int64_t *ret, struct err *e) {
  uint32_t number = address_id ? id_map_get(&n->numbers, address_id) : 0;
  int r = 0;
  if (address_id && !number && (r = look_up_network(n, address_id, &number, e)) == 0)
    id_map_put(&n->numbers, address_id, number);
  *ret = number;
  return r;
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static void note_header_from(struct group *g, uint32_t number) {
  if (!number) return;
  for (unsigned i = 0; i < g->header_from_count; i++)
    if (g->header_froms[i] == number) return;
  if (g->header_from_count < STORE_GROUP_DOMAINS)
    g->header_froms[g->header_from_count++] = number;
  else
    g->more_header_from = true;
}

static void count_report(struct group *g, const struct walked_report *report) {
  if (g->last_report == report->number) return;
  g->last_report = report->number;
  group_tally_add_report(&g->tally, report->begin_s, report->end_s);
}

static void count_record(struct group *g, const struct walked_report *report, const struct brief *b, int64_t count) {
  count_report(g, report);
  note_header_from(g, b->header_from);
  group_tally_add_record(&g->tally, &b->terms, report->strict_dkim, report->strict_spf, count);
}

static void lay_out_key(struct aggregate *a) {
  static const unsigned DIMENSIONS[PARTS] = {
      [PART_POLICY_DOMAIN] = STORE_BY_POLICY_DOMAIN,
      [PART_REPORTER] = STORE_BY_REPORTER,
      [PART_PERIOD] = STORE_BY_PERIOD,
      [PART_HEADER_FROM] = STORE_BY_HEADER_FROM,
      [PART_SOURCE] = STORE_BY_SOURCE | STORE_BY_NETWORK,
  };
  uint8_t used = 0;
  for (unsigned part = 0; part < PARTS; part++) a->place[part] = a->dimensions & DIMENSIONS[part] ? used++ : PARTS;
  a->key_bytes = used * sizeof(int64_t);
}

static struct group *find_group(struct aggregate *a, const struct group_key *key) {
  if (a->group && !memcmp(key, &a->key, a->key_bytes)) return a->group;
  bool new;
  struct group *g = hashmap_put(&a->groups, key, a->key_bytes, &new);
  if (new) *g = (struct group){.tally = GROUP_TALLY_EMPTY};
  a->key = *key;
  return a->group = g;
}

static int64_t period_of(unsigned dimensions, int64_t begin_s) {
  if (begin_s == FEEDBACK_TIME_UNKNOWN) return begin_s;
  if (dimensions & STORE_BY_DAY) return utc_day_begin(begin_s);
  if (dimensions & STORE_BY_WEEK) return utc_week_begin(begin_s);
  if (dimensions & STORE_BY_MONTH) return utc_month_begin(begin_s);
  return 0;
}

/* The parts that all records of a report share. */
static struct group_key key_of_report(const struct aggregate *a, const struct walked_report *report) {
  struct group_key key = {0};
  key.numbers[a->place[PART_POLICY_DOMAIN]] = report->policy_domain_id;
  key.numbers[a->place[PART_REPORTER]] = report->org_id;
  key.numbers[a->place[PART_PERIOD]] = period_of(a->dimensions, report->begin_s);
  return key;
}

static int tally_row(struct aggregate *a, const struct walked_report *report, struct group_key *key, struct err *e) {
  const struct walked_record *row = &a->cursor.row;
  const struct brief *brief;
  if (!source_filter_admits(&a->sources, row->address_id)) return 0;
  int r = briefs_get(&a->briefs, row->pattern_id, &brief, e);
  if (r < 0) return r;
  if (!brief->admitted[report->reach]) return 0;
  int64_t source = row->address_id;
  if (a->dimensions & STORE_BY_NETWORK && (r = network_number(&a->networks, source, &source, e)) < 0) return r;
  key->numbers[a->place[PART_HEADER_FROM]] = brief->header_from;
  key->numbers[a->place[PART_SOURCE]] = source;
  count_record(find_group(a, key), report, brief, row->count);
  return 0;
}

/* Of no source and no From: where these are asked for, there is no group that it could be in. */
static bool counts_empty(const struct aggregate *a, const struct walked_report *report) {
  const unsigned of_records = STORE_BY_HEADER_FROM | STORE_BY_SOURCE | STORE_BY_NETWORK;
  return !report->record_count && !(a->dimensions & of_records) && filter_admits_empty(a->filter, report->reach);
}

static int tally_report(void *user, const struct walked_report *report, struct err *e) {
  struct aggregate *a = user;
  struct group_key key = key_of_report(a, report);
  int r;
  if (counts_empty(a, report)) count_report(find_group(a, &key), report);
  record_cursor_seek(&a->cursor, report);
  while ((r = record_cursor_next(&a->cursor, e)) == 1)
    if ((r = tally_row(a, report, &key, e)) < 0) return r;
  return r;
}

/* --- handing out -------------------------------------------------------------------------------------------------- */

struct hand_out {
  struct texts texts;
  sqlite3_stmt *address; /* its row serves source_text while the group is handed out */
};

static void cleanup_hand_out(struct hand_out *h) {
  texts_clear(&h->texts);
  sqlite3_finalize(h->address);
}

static int describe_address(struct hand_out *h, int64_t id, struct store_group *ret, struct err *e) {
  sqlite3_reset(h->address);
  sqlite3_bind_int64(h->address, 1, id);
  int r = db_step(h->texts.db, h->address, e);
  if (r <= 0) return r;
  ret->network.base = db_ip(h->address, 0);
  ret->network.prefix_bits = ret->network.base.size * 8u;
  if (!ret->network.base.size) ret->source_text = db_text(h->address, 1);
  return 0;
}

static int describe_source(const struct aggregate *a, struct hand_out *h, int64_t source, struct store_group *ret,
                           struct err *e) {
  if (!source) return 0;
  if (a->dimensions & STORE_BY_SOURCE) return describe_address(h, source, ret, e);
  const struct network_key *key = hashmap_key_at(&a->networks.map, (uint32_t)(source - 1), NULL);
  if (key->address_id) return describe_address(h, key->address_id, ret, e);
  ret->network = ip_network_of(&key->base);
  return 0;
}

static int describe_header_from(const struct aggregate *a, struct hand_out *h, int64_t number, const char **ret,
                                struct err *e) {
  *ret = NULL;
  return number ? texts_get(&h->texts, a->briefs.header_from_ids[number - 1], ret, e) : 0;
}

static int describe_header_froms(const struct aggregate *a, struct hand_out *h, const struct group *g,
                                 struct store_group *ret, struct err *e) {
  ret->more_header_from = g->more_header_from;
  for (unsigned i = 0; i < g->header_from_count; i++) {
    int r = describe_header_from(a, h, g->header_froms[i], &ret->header_froms[i], e);
    if (r < 0) return r;
  }
  return 0;
}

static int describe_group(const struct aggregate *a, struct hand_out *h, uint32_t i, struct store_group *ret,
                          struct err *e) {
  struct group_key key = {0};
  memcpy(&key, hashmap_key_at(&a->groups, i, NULL), a->key_bytes);
  int r;
  texts_trim(&h->texts, TEXTS_MOST_BYTES);
  *ret = (struct store_group){.period_s = FEEDBACK_TIME_UNKNOWN};
  if (a->dimensions & STORE_BY_PERIOD) ret->period_s = key.numbers[a->place[PART_PERIOD]];
  if ((r = texts_get(&h->texts, key.numbers[a->place[PART_POLICY_DOMAIN]], &ret->policy_domain, e)) < 0 ||
      (r = describe_header_from(a, h, key.numbers[a->place[PART_HEADER_FROM]], &ret->header_from, e)) < 0 ||
      (r = texts_get(&h->texts, key.numbers[a->place[PART_REPORTER]], &ret->reporter, e)) < 0 ||
      (r = describe_source(a, h, key.numbers[a->place[PART_SOURCE]], ret, e)) < 0)
    return r;
  const struct group *g = hashmap_value_at(&a->groups, i);
  ret->tally = g->tally;
  return describe_header_froms(a, h, g, ret, e);
}

static int hand_out_groups(struct aggregate *a, store_group_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_hand_out))) struct hand_out h = {0};
  struct store_group group;
  int r;
  if ((r = texts_init(&h.texts, a->db, e)) < 0 ||
      (r = db_prepare(a->db, "SELECT ip, text FROM address WHERE id = ?", &h.address, e)) < 0)
    return r;
  for (uint32_t i = 0; i < a->groups.count; i++)
    if ((r = describe_group(a, &h, i, &group, e)) < 0 || (r = fn(user, &group, e)) < 0) return r;
  return 0;
}

static enum walk_split split_of(unsigned dimensions) {
  return dimensions & STORE_BY_DAY     ? WALK_EACH_DAY
         : dimensions & STORE_BY_WEEK  ? WALK_EACH_WEEK
         : dimensions & STORE_BY_MONTH ? WALK_EACH_MONTH
                                       : WALK_PERIOD;
}

int sqlite_aggregate(struct store *store, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                     void *user, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  _cleanup_snapshot_ struct snapshot snapshot = {0};
  __attribute__((cleanup(cleanup_aggregate))) struct aggregate a = {
      .db = s->db, .filter = filter, .dimensions = dimensions};
  int r;
  lay_out_key(&a);
  hashmap_init(&a.groups, sizeof(struct group));
  if ((r = db_snapshot(s->db, &snapshot, e)) < 0 || (r = briefs_init(&a.briefs, s->db, filter, e)) < 0 ||
      (r = source_filter_init(&a.sources, s->db, filter->source, e)) < 0 ||
      (r = record_cursor_init(&a.cursor, s->db, false, e)) < 0 ||
      (dimensions & STORE_BY_NETWORK && (r = networks_init(&a.networks, s->db, e)) < 0) ||
      (r = walk_reports(s->db, filter, WALK_AS_STORED, split_of(dimensions), tally_report, &a, e)) < 0)
    return r;
  return hand_out_groups(&a, fn, user, e);
}
