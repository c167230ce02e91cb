/* SPDX-License-Identifier: Apache-2.0 */
/* Takes away the rows that were made for reports which are gone: names, sources and patterns are shared, and nobody
 * counts who refers to them. So all references are read and remembered, and what was not met goes. */
#include "base/cleanup.h"
#include "store/sqlite/id_map.h"
#include "store/sqlite/packed.h"
#include "store/sqlite/sqlite_store.h"

struct sweep {
  struct db *db;
  struct id_map names, addresses, patterns, results; /* those that are in use */
};

static void cleanup_sweep(struct sweep *w) {
  id_map_clear(&w->names);
  id_map_clear(&w->addresses);
  id_map_clear(&w->patterns);
  id_map_clear(&w->results);
}

static void use(struct id_map *m, int64_t id) {
  if (id && !id_map_get(m, id)) id_map_put(m, id, 1);
}

/* --- what is in use ----------------------------------------------------------------------------------------------- */

static int use_record(struct sweep *w, sqlite3_stmt *q, struct err *e) {
  (void)e;
  use(&w->addresses, sqlite3_column_int64(q, 0));
  use(&w->patterns, sqlite3_column_int64(q, 1));
  use(&w->names, sqlite3_column_int64(q, 2));
  return 0;
}

static int use_packed(struct sweep *w, sqlite3_stmt *q, struct err *e) {
  struct packed_reader p = packed_read(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
  int r;
  while ((r = packed_next(&p, w->db, e)) == 1) {
    use(&w->addresses, p.row.address_id);
    use(&w->patterns, p.row.pattern_id);
  }
  return r;
}

static void use_names_from(struct sweep *w, sqlite3_stmt *q, int first) {
  for (int i = first; i < sqlite3_column_count(q); i++) use(&w->names, sqlite3_column_int64(q, i));
}

static int use_names(struct sweep *w, sqlite3_stmt *q, struct err *e) {
  (void)e;
  use_names_from(w, q, 0);
  return 0;
}

/* Names of a pattern of records, or of a reason in it. */
static int use_names_of_pattern(struct sweep *w, sqlite3_stmt *q, struct err *e) {
  (void)e;
  if (id_map_get(&w->patterns, sqlite3_column_int64(q, 0))) use_names_from(w, q, 1);
  return 0;
}

static int use_result(struct sweep *w, sqlite3_stmt *q, struct err *e) {
  (void)e;
  if (!id_map_get(&w->patterns, sqlite3_column_int64(q, 0))) return 0;
  use(&w->results, sqlite3_column_int64(q, 1));
  use_names_from(w, q, 2);
  return 0;
}

static int each_row(struct sweep *w, const char *sql, int (*use_row)(struct sweep *, sqlite3_stmt *, struct err *),
                    struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_prepare(w->db, sql, &q, e);
  if (r < 0) return r;
  while ((r = db_step(w->db, q, e)) == 1)
    if ((r = use_row(w, q, e)) < 0) return r;
  return r;
}

static int find_used(struct sweep *w, struct err *e) {
  int r;
  if ((r = each_row(w, "SELECT address_id, pattern_id, envelope_to_id FROM record", use_record, e)) < 0 ||
      (r = each_row(w, "SELECT packed FROM report WHERE packed IS NOT NULL", use_packed, e)) < 0 ||
      (r = each_row(w,
                    "SELECT policy_domain_id, org_id, email_id, extra_contact_info_id, generator_id, schema_id,"
                    " carrier_id, submitter_id FROM report",
                    use_names, e)) < 0 ||
      (r = each_row(w, "SELECT id, header_from_id, envelope_from_id FROM pattern", use_names_of_pattern, e)) < 0 ||
      (r = each_row(w,
                    "SELECT pattern.id, auth_result.id, domain_id, selector_id, human_result_id FROM pattern"
                    " CROSS JOIN auth_result ON auth_result.id >= first_result"
                    " AND auth_result.id < first_result + result_count",
                    use_result, e)) < 0)
    return r;
  return each_row(w, "SELECT pattern_id, comment_id FROM override_reason", use_names_of_pattern, e);
}

/* --- what is not -------------------------------------------------------------------------------------------------- */

static void is_used(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_int(context, id_map_get(sqlite3_user_data(context), sqlite3_value_int64(values[0])) != 0);
}

static int delete_unused(struct sweep *w, const char *table, const char *id, struct id_map *used, struct err *e) {
  if (sqlite3_create_function(w->db->handle, "is_used", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, used, is_used, NULL,
                              NULL) != SQLITE_OK)
    return db_error(w->db, e);
  _cleanup_free_ char *sql = mem_printf("DELETE FROM %s WHERE NOT is_used(%s)", table, id);
  int r = db_run(w->db, sql, e);
  sqlite3_create_function(w->db->handle, "is_used", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
  return r;
}

int sqlite_sweep(struct store *store, struct err *e) {
  struct sqlite_store *s = sqlite_store_of(store);
  __attribute__((cleanup(cleanup_sweep))) struct sweep w = {.db = s->db};
  id_map_init(&w.names);
  id_map_init(&w.addresses);
  id_map_init(&w.patterns);
  id_map_init(&w.results);
  int r;
  if ((r = sqlite_store_join(s, e)) < 0 || (r = find_used(&w, e)) < 0 ||
      (r = delete_unused(&w, "override_reason", "pattern_id", &w.patterns, e)) < 0 ||
      (r = delete_unused(&w, "auth_result", "id", &w.results, e)) < 0 ||
      (r = delete_unused(&w, "pattern_key", "pattern_id", &w.patterns, e)) < 0 ||
      (r = delete_unused(&w, "pattern", "id", &w.patterns, e)) < 0 ||
      (r = delete_unused(&w, "address", "id", &w.addresses, e)) < 0)
    return r;
  r = delete_unused(&w, "name", "id", &w.names, e);
  sqlite_store_forget_ids(s);
  return r;
}
