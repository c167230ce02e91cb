/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes each pattern and each address once and remembers it, within a limit. */
#include "store/sqlite/decoded.h"

#include <stdlib.h>
#include <string.h>

/* Beyond these all patterns (with all texts), or all addresses, are forgotten and come back as they are used. */
#define PATTERNS_MOST_BYTES (12u << 20)
#define ADDRESSES_MOST_BYTES (6u << 20)

int decoder_init(struct decoder *d, struct db *db, struct err *e) {
  *d = (struct decoder){.db = db};
  hashmap_init(&d->patterns, sizeof(struct feedback_record *));
  hashmap_init(&d->addresses, sizeof(struct ip_addr));
  int r;
  if ((r = texts_init(&d->texts, db, e)) < 0 ||
      (r = db_prepare(db,
                      "SELECT header_from_id, envelope_from_id, disposition, disposition_raw, dkim, dkim_raw, spf,"
                      " spf_raw, dkim_alignment, spf_alignment, flags, result_count, reason_count, first_result, id"
                      " FROM pattern WHERE id >= ? ORDER BY id",
                      &d->patterns_by_id.q, e)) < 0 ||
      (r = db_prepare(db,
                      "SELECT method, domain_id, selector_id, scope, result, result_raw, human_result_id, id"
                      " FROM auth_result WHERE id >= ? ORDER BY id",
                      &d->results_by_id.q, e)) < 0 ||
      (r = db_prepare(db, "SELECT type, comment_id FROM override_reason WHERE pattern_id = ? ORDER BY position",
                      &d->reasons, e)) < 0)
    return r;
  return db_prepare(db, "SELECT ip, text FROM address WHERE id = ?", &d->address, e);
}

void decoder_clear(struct decoder *d) {
  sqlite3_finalize(d->patterns_by_id.q);
  sqlite3_finalize(d->results_by_id.q);
  sqlite3_finalize(d->reasons);
  sqlite3_finalize(d->address);
  hashmap_clear(&d->patterns);
  hashmap_clear(&d->addresses);
  texts_clear(&d->texts);
  free(d->result_list);
  free(d->reason_list);
  numbering_free(d->spare);
}

int decoder_borrow(struct sqlite_store *s, struct decoder **ret, struct err *e) {
  sqlite_store_notice(s);
  if (!s->decoder) {
    struct decoder *d = mem_alloc(sizeof *d);
    int r = decoder_init(d, s->db, e);
    if (r < 0) {
      decoder_clear(d);
      free(d);
      return r;
    }
    d->lender = s;
    s->decoder = d;
  }
  s->decoder->borrowers++;
  *ret = s->decoder;
  return 0;
}

void decoder_give_back(struct decoder *d) {
  if (!d || --d->borrowers) return;
  if (d->lender->decoder == d) d->lender->decoder = NULL;
  decoder_clear(d);
  free(d);
}

struct numbering *decoder_lend_numbering(struct decoder *d) {
  struct numbering *n = d->spare ? d->spare : numbering_new();
  d->spare = NULL;
  return n;
}

void decoder_take_numbering(struct decoder *d, struct numbering *n) {
  numbering_free(d->spare);
  if (n) numbering_reset(n);
  d->spare = n;
}

static void forget_patterns(struct decoder *d) {
  hashmap_clear(&d->patterns);
  texts_trim(&d->texts, 0);
}

static void forget_patterns_if_large(struct decoder *d) {
  if (texts_bytes(&d->texts) + hashmap_bytes(&d->patterns) > PATTERNS_MOST_BYTES) forget_patterns(d);
}

/* To the next row. 1 a row, 0 the end, or a code; so does seek_id. */
static int next_id(struct decoder *d, struct id_cursor *c, struct err *e) {
  int r = db_step(d->db, c->q, e);
  c->on_row = r == 1;
  if (c->on_row) c->at = sqlite3_column_int64(c->q, sqlite3_data_count(c->q) - 1);
  return r;
}

/* To the first row with that id or a larger one. */
static int seek_id(struct decoder *d, struct id_cursor *c, int64_t id, struct err *e) {
  if (c->on_row && c->at == id) return 1;
  if (!c->on_row || c->at > id || c->at + 1 != id) {
    sqlite3_reset(c->q);
    sqlite3_bind_int64(c->q, 1, id);
  }
  return next_id(d, c, e);
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* Most words are few: those need no copy. */
static const char *keep_word(struct arena *a, const char *text) {
  static const char *const FREQUENT[] = {"pass", "fail", "none", "reject", "quarantine", "softfail", "mfrom"};
  for (size_t i = 0; text && i < sizeof FREQUENT / sizeof *FREQUENT; i++)
    if (!strcmp(text, FREQUENT[i])) return FREQUENT[i];
  return arena_strdup(a, text);
}

static struct word read_word(struct decoder *d, sqlite3_stmt *q, int i) {
  return (struct word){keep_word(d->texts.arena, db_text(q, i)), arena_strdup(d->texts.arena, db_text(q, i + 1))};
}

static int read_pattern_row(struct decoder *d, struct feedback_record *p, struct err *e) {
  sqlite3_stmt *q = d->patterns_by_id.q;
  int r;
  if ((r = texts_column(&d->texts, q, 0, &p->header_from, e)) < 0 ||
      (r = texts_column(&d->texts, q, 1, &p->envelope_from, e)) < 0)
    return r;
  p->disposition = read_word(d, q, 2);
  p->dkim = read_word(d, q, 4);
  p->spf = read_word(d, q, 6);
  p->dkim_alignment = (enum alignment)(sqlite3_column_int(q, 8) & 3);
  p->spf_alignment = (enum alignment)(sqlite3_column_int(q, 9) & 3);
  p->flags = (uint32_t)sqlite3_column_int64(q, 10);
  return 0;
}

static int read_result(struct decoder *d, struct auth_result *a, struct err *e) {
  sqlite3_stmt *q = d->results_by_id.q;
  const char *method = db_text(q, 0);
  int r;
  a->method = is_word(method, "spf") ? AUTH_SPF : AUTH_DKIM;
  if ((r = texts_column(&d->texts, q, 1, &a->domain, e)) < 0 ||
      (r = texts_column(&d->texts, q, 2, &a->selector, e)) < 0)
    return r;
  a->scope = keep_word(d->texts.arena, db_text(q, 3));
  a->result = read_word(d, q, 4);
  return texts_column(&d->texts, q, 6, &a->human_result, e);
}

static void *keep_list(struct arena *a, const void *list, size_t bytes) {
  return bytes ? memcpy(arena_alloc(a, bytes), list, bytes) : NULL;
}

static int read_results(struct decoder *d, int64_t first, int64_t count, struct feedback_record *p, struct err *e) {
  struct id_cursor *c = &d->results_by_id;
  uint32_t n = 0;
  int r;
  for (r = seek_id(d, c, first, e); r == 1 && (uint64_t)c->at - (uint64_t)first < (uint64_t)count;
       r = next_id(d, c, e)) {
    MEM_GROW(d->result_list, d->result_capacity, n);
    if ((r = read_result(d, &d->result_list[n++], e)) < 0) return r;
  }
  p->results = keep_list(d->texts.arena, d->result_list, n * sizeof *p->results);
  p->result_count = n;
  return r < 0 ? r : 0;
}

static int read_reasons(struct decoder *d, int64_t id, struct feedback_record *p, struct err *e) {
  uint32_t n = 0;
  int r;
  sqlite3_reset(d->reasons);
  sqlite3_bind_int64(d->reasons, 1, id);
  while ((r = db_step(d->db, d->reasons, e)) == 1) {
    MEM_GROW(d->reason_list, d->reason_capacity, n);
    struct override_reason *reason = &d->reason_list[n++];
    reason->type = keep_word(d->texts.arena, db_text(d->reasons, 0));
    if ((r = texts_column(&d->texts, d->reasons, 1, &reason->comment, e)) < 0) return r;
  }
  p->reasons = keep_list(d->texts.arena, d->reason_list, n * sizeof *p->reasons);
  p->reason_count = n;
  return r;
}

static int read_pattern(struct decoder *d, int64_t id, struct feedback_record *p, struct err *e) {
  sqlite3_stmt *q = d->patterns_by_id.q;
  int r = seek_id(d, &d->patterns_by_id, id, e);
  if (r == 0 || (r == 1 && d->patterns_by_id.at != id))
    return err_set(e, ERR_STORE, "%s: the database is damaged: there is no pattern %lld", d->db->path, (long long)id);
  if (r < 0 || (r = read_pattern_row(d, p, e)) < 0) return r;
  /* Lists that the row says are empty, most reasons, cost no query. */
  int64_t results = sqlite3_column_int64(q, 11), first = sqlite3_column_int64(q, 13);
  if (results > 0 && (r = read_results(d, first, results, p, e)) < 0) return r;
  if (sqlite3_column_int64(q, 12) && (r = read_reasons(d, id, p, e)) < 0) return r;
  return 0;
}

static int find_pattern(struct decoder *d, int64_t id, const struct feedback_record **ret, struct err *e) {
  struct feedback_record **known = hashmap_get(&d->patterns, &id, sizeof id);
  if (known) {
    *ret = *known;
    return 0;
  }
  struct feedback_record *p = arena_alloc(d->texts.arena, sizeof *p);
  *p = (struct feedback_record){0};
  int r = read_pattern(d, id, p, e);
  if (r < 0) return r;
  *(struct feedback_record **)hashmap_put(&d->patterns, &id, sizeof id, NULL) = p;
  *ret = p;
  return 0;
}

int decoder_pattern(struct decoder *d, int64_t id, const struct feedback_record **ret, struct err *e) {
  if (d->handing_out <= 1) forget_patterns_if_large(d);
  return find_pattern(d, id, ret, e);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/* The row that d->address then stands on. */
static int seek_address(struct decoder *d, int64_t id, struct err *e) {
  sqlite3_reset(d->address);
  sqlite3_bind_int64(d->address, 1, id);
  int r = db_step(d->db, d->address, e);
  if (r == 0)
    return err_set(e, ERR_STORE, "%s: the database is damaged: there is no address %lld", d->db->path, (long long)id);
  return r < 0 ? r : 0;
}

static int find_source(struct decoder *d, int64_t id, struct feedback_record *ret, struct err *e) {
  if (!id) return 0;
  if (d->addresses.entries_used > ADDRESSES_MOST_BYTES) hashmap_reset(&d->addresses);
  const struct ip_addr *known = hashmap_get(&d->addresses, &id, sizeof id);
  if (known) {
    ret->source_ip = *known;
    return 0;
  }
  int r = seek_address(d, id, e);
  if (r < 0) return r;
  ret->source_ip = db_ip(d->address, 0);
  if (ret->source_ip.size)
    *(struct ip_addr *)hashmap_put(&d->addresses, &id, sizeof id, NULL) = ret->source_ip;
  else
    ret->source_text = db_text(d->address, 1); /* rare, so not remembered: the row keeps it until the next one */
  return 0;
}

int decoder_source(struct decoder *d, int64_t id, struct ip_addr *ret_ip, const char **ret_text, struct err *e) {
  struct feedback_record record = {0};
  int r = find_source(d, id, &record, e);
  *ret_ip = record.source_ip;
  *ret_text = record.source_text;
  return r;
}

int decoder_read(struct decoder *d, const struct walked_record *row, struct feedback_record *ret, struct err *e) {
  const struct feedback_record *pattern;
  int r;
  forget_patterns_if_large(d);
  if ((r = find_pattern(d, row->pattern_id, &pattern, e)) < 0) return r;
  *ret = *pattern;
  ret->count = row->count;
  if ((r = find_source(d, row->address_id, ret, e)) < 0) return r;
  return texts_get(&d->texts, row->envelope_to_id, &ret->envelope_to, e);
}
