/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL of writing, in one table. */
#include "store/sqlite/statements.h"

#include "sqlite/db.h"

/* What is new today is its own duplicate tomorrow: these are one kind, so that the same folder can be imported again
 * without a trace. */
#define KEPT "('new', 'damaged', 'duplicate')"
#define SAME_KIND "(outcome = ?2 OR (outcome IN " KEPT " AND ?2 IN " KEPT "))"

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
    [SQL_FIND_REPORT] = "SELECT id, digest, flags FROM report WHERE identity = ?",
    [SQL_ADD_REPORT] =
        "INSERT INTO report (policy_domain_id, org_id, begin_s, end_s, first_record, record_count, adkim,"
        " aspf, message_count, uncounted, report_id, email_id, extra_contact_info_id, generator_id,"
        " schema_id, version, p, sp, np, pct, fo, testing, discovery_method, flags, digest, imported_s, identity)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_ADD_ERROR] = "INSERT INTO report_error (report_id, position, text) VALUES (?, ?, ?)",
    [SQL_RANGE_OF_REPORT] = "SELECT first_record, record_count FROM report WHERE id = ?",
    [SQL_DELETE_RECORDS] = "DELETE FROM record WHERE id >= ?1 AND id < ?1 + ?2",
    [SQL_DELETE_ERRORS] = "DELETE FROM report_error WHERE report_id = ?",
    [SQL_UNLINK_DOCUMENTS] = "UPDATE document SET report_id = NULL WHERE report_id = ?",
    [SQL_DELETE_REPORT] = "DELETE FROM report WHERE id = ?",
    /* A line without a report serves a document that is one, whatever it says: its report was deleted since, or has
     * made way for a whole copy. */
    [SQL_FIND_DOCUMENT] = "SELECT id FROM document WHERE identity = ?1 AND ((report_id IS ?3 AND " SAME_KIND
                          ") OR (?3 IS NOT NULL AND report_id IS NULL))",
    [SQL_ADD_DOCUMENT] =
        "INSERT INTO document (origin, outcome, reason, bytes, records, report_id, seen_s, kind, digest, identity)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_RESTATE_DOCUMENT] =
        "UPDATE document SET outcome = ?2, reason = ?3, bytes = ?4, records = ?5, report_id = ?6 WHERE id = ?1",
    [SQL_PUT_LABEL] =
        "INSERT INTO label (subject, source, verdict, domain, until_s, note, made_s) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, ifnull(domain, '')) DO UPDATE SET subject = excluded.subject,"
        " source = excluded.source, verdict = excluded.verdict, until_s = excluded.until_s, note = excluded.note,"
        " made_s = excluded.made_s",
    [SQL_REMOVE_LABEL] = "DELETE FROM label WHERE source = ?1 AND ifnull(domain, '') = ifnull(?2, '')",
    [SQL_GET_ANSWER] =
        "SELECT a.status, a.expires_s, text.value FROM dns_answer AS a LEFT JOIN json_each(a.answers) AS text"
        " WHERE a.name = ?1 AND a.type = ?2 AND a.expires_s > ?3 ORDER BY text.key",
    [SQL_PUT_ANSWER] =
        "INSERT OR REPLACE INTO dns_answer (name, type, status, answers, expires_s) VALUES (?, ?, ?, ?, ?)",
    [SQL_EXPIRE_ANSWERS] = "DELETE FROM dns_answer WHERE expires_s <= ?",
    [SQL_FIND_MAILBOX] = "SELECT id, uidvalidity, next_uid FROM mailbox WHERE account = ? AND folder = ?",
    [SQL_ADD_MAILBOX] =
        "INSERT INTO mailbox (account, folder, uidvalidity, next_uid, read_s) VALUES (?, ?, 0, 1, 0)"
        " ON CONFLICT DO NOTHING",
    [SQL_RENUMBER_MAILBOX] = "UPDATE mailbox SET uidvalidity = ?2, next_uid = 1 WHERE id = ?1",
    /* Never back: a mail that was read stays read. */
    [SQL_ADVANCE_MAILBOX] = "UPDATE mailbox SET next_uid = max(next_uid, ?2) WHERE id = ?1",
    [SQL_FINISH_MAILBOX] = "UPDATE mailbox SET next_uid = max(next_uid, ?2), read_s = ?3 WHERE id = ?1",
    [SQL_FORGET_TASKS] = "DELETE FROM mailbox_task WHERE mailbox_id = ?",
    [SQL_ADD_TASK] = "INSERT OR REPLACE INTO mailbox_task (mailbox_id, uid, outcome) VALUES (?, ?, ?)",
    [SQL_LIST_TASKS] = "SELECT uid FROM mailbox_task WHERE mailbox_id = ? AND outcome = ? ORDER BY uid LIMIT ?",
    [SQL_MARK_TASK] = "UPDATE mailbox_task SET outcome = ?3 WHERE mailbox_id = ?1 AND uid = ?2",
    [SQL_REMOVE_TASK] = "DELETE FROM mailbox_task WHERE mailbox_id = ? AND uid = ?",
};

int statement_get(struct store *s, enum statement which, sqlite3_stmt **ret, struct err *e) {
  sqlite3_stmt **q = &s->statements[which];
  if (!*q && sqlite3_prepare_v3(s->handle, SQL[which], -1, SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK)
    return db_error(s, e);
  *ret = *q;
  return 0;
}

void statement_finalize_all(struct store *s) {
  for (unsigned i = 0; i < SQL_STATEMENTS; i++) {
    sqlite3_finalize(s->statements[i]);
    s->statements[i] = NULL;
  }
}
