/* SPDX-License-Identifier: Apache-2.0 */
/* Loads patterns page by page and decides once for each what a filter and a tally make of it. */
#include "store/sqlite/briefs.h"

#include <stdlib.h>

#define PAGE_PATTERNS 64
#define PAGES_MOST 8192 /* 12 MiB; beyond it all are dropped and come back as they are used */
#define TEXTS_MOST_BYTES (2u << 20)

int briefs_init(struct briefs *b, struct db *db, const struct report_filter *filter, struct err *e) {
  *b = (struct briefs){.db = db, .filter = filter};
  id_map_init(&b->places);
  id_map_init(&b->header_from_numbers);
  int r = texts_init(&b->texts, db, e);
  if (r < 0) return r;
  return db_borrow(db,
                   "SELECT id, header_from_id, disposition, dkim, spf, dkim_alignment, spf_alignment"
                   " FROM pattern WHERE id BETWEEN ? AND ?",
                   &b->query, e);
}

static void drop_pages(struct briefs *b) {
  for (uint32_t i = 0; i < b->page_count; i++) free(b->pages[i]);
  b->page_count = 0;
  id_map_reset(&b->places);
}

void briefs_clear(struct briefs *b) {
  if (!b->db) return;
  drop_pages(b);
  free(b->pages);
  free(b->header_from_ids);
  id_map_clear(&b->places);
  id_map_clear(&b->header_from_numbers);
  db_return(b->db, b->query);
  texts_clear(&b->texts);
}

static uint32_t number_header_from(struct briefs *b, int64_t id) {
  if (!id) return 0;
  uint32_t number = id_map_get(&b->header_from_numbers, id);
  if (number) return number;
  MEM_GROW(b->header_from_ids, b->header_from_capacity, b->header_from_count);
  b->header_from_ids[b->header_from_count++] = id;
  id_map_put(&b->header_from_numbers, id, b->header_from_count);
  return b->header_from_count;
}

/* What of a pattern filters and tallies look at; header_from only where the filter does. */
static int read_pattern(struct briefs *b, struct feedback_record *ret, struct err *e) {
  sqlite3_stmt *q = b->query;
  *ret = (struct feedback_record){.disposition.text = db_text(q, 2),
                                  .dkim.text = db_text(q, 3),
                                  .spf.text = db_text(q, 4),
                                  .dkim_alignment = (enum alignment)(sqlite3_column_int(q, 5) & 3),
                                  .spf_alignment = (enum alignment)(sqlite3_column_int(q, 6) & 3)};
  if (!b->filter->domains && !b->filter->header_from) return 0;
  return texts_get(&b->texts, sqlite3_column_int64(q, 1), &ret->header_from, e);
}

static int read_brief(struct briefs *b, struct brief *ret, struct err *e) {
  struct feedback_record pattern;
  int r = read_pattern(b, &pattern, e);
  if (r < 0) return r;
  *ret = (struct brief){.header_from = number_header_from(b, sqlite3_column_int64(b->query, 1)),
                        .terms = tally_terms_of(&pattern),
                        .exists = true};
  for (enum filter_reach reach = REACHES_WITHIN; reach <= REACHES_ALL; reach++)
    ret->admitted[reach] = filter_admits_pattern(b->filter, reach, &pattern);
  return 0;
}

static int load_page(struct briefs *b, int64_t page, uint32_t *ret_place, struct err *e) {
  int64_t first = page * PAGE_PATTERNS;
  int r;
  if (b->page_count >= PAGES_MOST) drop_pages(b);
  texts_trim(&b->texts, TEXTS_MOST_BYTES);
  MEM_GROW(b->pages, b->page_capacity, b->page_count);
  struct brief *briefs = b->pages[b->page_count++] = mem_zalloc(PAGE_PATTERNS * sizeof *briefs);
  sqlite3_reset(b->query);
  sqlite3_bind_int64(b->query, 1, first);
  sqlite3_bind_int64(b->query, 2, first + PAGE_PATTERNS - 1);
  while ((r = db_step(b->db, b->query, e)) == 1)
    if ((r = read_brief(b, &briefs[sqlite3_column_int64(b->query, 0) - first], e)) < 0) return r;
  if (r < 0) return r;
  id_map_put(&b->places, page, *ret_place = b->page_count);
  return 0;
}

int briefs_get(struct briefs *b, int64_t pattern_id, const struct brief **ret, struct err *e) {
  int64_t page = pattern_id / PAGE_PATTERNS;
  uint32_t place = pattern_id < 0 ? 0 : id_map_get(&b->places, page);
  if (!place && pattern_id >= 0) {
    int r = load_page(b, page, &place, e);
    if (r < 0) return r;
  }
  *ret = place ? &b->pages[place - 1][pattern_id % PAGE_PATTERNS] : NULL;
  if (*ret && (*ret)->exists) return 0;
  return err_set(e, ERR_STORE, "%s: the database is damaged: there is no pattern %lld", b->db->path,
                 (long long)pattern_id);
}
