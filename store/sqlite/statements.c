/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL of writing reports, in one table. */
#include "store/sqlite/statements.h"

#include "store/sqlite/sqlite_store.h"

#define ADD_RESULTS \
  "INSERT INTO auth_result (method, domain_id, selector_id, scope, result, result_raw, human_result_id) VALUES "
#define ONE_RESULT "(?, ?, ?, ?, ?, ?, ?)"

static const char *const SQL[SQL_STATEMENTS] = {
    [SQL_DATA_VERSION] = "PRAGMA data_version",
    [SQL_NEXT_RECORD] = "SELECT first_record + record_count FROM report ORDER BY id DESC LIMIT 1",
    [SQL_SAVEPOINT] = "SAVEPOINT report",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO report",
    [SQL_RELEASE] = "RELEASE report",
    [SQL_FIND_NAME] = "SELECT id FROM name WHERE text = ?",
    [SQL_ADD_NAME] = "INSERT INTO name (text) VALUES (?)",
    [SQL_FIND_IP] = "SELECT id FROM address WHERE ip = ?",
    [SQL_FIND_UNREADABLE] = "SELECT id FROM address WHERE ip IS NULL AND text = ?",
    [SQL_ADD_ADDRESS] = "INSERT INTO address (ip, text) VALUES (?, ?)",
    [SQL_FIND_PATTERN] = "SELECT pattern_id FROM pattern_key WHERE key = ?",
    [SQL_ADD_PATTERN] =
        "INSERT INTO pattern (id, header_from_id, envelope_from_id, disposition, disposition_raw, dkim, dkim_raw,"
        " spf, spf_raw, dkim_alignment, spf_alignment, first_result, result_count, reason_count, flags)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_NEXT_PATTERN] = "SELECT ifnull(max(id), 0) + 1 FROM pattern",
    /* One search instead of two where the pattern is new. */
    [SQL_ADD_PATTERN_KEY] = "INSERT INTO pattern_key (key, pattern_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    [SQL_ADD_RESULT] = ADD_RESULTS ONE_RESULT,
    [SQL_ADD_RESULTS_2] = ADD_RESULTS ONE_RESULT "," ONE_RESULT,
    [SQL_ADD_RESULTS_3] = ADD_RESULTS ONE_RESULT "," ONE_RESULT "," ONE_RESULT,
    [SQL_ADD_REASON] = "INSERT INTO override_reason (pattern_id, position, type, comment_id) VALUES (?, ?, ?, ?)",
    [SQL_ADD_RECORD] = "INSERT INTO record (id, address_id, pattern_id, count, envelope_to_id) VALUES (?, ?, ?, ?, ?)",
    [SQL_FIND_REPORT] =
        "SELECT id, digest, flags, content, record_count, provenance, packed IS NOT NULL FROM report WHERE identity = ?",
    [SQL_SAME_CONTENT] =
        "SELECT id, report_id, begin_s, end_s, provenance, packed IS NOT NULL FROM report"
        " WHERE content = ? AND record_count > 0 AND begin_s BETWEEN ? AND ?",
    [SQL_ADD_REPORT] =
        "INSERT INTO report (policy_domain_id, org_id, begin_s, end_s, first_record, record_count, adkim,"
        " aspf, message_count, uncounted, report_id, email_id, extra_contact_info_id, generator_id,"
        " schema_id, version, p, sp, np, pct, fo, testing, discovery_method, flags, digest, imported_s, identity,"
        " content, provenance, carrier_id, submitter_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (identity) DO NOTHING",
    [SQL_SET_PROVENANCE] = "UPDATE report SET provenance = ?, carrier_id = ?, submitter_id = ? WHERE id = ?",
    [SQL_ADD_ERROR] = "INSERT INTO report_error (report_id, position, text) VALUES (?, ?, ?)",
    [SQL_ADD_FOREIGN] = "INSERT INTO report_foreign (report_id, position, namespace, elements) VALUES (?, ?, ?, ?)",
    [SQL_RANGE_OF_REPORT] = "SELECT first_record, record_count FROM report WHERE id = ?",
    [SQL_DELETE_RECORDS] = "DELETE FROM record WHERE id >= ?1 AND id < ?1 + ?2",
    [SQL_DELETE_ERRORS] = "DELETE FROM report_error WHERE report_id = ?",
    [SQL_DELETE_FOREIGN] = "DELETE FROM report_foreign WHERE report_id = ?",
    [SQL_DELETE_REPORT] = "DELETE FROM report WHERE id = ?",
    [SQL_IS_WHOLE] = "SELECT 1 FROM report WHERE id = ? AND packed IS NULL",
    [SQL_RECORDS_OF_REPORT] =
        "SELECT address_id, pattern_id, count FROM report JOIN record ON record.id >= first_record AND"
        " record.id < first_record + record_count WHERE report.id = ? ORDER BY record.id",
    [SQL_PACK_REPORT] =
        "UPDATE report SET packed = ?2, report_id = NULL, extra_contact_info_id = NULL, generator_id = NULL,"
        " schema_id = NULL, version = NULL, fo = NULL, submitter_id = NULL, digest = x'' WHERE id = ?1",
};

int statement_get(struct sqlite_store *s, enum statement which, sqlite3_stmt **ret, struct err *e) {
  int r = db_keep(s->db, SQL[which], &s->statements[which], e);
  if (r == 0) *ret = s->statements[which];
  return r;
}
