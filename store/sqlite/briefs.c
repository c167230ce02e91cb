/* SPDX-License-Identifier: Apache-2.0 */
/* Loads patterns page by page and decides once for each what a filter says of it. */
#include "store/sqlite/briefs.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_PATTERNS 64
#define PAGES_MOST 8192 /* 8 MiB; beyond it all are dropped and come back as they are used */
#define TEXTS_MOST_BYTES (2u << 20)

static int find_last_pattern(struct briefs *b, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_prepare(b->store, "SELECT max(id) FROM pattern", &q, e);
  if (r < 0 || (r = db_step(b->store, q, e)) < 0) return r;
  b->last_pattern = sqlite3_column_int64(q, 0);
  return 0;
}

static size_t page_count(const struct briefs *b) { return (size_t)(b->last_pattern / PAGE_PATTERNS) + 1; }

int briefs_init(struct briefs *b, struct store *s, const struct report_filter *filter, struct err *e) {
  *b = (struct briefs){.store = s, .filter = filter};
  int r;
  if ((r = texts_init(&b->texts, s, e)) < 0 || (r = find_last_pattern(b, e)) < 0) return r;
  b->pages = mem_zalloc(page_count(b) * sizeof *b->pages);
  return db_prepare(s,
                    "SELECT id, header_from_id, disposition, dkim, spf, dkim_alignment, spf_alignment"
                    " FROM pattern WHERE id BETWEEN ? AND ?",
                    &b->query, e);
}

static void drop_pages(struct briefs *b) {
  for (size_t i = 0; b->pages && i < page_count(b); i++) {
    free(b->pages[i]);
    b->pages[i] = NULL;
  }
  b->pages_held = 0;
}

void briefs_clear(struct briefs *b) {
  drop_pages(b);
  free(b->pages);
  sqlite3_finalize(b->query);
  texts_clear(&b->texts);
}

static uint8_t read_disposition(const char *word) {
  static const char *const WORDS[] = {
      [BRIEF_NONE] = "none", [BRIEF_QUARANTINE] = "quarantine", [BRIEF_REJECT] = "reject", [BRIEF_PASS] = "pass"};
  for (uint8_t i = BRIEF_NONE; word && i <= BRIEF_PASS; i++)
    if (!strcmp(word, WORDS[i])) return i;
  return BRIEF_OTHER;
}

static int8_t read_evaluation(const char *word) { return word ? !strcmp(word, "pass") : -1; }

/* What of a pattern a filter asks for; header_from only where it does. */
static int read_asked(struct briefs *b, struct feedback_record *ret, struct err *e) {
  sqlite3_stmt *q = b->query;
  *ret = (struct feedback_record){
      .disposition.text = db_text(q, 2), .dkim.text = db_text(q, 3), .spf.text = db_text(q, 4)};
  if (!b->filter->domain && !b->filter->header_from) return 0;
  return texts_get(&b->texts, sqlite3_column_int64(q, 1), &ret->header_from, e);
}

static int read_brief(struct briefs *b, struct brief *ret, struct err *e) {
  sqlite3_stmt *q = b->query;
  struct feedback_record pattern;
  int r = read_asked(b, &pattern, e);
  if (r < 0) return r;
  *ret = (struct brief){.header_from_id = sqlite3_column_int64(q, 1),
                        .disposition = read_disposition(pattern.disposition.text),
                        .dkim = read_evaluation(pattern.dkim.text),
                        .spf = read_evaluation(pattern.spf.text),
                        .dkim_alignment = (uint8_t)sqlite3_column_int(q, 5),
                        .spf_alignment = (uint8_t)sqlite3_column_int(q, 6)};
  for (enum filter_reach reach = REACHES_WITHIN; reach <= REACHES_ALL; reach++)
    ret->admitted[reach] = filter_admits_pattern(b->filter, reach, &pattern);
  return 0;
}

/* A pattern that is missing stays all zero: it admits nothing. */
static int load_page(struct briefs *b, int64_t page, struct err *e) {
  int64_t first = page * PAGE_PATTERNS;
  int r;
  if (b->pages_held >= PAGES_MOST) drop_pages(b);
  texts_trim(&b->texts, TEXTS_MOST_BYTES);
  b->pages[page] = mem_zalloc(PAGE_PATTERNS * sizeof **b->pages);
  b->pages_held++;
  sqlite3_reset(b->query);
  sqlite3_bind_int64(b->query, 1, first);
  sqlite3_bind_int64(b->query, 2, first + PAGE_PATTERNS - 1);
  while ((r = db_step(b->store, b->query, e)) == 1)
    if ((r = read_brief(b, &b->pages[page][sqlite3_column_int64(b->query, 0) - first], e)) < 0) return r;
  return r;
}

int briefs_get(struct briefs *b, int64_t pattern_id, const struct brief **ret, struct err *e) {
  if (pattern_id < 0 || pattern_id > b->last_pattern)
    return err_set(e, ERR_STORE, "%s: the database is damaged: there is no pattern %lld", b->store->path,
                   (long long)pattern_id);
  int64_t page = pattern_id / PAGE_PATTERNS;
  if (!b->pages[page]) {
    int r = load_page(b, page, e);
    if (r < 0) return r;
  }
  *ret = &b->pages[page][pattern_id % PAGE_PATTERNS];
  return 0;
}
