/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: names, addresses and patterns are stored once and known by their ids. */
#include "store/sqlite/intern.h"

#include <string.h>

#include "store/sqlite/sqlite_store.h"

/* A cache that grows beyond this is emptied as a whole: what is in use comes back within a few reports. With the map's
 * own tables each of the three stays below 5 MiB. */
#define CACHE_MOST_BYTES (3u << 20)

void interner_init(struct interner *n) {
  *n = (struct interner){0};
  hashmap_init(&n->names, sizeof(int64_t));
  hashmap_init(&n->addresses, sizeof(int64_t));
  hashmap_init(&n->patterns, sizeof(int64_t));
}

void interner_clear(struct interner *n) {
  hashmap_clear(&n->names);
  hashmap_clear(&n->addresses);
  hashmap_clear(&n->patterns);
  strbuf_clear(&n->key);
  strbuf_clear(&n->spelled);
}

void interner_forget(struct interner *n) {
  hashmap_reset(&n->names);
  hashmap_reset(&n->addresses);
  hashmap_reset(&n->patterns);
}

static void remember(struct hashmap *cache, const void *key, size_t key_size, int64_t id) {
  if (cache->entries_used + key_size > CACHE_MOST_BYTES) hashmap_reset(cache);
  *(int64_t *)hashmap_put(cache, key, key_size, NULL) = id;
}

/* The id that a bound SELECT finds: 1, or 0 where there is none. */
static int find_id(struct sqlite_store *s, sqlite3_stmt *q, int64_t *ret, struct err *e) {
  int r = db_step(s->db, q, e);
  if (r == 1) *ret = sqlite3_column_int64(q, 0);
  sqlite3_reset(q);
  return r;
}

/* 1 where the name is there (or NULL: id 0), 0 where not. */
static int find_name(struct sqlite_store *s, const char *text, int64_t *ret, struct err *e) {
  *ret = 0;
  if (!text) return 1;
  size_t size = strlen(text);
  const int64_t *known = hashmap_get(&s->interner.names, text, size);
  if (known) {
    *ret = *known;
    return 1;
  }
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_NAME, &q, e);
  if (r < 0) return r;
  sqlite3_bind_text(q, 1, text, (int)size, SQLITE_STATIC);
  r = find_id(s, q, ret, e);
  if (r == 1) remember(&s->interner.names, text, size, *ret);
  return r;
}

int intern_name(struct sqlite_store *s, const char *text, int64_t *ret, struct err *e) {
  int r = find_name(s, text, ret, e);
  if (r != 0) return r < 0 ? r : 0;
  sqlite3_stmt *q;
  r = statement_get(s, SQL_ADD_NAME, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, text);
  r = db_finish(s->db, q, e);
  if (r < 0) return r;
  *ret = sqlite3_last_insert_rowid(s->db->handle);
  remember(&s->interner.names, text, strlen(text), *ret);
  return 0;
}

static int add_address(struct sqlite_store *s, const struct ip_addr *ip, const char *text, int64_t *ret,
                       struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_ADD_ADDRESS, &q, e);
  if (r < 0) return r;
  if (ip->size)
    sqlite3_bind_blob(q, 1, ip->bytes, ip->size, SQLITE_STATIC);
  else
    sqlite3_bind_null(q, 1);
  db_bind_text(q, 2, text);
  r = db_finish(s->db, q, e);
  if (r == 0) *ret = sqlite3_last_insert_rowid(s->db->handle);
  return r;
}

/* What is no address is rare: it goes without the cache. */
static int intern_unreadable(struct sqlite_store *s, const char *text, int64_t *ret, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_UNREADABLE, &q, e);
  if (r < 0) return r;
  db_bind_text(q, 1, text);
  r = find_id(s, q, ret, e);
  return r == 0 ? add_address(s, &(struct ip_addr){0}, text, ret, e) : r < 0 ? r : 0;
}

int intern_address(struct sqlite_store *s, const struct feedback_record *record, int64_t *ret, struct err *e) {
  const struct ip_addr *ip = &record->source_ip;
  *ret = 0;
  if (!ip->size) return record->source_text ? intern_unreadable(s, record->source_text, ret, e) : 0;
  const int64_t *known = hashmap_get(&s->interner.addresses, ip->bytes, ip->size);
  if (known) {
    *ret = *known;
    return 0;
  }
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_FIND_IP, &q, e);
  if (r < 0) return r;
  sqlite3_bind_blob(q, 1, ip->bytes, ip->size, SQLITE_STATIC);
  r = find_id(s, q, ret, e);
  char text[IP_TEXT_BYTES];
  if (r == 0) r = add_address(s, ip, ip_format(ip, text), ret, e);
  if (r < 0) return r;
  remember(&s->interner.addresses, ip->bytes, ip->size, *ret);
  return 0;
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* The key of a pattern is a plain encoding of all that it says, so that no two patterns share one and nobody can
 * construct a collision: ids as varints, words as below, lists behind their length. Keys are stored: the order of WORDS
 * is part of the layout, new ones go to the end. */
static const char *const WORDS[] = {"pass",
                                    "none",
                                    "fail",
                                    "softfail",
                                    "neutral",
                                    "temperror",
                                    "permerror",
                                    "quarantine",
                                    "reject",
                                    "policy",
                                    "mfrom",
                                    "helo",
                                    "forwarded",
                                    "trusted_forwarder",
                                    "mailing_list",
                                    "local_policy",
                                    "sampled_out",
                                    "other",
                                    "policy_test_mode"};
#define WORD_ABSENT 0
#define WORD_OWN 255 /* its length and its bytes follow */

static void put_varint(struct strbuf *key, uint64_t n) {
  for (; n >= 0x80; n >>= 7) strbuf_add_char(key, (char)(n | 0x80));
  strbuf_add_char(key, (char)n);
}

static void put_word(struct strbuf *key, const char *text) {
  if (!text) {
    strbuf_add_char(key, WORD_ABSENT);
    return;
  }
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
    if (strcmp(WORDS[i], text) != 0) continue;
    strbuf_add_char(key, (char)(i + 1));
    return;
  }
  size_t size = strlen(text);
  strbuf_add_char(key, (char)WORD_OWN);
  put_varint(key, size);
  strbuf_add(key, text, size);
}

static int put_name(struct sqlite_store *s, const char *text, struct err *e) {
  int64_t id;
  int r = intern_name(s, text, &id, e);
  if (r == 0) put_varint(&s->interner.key, (uint64_t)id);
  return r;
}

static int put_result(struct sqlite_store *s, const struct auth_result *a, struct err *e) {
  struct strbuf *key = &s->interner.key;
  int r;
  strbuf_add_char(key, (char)a->method);
  put_word(key, a->scope);
  put_word(key, a->result.text);
  put_word(key, a->result.raw);
  if ((r = put_name(s, a->domain, e)) < 0 || (r = put_name(s, a->selector, e)) < 0) return r;
  return put_name(s, a->human_result, e);
}

/* Interns every name of the record on the way. */
static int build_key(struct sqlite_store *s, const struct feedback_record *record, struct err *e) {
  struct strbuf *key = &s->interner.key;
  const struct word *words[] = {&record->disposition, &record->dkim, &record->spf};
  int r;
  strbuf_reset(key);
  if ((r = put_name(s, record->header_from, e)) < 0 || (r = put_name(s, record->envelope_from, e)) < 0) return r;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    put_word(key, words[i]->text);
    put_word(key, words[i]->raw);
  }
  strbuf_add_char(key, (char)(record->dkim_alignment << 2 | record->spf_alignment));
  put_varint(key, record->flags);
  put_varint(key, record->result_count);
  for (uint32_t i = 0; i < record->result_count; i++)
    if ((r = put_result(s, &record->results[i], e)) < 0) return r;
  put_varint(key, record->reason_count);
  for (uint32_t i = 0; i < record->reason_count; i++) {
    put_word(key, record->reasons[i].type);
    if ((r = put_name(s, record->reasons[i].comment, e)) < 0) return r;
  }
  return 0;
}

static int bind_name(struct sqlite_store *s, sqlite3_stmt *q, int i, const char *text, struct err *e) {
  int64_t id;
  int r = intern_name(s, text, &id, e);
  if (r == 0) db_bind_id(q, i, id);
  return r;
}

#define RESULT_COLUMNS 7
#define RESULTS_AT_ONCE 3 /* most patterns have no more */

static int bind_result(struct sqlite_store *s, sqlite3_stmt *q, int before, const struct auth_result *a,
                       struct err *e) {
  int r;
  db_bind_text(q, before + 1, a->method == AUTH_DKIM ? "dkim" : "spf");
  if ((r = bind_name(s, q, before + 2, a->domain, e)) < 0 || (r = bind_name(s, q, before + 3, a->selector, e)) < 0)
    return r;
  db_bind_text(q, before + 4, a->scope);
  db_bind_text(q, before + 5, a->result.text);
  db_bind_text(q, before + 6, a->result.raw);
  return bind_name(s, q, before + 7, a->human_result, e);
}

/* Up to RESULTS_AT_ONCE rows with one statement: the statement costs as much as a row. */
static int add_results(struct sqlite_store *s, const struct auth_result *results, uint32_t count, struct err *e) {
  static const enum statement STATEMENTS[] = {SQL_ADD_RESULT, SQL_ADD_RESULTS_2, SQL_ADD_RESULTS_3};
  sqlite3_stmt *q;
  int r = statement_get(s, STATEMENTS[count - 1], &q, e);
  for (uint32_t i = 0; r == 0 && i < count; i++) r = bind_result(s, q, (int)i * RESULT_COLUMNS, &results[i], e);
  return r < 0 ? r : db_finish(s->db, q, e);
}

static int add_reason(struct sqlite_store *s, int64_t pattern, uint32_t position, const struct override_reason *reason,
                      struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_ADD_REASON, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, pattern);
  sqlite3_bind_int64(q, 2, position);
  db_bind_text(q, 3, reason->type);
  if ((r = bind_name(s, q, 4, reason->comment, e)) < 0) return r;
  return db_finish(s->db, q, e);
}

static int add_pattern_row(struct sqlite_store *s, int64_t id, int64_t first_result,
                           const struct feedback_record *record, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_ADD_PATTERN, &q, e);
  if (r < 0) return r;
  sqlite3_bind_int64(q, 1, id);
  if ((r = bind_name(s, q, 2, record->header_from, e)) < 0 || (r = bind_name(s, q, 3, record->envelope_from, e)) < 0)
    return r;
  db_bind_text(q, 4, record->disposition.text);
  db_bind_text(q, 5, record->disposition.raw);
  db_bind_text(q, 6, record->dkim.text);
  db_bind_text(q, 7, record->dkim.raw);
  db_bind_text(q, 8, record->spf.text);
  db_bind_text(q, 9, record->spf.raw);
  sqlite3_bind_int(q, 10, (int)record->dkim_alignment);
  sqlite3_bind_int(q, 11, (int)record->spf_alignment);
  sqlite3_bind_int64(q, 12, first_result);
  sqlite3_bind_int64(q, 13, record->result_count);
  sqlite3_bind_int64(q, 14, record->reason_count);
  sqlite3_bind_int64(q, 15, record->flags);
  return db_finish(s->db, q, e);
}

/* The results go first: their ids are the database's choice and follow each other, since nobody else writes. */
static int add_pattern(struct sqlite_store *s, int64_t id, const struct feedback_record *record, struct err *e) {
  int r = 0;
  for (uint32_t i = 0, n; r == 0 && i < record->result_count; i += n) {
    n = record->result_count - i < RESULTS_AT_ONCE ? record->result_count - i : RESULTS_AT_ONCE;
    r = add_results(s, &record->results[i], n, e);
  }
  if (r < 0) return r;
  int64_t first = record->result_count ? sqlite3_last_insert_rowid(s->db->handle) - record->result_count + 1 : 0;
  r = add_pattern_row(s, id, first, record, e);
  for (uint32_t i = 0; r == 0 && i < record->reason_count; i++) r = add_reason(s, id, i, &record->reasons[i], e);
  return r;
}

static int next_pattern(struct sqlite_store *s, struct err *e) {
  sqlite3_stmt *q;
  int r = statement_get(s, SQL_NEXT_PATTERN, &q, e);
  return r < 0 ? r : find_id(s, q, &s->next_pattern, e);
}

/* The pattern of the key: found, or written. */
static int find_or_add_pattern(struct sqlite_store *s, const struct feedback_record *record, int64_t *ret,
                               struct err *e) {
  const struct strbuf *key = &s->interner.key;
  sqlite3_stmt *q;
  int r;
  if (!s->next_pattern && (r = next_pattern(s, e)) < 0) return r;
  if ((r = statement_get(s, SQL_ADD_PATTERN_KEY, &q, e)) < 0) return r;
  sqlite3_bind_blob64(q, 1, key->data, key->length, SQLITE_STATIC);
  sqlite3_bind_int64(q, 2, s->next_pattern);
  if ((r = db_finish(s->db, q, e)) < 0) return r;
  if (sqlite3_changes(s->db->handle) > 0) {
    *ret = s->next_pattern++;
    return add_pattern(s, *ret, record, e);
  }
  if ((r = statement_get(s, SQL_FIND_PATTERN, &q, e)) < 0) return r;
  sqlite3_bind_blob64(q, 1, key->data, key->length, SQLITE_STATIC);
  return find_id(s, q, ret, e);
}

/* Most records find their pattern by its spelling alone, without a look at the names in it. */
int intern_pattern(struct sqlite_store *s, const struct feedback_record *record, int64_t *ret, struct err *e) {
  const char *spelled = record->spelled;
  size_t size = record->spelled_bytes;
  if (!spelled) {
    strbuf_reset(&s->interner.spelled);
    feedback_spell_pattern(&s->interner.spelled, record);
    spelled = s->interner.spelled.data;
    size = s->interner.spelled.length;
  }
  const int64_t *known = hashmap_get(&s->interner.patterns, spelled, size);
  if (known) {
    *ret = *known;
    return 0;
  }
  int r = build_key(s, record, e);
  if (r == 0) r = find_or_add_pattern(s, record, ret, e);
  if (r < 0) return r;
  remember(&s->interner.patterns, spelled, size, *ret);
  return 0;
}
